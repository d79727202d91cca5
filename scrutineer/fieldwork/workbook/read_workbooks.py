"""A completed workbook as a table of answers, each with its sheet and row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import polars as pl

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.fieldwork.cases.columns import CASE
from scrutineer.fieldwork.workbook.sheets import ABOUT, ANSWERS, LISTS, MARK, NOTES
from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.model import Framework
from scrutineer.tables.cells import format_cell
from scrutineer.tables.limits import GENERAL, Limits
from scrutineer.tables.table import ROW, DataTable
from scrutineer.tables.workbook import DAMAGED, check_packed

_COLUMNS = (CASE, "question", "answer", "note", "assessor", "reading")


_Cell = tuple[str, str, str | None, str | None, str]
"""Case, key, answer, note and place."""
_Row = tuple[str, str, str | None, str | None, str | None, str, str]
"""The same with the assessor and the number of the assessment before the place."""


def is_workbook(path: Path, limits: Limits = GENERAL) -> bool:
    """Whether a file is a case assessment workbook rather than a plain table."""
    if path.suffix.lower() != ".xlsx" or not path.is_file():
        return False
    book = _open(path, limits)
    is_marked = ABOUT in book.sheetnames and book[ABOUT]["A1"].value == MARK
    book.close()
    return is_marked


def _open(path: Path, limits: Limits) -> Any:
    from openpyxl import load_workbook

    check_packed(path, limits)
    try:
        return load_workbook(path, data_only=True)
    except DAMAGED:
        what = "this workbook can't be read"
        raise UserError(Fault(shorten_path(path), what, "Save it again as .xlsx")) from None


def read_workbooks(
    paths: Iterable[Path],
    framework: Framework,
    progress: Callable[[Path], None] = lambda _: None,
    limits: Limits = GENERAL,
) -> DataTable:
    """The answers, notes and details in completed workbooks, as one long table.

    Raises:
        UserError: with the fault of every workbook that was made from another framework or cannot be read.
    """
    rows: list[_Row] = []
    faults: list[Fault] = []
    for path in paths:
        progress(path)
        try:
            rows += _read(path, framework, limits)
        except UserError as error:
            faults += error.faults
    if faults:
        raise UserError(faults)
    numbered = [(*row[:6], n) for n, row in enumerate(rows)]
    schema = {**dict.fromkeys(_COLUMNS, pl.String), ROW: pl.Int64}
    return DataTable(
        "the workbooks", pl.DataFrame(numbered, schema=schema, orient="row"), tuple(row[6] for row in rows)
    )


def _read(path: Path, framework: Framework, limits: Limits) -> Iterator[_Row]:
    """The rows of one workbook."""
    book = _open(path, limits)
    where = shorten_path(path)
    derived = {key for key, question in framework.questions.items() if question.derived}
    faults = list(_find_unreadable(path, where, book, derived))
    if faults:
        raise UserError(faults)
    cover = {str(row[0].value): row[1].value for row in book[ABOUT].iter_rows(max_col=2) if row[0].value}
    if cover.get("Hash") != hash_framework(framework):
        what = f"the workbook was made from '{cover.get('Framework')}' {cover.get('Version')} ({cover.get('Hash')})"
        do = f"Use that framework to read it, not '{framework.id}' {framework.version}"
        raise UserError(Fault(f"{where} sheet '{ABOUT}'", what, do))
    reader = format_cell(cover.get("Assessor")), format_cell(cover.get("Reading")) or "1"
    keys = (set(framework.questions) - derived) | {a.key for a in framework.attributes}
    if cover.get("Layout") == "rows":
        if ANSWERS not in book.sheetnames:
            raise UserError(
                Fault(
                    where,
                    f"the sheet '{ANSWERS}' is missing",
                    "Put it back, or start again from the original workbook",
                )
            )
        rows = _list_rows(where, book, keys, derived)
    else:
        # An assessor may have added a sheet for their own notes, which belongs to no case.
        sheets = [
            page for page in book.worksheets if page.title not in {ABOUT, LISTS} and page["A1"].value == CASE
        ]
        rows = [row for sheet in sheets for row in _read_sheet(where, sheet, keys)]
    for case, key, answer, note, place in rows:
        yield case, key, _name_blank(answer), _name_blank(note), *reader, place


def _find_unreadable(path: Path, where: str, book: Any, derived: set[str]) -> Iterator[Fault]:
    """Cells that hold an error, or a formula whose value was not saved: read without this check, they would look blank.

    The cells of answers that follow from others are formulas, and aren't read.
    """
    for page, cell in _list_typed(book, derived):
        if cell.data_type == "e":
            what = f"the cell has a spreadsheet error ({cell.value})"
            yield Fault(f"{where} sheet '{page.title}' cell {cell.coordinate}", what, "Type the answer")
    if not _has_formulas(path):
        return
    from openpyxl import load_workbook

    for page, cell in _list_typed(load_workbook(path), derived):
        if cell.data_type == "f" and book[page.title][cell.coordinate].value is None:
            what = "the cell has a formula whose value was not saved"
            yield Fault(f"{where} sheet '{page.title}' cell {cell.coordinate}", what, "Type the answer")


def _list_typed(book: Any, derived: set[str]) -> Iterator[tuple[Any, Any]]:
    """The cells of all sheets that people type in, each with its sheet."""
    for page in book.worksheets:
        for row in page.iter_rows():
            yield from ((page, cell) for cell in row if not _is_derived(page, cell, derived))


def _is_derived(page: Any, cell: Any, derived: set[str]) -> bool:
    """Whether a cell is that of an answer that follows from others: its key is in the first column or row."""
    return bool(derived) and (
        page.cell(cell.row, 1).value in derived or page.cell(1, cell.column).value in derived
    )


def _has_formulas(path: Path) -> bool:
    """Whether any sheet holds a formula in a cell."""
    with ZipFile(path) as archive:
        sheets = [
            name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")
        ]
        return any(b"<f>" in (xml := archive.read(name)) or b"<f " in xml for name in sheets)


def _read_sheet(where: str, sheet: Any, keys: set[str]) -> Iterator[_Cell]:
    """A sheet of one case: keys in the first column, answers in the fifth, notes in the sixth."""
    case = format_cell(sheet["B1"].value)
    place = f"{where} sheet '{sheet.title}'"
    if not case:
        raise UserError(
            Fault(f"{place} row 1", "the case's reference is missing", "Enter it in cell B1 again")
        )
    for row in sheet.iter_rows(min_row=2, max_col=6):
        key = format_cell(row[0].value)
        if key in keys:
            yield (
                case,
                str(key),
                format_cell(row[4].value),
                format_cell(row[5].value),
                f"{place} row {row[0].row}",
            )


def _list_rows(where: str, book: Any, keys: set[str], derived: set[str]) -> list[_Cell]:
    """A row per case: keys in the first row, titles and conditions below it."""
    there = NOTES in book.sheetnames
    notes = (
        {
            (case, key): (text, place)
            for case, key, text, _, place in _list_cells(where, book[NOTES], keys, derived)
        }
        if there
        else {}
    )
    rows = [
        (case, key, text, notes.pop((case, key), (None, ""))[0], place)
        for case, key, text, _, place in _list_cells(where, book[ANSWERS], keys, derived)
    ]
    # A note whose case lost its row of answers is kept, too.
    return rows + [(case, key, None, text, place) for (case, key), (text, place) in notes.items() if text]


def _list_cells(where: str, sheet: Any, keys: set[str], derived: set[str]) -> Iterator[_Cell]:
    grid = list(sheet.iter_rows())
    head = [format_cell(cell.value) for cell in grid[0]] if grid else []
    if not keys & set(head):
        what = f"the hidden first row of sheet '{sheet.title}', which identifies the question in each column, is missing"
        raise UserError(Fault(where, what, "Copy the answers into the original workbook"))
    strange = [name for name in head[1:] if name and name not in keys | derived]
    if strange:
        what = f"column '{strange[0]}' of sheet '{sheet.title}' is not a question"
        raise UserError(Fault(where, what, "Restore the hidden first row"))
    for line in grid[3:]:
        case = format_cell(line[0].value)
        for key, cell in zip(head, line, strict=False):
            if case and key in keys:
                place = f"{where} sheet '{sheet.title}' cell {cell.coordinate}"
                yield case, str(key), format_cell(cell.value), None, place


def _name_blank(text: str | None) -> str | None:
    return text.strip() or None if text else None
