"""What works in the background: takes up what nobody holds any longer, and has it done by processes that it may end.

python -m scrutineer_web.running.worker

This process only hands out: one process for each row of waiting work does it, one piece after the other, and is ended
where a piece takes too long or too much memory. It stays small, and can always say that it is alive.
"""

from __future__ import annotations

import logging
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import django
from django.utils.translation import gettext as _

from scrutineer_web.kit.parent import PARENT, end_with_parent

if TYPE_CHECKING:
    from django_tasks_db.models import DBTaskResult

TICK = 0.1
"""Seconds between two looks at what waits and what is being done."""

BEAT, TAKE_UP = 5.0, 15.0
"""Seconds between two signs of life, and between two looks at what others held."""

IDLE = 900.0
"""Seconds without work after which a process that works is let go."""

WAITING = 4
"""Times its limit that work may take by the clock. On a machine that is overloaded it gets few of a second's moments,
and is not to be blamed for that."""

WARMING = 300.0
"""Seconds that a new process has until it can work."""

ENDING = 5.0
"""Seconds that work under way has when the room is stopped; what is not done by then waits again."""

HAND = [sys.executable, "-m", "scrutineer_web.running.worker", "hand"]

READY, DONE = b"r", b"d"

log = logging.getLogger("scrutineer")


class Hand:
    """A process that does what waits in one row, as long as it keeps within its limits."""

    def __init__(self, row: str, memory: int):
        self.row, self.memory = row, memory
        self.process: subprocess.Popen[bytes] | None = None
        self.task: DBTaskResult[..., Any] | None = None
        self.ready = False
        self._said = -1
        self._seconds = self._worked = self._until = self._used = 0.0

    @property
    def is_free(self) -> bool:
        """Whether it can be given something, at once or as soon as it has started."""
        return self.task is None

    def give(self, task: DBTaskResult[..., Any], seconds: float) -> None:
        """Have something done."""
        self.task, self._seconds = task, seconds
        if self.process is None:
            self._start()
        elif self.ready:
            self._send()

    def _start(self) -> None:
        # The process answers here and not on its standard output, where
        # anything that it prints would end up.
        reads, writes = os.pipe()
        # The worker looks at both of its processes in turn and must never wait for one of them.
        os.set_blocking(reads, False)
        self.process = subprocess.Popen(
            [*HAND, str(writes)],
            stdin=subprocess.PIPE,
            pass_fds=(writes,),
            env={**os.environ, PARENT: str(os.getpid())},
        )
        os.close(writes)
        self._said, self.ready, self._until = reads, False, time.monotonic() + WARMING

    def _send(self) -> None:
        if self.task is None or self.process is None or self.process.stdin is None:
            return
        self._until, self._worked = time.monotonic() + WAITING * self._seconds, self._measure_work()
        with suppress(BrokenPipeError):
            self.process.stdin.write(f"{self.task.pk}\n".encode())
            self.process.stdin.flush()

    def look(self) -> None:
        """See how far it is; end it where it must be ended."""
        if self.process is None:
            return
        for said in self._read_heard():
            self._used = time.monotonic()
            if said == READY:
                self.ready = True
                self._send()
            else:
                self.task = None
        if self.process.poll() is not None:
            self.end(_("the process that did it ended"))
        elif self._is_over():
            what = _("it took longer than %(seconds)s seconds and was stopped")
            self.end(what % {"seconds": f"{self._seconds:g}"})
        elif self._measure_memory() > self.memory * 1_000_000:
            what = _("it needed more than %(memory)s MB of memory and was stopped")
            self.end(what % {"memory": f"{self.memory:,}"})
        elif self.task is None and time.monotonic() - self._used > IDLE:
            self.end("")

    def _is_over(self) -> bool:
        """Whether its time is up: by what it computed, or by the clock where it waits for something."""
        if not self.ready:
            return time.monotonic() > self._until
        if self.task is None:
            return False
        # Computing time is the fair limit on a busy machine. The clock catches work that only waits.
        return self._measure_work() - self._worked > self._seconds or time.monotonic() > self._until

    def _measure_work(self) -> float:
        """Seconds for which it has computed; 0 where that can't be seen."""
        if self.process is None:
            return 0.0
        with suppress(OSError, IndexError, ValueError):
            # A name may hold blanks and brackets, so counting begins after it: then these are
            # fields 14 and 15 of proc(5), user and system time in clock ticks.
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0

    def _read_heard(self) -> list[bytes]:
        try:
            said = os.read(self._said, 64)
        except BlockingIOError:
            return []
        return [said[n : n + 1] for n in range(len(said))]

    def _measure_memory(self) -> float:
        """Bytes of memory that it has now; 0 where that can't be seen."""
        if self.process is None or self.task is None:
            return 0.0
        with suppress(OSError, IndexError, ValueError):
            # The second number of statm is what is in memory now, in pages.
            pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
            return pages * resource.getpagesize()
        return 0.0

    def end(self, why: str) -> None:
        """End it; what it was at is given up, and the reason said to the person who asked."""
        from scrutineer.errors import Fault
        from scrutineer_web.actions.operations import background

        task, self.task = self.task, None
        if self.process is not None:
            # Killed, not asked to end: the process may be in a loop that takes no signals. Its transaction is rolled back.
            self.process.kill()
            self.process.wait()
            if self.process.stdin is not None:
                with suppress(OSError):
                    self.process.stdin.close()
            os.close(self._said)
        self.process, self.ready = None, False
        if task is None:
            return
        task.refresh_from_db()
        if task.status == "RUNNING":
            log.error("work in the background was given up: %s: %s", task.task_path.rpartition(".")[2], why)
            do = _("Try again with less, or contact the person who runs the server")
            background.give_up(task=task, why=Fault(_("the work"), why, do))


