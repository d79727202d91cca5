"""Rows of cells as a file has them, and how they become a table: headings, titles, totals, blanks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import polars as pl

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.tables.names import normalise_name, write_spoken
from scrutineer.tables.table import ROW, DataTable, Mark, format_rows

_TITLES: Final = 20
"""How many rows are looked at for headings before the first is taken."""
_TOTAL: Final = re.compile(
    r"(?:(?:grand|sub)[ -]?)?totals?\b|sum\b|count\b|number of (?:rows|cases)\b", re.IGNORECASE
)
_ERROR: Final = re.compile(
    r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA|FIELD!|BLOCKED!|CONNECT!|BUSY!|UNKNOWN!)|Err:5\d\d",
    re.IGNORECASE,
)
_SHORTENED: Final = re.compile(r"[0-9][.,][0-9]+E\+[0-9]+")
"""How a spreadsheet writes a long number that it shortened: 1.23457E+15."""

Cells = list[list[str | None]]


@dataclass
class Grid:
    """The rows of a file, from its first.

    Attributes:
        path: the file.
        rows: each cell's text, None if it is blank; rows may differ in length.
        sheet: of a workbook, where it is not the first.
        marks: by row and column (both from 0), what a cell is besides text or a number.
        hidden: rows (from 1) that the sheet hides.
        merged: ranges of cells over several rows, as a spreadsheet writes them, with their first row.
        notes: what was noticed on the way.
        lettered: whether columns have letters.
    """

    path: Path
    rows: Cells
    sheet: str = ""
    marks: dict[tuple[int, int], Mark] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    merged: list[tuple[str, int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lettered: bool = False
    epoch: Literal[1900, 1904] = 1900

    @property
    def where(self) -> str:
        """The file, and the sheet where it is not the first."""
        return f"{shorten_path(self.path)} sheet '{self.sheet}'" if self.sheet else shorten_path(self.path)


def is_error(text: str) -> bool:
    """Whether a text is an error of a spreadsheet."""
    return bool(_ERROR.fullmatch(text.strip()))


def make_table(grid: Grid, expected: Collection[str] = (), skip: int | None = None) -> DataTable:
    """The table that a grid holds.

    Rows above the headings are skipped where a person says how many, or where they are plainly a title: at most one
    cell in each, and the headings that are known below. The last row is skipped where it is plainly a total.

    Args:
        grid: as read.
        expected: names that headings may have.
        skip: how many rows are above the headings, if a person says so.

    Raises:
        UserError: no column, a heading twice, cells beyond the headings, or rows that are neither title nor data.
    """
    _clear_blanks(grid)
    start = _find_header(grid, expected) if skip is None else skip
    if start >= len(grid.rows) or not any(grid.rows[start]):
        raise UserError(Fault(grid.where, "the file has no columns", "Add a row of headings"))
    notes = list(grid.notes)
    if start:
        notes.append(f"{format_rows(range(1, start + 1))} above the headings {_choose_were(start)} skipped")
    heads = [name.strip() if name else None for name in grid.rows[start]]
    _refuse_repeats(f"{grid.where} row {start + 1}", [name for name in heads if name])
    body = list(enumerate(grid.rows[start + 1 :], start + 2))
    body, more = _remove_blanks_and_totals(body)
    notes += more
    _refuse_strays(grid, heads, body, notes)
    _refuse_merged(grid, start + 1)
    notes += _list_hidden(grid, {number for number, _ in body})
    return _build_table(grid, heads, body, start, notes)


def _build_table(
    grid: Grid,
    heads: list[str | None],
    body: list[tuple[int, list[str | None]]],
    start: int,
    notes: list[str],
) -> DataTable:
    columns = {
        name: [row[n] if n < len(row) else None for _, row in body] for n, name in enumerate(heads) if name
    }
    if ROW in columns:
        what = f"a column is named '{ROW}', which is reserved for the row number"
        raise UserError(Fault(f"{grid.where} row {start + 1}", what, "Rename the column"))
    frame = pl.DataFrame(
        {**columns, ROW: [number for number, _ in body]},
        schema={**dict.fromkeys(columns, pl.String), ROW: pl.Int64},
    )
    place = {n: name for n, name in enumerate(heads) if name}
    marks: dict[str, dict[int, Mark]] = {}
    read = {number for number, _ in body}
    for (row, column), mark in sorted(grid.marks.items()):
        if column in place and row + 1 in read:
            marks.setdefault(place[column], {})[row + 1] = mark
    letters = {name: name_column(n) for n, name in place.items()} if grid.lettered else {}
    return DataTable(
        where=grid.where,
        frame=frame,
        header=start + 1,
        letters=letters,
        marks=marks,
        notes=tuple(notes),
        epoch=grid.epoch,
    )


def name_column(column: int) -> str:
    """A column's letter, counted from 0: A, B … Z, AA."""
    text, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def _clear_blanks(grid: Grid) -> None:
    """Cells of nothing but white space are blank; errors written as text are errors."""
    for r, row in enumerate(grid.rows):
        for c, text in enumerate(row):
            if text is None:
                continue
            cell = text.strip()
            row[c] = cell or None
            if cell[:1] in {"#", "E", "e"} and is_error(cell):
                grid.marks.setdefault((r, c), "error")
            elif _SHORTENED.fullmatch(cell):
                grid.marks.setdefault((r, c), "long_number")


