"""One lock for everything that writes into an inspection's folder: two commands at once take turns."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from scrutineer.errors import Fault, UserError, make_fault, shorten_path
from scrutineer.tasks.notices import notify

LOCK: Final = ".scrutineer-lock"
"""The file that is locked; it stays where it is, empty, and packing leaves it out."""


@contextmanager
def hold_lock(folder: Path) -> Iterator[None]:
    """Hold the folder while something is written into it; waits where another command holds it.

    The operating system gives the lock back when a process ends, however it ends.

    Raises:
        UserError: there is no such folder, or no permission to write into it.
    """
    if not folder.is_dir():
        raise UserError(
            Fault(shorten_path(folder), "there is no such folder", "Choose an inspection's folder")
        )
    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise UserError(make_fault(error)) from None
    try:
        _take(handle, folder)
        yield
    finally:
        os.close(handle)


def _take(handle: int, folder: Path) -> None:
    try:
        import fcntl
    except ImportError:  # pragma: no cover  Windows locks a byte of the file, and waits by trying
        import msvcrt

        while True:
            try:
                msvcrt.locking(handle, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]  # Windows alone has it
                return
            except OSError:
                continue
    else:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            notify([f"another command is writing to {shorten_path(folder)}; waiting for it to finish"])
            fcntl.flock(handle, fcntl.LOCK_EX)
