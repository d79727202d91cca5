"""What conditions make of facts, for many cases at once.

Three-valued like `applicability`, on whole columns: 0 for false, 1 for not known, 2 for true, so that *and* is the smaller,
*or* the larger, and *not* what is left of 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from scrutineer.frameworks.conditions import AnswerCount, Condition

Levels = npt.NDArray[np.int8]
"""A level per case."""

FALSE, UNKNOWN, TRUE = 0, 1, 2


class AnswerNumbers(NamedTuple):
    """Of several questions, how many have one of some answers, aren't answered yet, or have another: numbers per case.

    Those that don't apply are in none of the three, unless that's one of the answers.
    """

    matched: npt.NDArray[np.int16]
    unknown: npt.NDArray[np.int16]
    others: npt.NDArray[np.int16]


class FactSource(Protocol):
    """Where the facts of cases come from."""

    cases: int

    def decide_fact(self, name: str, expected: object) -> Levels:
        """Whether one fact is as it must be, for each case."""
        ...

    def count_answers(self, count: AnswerCount) -> AnswerNumbers:
        """How the questions of a test are answered, for each case."""
        ...


def evaluate_levels(condition: Condition | None, facts: FactSource) -> Levels:
    """Whether a condition is true for each case; None always holds."""
    parts = [] if condition is None else list(_list_parts(condition, facts))
    if not parts:
        return np.full(facts.cases, TRUE, dtype=np.int8)
    whole = parts[0]
    for part in parts[1:]:
        whole = np.minimum(whole, part)
    return whole


def _list_parts(condition: Condition, facts: FactSource) -> Iterable[Levels]:
    for name, expected in condition.facts.items():
        yield facts.decide_fact(name, expected)
    if condition.any:
        either = evaluate_levels(condition.any[0], facts)
        for inner in condition.any[1:]:
            either = np.maximum(either, evaluate_levels(inner, facts))
        yield either
    if condition.not_ is not None:
        yield TRUE - evaluate_levels(condition.not_, facts)
    if condition.how_many is not None:
        yield decide_numbers(condition.how_many, facts.count_answers(condition.how_many))


def decide_numbers(count: AnswerCount, numbers: AnswerNumbers) -> Levels:
    """Whether a test on several questions holds: `applicability.decide_count` for many cases."""
    matched, unknown, others = numbers
    parts = []
    if count.at_least is not None:
        parts.append(_decide(matched >= count.at_least, matched + unknown < count.at_least))
    if count.at_most is not None:
        parts.append(_decide(matched + unknown <= count.at_most, matched > count.at_most))
    if count.every:
        is_sure = (matched > 0) & (others == 0) & (unknown == 0)
        parts.append(_decide(is_sure, (others > 0) | (matched + unknown == 0)))
    whole = parts[0] if parts else np.full(len(matched), TRUE, dtype=np.int8)
    for part in parts[1:]:
        whole = np.minimum(whole, part)
    return whole


def _decide(is_sure: npt.NDArray[np.bool_], is_excluded: npt.NDArray[np.bool_]) -> Levels:
    # One that's sure is never excluded, so the sum of the two is a level.
    return UNKNOWN + is_sure.view(np.int8) - is_excluded.view(np.int8)