def _fill_in(row: list[str | None]) -> int:
    return sum(cell is not None for cell in row)


def _count_known(row: list[str | None], expected: Mapping[str, None]) -> int:
    return sum(
        cell is not None and (normalise_name(cell) in expected or write_spoken(cell) in expected)
        for cell in row
    )


def _find_header(grid: Grid, expected: Collection[str]) -> int:
    """The row that holds the headings: the first with anything in it, or below a title the first that names known columns."""
    names = dict.fromkeys(normalise_name(name) for name in expected) | dict.fromkeys(
        write_spoken(name) for name in expected
    )
    first = next((n for n, row in enumerate(grid.rows) if _fill_in(row)), 0)
    if not names or _count_known(grid.rows[first] if grid.rows else [], names):
        return first
    least = min(2, len(names))
    for n, row in enumerate(grid.rows[first : first + _TITLES], first):
        if _count_known(row, names) >= least:
            above = [m + 1 for m in range(first, n) if _fill_in(grid.rows[m]) > 1]
            if above:
                what = f"the headings seem to be in row {n + 1}, but {format_rows(above)} above them also have several cells filled in"
                raise UserError(Fault(grid.where, what, "Remove the rows above the headings"))
            return n
    return first


def _remove_blanks_and_totals(
    body: list[tuple[int, list[str | None]]],
) -> tuple[list[tuple[int, list[str | None]]], list[str]]:
    notes = list[str]()
    full = [(number, row) for number, row in body if _fill_in(row)]
    blank = [number for number, row in body if not _fill_in(row)]
    totals = []
    # A total is the last row, begins with its word and leaves most of its cells blank: a case never does all three.
    while full and _is_total(full[-1][1]):
        totals.append(full.pop()[0])
    between = [number for number in blank if full and number < full[-1][0]]
    if between:
        is_or_are = "is" if len(between) == 1 else "are"
        notes.append(f"{format_rows(between)} {is_or_are} blank and {_choose_were(len(between))} skipped")
    if totals:
        notes.append(f"{format_rows(sorted(totals))} {_choose_were(len(totals))} skipped as a total")
    return full, notes


def _is_total(row: list[str | None]) -> bool:
    first = next((cell for cell in row if cell is not None), "")
    return bool(_TOTAL.match(first)) and _fill_in(row) <= max(2, len(row) // 2)


def _choose_were(number: int) -> str:
    return "was" if number == 1 else "were"


def _refuse_repeats(where: str, names: list[str]) -> None:
    twice = [name for name, n in Counter(map(normalise_name, names)).items() if n > 1]
    if twice:
        shown = [next(name for name in names if normalise_name(name) == heading) for heading in twice]
        what = f"the headings repeat {', '.join(map(repr, shown))}"
        raise UserError(Fault(where, what, "Give each column a different heading"))


def _refuse_strays(
    grid: Grid, heads: list[str | None], body: list[tuple[int, list[str | None]]], notes: list[str]
) -> None:
    """Cells beyond the last heading belong to no column; those below a blank heading are left out, and it is said."""
    beyond, unnamed = list[int](), Counter[int]()
    for number, row in body:
        for n, cell in enumerate(row):
            if cell is None:
                continue
            if n >= len(heads):
                beyond.append(number)
                break
            if heads[n] is None:
                unnamed[n] += 1
    if beyond:
        raise UserError(
            Fault(
                f"{grid.where} {format_rows(beyond)}",
                f"there are more cells than headings ({len(heads)})",
                "Add a heading for every column, and put quotes around any text that contains the separator",
            )
        )
    for n, count in sorted(unnamed.items()):
        cells = "its cell was" if count == 1 else f"its {count} cells were"
        notes.append(f"column {name_column(n)} has no heading: {cells} left out")


def _refuse_merged(grid: Grid, header: int) -> None:
    bad = [text for text, first, last in grid.merged if last > header and last > first]
    if bad:
        more = f" and {len(bad) - 6} more" if len(bad) > 6 else ""
        what = "cells are merged over several rows, so only the first row has the value"
        raise UserError(
            Fault(
                f"{grid.where} cells {', '.join(bad[:6])}{more}",
                what,
                "Unmerge the cells, then fill in each one",
            )
        )


def _list_hidden(grid: Grid, read: set[int]) -> list[str]:
    rows = sorted(grid.hidden & read)
    if not rows:
        return []
    return [
        f"{format_rows(rows)} {'is' if len(rows) == 1 else 'are'} hidden in the sheet, and {_choose_were(len(rows))} read with the others"
    ]
