"""The workbook: a sheet per case, or a row per case, with lists to choose from and shading for what does not apply."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any, Literal
from weakref import WeakKeyDictionary

import polars as pl
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from scrutineer.fieldwork.cases.columns import CASE
from scrutineer.fieldwork.cases.condition_words import format_condition
from scrutineer.fieldwork.workbook.form import (
    AssessmentForm,
    FormQuestion,
    list_value_choices,
    show_value,
)
from scrutineer.fieldwork.workbook.formulas import Cell, make_answer_formula, make_truths
from scrutineer.fieldwork.workbook.sheets import ABOUT, ANSWERS, LISTS, MARK, NOTES
from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.model import Question
from scrutineer.frameworks.question_kinds import ANY_NUMBER

Layout = Literal["sheets", "rows"]

_HEAD = PatternFill("solid", fgColor="FF1F4E79")
_SECTION = PatternFill("solid", fgColor="FFDCE6F0")
_OPEN = PatternFill("solid", fgColor="FFFFF8DC")
_GREY = PatternFill("solid", bgColor="FFBFBFBF")
_LINE = Border(bottom=Side(style="thin", color="FFC9CED3"))
_WRAP = Alignment(wrap_text=True, vertical="top")
_UNLOCKED = Protection(locked=False)
_LEFT = Alignment(horizontal="left")
_BOLD, _WHITE = Font(bold=True), Font(bold=True, color="FFFFFFFF")
_MOST_SHEETS = 200


@dataclass(frozen=True)
class WorkbookUser:
    """Who fills the workbook in, and whether it is the second, blind assessment."""

    assessor: str = ""
    number: Literal[1, 2] = 1


def make_workbook(
    form: AssessmentForm,
    cases: pl.DataFrame,
    layout: Layout,
    assessment: WorkbookUser,
    synthetic: bool = False,
) -> bytes:
    """The workbook of some cases.

    Args:
        form: from the framework.
        cases: a row per case.
        layout: a sheet or a row per case.
        reading: who fills it in.
        synthetic: whether the cases are made up, which every sheet then says.

    Raises:
        ValueError: more cases than a workbook should hold as sheets.
    """
    if layout == "sheets" and cases.height > _MOST_SHEETS:
        raise ValueError(f"a workbook of {cases.height} sheets is too large to work with")
    book = Workbook()
    _add_about_sheet(book, form, cases, layout, assessment, synthetic)
    lists = _collect_lists(book, form)
    if layout == "sheets":
        for n, case in enumerate(cases.iter_rows(named=True), 1):
            _add_case_sheet(book, form, case, n, lists, synthetic)
    else:
        _add_row_sheet(book, form, cases, lists, ANSWERS)
        _add_row_sheet(book, form, cases, {}, NOTES)
    book[LISTS].sheet_state = "hidden"
    book.active = 0
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _add_about_sheet(
    book: Any,
    form: AssessmentForm,
    cases: pl.DataFrame,
    layout: Layout,
    assessment: WorkbookUser,
    synthetic: bool,
) -> None:
    sheet = book.active
    sheet.title = ABOUT
    framework = form.framework
    facts = [
        (MARK, "1"),
        ("Framework", framework.id),
        ("Version", framework.version),
        ("Hash", hash_framework(framework)),
        ("Layout", layout),
        ("Reading", assessment.number),
        ("Assessor", assessment.assessor),
        ("Cases", cases.height),
        ("Data", "SYNTHETIC: a fictional area" if synthetic else "Confidential"),
    ]
    for row, (name, value) in enumerate(facts, 1):
        sheet.cell(row, 1, name).font = Font(bold=True)
        _put(sheet, row, 2, value)
    for row, text in enumerate(_HELP[layout], len(facts) + 2):
        sheet.cell(row, 1, text).alignment = _WRAP
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=2)
        sheet.row_dimensions[row].height = 32
    sheet.column_dimensions["A"].width = 40
    sheet.column_dimensions["B"].width = 82
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = (
        "landscape",
        1,
        0,
    )
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.protection.sheet = True


_HELP = {
    "sheets": (
        "Each case has its own sheet. Fill in the yellow cells: first the details in the case file, then the answers.",
        "Choose each answer from the list. A row that turns grey does not apply to the case: leave it blank.",
        "Leave a question blank until you can answer it. If you looked but could not judge, choose 'Not enough evidence'.",
        "In the last column, write what the answer is based on, such as the file or what somebody said.",
    ),
    "rows": (
        f"The sheet '{ANSWERS}' has a row for each case. Fill in the yellow cells: first the details in the case file, then the answers.",
        "Choose each answer from the list. A cell that turns grey does not apply to the case: leave it blank.",
        "Leave a question blank until you can answer it. If you looked but could not judge, choose 'Not enough evidence'.",
        f"In the same cell of the sheet '{NOTES}', write what the answer is based on.",
    ),
}


def _collect_lists(book: Any, form: AssessmentForm) -> dict[tuple[str, ...], str]:
    """Every list of choices on a separate sheet, by the name that cells use to look it up."""
    sheet = book.create_sheet(LISTS)
    lists = [asked.choices for asked in form.questions if asked.choices]
    lists += [list_value_choices(a) for a in form.asked_of_file if list_value_choices(a)]
    names: dict[tuple[str, ...], str] = {}
    for column, options in enumerate(dict.fromkeys(lists), 1):
        for row, option in enumerate(options, 1):
            sheet.cell(row, column, option)
        letter = get_column_letter(column)
        names[options] = f"choices_{column}"
        place = f"'{LISTS}'!${letter}$1:${letter}${len(options)}"
        book.defined_names[names[options]] = DefinedName(names[options], attr_text=place)
    return names


_LOOKS: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()
"""How cells of one kind look, by workbook: working this out for each of half a million cells would take most of the time."""


def _style_cell(cell: Any, name: str, **parts: Any) -> Any:
    """Give a cell the look of its kind: fonts, fills and the like, which are set once a workbook and then copied."""
    known = _LOOKS.setdefault(cell.parent.parent, {})
    if name in known:
        cell._style = copy(known[name])
        return cell
    for part, value in parts.items():
        setattr(cell, part, value)
    known[name] = copy(cell._style)
    return cell


def _put(sheet: Any, row: int, column: int, value: Any) -> Any:
    """Write a value as what it is: a text that begins with an equals sign stays a text, never a formula."""
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
    cell.value = value or None if value == "" else value
    if isinstance(value, str) and value:
        cell.data_type = "s"
    return cell


class _Validations:
    """One rule of validation per list and sheet, to which cells are added."""

    def __init__(self, sheet: Any, lists: dict[tuple[str, ...], str]):
        self.sheet, self.lists = sheet, lists
        self.rules: dict[Any, DataValidation] = {}

    def add(
        self, place: str, kind: str, options: tuple[str, ...], bounds: tuple[float, float] = ANY_NUMBER
    ) -> None:
        """Let a cell take only what its kind allows."""
        key = options or (kind, bounds)
        if key not in self.rules:
            rule = self._make_rule(kind, options, bounds)
            if rule is None:
                return
            self.sheet.add_data_validation(rule)
            self.rules[key] = rule
        self.rules[key].add(place)

    def _make_rule(
        self, kind: str, options: tuple[str, ...], bounds: tuple[float, float]
    ) -> DataValidation | None:
        if options:
            rule = DataValidation(type="list", formula1=f"={self.lists[options]}", allow_blank=True)
        elif kind == "number":
            rule = DataValidation(
                type="decimal", operator="between", formula1=str(bounds[0]), formula2=str(bounds[1])
            )
        elif kind == "date":
            rule = DataValidation(type="date", operator="greaterThan", formula1="1")
        else:
            return None
        rule.showErrorMessage, rule.errorTitle = True, "Not an answer"
        rule.error = "Choose from the list, or leave the cell blank." if options else f"Enter a {kind}."
        return rule


# -- a sheet per case ------------------------------------------------------------------

FIRST_FACT = 4
"""The row of the first particular on a case's sheet."""


