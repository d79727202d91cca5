"""One side compared with another, question by question and score by score, in words that follow from the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

from scrutineer.frameworks.model import Framework
from scrutineer.scoring.comparison.common import collect_common_gaps
from scrutineer.scoring.comparison.mapped import find_comparable
from scrutineer.scoring.comparison.read_results import Counted, ScoreWithErrors, Side
from scrutineer.statistics.binomial import find_quantile
from scrutineer.statistics.differences import Analytic, Difference, compare_counts, compare_scores
from scrutineer.statistics.families import adjust_p_values

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
        adjusted: its p-value, adjusted for all comparisons of the two sides.
    """

    level: str
    name: str
    first: float
    second: float
    counts: tuple[Counted, Counted] | None
    difference: Difference
    adjusted: float | None = None

    @property
    def words(self) -> str:
        """What may be said: 'significant' only where the adjusted test says so."""
        return describe_difference(self.difference, self.adjusted)


def is_found_by_test(difference: Difference, adjusted_p: float | None) -> bool:
    """Whether a test finds a difference, by the p-value that its family adjusts."""
    return adjusted_p is not None and adjusted_p <= FALSE_DISCOVERIES and bool(difference.value)


def describe_difference(difference: Difference, adjusted_p: float | None) -> str:
    """What may be said of a difference: 'significantly' only where the adjusted test finds it."""
    if difference.p_value is None:
        return "not tested"
    if is_found_by_test(difference, adjusted_p):
        return f"significantly {'higher' if difference.value > 0 else 'lower'}"
    return "no significant difference"


@dataclass(frozen=True)
class Comparison:
    """Two sides compared.

    Attributes:
        first: the side that is looked at.
        second: what it is compared with.
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
            "first": _describe_side(self.first),
            "second": _describe_side(self.second),
            "false_discoveries": FALSE_DISCOVERIES,
            "rows": [_describe_row(row) for row in self.rows],
            "left_out": list(self.left_out),
        }


def _describe_side(side: Side) -> dict[str, Any]:
    return {
        "label": side.label,
        "framework": side.framework,
        "group": side.group,
        "cases": side.cases,
        "synthetic": side.synthetic,
    }


def _describe_row(row: Compared) -> dict[str, Any]:
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
    their analytic errors, over the questions that both have; p-values are adjusted over all questions and scores
    together, so that of everything that is called different between the two one in twenty at most is expected to be false.

    Args:
        first: the side that is looked at.
        second: what it is compared with; no case may be on both sides.
        frameworks: of both sides; only what both ask alike is compared.
    """
    questions, scores = find_comparable(*frameworks)
    differences = _list_questions(first, second, [k for k in first.questions if k in questions])
    gaps = collect_common_gaps(frameworks, first, second)
    differences += _list_scores(first, second, [k for k in first.scores if k in scores], gaps)
    # One family for the whole comparison: readers look for any difference between the two sides.
    p_values = adjust_p_values([row.difference.p_value for row in differences])
    rows = tuple(replace(row, adjusted=p) for row, p in zip(differences, p_values, strict=True))
    done = {row.name for row in rows}
    # A dictionary keeps the order and drops repeats, so that what is left out is listed in the framework's order.
    both = [*dict.fromkeys([*first.questions, *second.questions, *first.scores, *second.scores])]
    return Comparison(
        first=first, second=second, rows=rows, left_out=tuple(name for name in both if name not in done)
    )


def _list_questions(first: Side, second: Side, names: Sequence[str]) -> list[Compared]:
    pairs = [
        (name, first.questions[name], second.questions[name])
        for name in names
        if name in second.questions and first.questions[name].relevant and second.questions[name].relevant
    ]
    return [
        Compared(
            level="question",
            name=name,
            first=a.above / a.relevant,
            second=b.above / b.relevant,
            counts=(a, b),
            difference=compare_counts(a.above, a.relevant, b.above, b.relevant),
        )
        for name, a, b in pairs
    ]


