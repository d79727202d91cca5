"""Files of rows: CSV, XLSX and Parquet, every cell as text and every row with its number in the file."""

from __future__ import annotations

import csv
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import polars as pl

from scrutineer.errors import Fault, UserError, short

ROW = "row_in_file"
"""The column that holds each row's number in its file, counted as a spreadsheet does: the header is row 1."""

DAMAGED = (
    BadZipFile,
    KeyError,
    ValueError,
    OSError,
    TypeError,
    AttributeError,
    IndexError,
    SyntaxError,
    EOFError,
    zlib.error,
)
"""What reading a damaged workbook can raise."""

KINDS = (".csv", ".xlsx", ".parquet")


@dataclass(frozen=True)
class Table:
    """The rows of a file as text.

    Attributes:
        where: the file as a person would write it.
        frame: every column as text (null where a cell is blank), and `ROW`.
        places: where each row of `ROW` stands, for rows that were gathered from several sheets or files.
    """

    where: str
    frame: pl.DataFrame
    places: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The columns of the file, in order."""
        return [name for name in self.frame.columns if name != ROW]

    def fault(self, rows: list[int], what: str, do: str = "") -> Fault:
        """A fault in some rows of the file."""
        if self.places:
            listed = "; ".join(self.places[row] for row in rows[:4])
            return Fault(listed + (f" and {len(rows) - 4} more" if len(rows) > 4 else ""), what, do)
        return Fault(f"{self.where} {rows_text(rows)}" if rows else self.where, what, do)


def rows_text(rows: list[int]) -> str:
    """Row numbers as a person would list them: the first dozen, and how many more."""
    listed = ", ".join(map(str, rows[:12]))
    more = f" and {len(rows) - 12} more" if len(rows) > 12 else ""
    return f"row{'' if len(rows) == 1 else 's'} {listed}{more}"


def read_table(path: Path, sheet: str | None = None) -> Table:
    """The rows of a CSV, XLSX or Parquet file.

    Args:
        path: the file; its kind is told by its ending.
        sheet: of a workbook, the sheet's name; the first one otherwise.

    Raises:
        UserError: the file is not there, is of another kind, cannot be read, or names a column twice.
    """
    where = short(path)
    if not path.is_file():
        raise UserError(Fault(where, "there is no such file", "Check the name"))
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise UserError(
            Fault(
                where, f"'{kind}' is not a kind of file that is read", f"Save it as one of {', '.join(KINDS)}"
            )
        )
    readers = {".csv": _csv, ".xlsx": lambda p: _xlsx(p, sheet), ".parquet": _parquet}
    frame = readers[kind](path)
    if ROW in frame.columns:
        raise UserError(
            Fault(
                f"{where} row 1", f"a column is named '{ROW}', which stands for the row's number", "Rename it"
            )
        )
    if not frame.width:
        raise UserError(Fault(where, "the file holds no column", "Give it a header row"))
    return Table(where, _trimmed(frame))


def _csv(path: Path) -> pl.DataFrame:
    raw = path.read_bytes()
    try:
        raw.decode("utf-8")
        encoding = "utf8"
    except UnicodeDecodeError:
        encoding = "windows-1252"
    text = raw if encoding == "utf8" else raw.decode(encoding, errors="replace").encode()
    if not text.strip():
        return pl.DataFrame()
    header = text.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode()
    separator = max(",;\t", key=header.count)
    _refuse_repeats(
        path, [name.strip() for name in next(csv.reader([header.rstrip("\r")], delimiter=separator), [])]
    )
    try:
        return pl.read_csv(text, separator=separator, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        what = f"the rows do not fit the header ({str(error).splitlines()[0]})"
        raise UserError(Fault(short(path), what, "Give every row as many cells as the header")) from None


def _refuse_repeats(path: Path, names: list[str]) -> None:
    twice = [name for name, n in Counter(names).items() if n > 1 and name]
    if twice:
        what = f"the header names {', '.join(repr(name) for name in twice)} more than once"
        raise UserError(Fault(f"{short(path)} row 1", what, "Give every column a name of its own"))


def _xlsx(path: Path, sheet: str | None) -> pl.DataFrame:
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except DAMAGED:
        raise UserError(
            Fault(short(path), "this is not a workbook that can be read", "Save it again as .xlsx")
        ) from None
    pages = {page.title: page for page in book.worksheets}
    if not pages or (sheet is not None and sheet not in pages):
        what = f"the workbook has no sheet '{sheet}'" if sheet else "the workbook has no sheet of cells"
        raise UserError(Fault(short(path), what, f"It has: {', '.join(book.sheetnames)}"))
    try:
        page = pages[sheet or next(iter(pages))]
        rows = [[cell_text(value) for value in row] for row in page.iter_rows(values_only=True)]
    except DAMAGED:
        raise UserError(Fault(short(path), "the workbook is damaged", "Save it again as .xlsx")) from None
    book.close()
    return from_rows(path, rows)


def from_rows(path: Path, rows: list[list[str | None]]) -> pl.DataFrame:
    """A frame from a header row and the rows below it; columns without a heading are left out."""
    if not rows:
        return pl.DataFrame()
    header, body = [name.strip() if name else None for name in rows[0]], rows[1:]
    _refuse_repeats(path, [name for name in header if name])
    columns = {
        name: [row[n] if n < len(row) else None for row in body] for n, name in enumerate(header) if name
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def cell_text(value: Any) -> str | None:
    """A cell of a workbook as text: dates as year-month-day, whole numbers without a point, yes and no."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if hasattr(value, "hour") and hasattr(value, "date"):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return str(value.date() if midnight else value)
    return str(value)


def _parquet(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError):
        raise UserError(
            Fault(short(path), "this is not a Parquet file that can be read", "Write it again")
        ) from None
    strange = [
        name
        for name, kind in frame.schema.items()
        if kind.is_nested() or kind in {pl.Binary, pl.Duration, pl.Object}
    ]
    if strange:
        listed = ", ".join(f"'{name}'" for name in strange)
        raise UserError(
            Fault(short(path), f"{listed} hold lists, bytes or spans of time", "Leave such columns out")
        )
    named = [name.strip() for name in frame.columns]
    _refuse_repeats(path, named)
    return frame.select(_as_text(name, kind) for name, kind in frame.schema.items())


def _as_text(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if kind == pl.Boolean:
        return pl.when(column).then(pl.lit("yes")).when(~column).then(pl.lit("no")).alias(name)
    if kind.is_float():
        whole = column == column.round(0)
        return (
            pl.when(whole)
            .then(column.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(column.cast(pl.String))
            .alias(name)
        )
    if isinstance(kind, pl.Datetime):
        return column.dt.date().cast(pl.String).alias(name)
    return column.cast(pl.String)


def _trimmed(frame: pl.DataFrame) -> pl.DataFrame:
    """Blank cells as null, cells without blanks around them, and wholly blank rows left out."""
    rows = pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias(ROW)
    text = [
        pl.col(name).str.strip_chars().replace("", None).alias(name.strip().lstrip("\ufeff"))
        for name in frame.columns
    ]
    trimmed = frame.select(*text, rows)
    names = [name for name in trimmed.columns if name != ROW]
    return trimmed.filter(pl.any_horizontal(pl.col(names).is_not_null()))
