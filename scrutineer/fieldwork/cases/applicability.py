"""Whether something applies to a case: the one evaluator of a framework's conditions.

Three-valued (Kleene 1938): a condition on something not yet known is itself not known, unless
the rest of it decides. "Not known" is never taken for "does not apply".
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from scrutineer.frameworks.conditions import AnswerCount, Bounds, Condition, Nearness
from scrutineer.frameworks.holidays import shift_working_days
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.question_kinds import NOT_APPLICABLE

Facts = Mapping[str, object]


def is_met(condition: Condition | None, facts: Facts) -> bool | None:
    """Whether a condition is true for a case.

    Args:
        condition: None always holds.
        facts: attributes, groups and earlier answers by name; None or absence means not known.

    Returns:
        True, False, or None if the facts known so far do not decide.
    """
    if condition is None:
        return True
    parts: list[bool | None] = [
        evaluate_fact(
            expected,
            facts.get(name),
            facts.get(expected.other) if isinstance(expected, Nearness) else None,
        )
        for name, expected in condition.facts.items()
    ]
    if condition.any:
        parts.append(_evaluate_any(is_met(inner, facts) for inner in condition.any))
    if condition.not_ is not None:
        inner = is_met(condition.not_, facts)
        parts.append(None if inner is None else not inner)
    if condition.how_many is not None:
        parts.append(_evaluate_count(condition.how_many, facts))
    return _evaluate_all(parts)


def evaluate_fact(expected: object, value: object, other: object = None) -> bool | None:
    """Whether one fact is as it must be.

    Args:
        expected: a value, a tuple of values, or a test.
        value: the fact; None if it isn't known.
        other: the date that it's compared with, where the test is of two dates.
    """
    if value is None:
        return None
    if isinstance(expected, Bounds):
        return False if value == NOT_APPLICABLE else _is_within(expected, value)
    if isinstance(expected, Nearness):
        return False if NOT_APPLICABLE in (value, other) else _is_near(expected, value, other)
    if isinstance(expected, tuple):
        return any(_is_same(choice, value) for choice in expected)
    return _is_same(expected, value)


def _is_same(expected: object, value: object) -> bool:
    return isinstance(expected, bool) == isinstance(value, bool) and expected == value


def _is_within(bounds: Bounds, value: object) -> bool | None:
    if bounds.on_or_after is not None or bounds.on_or_before is not None:
        day = read_fact_date(value)
        if day is None:
            return None
        late = bounds.on_or_after is None or day >= date.fromisoformat(bounds.on_or_after)
        return late and (bounds.on_or_before is None or day <= date.fromisoformat(bounds.on_or_before))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    above = bounds.at_least is None or value >= bounds.at_least
    return above and (bounds.at_most is None or value <= bounds.at_most)


def read_fact_date(value: object) -> date | None:
    """A fact as a date; None if it's none. A room keeps dates as texts, a table as dates."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _is_near(nearness: Nearness, value: object, other: object) -> bool | None:
    day, start = read_fact_date(value), read_fact_date(other)
    if day is None or start is None:
        return None
    if nearness.after is not None:
        return start <= day and day <= shift(start, nearness.within, nearness)
    return day <= start and day >= shift(start, -nearness.within, nearness)


def shift(day: date, number: int, nearness: Nearness) -> date:
    """The day so many of a test's units later, or earlier where the number is negative."""
    if nearness.unit == "working_days":
        return shift_working_days(day, number, nearness.place)
    if nearness.unit == "months":
        months = day.year * 12 + day.month - 1 + number
        year, month = divmod(months, 12)
        # The last day of a shorter month stands for days that it doesn't have.
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return day + timedelta(days=number * (7 if nearness.unit == "weeks" else 1))


def _evaluate_count(count: AnswerCount, facts: Facts) -> bool | None:
    values = [facts.get(name) for name in count.of]
    matched = sum(value in count.answered for value in values)
    unknown = sum(value is None for value in values)
    others = sum(value not in (None, NOT_APPLICABLE) and value not in count.answered for value in values)
    return decide_count(count, matched, unknown, others)


def decide_count(count: AnswerCount, matched: int, unknown: int, others: int) -> bool | None:
    """Whether a test on several questions holds.

    Args:
        count: the test.
        matched: questions with one of the answers.
        unknown: questions that aren't answered yet.
        others: questions with another answer, apart from those that don't apply.
    """
    parts: list[bool | None] = []
    if count.at_least is not None:
        parts.append(_decide(matched >= count.at_least, matched + unknown < count.at_least))
    if count.at_most is not None:
        parts.append(_decide(matched + unknown <= count.at_most, matched > count.at_most))
    if count.every:
        parts.append(
            _decide(matched > 0 and not others and not unknown, others > 0 or matched + unknown == 0)
        )
    return _evaluate_all(parts)


def _decide(is_sure: bool, is_excluded: bool) -> bool | None:
    return True if is_sure else False if is_excluded else None


def _evaluate_all(parts: Iterable[bool | None]) -> bool | None:
    values = list(parts)
    if False in values:
        return False
    return None if None in values else True


def _evaluate_any(parts: Iterable[bool | None]) -> bool | None:
    values = list(parts)
    if True in values:
        return True
    return None if None in values else False


def add_groups(framework: Framework, facts: Facts) -> dict[str, object]:
    """The facts of a case, and whether it belongs to each group of the framework."""
    known = dict(facts)
    for group in framework.groups:
        known[group.key] = is_met(group.when, known)
    return known