def name_sheet(case: str, number: int) -> str:
    """A sheet's name for a case: its reference, as far as spreadsheets allow, and its number."""
    cleaned = re.sub(r"[\[\]:*?/\\']", "-", case)[:25]
    return f"{number} {cleaned}"


def _add_case_sheet(
    book: Any,
    form: AssessmentForm,
    case: dict[str, Any],
    number: int,
    lists: dict[tuple[str, ...], str],
    synthetic: bool,
) -> None:
    sheet = book.create_sheet(name_sheet(str(case[CASE]), number))
    validations = _Validations(sheet, lists)
    sheet["A1"] = "case"
    _put(sheet, 1, 2, str(case[CASE]))
    sheet["B1"].font = Font(bold=True, size=14)
    sheet["C1"] = "SYNTHETIC: a fictional area" if synthetic else None
    places: dict[str, str] = {}
    row = FIRST_FACT
    _add_heading(sheet, row - 1, ("", "", "Case details", "", "Value", ""))
    for attribute in (*form.known, *form.asked_of_file):
        asked = attribute in form.asked_of_file
        value = show_value(attribute, case.get(attribute.key))
        _add_fact_row(sheet, row, attribute.key, attribute.title, value, asked)
        if asked:
            validations.add(f"E{row}", attribute.kind, list_value_choices(attribute))
        places[attribute.key] = f"$E${row}"
        row += 1
    row += 1
    criterion = ""
    for asked_question in form.questions:
        if asked_question.criterion != criterion:
            criterion = asked_question.criterion
            title = form.framework.criteria[criterion].title
            _add_heading(
                sheet,
                row,
                ("", criterion, title, "When it applies, and guidance", "Answer", "Basis for the answer"),
            )
            row += 1
        _add_question_row(sheet, row, form, asked_question)
        _fit_answer(sheet, row, form, asked_question, places, validations)
        places[asked_question.question.key] = f"$E${row}"
        fails = make_truths(form.framework, asked_question.question.when, places.get).fails
        if fails not in {"FALSE", "TRUE"}:
            rule = FormulaRule(formula=[fails], fill=_GREY, font=Font(color="FF7F7F7F"))
            sheet.conditional_formatting.add(f"B{row}:F{row}", rule)
        row += 1
    _finish(sheet, {"A": 3, "B": 7, "C": 62, "D": 36, "E": 22, "F": 60}, "E" + str(FIRST_FACT - 1))