def _list_scores(
    first: Side, second: Side, names: Sequence[str], gaps: Mapping[str, float]
) -> list[Compared]:
    pairs = [(name, first.scores[name], second.scores[name]) for name in names if name in second.scores]
    return [
        Compared(
            level="score",
            name=name,
            first=a.score,
            second=b.score,
            counts=None,
            difference=_compare_over_common(a, b, gaps.get(name)),
        )
        for name, a, b in pairs
    ]


def _compare_over_common(scored: ScoreWithErrors, other: ScoreWithErrors, gap: float | None) -> Difference:
    """The difference of two scores, tested over the questions that both have; not tested if there is none."""
    if gap is None:
        value = scored.score - other.score
        return Difference(
            value=value,
            # Without a test there is no interval either: the widest possible one claims nothing.
            low=-1.0,
            high=1.0,
            p_value=None,
            test="no test: the sides have no questions in common",
        )
    return make_difference(scored, other, gap)


def make_difference(scored: ScoreWithErrors, other: ScoreWithErrors, gap: float | None = None) -> Difference:
    """The difference of two scores of independent cases, by their analytic errors.

    Args:
        scored: the score that is looked at.
        other: what it is compared with.
        gap: the difference over the questions that both have, which is what the test looks at.
    """
    if scored.analytic is None or other.analytic is None:
        value = scored.score - other.score
        return Difference(
            value=value,
            low=-1.0,
            high=1.0,
            p_value=None,
            test="no test: the results do not give the analytic error",
        )
    return compare_scores(
        (scored.score, scored.analytic), (other.score, other.analytic), (scored.freedom, other.freedom), gap
    )


def pool(sides: Sequence[Side], label: str) -> Side:
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
    # Pooling scores only where every side has one keeps a mean of three areas from becoming a mean of two.
    scores = {
        name: average_scores([s.scores[name] for s in sides])
        for name in sides[0].scores
        if all(name in s.scores for s in sides)
    }
    first = sides[0]
    return Side(
        label=label,
        framework=first.framework,
        hash=first.hash,
        group=first.group,
        cases=sum(s.cases for s in sides),
        questions=questions,
        scores=scores,
        synthetic=any(s.synthetic for s in sides),
        parts=tuple(sides),
    )


def average_scores(scores: Sequence[ScoreWithErrors]) -> ScoreWithErrors:
    """The mean of independent scores, each counting alike: its errors are the roots of their squared errors' sums, by their number.

    The mean is of these areas and no others, so how far they differ among themselves is not part of its error.
    """
    n = len(scores)
    value, freedom = sum(s.score for s in scores) / n, _calculate_freedom(scores)
    low, high, error = _calculate_mean_ends(value, [s.error for s in scores], freedom)
    known = [s.analytic.error for s in scores if s.analytic is not None]
    analytic = Analytic(*_calculate_mean_ends(value, known, freedom)) if len(known) == n else None
    return ScoreWithErrors(score=value, low=low, high=high, error=error, freedom=freedom, analytic=analytic)


def _calculate_mean_ends(value: float, errors: Sequence[float], freedom: float) -> tuple[float, float, float]:
    """The ends of the interval of a mean and its error."""
    # Variances of independent scores add; the mean divides by their number, and the variance by its square.
    error = sqrt(sum(e * e for e in errors)) / len(errors)
    half = find_quantile(freedom=freedom) * error
    return max(value - half, 0.0), min(value + half, 1.0), error


def _calculate_freedom(scores: Sequence[ScoreWithErrors]) -> float:
    """Satterthwaite's degrees of freedom of a sum of the scores' analytic variances, at least one."""
    variances = [(s.analytic.error if s.analytic else s.error) ** 2 for s in scores]
    # Satterthwaite (1946), Biometrics Bulletin 2:110-114.
    below = sum(v * v / max(s.freedom, 1.0) for v, s in zip(variances, scores, strict=True))
    return max(sum(variances) ** 2 / below, 1.0) if below else max(sum(s.freedom for s in scores), 1.0)
