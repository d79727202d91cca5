"""A room that is really served: its own process, its own database, a browser in front of it."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests

from tests.conftest import ROOT
from tests.made import shared
from tests.web.village import PASSWORD

STARTS = 180
"""Seconds within which a room answers, on a machine that has other things to do as well."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def environment(folder: Path, database: str) -> dict[str, str]:
    """The environment of a room's processes. What they cover is not measured: most of them end by a power cut."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    return {
        **own, "SCRUTINEER_DATA": str(folder), "SCRUTINEER_SECOND_FACTOR": "0",
        "DJANGO_SETTINGS_MODULE": "tests.web.served_settings", "SCRUTINEER_DATABASE": database,
        "SCRUTINEER_SECRET": "a secret for tests, and for nothing else",
    }  # fmt: skip


def make_room(folder: Path, database: str, kind: str) -> Path:
    """A folder with the village in it: in its fieldwork, with a report besides, or with people and frameworks alone."""
    command = [sys.executable, "-m", "tests.web.village", str(folder), kind]
    subprocess.run(command, cwd=ROOT, env=environment(folder, database), check=True)
    return folder


@cache
def village(kind: str) -> Path:
    """The village on SQLite, made once for all processes of a run and copied for each room.

    Every kind begins with the bare one, and that one with tables alone, so that these are made once.
    """
    folder = shared() / kind
    with _locked(kind):
        if not (folder / "whole").exists():
            if kind != "tables":
                shutil.copytree(village("tables" if kind == "bare" else "bare"), folder, ignore=NOT_WHOLE)
            make_room(folder, "", kind)
            with closing(sqlite3.connect(folder / "room.sqlite3")) as database:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (folder / "whole").touch()
    return folder


def copy_tables(database: sqlite3.Connection) -> None:
    """Put the tables into an empty database of the tests' own, in the place of making them once more.

    It is opened as a file that never changes, so that no file of the database's own comes and goes beside it: another
    process may be copying the folder.
    """
    source = (village("tables") / "room.sqlite3").as_uri()
    with closing(sqlite3.connect(f"{source}?immutable=1", uri=True)) as tables:
        tables.backup(database)


def copy_on_postgres(folder: Path, database: str, kind: str) -> None:
    """The village in an empty database on PostgreSQL: made once for all processes of a run, and copied by the server."""
    import psycopg

    parts = urlsplit(database)
    with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as server:
        place = _village_on_postgres(server, parts, kind)
        own = parts.path.removeprefix("/")
        with _locked("copies"):  # the server copies a database that nobody else copies just then
            server.execute(f"DROP DATABASE {own}")
            server.execute(f"CREATE DATABASE {own} TEMPLATE village_{kind}")
    shutil.copytree(place, folder, dirs_exist_ok=True)


def _village_on_postgres(server: Any, parts: SplitResult, kind: str) -> Path:
    """The folder of a village on PostgreSQL; every kind begins with the bare one, as on SQLite."""
    place, name = shared() / f"postgres-{kind}", f"village_{kind}"
    with _locked(f"postgres-{kind}"):
        if not (place / "whole").exists():
            if kind == "bare":
                server.execute(f"CREATE DATABASE {name}")
            else:
                shutil.copytree(_village_on_postgres(server, parts, "bare"), place, ignore=NOT_WHOLE)
                with _locked("copies"):
                    server.execute(f"CREATE DATABASE {name} TEMPLATE village_bare")
            make_room(place, parts._replace(path=f"/{name}").geturl(), kind)
            (place / "whole").touch()
    return place


NOT_WHOLE = shutil.ignore_patterns("whole")
"""The sign that a village is whole is not copied with it: what is made of it is not whole yet."""


@contextmanager
def _locked(name: str) -> Iterator[None]:
    """One process of a run at a time."""
    with (shared() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@dataclass
class Room:
    """A served room; `kill` ends it as a power cut would, `start` begins it again on the same data."""

    folder: Path
    database: str = ""
    kind: str = "fieldwork"
    more: dict[str, str] = field(default_factory=dict)
    workers: int = 1
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        if self.process is None:
            self._furnish()
        server = ["scrutineer_web.running.server", "127.0.0.1", str(self.port), str(self.workers)]
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *server], cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
                env=environment(self.folder, self.database) | self.more,
            )  # fmt: skip
        log = self.folder.parent / f"{self.folder.name}.log"
        end = time.monotonic() + STARTS
        while time.monotonic() < end:
            try:
                if requests.get(f"{self.address}/offline/", timeout=2).status_code == 200:
                    return
            except requests.RequestException:
                time.sleep(0.1)
            assert self.process.poll() is None, log.read_text()[-3000:]
        self.kill()
        raise TimeoutError(f"the room did not start: {log.read_text()[-3000:]}")

    def _furnish(self) -> None:
        if not self.kind:
            return
        if self.database:
            copy_on_postgres(self.folder, self.database, self.kind)
        else:
            shutil.copytree(village(self.kind), self.folder, dirs_exist_ok=True)

    def kill(self, how: int = signal.SIGKILL) -> None:
        """End every process of it at once."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, how)
            self.process.wait()

    @property
    def log(self) -> str:
        return (self.folder.parent / f"{self.folder.name}.log").read_text()

    def signed_in(self, name: str) -> requests.Session:
        """A program that signed in as a browser does."""
        return signed_in(self.address, name, PASSWORD)


def signed_in(address: str, name: str, password: str) -> requests.Session:
    session = requests.Session()
    page = session.get(f"{address}/account/login/", timeout=30)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token
    data = {"login": name, "password": password, "csrfmiddlewaretoken": token[1]}
    answer = session.post(f"{address}/account/login/", data=data, timeout=30)
    assert answer.url.rstrip("/") == address, answer.text[:500]
    session.headers["X-CSRFToken"] = session.cookies["csrftoken"]
    return session


def waited(session: requests.Session, address: str) -> requests.Response:
    """What a page says once the work is done that it begins in the background."""
    end = time.monotonic() + STARTS
    answer = session.get(address, timeout=60)
    while "data-refresh" in answer.text and time.monotonic() < end:
        time.sleep(0.3)
        answer = session.get(answer.url, timeout=60)
    return answer


@contextmanager
def served(
    folder: Path,
    database: str = "",
    kind: str = "fieldwork",
    more: dict[str, str] | None = None,
    workers: int = 1,
) -> Iterator[Room]:
    folder.mkdir(parents=True, exist_ok=True)
    room = Room(folder, database, kind, more or {}, workers)
    room.start()
    try:
        yield room
    finally:
        room.kill()


def sign_in(page: Any, room: Room, name: str) -> None:
    page.goto(f"{room.address}/account/login/")
    page.fill("#id_login", name)
    page.fill("#id_password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{room.address}/")


def until(page: Any, expression: str, arg: Any = None, seconds: float = 60) -> None:
    """Wait until something holds in a page whose own rules forbid to watch it from inside."""
    from playwright.sync_api import Error

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if page.evaluate(expression, arg):
                return
        except Error as error:
            if "context was destroyed" not in str(error):  # the page was just loaded anew
                raise
        page.wait_for_timeout(50)
    raise TimeoutError(f"{expression} {arg or ''} did not hold after {seconds} s")