def _add_heading(sheet: Any, row: int, texts: Sequence[str]) -> None:
    for column, text in enumerate(texts, 1):
        cell = sheet.cell(row, column, text or None)
        _style_cell(cell, "heading", font=_WHITE, fill=_HEAD)


def _add_fact_row(sheet: Any, row: int, key: str, title: str, value: object, asked: bool) -> None:
    sheet.cell(row, 1, key)
    _style_cell(_put(sheet, row, 3, title), "wrapped", alignment=_WRAP)
    cell = _put(sheet, row, 5, value)
    if asked:
        _style_cell(cell, "detail to fill in", alignment=_LEFT, fill=_OPEN, protection=_UNLOCKED)
    else:
        _style_cell(cell, "particular", alignment=_LEFT)


def _add_question_row(sheet: Any, row: int, form: AssessmentForm, asked: FormQuestion) -> None:
    question = asked.question
    words = format_condition(form.framework, question.when)
    guidance = " ".join(part for part in (f"[{words}]" if words else "", question.guidance) if part)
    sheet.cell(row, 1, question.key)
    for column, text in ((2, asked.criterion), (3, question.text), (4, guidance)):
        _style_cell(_put(sheet, row, column, text), "wrapped", alignment=_WRAP)
    for column in (5, 6):
        form_of = "@" if column == 6 else asked.kind.cell_format
        _answer_cell(sheet.cell(row, column), form_of)
    sheet.row_dimensions[row].height = 15.5 * max(1, -(-len(question.text) // 58), -(-len(guidance) // 34))


def _fit_answer(
    sheet: Any,
    row: int,
    form: AssessmentForm,
    asked: FormQuestion,
    places: dict[str, str],
    validations: _Validations,
) -> None:
    """What may be typed into the cell of an answer; nothing if it follows from others."""
    if asked.question.derived:
        _add_derived(sheet[f"E{row}"], form, asked.question, places.get)
    else:
        validations.add(f"E{row}", asked.kind.read_as, asked.choices, asked.bounds)


_WORKED_OUT = "Worked out when the workbook is read"


def _add_derived(cell: Any, form: AssessmentForm, question: Question, find_cell: Cell) -> None:
    """An answer that follows from others: a formula in a cell that can't be typed in."""
    cell.value = make_answer_formula(form.framework, question, find_cell) or _WORKED_OUT
    _style_cell(cell, "answer by rules", alignment=_WRAP, border=_LINE, font=_BOLD)


def _answer_cell(cell: Any, number_format: str) -> None:
    look = {"fill": _OPEN, "protection": _UNLOCKED, "alignment": _WRAP, "border": _LINE}
    _style_cell(cell, f"answer {number_format}", **look, number_format=number_format)


def _finish(sheet: Any, widths: dict[str, int], freeze: str) -> None:
    for letter, width in widths.items():
        sheet.column_dimensions[letter].width = width
    sheet.column_dimensions["A"].hidden = True
    sheet.freeze_panes = freeze
    sheet.protection.sheet = True
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = (
        "landscape",
        1,
        0,
    )
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"


# -- a row per case --------------------------------------------------------------------

FIRST_CASE = 4
"""The row of the first case; above it are keys (hidden), titles and conditions."""


def _add_row_sheet(
    book: Any, form: AssessmentForm, cases: pl.DataFrame, lists: dict[tuple[str, ...], str], name: str
) -> None:
    sheet = book.create_sheet(name)
    answers = name == ANSWERS
    facts = (*form.known, *form.asked_of_file) if answers else ()
    heads = [(CASE, "Case", "")]
    heads += [(a.key, a.title, "") for a in facts]
    heads += [
        (
            q.question.key,
            f"{q.criterion}  {q.question.text}",
            format_condition(form.framework, q.question.when),
        )
        for q in form.questions
    ]
    for column, texts in enumerate(heads, 1):
        for row, text in enumerate(texts, 1):
            cell = sheet.cell(row, column, text or None)
            cell.alignment, cell.font, cell.fill = _WRAP, Font(bold=row == 2), _SECTION
        sheet.column_dimensions[get_column_letter(column)].width = 14 if column <= len(facts) + 1 else 26
    validations = _Validations(sheet, lists)
    columns = {key: n for n, (key, _, _) in enumerate(heads, 1)}
    letters = {key: get_column_letter(n) for key, n in columns.items()}
    for row, case in enumerate(cases.iter_rows(named=True), FIRST_CASE):
        _style_cell(_put(sheet, row, 1, str(case[CASE])), "reference", font=_BOLD)
        for attribute in facts:
            cell = _put(sheet, row, columns[attribute.key], show_value(attribute, case.get(attribute.key)))
            if attribute in form.asked_of_file:
                _style_cell(cell, "detail of a row to fill in", fill=_OPEN, protection=_UNLOCKED)
        for asked in form.questions:
            cell = sheet[f"{letters[asked.question.key]}{row}"]
            if asked.question.derived and answers:
                _add_derived(cell, form, asked.question, partial(_find_in_row, letters, row))
            else:
                _answer_cell(cell, "General")
    last = FIRST_CASE + cases.height - 1
    if answers and cases.height:
        _add_row_rules(sheet, form, validations, letters, last)
    sheet.row_dimensions[1].hidden = True
    sheet.row_dimensions[2].height, sheet.row_dimensions[3].height = 92, 30
    sheet.freeze_panes = f"B{FIRST_CASE}"
    sheet.protection.sheet = True


def _find_in_row(letters: dict[str, str], row: int, key: str) -> str | None:
    """The cell of an attribute or answer in the row of one case."""
    return f"${letters[key]}{row}" if key in letters else None


def _add_row_rules(
    sheet: Any, form: AssessmentForm, validations: _Validations, letters: dict[str, str], last: int
) -> None:
    for attribute in form.asked_of_file:
        place = f"{letters[attribute.key]}{FIRST_CASE}:{letters[attribute.key]}{last}"
        validations.add(place, attribute.kind, list_value_choices(attribute))

    def find_cell(key: str) -> str | None:
        return f"${letters[key]}{FIRST_CASE}" if key in letters else None

    for asked in form.questions:
        place = f"{letters[asked.question.key]}{FIRST_CASE}:{letters[asked.question.key]}{last}"
        if asked.question.derived:
            continue
        validations.add(place, asked.kind.read_as, asked.choices, asked.bounds)
        fails = make_truths(form.framework, asked.question.when, find_cell).fails
        if fails not in {"FALSE", "TRUE"}:
            sheet.conditional_formatting.add(place, FormulaRule(formula=[fails], fill=_GREY))
