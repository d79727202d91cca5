"""A framework's workbook: sheets with lists to choose from and notes on every column, and its faults by cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import getdoc
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scrutineer.authoring import methods, settings_rows, trees
from scrutineer.authoring.cells import NO, YES, Cell, list_choices
from scrutineer.authoring.layout import SHEETS, Sheet
from scrutineer.authoring.tables import ReadTables, list_headings, make_tables, read_tables
from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.rating_methods import RatingMethod
from scrutineer.tables.limits import GENERAL, Limits, check_size
from scrutineer.tables.workbook import DAMAGED, check_packed

if TYPE_CHECKING:
    from collections.abc import Callable

HELP: Final = "Help"
_ROOM: Final = 500
"""Rows below those that are filled in which lists and formats are ready for."""

_HELP_LINES = (
    "This workbook holds one framework: what is judged, which questions are asked, and how answers become scores and ratings.",
    "Each sheet is a list. A row belongs to what its first columns name: a question to its section and criterion.",
    "Blank cells are left at what is usual. Point at a heading to see what belongs in the column.",
    "Keys are lower-case letters, digits and _. Several values in one cell have commas between them.",
    "Conditions have a sheet of their own. Name a condition `question KEY`, `rule 1 of KEY`, `group KEY` or `sample`.",
    "A condition of several rows holds if all of its rows do. `any` and `not` in the column part name another condition.",
    "Check the workbook with: scrutineer framework import FILE.xlsx",
)


# -- writing ---------------------------------------------------------------------------


def write_framework_book(framework: Framework) -> bytes:
    """The workbook of a framework."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.create_sheet(HELP, 0)
    book.remove(book.worksheets[1])
    for number, line in enumerate(
        (f"{framework.title} ({framework.id} {framework.version})", *_HELP_LINES), 1
    ):
        sheet.cell(number, 1, line)
    sheet.column_dimensions["A"].width = 120
    tables = make_tables(framework)
    for name, headings in list_headings().items():
        _add_sheet(book, name, headings, tables.get(name, []))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _add_sheet(book: Any, name: str, headings: Sequence[str], rows: Sequence[Mapping[str, Cell]]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name)
    notes, choices = _list_notes(name), _list_choices(name)
    numeric = _list_numeric(name)
    for column, heading in enumerate(headings, 1):
        head = sheet.cell(1, column, heading)
        head.font, head.fill = Font(bold=True, color="FFFFFFFF"), PatternFill("solid", fgColor="FF17212B")
        if notes.get(heading):
            head.comment = Comment(notes[heading], "Scrutineer", width=320, height=120)
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = _find_width(heading)
        for row in range(2, len(rows) + _ROOM):
            # Typed as text, a code such as 1.10 stays what it is.
            if heading not in numeric:
                sheet.cell(row, column).number_format = "@"
        _add_list(sheet, f"{letter}2:{letter}{len(rows) + _ROOM}", choices.get(heading))
    for number, values in enumerate(rows, 2):
        for column, heading in enumerate(headings, 1):
            _put(sheet.cell(number, column), values.get(heading))
            sheet.cell(number, column).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"


