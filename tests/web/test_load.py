"""Load: no request works longer than its limit, heavy work is done in the background, what hangs is replaced."""

from __future__ import annotations

import http.server
import logging
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from scrutineer.errors import Fault, UserError
from scrutineer_web.actions.fieldwork import needs_file
from scrutineer_web.actions.follow_up import outcomes
from scrutineer_web.actions.importing import folders
from scrutineer_web.actions.operations import background, jobs
from scrutineer_web.actions.preparation import inspections, samples
from scrutineer_web.actions.report import reports, texts
from scrutineer_web.exchange.export import make_folder
from scrutineer_web.inspections.jobs import export_folder, import_folder
from scrutineer_web.kit import time_limit as limits
from scrutineer_web.kit import uploads
from scrutineer_web.kit.pulse import Pulse
from scrutineer_web.queries.operations.background import name_holder, read_machine
from scrutineer_web.queries.operations.work import collect_work
from scrutineer_web.queries.report import bound
from scrutineer_web.queries.report.reports import prove_report
from scrutineer_web.records.beat import Beat
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.job import Job
from scrutineer_web.records.user import User
from scrutineer_web.running import server, worker
from scrutineer_web.running.jobs import run_job
from scrutineer_web.safeguards import beats, examining
from tests.web.test_server import gone

People = dict[str, User]
HOSTILE = "39 of 40 (85%) " * 20_000
B2 = "findings/B2.md"


# -- the limit of a request ----------------------------------------------------------------


def ask(application: limits.Limited, path: str = "/", **environ: Any) -> tuple[str, dict[str, str], bytes]:
    """What an application answers: status, headers, body."""
    started: list[Any] = []
    with tempfile.TemporaryFile() as body:
        body.write(environ.pop("sent", b""))
        body.seek(0)
        answer = application(
            {"PATH_INFO": path, "wsgi.input": body, **environ}, lambda *what: started.extend(what)
        )
        return started[0], dict(started[1]), b"".join(answer)


