"""A filled workbook as a table of answers, each with the sheet and row that it stands on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import polars as pl

from scrutineer.cases.columns import CASE
from scrutineer.cases.tables import ROW, Table, cell_text
from scrutineer.errors import Fault, UserError, short
from scrutineer.frameworks.fingerprint import fingerprint
from scrutineer.frameworks.model import Framework
from scrutineer.workbook.write import ABOUT, ANSWERS, LISTS, MARK, NOTES

_COLUMNS = (CASE, "question", "answer", "note", "assessor", "reading")


_Row = tuple[str, str | None, str | None, str | None, int]


@dataclass(frozen=True)
class _Cover:
    """What the first sheet says of the workbook."""

    layout: str
    reading: str
    assessor: str


def is_workbook(path: Path) -> bool:
    """Whether a file is a case assessment workbook rather than a plain table."""
    if path.suffix.lower() != ".xlsx" or not path.is_file():
        return False
    book = _open(path)
    found = ABOUT in book.sheetnames and book[ABOUT]["A1"].value == MARK
    book.close()
    return found


def _open(path: Path) -> Any:
    from openpyxl import load_workbook

    try:
        return load_workbook(path, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError):
        what = "this is not a workbook that can be read"
        raise UserError(Fault(short(path), what, "Save it again as .xlsx")) from None


def read_workbook(path: Path, framework: Framework) -> list[Table]:
    """The answers, notes and particulars of a filled workbook, as long tables, one per sheet.

    Raises:
        UserError: the workbook was made from another framework, or a sheet has lost its case.
    """
    book = _open(path)
    where = short(path)
    cover = {str(row[0].value): row[1].value for row in book[ABOUT].iter_rows(max_col=2) if row[0].value}
    if cover.get("Hash") != fingerprint(framework):
        what = f"the workbook was made from '{cover.get('Framework')}' {cover.get('Version')} ({cover.get('Hash')})"
        do = f"Read it with that framework; this is '{framework.id}' {framework.version}"
        raise UserError(Fault(f"{where} sheet '{ABOUT}'", what, do))
    about = _Cover(str(cover.get("Layout")), str(cover.get("Reading") or 1), str(cover.get("Assessor") or ""))
    if about.layout == "rows":
        return [_rows(where, book, about, framework)]
    return [_sheet(where, book[n], about, framework) for n in book.sheetnames if n not in {ABOUT, LISTS}]


def _sheet(where: str, sheet: Any, about: _Cover, framework: Framework) -> Table:
    """A sheet of one case: keys in the first column, answers in the fifth, notes in the sixth."""
    case = cell_text(sheet["B1"].value)
    place = f"{where} sheet '{sheet.title}'"
    if not case:
        raise UserError(
            Fault(f"{place} row 1", "the case's reference is gone", "Write it into cell B1 again")
        )
    rows: list[_Row] = []
    for row in sheet.iter_rows(min_row=2, max_col=6):
        key = cell_text(row[0].value)
        if key in framework.questions or any(a.key == key for a in framework.attributes):
            answer, note = cell_text(row[4].value), cell_text(row[5].value)
            rows.append((case, key, answer, note, row[0].row))
    return _table(place, rows, about)


def _rows(where: str, book: Any, about: _Cover, framework: Framework) -> Table:
    """A row per case: keys in the first row, titles and conditions below it."""
    keys = set(framework.questions) | {a.key for a in framework.attributes}
    notes = (
        {(case, key): text for case, key, text, _ in _cells(book[NOTES], keys)}
        if NOTES in book.sheetnames
        else {}
    )
    rows: list[_Row] = [
        (case, key, text, notes.pop((case, key), None), row)
        for case, key, text, row in _cells(book[ANSWERS], keys)
    ]
    # A note beside an unanswered question is kept, too.
    rows += [(case, key, None, text, 0) for (case, key), text in notes.items() if text]
    return _table(f"{where} sheet '{ANSWERS}'", rows, about)


def _cells(sheet: Any, keys: set[str]) -> Iterator[tuple[str, str, str | None, int]]:
    grid = list(sheet.iter_rows())
    head = [cell_text(cell.value) for cell in grid[0]]
    for line in grid[3:]:
        case = cell_text(line[0].value)
        for key, cell in zip(head, line, strict=False):
            if case and key in keys:
                yield case, str(key), cell_text(cell.value), cell.row


def _table(where: str, rows: Sequence[_Row], about: _Cover) -> Table:
    made = [
        (case, key, _blank(answer), _blank(note), about.assessor or None, about.reading, row)
        for case, key, answer, note, row in rows
    ]
    schema = {**dict.fromkeys(_COLUMNS, pl.String), ROW: pl.Int64}
    return Table(where, pl.DataFrame(made, schema=schema, orient="row"))


def _blank(text: str | None) -> str | None:
    return text.strip() or None if text else None
