"""The kind of a file: by its extension, and by its first bytes if the two differ."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

from scrutineer.errors import Fault, UserError, shorten_path

KINDS: Final = (".csv", ".xlsx", ".ods", ".parquet")
"""The kinds of files that are read; `.txt` and `.tsv` are read as `.csv`."""

_TEXT: Final = (".csv", ".tsv", ".txt")
ENDINGS: Final = (*KINDS, *_TEXT[1:])
"""Every ending that a table may have."""

_HEADS: Final = (
    (b"PAR1", ".parquet", "a Parquet file"),
    (b"\xd0\xcf\x11\xe0", ".xls", "an old workbook (.xls)"),
    (b"%PDF", ".pdf", "a PDF"),
    (b"\x1f\x8b", ".gz", "a compressed file"),
)


def find_kind(path: Path) -> str:
    """One of `KINDS`.

    Raises:
        UserError: there is no such file, it is of another kind, or it is not what its ending says.
    """
    where = shorten_path(path)
    if not path.is_file():
        raise UserError(Fault(where, "there is no such file", "Check the name"))
    ending = path.suffix.lower()
    kind = ".csv" if ending in _TEXT else ending
    real, name = _read_content(path)
    if kind not in KINDS:
        what = (
            f"files that end in '{ending}' can't be read"
            if ending
            else "the file name has no extension, such as .csv"
        )
        raise UserError(Fault(where, what, f"Save it as one of {', '.join(KINDS)}"))
    if real and real != kind:
        do = (
            f"Rename it so that it ends in {real}"
            if real in KINDS
            else f"Save it as one of {', '.join(KINDS)}"
        )
        raise UserError(Fault(where, f"the file name ends in {ending}, but the file is {name}", do))
    return kind


def _read_content(path: Path) -> tuple[str, str]:
    """What the first bytes say: an ending and a name, both empty if they say nothing."""
    with path.open("rb") as stream:
        head = stream.read(512)
    for start, kind, name in _HEADS:
        if head.startswith(start):
            return kind, name
    if head.startswith(b"PK\x03\x04"):
        return _read_packed(path)
    if head.lstrip()[:9].lower() in (b"<!doctype", b"<html>") or head.lstrip()[:5].lower() == b"<html":
        return ".html", "a web page"
    return "", ""


def _read_packed(path: Path) -> tuple[str, str]:
    try:
        with ZipFile(path) as archive:
            names = set(archive.namelist())
            if "xl/workbook.xml" in names:
                return ".xlsx", "a workbook (.xlsx)"
            if "mimetype" in names and b"opendocument.spreadsheet" in archive.read("mimetype")[:200]:
                return ".ods", "an OpenDocument spreadsheet (.ods)"
    except (BadZipFile, OSError, KeyError, NotImplementedError, RuntimeError):
        return "", ""
    return ".zip", "a zip file"
