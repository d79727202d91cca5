"""A weighted scorecard: areas by how they did against their targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from scrutineer.frameworks.model import Framework
from scrutineer.inspection.area import AreaProfile, Mark, Marked, mark_performance

POINTS: dict[Mark, int] = {"met": 2, "near miss": 1, "missed": 0}
"""What a measure earns: this project's own rule."""


@dataclass(frozen=True)
class Card:
    """One area's scorecard.

    Attributes:
        area: its name.
        rows: every measure for which it has a figure.
        score: points earned of those that could be, 0 to 1, by weight; None if it has no figure.
        rank: from 1, the same for equal scores; None without a score.
        shared: whether others have the same rank.
        lacks: the measures with a weight for which it has no figure.
    """

    area: str
    rows: tuple[Marked, ...]
    score: Fraction | None
    rank: int | None
    shared: bool
    lacks: tuple[str, ...]


def list_scorecards(
    framework: Framework, areas: Sequence[tuple[str, AreaProfile]], weights: Mapping[str, int]
) -> tuple[Card, ...]:
    """The scorecards of some areas, in the order of their ranks; those without figures last.

    An area without a figure on a measure is scored on the others, and what it lacks is listed.

    Args:
        framework: has the measures.
        areas: names and profiles.
        weights: of measures by key; 1 if none is given, 0 leaves a measure out.
    """
    scored = []
    for name, area in areas:
        rows = mark_performance(framework, area)
        weight = {row.measure.key: weights.get(row.measure.key, 1) for row in rows}
        whole = sum(weight.values())
        earned = sum(POINTS[row.mark] * weight[row.measure.key] for row in rows)
        score = Fraction(earned, max(POINTS.values()) * whole) if whole else None
        lacks = [
            m.title
            for m in framework.targets.measures
            if weights.get(m.key, 1) and m.key not in area.performance
        ]
        scored.append((name, rows, score, tuple(lacks)))
    every = [score for _, _, score, _ in scored if score is not None]
    cards = [
        Card(
            area=name,
            rows=rows,
            score=score,
            rank=None if score is None else 1 + sum(s > score for s in every),
            shared=score is not None and every.count(score) > 1,
            lacks=lacks,
        )
        for name, rows, score, lacks in scored
    ]
    return tuple(sorted(cards, key=lambda c: (c.rank is None, c.rank or 0, c.area)))