class Worker:
    """Hands out what waits, until it is asked to end."""

    def __init__(self, memory: int) -> None:
        from scrutineer_web.queries.operations.background import name_holder
        from scrutineer_web.queries.operations.work import LONG, QUICK

        self.name = name_holder()
        self.hands = [Hand(QUICK, memory), Hand(LONG, memory)]
        self._beat = self._took_up = float("-inf")

    def step(self) -> None:
        """One round."""
        from scrutineer_web.actions.operations import background
        from scrutineer_web.running.work_limits import find_limit
        from scrutineer_web.safeguards import beats

        now = time.monotonic()
        if now - self._beat > BEAT:
            # After a pause longer than the lease, another worker may have started the same work. Going on could do it twice.
            if now - self._beat > background.LEASE.total_seconds():
                self._let_go()
            beats.beat(name=self.name)
            self._beat = now
        if now - self._took_up > TAKE_UP:
            background.take_up()
            self._took_up = now
        for hand in self.hands:
            hand.look()
            if hand.is_free:
                task = self._claim(hand.row)
                if task is not None:
                    hand.give(task, find_limit(task))

    def _let_go(self) -> None:
        """Leave what is under way: this process was away for so long that another may have taken it up."""
        for hand in self.hands:
            # Forgotten before it's ended, so that nobody is told that it
            # failed: whoever took it up answers for it.
            hand.task = None
            hand.end("")

    def _claim(self, row: str) -> DBTaskResult[..., Any] | None:
        from django_tasks_db.models import DBTaskResult
        from django_tasks_db.utils import exclusive_transaction

        waiting = DBTaskResult.objects.ready().filter(queue_name=row)
        if not waiting.exists():  # asked without a lock: mostly nothing waits, and people save meanwhile
            return None
        # Claimed under a lock, so that two workers never start the same piece of work.
        with exclusive_transaction():
            task = waiting.get_locked()
            if task is not None:
                task.claim(self.name)
        return task

    def stop(self) -> None:
        """End what is under way; what is not done within a few seconds waits again, as if it had not been begun."""
        from scrutineer_web.actions.operations import background
        from scrutineer_web.safeguards import beats

        until = time.monotonic() + ENDING
        while any(hand.task is not None for hand in self.hands) and time.monotonic() < until:
            for hand in self.hands:
                hand.look()
            time.sleep(TICK)
        # Killed before it's put back: work that waits again must not still be writing.
        left = [hand.task for hand in self.hands if hand.task is not None]
        self._let_go()
        for task in left:
            background.put_back(task=task)
        beats.leave(name=self.name)


def main() -> None:
    """Hand out until ended; a database that is away for a while stops nothing."""
    django.setup()
    from django.conf import settings
    from django.db import DatabaseError, close_old_connections

    from scrutineer_web.kit.pulse import Pulse

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    pulse, worker = Pulse.own(), Worker(settings.JOB_MEMORY)
    try:
        while True:
            if pulse is not None:
                pulse.beat()
            try:
                worker.step()
            except DatabaseError as error:
                log.warning("the background's round failed (%s)", type(error).__name__)
                time.sleep(1)
                close_old_connections()
            time.sleep(TICK)
    except KeyboardInterrupt:
        # A second signal must not break off the tidying up.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with suppress(DatabaseError):
            worker.stop()


def work(say: int) -> None:
    """Do one piece after the other, each when its name comes; say when one is done."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that handed it out decides when it ends
    django.setup()
    from django.db import close_old_connections
    from django_tasks_db.management.commands.db_worker import Worker as Runner
    from django_tasks_db.models import DBTaskResult

    runner = Runner(
        queue_names=[],
        interval=0,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="",
        excluded_queue_names=[],
    )
    os.write(say, READY)
    for line in sys.stdin:
        close_old_connections()
        # Put back or given up in the meantime, it's no longer this process's to do.
        task = DBTaskResult.objects.filter(pk=line.strip(), status="RUNNING").first()
        if task is not None:
            runner.run_task(task)
        close_old_connections()
        os.write(say, DONE)


if __name__ == "__main__":
    from scrutineer_web.kit import private

    private.keep()
    if sys.argv[1:2] == ["hand"]:
        end_with_parent(signal.SIGKILL)
        work(int(sys.argv[2]))
    else:
        end_with_parent()
        main()
