"""Ratings of judgement criteria: from graded evidence items to the first rule that holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.model import Criterion, Item, RatingRule, Ratings


@dataclass(frozen=True)
class Rating:
    """A final rating: what the rule computed, what was set, and the reason if the two differ.

    Raises:
        UserError: another rating than the computed one was set without a reason.
    """

    computed: RatingRule
    final: RatingRule
    reason: str = ""

    def __post_init__(self) -> None:
        # Inspectors may overrule the rule, but never without a reason that stays on record.
        if self.final.rating != self.computed.rating and not self.reason.strip():
            what = f"the rating is set to '{self.final.title}', but the rule gives '{self.computed.title}'"
            raise UserError(Fault("", what, "Give the reason"))


def rate(ratings: Ratings, criterion: Criterion, grades: Mapping[str, str]) -> RatingRule:
    """The rating that a criterion's graded items earn: the first rule that holds.

    Items about a national body are left out. An item of weight 2 counts as two items.

    Args:
        ratings: the framework's grades, best first, and its rules in order.
        criterion: gives the items.
        grades: the grade of each item by the item's key.

    Raises:
        UserError: an item without a grade, an unknown grade or an unknown item (all at once).
    """
    order = [g.key for g in ratings.grades]
    # An area can't answer for a national body, so such items never lower its rating.
    items = [i for i in criterion.items if not i.national]
    _refuse_gaps(order, criterion, items, grades)
    reached = [(order.index(grades[item.key]), item.weight) for item in items]
    # There is always one: a framework whose last rule has a condition is refused when it is read.
    return next(rule for rule in ratings.rules if _is_met(rule, order, reached))


def _refuse_gaps(
    order: list[str], criterion: Criterion, items: list[Item], grades: Mapping[str, str]
) -> None:
    where = f"criterion {criterion.code}"
    faults = [
        Fault(where, f"item '{i.key}' has no grade", f"Choose from {', '.join(order)}")
        for i in items
        if i.key not in grades
    ]
    known = {item.key for item in criterion.items}
    for key, grade in grades.items():
        if key not in known:
            faults.append(
                Fault(where, f"there is no item '{key}'", f"Choose from {', '.join(sorted(known))}")
            )
        elif grade not in order:
            faults.append(
                Fault(
                    where, f"item '{key}' has an unknown grade, '{grade}'", f"Choose from {', '.join(order)}"
                )
            )
    if not items:
        faults.append(Fault(where, "every item is about a national body, so there is nothing to rate"))
    if faults:
        raise UserError(faults)


def _is_met(rule: RatingRule, order: list[str], reached: list[tuple[int, int]]) -> bool:
    """Whether a rule holds; a smaller index in `order` is a better grade."""
    total = sum(weight for _, weight in reached)

    def find_weight(grade: str) -> int:
        # Grades are listed best first, so "at least good" means a place no later than that of "good".
        return sum(weight for place, weight in reached if place <= order.index(grade))

    needs = rule.conditions
    tests = {
        "all": lambda w: w == total,
        # Whole numbers: an exact half is not a majority.
        "majority": lambda w: 2 * w > total,
        "some": lambda w: w > 0,
        "rest": lambda w: w == total,
        "not_all": lambda w: w < total,
    }
    return all(tests[name](find_weight(grade)) for name, grade in needs.items())
