"""The web server: a few processes that answer, and one that works in the background; all end together.

Each that answers listens for itself, so that the system spreads connections evenly: where they listen at one socket,
the same one takes nearly all, and keeps them as long as a browser holds them open. They run in processes of their own
that have computed nothing before: a worker that is forked from one with threads (as frames have them) could wait for
ever on what a thread held.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from scrutineer.errors import Fault, UserError
from scrutineer_web.kit import private
from scrutineer_web.kit.parent import PARENT, SERVED, end_with_parent
from scrutineer_web.kit.pulse import PULSE, Pulse

ROOM = "scrutineer_web.wsgi:application"
WORKERS = 3
"""One more than the processors of a small machine: while one waits for the database, another works."""

JOBS = [sys.executable, "-m", "scrutineer_web.running.worker"]
CLOCK = [sys.executable, "-m", "scrutineer_web.running.clock"]


def take(host: str, port: int) -> socket.socket:
    """Take an address, so that nothing else can: those who answer share it with each other, and with nobody.

    Raises:
        UserError: something else listens there, or there is no such address.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # Tried without SO_REUSEPORT first: with it, binding succeeds
        # next to another room of the same user.
        with socket.socket(family, kind) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
        # It's bound and never listens, so it holds the address and receives no connections.
        taken = socket.socket(family, kind)
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(address)
    except OSError as error:
        what = f"Scrutineer can't be served there: {error.strerror or error}"
        raise UserError(
            Fault(
                f"{host}:{port}", what, "Stop the program that is listening there, or choose another --port"
            )
        ) from None
    return taken


def run(taken: socket.socket, host: str, port: int, workers: int) -> None:
    """Serve at an address that was taken until somebody stops it, in the place of this process."""
    # The socket stays open across `execv`, so that no other program can take the port in between.
    taken.set_inheritable(True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scrutineer_web.settings")
    if os.environ.get("SCRUTINEER_METRICS"):
        # Each process counts for itself, in files that the reader adds up; those of an earlier run are nobody's.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="scrutineer-metrics-")
    os.execv(  # noqa: S606 no shell is wanted
        sys.executable, [sys.executable, "-m", "scrutineer_web.running.server", host, str(port), str(workers)]
    )


# -- one process -------------------------------------------------------------------------


def list_answering(target: str, host: str, port: int) -> list[str]:
    """The command of one process that answers."""
    return [sys.executable, "-m", "scrutineer_web.running.server", "answer", target, host, str(port)]


def answer_requests(target: str, host: str, port: int) -> None:
    """Answer until stopped.

    The threads receive and wait in front of one that works (`kit/time_limit.py`): on SQLite many would only wait for each
    other, and somebody who sends slowly keeps nobody else from being served.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    os.environ[SERVED] = "1"
    os.environ[PARENT] = str(os.getpid())
    Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        backlog=2048,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE,
    ).serve()


THREADS = 8
"""Of one process that answers: so many may send slowly at once before somebody waits for them."""

GRACE = 10
"""Seconds that a process has to end before it is ended."""


# -- all of them -------------------------------------------------------------------------


class SupervisedProcess:
    """A process that is started again where it ends by itself, each time later than the time before.

    One that was stopped, hangs, or asks for it is replaced at once: that is no fault of its program.
    """

    def __init__(self, command: list[str], folder: Path):
        self.command, self.folder = command, folder
        self.failures = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.pulse: Pulse | None = None
        self._next = self._begun = 0.0
        self._stopped = 0
        self._leaving: list[tuple[subprocess.Popen[bytes], int, float]] = []

    def look(self) -> None:
        """Start it where it does not run and its time has come; replace it where it no longer works."""
        now = time.monotonic()
        self._end_those_who_leave(now)
        if self.process is not None and self.process.poll() is None:
            if now - self._begun > STEADY:
                self.failures = 0
            self._replace_where_it_hangs(now)
        elif self.process is not None:
            self.process, self.failures = None, self.failures + 1
            # The pause doubles, so that a process that can't start does not keep the machine busy.
            self._next = now + min(PAUSE * 2**self.failures, 30.0)
        elif now >= self._next:
            self._start(now)

    def _start(self, now: float) -> None:
        handle, name = tempfile.mkstemp(prefix="pulse-", dir=self.folder)
        os.close(handle)
        if self.pulse is not None:
            self.pulse.close()
        self.pulse, self._begun, self._stopped = Pulse.create(Path(name)), now, 0
        out = subprocess.DEVNULL if self.command is JOBS else None
        self.process = subprocess.Popen(
            self.command, stdout=out, env={**os.environ, PULSE: name, PARENT: str(os.getpid())}
        )

    def _replace_where_it_hangs(self, now: float) -> None:
        if self.process is None or self.pulse is None:
            return
        pid, last = self.pulse.pid, self.pulse.last
        # Who answers is known by its sign; before the first one, by the process that began it.
        own = [pid] if pid else _list_begun_by(self.process.pid)
        # Several looks in a row, since a debugger or a snapshot of the machine may stop a process for a moment.
        stopped = any(_is_stopped(process) for process in (self.process.pid, *own))
        self._stopped = self._stopped + 1 if stopped else 0
        if self._stopped >= LOOKS:
            why = "was stopped"
        elif now - (last or self._begun) > (SILENT if last else STARTING):
            why = "no longer answered"
        elif self.pulse.late and now - self.pulse.late > 1:
            # A second, so that the answer that says so is sent. Whatever else waits there is answered before it ends.
            report_ended(f"a server process was replaced: a request took too long (process {pid})")
            self._leaving.append((self.process, pid, now + LEAVING))
            self.process.terminate()
            self._start(now)
            return
        else:
            return
        report_ended(f"a server process was replaced: it {why} (process {pid or self.process.pid})")
        _end_process(self.process, pid)
        self._start(now)

    def _end_those_who_leave(self, now: float) -> None:
        for leaving in list(self._leaving):
            process, pid, until = leaving
            if process.poll() is not None or now > until:
                _end_process(process, pid)
                self._leaving.remove(leaving)

    def forgive(self) -> None:
        """Count the signs of life from now on: the process that counts them was away itself."""
        self._begun, self._stopped = time.monotonic(), 0
        # After a suspended machine wakes up, all processes look silent. They did nothing wrong.
        if self.pulse is not None and self.pulse.last:
            self.pulse.beat_for(self.pulse.pid)

    def stop(self) -> None:
        """Ask it to end."""
        for process, pid, _ in self._leaving:
            _end_process(process, pid)
        if self.process is not None:
            self.process.terminate()

    def await_end(self) -> None:
        """Wait until it has ended; end it where it does not."""
        if self.process is None:
            return
        try:
            self.process.wait(2 * GRACE)
        except subprocess.TimeoutExpired:
            _end_process(self.process, self.pulse.pid if self.pulse else 0)


def _is_stopped(pid: int) -> bool:
    """Whether a process was stopped (as by SIGSTOP) and not started again; not known where there is no /proc."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    return False


def _list_begun_by(pid: int) -> list[int]:
    """The processes that a process began itself; none where there is no /proc."""
    processes = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError, ValueError):
            # After the name, the second field is the parent's number (field 4 of proc(5)).
            if int(place.read_text().rpartition(")")[2].split()[1]) == pid:
                processes.append(int(place.parent.name))
    return processes