def _put(cell: Any, value: Cell) -> None:
    """Write a value as what it is: a text that begins with an equals sign stays a text."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
    if isinstance(value, str) and value:
        cell.data_type = "s"


def _add_list(sheet: Any, place: str, choices: Sequence[str] | None) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    if not choices:
        return
    rule = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
    rule.error, rule.errorTitle = f"Choose from {', '.join(choices)}", "Not one of the choices"
    sheet.add_data_validation(rule)
    rule.add(place)


_WIDE = {"text", "title", "description", "guidance", "label", "value", "setting", "condition", "fact", "of"}


def _find_width(heading: str) -> int:
    return 44 if heading in _WIDE else 16


_TREE_NOTES = {
    "condition": "Whose condition it is: question KEY, rule 1 of KEY, group KEY, or sample. Or the name of a condition that another"
    " one names.",
    "part": "Blank for a fact. any: one of several conditions must hold. not: a condition must not hold. how many: answers to several"
    " questions are counted.",
    "fact": "The attribute, group or earlier question.",
    "value": "The value that it must have, or several with commas between them. For any and not, the name of the other condition.",
    "of": "The questions whose answers are counted: their keys, tags, threads or criteria.",
    "answered": "The answers that are counted.",
}


def _list_notes(name: str) -> dict[str, str]:
    """What belongs in each column, by its heading."""
    if name == trees.SHEET:
        return _TREE_NOTES
    sheet = _find_sheet(name)
    if sheet is None:
        fields = describe_fields(RatingMethod) if name == methods.METHODS else {}
        return {field.replace("_", " "): text for field, text in fields.items()}
    notes = describe_fields(sheet.model)
    parents = {heading: f"The {heading} that it belongs to." for heading, _, _ in sheet.parents}
    return {
        **parents,
        **{heading: notes.get(name, notes.get(f"{name}_", "")) for heading, name in sheet.fields.items()},
    }


def _list_choices(name: str) -> dict[str, list[str]]:
    """What a cell can be, by the heading of its column, where that's one of a few words."""
    if name == trees.SHEET:
        return {
            "part": list(trees.PARTS),
            "every": [YES, NO],
            "unit": ["days", "working_days", "weeks", "months"],
        }
    if name == methods.METHODS:
        fields = RatingMethod.model_fields
        return {
            n.replace("_", " "): list_choices(f.annotation)
            for n, f in fields.items()
            if list_choices(f.annotation)
        }
    if name == methods.TESTS:
        return {"of": [methods.RULE, methods.LIMIT], "every": [YES, NO]}
    sheet = _find_sheet(name)
    if sheet is None:
        return {}
    fields = sheet.model.model_fields
    return {heading: list_choices(fields[n].annotation) for heading, n in sheet.fields.items()}


def _list_numeric(name: str) -> set[str]:
    """The columns of numbers."""
    from scrutineer.authoring.cells import find_kinds

    sheet = _find_sheet(name)
    if sheet is None:
        return (
            {"value"} if name == settings_rows.SHEET else set(list_headings()[name]) - {"condition", "fact"}
        )
    fields = sheet.model.model_fields
    return {h for h, n in sheet.fields.items() if find_kinds(fields[n].annotation) & {int, float}}


def _find_sheet(name: str) -> Sheet | None:
    return next((sheet for sheet in SHEETS if sheet.name == name), None)


def describe_fields(model: type[Any]) -> dict[str, str]:
    """What a model's docstring says of its fields."""
    _, _, listed = (getdoc(model) or "").partition("Attributes:")
    entries = re.split(r"^    (?=\w+: )", listed, flags=re.MULTILINE)[1:]
    pairs = (entry.split(": ", 1) for entry in entries)
    return {name: " ".join(words.split()) for name, words in pairs}


# -- reading ---------------------------------------------------------------------------


@dataclass
class BookSource:
    """The content of a framework's workbook, with the cell of each value.

    Attributes:
        path: of the workbook.
        value: the content as a framework file would hold it.
        lines: the places that have a cell; their numbers mean nothing here.
    """

    path: Path
    read: ReadTables
    value: Any = None
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.value = self.read.content
        # The lists around a value count as places, too, as they do in a file.
        places = {place[:n] for place in self.read.cells for n in range(1, len(place) + 1)}
        self.lines = dict.fromkeys(places, 0)

    def locate(self, place: Sequence[str | int] = ()) -> str:
        """Sheet and cell of a place, or of the nearest place around it that has one."""
        steps = tuple(place)
        while steps and steps not in self.read.cells:
            steps = steps[:-1]
        cell = self.read.cells.get(steps)
        return shorten_path(self.path) if cell is None else name_cell(self.path, *cell)

    def make_fault(self, place: Sequence[str | int], what: str, do: str = "") -> Fault:
        """A fault that names the sheet and the cell of `place`."""
        return Fault(self.locate(place), what.replace("true or false", f"{YES} or {NO}"), do)


