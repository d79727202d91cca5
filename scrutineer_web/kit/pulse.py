"""Signs of life: what each process of a room writes of itself, and what the process that looks after it reads.

They lie in a small file that both map into memory: a process that hangs or was stopped can't answer questions, but
what it last wrote can be read. The clock is the system's own, which all processes of a machine share.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

PULSE = "SCRUTINEER_PULSE"
"""The file of a process, which the room's server names to it."""

EVERY = 0.5
"""Seconds between two signs of a process that has nothing else to do."""

_PID, _BEAT, _LATE, _SIZE = 0, 8, 16, 24


class Pulse:
    """The signs of one process; each is one number, so that a reader never sees half of it.

    Attributes:
        path: the file.
    """

    def __init__(self, path: Path):
        self.path = path
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _SIZE)

    @classmethod
    def create(cls, path: Path) -> Pulse:
        """A file of a process that has not shown a sign yet."""
        path.write_bytes(bytes(_SIZE))
        return cls(path)

    @classmethod
    def own(cls) -> Pulse | None:
        """This process's own; None where nobody looks after it."""
        path = Path(os.environ.get(PULSE, ""))
        return cls(path) if path.is_file() else None

    # -- what a process writes ---------------------------------------------------------

    def beat(self) -> None:
        """Show a sign of life, and which process shows it."""
        self.beat_for(os.getpid())

    def beat_for(self, pid: int) -> None:
        """The same in the name of another process, as a process that was away itself does."""
        struct.pack_into("=q", self._memory, _PID, pid)
        # Monotonic time is the same for all processes of a machine and does not jump when the clock is set.
        struct.pack_into("=d", self._memory, _BEAT, time.monotonic())

    def ask_to_be_replaced(self) -> None:
        """Say that something in this process goes on that should have ended."""
        struct.pack_into("=d", self._memory, _LATE, time.monotonic())

    def keep_beating(self, alive: Callable[[], bool] = lambda: True) -> None:
        """Show signs from a thread of its own, for as long as this process can run one and `alive` says so."""

        def go_on() -> None:
            while True:
                if alive():
                    self.beat()
                time.sleep(EVERY)

        self.beat()
        threading.Thread(target=go_on, name="pulse", daemon=True).start()

    # -- what is read of it --------------------------------------------------------------

    @property
    def pid(self) -> int:
        """The process that shows signs; 0 before the first."""
        return int(struct.unpack_from("=q", self._memory, _PID)[0])

    @property
    def last(self) -> float:
        """When it last showed one; 0 before the first."""
        return float(struct.unpack_from("=d", self._memory, _BEAT)[0])

    @property
    def late(self) -> float:
        """When it asked to be replaced; 0 where it did not."""
        return float(struct.unpack_from("=d", self._memory, _LATE)[0])

    def close(self) -> None:
        """Let the file go."""
        self._memory.close()
        self.path.unlink(missing_ok=True)
