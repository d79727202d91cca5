"""A framework in words: every kind of test, scale and sample is said, and no key or object is left in a sentence."""

from __future__ import annotations

import re

import pytest

from scrutineer.fieldwork.cases.condition_words import format_condition
from scrutineer.frameworks.conditions import Condition
from scrutineer.frameworks.model import Framework
from scrutineer.report.pages.framework_words import as_text, describe_question, list_parts
from tests.command import scrutineer
from tests.random_cases import CHILDREN, NOTES, SHIPPED

ALL = [SHIPPED.load_framework(name) for name in SHIPPED.ids]


@pytest.mark.parametrize("framework", ALL, ids=lambda f: f.id)
def test_no_sentence_holds_an_object_or_nothing(framework: Framework) -> None:
    text = "\n".join(as_text(framework))
    assert not re.search(r"Bounds\(|Nearness\(|None|\(\)|at_least|working_days", text)
    for question in framework.questions.values():
        for line in describe_question(framework, question):
            assert not line.endswith(": "), line
            assert "Asked if: " not in line or len(line) > len("Asked if: "), line
    titles = [part.title for part in list_parts(framework)]
    assert titles == [t for t in ("Scales", "Scores", "Ratings", "Groups", "Sample") if t in titles]


@pytest.mark.parametrize(
    ("framework", "condition", "words"),
    [
        (NOTES, {"age": {"at_least": 2.5, "at_most": 65}}, "Age: at least 2.5 and at most 65"),
        (
            NOTES,
            {"first_review": {"on_or_after": "2026-04-01"}},
            "on or after 2026-04-01",
        ),
        (
            NOTES,
            {"first_review": {"within": 1, "unit": "working_days", "after": "first_review"}},
            "within 1 working day after",
        ),
        (NOTES, {"first_review": {"within": 0, "before": "first_review"}}, "on the day of"),
        (NOTES, {"how_many": {"of": ["identified", "allergies"], "answered": ["no", "not_applicable"], "every": True}}, "every one that applies of"),
        (NOTES, {"how_many": {"of": ["identified", "allergies", "consent", "signed"], "answered": ["no"], "at_least": 1, "at_most": 2}}, "at least 1 and at most 2 of 4 questions answered no"),
        (CHILDREN, {"not": {"item_1": "strength"}, "any": [{"item_1": "strength"}, {"child_seen": "yes"}]}, "not: Item 1"),
    ],
)  # fmt: skip
def test_every_kind_of_test_has_words(framework: Framework, condition: dict[str, object], words: str) -> None:
    assert words in format_condition(framework, Condition.model_validate(condition))


def test_the_command_shows_the_method() -> None:
    done = scrutineer("framework", "show", "case-note-review")
    for words in (
        "above the line",
        "an acceptance number",
        "80 cases are drawn",
        "Rule 3: Pass if no other rule applies",
    ):
        assert words in done.stdout
    shown = scrutineer("framework", "show", "cfsr-4", "--format", "json").stdout
    for key in ('"derived"', '"when"', '"context"', '"scales"'):
        assert key in shown
