"""A group across areas, held against everyone else within each area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from scipy.special import stdtr

from scrutineer.comparison.compare import FALSE_DISCOVERIES
from scrutineer.comparison.read import Scored, Side
from scrutineer.statistics.binomial import quantile
from scrutineer.statistics.differences import Difference
from scrutineer.statistics.families import adjusted
from scrutineer.statistics.stratified import mantel_haenszel

Pair = tuple[Side, Side]
"""The group and everyone else, of one area."""


@dataclass(frozen=True)
class AcrossRow:
    """One question or score across areas.

    Attributes:
        level: question or score.
        name: its key or code.
        areas: how many areas have both sides.
        cases: relevant cases of the group and of everyone else; None for a score.
        difference: the group less everyone else, within areas.
        adjusted: its p-value, adjusted for all comparisons of its level.
    """

    level: Literal["question", "score"]
    name: str
    areas: int
    cases: tuple[int, int] | None
    difference: Difference
    adjusted: float | None

    @property
    def words(self) -> str:
        """What may be said: 'significantly' only where the adjusted test says so."""
        if self.difference.p_value is None:
            return "not tested"
        if self.adjusted is not None and self.adjusted <= FALSE_DISCOVERIES and self.difference.value:
            return f"significantly {'higher' if self.difference.value > 0 else 'lower'}"
        return "no significant difference"


def across(pairs: Sequence[Pair]) -> tuple[AcrossRow, ...]:
    """Every question and score that a group and everyone else have in at least one area.

    Questions by Mantel and Haenszel's method; scores as the mean of the areas' differences, an area weighing
    n₁n₂ ÷ (n₁+n₂) as there.

    Args:
        pairs: one per area, of the same framework.
    """
    questions = dict.fromkeys(name for group, _ in pairs for name in group.questions)
    found = [row for name in questions if (row := _question(name, pairs)) is not None]
    scores = dict.fromkeys(name for group, _ in pairs for name in group.scores)
    more = [row for name in scores if (row := _score(name, pairs)) is not None]
    return (*_with_adjusted(found), *_with_adjusted(more))


def _with_adjusted(rows: Sequence[AcrossRow]) -> list[AcrossRow]:
    values = adjusted([row.difference.p_value for row in rows])
    return [
        AcrossRow(r.level, r.name, r.areas, r.cases, r.difference, p)
        for r, p in zip(rows, values, strict=True)
    ]


def _question(name: str, pairs: Sequence[Pair]) -> AcrossRow | None:
    strata = [
        (
            g.questions[name].above,
            g.questions[name].relevant,
            o.questions[name].above,
            o.questions[name].relevant,
        )
        for g, o in pairs
        if name in g.questions and name in o.questions
    ]
    both = [s for s in strata if s[1] and s[3]]
    difference = mantel_haenszel(both)
    if difference is None:
        return None
    return AcrossRow(
        "question", name, len(both), (sum(s[1] for s in both), sum(s[3] for s in both)), difference, None
    )


def _score(name: str, pairs: Sequence[Pair]) -> AcrossRow | None:
    both = [
        (g.scores[name], o.scores[name], g.cases * o.cases / (g.cases + o.cases))
        for g, o in pairs
        if name in g.scores and name in o.scores and g.cases and o.cases
    ]
    if not both:
        return None
    return AcrossRow("score", name, len(both), None, _mean_difference(both), None)


def _mean_difference(both: Sequence[tuple[Scored, Scored, float]]) -> Difference:
    """The weighted mean of independent differences, with Welch's degrees of freedom over all of their parts."""
    total = sum(weight for _, _, weight in both)
    value = sum((one.score - other.score) * weight for one, other, weight in both) / total
    parts = [
        ((side.error * weight / total) ** 2, max(side.freedom, 1.0))
        for one, other, weight in both
        for side in (one, other)
    ]
    variance = sum(v for v, _ in parts)
    if variance <= 0:
        return Difference(value, value, value, None, "not tested")
    freedom = variance**2 / sum(v * v / f for v, f in parts)
    half = quantile(freedom=freedom) * sqrt(variance)
    p = 2 * float(stdtr(freedom, -abs(value) / sqrt(variance)))
    return Difference(value, max(value - half, -1.0), min(value + half, 1.0), p, "Welch's test within areas")
