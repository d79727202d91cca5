"""The web server: a few processes that answer, and one that works in the background; all end together.

Each that answers listens for itself, so that the system spreads connections evenly: where they listen at one socket,
the same one takes nearly all, and keeps them as long as a browser holds them open. They run in processes of their own
that have computed nothing before: a worker that is forked from one with threads (as frames have them) could wait for
ever on what a thread held.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from types import FrameType

from scrutineer.errors import Fault, UserError
from scrutineer_web.kit import private
from scrutineer_web.kit.parent import SERVED, end_with_parent

ROOM = "scrutineer_web.wsgi:application"
WORKERS = 3
"""One more than the processors of a small machine: while one waits for the database, another works."""

JOBS = [sys.executable, "-m", "scrutineer_web.operations.worker"]
CLOCK = [sys.executable, "-m", "scrutineer_web.operations.clock"]


def take(host: str, port: int) -> socket.socket:
    """Take an address, so that nothing else can: those who answer share it with each other, and with nobody.

    Raises:
        UserError: something else listens there, or there is no such address.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
        taken = socket.socket(family, kind)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(address)
    except OSError as error:
        what = f"the room cannot be served there: {error.strerror or error}"
        raise UserError(
            Fault(f"{host}:{port}", what, "Stop what listens there, or give another --port")
        ) from None
    return taken


def run(taken: socket.socket, host: str, port: int, workers: int) -> None:
    """Serve at an address that was taken until somebody stops it, in the place of this process."""
    taken.set_inheritable(True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scrutineer_web.settings")
    if os.environ.get("SCRUTINEER_METRICS"):
        # Each process counts for itself, in files that whoever asks adds up; those of an earlier run are nobody's.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="scrutineer-metrics-")
    os.execv(sys.executable, [sys.executable, "-m", "scrutineer_web.server", host, str(port), str(workers)])  # noqa: S606 no shell is wanted


# -- one process -------------------------------------------------------------------------


def answering(target: str, host: str, port: int) -> list[str]:
    """The command of one process that answers."""
    return [sys.executable, "-m", "scrutineer_web.server", "answer", target, host, str(port)]


def answer(target: str, host: str, port: int) -> None:
    """Answer until stopped.

    Connections wait in front of one thread that works: on SQLite many threads would only wait for each other, and a
    browser that holds a connection open keeps nobody else from being served.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    os.environ[SERVED] = "1"
    Granian(
        target, address=host, port=port, interface=Interfaces.WSGI, workers=1, blocking_threads=1, backlog=2048,
        log_level=LogLevels.warning, respawn_failed_workers=True, workers_kill_timeout=GRACE,
    ).serve()  # fmt: skip


GRACE = 10
"""Seconds that a process has to end before it is ended."""


# -- all of them -------------------------------------------------------------------------


class Kept:
    """A process that is started again where it ends by itself, each time later than the time before."""

    def __init__(self, command: list[str]):
        self.command = command
        self.failures = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._next = 0.0

    def look(self) -> None:
        """Start it where it does not run and its time has come."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            if now - self._begun > STEADY:
                self.failures = 0
        elif self.process is not None:
            self.process, self.failures = None, self.failures + 1
            self._next = now + min(PAUSE * 2**self.failures, 30.0)
        elif now >= self._next:
            self._begun = now
            out = subprocess.DEVNULL if self.command is JOBS else None
            self.process = subprocess.Popen(self.command, stdout=out)

    def stop(self) -> None:
        """Ask it to end."""
        if self.process is not None:
            self.process.terminate()

    def ended(self) -> None:
        """Wait until it has ended; end it where it does not."""
        if self.process is None:
            return
        try:
            self.process.wait(2 * GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


STEADY = 60.0
"""Seconds after which a process that runs is one that can."""

PAUSE = 0.5
"""Seconds of the first pause before a process is started again, halved."""

ATTEMPTS = 5
"""Where those who answer end so often one after the other, they cannot run."""


def together(answering: Sequence[list[str]], beside: Sequence[list[str]] = ()) -> int:
    """Run processes until they are stopped, or until none of those who answer can run.

    Args:
        answering: the commands of those who answer.
        beside: further ones, without which the room goes on.

    Returns:
        What to exit with: 0 where somebody stopped them.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    own, others = [Kept(command) for command in answering], [Kept(command) for command in beside]
    try:
        while any(one.failures < ATTEMPTS for one in own):
            for one in (*own, *others):
                one.look()
            time.sleep(0.2)
    except KeyboardInterrupt:
        return 0
    finally:
        for one in (*own, *others):
            one.stop()
        for one in (*own, *others):
            one.ended()
    return 1


def main(arguments: Sequence[str]) -> int:
    """Serve the room, or be one of its processes."""
    if arguments[0] == "answer":
        end_with_parent()
        answer(arguments[1], arguments[2], int(arguments[3]))
        return 0
    private.keep()
    host, port, workers = arguments[0], int(arguments[1]), int(arguments[2])
    return together([answering(ROOM, host, port) for _ in range(workers)], [JOBS, CLOCK])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