def name_cell(path: Path, sheet: str, number: int, heading: str) -> str:
    """A cell as a person finds it: file, sheet and cell, or row."""
    from openpyxl.utils import get_column_letter

    headings = list_headings().get(sheet, ())
    where = f"{shorten_path(path)} sheet '{sheet}'"
    if heading not in headings:
        return f"{where} row {number + 2}"
    return f"{where} cell {get_column_letter(headings.index(heading) + 1)}{number + 2}"


def read_framework_book(path: Path, limits: Limits = GENERAL) -> BookSource:
    """The content of a framework's workbook.

    Raises:
        UserError: it can't be read, or has rows or columns that belong nowhere (all at once).
    """
    tables, faults = _read_sheets(path, limits)
    read = read_tables(tables)
    faults += [
        Fault(name_cell(path, sheet, number, heading), what, "Check its spelling")
        for sheet, number, heading, what in read.faults
    ]
    if faults:
        raise UserError(faults)
    return BookSource(path, read)


def _read_sheets(path: Path, limits: Limits) -> tuple[dict[str, list[dict[str, Cell]]], list[Fault]]:
    from openpyxl import load_workbook

    check_size(path, limits)
    try:
        check_packed(path, limits)
        book = load_workbook(path, data_only=True)
    except DAMAGED:
        raise UserError(
            Fault(shorten_path(path), "this workbook can't be read", "Save it again as .xlsx")
        ) from None
    known, faults = list_headings(), list[Fault]()
    if settings_rows.SHEET not in book.sheetnames:
        what = f"there is no sheet '{settings_rows.SHEET}'"
        do = "Start from the workbook that `scrutineer framework export` makes"
        raise UserError(Fault(shorten_path(path), what, do))
    tables: dict[str, list[dict[str, Cell]]] = {}
    for sheet in book.worksheets:
        if sheet.title in known:
            tables[sheet.title] = list(_read_rows(path, sheet, known[sheet.title], faults.append))
        elif sheet.title != HELP:
            faults.append(
                Fault(
                    f"{shorten_path(path)} sheet '{sheet.title}'",
                    "this sheet isn't part of a framework",
                    "Remove it",
                )
            )
    return tables, faults


def _read_rows(
    path: Path, sheet: Any, headings: Sequence[str], refuse: Callable[[Fault], None]
) -> Iterator[dict[str, Cell]]:
    lines = sheet.iter_rows()
    first = next(lines, ())
    columns = {n: _normalise(cell.value) for n, cell in enumerate(first) if cell.value is not None}
    for n, heading in columns.items():
        if heading not in headings:
            where = f"{shorten_path(path)} sheet '{sheet.title}' cell {first[n].coordinate}"
            refuse(
                Fault(
                    where, f"'{heading}' isn't a column of this sheet", f"Choose from {', '.join(headings)}"
                )
            )
    rows: list[dict[str, Cell]] = []
    for line in lines:
        row = {columns[n]: _read_value(cell.value) for n, cell in enumerate(line) if n in columns}
        rows.append({heading: value for heading, value in row.items() if value is not None})
    while rows and not rows[-1]:
        rows.pop()
    for number, row in enumerate(rows):
        if not row:
            refuse(
                Fault(
                    f"{shorten_path(path)} sheet '{sheet.title}' row {number + 2}",
                    "this row is blank",
                    "Remove it",
                )
            )
    yield from rows


def _normalise(heading: object) -> str:
    return " ".join(str(heading).split()).lower()


def _read_value(value: Any) -> Cell:
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, str):
        return value.strip() or None
    return value if isinstance(value, int | float) or value is None else str(value)
