"""Tables as text: CSV as spreadsheets write it, in whatever encoding, with whatever separator and line ends."""

from __future__ import annotations

import codecs
import csv
import re
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

import polars as pl

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.tables.grid import Grid
from scrutineer.tables.limits import Limits, check_extent
from scrutineer.tables.write_table import unguard

SEPARATORS: Final = ",;\t|"

_MARKS: Final = (
    # UTF-32's mark begins with UTF-16's: it comes first.
    (codecs.BOM_UTF32_LE, "utf-32-le", ""),
    (codecs.BOM_UTF32_BE, "utf-32-be", ""),
    (codecs.BOM_UTF8, "utf-8", ""),
    (codecs.BOM_UTF16_LE, "utf-16-le", ""),
    (codecs.BOM_UTF16_BE, "utf-16-be", ""),
)
_ENCODINGS: Final = "UTF-8, UTF-16 or Windows-1252"
_SAVE: Final = "Save the file as 'CSV UTF-8'"
_DIRECTIVE: Final = re.compile(r"[ ]*\"?sep[ ]*=[ ]*(.)\"?[ ,;]*\n", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_WHOLE_CHARACTERS: Final = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)

_CAREFUL: Final = 32 << 20
"""Up to this many bytes, quoted text is read by the strict parser, which says which row is wrong."""


def decode(path: Path, raw: bytes) -> tuple[str, str]:
    """The text of a file, and the encoding that was taken where it is none of UTF-8.

    Raises:
        UserError: the bytes are text in none of the encodings that are read.
    """
    for mark, encoding, _ in _MARKS:
        if raw.startswith(mark):
            return _decode_strictly(
                path, raw[len(mark) :], encoding
            ), "" if encoding == "utf-8" else encoding.upper()[:6]
    if (half := _remove_mark(raw)) is not None:
        return _decode_strictly(path, raw, half), "UTF-16"
    try:
        return _clean(path, raw.decode("utf-8")), ""
    except UnicodeDecodeError as error:
        if _WHOLE_CHARACTERS.search(raw):
            row = raw.count(b"\n", 0, error.start) + 1
            what = "most of the file is UTF-8, but one place is not"
            raise UserError(
                Fault(
                    f"{shorten_path(path)} row {row}",
                    what,
                    f"Correct that row, or {_SAVE[:1].lower()}{_SAVE[1:]}",
                )
            ) from None
    return _clean(path, _decode_windows(path, raw)), "Windows-1252"


def _decode_strictly(path: Path, raw: bytes, encoding: str) -> str:
    try:
        return _clean(path, raw.decode(encoding))
    except UnicodeDecodeError:
        what = f"the file starts as {encoding.upper()[:6]} text, but the rest is not"
        raise UserError(Fault(shorten_path(path), what, _SAVE)) from None


def _decode_windows(path: Path, raw: bytes) -> str:
    try:
        return raw.decode("windows-1252")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        what = f"the text encoding was not recognised; it must be one of {_ENCODINGS}"
        raise UserError(Fault(f"{shorten_path(path)} row {row}", what, _SAVE)) from None


def _remove_mark(raw: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of plain text is zero."""
    head = raw[:4096]
    if len(head) < 4 or len(raw) % 2 or b"\x00" not in head:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    if odd > 0.4 * half and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd == 0 else None


def _clean(path: Path, text: str) -> str:
    """The text without a mark at its start; signs that no table holds are refused."""
    match = _CONTROL.search(text)
    if match:
        row = text.count("\n", 0, match.start()) + 1
        what = f"this is not a text file: it contains a control character (U+{ord(match.group()):04X})"
        raise UserError(Fault(f"{shorten_path(path)} row {row}", what, _SAVE))
    return text.removeprefix("\ufeff")


@dataclass(frozen=True)
class DecodedText:
    """A CSV file's text, decoded.

    Attributes:
        path: the file.
        text: with line feeds only.
        separator: the character between cells.
        notes: how it was read, where that is not plain.
    """

    path: Path
    text: str
    separator: str
    notes: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether it may be read the fast way: no quotes, or too long for the careful one."""
        return '"' not in self.text or len(self.text) > _CAREFUL

    def read_headings(self) -> list[str]:
        """The cells of the first row."""
        return next(csv.reader([self.text.split("\n", 1)[0]], delimiter=self.separator), [])

    def read_frame(self, limits: Limits) -> pl.DataFrame | None:
        """The rows as a frame, read fast; None if some do not fit the first."""
        quote = '"' if '"' in self.text else None
        try:
            frame = pl.read_csv(
                self.text.encode(), separator=self.separator, infer_schema=False, quote_char=quote
            )
        except pl.exceptions.PolarsError:
            return None
        check_extent(self.path, frame.height, frame.width, limits.cells, limits)
        return frame

    def read_grid(self, limits: Limits) -> Grid:
        """The rows as a grid, read with care.

        Raises:
            UserError: quotes that do not close, or too many cells.
        """
        rows = _read_carefully(self.path, self.text, self.separator, limits)
        rows = [[cell and unguard(cell) for cell in row] for row in rows]
        return Grid(self.path, rows, notes=list(self.notes))


def read_text(path: Path) -> DecodedText:
    """A CSV file decoded, its line ends made alike, and its separator known.

    Raises:
        UserError: the file is text in none of the encodings that are read.
    """
    text, encoding = decode(path, path.read_bytes())
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n")
    notes = [f"the text was read as {encoding}"] if encoding else []
    directive = _DIRECTIVE.match(text)
    if directive is None:
        return DecodedText(path=path, text=text, separator=_find_separator(text), notes=tuple(notes))
    separator = directive.group(1)
    notes.append(
        f"the line 'sep={separator}' sets the separator between cells; rows are counted from the line below it"
    )
    return DecodedText(path=path, text=text[directive.end() :], separator=separator, notes=tuple(notes))


def _find_separator(text: str) -> str:
    """The separator between cells: of the usual characters, the one that splits the first rows evenly into most columns."""
    lines = [line for line in text[:20000].split("\n")[:20] if line.strip()]
    if not lines:
        return ","

    def measure_width(sign: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=sign)]
        usual = max(set(counts), key=lambda n: (n > 1, counts.count(n), n))
        return (counts.count(usual) if usual > 1 else 0, usual)

    return max(SEPARATORS, key=measure_width)


def _read_carefully(path: Path, text: str, separator: str, limits: Limits) -> list[list[str | None]]:
    """The rows of a text with quotes, or with rows that do not fit; the first row that cannot be read is named."""
    rows: list[list[str | None]] = []
    csv.field_size_limit(max(limits.text, 1000))
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    widest = 0
    try:
        for row in reader:
            rows.append(list(row))
            widest = max(widest, len(row))
            check_extent(path, len(rows), widest, limits.cells, limits)
    except csv.Error as error:
        raise UserError(_make_quotes_fault(path, len(rows) + 1, str(error), limits)) from None
    return rows


def _make_quotes_fault(path: Path, row: int, error: str, limits: Limits) -> Fault:
    where = f"{shorten_path(path)} row {row}"
    if "limit" in error:
        return Fault(
            where,
            f"a cell has more than {limits.text:,} characters",
            "Shorten it, or close the quotation mark at its start",
        )
    if "end of data" in error:
        return Fault(
            where,
            'a quotation mark (") is opened there and never closed',
            'Close it, or write "" for a quotation mark inside text',
        )
    return Fault(
        where,
        'there is a quotation mark (") inside a cell',
        'Write "" for a quotation mark inside quoted text',
    )
