"""Which room a command works on: options, a file of settings, the environment; and where there is none, none is made."""

from __future__ import annotations

import hashlib
import json
import os
import socketserver
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from scrutineer.__main__ import app
from scrutineer.errors import UserError
from scrutineer_web.running import reach, room_places
from scrutineer_web.running.env_file import read_env_file
from tests.conftest import ROOT

ROOM = ("SCRUTINEER_DATA", "SCRUTINEER_DATABASE", "SCRUTINEER_SECRET")
MAKERS = {"create", "restore"}
"""They make a room where there is none; so does `serve`."""


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working folder, and no setting of any room."""
    umask = os.umask(0o022)
    for name in [n for n in os.environ if n.startswith("SCRUTINEER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv(
        "SCRUTINEER_MAIL_FROM", ""
    )  # so that what a test adds to the environment is taken away again
    before = dict(os.environ)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    yield tmp_path / "here"
    os.environ.clear()
    os.environ.update(before)
    os.umask(umask)


def commands() -> list[tuple[str, str]]:
    """Every command of a room's records, but those that make a room."""
    group = typer.main.get_command(app)
    return [
        (name, command)
        for name in ("room", "audit")
        for command in group.commands[name].commands  # type: ignore[attr-defined]
        if command not in MAKERS
    ]


GIVEN = {
    "account": ["admin", "--password", "a long pass phrase"], "import": [".", "--by", "admin"], "export": ["1", "--out", "out"],
    "backup": ["room.tar"],
}  # fmt: skip
"""What a command asks for besides the room."""


def run(*arguments: str) -> tuple[int, str]:
    """A command in this process: what it ends with, and everything that it says."""
    done = CliRunner().invoke(app, list(arguments))
    if isinstance(done.exception, UserError):
        return done.exception.exit_code, done.output + str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.mark.parametrize(("group", "name"), commands(), ids=lambda v: str(v))
def test_a_command_says_where_it_works_and_makes_no_room(bare: Path, group: str, name: str) -> None:
    code, output = run(group, name, *GIVEN.get(name, []))
    assert code != 0
    assert f"Room: {bare / 'room'}. Database: SQLite, {bare / 'room' / 'room.sqlite3'}" in output
    assert "there is no room here" in output
    assert "scrutineer room create" in output
    assert list(bare.iterdir()) == []


def test_every_command_of_a_room_takes_the_same_two_options() -> None:
    group = typer.main.get_command(app)
    every = [
        group.commands["serve"],
        *(c for name in ("room", "audit") for c in group.commands[name].commands.values()),
    ]  # type: ignore[attr-defined]
    for command in every:
        assert {"--data", "--env-file"} <= {o for p in command.params for o in p.opts}, command.name


# -- options, file, environment ----------------------------------------------------------


