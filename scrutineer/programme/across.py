"""A group across areas, compared with everyone else within each area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Literal

from scipy.special import stdtr

from scrutineer.frameworks.model import Framework
from scrutineer.scoring.comparison.common import CommonGaps
from scrutineer.scoring.comparison.read_results import ScoreWithErrors, Side
from scrutineer.scoring.comparison.sides import describe_difference
from scrutineer.statistics.binomial import find_quantile
from scrutineer.statistics.differences import Difference
from scrutineer.statistics.families import adjust_p_values
from scrutineer.statistics.stratified import Stratum, compare_several

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
        adjusted: its p-value, adjusted for all comparisons of the group.
    """

    level: Literal["question", "score"]
    name: str
    areas: int
    cases: tuple[int, int] | None
    difference: Difference
    adjusted: float | None = None

    @property
    def words(self) -> str:
        """What may be said: 'significantly' only where the adjusted test says so."""
        return describe_difference(self.difference, self.adjusted)


def compare_across(pairs: Sequence[Pair], framework: Framework) -> tuple[AcrossRow, ...]:
    """Every question and score that a group and everyone else have in at least one area.

    Questions by Mantel and Haenszel's method; scores as the mean of the areas' differences, an area weighing
    n₁n₂ ÷ (n₁+n₂) as there.

    Args:
        pairs: one per area.
        framework: of all of them.
    """
    questions = _list_questions(pairs)
    scores = dict.fromkeys(name for group, _ in pairs for name in group.scores)
    common = CommonGaps((framework, framework))
    gaps = [common.compare(*pair) for pair in pairs]
    more = [row for name in scores if (row := _compare_score(name, pairs, gaps)) is not None]
    rows = [*questions, *more]
    values = adjust_p_values([row.difference.p_value for row in rows])
    return tuple(replace(row, adjusted=p) for row, p in zip(rows, values, strict=True))


def _list_questions(pairs: Sequence[Pair]) -> list[AcrossRow]:
    """Every question that both sides have relevant cases for in at least one area."""
    names = list(dict.fromkeys(name for group, _ in pairs for name in group.questions))
    tables = [[t for g, o in pairs if (t := _make_stratum(name, g, o)) is not None] for name in names]
    return [
        AcrossRow(
            level="question",
            name=name,
            areas=len(strata),
            cases=(sum(s[1] for s in strata), sum(s[3] for s in strata)),
            difference=difference,
        )
        for name, strata, difference in zip(names, tables, compare_several(tables), strict=True)
        if difference is not None
    ]


def _make_stratum(name: str, group: Side, others: Side) -> Stratum | None:
    """A question's counts in one area; None if a side has no relevant case."""
    counts, other = group.questions.get(name), others.questions.get(name)
    if counts is None or other is None or not counts.relevant or not other.relevant:
        return None
    return counts.above, counts.relevant, other.above, other.relevant


def _compare_score(name: str, pairs: Sequence[Pair], gaps: Sequence[Mapping[str, float]]) -> AcrossRow | None:
    """A score within areas: in each over the questions that both sides have."""
    both = [
        (
            g.scores[name],
            o.scores[name],
            gap[name],
            g.cases * o.cases / (g.cases + o.cases),
        )
        for (g, o), gap in zip(pairs, gaps, strict=True)
        if name in gap and name in g.scores and name in o.scores and g.cases and o.cases
        if g.scores[name].analytic and o.scores[name].analytic
    ]
    if not both:
        return None
    return AcrossRow(
        level="score", name=name, areas=len(both), cases=None, difference=_calculate_mean_difference(both)
    )


def _calculate_mean_difference(
    both: Sequence[tuple[ScoreWithErrors, ScoreWithErrors, float, float]],
) -> Difference:
    """The weighted mean of independent differences, with Welch's degrees of freedom over all of their parts."""
    total = sum(weight for _, _, _, weight in both)
    value = sum(gap * weight for _, _, gap, weight in both) / total
    parts = [
        ((side.analytic.error * weight / total) ** 2, max(side.freedom, 1.0))
        for means, other, _, weight in both
        for side in (means, other)
        if side.analytic
    ]
    variance = sum(v for v, _ in parts)
    if variance <= 0:
        return Difference(value=value, low=value, high=value, p_value=None, test="not tested")
    freedom = variance**2 / sum(v * v / f for v, f in parts)
    half = find_quantile(freedom=freedom) * sqrt(variance)
    p = 2 * float(stdtr(freedom, -abs(value) / sqrt(variance)))
    return Difference(
        value=value,
        low=max(value - half, -1.0),
        high=min(value + half, 1.0),
        p_value=p,
        test="Welch's test within areas",
    )
