"""Conditions over facts that may not be known."""

import pytest

from scrutineer.fieldwork.cases.applicability import is_met
from scrutineer.frameworks.conditions import Condition


def condition(**fields: object) -> Condition:
    return Condition.model_validate(fields)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"order": "licence", "score": 5}, True),
        ({"order": "licence", "score": 3}, False),
        ({"order": "community", "score": None}, False),
        ({"order": "licence"}, None),
        ({}, None),
    ],
)
def test_all_facts_must_hold(facts: dict[str, object], expected: bool | None) -> None:
    assert is_met(condition(order=["licence"], score={"at_least": 4}), facts) is expected


@pytest.mark.parametrize(
    ("drug", "alcohol", "expected"), [(5, None, True), (1, 1, False), (1, None, None), (None, 9, True)]
)
def test_any_is_decided_by_one_that_holds(
    drug: int | None, alcohol: int | None, expected: bool | None
) -> None:
    either = condition(any=[{"drug": {"at_least": 4}}, {"alcohol": {"at_least": 4}}])
    assert is_met(either, {"drug": drug, "alcohol": alcohol}) is expected


@pytest.mark.parametrize(("value", "expected"), [(True, False), (False, True), (None, None)])
def test_not(value: bool | None, expected: bool | None) -> None:
    assert is_met(condition(**{"not": {"high": True}}), {"high": value}) is expected


def test_true_is_not_one() -> None:
    assert is_met(condition(high=True), {"high": 1}) is False
    assert is_met(condition(count=1), {"count": True}) is False


def test_no_condition_always_holds() -> None:
    assert is_met(None, {}) is True
