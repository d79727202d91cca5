"""The errors that a user sees: what is wrong, where, and what to do.

A `Fault` is one such sentence; a `UserError` carries every fault of one input at once,
so that a file can be corrected in one go. No other error may reach a user.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

EXIT_PROVED = 0
EXIT_FINDINGS = 1
EXIT_UNREADABLE = 2


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with an input.

    Args:
        where: the place a person can go to, such as ``frameworks/x/framework.yaml line 31``.
        what: what is wrong there, as a sentence without its full stop.
        do: what to write or do instead, as a sentence without its full stop; may be empty.
    """

    where: str
    what: str
    do: str = ""

    def __str__(self) -> str:
        sentence = f"{self.where}: {self.what}" if self.where else self.what
        sentence += "" if sentence.endswith("?") else "."  # the text of a question ends as a question does
        return f"{sentence} {self.do}." if self.do else sentence


class UserError(Exception):
    """Input that cannot be used, with every fault in it.

    Raised by anything that reads what people wrote; the command line prints its faults
    and exits with 2.
    """

    exit_code = EXIT_UNREADABLE

    def __init__(self, faults: Fault | Iterable[Fault]):
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


_SYSTEM = {
    errno.EACCES: ("you don't have permission to use it", "Change its permissions, or use another folder"),
    errno.EPERM: ("you don't have permission to use it", "Change its permissions, or use another folder"),
    errno.ENOSPC: ("the disk is full", "Free some space, then try again"),
    errno.EDQUOT: ("your share of the disk is used up", "Free some space, then try again"),
    errno.EROFS: ("the disk is read-only", "Use another folder"),
    errno.ENOENT: ("there is no such file or folder", "Check the name"),
    errno.EISDIR: ("this is a folder", "Choose a file instead"),
    errno.ENOTDIR: ("part of the path is not a folder", "Check the name"),
    errno.EEXIST: ("it already exists", "Choose another name"),
    errno.ENAMETOOLONG: ("the name is too long", "Choose a shorter name"),
}


def make_fault(error: OSError, where: str = "") -> Fault:
    """Turn what the operating system refused into a sentence for a person.

    Args:
        error: the operating system's.
        where: the file or folder as a person knows it; by default the one that the error names.
    """
    what, do = _SYSTEM.get(
        error.errno or 0, (f"it could not be read or written ({error.strerror or error})", "")
    )
    named = shorten_path(Path(str(error.filename))) if error.filename else ""
    return Fault(where or named, what, do)


def shorten_path(path: Path) -> str:
    """A path as a person would write it: relative to the working folder where it lies below it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
