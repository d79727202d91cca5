"""Tables in XLSX workbooks: every row that is there, whatever the sheet says of its extent, and what each cell hides."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.tables.cells import find_mark, format_cell, format_number
from scrutineer.tables.grid import Grid
from scrutineer.tables.limits import Limits, check_extent, check_unpacked

DAMAGED: Final = (
    BadZipFile,
    KeyError,
    ValueError,
    OSError,
    TypeError,
    AttributeError,
    IndexError,
    SyntaxError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    zlib.error,
)
"""What reading a damaged workbook can raise."""


def check_packed(path: Path, limits: Limits) -> None:
    """Refuse a workbook that unpacks to too much, or is damaged.

    Raises:
        UserError: with the limit, or what to do.
    """
    try:
        with ZipFile(path) as archive:
            if any(member.flag_bits & 1 for member in archive.infolist()):
                raise UserError(
                    Fault(
                        shorten_path(path),
                        "the workbook is protected with a password",
                        "Save it without a password",
                    )
                )
            check_unpacked(path, archive, limits)
    except DAMAGED:
        raise UserError(
            Fault(shorten_path(path), "this workbook can't be read", "Save it again as .xlsx")
        ) from None


def read_workbook(path: Path, sheet: str | None, limits: Limits) -> Grid:
    """One sheet of a workbook as a grid: the named one, else the first that is shown.

    Raises:
        UserError: the workbook is damaged, locked or too large, or has no such sheet.
    """
    check_packed(path, limits)
    try:
        book = _load(path, values=False)
        page = _open_page(path, book, sheet)
        values = _load(path, values=True)[page.title] if _has_formulas(page) else page
        grid = Grid(path=path, rows=[], sheet=_find_other_name(book, page), lettered=True)
        check_extent(path, page.max_row or 0, page.max_column or 0, limits.sheet_cells, limits)
        grid.epoch = 1904 if book.epoch.year == 1904 else 1900
        _fill(grid, page, values)
        grid.hidden |= {n for n, row in page.row_dimensions.items() if row.hidden}
        grid.merged += [(str(r), r.min_row, r.max_row) for r in page.merged_cells.ranges]
        grid.notes += _list_notes(book, page)
    except DAMAGED:
        raise UserError(
            Fault(shorten_path(path), "the workbook is damaged", "Save it again as .xlsx")
        ) from None
    return grid


def _load(path: Path, *, values: bool) -> Any:
    from openpyxl import load_workbook

    # Not read-only: that way it would trust the extent that the sheet states, and lose the rows beyond it.
    return load_workbook(path, data_only=values)


def _open_page(path: Path, book: Any, sheet: str | None) -> Any:
    pages = {page.title: page for page in book.worksheets}
    if not pages or (sheet is not None and sheet not in pages):
        what = f"the workbook has no sheet '{sheet}'" if sheet else "the workbook has no worksheet"
        raise UserError(Fault(shorten_path(path), what, f"Its sheets are {', '.join(book.sheetnames)}"))
    if sheet is not None:
        return pages[sheet]
    shown = [page for page in book.worksheets if page.sheet_state == "visible"]
    return (shown or book.worksheets)[0]


def _find_other_name(book: Any, page: Any) -> str:
    return "" if page is book.worksheets[0] else str(page.title)


def _list_notes(book: Any, page: Any) -> list[str]:
    others = [p.title for p in book.worksheets if p is not page and p.max_row and p.max_row > 1]
    notes = (
        [f"sheet '{page.title}' was read; the workbook also has {', '.join(map(repr, others))}"]
        if others
        else []
    )
    hidden = [letter_ for letter_, column in page.column_dimensions.items() if column.hidden]
    if hidden:
        were = "is hidden in the sheet, and was" if len(hidden) == 1 else "are hidden in the sheet, and were"
        columns = "column" if len(hidden) == 1 else "columns"
        notes.append(f"{columns} {', '.join(hidden)} {were} read with the others")
    return notes


def _has_formulas(page: Any) -> bool:
    return any(cell.data_type == "f" for row in page.iter_rows() for cell in row)


def _fill(grid: Grid, page: Any, values: Any) -> None:
    """The cells' texts and marks, from the first row and column of the sheet."""
    for r, row in enumerate(page.iter_rows()):
        texts: list[str | None] = []
        for c, cell in enumerate(row):
            value = cell.value
            if cell.data_type == "f":
                value = values.cell(cell.row, cell.column).value
                if value is None:
                    grid.marks[r, c] = "formula"
            if value is None:
                texts.append(None)
                continue
            if cell.data_type == "e":
                grid.marks[r, c] = "error"
            elif (mark := find_mark(value)) is not None:
                grid.marks[r, c] = mark
            texts.append(format_cell(format_number(value, cell.number_format)))
        grid.rows.append(texts)
