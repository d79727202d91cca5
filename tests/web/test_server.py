"""The processes of a served room: started again, ended together, and at an address of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from scrutineer.errors import UserError
from scrutineer_web.kit.parent import PARENT
from scrutineer_web.running import server
from tests.conftest import ROOT
from tests.web.served import Room, free_port, served


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def program(tmp_path: Path, text: str) -> list[str]:
    """A program that first notes that it was started."""
    mark = f"open({str(tmp_path / 'starts')!r}, 'a').write('x')\n"
    return [sys.executable, "-c", f"import signal, sys, time\n{mark}{text}"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_a_process_whose_parent_was_gone_before_it_asked_ends_by_itself() -> None:
    """Then no signal comes: another process has become its parent."""
    text = "from scrutineer_web.kit.parent import end_with_parent; end_with_parent()"
    command = [sys.executable, "-c", text]
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for parent, ended in ((os.getpid(), 0), (gone.pid, -signal.SIGTERM)):
        environment = {**os.environ, PARENT: str(parent)}
        assert subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode == ended


def test_a_taken_port_is_refused_with_a_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(UserError, match=f"127.0.0.1:{port}: Scrutineer can't be served there"):
            server.take("127.0.0.1", port)


def test_an_address_is_taken_before_anybody_listens() -> None:
    port = free_port()
    with server.take("127.0.0.1", port), pytest.raises(UserError, match="can't be served there"):
        server.take("127.0.0.1", port)
    server.take("127.0.0.1", port).close()


def test_those_who_cannot_run_end_the_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "PAUSE", 0.01)
    assert server.run_together([program(tmp_path, "sys.exit(3)")]) == 1
    assert (tmp_path / "starts").read_text() == "x" * server.ATTEMPTS


def test_one_that_can_run_keeps_the_room_whatever_ends_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something beside fails again and again; whoever answers goes on until it is stopped."""
    monkeypatch.setattr(server, "PAUSE", 0.01)
    ended = tmp_path / "ended"
    stands = [
        sys.executable, "-c",
        "import os, signal, sys, time\n"
        f"signal.signal(signal.SIGTERM, lambda *_: (open({str(ended)!r}, 'w').close(), sys.exit()))\n"
        f"while not (os.path.exists({str(tmp_path / 'starts')!r}) and os.path.getsize({str(tmp_path / 'starts')!r}) > 6):"
        " time.sleep(0.05)\n"
        "os.kill(os.getppid(), signal.SIGTERM)\ntime.sleep(60)",
    ]  # fmt: skip
    assert server.run_together([stands], [program(tmp_path, "sys.exit(3)")]) == 0
    assert ended.exists()


def under(number: int) -> list[int]:
    """A process and all that it started, and they again."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(place.parent.name)] = int(place.read_text().rpartition(")")[2].split()[1])
    numbers = [number]
    for process in numbers:
        numbers += [child for child, parent in parents.items() if parent == process]
    return numbers


@contextmanager
def left(room: Room) -> Iterator[list[int]]:
    """The processes of a room; whatever happens, none is left."""
    assert room.process is not None
    numbers = under(room.process.pid)
    try:
        yield numbers
    finally:
        for number in numbers:
            if Path(f"/proc/{number}").exists():
                os.kill(number, signal.SIGKILL)


def gone(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


@pytest.mark.repeats
@pytest.mark.skipif(sys.platform != "linux", reason="the system ends processes with their parent on Linux")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_when_the_room_ends(tmp_path: Path, how: signal.Signals) -> None:
    with served(tmp_path / "data") as room, left(room) as numbers:
        assert (
            len(numbers) >= 4
        )  # who looks after them, who listens, who answers, who works in the background
        assert room.process is not None
        os.kill(room.process.pid, how)
        room.process.wait(40)
        for _ in range(400):
            if all(gone(number) for number in numbers):
                break
            time.sleep(0.1)
        assert [n for n in numbers if not gone(n)] == []
        server.take("127.0.0.1", room.port).close()


def test_the_room_says_that_its_port_is_taken_before_it_makes_anything(tmp_path: Path) -> None:
    with server.take("127.0.0.1", port := free_port()):
        done = subprocess.run(
            [sys.executable, "-m", "scrutineer", "serve", "--port", str(port), "--data", str(tmp_path / "room")],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert "can't be served there" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "room").exists()


def test_what_hands_out_the_clocks_work_brings_in_nothing_that_does_work() -> None:
    """It's there in every room all the time; what scores and writes reports is for the processes that it starts."""
    program = (
        "import sys, django; django.setup()\n"
        "import scrutineer_web.running.worker\n"
        "from scrutineer_web.queries.operations.work import find_lasting\n"
        "assert find_lasting('scrutineer_web.running.jobs.heard') is None\n"
        "print(*sorted(set(sys.modules) & {'polars', 'numpy', 'scipy', 'openpyxl', 'scrutineer.scoring.inspect'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
