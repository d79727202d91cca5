"""Made-up numbers and dates that assessors record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.frameworks.conditions import Condition, Nearness
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.question_kinds import find_kind

_DAYS = {"days": 1, "working_days": 1.4, "weeks": 7, "months": 30}
"""How many days a unit of a test has, about."""
_USUAL = Nearness(within=30)
_MIDDLE = 6.0
"""Half of the numbers lie below this."""

Others = dict[str, dict[str, str]]


def make_recorded(framework: Framework, caseload: Caseload, generator: np.random.Generator) -> Others:
    """An answer to every question that's answered by a number or a date, by question and case.

    A date that a rule compares with another one falls within the rule's time for about two cases in three.

    Args:
        framework: gives the questions.
        caseload: the cases; dates follow theirs.
        generator: the source of chance.
    """
    made: Others = {}
    for key in framework.questions:
        kind = find_kind(framework.scale_of[key])
        if kind.is_coded or kind.read_as == "text":
            continue
        if kind.read_as == "number":
            numbers = np.round(generator.lognormal(np.log(_MIDDLE), 0.6, caseload.frame.height), 1)
            made[key] = {
                case: f"{value:g}" for case, value in zip(caseload.ids, numbers.tolist(), strict=True)
            }
        else:
            made[key] = _make_days(framework, caseload, key, made, generator)
    return made


def _make_days(
    framework: Framework, caseload: Caseload, key: str, made: Others, generator: np.random.Generator
) -> dict[str, str]:
    test = next(_list_tests(framework, key), None) or _USUAL
    most = max(round(test.within * _DAYS[test.unit] * 1.5), 1)
    days = generator.integers(0, most + 1, caseload.frame.height)
    starts = _find_starts(framework, caseload, test, made)
    sign = -1 if test.before is not None else 1
    return {
        case: (start + timedelta(days=sign * int(own))).isoformat()
        for case, start, own in zip(caseload.ids, starts, days.tolist(), strict=True)
        if start is not None
    }


def _find_starts(framework: Framework, caseload: Caseload, test: Nearness, made: Others) -> list[date | None]:
    """The day that a date is counted from, by case: what the test names, or the first date that cases have."""
    dates = [a.key for a in framework.attributes if a.kind == "date" and a.key in caseload.frame.columns]
    if test.other in made:
        days = [made[test.other].get(case) for case in caseload.ids]
        return [date.fromisoformat(day) if day else None for day in days]
    named = test.other if test.other in dates else next(iter(dates), None)
    return [None] * caseload.frame.height if named is None else caseload.frame[named].to_list()


def _list_tests(framework: Framework, key: str) -> Iterator[Nearness]:
    """The tests of a date against another one, in any condition or rule."""
    for question in framework.questions.values():
        for condition in (question.when, *(rule.when for rule in question.derived)):
            yield from _list_within(condition, key)


def _list_within(condition: Condition | None, key: str) -> Iterator[Nearness]:
    if condition is None:
        return
    for name, expected in condition.facts.items():
        if name == key and isinstance(expected, Nearness):
            yield expected
    for inner in condition.inner:
        yield from _list_within(inner, key)