def test_an_option_wins_over_the_environment(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRUTINEER_DATA", "b")
    assert room_places.choose(Path("a")).data == bare / "a"
    assert os.environ["SCRUTINEER_DATA"] == str(bare / "a")  # and whatever is started reads the same


@pytest.mark.parametrize("name", ["SCRUTINEER_DATABASE", "SCRUTINEER_SECRET"])
def test_a_room_is_never_put_together_from_two(
    bare: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("SCRUTINEER_DATA", "b")
    monkeypatch.setenv(name, "postgres://scrutineer:secretword@db.example.org/room")
    with pytest.raises(UserError, match=f"{name} belongs to the room in b") as refused:
        room_places.choose(Path("a"))
    assert "secretword" not in str(refused.value)
    assert room_places.choose(Path("b")).data == bare / "b"


def test_a_file_of_settings_wins_over_the_environment(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRUTINEER_DATA", "b")
    Path("settings").write_text('SCRUTINEER_DATA="a"\nSCRUTINEER_LOG=json\n')
    code, output = run("audit", "verify", "--env-file", "settings")
    assert code != 0
    assert f"Room: {bare / 'a'}." in output
    assert os.environ["SCRUTINEER_LOG"] == "json"


@pytest.mark.parametrize("name", ROOM[1:])
def test_a_file_that_names_a_room_is_not_mixed_with_another(
    bare: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "postgres://scrutineer@db.example.org/other")
    Path("settings").write_text("SCRUTINEER_DATA=a\n")
    code, output = run("room", "backup", "x.tar", "--env-file", "settings")
    assert code != 0
    assert f"{name}: it is set in the environment, and settings names a room without it" in output


def test_where_a_room_is_said_without_a_password(bare: Path) -> None:
    place = room_places.RoomPlace(
        bare, "postgres://scrutineer:secretword@db.example.org:5433/inspections?sslmode=require"
    )
    assert (
        str(place) == f"Room: {bare}. Database: PostgreSQL, inspections on db.example.org:5433 as scrutineer"
    )


# -- the file itself ---------------------------------------------------------------------

LINES = {
    "A=1": "1", "A= 1 ": "1", "A=": "", 'A="x y"': "x y", "A='x \"y\"'": 'x "y"', 'A="a\\"b\\$c"': 'a"b$c', "A=a'b c'd": "ab cd",
    "# a comment\n; another\n\nA=1": "1", "A=1\nA=2": "2", 'A="one\ntwo"': "one\ntwo", "A=one\\\ntwo": "onetwo", "export A=1": "1",
    "A=1\r\n": "1", "\ufeffA=1": "1", "A=a=b": "a=b", "A='#x'": "#x", "A=x#y": "x#y",
}  # fmt: skip
"""A file, and what A is by systemd's own description of such files (systemd.exec(5), EnvironmentFile=)."""


@pytest.mark.parametrize(("text", "value"), LINES.items())
def test_a_file_is_read_as_systemd_reads_it(tmp_path: Path, text: str, value: str) -> None:
    path = tmp_path / "settings"
    path.write_text(text, encoding="utf-8", newline="")
    assert read_env_file(path) == {"A": value}


def test_a_value_with_signs_is_read_without_quotes_too(tmp_path: Path) -> None:
    path = tmp_path / "settings"
    path.write_text("SCRUTINEER_MAIL_FROM=Scrutineer <room@example.org>\n")
    assert read_env_file(path) == {"SCRUTINEER_MAIL_FROM": "Scrutineer <room@example.org>"}


@pytest.mark.parametrize("line", ["A", "1A=2", "A B=1", 'A="x', "A='x", "A=1 # a remark", "A=\x00"])
def test_a_line_that_is_none_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "settings"
    path.write_text(f"B=1\n{line}\n", encoding="utf-8")
    with pytest.raises(UserError, match="settings line 2: "):
        read_env_file(path)


@pytest.mark.parametrize("content", [None, b"A=\xff\xfe"])
def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "settings"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError):
        read_env_file(path)


def test_the_shipped_settings_are_the_same_to_a_shell_and_to_a_command(tmp_path: Path) -> None:
    """The guide's own block too; systemd reads both as the tests above describe."""
    guide = (ROOT / "docs/how-to/run-in-production.md").read_text(encoding="utf-8")
    block = tmp_path / "block"
    block.write_text(
        guide.partition("```ini\nSCRUTINEER_DATA")[2].partition("```")[0].join(("SCRUTINEER_DATA", ""))
    )
    for path in (ROOT / "deploy" / "scrutineer.env", block):
        ours = read_env_file(path)
        shell = subprocess.run(
            ["bash", "-c", f"set -a; . {path}; env -0"], env={}, capture_output=True, text=True, check=True
        )  # fmt: skip
        theirs = dict(
            line.split("=", 1) for line in shell.stdout.split("\0") if line.startswith("SCRUTINEER_")
        )
        assert ours == theirs
        assert len(ours) >= 6
        from scrutineer_web.running import system_checks

        assert system_checks.find_wrong(ours, tmp_path) == []


# -- room check --------------------------------------------------------------------------


def a_room(folder: Path, without: int = 0) -> Path:
    """What `check` looks at: a secret, and an SQLite database whose tables are of some version."""
    folder.mkdir(mode=0o700)
    (folder / "secret-key").write_text("x" * 50)
    (folder / "secret-key").chmod(0o600)
    names = sorted(room_places.list_released())
    with sqlite3.connect(folder / "room.sqlite3") as database:
        database.execute("CREATE TABLE django_migrations (app text, name text)")
        rows = [("records", name) for name in names[: len(names) - without]]
        database.executemany("INSERT INTO django_migrations VALUES (?, ?)", rows)
    database.close()
    return folder


def everything(folder: Path) -> dict[str, Any]:
    return {
        str(p): (p.stat().st_mtime_ns, p.stat().st_mode, hashlib.sha256(p.read_bytes()).hexdigest() if p.is_file() else "")
        for p in (folder, *folder.rglob("*"))
    }  # fmt: skip


@pytest.mark.parametrize("without", [0, 1, 3])
def test_check_changes_nothing(bare: Path, without: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # The room has one schema so far; later ones are made up, so that its tables can be of an earlier one.
    later = {"0002_later", "0003_later", "0004_later"}
    known = room_places.list_released() | later
    monkeypatch.setattr(room_places, "list_released", lambda: known)
    a_room(bare / "room", without)
    before = everything(bare)
    code, output = run("room", "check")
    assert code == 0, output
    assert "The room can start." in output
    assert ("tables are of an earlier version" in output) == (without > 0)
    assert everything(bare) == before


def test_check_refuses_what_a_newer_version_or_nobody_made(bare: Path) -> None:
    room = a_room(bare / "room")
    with sqlite3.connect(room / "room.sqlite3") as database:
        database.execute("INSERT INTO django_migrations VALUES ('records', '9999_later')")
    database.close()
    assert "a newer version of this program" in run("room", "check")[1]
    (room / "room.sqlite3").write_bytes(b"this is a letter, and no database at all" * 40)
    code, output = run("room", "check")
    assert code == 1
    assert "it isn't a database, or it is damaged" in output


def test_a_database_without_its_folder_is_refused_and_no_second_secret_is_made(bare: Path) -> None:
    room = a_room(bare / "room")
    (room / "secret-key").unlink()
    for command in (["room", "check"], ["room", "create"], ["room", "backup", "x.tar"]):
        code, output = run(*command)
        assert code != 0
        assert "this folder doesn't hold its secret" in output
    assert not (room / "secret-key").exists()


class Mail(socketserver.StreamRequestHandler):
    """A mail server that notes what it is asked."""

    messages: list[str] = []  # noqa: RUF012 of the class, so that a test can read it
    password = b""

    def handle(self) -> None:
        self.wfile.write(b"220 mail.example.org ready\r\n")
        for line in self.rfile:
            word = line.split()[0].decode().upper()
            type(self).messages.append(word)
            self.wfile.write(
                {"EHLO": b"250-mail.example.org\r\n250 HELP\r\n", "QUIT": b"221 bye\r\n"}.get(word, b"250 ok\r\n")
            )  # fmt: skip
            if word == "QUIT":
                return


class Provider(BaseHTTPRequestHandler):
    """A sign-in provider that describes itself at one address, and says less at another."""

    def do_GET(self) -> None:
        good = {
            name: f"https://id.example.org/{name}"
            for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
        }
        body = {
            "/good/.well-known/openid-configuration": json.dumps(good),
            "/less/.well-known/openid-configuration": json.dumps({"issuer": good["issuer"]}),
            "/page/.well-known/openid-configuration": "<html>",
        }.get(self.path)
        self.send_response(200 if body else 404)
        self.end_headers()
        self.wfile.write((body or "").encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def listening(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


def closed_port() -> int:
    from tests.web.served import free_port

    return free_port()


def test_check_greets_the_mail_server_and_sends_nothing(bare: Path) -> None:
    a_room(bare / "room")
    Mail.messages.clear()
    with listening(socketserver.TCPServer(("127.0.0.1", 0), Mail)) as port:
        os.environ["SCRUTINEER_MAIL"] = f"smtp://127.0.0.1:{port}"
        code, output = run("room", "check")
        assert code == 0, output
        assert Mail.messages[0] == "EHLO"
        assert not {"MAIL", "RCPT", "DATA"} & set(Mail.messages)
        os.environ["SCRUTINEER_MAIL"] = f"smtp://room:secretword@127.0.0.1:{port}"  # it offers no TLS
        code, output = run("room", "check")
        assert code == 1
        assert "doesn't offer encrypted sign-in" in output
        assert "secretword" not in output


def test_check_refuses_a_mail_server_that_is_not_there(bare: Path) -> None:
    a_room(bare / "room")
    for address in (
        f"smtp://127.0.0.1:{closed_port()}",
        f"smtps://127.0.0.1:{closed_port()}",
        "smtp://mail.invalid:25",
    ):
        os.environ["SCRUTINEER_MAIL"] = address
        code, output = run("room", "check")
        assert code == 1
        assert "can't be reached" in output, address


def test_check_reads_the_sign_in_providers_description(bare: Path) -> None:
    a_room(bare / "room")
    os.environ |= {"SCRUTINEER_OIDC_CLIENT": "room", "SCRUTINEER_OIDC_SECRET": "secretword"}
    with listening(HTTPServer(("127.0.0.1", 0), Provider)) as port:
        for name, expected in (
            ("good", ""),
            ("less", "no authorization_endpoint"),
            ("page", "no issuer"),
            ("none", "answered 404"),
        ):
            faults = list(reach._find_provider({"SCRUTINEER_OIDC": f"http://127.0.0.1:{port}/{name}"}))
            assert bool(faults) == bool(expected)
            assert expected in " ".join(map(str, faults))
    faults = list(reach._find_provider({"SCRUTINEER_OIDC": f"http://127.0.0.1:{port}/good"}))
    assert "can't be reached" in str(faults[0])
