"""One side held against another, question by question and score by score, in words that follow from the tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from scrutineer.comparison.mapped import comparable
from scrutineer.comparison.read import Counted, Scored, Side
from scrutineer.frameworks.model import Framework
from scrutineer.statistics.binomial import quantile
from scrutineer.statistics.differences import Difference, of_counts, of_scores
from scrutineer.statistics.families import adjusted

FALSE_DISCOVERIES = 0.05
"""The share of false ones that is allowed among the differences called significant."""


@dataclass(frozen=True)
class Compared:
    """One question or score on both sides.

    Attributes:
        level: question or score.
        name: its key or code.
        first: share or score of the first side, 0 to 1.
        second: of the second side.
        counts: above and relevant of both sides, for a question.
        difference: the first less the second.
        adjusted: its p-value, adjusted for all comparisons of its level.
    """

    level: str
    name: str
    first: float
    second: float
    counts: tuple[Counted, Counted] | None
    difference: Difference
    adjusted: float | None

    @property
    def words(self) -> str:
        """What may be said: 'significant' only where the adjusted test says so."""
        if self.difference.p_value is None:
            return "not tested"
        higher = "higher" if self.difference.value > 0 else "lower"
        if self.adjusted is not None and self.adjusted <= FALSE_DISCOVERIES and self.difference.value:
            return f"significantly {higher}"
        return "no significant difference"


@dataclass(frozen=True)
class Comparison:
    """Two sides compared.

    Attributes:
        first: the side that is looked at.
        second: what it is held against.
        rows: every comparable question and score.
        left_out: questions and scores of both sides that do not ask the same, or that one side lacks.
    """

    first: Side
    second: Side
    rows: tuple[Compared, ...]
    left_out: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The comparison as JSON gives it."""
        return {
            "first": _side(self.first),
            "second": _side(self.second),
            "false_discoveries": FALSE_DISCOVERIES,
            "rows": [_row(row) for row in self.rows],
            "left_out": list(self.left_out),
        }


def _side(side: Side) -> dict[str, Any]:
    return {
        "label": side.label,
        "framework": side.framework,
        "group": side.group,
        "cases": side.cases,
        "synthetic": side.synthetic,
    }


def _row(row: Compared) -> dict[str, Any]:
    counts = [{"above": c.above, "relevant": c.relevant} for c in row.counts] if row.counts else None
    return {
        "level": row.level,
        "name": row.name,
        "first": row.first,
        "second": row.second,
        "counts": counts,
        "difference": row.difference.value,
        "low": row.difference.low,
        "high": row.difference.high,
        "test": row.difference.test,
        "p_value": row.difference.p_value,
        "adjusted": row.adjusted,
        "words": row.words,
    }


def compare_sides(first: Side, second: Side, frameworks: tuple[Framework, Framework]) -> Comparison:
    """Compare two independent sets of cases: two inspections, or a group and everyone else.

    Questions are compared by Miettinen and Nurminen's interval and an exact test, scores by Welch's test on
    their case-clustered errors; p-values are adjusted over all questions and over all scores.

    Args:
        first: the side that is looked at.
        second: what it is held against; no case may be on both sides.
        frameworks: of both sides; only what both ask alike is compared.
    """
    questions, scores = comparable(*frameworks)
    found = _questions(first, second, [k for k in first.questions if k in questions])
    found += _scores(first, second, [k for k in first.scores if k in scores])
    done = {row.name for row in found}
    both = [*dict.fromkeys([*first.questions, *second.questions, *first.scores, *second.scores])]
    return Comparison(first, second, tuple(found), tuple(name for name in both if name not in done))


def _questions(first: Side, second: Side, names: Sequence[str]) -> list[Compared]:
    pairs = [
        (name, first.questions[name], second.questions[name])
        for name in names
        if name in second.questions and first.questions[name].relevant and second.questions[name].relevant
    ]
    found = [of_counts(a.above, a.relevant, b.above, b.relevant) for _, a, b in pairs]
    p_values = adjusted([d.p_value for d in found])
    return [
        Compared("question", name, a.above / a.relevant, b.above / b.relevant, (a, b), d, p)
        for (name, a, b), d, p in zip(pairs, found, p_values, strict=True)
    ]


def _scores(first: Side, second: Side, names: Sequence[str]) -> list[Compared]:
    pairs = [(name, first.scores[name], second.scores[name]) for name in names if name in second.scores]
    found = [_difference(a, b) for _, a, b in pairs]
    p_values = adjusted([d.p_value for d in found])
    return [
        Compared("score", name, a.score, b.score, None, d, p)
        for (name, a, b), d, p in zip(pairs, found, p_values, strict=True)
    ]


def _difference(one: Scored, other: Scored) -> Difference:
    return of_scores(
        (one.score, one.low, one.high),
        (other.score, other.low, other.high),
        (one.error, other.error),
        (one.freedom, other.freedom),
    )


def pooled(sides: Sequence[Side], label: str) -> Side:
    """Several independent sides as one: counts added, scores as the mean of the sides' scores.

    A mean of areas, each counting alike, whatever its number of cases: its error is the root of the sum of the
    areas' squared errors, divided by their number.
    """
    questions: dict[str, Counted] = {}
    for name in sides[0].questions:
        if all(name in s.questions for s in sides):
            questions[name] = Counted(
                sum(s.questions[name].above for s in sides), sum(s.questions[name].relevant for s in sides)
            )
    scores = {
        name: mean_of([s.scores[name] for s in sides])
        for name in sides[0].scores
        if all(name in s.scores for s in sides)
    }
    first = sides[0]
    return Side(
        label,
        first.framework,
        first.hash,
        first.group,
        sum(s.cases for s in sides),
        questions,
        scores,
        any(s.synthetic for s in sides),
    )


def mean_of(scores: Sequence[Scored]) -> Scored:
    """The mean of independent scores, each counting alike: its error is the root of their squared errors' sum, by their number."""
    n = len(scores)
    value, error = sum(s.score for s in scores) / n, sqrt(sum(s.error**2 for s in scores)) / n
    freedom = max(sum(s.freedom for s in scores), 1)
    half = quantile(freedom=freedom) * error
    return Scored(value, max(value - half, 0.0), min(value + half, 1.0), error, freedom)
