"""How two sides differ on a score over the questions that both have.

A score is a mean over questions, and a question without a relevant case drops out of it. Of few cases the rare questions
drop out often, and what is left is then a mean of other questions: two groups of the same practice differ by that
alone. A test therefore holds against each other what both have been asked.
"""

from __future__ import annotations

from collections.abc import Set
from fractions import Fraction

from scrutineer.comparison.read import Counted, Side
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.scores import Scores, score
from scrutineer.statistics.interval import Interval


def common_gaps(frameworks: tuple[Framework, Framework], first: Side, second: Side) -> dict[str, float]:
    """By score, the first side's less the second's over the questions for which both have relevant cases, -1 to 1.

    A question whose counts are withheld of a side is not among them; a score without any such question is left out. The
    mean of several sides is held to what it is: the gaps from each of them, each counting alike.

    Args:
        frameworks: of both sides.
        first: the side that is looked at.
        second: what it is held against.
    """
    several = [(one, other) for one in first.parts or (first,) for other in second.parts or (second,)]
    found = [_gaps(frameworks, one, other) for one, other in several]
    return {
        name: sum(gaps[name] for gaps in found) / len(found)
        for name in found[0]
        if all(name in gaps for gaps in found)
    }


def _gaps(frameworks: tuple[Framework, Framework], first: Side, second: Side) -> dict[str, float]:
    shared = {
        key
        for key, counts in first.questions.items()
        if counts.relevant and key in second.questions and second.questions[key].relevant
    }
    one, other = (
        _values(score(f, _shares(side.questions, shared)))
        for f, side in zip(frameworks, (first, second), strict=True)
    )
    return {name: one[name] - other[name] for name in one if name in other}


def _shares(questions: dict[str, Counted], shared: Set[str]) -> dict[str, Interval | None]:
    return {
        key: Interval.exactly(Fraction(100 * c.above, c.relevant))
        for key, c in questions.items()
        if key in shared
    }


def _values(scores: Scores) -> dict[str, float]:
    """Every score as a number from 0 to 1."""
    parts = {**scores.criteria, **scores.sections, **scores.threads}
    if scores.overall is not None:
        parts["overall"] = scores.overall
    return {name: float(one.value.low) / 100 for name, one in parts.items() if one.value is not None}
