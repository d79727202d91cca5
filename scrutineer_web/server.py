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
import time
from collections.abc import Sequence
from types import FrameType

from scrutineer.errors import Fault, UserError

ROOM = "scrutineer_web.wsgi:application"
WORKERS = 3
"""One more than the processors of a small machine: while one waits for the database, another works."""

JOBS = [sys.executable, "-m", "django", "db_worker", "--interval", "0.5"]


def run(host: str, port: int, workers: int) -> None:
    """Serve until somebody stops it, in the place of this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scrutineer_web.settings")
    os.execv(sys.executable, [sys.executable, "-m", "scrutineer_web.server", host, str(port), str(workers)])  # noqa: S606 no shell is wanted


def refuse_taken(host: str, port: int) -> None:
    """Refuse an address at which something else listens: it would be shared, not taken.

    Raises:
        UserError: something does, or there is no such address.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        what = f"the room cannot be served there: {error.strerror or error}"
        raise UserError(
            Fault(f"{host}:{port}", what, "Stop what listens there, or give another --port")
        ) from None


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

    Granian(
        target, address=host, port=port, interface=Interfaces.WSGI, workers=1, blocking_threads=1, backlog=2048,
        log_level=LogLevels.warning, respawn_failed_workers=True,
    ).serve()  # fmt: skip


class Kept:
    """A process that is started again where it ends by itself."""

    def __init__(self, command: list[str]):
        self.command = command
        self.start()

    def start(self) -> None:
        """Start it, or start it again."""
        self.begun = time.monotonic()
        out = subprocess.DEVNULL if self.command is JOBS else None
        self.process = subprocess.Popen(self.command, stdout=out)

    def stands(self) -> bool:
        """Whether it runs, or ran long enough to be started again."""
        if self.process.poll() is None:
            return True
        if time.monotonic() - self.begun < STEADY:
            return False
        self.start()
        return True


STEADY = 10.0
"""Seconds that a process must have run to be started again: one that cannot run would be started for ever."""


def together(commands: Sequence[list[str]]) -> int:
    """Run processes until they are stopped; where one cannot run, all end.

    Returns:
        What to exit with: 0 where somebody stopped them.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    started = [Kept(command) for command in commands]
    try:
        while all(one.stands() for one in started):
            time.sleep(0.5)
    except KeyboardInterrupt:
        return 0
    finally:
        for one in started:
            one.process.terminate()
        for one in started:
            one.process.wait()
    return 1


def main(arguments: Sequence[str]) -> int:
    """Serve the room, or be one of the processes that answer."""
    if arguments[0] == "answer":
        answer(arguments[1], arguments[2], int(arguments[3]))
        return 0
    host, port, workers = arguments[0], int(arguments[1]), int(arguments[2])
    return together([*[answering(ROOM, host, port) for _ in range(workers)], JOBS])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
