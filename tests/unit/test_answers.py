"""Answers as bytes, read from long and wide tables, from workbooks, and what stands in the way of sign-off."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from openpyxl import load_workbook

from scrutineer.errors import UserError
from scrutineer.fieldwork.cases.answers import Answers, list_choice_questions, make_long_table
from scrutineer.fieldwork.cases.applicability import add_groups, is_met
from scrutineer.fieldwork.cases.caseload import Caseload, read_cases
from scrutineer.fieldwork.cases.codes import ABOVE, MISSING, RELEVANT, collect_answers, find_answer, find_byte
from scrutineer.fieldwork.cases.condition_words import format_condition
from scrutineer.fieldwork.cases.gaps import list_gaps
from scrutineer.fieldwork.workbook.form import make_form
from scrutineer.fieldwork.workbook.formulas import make_truths
from scrutineer.fieldwork.workbook.read_workbooks import is_workbook
from scrutineer.fieldwork.workbook.write_workbooks import (
    ANSWERS,
    NOTES,
    WorkbookUser,
    make_workbook,
    name_sheet,
)
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.question_kinds import NO_EVIDENCE, NOT_APPLICABLE
from scrutineer.report.pages.form_page import write_printable_form
from scrutineer.scoring.groups import GroupOf
from scrutineer.scoring.inspect import make_results
from scrutineer.scoring.readers import make_agreement_report
from scrutineer.tasks.inputs import list_answers as read_answers

CASES = "case,risk_of_harm,order_type,synthetic\n001,high,licence,yes\n002,low,community_rehabilitation,yes\nZ/3*,very_high,,yes\n"


@pytest.fixture
def framework(library: Library) -> Framework:
    return library.load_framework("esi-2003")


@pytest.fixture
def caseload(tmp_path: Path, framework: Framework) -> Caseload:
    (tmp_path / "cases.csv").write_text(CASES, encoding="utf-8")
    return read_cases(tmp_path / "cases.csv", framework)


def read(tmp_path: Path, framework: Framework, caseload: Caseload, text: str) -> tuple[Answers, Caseload]:
    (tmp_path / "answers.csv").write_text(text, encoding="utf-8")
    return read_answers([tmp_path / "answers.csv"], framework, caseload)


def faults(tmp_path: Path, framework: Framework, caseload: Caseload, text: str) -> list[str]:
    with pytest.raises(UserError) as caught:
        read(tmp_path, framework, caseload, text)
    return [str(f) for f in caught.value.faults]


def test_every_answer_has_a_byte_of_its_own_and_comes_back(framework: Framework) -> None:
    scale = framework.scales[0]
    known = collect_answers(scale)
    assert len(set(known.values()) | {MISSING}) == len(known) + 1
    assert all(find_answer(scale, byte) == code for code, byte in known.items())
    assert find_answer(scale, find_byte(scale, None)) is None
    assert {c for c, b in known.items() if b & ABOVE} == {"excellent", "sufficient"}
    assert {c for c, b in known.items() if b & RELEVANT} == {
        "excellent",
        "sufficient",
        "insufficient",
        "poor",
        NO_EVIDENCE,
    }
    with pytest.raises(ValueError, match="not an answer"):
        find_byte(scale, "splendid")


def test_long_and_wide_tables_give_the_same_answers(
    tmp_path: Path, framework: Framework, caseload: Caseload
) -> None:
    long = "case,question,answer\n001,b1_review16,Excellent\n001,b2_score,n/a\n002,B2_SCORE,not enough evidence\n002,b1_review16,\n001,absences,yes\n"
    wide = "case,b2_score,b1_review16,absences\n002,not_enough_evidence,,\n001,Not applicable,excellent,Y\n"
    answers, known = read(tmp_path, framework, caseload, long)
    other, same = read(tmp_path, framework, caseload, wide)
    assert (answers.codes == other.codes).all()
    assert known.frame["absences"].to_list() == same.frame["absences"].to_list() == [True, None, None]
    assert answers.decode_column(framework, "b2_score") == [NOT_APPLICABLE, NO_EVIDENCE, None]


def test_what_the_framework_rules_out_is_not_applicable_without_being_answered(
    tmp_path: Path, framework: Framework, caseload: Caseload
) -> None:
    got, _ = read(tmp_path, framework, caseload, "case,question,answer\n001,b2_score,poor\n")
    assert got.decode_column(framework, "b1_rmp5") == [None, NOT_APPLICABLE, None]
    assert got.decode_column(framework, "b1_incident_review") == [None, None, None]


def test_all_faults_at_once(tmp_path: Path, framework: Framework, caseload: Caseload) -> None:
    messages = faults(
        tmp_path,
        framework,
        caseload,
        "case,question,answer\n009,b2_score,poor\n001,b2_scor,poor\n001,b2_score,splendid\n002,b2_score,poor\n002,b2_score,excellent\n,b2_score,poor\n001,risk_of_harm,low\n002,absences,often\n",
    )
    assert any("row 2: there is no case '009'" in f for f in messages)
    assert any("row 3: there is no question 'b2_scor'. Perhaps you meant 'b2_score'" in f for f in messages)
    assert any("row 4: case 001, question 'b2_score': 'splendid' is not an answer" in f for f in messages)
    assert any(
        "row 6: case 002, question 'b2_score': an earlier row has a different answer" in f for f in messages
    )
    assert any("row 7: the case is blank" in f for f in messages)
    assert any("row 8: case 001: 'risk_of_harm' is 'low', but the cases say 'high'" in f for f in messages)
    assert any("row 9, case 002: 'absences' is 'often'" in f for f in messages)
    assert len(messages) == 7


def test_wide_tables_name_what_they_do_not_know(
    tmp_path: Path, framework: Framework, caseload: Caseload
) -> None:
    assert (
        "column 'b2_scoer' is not a question in the framework. Perhaps you meant 'b2_score'"
        in faults(tmp_path, framework, caseload, "case,b2_scoer\n001,poor\n")[0]
    )
    assert "the columns needed are missing" in faults(tmp_path, framework, caseload, "b2_score\npoor\n")[0]
    assert "no column 'case'" in faults(tmp_path, framework, caseload, "question,answer\nb2_score,poor\n")[0]


def test_second_readings_stand_apart(tmp_path: Path, framework: Framework, caseload: Caseload) -> None:
    for text in (
        "case,question,answer,assessor,reading\n001,b2_score,poor,Ann,1\n001,b2_score,excellent,Bo,2\n002,b2_score,poor,Ann,\n",
        "case,b2_score,assessor,reading\n001,poor,Ann,1\n001,excellent,Bo,2\n002,poor,Ann,1\n",
    ):
        got, _ = read(tmp_path, framework, caseload, text)
        place = got.questions.index("b2_score")
        assert got.second is not None
        assert find_answer(framework.scales[0], got.codes[0, place]) == "poor"
        assert find_answer(framework.scales[0], got.second[0, place]) == "excellent"
        assert (got.second[1] == MISSING).all()
        assert got.readers["001"] == ("Ann", "Bo")


def test_answers_written_and_read_again_are_the_same(
    tmp_path: Path, framework: Framework, caseload: Caseload
) -> None:
    generator = np.random.Generator(np.random.PCG64(2))
    keys = list_choice_questions(framework)
    bytes_of = [*collect_answers(framework.scales[0]).values(), MISSING]
    codes = generator.choice(np.array(bytes_of, dtype=np.uint8), size=(3, len(keys)))
    second = codes[::-1].copy()
    notes = {"b2_score": {"001": "file, p. 3; said so himself"}}
    answers = Answers(tuple(caseload.ids), keys, codes, second, notes=notes, readers={"001": ("Ann", "Bo")})
    make_long_table(framework, answers).write_csv(tmp_path / "answers.csv")
    got, _ = read_answers([tmp_path / "answers.csv"], framework, caseload)
    back = got.codes if got.first is None else got.first
    ruled_out = codes != back
    assert (codes[ruled_out] == MISSING).all()
    assert (back[ruled_out] == 0).all()
    assert got.notes == notes
    assert got.readers["001"] == ("Ann", "Bo")


def test_errors_and_lost_formulas_in_a_workbook_are_faults_with_their_cell(
    tmp_path: Path, framework: Framework, caseload: Caseload
) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(make_workbook(make_form(framework), caseload.frame, "rows", WorkbookUser("Ann", 1)))
    book = load_workbook(path)
    sheet = book[ANSWERS]
    sheet["F4"], sheet["G4"] = "#REF!", "=A1"
    sheet["F4"].data_type = "e"
    book.save(path)
    with pytest.raises(UserError) as caught:
        read_answers([path], framework, caseload)
    messages = [str(fault) for fault in caught.value.faults]
    assert any("cell F4" in fault and "spreadsheet error" in fault for fault in messages)
    assert any("cell G4" in fault and "value was not saved" in fault for fault in messages)


def test_gaps_are_told_by_kind(tmp_path: Path, framework: Framework, caseload: Caseload) -> None:
    got, known = read(
        tmp_path,
        framework,
        caseload,
        "case,question,answer\n001,b1_rmp5,not applicable\n002,b1_rmp5,poor\n001,b2_score,poor\n002,b2_score,not applicable\n",
    )
    gaps = {(g.kind, g.question): g.cases for g in list_gaps(framework, known, got)}
    assert gaps["not applicable where it applies", "b1_rmp5"] == ("001",)
    assert gaps["answered where it does not apply", "b1_rmp5"] == ("002",)
    assert gaps["missing", "b2_score"] == ("Z/3*",)
    assert gaps["not applicable where it applies", "b2_score"] == ("002",)
    sentence = str(next(g for g in list_gaps(framework, known, got) if g.question == "b2_score").make_fault())
    assert sentence == "case Z/3*, question 'b2_score': there is no answer yet. Answer the question."


# -- the workbook ----------------------------------------------------------------------


def fill(path: Path, layout: str, answers: dict[tuple[str, str], tuple[str, str]], cases: list[str]) -> None:
    """Fill a workbook in as a person would: labels into the cells, what they rest on beside them."""
    book = load_workbook(path)
    for (case, key), (answer, note) in answers.items():
        if layout == "sheets":
            sheet = book[name_sheet(case, cases.index(case) + 1)]
            row = next(r for r in sheet.iter_rows() if r[0].value == key)
            row[4].value, row[5].value = answer, note or None
        else:
            for name, text in ((ANSWERS, answer), (NOTES, note)):
                sheet = book[name]
                column = next((c for c in sheet[1] if c.value == key), None)
                row_number = next(r[0].row for r in sheet.iter_rows(min_row=4) if r[0].value == case)
                if column is not None and text:
                    sheet.cell(row_number, column.column).value = text
    book.save(path)


@pytest.mark.parametrize("layout", ["sheets", "rows"])
def test_a_filled_workbook_comes_back_without_loss(
    tmp_path: Path, framework: Framework, caseload: Caseload, layout: Any
) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(
        make_workbook(make_form(framework), caseload.frame, layout, WorkbookUser("Ann"), synthetic=True)
    )
    answers = {
        ("001", "b1_review16"): ("Excellent", 'He said: "=1+1"\nand went'),
        ("001", "b1_rmp5"): ("Not enough evidence", ""),
        ("002", "b2_score"): ("Poor", "ünïcödé"),
        ("Z/3*", "b4_organised"): ("Insufficient", ""),
    }
    fill(path, layout, {**answers, ("002", "absences"): ("Yes", "")}, caseload.ids)
    assert is_workbook(path)
    got, known = read_answers([path], framework, caseload)
    cells = {
        (c, q): a
        for q in got.questions
        for c, a in zip(got.cases, got.decode_column(framework, q), strict=True)
        if a not in (None, NOT_APPLICABLE)
    }
    assert cells == {place: answer.lower().replace(" ", "_") for place, (answer, _) in answers.items()}
    assert {(c, q): n for q, by in got.notes.items() for c, n in by.items()} == {
        p: n for p, (_, n) in answers.items() if n
    }
    assert known.frame["absences"].to_list() == [None, True, None]
    assert {r[0] for r in got.readers.values()} == {"Ann"}


def test_faults_of_a_workbook_name_sheet_and_row(
    tmp_path: Path, framework: Framework, caseload: Caseload
) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(make_workbook(make_form(framework), caseload.frame, "sheets", WorkbookUser()))
    fill(path, "sheets", {("002", "b2_score"): ("Splendid", "")}, caseload.ids)
    with pytest.raises(
        UserError, match=r"book.xlsx sheet '2 002' row \d+: case 002, question 'b2_score': 'Splendid'"
    ):
        read_answers([path], framework, caseload)


def test_a_workbook_of_another_framework_is_refused(
    tmp_path: Path, library: Library, framework: Framework, caseload: Caseload
) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(
        make_workbook(make_form(library.load_framework("esi-2005")), caseload.frame, "rows", WorkbookUser())
    )
    with pytest.raises(UserError, match="was made from 'esi-2005'"):
        read_answers([path], framework, caseload)


def test_a_case_reference_that_looks_like_a_formula_stays_text(tmp_path: Path, framework: Framework) -> None:
    frame = pl.DataFrame({"case": ["=1+1"]})
    path = tmp_path / "book.xlsx"
    path.write_bytes(make_workbook(make_form(framework), frame, "sheets", WorkbookUser()))
    cell = load_workbook(path)[name_sheet("=1+1", 1)]["B1"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_too_many_cases_for_sheets(framework: Framework) -> None:
    with pytest.raises(ValueError, match="201 sheets"):
        make_workbook(
            make_form(framework),
            pl.DataFrame({"case": [str(n) for n in range(201)]}),
            "sheets",
            WorkbookUser(),
        )


def calculated(formula: str, cells: dict[str, object]) -> bool:
    """A spreadsheet formula of these workbooks, worked out in Python; comparing a blank cell with a text is false."""
    import re

    def same(a: object, b: object) -> bool:
        return ("" if a is None else a) == b

    text = re.sub(r'(\w+)<>""', r"not same(cell('\1'), '')", formula)
    text = re.sub(r'(\w+)=("[^"]*"|-?\d+)', r"same(cell('\1'), \2)", text)
    text = re.sub(r"ISNUMBER\((\w+)\)", r"isinstance(cell('\1'), (int, float))", text)
    text = re.sub(r"(\w+)([<>]=)(-?\d+)", r"(cell('\1') or 0) \2 \3", text)
    names = {
        "AND": lambda *x: all(x),
        "OR": lambda *x: any(x),
        "NOT": lambda x: not x,
        "TRUE": True,
        "FALSE": False,
    }
    return bool(
        eval(  # noqa: S307
            text,
            {"__builtins__": {"isinstance": isinstance, "int": int, "float": float}},
            {**names, "same": same, "cell": cells.get},
        )
    )


@pytest.mark.parametrize("name", ["esi-2003", "omi-2006"])
def test_formulas_agree_with_the_evaluator_on_every_condition(library: Library, name: str) -> None:
    """For each condition, all combinations of what it looks at: blank, a value that fits, one that does not."""
    framework = library.load_framework(name)
    attributes = {a.key: a for a in framework.attributes}
    tried = 0
    for question in framework.questions.values():
        if question.when is None:
            continue
        names = _attributes_behind(framework, question.key)
        values = [_some_values(attributes[n]) for n in names]
        formulas = make_truths(framework, question.when, lambda key: key if key in attributes else None)
        for row in product(*values):
            facts = dict(zip(names, row, strict=True))
            want = is_met(
                question.when, add_groups(framework, {k: v for k, v in facts.items() if v is not None})
            )
            shown = {k: _shown(attributes[k], v) for k, v in facts.items()}
            assert calculated(formulas.holds, shown) == (want is True), (question.key, facts)
            assert calculated(formulas.fails, shown) == (want is False), (question.key, facts)
            tried += 1
    assert tried > 20


def _attributes_behind(framework: Framework, key: str) -> list[str]:
    names, groups = list(framework.questions[key].when.list_names()), {g.key: g for g in framework.groups}  # type: ignore[union-attr]
    while any(n in groups for n in names):
        names = [m for n in names for m in (groups[n].when.list_names() if n in groups else [n])]
    return list(dict.fromkeys(names))


def _some_values(attribute: Any) -> list[object]:
    if attribute.kind == "yes_no":
        return [None, True, False]
    if attribute.kind == "number":
        return [None, 0, 1, 3, 4]
    return [None, *attribute.options]


def _shown(attribute: Any, value: object) -> object:
    from scrutineer.fieldwork.workbook.form import show_value

    return show_value(attribute, value)


def test_conditions_in_words(library: Library) -> None:
    framework = library.load_framework("esi-2003")
    assert (
        format_condition(framework, framework.questions["b1_mgmt"].when)
        == "High risk of harm or Child protection arrangements are in place"
    )
    assert format_condition(framework, None) == ""
    groups = {g.key: g for g in framework.groups}
    assert format_condition(framework, groups["high_risk"].when) == "Risk of harm: high or very high"


def test_the_printable_twin_has_every_question_and_says_what_it_is(
    framework: Framework, caseload: Caseload
) -> None:
    page = write_printable_form(make_form(framework), caseload.frame, synthetic=True)
    blank = write_printable_form(make_form(framework), None, synthetic=False)
    from html import unescape

    assert all(q.text in unescape(page) and q.text in unescape(blank) for q in framework.questions.values())
    assert page.count("synthetic") >= 1 + 3
    assert "ynthetic data" not in blank
    assert "Z/3*" in page


def test_notes_of_both_readings_are_kept_and_none_is_lost(
    tmp_path: Path, framework: Framework, caseload: Caseload
) -> None:
    text = "case,question,answer,reading,note\n001,b2_score,poor,1,first says\n001,b2_score,excellent,2,second says\n001,b2_score,poor,1,and more\n"
    got, _ = read(tmp_path, framework, caseload, text)
    assert got.notes == {"b2_score": {"001": "first says\nand more"}}
    assert got.second_notes == {"b2_score": {"001": "second says"}}
    make_long_table(framework, got).write_csv(tmp_path / "again.csv")
    again, _ = read_answers([tmp_path / "again.csv"], framework, caseload)
    assert (again.notes, again.second_notes) == (got.notes, got.second_notes)


def test_headings_and_readings_that_cannot_be(
    tmp_path: Path, framework: Framework, caseload: Caseload
) -> None:
    assert (
        "the headings repeat 'b2_score'"
        in faults(tmp_path, framework, caseload, "case,b2_score,B2_Score\n001,poor,excellent\n")[0]
    )
    assert (
        "row 2: 'reading' is not 1, 2 or 3"
        in faults(tmp_path, framework, caseload, "case,question,answer,reading\n001,b2_score,poor,4\n")[0]
    )


def test_what_was_adjudicated_is_scored_and_both_readings_stay(
    tmp_path: Path, framework: Framework, caseload: Caseload
) -> None:
    text = (
        "case,question,answer,reading\n"
        "001,b2_score,poor,1\n001,b2_score,excellent,2\n001,b2_score,sufficient,3\n"
        "002,b2_score,sufficient,1\n002,b2_score,sufficient,2\n"
    )
    got, known = read(tmp_path, framework, caseload, text)
    assert got.decode_column(framework, "b2_score") == ["sufficient", "sufficient", None]
    report = make_agreement_report(framework, known, got)
    assert (report.questions["b2_score"].pairs, report.questions["b2_score"].same) == (2, 1)
    make_long_table(framework, got).write_csv(tmp_path / "again.csv")
    again, _ = read_answers([tmp_path / "again.csv"], framework, caseload)
    assert again.first is not None
    assert got.first is not None
    assert again.first.tolist() == got.first.tolist()
    assert again.codes.tolist() == got.codes.tolist()


@pytest.mark.parametrize("layout", ["sheets", "rows"])
def test_a_workbook_that_was_taken_apart_is_told(
    tmp_path: Path, framework: Framework, caseload: Caseload, layout: Any
) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(make_workbook(make_form(framework), caseload.frame, layout, WorkbookUser()))
    book = load_workbook(path)
    book.create_sheet("My notes")["A3"] = "ring back"
    if layout == "rows":
        book[ANSWERS].delete_rows(1)
        book.save(path)
        with pytest.raises(UserError, match="hidden first row"):
            read_answers([path], framework, caseload)
    else:
        book.save(path)
        got, _ = read_answers([path], framework, caseload)
        assert got.cases == ("001", "002", "Z/3*")
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(UserError, match="this workbook can't be read"):
        read_answers([path], framework, caseload)


def test_answers_that_do_not_apply_are_set_aside_listed_and_kept(
    tmp_path: Path, framework: Framework
) -> None:
    """b1_rmp5 asks about high risk only: its answer for a low risk case counts nowhere, and is written out again."""
    cases = tmp_path / "cases.csv"
    cases.write_text(
        "case,risk_of_harm,public_protection_issue,child_protection\nA,low,no,no\nB,high,yes,no\n"
    )
    path = tmp_path / "answers.csv"
    path.write_text("case,question,answer\nA,b1_rmp5,poor\nB,b1_rmp5,sufficient\n")
    got, known = read_answers([path], framework, read_cases(cases, framework))
    everyone = GroupOf("all", "All", np.ones(2, dtype=np.bool_))
    counts = (
        make_results(framework, got.codes, got.questions, [everyone])
        .groups["all"]
        .questions["b1_rmp5"]
        .counts
    )
    assert (counts.above, counts.relevant) == (1, 1)
    listed = [g for g in list_gaps(framework, known, got) if g.kind == "answered where it does not apply"]
    assert [(g.question, g.cases) for g in listed] == [("b1_rmp5", ("A",))]
    rows = {(r["case"], r["question"]): r["answer"] for r in make_long_table(framework, got).rows(named=True)}
    assert rows["A", "b1_rmp5"] == "poor"
