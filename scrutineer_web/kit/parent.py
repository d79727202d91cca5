"""Ending with the process that one was started by: none of a room's processes is left behind."""

from __future__ import annotations

import ctypes
import signal
import sys

SERVED = "SCRUTINEER_SERVED"
"""Set for the processes that the room's server starts."""

_PDEATHSIG = 1
"""Of prctl(2)."""


def end_with_parent(how: int = signal.SIGTERM) -> None:
    """Ask the system to end this process when the one that started it is gone; where it can (Linux)."""
    if sys.platform == "linux":
        # The signal comes when the thread that started this process
        # ends, not only its process (prctl(2)).
        ctypes.CDLL(None).prctl(_PDEATHSIG, how, 0, 0, 0)