def loops(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    while environ["PATH_INFO"] != "/short/":
        time.sleep(0.001)
    start("200 OK", [])
    return [environ["wsgi.input"].read()]


@pytest.fixture
def pulse(tmp_path: Path) -> Pulse:
    return Pulse.create(tmp_path / "pulse")


def test_a_request_that_takes_too_long_ends_with_a_sentence_and_the_next_is_answered(pulse: Pulse) -> None:
    limited = limits.Limited(loops, 0.3, 1000, pulse)
    at_it = limited._worker
    status, headers, body = ask(limited, "/for/ever/")
    assert status.startswith("503")
    assert b"It took longer than 0.3 seconds and was stopped" in body
    assert int(headers["Retry-After"]) > 0
    assert ask(limited, "/short/", sent=b"four", CONTENT_LENGTH="4") == ("200 OK", {}, b"four")
    at_it.join(30)
    assert not at_it.is_alive()  # the process is free again, and need not be replaced


def test_a_process_in_which_work_does_not_stop_asks_to_be_replaced(
    pulse: Pulse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ENDING", 0.2)
    free = threading.Event()

    def deaf(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        while environ["PATH_INFO"] == "/for/ever/" and not free.is_set():
            try:
                time.sleep(0.01)
            except limits.TimeUp:
                continue
        return loops({**environ, "PATH_INFO": "/short/"}, start)

    limited = limits.Limited(deaf, 0.3, 1000, pulse)
    assert ask(limited, "/for/ever/")[0].startswith("503")
    assert ask(limited, "/short/")[0].startswith("200")
    for _ in range(300):
        if pulse.late:
            break
        time.sleep(0.1)
    free.set()
    assert pulse.late > 0


def test_a_module_on_its_way_into_memory_is_never_left_half_imported(
    pulse: Pulse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken off by the limit, a library was half there, and every later request that needed it failed."""
    slow = "import time\nfor _ in range(10):\n    time.sleep(0.1)\nWHOLE = True\n"
    (tmp_path / "slow_to_import.py").write_text(slow, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))

    def imports(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        import slow_to_import

        return loops(environ, start) if slow_to_import.WHOLE else []

    limited = limits.Limited(imports, 0.3, 1000, pulse)
    at_it = limited._worker
    assert ask(limited, "/for/ever/")[0].startswith("503")
    at_it.join(30)
    assert sys.modules["slow_to_import"].WHOLE
    assert not at_it.is_alive()
    assert ask(limited, "/short/")[0].startswith("200")


def test_work_that_ends_as_its_time_does_gives_its_answer_and_takes_nothing_else_down(pulse: Pulse) -> None:
    limited = limits.Limited(loops, 30, 1000, pulse)
    done = limits._Request({"PATH_INFO": "/short/"})
    assert not limited._worker.give_up(done)  # it is at nothing, or at another request by now
    assert not limited._worker.given_up
    assert ask(limited, "/short/")[0].startswith("200")


def test_an_api_gets_the_sentence_as_json(pulse: Pulse) -> None:
    status, headers, body = ask(limits.Limited(loops, 0.1, 1000, pulse), "/api/v1/x")
    assert (status[:3], headers["Content-Type"]) == ("503", "application/json")
    assert b"was stopped" in body


def test_a_view_that_fails_in_any_way_keeps_the_process_answering(pulse: Pulse) -> None:
    def ends(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] != "/short/":
            raise SystemExit
        return loops(environ, start)

    limited = limits.Limited(ends, 5, 1000, pulse)
    assert ask(limited)[0].startswith("500")
    assert ask(limited, "/short/")[0].startswith("200")
    assert limited.is_alive()


def test_what_is_too_large_is_not_received_and_what_is_cut_off_is_refused(pulse: Pulse) -> None:
    limited = limits.Limited(loops, 5, 1000, pulse)
    assert ask(limited, "/short/", sent=b"x" * 2000, CONTENT_LENGTH="2000") == ("200 OK", {}, b"")
    assert ask(limited, "/short/", sent=b"x", CONTENT_LENGTH="20")[0].startswith("408")


def test_work_that_was_given_up_writes_nothing_more(db: None) -> None:
    given_up = False
    commit, wrappers = connection._commit, list(connection.execute_wrappers)
    try:
        limits.guard_connections(lambda: given_up)
        beats.beat(name=beats.CLOCK)
        given_up = True
        with pytest.raises(OperationalError):
            Beat.objects.filter(name=beats.CLOCK).delete()
        with pytest.raises(OperationalError):
            connection._commit()
    finally:
        connection._commit, connection.execute_wrappers[:] = commit, wrappers  # type: ignore[method-assign]
    connection.needs_rollback = False
    assert Beat.objects.filter(name=beats.CLOCK).exists()


# -- what hangs is replaced ------------------------------------------------------------------

SIGNS = {
    "was stopped": "import os, signal, time; pulse.beat(); os.kill(os.getpid(), signal.SIGSTOP); time.sleep(60)",
    "no longer answered": "import time; pulse.beat(); time.sleep(60)",
    "took too long": "import time; pulse.keep_beating(); pulse.ask_to_be_replaced(); time.sleep(60)",
}


@pytest.mark.skipif(sys.platform != "linux", reason="stopped processes are seen in /proc")
def test_one_that_is_stopped_before_its_first_sign_is_replaced_too(tmp_path: Path) -> None:
    """Who answers is begun by another process, and shows no sign until all is imported."""
    program = (
        "import os, signal, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "os.kill(child.pid, signal.SIGSTOP)\n"
        "time.sleep(60)"
    )
    process = server.SupervisedProcess([sys.executable, "-c", program], tmp_path)
    process.look()
    first = process.process
    assert first is not None
    try:
        until = time.monotonic() + 60
        stopped: list[int] = []
        while process.process is first and time.monotonic() < until:
            stopped = server._list_begun_by(first.pid) or stopped
            process.look()
            time.sleep(0.05)
        assert process.process is not first
        assert stopped
        assert all(gone(stopped_process) for stopped_process in stopped), (
            "the stopped one was ended with the one that began it"
        )
    finally:
        process.stop()
        process.process.kill() if process.process else None
        process.process.wait() if process.process else None


@pytest.mark.skipif(sys.platform != "linux", reason="stopped processes are seen in /proc")
@pytest.mark.parametrize("why", SIGNS)
def test_a_process_that_no_longer_works_is_replaced(
    tmp_path: Path, why: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(server, "SILENT", 2.0)
    program = f"from scrutineer_web.kit.pulse import Pulse\npulse = Pulse.own()\n{SIGNS[why]}"
    process = server.SupervisedProcess([sys.executable, "-c", program], tmp_path)
    process.look()
    first = process.process
    assert first is not None
    try:
        until = time.monotonic() + 60
        while process.process is first and time.monotonic() < until:
            process.look()
            time.sleep(0.05)
        second = process.process
        assert second is not None
        assert second is not first
        assert process.failures == 0
        first.wait(20)
    finally:
        process.stop()
        process.process.kill() if process.process else None
        process.process.wait() if process.process else None
    assert why in capsys.readouterr().err


def test_where_the_room_is_is_said_when_it_answers_and_not_before(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server.say_when_it_answers("127.0.0.1", port)
    time.sleep(0.6)
    assert capfd.readouterr().out == ""
    answers = http.server.HTTPServer(("127.0.0.1", port), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=answers.handle_request, daemon=True).start()
    output = ""
    for _ in range(100):
        output += capfd.readouterr().out
        if output:
            break
        time.sleep(0.1)
    answers.server_close()
    # The handler knows no GET and says 501: that is no answer of a room.
    assert output == ""


# -- health ------------------------------------------------------------------------------------


@pytest.fixture
def alive(db: None) -> None:
    beats.beat(name=beats.CLOCK)
    beats.beat(name=beats.JOBS)


@pytest.fixture
def read_only(alive: None) -> Iterator[None]:
    """A database that answers and takes nothing, as one with a full disk or a standby does."""
    on, off = (
        ("PRAGMA query_only = ON", "PRAGMA query_only = OFF")
        if connection.vendor == "sqlite"
        else ("SET transaction_read_only = on", "SELECT 1")
    )
    with connection.cursor() as cursor:
        cursor.execute(on)
    yield
    with connection.cursor() as cursor:
        cursor.execute(off)


def test_a_database_that_takes_nothing_is_not_well(read_only: None) -> None:
    answer = Client().get(reverse("health"))
    assert answer.status_code == 503
    assert answer.json()["parts"]["writing"] == "refused"
    assert answer.json()["parts"]["database"] == "ok"


def test_a_full_disk_is_not_well(alive: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a full disk is made with SQLite's own limit")
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        cursor.execute("SELECT 1")
    try:
        parts = Client().get(reverse("health")).json()["parts"]
    finally:
        connection.needs_rollback = False
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")
    assert parts["writing"] == "refused"


def test_health_leaves_nothing_behind(alive: None) -> None:
    before = Beat.objects.count()
    assert Client().get(reverse("health")).status_code == 200
    assert Beat.objects.count() == before


@pytest.mark.parametrize("part", [beats.CLOCK, beats.JOBS])
def test_each_part_that_is_silent_is_named(alive: None, part: str) -> None:
    Beat.objects.filter(name=part).update(at=timezone.now() - timedelta(hours=1))
    answer = Client().get(reverse("health"))
    assert answer.status_code == 503
    assert [name for name, state in answer.json()["parts"].items() if state != "ok"] == [part]


def test_parts_that_were_never_heard_of_are_silent_once_the_room_has_run(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beats, "_LOADED", time.monotonic() - 3600)
    assert set(beats.list_silent(now=timezone.now())) == {beats.CLOCK, beats.JOBS}


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "[::1]:8000", "10.1.2.3", "192.0.2.7:80", "anything"])
@pytest.mark.parametrize("remote", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_health_can_be_asked_by_address_from_the_machine_itself(
    alive: None, host: str, remote: str, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ALLOWED_HOSTS = ["room.example.org"]
    with caplog.at_level(logging.WARNING):
        answer = Client().get("/health/", HTTP_HOST=host, REMOTE_ADDR=remote)
    assert answer.status_code == 200
    assert [r for r in caplog.records if "Host" in r.getMessage()] == []


def test_from_elsewhere_and_elsewhere_the_name_must_be_right(alive: None, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["room.example.org"]
    assert Client().get("/health/", HTTP_HOST="10.1.2.3", REMOTE_ADDR="10.9.9.9").status_code == 400
    assert Client().get("/offline/", HTTP_HOST="10.1.2.3", REMOTE_ADDR="127.0.0.1").status_code == 400
    assert Client().get("/health/", HTTP_HOST="room.example.org", REMOTE_ADDR="10.9.9.9").status_code == 200


# -- who holds work ------------------------------------------------------------------------------


def under_way(holder: str, attempts: int = 1) -> DBTaskResult:
    asked = run_job.enqueue(0)
    DBTaskResult.objects.filter(pk=asked.id).update(
        status="RUNNING", started_at=timezone.now(), worker_ids=["earlier"] * (attempts - 1) + [holder]
    )
    return DBTaskResult.objects.get(pk=asked.id)


def test_work_that_another_process_does_is_left_to_it(db: None) -> None:
    holder = f"{beats.HOLDER}elsewhere-1-a"
    task = under_way(holder)
    beats.beat(name=holder)
    assert background.take_up() == (0, 0)
    task.refresh_from_db()
    assert task.status == "RUNNING"
    Beat.objects.filter(name=holder).update(at=timezone.now() - background.LEASE - timedelta(seconds=1))
    assert background.take_up() == (1, 0)
    task.refresh_from_db()
    assert (task.status, task.started_at) == ("READY", None)


def test_work_of_a_process_that_is_known_to_have_ended_is_taken_up_at_once(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = name_holder()
    assert len(own) <= Beat._meta.get_field("name").max_length
    task = under_way(own)
    beats.beat(name=own)
    assert background.take_up() == (0, 0)  # this very process runs

    def gone(_pid: int, _how: int) -> None:
        raise ProcessLookupError

    monkeypatch.setattr(background.os, "kill", gone)
    if read_machine():
        assert background.take_up() == (1, 0)
        task.refresh_from_db()
        assert task.status == "READY"


def test_two_workers_share_what_waits_and_neither_takes_the_others_work(db: None) -> None:
    first_worker, other = worker.Worker(2000), worker.Worker(2000)
    for _ in range(2):
        run_job.enqueue(0)
    first, second = first_worker._claim("default"), other._claim("default")
    assert first is not None
    assert second is not None
    assert first.pk != second.pk
    assert first_worker._claim("default") is None
    beats.beat(name=first_worker.name)
    beats.beat(name=other.name)
    assert background.take_up() == (0, 0)


# -- the processes that do it -----------------------------------------------------------------------

HANDS = {
    "it took longer than 0.5 seconds": "while True: pass",
    "it took longer than 0.4 seconds": "time.sleep(600)",
    "it needed more than 150 MB": "held = bytearray(400_000_000); held[::4096] = b'x' * len(held[::4096]); time.sleep(60)",
    "the process that did it ended": "sys.exit(9)",
}


@pytest.mark.skipif(sys.platform != "linux", reason="memory is seen in /proc")
@pytest.mark.parametrize("why", HANDS)
def test_work_past_its_limit_is_ended_and_said_to_whoever_asked(
    why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Task:
        pk, status, task_path = 1, "RUNNING", "x.run_job"

        def refresh_from_db(self) -> None:
            """As it is."""

    faults: list[Fault] = []
    monkeypatch.setattr(background, "give_up", lambda *, task, why: faults.append(why))
    program = f"import os, sys, time\nos.write(int(sys.argv[1]), b'r')\nsys.stdin.readline()\n{HANDS[why]}"
    monkeypatch.setattr(worker, "HAND", [sys.executable, "-c", program])
    hand = worker.Hand("default", 150)
    hand.give(Task(), float(why.split()[4]) if "longer" in why else 60)  # type: ignore[arg-type]
    until = time.monotonic() + 60
    while not faults and time.monotonic() < until:
        hand.look()
        time.sleep(0.02)
    assert why in str(faults[0])
    assert hand.is_free
    assert hand.process is None


# -- jobs by function -------------------------------------------------------------------------------


@pytest.fixture
def in_background(settings: Any) -> None:
    settings.JOBS_IN_BACKGROUND = True


def seat(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def do_what_waits() -> None:
    for task in DBTaskResult.objects.filter(status="READY"):
        DBTaskResult.objects.filter(pk=task.pk).update(status="SUCCESSFUL", finished_at=timezone.now())
        task.task.func(*task.args_kwargs["args"])


def test_every_kind_of_work_has_a_function_and_a_limit() -> None:
    for kind in collect_work().values():
        assert callable(kind.do)
        assert 0 < kind.seconds <= 900


def file(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


HEAVY: dict[str, tuple[str, Callable[[Inspection], tuple[str, dict[str, Any]]]]] = {
    "caseload": ("information_manager", lambda i: (reverse("caseload", args=[i.pk]), {"file": file("a.csv", b"case")})),
    "folder": ("information_manager", lambda i: (reverse("inspection_import"), {"file": file("a.zip", b"PK")})),
    "outcomes": ("information_manager", lambda i: (reverse("outcomes_import"), {"file": file("a.csv", b"x")})),
    "needs": ("lead_inspector", lambda i: (reverse("needs_edit", args=[i.pk]), {"file": file("a.csv", b"x")})),
    "surveys": ("lead_inspector", lambda i: (reverse("surveys_import", args=[i.pk]), {"file": file("a.csv", b"x")})),
    "targets": ("lead_inspector", lambda i: (reverse("targets_import", args=[i.pk]), {"file": file("a.csv", b"x")})),
    "draft": ("lead_inspector", lambda i: (reverse("report_draft", args=[i.pk]), {})),
    "issue": ("lead_inspector", lambda i: (reverse("report_make_issue", args=[i.pk]), {})),
}  # fmt: skip


@pytest.fixture
def nothing_heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever takes long fails where a request does it itself."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a request did heavy work itself")

    heavy = (
        samples.import_caseload, samples.draw, folders.import_zip, outcomes.bring_in, needs_file.put,
        inspections.bring_in_surveys, inspections.bring_in_targets, texts.draft, prove_report, bound.preview_text,
        bound.bind_inspection, make_folder,
    )  # fmt: skip
    for module in [m for n, m in sys.modules.items() if n.startswith("scrutineer_web.")]:
        for name, value in list(vars(module).items()):
            if any(value is function for function in heavy):
                monkeypatch.setattr(module, name, refuse)


@pytest.mark.parametrize("kind", HEAVY)
def test_no_request_does_heavy_work_itself(
    kind: str, northmoor: Inspection, people: People, in_background: None, nothing_heavy: None
) -> None:
    who, form = HEAVY[kind]
    address, data = form(northmoor)
    answer = seat(people[who]).post(address, data)
    job = Job.objects.get()
    assert (job.kind, job.state) == (kind, "waiting")
    assert answer.headers["Location"] == reverse("job", args=[job.pk])
    page = seat(people[who]).get(answer.headers["Location"])
    assert b"data-refresh" in page.content
    assert seat(people["auditor"]).get(answer.headers["Location"]).status_code == 404


def test_export_proof_and_preview_are_left_to_the_background(
    northmoor: Inspection, people: People, in_background: None, nothing_heavy: None
) -> None:
    lead = seat(people["lead_inspector"])
    assert "/jobs/" in lead.get(reverse("inspection_export", args=[northmoor.pk])).headers["Location"]
    proof = lead.get(reverse("report_proof", args=[northmoor.pk]))
    assert b"data-refresh" in proof.content
    saved = lead.post(
        reverse("text_save", args=[northmoor.pk, B2]), {"content": "Plans were good.", "base": 0}
    )
    assert saved.json()["waiting"]
    page = lead.get(reverse("text", args=[northmoor.pk, B2]))
    assert b"The preview is being prepared" in page.content
    log = seat(people["auditor"]).get(reverse("inspection_audit", args=[northmoor.pk]), {"check": "1"})
    assert "/jobs/" in log.headers["Location"]
    assert sorted(Job.objects.values_list("kind", flat=True)) == ["export", "look", "proof", "verify"]


def test_the_log_is_checked_in_the_background_and_what_does_not_hold_is_shown(
    inspection: Inspection, people: People, in_background: None
) -> None:
    auditor = seat(people["auditor"])
    page = auditor.get(reverse("audit"), {"check": "1"}).headers["Location"]
    do_what_waits()
    assert b"Every chain of events is intact" in auditor.get(page, follow=True).content
    Inspection.objects.filter(pk=inspection.pk).update(area="Elsewhere")
    page = auditor.get(reverse("audit"), {"check": "1"}).headers["Location"]
    do_what_waits()
    shown = auditor.get(page, follow=True)
    assert b"The log isn't intact" in shown.content
    assert b"Elsewhere" in shown.content
    assert b"Checked" not in seat(people["administrator"]).get(shown.request["PATH_INFO"]).content


def test_the_preview_comes_and_the_one_before_stays_until_then(
    northmoor: Inspection, people: People, in_background: None
) -> None:
    lead, place = seat(people["lead_inspector"]), reverse("text_look", args=[northmoor.pk, B2])
    assert lead.post(place, {"content": "First words."}).json() == {
        "html": "", "faults": [], "remarks": [], "waiting": True,
    }  # fmt: skip
    do_what_waits()
    first = lead.post(place, {"content": "First words."}).json()
    assert "First words." in first["html"]
    assert "waiting" not in first
    second = lead.post(place, {"content": "Second words."}).json()
    assert second["waiting"]
    assert second["html"] == first["html"]
    lead.post(place, {"content": "Third words."})  # takes the place of what nobody has begun
    assert Job.objects.filter(state="waiting").count() == 1
    do_what_waits()
    assert "Third words." in lead.post(place, {"content": "Third words."}).json()["html"]
    Job.objects.update(finished_at=timezone.now() - timedelta(minutes=2))
    lead.post(place, {"content": "Fourth words."})
    do_what_waits()
    assert Job.objects.filter(state="done").count() == 1


def test_two_who_look_at_one_text_both_see_what_they_wrote(
    northmoor: Inspection, people: People, in_background: None
) -> None:
    """Each preview once took the other's away before it was fetched, and both were made again for ever."""
    place = reverse("text_look", args=[northmoor.pk, B2])
    first, second = seat(people["lead_inspector"]), seat(people["inspector"])
    for browser, content in ((first, "First words."), (second, "Second words.")):
        assert browser.post(place, {"content": content}).json()["waiting"]
        do_what_waits()
    assert "First words." in first.post(place, {"content": "First words."}).json()["html"]
    assert "Second words." in second.post(place, {"content": "Second words."}).json()["html"]


def test_what_the_background_refuses_is_shown_on_the_form_that_it_was_asked_on(
    inspection: Inspection, people: People, in_background: None
) -> None:
    Inspection.objects.filter(pk=inspection.pk).update(state="preparation")
    manager = seat(people["information_manager"])
    for address, name in (
        (reverse("caseload", args=[inspection.pk]), "cases.csv"),
        (reverse("inspection_import"), "a.zip"),
    ):
        page = manager.post(address, {"file": file(name, b"nothing of the kind")}).headers["Location"]
        do_what_waits()
        shown = manager.get(page, follow=True)
        assert shown.redirect_chain[-1][0].startswith(address)
        assert name in shown.content.decode()
        assert "There is a problem" in shown.content.decode() or "error" in shown.content.decode()
    assert set(Job.objects.values_list("state", "content")) == {("failed", None)}


def test_an_export_can_be_fetched_by_whoever_asked_and_not_for_long(
    northmoor: Inspection, people: People, in_background: None
) -> None:
    lead = seat(people["lead_inspector"])
    page = lead.get(reverse("inspection_export", args=[northmoor.pk])).headers["Location"]
    do_what_waits()
    assert b"It is ready" in lead.get(page).content
    fetched = lead.get(f"{page}file/")
    assert fetched.content[:2] == b"PK"
    assert seat(people["auditor"]).get(f"{page}file/").status_code == 404
    Job.objects.update(finished_at=timezone.now() - timedelta(hours=2))
    jobs.forget_old()
    assert lead.get(f"{page}file/").status_code == 404


def test_nobody_fills_the_background(inspection: Inspection, people: People, in_background: None) -> None:
    for _ in range(jobs.MOST):
        jobs.ask(work=export_folder, title="Folder", by=people["lead_inspector"], inspection=inspection)
    with pytest.raises(UserError, match="aren't finished yet"):
        jobs.ask(work=export_folder, title="Folder", by=people["lead_inspector"], inspection=inspection)
    jobs.ask(work=export_folder, title="Folder", by=people["analyst"], inspection=inspection)


def test_work_that_makes_something_is_not_done_twice_after_a_restart(
    people: People, in_background: None
) -> None:
    job = jobs.ask(
        work=import_folder, title="Import", by=people["information_manager"], upload=("a.zip", b"PK")
    )
    Job.objects.update(state="doing")
    job.refresh_from_db()
    assert jobs.perform(job=job) is None
    job.refresh_from_db()
    assert job.state == "failed"
    assert "restarted" in job.progress_note


# -- caps ---------------------------------------------------------------------------------------------


def test_four_hostile_previews_cost_nothing_and_sign_in_answers(
    northmoor: Inspection, people: People, in_background: None, nothing_heavy: None
) -> None:
    """300 kB of claims are refused before anything is spent on them; so is a text that is all numbers, and short."""
    lead = seat(people["lead_inspector"])
    look, save = (reverse(name, args=[northmoor.pk, B2]) for name in ("text_look", "text_save"))
    for content in (HOSTILE, HOSTILE, "x" * 300_000, HOSTILE[:90_000]):
        refused = lead.post(look, {"content": content}).json()
        assert (refused["html"], len(refused["faults"])) == ("", 1)
        assert f"{texts.LARGEST:,}" in refused["faults"][0] or "numbers" in refused["faults"][0]
        assert Client().get(reverse("account_login")).status_code == 200
    answer = lead.post(save, {"content": HOSTILE, "base": 0}, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert "300,000 characters, and the most is 100,000" in answer.json()["faults"][0]["what"]
    assert not Job.objects.exists()


def test_a_bomb_workbook_waits_for_the_background_and_sign_in_answers(
    inspection: Inspection, people: People, in_background: None, nothing_heavy: None
) -> None:
    Inspection.objects.filter(pk=inspection.pk).update(state="preparation")
    manager = seat(people["information_manager"])
    bomb = file("cases.xlsx", b"PK\x03\x04" + b"\x00" * 1_750_000)
    answer = manager.post(reverse("caseload", args=[inspection.pk]), {"file": bomb})
    assert "/jobs/" in answer.headers["Location"]
    assert Client().get(reverse("account_login")).status_code == 200


@pytest.mark.parametrize(
    ("signed_in", "kind", "length", "status"),
    [
        (False, "application/x-www-form-urlencoded", uploads.ANONYMOUS_LARGEST + 1, 413),
        (True, "application/x-www-form-urlencoded", uploads.ANONYMOUS_LARGEST + 1, 200),
        (True, "application/json", uploads.FORM_LARGEST + 1, 413),
        (True, "multipart/form-data; boundary=x", uploads.FORM_LARGEST + 1, 200),
        (True, "multipart/form-data; boundary=x", uploads.REQUEST_LARGEST + 1, 413),
    ],
)
def test_requests_are_refused_by_their_length_and_by_who_sends_them(
    people: People, signed_in: bool, kind: str, length: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        uploads, "answer_error", lambda _request, _faults, status: HttpResponse(status=status)
    )
    request = RequestFactory().post("/account/login/", CONTENT_TYPE=kind, CONTENT_LENGTH=str(length))
    request.user = people["inspector"] if signed_in else AnonymousUser()
    assert uploads.TooLarge(lambda _: HttpResponse(status=200))(request).status_code == status


def test_a_pdf_of_packed_nothings_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them was copied with all that comes after it: 25 MB of them held a worker for an hour."""
    monkeypatch.setattr(examining, "PACKED_MOST", 100)
    with pytest.raises(OverflowError):
        list(examining._list_objects(b"/ObjStm stream\n" * 1000))


def test_drafts_are_asked_for_without_being_proved_first(
    northmoor: Inspection, people: People, nothing_heavy: None
) -> None:
    reports.ask(inspection=northmoor, kind="draft", formats=("html",), by=people["lead_inspector"])
    assert Issue.objects.get().state == "making"
