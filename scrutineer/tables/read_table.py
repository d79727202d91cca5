"""The one reader for imported tables: CSV, XLSX, ODS and Parquet, every cell as text, every fault with its place."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.tables.file_kinds import find_kind
from scrutineer.tables.grid import make_table
from scrutineer.tables.limits import GENERAL, Limits, check_size
from scrutineer.tables.names import normalise_name, write_spoken
from scrutineer.tables.opendocument import read_opendocument
from scrutineer.tables.parquet import read_parquet
from scrutineer.tables.table import ROW, DataTable
from scrutineer.tables.text import read_text
from scrutineer.tables.workbook import read_workbook


def read_table(
    path: Path,
    sheet: str | None = None,
    *,
    expected: Collection[str] = (),
    skip: int | None = None,
    limits: Limits = GENERAL,
) -> DataTable:
    """The rows of a CSV, XLSX, ODS or Parquet file.

    Args:
        path: the file.
        sheet: of a workbook, the sheet's name; the first one that is shown otherwise.
        expected: names that headings may have, so that a title above them is known for one.
        skip: how many rows are above the headings, if a person says so.
        limits: the most that is read.

    Raises:
        UserError: the file is not there, is of another kind, too large or damaged, is text in no known encoding, or
            names a column twice.
    """
    kind = find_kind(path)
    check_size(path, limits)
    if kind == ".parquet":
        return _read_parquet_table(path, limits)
    if kind == ".csv":
        return _read_text(path, expected, skip, limits)
    grid = read_workbook(path, sheet, limits) if kind == ".xlsx" else read_opendocument(path, sheet, limits)
    return make_table(grid, expected, skip)


def _read_text(path: Path, expected: Collection[str], skip: int | None, limits: Limits) -> DataTable:
    text = read_text(path)
    if text.is_plain and not skip and _is_plainly_headed(text.read_headings(), expected):
        frame = text.read_frame(limits)
        plain = _read_frame(shorten_path(path), text.notes, frame) if frame is not None else None
        if plain is not None:
            return plain
    return make_table(text.read_grid(limits), expected, skip)


def _is_plainly_headed(names: list[str], expected: Collection[str]) -> bool:
    """Whether the first row holds the headings, all of them different."""
    known = {normalise_name(name) for name in expected} | {write_spoken(name) for name in expected}
    there = [normalise_name(name) for name in names]
    if not all(there) or len(set(there)) < len(there):
        return False
    return not known or any(name in known or write_spoken(name) in known for name in there)


def _read_frame(where: str, notes: tuple[str, ...], frame: pl.DataFrame) -> DataTable | None:
    """A plain frame as a table, where nothing in it wants a closer look: no error, no total, no blank row."""
    trimmed = _tidy(frame, [name.strip() for name in frame.columns])
    if ROW in trimmed.columns or not trimmed.height:
        return None
    odd = pl.any_horizontal(pl.all().str.contains(r"^(?:'|#[A-Za-z]|Err:5|[0-9]\.[0-9]+E\+)")).any()
    blank = pl.all_horizontal(pl.all().is_null()).any()
    if any(trimmed.select(odd.alias("odd"), blank.alias("blank")).row(0)):
        return None
    last = trimmed.row(-1)
    if sum(cell is not None for cell in last) <= max(2, len(last) // 2):
        return None
    rows = pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias(ROW)
    return DataTable(where, trimmed.with_columns(rows), notes=notes)


def _read_parquet_table(path: Path, limits: Limits) -> DataTable:
    frame, kinds = read_parquet(path, limits)
    names = [name.strip() for name in frame.columns]
    if not names:
        raise UserError(Fault(shorten_path(path), "the file has no columns", "Add a row of headings"))
    twice = sorted(
        {name for name in names if [normalise_name(n) for n in names].count(normalise_name(name)) > 1}
    )
    if twice or ROW in names:
        what = f"the headings include {', '.join(map(repr, twice or [ROW]))} " + (
            "more than once" if twice else "which is reserved for the row number"
        )
        raise UserError(Fault(f"{shorten_path(path)} row 1", what, "Give each column a different heading"))
    tidy = _tidy(frame, names)
    rows = pl.Series(ROW, range(2, frame.height + 2), dtype=pl.Int64)
    table = tidy.with_columns(rows).filter(tidy.select(pl.any_horizontal(pl.all().is_not_null())).to_series())
    marks = {
        name.strip(): dict.fromkeys(_list_numbers(table, name.strip()), mark) for name, mark in kinds.items()
    }
    return DataTable(shorten_path(path), table, marks=marks)


def _tidy(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Every cell without the blanks around it, None if nothing is left, under the given names.

    The columns are numbered meanwhile: a heading such as `*` or `^a$` would also select others.
    """
    numbered = frame.rename(dict(zip(frame.columns, map(str, range(frame.width)), strict=True)))
    tidy = numbered.select(pl.all().str.strip_chars().replace("", None))
    tidy.columns = names
    return tidy


def _list_numbers(table: pl.DataFrame, name: str) -> list[int]:
    """The rows in which a column has something."""
    cells, rows = table[name].to_list(), table[ROW].to_list()
    return [row for row, cell in zip(rows, cells, strict=True) if cell is not None]
