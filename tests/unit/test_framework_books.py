"""A framework as a workbook and back: nothing is lost, and what can't be is named by its cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from scrutineer.authoring.cells import is_list, read_list, write_list
from scrutineer.authoring.tables import list_headings, make_tables, read_tables
from scrutineer.authoring.workbook import read_framework_book, write_framework_book
from scrutineer.errors import UserError
from scrutineer.frameworks.conditions import Condition
from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.tasks.files import find_data_folder
from tests.command import scrutineer
from tests.unit.test_field_changes import RICH

SHIPPED = Library(find_data_folder("frameworks"))
VILLAGE = Library(find_data_folder("frameworks").parent / "scrutineer/proof/examples/frameworks")
EVERY = [*(SHIPPED.load_framework(name) for name in SHIPPED.ids), VILLAGE.load_framework("village-libraries")]


@pytest.mark.parametrize("framework", EVERY, ids=lambda f: f.id)
def test_a_framework_comes_back_from_its_workbook_as_it_was(framework: Framework, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(write_framework_book(framework))
    back = SHIPPED.load_source(read_framework_book(path))
    assert back == framework
    assert hash_framework(back) == hash_framework(framework)


def test_every_kind_of_field_comes_back() -> None:
    """A framework that says something of every kind, by which comparing frameworks is tested, too."""
    rich = Framework.model_validate(RICH)
    read = read_tables(make_tables(rich))
    assert read.faults == []
    assert Framework.model_validate(read.content) == rich


WORDS = st.lists(st.text("abc ,\"'", min_size=1).map(str.strip).filter(bool), max_size=4)


@given(WORDS)
def test_any_list_comes_back_from_its_cell(words: list[str]) -> None:
    cell = write_list(tuple(words))
    assert read_list(cell or "") == words
    assert cell is None or is_list(cell)


KEYS = st.sampled_from(["started", "age", "ward", "order"])
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(["licence", "a, b", 'say "so"']),
    st.lists(st.sampled_from(["low", "high", "very, very"]), min_size=1, max_size=3),
    st.fixed_dictionaries({"at_least": st.integers(0, 9) | st.sampled_from([2.5, 38.5])}),
    st.fixed_dictionaries(
        {"within": st.integers(0, 9), "after": st.just("started"), "unit": st.just("weeks")}
    ),
    st.fixed_dictionaries({"on_or_after": st.just("2026-01-31")}),
)
FACTS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=3)
CONDITIONS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    FACTS,
    lambda inner: st.one_of(
        st.builds(lambda a, b: {**a, "any": b}, FACTS, st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda a, b: {**a, "not": b}, FACTS, inner),
    ),
    max_leaves=5,
)


@settings(max_examples=60)
@given(CONDITIONS)
def test_any_condition_comes_back(content: dict[str, Any]) -> None:
    base = SHIPPED.load_framework("cqc-local-authority-2023")
    sample = base.sample.model_copy(update={"only": Condition.model_validate(content)})
    framework = base.model_copy(update={"sample": sample})
    read = read_tables(make_tables(framework))
    assert Framework.model_validate(read.content).sample.only == sample.only


def change(
    tmp_path: Path, mistake: Callable[[Workbook], object], name: str = "case-note-review"
) -> list[str]:
    """The faults of a workbook with one mistake in it."""
    path = tmp_path / "book.xlsx"
    path.write_bytes(write_framework_book(SHIPPED.load_framework(name)))
    book = load_workbook(path)
    mistake(book)
    book.save(path)
    with pytest.raises(UserError) as error:
        SHIPPED.load_source(read_framework_book(path))
    return [str(fault) for fault in error.value.faults]


def find(book: Workbook, sheet: str, row: int, heading: str) -> Any:
    return book[sheet].cell(row, list_headings()[sheet].index(heading) + 1)


def test_what_is_wrong_is_named_by_its_cell(tmp_path: Path) -> None:
    def break_scale(book: Workbook) -> None:
        find(book, "Questions", 3, "scale").value = "yes_on"

    (fault,) = change(tmp_path, break_scale)
    assert "book.xlsx sheet 'Questions' cell E3" in fault
    assert "unknown scale, 'yes_on'" in fault


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    def make_mistakes(book: Workbook) -> None:
        find(book, "Criteria", 2, "section").value = "X"
        book["Groups"]["D1"] = "colour"
        book.create_sheet("Notes")
        find(book, "Framework", 2, "setting").value = "formt"

    faults = change(tmp_path, make_mistakes)
    for what in (
        "sheet 'Criteria' cell A2: there is no section 'X'",
        "sheet 'Groups' cell D1: 'colour' isn't a column of this sheet",
        "sheet 'Notes': this sheet isn't part of a framework",
        "sheet 'Framework' cell A2: there is no setting 'formt'",
    ):
        assert any(what in fault for fault in faults), (what, faults)


@pytest.mark.parametrize(
    ("sheet", "row", "heading", "value", "what"),
    [
        ("Framework", 2, "value", 7, "sheet 'Framework' cell B2: `format`: '7' is not one of 1, 2"),
        (
            "Options",
            2,
            "above",
            "perhaps",
            "sheet 'Options' cell D2: `scales.options.above`: write yes or no",
        ),
        ("Conditions", 2, "fact", "emergnecy", "sheet 'Conditions'"),
        ("Conditions", 2, "condition", "question nowhere", "there is nothing called 'question nowhere'"),
        ("Rating methods", 2, "rated", "criterion Z9", "there is nothing called 'criterion Z9'"),
        ("Answer rules", 2, "answer", "maybe", "sheet 'Answer rules' cell D2"),
    ],
)
def test_a_mistake_in_any_sheet_is_found(
    tmp_path: Path, sheet: str, row: int, heading: str, value: object, what: str
) -> None:
    def make_mistake(book: Workbook) -> None:
        find(book, sheet, row, heading).value = value

    faults = change(tmp_path, make_mistake)
    assert any(what in fault for fault in faults), faults


def test_a_condition_within_itself_ends(tmp_path: Path) -> None:
    def go_round(book: Workbook) -> None:
        rows = book["Conditions"]
        place = rows.max_row + 1 if rows.cell(rows.max_row, 1).value else 2
        for row, values in enumerate(
            (("sample", "not", None, "other"), ("other", "not", None, "other")), place
        ):
            for column, value in enumerate(values, 1):
                rows.cell(row, column).value = value

    assert change(tmp_path, go_round)


def test_other_files_are_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    Workbook().save(path)
    with pytest.raises(UserError, match="there is no sheet 'Framework'"):
        read_framework_book(path)
    path.write_text("not a workbook")
    with pytest.raises(UserError, match="can't be read"):
        read_framework_book(path)


def test_headings_have_notes_and_lists() -> None:
    from io import BytesIO

    book = load_workbook(BytesIO(write_framework_book(SHIPPED.load_framework("cfsr-4"))))
    questions = book["Questions"]
    heads = {cell.value: cell for cell in questions[1]}
    assert "how much it counts" in str(heads["weight"].comment.text)
    assert any("choice" in str(rule.formula1) for rule in book["Scales"].data_validations.dataValidation)


def test_by_command(tmp_path: Path) -> None:
    book, folder = tmp_path / "school.xlsx", tmp_path / "new"
    assert scrutineer("framework", "export", "hmip-pdu-2023", "--to", "xlsx", "--out", book).returncode == 0
    done = scrutineer("framework", "import", book, "--out", folder)
    assert done.returncode == 0, done.stderr
    assert "hmip-pdu-2023 1.0 has no errors" in done.stdout
    diff = scrutineer("framework", "diff", "hmip-pdu-2023", folder / "framework.yaml")
    assert diff.stdout.strip() == "0 changes"
    again = scrutineer("framework", "import", book, "--out", folder)
    assert again.returncode == 2
    assert "already a framework there" in " ".join(again.stderr.split())


@pytest.mark.parametrize("name", ["framework", "report", "reading", "examples", "synthetic"])
def test_every_file_of_a_framework_has_a_schema_that_its_files_fit(name: str) -> None:
    """Every shipped file of the kind is accepted, and a file with an unknown field is not."""
    import json

    from jsonschema import Draft202012Validator

    from scrutineer.frameworks.yaml_source import read_yaml

    schema = json.loads(scrutineer("framework", "schema", name).stdout)
    validator = Draft202012Validator(schema)
    files = sorted(find_data_folder("frameworks").glob(f"*/{name}.yaml"))
    assert files
    for path in files:
        content = json.loads(json.dumps(read_yaml(path).value))
        assert not [error.message for error in validator.iter_errors(content)], path
        assert list(validator.iter_errors({**content, "colour": "red"}))
