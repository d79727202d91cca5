"""Tables in OpenDocument spreadsheets (.ods), as LibreOffice writes them.

Of ODF 1.3 part 3, sections 9 and 19: cells and rows that repeat are written once with a number, a row that is filtered or
folded away says so in its visibility, and a value is in an attribute, separate from the text that is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.tables.cells import find_mark, format_cell
from scrutineer.tables.grid import Grid, is_error, name_column
from scrutineer.tables.limits import Limits, check_extent
from scrutineer.tables.table import Mark
from scrutineer.tables.workbook import DAMAGED, check_packed

_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CELLS: Final = {_TABLE + "table-cell", _TABLE + "covered-table-cell"}
_BREAKS: Final = {_TEXT + "line-break": "\n", _TEXT + "tab": "\t"}

_EMPTY: Final = 1 << 14
"""So many rows without a cell are kept; a sheet ends with a million of them."""


def read_opendocument(path: Path, sheet: str | None, limits: Limits) -> Grid:
    """One sheet of an OpenDocument spreadsheet as a grid: the named one, else the first.

    Raises:
        UserError: the file is damaged, locked or too large, or has no such sheet.
    """
    from lxml import etree

    check_packed(path, limits)
    try:
        with ZipFile(path) as archive, archive.open("content.xml") as stream:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
            tree = etree.parse(stream, parser)
        pages = {str(t.get(_TABLE + "name")): t for t in tree.iter(_TABLE + "table")}
        if not pages or (sheet is not None and sheet not in pages):
            what = f"the workbook has no sheet '{sheet}'" if sheet else "the workbook has no worksheet"
            raise UserError(Fault(shorten_path(path), what, f"Its sheets are {', '.join(pages)}"))
        name = sheet or next(iter(pages))
        grid = Grid(path=path, rows=[], sheet="" if name == next(iter(pages)) else name, lettered=True)
        for row in _list_rows(pages[name]):
            _add(grid, row, limits)
        others = [
            other for other, page in pages.items() if other != name and page.find(f".//{_TEXT}p") is not None
        ]
        if others:
            grid.notes.append(
                f"sheet '{name}' was read; the workbook also has {', '.join(map(repr, others))}"
            )
    except (*DAMAGED, etree.LxmlError):
        raise UserError(
            Fault(shorten_path(path), "the spreadsheet is damaged", "Save it again as .ods")
        ) from None
    while grid.rows and not any(grid.rows[-1]):
        grid.rows.pop()
    return grid


def _list_rows(page: Any) -> Iterator[Any]:
    """The rows of a sheet, those in groups and headers too, without those of tables within cells."""
    for part in page:
        if part.tag == _TABLE + "table-row":
            yield part
        elif part.tag in {_TABLE + "table-row-group", _TABLE + "table-rows", _TABLE + "table-header-rows"}:
            yield from _list_rows(part)


def _add(grid: Grid, row: Any, limits: Limits) -> None:
    """One row, as often as it repeats."""
    times = int(row.get(_TABLE + "number-rows-repeated", "1"))
    texts: list[str | None] = []
    marks: dict[int, Mark] = {}
    spans: list[int] = []
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        again = int(cell.get(_TABLE + "number-columns-repeated", "1"))
        text, mark = _read(cell)
        if text is None and mark is None:
            texts += [None] * min(again, limits.columns + 1)
            continue
        check_extent(grid.path, len(grid.rows) + times, len(texts) + again, limits.sheet_cells, limits)
        if mark:
            marks |= dict.fromkeys(range(len(texts), len(texts) + again), mark)
        if int(cell.get(_TABLE + "number-rows-spanned", "1")) > 1:
            spans.append(len(texts))
        texts += [text] * again
    while texts and texts[-1] is None and len(texts) - 1 not in marks:
        texts.pop()
    first = len(grid.rows)
    times = times if texts else min(times, _EMPTY)
    check_extent(grid.path, first + (times if texts else 0), len(texts), limits.sheet_cells, limits)
    for n in range(first, first + times):
        grid.rows.append(list(texts))
        grid.marks.update({(n, column): mark for column, mark in marks.items()})
    if row.get(_TABLE + "visibility") in {"collapse", "filter"}:
        grid.hidden |= set(range(first + 1, first + times + 1))
    for column in spans:
        grid.merged.append((f"{name_column(column)}{first + 1}", first + 1, first + 2))


def _read(cell: Any) -> tuple[str | None, Mark | None]:
    """The text of a cell, and what it is besides text or a number."""
    kind = cell.get(_OFFICE + "value-type")
    formula = cell.get(_TABLE + "formula") is not None
    if kind is None:
        return None, "formula" if formula else None
    shown = "\n".join(_read_words(p) for p in cell.iterchildren(_TEXT + "p"))
    if kind in {"float", "percentage", "currency"}:
        if is_error(shown):
            return shown, "error"
        number = float(cell.get(_OFFICE + "value"))
        zeros = shown.isdigit() and len(shown) > 1 and shown[0] == "0" and int(shown) == number
        return shown if zeros else format_cell(number), find_mark(number)
    if kind == "boolean":
        return format_cell(cell.get(_OFFICE + "boolean-value") == "true"), "boolean"
    if kind == "date":
        return str(cell.get(_OFFICE + "date-value")).removesuffix("T00:00:00"), "date"
    if kind == "time":
        return shown, "date"
    return (shown or None), "error" if is_error(shown) else None


def _read_words(part: Any) -> str:
    """The text of a paragraph: repeated blanks and line breaks are elements."""
    text = part.text or ""
    for child in part:
        if child.tag == _TEXT + "s":
            text += " " * int(child.get(_TEXT + "c", "1"))
        elif child.tag in _BREAKS:
            text += _BREAKS[child.tag]
        elif child.tag != _OFFICE + "annotation":
            text += _read_words(child)
        text += child.tail or ""
    return text