def _end_process(process: subprocess.Popen[bytes], pid: int) -> None:
    """End a process at once, and those that it had answer: a stopped one takes no other signal."""
    others = {pid, *_list_begun_by(process.pid)} - {0, process.pid}
    process.kill()
    for child in others:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    process.wait()


def report_ended(text: str) -> None:
    """Write a line where logs go, as they are written there."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    if os.environ.get("SCRUTINEER_LOG") == "json":
        line = json.dumps({"at": now, "level": "warning", "logger": "scrutineer", "message": text})
    else:
        line = f"{now} WARNING scrutineer {text}"
    sys.stderr.write(f"{line}\n")


LOOK = 0.2
"""Seconds between two looks at the processes."""

LOOKS = 5
"""A process that is stopped at so many looks one after the other is not about to go on."""

SILENT = 15.0
"""Seconds without a sign of life after which a process is replaced: longer than a request may take by default, for one
whose interpreter is held by a single step shows none meanwhile."""

AWAY = 5.0
"""Where the server itself did not look for so long, it was stopped together with all the others."""

STARTING = 600.0
"""Seconds that a process has for its first sign of life."""

LEAVING = 4.0
"""Seconds that a replaced process has to answer what waits there."""

STEADY = 60.0
"""Seconds after which a process that runs is one that can."""

PAUSE = 0.5
"""Seconds of the first pause before a process is started again, halved."""

ATTEMPTS = 5
"""Where those who answer end so often one after the other, they cannot run."""


def run_together(answering: Sequence[list[str]], beside: Sequence[list[str]] = ()) -> int:
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
    folder = Path(tempfile.mkdtemp(prefix="scrutineer-pulses-"))
    own, others = (
        [SupervisedProcess(command, folder) for command in answering],
        [SupervisedProcess(command, folder) for command in beside],
    )
    looked = time.monotonic()
    try:
        while any(process.failures < ATTEMPTS for process in own):
            away, looked = time.monotonic() - looked > AWAY, time.monotonic()
            for process in (*own, *others):
                if away:
                    process.forgive()
                process.look()
            time.sleep(LOOK)
    except KeyboardInterrupt:
        return 0
    finally:
        for process in (*own, *others):
            # All are asked before the first is waited for, so that they end at the same time.
            process.stop()
        for process in (*own, *others):
            process.await_end()
        shutil.rmtree(folder, ignore_errors=True)
    return 1


def say_when_it_answers(host: str, port: int) -> None:
    """Say where the room is once it answers there, and not before."""
    there = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 compared, not listened at
    name = os.environ.get("SCRUTINEER_HOSTS", "localhost").split(",")[0]

    def look() -> None:
        while not _is_answering(there, port, name):
            time.sleep(0.25)
        shown = f"[{host}]" if ":" in host else host
        sys.stdout.write(f"Scrutineer is at http://{shown}:{port} (stop it with Ctrl+C)\n")
        sys.stdout.flush()

    threading.Thread(target=look, daemon=True).start()


def _is_answering(host: str, port: int, name: str) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=30)
    try:
        connection.request("GET", "/offline/", headers={"Host": name})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main(arguments: Sequence[str]) -> int:
    """Serve the room, or be one of its processes."""
    if arguments[0] == "answer":
        end_with_parent()
        answer_requests(arguments[1], arguments[2], int(arguments[3]))
        return 0
    private.keep()
    host, port, workers = arguments[0], int(arguments[1]), int(arguments[2])
    say_when_it_answers(host, port)
    return run_together([list_answering(ROOM, host, port) for _ in range(workers)], [JOBS, CLOCK])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
