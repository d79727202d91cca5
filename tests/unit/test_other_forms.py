"""XLSForms and REDCap's data dictionaries as frameworks: questions, lists, groups and conditions; what can't be taken is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from scrutineer.authoring.form_logic import LogicError, join, read_logic
from scrutineer.authoring.read_source import read_framework_source
from scrutineer.errors import UserError
from scrutineer.fieldwork.cases.applicability import is_met
from scrutineer.frameworks.conditions import Condition
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from tests.command import scrutineer

SURVEY = [
    ("type", "name", "label", "relevant", "hint"),
    ("start", "start", "", "", ""),
    ("begin group", "risk", "Risk of harm", "", ""),
    ("select_one yn", "Assessed", "Was the risk assessed?", "", "Look at the file."),
    ("integer", "weeks", "After how many weeks?", "${Assessed} = 'yes'", ""),
    ("select_one yn", "late_agreed", "Was the delay agreed?", "${weeks} > 3 and (${Assessed}='yes' or not(${weeks} < 10))", ""),
    ("end_group", "", "", "", ""),
    ("begin_group", "work", "Work done", "", ""),
    ("select_one place", "where", "Where was it done?", "", ""),
    ("select_multiple place", "others", "Where else?", "selected(${where}, '2')", ""),
    ("date", "seen", "When was it seen?", "${where} != '2'", ""),
    ("text", "why", "Why?", "string-length(${others}) > 3", ""),
    ("geopoint", "spot", "Where exactly?", "", ""),
    ("note", "thanks", "Thank you", "", ""),
    ("end group", "", "", "", ""),
]  # fmt: skip
CHOICES = [
    ("list_name", "name", "label"),
    ("yn", "yes", "Yes"),
    ("yn", "no", "No"),
    ("place", "1", "Office"),
    ("place", "2", "At home"),
]


def write_form(path: Path, survey: list[tuple[str, ...]], choices: list[tuple[str, ...]]) -> Path:
    book = Workbook()
    for name, rows in (
        ("survey", survey),
        ("choices", choices),
        ("settings", [("form_title", "version"), ("Visits", "2")]),
    ):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([cell or None for cell in row])
    book.remove(book.worksheets[0])
    book.save(path)
    return path


def load(path: Path) -> tuple[Framework, tuple[str, ...]]:
    source, notes = read_framework_source(path)
    return Library(path.parent).load_source(source), notes


def test_an_xlsform_is_a_framework(tmp_path: Path) -> None:
    framework, notes = load(write_form(tmp_path / "Home visits.xlsx", SURVEY, CHOICES))
    assert (framework.id, framework.title, framework.version) == ("home-visits", "Visits", "2")
    assert [c.title for c in framework.criteria.values()] == ["Risk of harm", "Work done"]
    assert list(framework.questions) == ["assessed", "weeks", "late_agreed", "where", "others", "seen", "why"]
    assessed, where = framework.questions["assessed"], framework.questions["where"]
    assert (assessed.scored, assessed.guidance, where.scored) == (True, "Look at the file.", False)
    assert [(o.code, o.above) for o in framework.scale_of["assessed"].options] == [
        ("yes", True),
        ("no", False),
    ]
    assert [(o.code, o.label) for o in framework.scale_of["where"].options] == [
        ("o_1", "Office"),
        ("o_2", "At home"),
    ]
    assert framework.scale_of["others"].kind == "choices"
    said = "\n".join(notes)
    assert "'why' is asked wasn't taken over" in said
    assert "no questions of type 'geopoint'" in said
    assert framework.questions["why"].when is None


@pytest.mark.parametrize(
    ("facts", "asked"),
    [
        ({"assessed": "yes", "weeks": 2.0}, {"weeks": True, "late_agreed": False}),
        ({"assessed": "yes", "weeks": 4.0}, {"weeks": True, "late_agreed": True}),
        ({"assessed": "no", "weeks": 9.0}, {"weeks": False, "late_agreed": False}),
        ({"assessed": "no", "weeks": 12.0}, {"late_agreed": True}),
        ({"where": "o_1"}, {"others": False, "seen": True}),
        ({"where": "o_2"}, {"others": True, "seen": False}),
        ({}, {"weeks": None, "others": None}),
    ],
)
def test_its_conditions_are_asked_alike(
    tmp_path: Path, facts: dict[str, object], asked: dict[str, bool]
) -> None:
    framework, _ = load(write_form(tmp_path / "visits.xlsx", SURVEY, CHOICES))
    assert {key: is_met(framework.questions[key].when, facts) for key in asked} == asked


def test_faults_of_a_form_name_its_rows(tmp_path: Path) -> None:
    survey = [*SURVEY, ("select_one nothing", "q", "?", "", ""), ("begin repeat", "r", "Again", "", "")]
    with pytest.raises(UserError) as refused:
        load(write_form(tmp_path / "visits.xlsx", survey, CHOICES))
    said = str(refused.value)
    assert "row 16: there is no list 'nothing'" in said
    assert "row 17: the form repeats a group" in said
    many = [CHOICES[0], *(("yn", f"n{n}", f"Number {n}") for n in range(16)), *CHOICES[3:]]
    with pytest.raises(UserError, match="survey' row"):
        load(write_form(tmp_path / "many.xlsx", SURVEY[:4], many))


DICTIONARY = """\
Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"Choices, Calculations, OR Slider Labels",Field Note,Text Validation Type OR Show Slider Number,Text Validation Min,Text Validation Max,Identifier?,Branching Logic (Show field only if...)
assessed,first_visit,,yesno,Was the risk assessed?,,Look at the file,,,,,
weeks,first_visit,,text,After how many weeks?,,,number,,,,[assessed] = '1'
level,first_visit,,radio,Which level?,"1, Low | 2, High",,,,,,[weeks] >= 2.5 and [assessed] <> '0'
seen,later_visits,,text,When?,,,date_dmy,,,,[level] = "2"
why,later_visits,,notes,Why?,,,,,,,[others(1)] = '1'
others,later_visits,,checkbox,Where else?,"1, Office | 2, At home",,,,,,
summed_up,later_visits,,calc,Summed up,[weeks]*2,,,,,,
"""


def test_a_data_dictionary_is_a_framework(tmp_path: Path) -> None:
    path = tmp_path / "visit_form.csv"
    path.write_text(DICTIONARY, encoding="utf-8")
    framework, notes = load(path)
    assert (framework.id, framework.title) == ("visit-form", "visit form")
    assert [c.title for c in framework.criteria.values()] == ["First visit", "Later visits"]
    kinds = {key: framework.scale_of[key].kind for key in framework.questions}
    assert kinds == {
        "assessed": "choice",
        "weeks": "number",
        "level": "choice",
        "seen": "date",
        "why": "text",
        "others": "choices",
    }
    level = framework.questions["level"].when
    assert [is_met(level, {"weeks": w, "assessed": "o_1"}) for w in (2.4, 2.5, 9.0)] == [False, True, True]
    assert is_met(framework.questions["seen"].when, {"level": "o_2"}) is True
    said = "\n".join(notes)
    assert "'why' is asked wasn't taken over" in said
    assert "'summed_up' wasn't taken over, because it's of type 'calc'" in said


def test_a_table_that_is_no_dictionary_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("case,answer\nC1,yes\n", encoding="utf-8")
    with pytest.raises(UserError, match="Choose a data dictionary of REDCap"):
        read_framework_source(path)


def test_the_command_says_what_it_left_out(tmp_path: Path) -> None:
    path = write_form(tmp_path / "visits.xlsx", SURVEY, CHOICES)
    done = scrutineer("framework", "import", path, "--out", tmp_path / "visits")
    assert done.returncode == 0, done.stderr
    assert "has no errors" in done.stdout
    assert "geopoint" in done.stderr
    assert (tmp_path / "visits" / "framework.yaml").is_file()


def test_a_form_is_inspected_to_its_report(tmp_path: Path) -> None:
    """A criterion of facts alone has no score and no findings; what was recorded is shown."""
    shelf, out = tmp_path / "frameworks", tmp_path / "farfield"
    form = write_form(tmp_path / "visits.xlsx", SURVEY, CHOICES)
    for command in (
        ("framework", "import", form, "--out", shelf / "visits"),
        (
            "simulate",
            "--framework",
            "visits",
            "--frameworks",
            shelf,
            "--seed",
            3,
            "--cases",
            30,
            "--out",
            tmp_path / "made",
        ),
        (
            "new",
            "--framework",
            "visits",
            "--frameworks",
            shelf,
            "--area",
            "Farfield",
            "--synthetic",
            "--out",
            out,
        ),
    ):
        done = scrutineer(*command)
        assert done.returncode == 0, done.stderr
    for name in ("cases.csv", "answers.csv"):
        (out / name).write_bytes((tmp_path / "made" / name).read_bytes())
    for command in (
        ("draft", out, "--frameworks", shelf),
        ("report", out, "--frameworks", shelf, "--to", "html"),
    ):
        done = scrutineer(*command)
        assert done.returncode == 0, done.stderr
    page = (out / "report" / "report.html").read_text(encoding="utf-8")
    assert "record facts, which aren" in page
    assert "1.2: Work done" not in page
    assert "At home" in page


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("${a} = ${b}", "compares two questions"),
        ("${a} = ", "isn't understood"),
        ("(${a} = 1", "')' is missing"),
        ("${a} = 1 ${b} = 2", "isn't understood"),
        ("count(${a}) = 1", "isn't understood"),
        ("${a} ~ 1", "isn't understood"),
        ("selected(${a})", "is missing"),
    ],
)
def test_conditions_that_are_not_understood_say_why(text: str, why: str) -> None:
    with pytest.raises(LogicError, match=why.replace("(", r"\(").replace(")", r"\)")):
        read_logic(text, lambda name, sign, value: {name: f"{sign}{value}"})


def test_joined_conditions_hold_where_both_do() -> None:
    parts = [
        {"a": "x"},
        {"a": "y"},
        {"b": "x"},
        {"any": [{"a": "x"}, {"b": "x"}]},
        {"not": {"a": "x"}},
        {"any": [{"a": "y"}, {"c": "x"}]},
    ]
    cases = [{"a": a, "b": b, "c": c} for a in ("x", "y") for b in ("x", "y") for c in ("x", "y")]
    for one in parts:
        for other in parts:
            both = Condition.model_validate(join(one, other))
            for facts in cases:
                expected = is_met(Condition.model_validate(one), facts) and is_met(
                    Condition.model_validate(other), facts
                )
                assert is_met(both, facts) is expected, (one, other, facts)
