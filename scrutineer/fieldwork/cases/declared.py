"""Small tables of declared columns: exclusions, needs of offenders, outcomes, reconvictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases import references
from scrutineer.fieldwork.cases.columns import Column, list_names, match_headings
from scrutineer.fieldwork.cases.values import make_value_fault, parse_column
from scrutineer.tables.limits import GENERAL, Limits
from scrutineer.tables.names import suggest_nearest
from scrutineer.tables.read_table import read_table
from scrutineer.tables.table import ROW, DataTable


@dataclass(frozen=True)
class Declared:
    """A table of declared columns.

    Attributes:
        table: as read.
        values: by column key, a value per row, None if a cell is blank or the file has no such column.
        headings: by column key, the heading that matches it.
        faults: what is wrong with the cells, each with its rows.
        notes: what was skipped, left out or noticed, in sentences without their full stop.
    """

    table: DataTable
    values: dict[str, list[Any]]
    headings: dict[str, str]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]

    @property
    def rows(self) -> list[int]:
        """The number of each row in the file."""
        return self.table.frame[ROW].to_list()


def read_declared(
    path: Path,
    known: Sequence[Column],
    *,
    needed: Sequence[str],
    present: Sequence[str] = (),
    reference: str | None = None,
    limits: Limits = GENERAL,
) -> Declared:
    """A table of declared columns, read with the one reader.

    Args:
        path: the file.
        known: the columns that it may have.
        needed: those that it must have, without a blank.
        present: those that it must have, and may leave blank.
        reference: the key of the column that holds references.
        limits: the most that is read.

    Raises:
        UserError: the file cannot be read, or a needed column is not there. Faults of cells are returned, so that a
            caller can add its own and say all at once.
    """
    by_key = {column.key: column for column in known}
    table = read_table(
        path, expected=[name for column in known for name in list_names(column)], limits=limits
    )
    headings, doubtful = match_headings(table.columns, by_key, {})
    lost = [key for key in (*needed, *present) if key not in headings]
    if lost or doubtful:
        raise UserError([*_find_lost(table, by_key, lost), *_find_doubtful(table, doubtful)])
    faults: list[Fault] = []
    values: dict[str, list[Any]] = {key: [None] * table.frame.height for key in by_key}
    for key, heading in headings.items():
        values[key], wrong = _read_column(table, by_key[key], heading, key == reference)
        faults += wrong
        if key in needed:
            faults += _find_blank(table, heading)
    unknown = [heading for heading in table.columns if heading not in headings.values()]
    return Declared(
        table=table,
        values=values,
        headings=headings,
        faults=tuple(faults),
        notes=(*table.notes, *_list_left_out(unknown, by_key)),
    )


def _find_lost(table: DataTable, known: dict[str, Column], lost: Sequence[str]) -> Iterator[Fault]:
    have = ", ".join(table.columns)
    for key in lost:
        yield Fault(
            table.head,
            f"there is no column '{key}'",
            f"The columns are {have}. You can use {', '.join(known)}",
        )


def _find_doubtful(table: DataTable, doubtful: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[Fault]:
    for key, headings in doubtful:
        both = " and ".join(f"'{heading}'" for heading in headings)
        yield Fault(table.head, f"{both} both match '{key}'", "Keep one of the columns")


def _read_column(
    table: DataTable, column: Column, heading: str, is_reference: bool
) -> tuple[list[Any], list[Fault]]:
    if is_reference:
        return references.tidy_column(table.frame[heading]).to_list(), list(
            references.find_faults(table, heading)
        )
    faults = list(table.find_unfit(heading, column.kind))
    unfit = table.find_unfit_rows(heading, column.kind)
    texts = table.frame[heading]
    if unfit:
        texts = texts.set(table.frame[ROW].is_in(list(unfit)), None)
    read, wrong = parse_column(texts, column, {}, (), table.epoch)
    for text, problem in wrong.items():
        rows = table.frame.filter(pl.nth(table.frame.columns.index(heading)) == text)[ROW].to_list()
        faults.append(make_value_fault(table.make_fault(rows, "").where, heading, text, problem))
    return read.to_list(), faults


def _find_blank(table: DataTable, heading: str) -> Iterator[Fault]:
    marked = table.marks.get(heading, {})
    rows = [
        row
        for row in table.frame.filter(pl.nth(table.frame.columns.index(heading)).is_null())[ROW].to_list()
        if row not in marked
    ]
    if rows:
        yield table.make_fault(rows, f"'{heading}' is blank", "Fill it in, or remove the row")


def _list_left_out(unknown: Sequence[str], known: dict[str, Column]) -> Iterator[str]:
    for heading in unknown:
        near = suggest_nearest(heading, known)
        yield f"column '{heading}' was ignored" + (f". {near}" if near else "")
