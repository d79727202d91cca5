"""Ending with the process that one was started by: none of a room's processes is left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

SERVED = "SCRUTINEER_SERVED"
"""Set for the processes that the room's server starts."""

PARENT = "SCRUTINEER_PARENT"
"""The number of the process that started this one, set for each process that must end with it."""

_PDEATHSIG = 1
"""Of prctl(2)."""


def end_with_parent(how: int = signal.SIGTERM) -> None:
    """Ask the system to end this process when the one that started it is gone; where it can (Linux)."""
    if sys.platform == "linux":
        # The signal comes when the thread that started this process
        # ends, not only its process (prctl(2)).
        ctypes.CDLL(None).prctl(_PDEATHSIG, how, 0, 0, 0)
        parent = os.environ.get(PARENT)
        # If it was gone before, no signal comes, and this process already has another parent. Its own number isn't
        # enough to know that: in a container, the parent itself may be number 1.
        if parent and parent != str(os.getppid()):
            os.kill(os.getpid(), how)
