"""One answer, the same wherever it is given: on the form, in a workbook or in a table of answers."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from openpyxl import load_workbook

from scrutineer.errors import UserError
from scrutineer.fieldwork.cases.answer_files import read_answers
from scrutineer.fieldwork.cases.answers import Answers
from scrutineer.fieldwork.cases.caseload import read_cases
from scrutineer.fieldwork.workbook.form import make_form
from scrutineer.fieldwork.workbook.read_workbooks import read_workbooks
from scrutineer.fieldwork.workbook.write_workbooks import WorkbookUser, make_workbook
from scrutineer.frameworks import question_kinds
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework, Scale
from scrutineer.frameworks.question_kinds import KINDS
from scrutineer.tables.read_table import read_table
from scrutineer.tables.table import DataTable
from scrutineer_web.queries.fieldwork.answer_checks import check_answer
from tests.web.conftest import make_answer

OPTIONS = [
    {"code": "no_fixed_abode", "label": "Homeless", "above": True},
    {"code": "debt", "label": "Owes money", "above": False},
]
GIVEN = {
    "choice": [("debt", "debt")],
    "choices": [("debt", "debt"), ("Owes money; no fixed abode", "debt;no_fixed_abode")],
    "number": [("18", "18"), ("18.0", "18"), (" 7.50 ", "7.5"), ("1e3", "1000"), ("-0", "0"), (".5", "0.5")],
    "date": [("2006-03-31", "2006-03-31"), ("31/3/2006", "2006-03-31"), ("31 March 2006", "2006-03-31")],
    "text": [(" Seen at home ", "Seen at home"), ("31/3/2006", "31/3/2006"), ("18.0", "18.0")],
}
REFUSED = [
    ("choices", "drink"),
    ("number", "two"),
    ("number", "1e12"),
    ("date", "31.3.06"),
    ("choice", "drink"),
]


@pytest.fixture
def framework(village: Library) -> Framework:
    """The village's framework with a question of each kind."""
    content = village.load_framework("village-libraries").model_dump(mode="json", by_alias=True)
    for name, kind in KINDS.items():
        options = OPTIONS if name in ("choice", "choices") else []
        content["scales"].append({"key": f"of_{name}", "title": name, "kind": name, "options": options})
        question = {"key": f"q_{name}", "text": name, "scale": f"of_{name}", "context": not kind.is_coded}
        content["sections"][1]["criteria"][0]["questions"].append(question)
    return Framework.model_validate(content)


def on_form(framework: Framework, kind: str, text: str) -> object:
    assessment = SimpleNamespace(framework_version=SimpleNamespace(framework=framework))
    return check_answer(assessment, make_answer(f"q_{kind}", text))  # type: ignore[arg-type]


def in_files(framework: Framework, kind: str, table: DataTable, folder: Path) -> object:
    (folder / "cases.csv").write_text("case,age\nC1,20\n")
    answers, _ = read_answers([table], framework, read_cases(folder / "cases.csv", framework))
    return find(framework, answers, f"q_{kind}")


def find(framework: Framework, answers: Answers, key: str) -> object:
    return answers.decode_column(framework, key)[0] if key in answers.questions else answers.others[key]["C1"]


def in_table(framework: Framework, kind: str, text: str, folder: Path) -> object:
    (folder / "answers.csv").write_text(f"case,question,answer\nC1,q_{kind},{text}\n")
    return in_files(framework, kind, read_table(folder / "answers.csv"), folder)


def in_workbook(framework: Framework, kind: str, text: str, folder: Path) -> object:
    cases = pl.DataFrame({"case": ["C1"], "age": [20.0]})
    content = make_workbook(make_form(framework), cases, "sheets", WorkbookUser("K. Lee", 1))
    book = load_workbook(BytesIO(content))
    (cell,) = [row[4] for page in book.worksheets for row in page.iter_rows() if row[0].value == f"q_{kind}"]
    cell.value = text
    book.save(folder / "book.xlsx")
    return in_files(framework, kind, read_workbooks([folder / "book.xlsx"], framework), folder)


def test_every_kind_is_given_here() -> None:
    assert set(GIVEN) == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "text", "kept"), [(k, *pair) for k, pairs in GIVEN.items() for pair in pairs]
)
def test_an_answer_is_kept_the_same_wherever_it_is_given(
    framework: Framework, tmp_path: Path, kind: str, text: str, kept: str
) -> None:
    assert on_form(framework, kind, text) == kept
    assert in_table(framework, kind, text, tmp_path) == kept
    assert in_workbook(framework, kind, text, tmp_path) == kept


@pytest.mark.parametrize(("kind", "text"), REFUSED)
def test_an_answer_is_refused_wherever_it_is_given(
    framework: Framework, tmp_path: Path, kind: str, text: str
) -> None:
    for refused in (
        lambda: on_form(framework, kind, text),
        lambda: in_table(framework, kind, text, tmp_path),
        lambda: in_workbook(framework, kind, text, tmp_path),
    ):
        with pytest.raises(UserError):
            refused()


def test_what_a_check_returns_is_what_is_kept(
    framework: Framework, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check may write an answer in its own way: it gets the value as read, and what it returns is kept."""

    def write_in_months(scale: Scale, text: str) -> str:
        return f"{scale.key} {text} months"

    number = replace(KINDS["number"], check=write_in_months)
    monkeypatch.setattr(question_kinds, "KINDS", {**KINDS, "number": number})
    stored = "of_number 18 months"
    assert on_form(framework, "number", "18.0") == stored
    assert in_table(framework, "number", "18.0", tmp_path) == stored
    assert in_workbook(framework, "number", "18.0", tmp_path) == stored


def test_the_bounds_of_a_kind_hold_wherever_it_is_given(
    framework: Framework, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = replace(KINDS["number"], bounds=lambda _: (0, 36))
    monkeypatch.setattr(question_kinds, "KINDS", {**KINDS, "number": number})
    assert on_form(framework, "number", "36") == in_table(framework, "number", "36", tmp_path) == "36"
    for refused in (
        lambda: on_form(framework, "number", "37"),
        lambda: in_table(framework, "number", "37", tmp_path),
        lambda: in_workbook(framework, "number", "37", tmp_path),
    ):
        with pytest.raises(UserError, match=r"[Ee]nter a number between 0 and 36"):
            refused()
    book = load_workbook(tmp_path / "book.xlsx")
    rules = [rule for page in book.worksheets for rule in page.data_validations.dataValidation]
    assert ("0", "36") in [(r.formula1, r.formula2) for r in rules if r.type == "decimal"]


def test_blanks_answer_nothing(framework: Framework) -> None:
    assert on_form(framework, "text", "  ") is None
