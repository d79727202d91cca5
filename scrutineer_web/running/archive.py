"""A backup's file: a plain tar archive with a few members of known names, written and taken apart without trust.

Only the standard library is used, and nothing of it that is younger than Python 3.11.0: the system's own Python of a
stable distribution must be able to restore.
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, BinaryIO

from scrutineer.errors import Fault, UserError

SMALL = 1_000_000
"""The most bytes of a member that is no database."""

_BLOCK = 1 << 20
_PLAIN = {tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE}
_COMPRESSED = {b"\x1f\x8b": "gzip", b"BZ": "bzip2", b"\xfd7": "xz", b"\x28\xb5": "zstd"}


def pack(file: BinaryIO, members: Mapping[str, bytes | Path]) -> None:
    """Write an archive.

    Args:
        file: where to.
        members: by name: what each holds, or the file that holds it.
    """
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            # Set here, so that unpacking with ordinary tools doesn't make secrets readable to others either.
            info.mode = 0o600
            if isinstance(content, Path):
                info.size = content.stat().st_size
                with content.open("rb") as source:
                    archive.addfile(info, source)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))


def unpack(path: Path, folder: Path, most: Mapping[str, int | None]) -> set[str]:
    """Take an archive apart into a folder, where only known members with bounded sizes are written.

    Args:
        path: the archive.
        folder: an empty folder of the caller's own.
        most: by the name of each member that may be there, how many bytes it may have; None: as many as the archive.

    Returns:
        the names of the members.

    Raises:
        UserError: it can't be read, is damaged, or holds anything else: other names, links, devices, folders.
    """
    names: set[str] = set()
    try:
        file = path.open("rb")
    except OSError as error:
        raise UserError(Fault(str(path), f"it can't be read ({error.strerror})", "Check the name")) from None
    with file:
        # Backups are never compressed by Scrutineer. A small compressed file could unpack to more than the disk holds.
        kind = _COMPRESSED.get(file.read(2))
        if kind:
            raise UserError(
                Fault(str(path), f"it is compressed ({kind})", "Unpack it with that program first")
            )
        whole = os.fstat(file.fileno()).st_size
        file.seek(0)
        for member, source in _list_members(path, file):
            limit = most.get(member.name, -1)
            largest = whole if limit is None else limit
            # Links, devices and unknown names are refused: a prepared archive could otherwise write outside the folder.
            if member.name in names or member.type not in _PLAIN or not 0 <= member.size <= largest:
                raise _make_damaged(path)
            names.add(member.name)
            _write(path, source, member.size, folder / member.name)
    return names


def _list_members(path: Path, file: BinaryIO) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Every member with what it holds, as the archive's own headers say."""
    try:
        archive = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115 the file is closed by whoever opened it
    except (tarfile.TarError, ValueError, IndexError, EOFError):
        raise _make_damaged(path) from None
    while True:
        try:
            member = archive.next()
            # Links are followed by this, so that it must not be asked of one.
            source = archive.extractfile(member) if member is not None and member.type in _PLAIN else None
        except (tarfile.TarError, ValueError, IndexError, EOFError, KeyError):
            raise _make_damaged(path) from None
        if member is None:
            return
        yield member, source if source is not None else io.BytesIO()


def _write(path: Path, source: IO[bytes], size: int, target: Path) -> None:
    """Write a member's bytes, all of them and no more."""
    # Created new and without following links, so that nothing that is there already can be overwritten.
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with os.fdopen(handle, "wb") as file:
        left = size
        while left:
            try:
                block = source.read(min(_BLOCK, left))
            except tarfile.TarError:
                raise _make_damaged(path) from None
            if not block:
                raise _make_damaged(path)
            file.write(block)
            left -= len(block)
        file.flush()
        os.fsync(file.fileno())


def _make_damaged(path: Path) -> UserError:
    return UserError(
        Fault(str(path), "this isn't a backup of a room, or it is damaged", "Use another backup")
    )
