"""Answers that follow from others by rules, and the tests on dates, decimals and several questions that rules use."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from scrutineer.errors import UserError
from scrutineer.fieldwork.cases.answer_files import read_answers
from scrutineer.fieldwork.cases.answers import list_choice_questions
from scrutineer.fieldwork.cases.applicability import is_met
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.cases.codes import MISSING, find_answer, find_byte
from scrutineer.fieldwork.cases.gaps import list_gaps
from scrutineer.fieldwork.cases.settled import settle_case
from scrutineer.fieldwork.cases.settled_cases import find_named, settle
from scrutineer.frameworks.conditions import Condition
from scrutineer.frameworks.load import load
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.question_kinds import NOT_APPLICABLE
from scrutineer.tables.read_table import read_table
from tests.random_cases import CHILDREN, NOTES, SHIPPED, make_random_case


def condition(**fields: object) -> Condition:
    return Condition.model_validate(fields)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(38.5, True), (38.4, False), (62.5, True), (62.6, False), ("many", None), (None, None)],
)
def test_bounds_can_be_decimals(value: object, expected: bool | None) -> None:
    assert is_met(condition(score={"at_least": 38.5, "at_most": 62.5}), {"score": value}) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-31", False),
        ("2026-04-01", True),
        (date(2026, 4, 30), True),
        (date(2026, 5, 1), False),
        ("soon", None),
    ],
)
def test_a_day_can_be_bounded(value: object, expected: bool | None) -> None:
    between = condition(seen={"on_or_after": "2026-04-01", "on_or_before": "2026-04-30"})
    assert is_met(between, {"seen": value}) is expected


# Good Friday 2026 is 3 April and Easter Monday 6 April; in Scotland only the Friday is a holiday.
@pytest.mark.parametrize(
    ("test", "seen", "expected"),
    [
        ({"within": 5, "after": "started"}, "2026-04-06", True),
        ({"within": 5, "after": "started"}, "2026-04-07", False),
        ({"within": 5, "after": "started"}, "2026-03-31", False),
        ({"within": 1, "unit": "weeks", "after": "started"}, "2026-04-08", True),
        ({"within": 1, "unit": "months", "after": "started"}, "2026-05-01", True),
        ({"within": 1, "unit": "months", "after": "started"}, "2026-05-02", False),
        ({"within": 2, "unit": "working_days", "after": "started"}, "2026-04-07", True),
        ({"within": 2, "unit": "working_days", "after": "started"}, "2026-04-08", False),
        ({"within": 2, "unit": "working_days", "after": "started", "place": "GB-SCT"}, "2026-04-07", False),
        ({"within": 2, "unit": "working_days", "after": "started", "place": "GB-SCT"}, "2026-04-06", True),
        ({"within": 2, "before": "started"}, "2026-03-30", True),
        ({"within": 2, "before": "started"}, "2026-04-02", False),
        ({"within": 2, "before": "started"}, None, None),
    ],
)
def test_a_day_can_be_near_another(test: dict[str, object], seen: str | None, expected: bool | None) -> None:
    """Counted from Wednesday, 1 April 2026."""
    assert is_met(condition(seen=test), {"seen": seen, "started": date(2026, 4, 1)}) is expected


def test_a_month_after_the_31st_ends_with_the_month() -> None:
    near = condition(seen={"within": 1, "unit": "months", "after": "started"})
    assert is_met(near, {"seen": "2026-02-28", "started": "2026-01-31"}) is True
    assert is_met(near, {"seen": "2026-03-01", "started": "2026-01-31"}) is False


@pytest.mark.parametrize(
    ("answers", "at_least_two", "at_most_one", "every"),
    [
        (("no", "no", "yes"), True, False, False),
        (("no", "yes", "yes"), False, True, False),
        (("no", None, "yes"), None, None, False),
        (("no", None, None), None, None, None),
        ((None, "yes", "yes"), False, True, False),
        (("no", "no", NOT_APPLICABLE), True, False, True),
        ((NOT_APPLICABLE, NOT_APPLICABLE, NOT_APPLICABLE), False, True, False),
        (("no", "no", None), True, False, None),
    ],
)
def test_answers_are_counted(
    answers: tuple[str | None, ...], at_least_two: bool | None, at_most_one: bool | None, every: bool | None
) -> None:
    facts = dict(zip("abc", answers, strict=True))

    def count(**limits: object) -> bool | None:
        return is_met(condition(how_many={"of": ["a", "b", "c"], "answered": ["no"], **limits}), facts)

    assert (count(at_least=2), count(at_most=1), count(every=True)) == (at_least_two, at_most_one, every)


def test_a_test_that_is_none_is_answered_in_one_sentence() -> None:
    with pytest.raises(ValidationError) as error:
        condition(ward={"gt": 3})
    assert len(error.value.errors()) == 1
    assert "at_least and at_most" in error.value.errors()[0]["msg"]


# -- rules -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "framework", [NOTES, CHILDREN, SHIPPED.load_framework("esi-2003")], ids=lambda f: f.id
)
def test_one_case_is_settled_as_it_is_among_many(framework: Framework) -> None:
    random = Random(7)
    cases = [make_random_case(framework, random) for _ in range(1_000)]
    rows = [{"case": str(n), **facts} for n, (facts, _) in enumerate(cases)]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    questions = list_choice_questions(framework)
    codes = np.full((len(cases), len(questions)), MISSING, dtype=np.uint8)
    others: dict[str, dict[str, str]] = {}
    for n, (_, answers) in enumerate(cases):
        for key, answer in answers.items():
            if key in questions:
                codes[n, questions.index(key)] = find_byte(framework.scale_of[key], answer)
            else:
                others.setdefault(key, {})[str(n)] = answer
    settle(framework, frame, questions, codes, others)
    by_rules = 0
    for n, (facts, answers) in enumerate(cases):
        one = settle_case(framework, facts, answers)
        for m, key in enumerate(questions):
            among = find_answer(framework.scale_of[key], int(codes[n, m]))
            assert among == one[key].answer, (n, key, one[key])
            by_rules += one[key].rule is not None
    assert by_rules > 500 or not any(q.derived for q in framework.questions.values())


def write_case(folder: Path, answers: str) -> tuple[Any, Caseload]:
    (folder / "answers.csv").write_text(answers, "utf-8")
    frame = pl.DataFrame({"case": ["1", "2"], "admission": ["planned", "planned"]})
    caseload = Caseload("two cases", frame)
    return read_answers([read_table(folder / "answers.csv")], NOTES, caseload)


ENTRIES = "case,identified,allergies,consent,signed,dated,legible,in_order,discharge_letter"


def test_an_answer_by_rules_needs_no_answer_of_a_person(tmp_path: Path) -> None:
    answers, caseload = write_case(
        tmp_path, f"{ENTRIES}\n1,yes,yes,yes,yes,yes,yes,yes,yes\n2,yes,no,,,,,,\n"
    )
    assert answers.decode_column(NOTES, "audit") == ["pass", "fail"]
    # What is open of the second case is listed; the audit itself is no gap.
    open_questions = {gap.question for gap in list_gaps(NOTES, caseload, answers)}
    assert {"consent", "signed"} <= open_questions
    assert "audit" not in open_questions


def test_a_file_may_repeat_an_answer_by_rules_but_not_contradict_it(tmp_path: Path) -> None:
    whole = "yes,yes,yes,yes,yes,yes,yes,yes"
    answers, _ = write_case(tmp_path, f"{ENTRIES},audit\n1,{whole},pass\n2,{whole},\n")
    assert answers.decode_column(NOTES, "audit") == ["pass", "pass"]
    with pytest.raises(UserError) as error:
        write_case(tmp_path, f"{ENTRIES},audit\n1,{whole},fail\n2,{whole},\n")
    assert [str(fault) for fault in error.value.faults] == [
        "case 1, question 'audit': the answer is 'fail', but by the framework's rules it's 'pass'. Leave it blank, or"
        " correct the answers that it follows from."
    ]


def test_tags_stand_for_their_questions() -> None:
    assert {"identified", "allergies", "consent"} <= find_named(NOTES)


BASE = """format: 2
id: small
version: "1.0"
title: Small
scales:
  - {key: yes_no, title: Yes or no, options: [{code: "yes", label: "Yes", above: true}, {code: "no", label: "No", above: false}]}
  - {key: words, title: Words, kind: text}
