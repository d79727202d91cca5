"""A room made, backed up and restored by its commands: nobody else reads it, and a full disk leaves nothing half done."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import mkdtemp

import pytest

from scrutineer.errors import UserError
from scrutineer_web.kit import private
from scrutineer_web.running import backup, libpq, room_places
from tests.conftest import ROOT
from tests.web.test_which_room import bare as bare
from tests.web.test_which_room import run as in_process


def command(*arguments: str, largest: int | None = None, **more: str) -> tuple[int, str]:
    """A command as somebody types it, with no setting but what is given, and perhaps no room for files beyond a size."""

    def limit() -> None:
        os.umask(0o022)
        if largest is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    # Where there is no room for files, there is none for what is covered, either.
    left_out = ("SCRUTINEER_", "DJANGO_") if largest is None else ("SCRUTINEER_", "DJANGO_", "COVERAGE_")
    env = {k: v for k, v in os.environ.items() if not k.startswith(left_out)} | more
    done = subprocess.run(
        [sys.executable, "-m", "scrutineer", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False, preexec_fn=limit,
    )  # fmt: skip
    output = " ".join((done.stdout + done.stderr).split())
    assert "Traceback" not in output, output
    return done.returncode, output


def open_to_others(folder: Path) -> list[str]:
    return [str(p) for p in (folder, *folder.rglob("*")) if not p.is_symlink() and p.stat().st_mode & 0o077]


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two rooms, a and b, which have other secrets."""
    folder = tmp_path_factory.mktemp("rooms")
    code, output = command("room", "create", "--data", str(folder / "a"))
    assert code == 0, output
    assert open_to_others(folder / "a") == []
    shutil.copytree(folder / "a", folder / "b")
    (folder / "b" / "secret-key").write_text("b" * 60)
    return folder


@pytest.mark.repeats
def test_a_room_that_is_made_is_its_owners_alone_and_not_made_again(rooms: Path, bare: Path) -> None:
    before = (rooms / "a" / "secret-key").read_bytes()
    assert {p.name for p in (rooms / "a").iterdir()} == {"room.sqlite3", "secret-key", "audit-key"}
    code, output = in_process("room", "create", "--data", str(rooms / "a"))
    assert code != 0
    assert "there is already a room here" in output
    assert (rooms / "a" / "secret-key").read_bytes() == before


def test_the_option_names_the_room_that_is_backed_up_and_a_full_disk_leaves_nothing(
    rooms: Path, tmp_path: Path
) -> None:
    a, b = rooms / "a", rooms / "b"
    (tmp_path / "out").mkdir()
    full, file = tmp_path / "out" / "full.tar", tmp_path / "out" / "room.tar"
    code, output = command("room", "backup", str(full), "--data", str(a), largest=100_000)
    assert code != 0
    assert "full" in output
    assert list((tmp_path / "out").iterdir()) == []
    code, output = command("room", "backup", str(file), "--data", str(a), SCRUTINEER_DATA=str(b))
    assert code == 0, output
    assert f"Room: {a}. Database: SQLite, {a / 'room.sqlite3'}" in output
    assert open_to_others(tmp_path / "out") == [str(tmp_path / "out")]  # the test's own folder
    with tarfile.open(file) as archive:
        assert archive.extractfile("secret-key").read() == (a / "secret-key").read_bytes()  # type: ignore[union-attr]

    c = tmp_path / "c"
    code, output = command("room", "restore", str(file), "--data", str(c), largest=100_000)
    assert code != 0
    assert "full" in output
    assert not (c / "room.sqlite3").exists()
    assert not (c / "secret-key").exists()
    with sqlite3.connect(a / "room.sqlite3") as database:
        database.execute("INSERT INTO django_session VALUES ('stolen', '', '2099-01-01')")
    database.close()
    code, output = command("room", "restore", str(file), "--data", str(c), SCRUTINEER_DATA=str(b))
    assert code == 0, output
    assert "intact" in output
    assert open_to_others(c) == []
    assert (c / "secret-key").read_bytes() == (a / "secret-key").read_bytes()
    assert (b / "secret-key").read_text() == "b" * 60


def test_what_was_open_to_others_is_closed_when_the_room_is_opened(rooms: Path, bare: Path) -> None:
    """A room of an earlier version: its database could be read by everybody."""
    folder = bare / "old"
    shutil.copytree(rooms / "a", folder)
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (folder / "room.sqlite3-wal").touch(0o644)
    place = room_places.RoomPlace(folder)
    room_places.furnish(place, room_places.list_tables(place))
    assert open_to_others(folder) == []


def test_a_folder_that_cannot_be_written_to_is_a_sentence(bare: Path) -> None:
    folder = Path(mkdtemp(prefix="scrutineer-closed-"))
    folder.chmod(0o555)
    root = os.geteuid() == 0
    try:
        if root:
            os.seteuid(65534)  # root may write everywhere
        code, output = in_process("room", "create", "--data", str(folder / "room"))
    finally:
        if root:
            os.seteuid(0)
        left = list(folder.iterdir())
        folder.chmod(0o700)
        shutil.rmtree(folder)
    assert code != 0
    assert f"{folder / 'room'}: you don't have permission to read or write this. " in output
    assert left == []


