"""What the room writes is its owner's alone; and a disk that is full is a sentence."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from scrutineer.errors import Fault

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_OTHERS = 0o077


def keep() -> None:
    """From here on, whatever this process and those that it starts write can be read by their owner alone."""
    os.umask(_OTHERS)


def tighten(folders: tuple[Path, ...], files: tuple[Path, ...]) -> None:
    """Take away what others may do with a room that was made before (or copied) with wider permissions.

    Args:
        folders: that are the room's own.
        files: what lies in them or elsewhere; those that aren't there are passed over.
    """
    for path, mode in (*((folder, 0o700) for folder in folders), *((file, 0o600) for file in files)):
        try:
            if path.stat().st_mode & _OTHERS:
                path.chmod(mode)
        except (FileNotFoundError, PermissionError):
            continue  # what is somebody else's is reported where it is written to


@contextmanager
def write_whole(path: Path) -> Iterator[BinaryIO]:
    """A file that is written next to its place and moved there when it is on the disk: whole, or not there at all.

    Raises:
        FileExistsError: something was put there meanwhile.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            # Flushed to the disk before the move: after a power cut the name must not point to an empty file.
            file.flush()
            os.fsync(file.fileno())
        put(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def put(beside: Path, path: Path) -> None:
    """Move a written file to its place, for good, unless something is there.

    Raises:
        FileExistsError: something is.
    """
    try:
        os.link(beside, path)  # unlike a move, this never takes the place of what is there
    except FileExistsError:
        raise
    except OSError:  # a disk without links
        # Two processes can both get past this, but such a disk has no
        # call that would decide between them.
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        beside.rename(path)
    else:
        beside.unlink()
    settle(path.parent)


def write_folder(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write a folder of files that only their owner reads; none is in its place before all are on the disk.

    Raises:
        NotADirectoryError: a file is where the folder should be.
    """
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "there is already a file of this name", str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as place:
        beside = Path(place) / "whole"
        for name, content in files.items():
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
        for inner in (beside, *(path for path in beside.rglob("*") if path.is_dir())):
            # The mode is set explicitly, because the process's umask may take away rights or leave others some.
            inner.chmod(0o700)
        if not folder.exists():
            beside.rename(folder)
        else:
            for name in files:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (beside / name).replace(folder / name)
    settle(folder.parent)


def settle(folder: Path) -> None:
    """See that the names in a folder are on the disk, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def make_fault(error: OSError) -> Fault:
    """What the system refused, as a sentence."""
    where = str(error.filename or "the disk")
    if error.errno in FULL:
        return Fault(
            where, "the disk is full, or your share of it is used up", "Free some space, and try again"
        )
    if error.errno in REFUSED:
        return Fault(
            where,
            "you don't have permission to read or write this",
            "Run it as Scrutineer's own user, or name another",
        )
    return Fault(where, error.strerror or "the system refused to do this", "Check the name and the disk")


_DATABASE = (
    (
        r"disk is full|No space left|disk I/O error|could not extend",
        "the disk of the database is full",
        "Free some space, and try again",
    ),
    (
        r"readonly|read-only|unable to open",
        "the database can't be written to",
        "Run it as Scrutineer's own user, and look at the folder",
    ),
    (r"locked", "the database is busy", "Try again in a moment"),
)


def make_database_fault(error: Exception) -> Fault:
    """What the database refused, as a sentence."""
    lines = str(error).strip().splitlines() or ["it refused"]
    for pattern, what, do in _DATABASE:
        if re.search(pattern, lines[0]):
            return Fault("the database", what, do)
    do = "Check SCRUTINEER_DATABASE, and that the database runs and lets this user in"
    return Fault("the database", lines[0].rstrip("."), do)
