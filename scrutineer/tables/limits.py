"""How large a table may be: files that would exhaust the machine are refused with a sentence that gives the limit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import ZipFile, ZipInfo

from scrutineer.errors import Fault, UserError, shorten_path

_CHUNK: Final = 1 << 20

LARGEST: Final = 1_000_000_000
"""The largest number that any column holds, above zero or below: more is a slip, and no figure of an inspection."""


@dataclass(frozen=True)
class Limits:
    """The most that is read.

    Attributes:
        size: bytes of the file.
        unpacked: bytes of all parts of a workbook, which is a packed file.
        rows: rows with something in them.
        columns: columns.
        cells: rows times columns.
        sheet_cells: the same of a workbook, each of whose cells takes more memory.
        text: signs in one cell; a spreadsheet keeps 32,767.
    """

    size: int = 2 << 30
    unpacked: int = 2 << 30
    rows: int = 50_000_000
    columns: int = 16_384
    cells: int = 1_000_000_000
    sheet_cells: int = 5_000_000
    text: int = 1_000_000


GENERAL: Final = Limits()
"""For the command line, on a person's own machine."""

SERVER: Final = Limits(
    size=25 << 20,
    unpacked=200 << 20,
    rows=200_000,
    columns=2_000,
    cells=4_000_000,
    sheet_cells=1_000_000,
    text=50_000,
)
"""For a server that others wait for."""


def check_size(path: Path, limits: Limits) -> None:
    """Refuse a file of too many bytes."""
    size = path.stat().st_size
    if size > limits.size:
        raise _refuse_too_large(
            path,
            f"the file is {_format_megabytes(size)}",
            f"The limit is {_format_megabytes(limits.size)}",
        )


def check_unpacked(path: Path, archive: ZipFile, limits: Limits) -> None:
    """Refuse a workbook that unpacks to too many bytes, whatever its own directory says, or that defines entities.

    Raises:
        UserError: with the limit.
        zipfile.BadZipFile, zlib.error, OSError: the file is damaged.
    """
    total = 0
    for member in archive.infolist():
        total += _unpack(path, archive, member, limits, total)


def _unpack(path: Path, archive: ZipFile, member: ZipInfo, limits: Limits, before: int) -> int:
    total, tail = 0, b""
    is_markup = member.filename.lower().endswith((".xml", ".rels", ".vml"))
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            total += len(chunk)
            if before + total > limits.unpacked:
                raise _refuse_too_large(
                    path,
                    "the workbook is far larger once it is unpacked",
                    f"The limit is {_format_megabytes(limits.unpacked)}",
                )
            if is_markup and b"<!ENTITY" in tail + chunk:
                raise UserError(
                    Fault(
                        shorten_path(path),
                        "the workbook contains definitions that spreadsheet software never writes",
                        "Save it again as .xlsx",
                    )
                )
            tail = chunk[-16:]
    return total


def check_extent(path: Path, rows: int, columns: int, most_cells: int, limits: Limits) -> None:
    """Refuse a table of too many rows, columns or cells."""
    if columns > limits.columns:
        raise _refuse_too_large(
            path,
            f"the table has more than {limits.columns:,} columns",
            f"The limit is {limits.columns:,}",
        )
    if rows > limits.rows:
        raise _refuse_too_large(
            path, f"the table has more than {limits.rows:,} rows", f"The limit is {limits.rows:,}"
        )
    if rows * columns > most_cells:
        raise _refuse_too_large(
            path,
            f"the table has {rows:,} rows and {columns:,} columns",
            f"The limit is {most_cells:,} cells",
        )


def _refuse_too_large(path: Path, what: str, limit: str) -> UserError:
    return UserError(
        Fault(shorten_path(path), what, f"{limit}: remove what you don't need, or split the file")
    )


def _format_megabytes(size: int) -> str:
    return f"{size / (1 << 20):,.0f} MB" if size >= 1 << 20 else f"{max(size >> 10, 1):,} kB"