attributes:
  - {key: ward, title: Ward, kind: text}
  - {key: age, title: Age, kind: number}
  - {key: started, title: Start, kind: date}
sections:
  - code: A
    title: All
    criteria:
      - code: A1
        title: One
        kind: case
        questions:
          - {key: first, text: First, scale: yes_no, tags: [all]}
          - {key: second, text: Second, scale: yes_no, tags: [all], EXTRA}
"""


def find_faults(tmp_path: Path, extra: str) -> list[str]:
    path = tmp_path / "framework.yaml"
    path.write_text(BASE.replace("EXTRA", extra), "utf-8")
    try:
        load(path, lambda _: pytest.fail("nothing is extended"))
    except UserError as error:
        return [fault.what for fault in error.faults]
    return []


@pytest.mark.parametrize(
    ("extra", "what"),
    [
        ("when: {ward: {at_least: 3}}", "compares 'ward' with a number, but it isn't a number"),
        ('when: {age: {on_or_after: "2026-01-01"}}', "compares 'age' with a day, but it isn't a date"),
        ("when: {age: {at_least: 5, at_most: 4}}", "asks of 'age' what can't be"),
        ("when: {age: {}}", "has a test of 'age' without a limit"),
        ("when: {started: {within: 3}}", "doesn't say from which date 'started' is counted"),
        ("when: {started: {within: 3, after: age}}", "tests a date, but 'age' isn't a date"),
        ('when: {how_many: {of: [first], answered: ["no"], at_least: 2}}', "so it never holds"),
        ('when: {how_many: {of: [all], answered: ["no"]}}', "doesn't say how many there must be"),
        (
            'when: {how_many: {of: [al], answered: ["no"], at_least: 1}}',
            "an unknown question or attribute 'al'",
        ),
        ("when: {how_many: {of: [all], answered: [maybe], at_least: 1}}", "counts 'maybe'"),
        ("derived: [{answer: maybe}]", "gives 'maybe', which scale 'yes_no' doesn't offer"),
        ('derived: [{answer: "yes", when: {first: "yes"}}]', "leave some cases without an answer"),
        ('derived: [{answer: "yes"}, {answer: "no"}]', "after number 1 are never reached"),
        ('derived: [{answer: "yes", when: {second: "yes"}}, {answer: "no"}]', "a later question 'second'"),
        ("when: {ward: {gt: 3}}", "write a value, a list of values, or a test"),
        ("when: {age: {at_least: many}}", "'many' doesn't fit at_least"),
    ],
)
def test_what_can_not_be_meant_is_refused(tmp_path: Path, extra: str, what: str) -> None:
    found = find_faults(tmp_path, extra)
    assert len(found) == 1, found
    assert what in found[0]


def test_a_sound_rule_is_accepted(tmp_path: Path) -> None:
    assert (
        find_faults(
            tmp_path,
            'derived: [{answer: "no", when: {how_many: {of: [all], answered: ["no"], at_least: 1}}}, {answer: "yes"}]',
        )
        == []
    )


def test_the_first_edition_has_no_rules(tmp_path: Path) -> None:
    path = tmp_path / "framework.yaml"
    path.write_text(
        BASE.replace("format: 2", "format: 1").replace(", EXTRA", ', derived: [{answer: "yes"}], weight: 2'),
        "utf-8",
    )
    with pytest.raises(
        UserError, match="answers by rules, weights of questions are part of the second edition"
    ):
        load(path, lambda _: pytest.fail("nothing is extended"))


def test_a_scale_has_no_more_options_than_an_answer_can_hold(tmp_path: Path) -> None:
    many = ", ".join(f"{{code: o{n}, label: Option {n}, above: true}}" for n in range(16))
    path = tmp_path / "framework.yaml"
    text = BASE.replace(", EXTRA", "").replace(
        "  - {key: words", f"  - {{key: long, title: Long, options: [{many}]}}\n  - {{key: words"
    )
    path.write_text(text, "utf-8")
    with pytest.raises(
        UserError, match="scale 'long' has 16 options, and an answer can be one of 15 at most"
    ):
        load(path, lambda _: pytest.fail("nothing is extended"))


def test_frameworks_without_rules_keep_their_content() -> None:
    """New fields leave no trace where they aren't used: pinned hashes stay."""
    content = json.dumps(SHIPPED.load_framework("esi-2003").model_dump(mode="json", exclude_defaults=True))
    assert "derived" not in content
    assert "how_many" not in content


def test_a_made_up_area_has_numbers_and_dates_that_rules_look_at(tmp_path: Path) -> None:
    """Two in three of the dates fall within the time that a rule sets, so that both answers come out."""
    from tests.command import scrutineer

    made = scrutineer(
        "simulate", "--framework", "case-note-review", "--seed", 3, "--cases", 120, "--out", tmp_path
    )
    assert made.returncode == 0, made.stderr
    scored = scrutineer(
        "score", "--framework", "case-note-review", "--cases", tmp_path / "cases.csv",
        "--answers", tmp_path / "answers.csv", "--format", "json",
    )  # fmt: skip
    results = json.loads(scored.stdout)["groups"]["all"]
    assert {key: values["n"] for key, values in results["recorded"].items()} == {
        "first_review": 120,
        "hours_to_scan": 120,
    }
    in_time = results["questions"]["reviewed_in_time"]
    assert 0 < in_time["options"]["no"] < in_time["options"]["yes"] + in_time["options"]["no"]