@pytest.mark.parametrize("number", sorted(private.FULL | private.REFUSED | {5, 20, 28, 36}))
def test_whatever_the_system_refuses_has_a_sentence_and_what_to_do(number: int) -> None:
    fault = private.make_fault(OSError(number, os.strerror(number), "/srv/x"))
    assert fault.where == "/srv/x"
    assert fault.what
    assert fault.do


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with pytest.raises(TypeError), private.write_whole(path) as file:
        file.writelines([b"half", None])  # type: ignore[list-item]
    assert list(tmp_path.iterdir()) == []
    with private.write_whole(path) as file:
        file.write(b"whole")
        assert not path.exists()
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"whole", 0o600)
    with pytest.raises(FileExistsError), private.write_whole(path) as file:
        file.write(b"another")
    assert path.read_bytes() == b"whole"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_an_exported_folder_is_its_owners_alone_and_none_of_it_is_there_before_all_is(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises((TypeError, AttributeError)):
        private.write_folder(out, {"a.txt": "a", "b/c.txt": None})  # type: ignore[dict-item]
    assert list(tmp_path.iterdir()) == []
    private.write_folder(out, {"a.txt": "a", "b/c.txt": b"c"})
    assert open_to_others(out) == []
    private.write_folder(out, {"a.txt": "other"})
    assert sorted(str(p.relative_to(out)) for p in out.rglob("*.txt")) == ["a.txt", "b/c.txt"]
    assert (out / "a.txt").read_text() == "other"
    (tmp_path / "taken").touch()
    with pytest.raises(NotADirectoryError):
        private.write_folder(tmp_path / "taken", {"a.txt": "a"})


# -- PostgreSQL's own tools reach the database as the room does --------------------------

ADDRESSES = (
    "postgres://scrutineer@/scrutineer",
    "postgres://u:p%40ss@db.example.org:5433/name?sslmode=verify-full&sslrootcert=/etc/ssl/db.pem&channel_binding=require",
    "postgresql://u:p@db.example.org/name?options=-c%20search_path%3Dinspections&application_name=room&connect_timeout=7",
    "postgres://u@/name?host=/var/run/postgresql&port=5434&passfile=/srv/.pgpass&target_session_attrs=read-write",
    "postgres://u:p@db.example.org/name?sslcert=/a.crt&sslkey=/a.key&keepalives_idle=30&tcp_user_timeout=9000&gssencmode=disable",
    "postgres://u:p@/?service=inspections",
    "postgres://u:p@db.example.org/a%20name%27s?hostaddr=127.0.0.1&require_auth=scram-sha-256",
)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("tool", ["pg_dump", "pg_restore"])
def test_a_tool_is_given_every_option_that_the_room_uses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, tool: str
) -> None:
    """What the room's own connection is made with, and what the tool gets, read by the client library's own reader."""
    import dj_database_url
    from django.db.backends.postgresql.base import DatabaseWrapper
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.pq import Conninfo

    program = tmp_path / tool
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\0" "$@" > {tmp_path}/arguments\nenv -0 > {tmp_path}/environment\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for option in Conninfo.get_defaults():
        if option.envvar:
            monkeypatch.delenv(option.envvar.decode(), raising=False)
    monkeypatch.setenv("SCRUTINEER_DATABASE", address)
    backup._run(tool, "--format=custom")

    settings = {"OPTIONS": {}, "TIME_ZONE": None, "CONN_MAX_AGE": 0, **dj_database_url.parse(address)}
    keywords = {o.keyword.decode(): (o.envvar or b"").decode() for o in Conninfo.get_defaults()}
    room = {
        k: str(v)
        for k, v in DatabaseWrapper(settings).get_connection_params().items()
        if k in keywords and k != "client_encoding"
    }
    arguments = (tmp_path / "arguments").read_text().split("\0")
    environment = dict(
        line.split("=", 1) for line in (tmp_path / "environment").read_text().split("\0") if "=" in line
    )
    database = next(a for a in arguments if a.startswith("--dbname=")).removeprefix("--dbname=")
    values = {k: environment[v] for k, v in keywords.items() if v in environment}
    assert {**values, **{k: str(v) for k, v in conninfo_to_dict(database).items()}} == room
    assert not any(
        "p@ss" in a or "password" in a for a in arguments
    )  # others see a command, not its environment
    assert "--format=custom" in arguments


def test_a_secret_that_a_tool_would_show_is_refused() -> None:
    with pytest.raises(UserError, match="would show its 'sslpassword' to everyone"):
        libpq.prepare_for_tools(libpq.collect_options("postgres://u:p@h/n?sslpassword=secretword"))


def test_a_person_without_the_role_is_refused_in_words(rooms: Path, demo_folders: Path) -> None:
    """Once it was a traceback, in every room in which nobody had a role yet."""
    room = str(rooms / "a")
    code, output = command("room", "account", "newcomer", "--password", "a long pass phrase", "--data", room)
    assert code == 0, output
    code, output = command(
        "room", "import", str(demo_folders / "follow-up"), "--by", "newcomer", "--data", room
    )
    assert code != 0
    assert "this person has no role in the room that allows it" in output
