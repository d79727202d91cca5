"""A funnel plot of areas: how far from the programme's mean chance alone leaves an area of a size.

Spiegelhalter (2005), *Funnel plots for comparing institutional performance*, Statistics in Medicine 24:1185-1202.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from scrutineer.programme.apart import Standing
from scrutineer.statistics.binomial import quantile
from scrutineer.statistics.funnel import LIMITS


@dataclass(frozen=True)
class Point:
    """One area in the funnel.

    Attributes:
        area: its name.
        size: cases of a simple random sample that would tell as much: mean·(1 - mean) ÷ its squared error.
        score: 0 to 1.
        outside: the widest funnel that it lies outside of; None where it lies inside both.
    """

    area: str
    size: float
    score: float
    outside: float | None


@dataclass(frozen=True)
class Funnel:
    """Areas, and the limits at some sizes.

    Attributes:
        target: the mean of the areas, which the funnel closes in on.
        points: one per area with an error.
        curves: for each of `LIMITS`, size, lower and upper limit, from the least size to the greatest.
    """

    target: float
    points: tuple[Point, ...]
    curves: tuple[tuple[float, tuple[tuple[float, float, float], ...]], ...]


def funnel_of(standing: Standing, steps: int = 60) -> Funnel | None:
    """The funnel of areas beside one another; None where nothing varies, or no area has an error.

    Args:
        standing: the areas.
        steps: at how many sizes the limits are told.
    """
    mean = standing.mean
    spread = mean * (1 - mean)
    known = [
        (r.area, r.counts.relevant if r.counts else spread / r.score.error**2, r.score.score)
        for r in standing.rows
        if r.counts or r.score.error > 0
    ]
    if spread <= 0 or len(known) < 2:
        return None
    points = tuple(Point(a, float(n), s, _outside(s, float(n), mean)) for a, n, s in known)
    least, most = min(p.size for p in points) * 0.8, max(p.size for p in points) * 1.1
    sizes = [least * (most / least) ** (n / (steps - 1)) for n in range(steps)]
    return Funnel(mean, points, tuple((c, _curve(sizes, mean, c)) for c in LIMITS))


def limits(size: float, target: float, confidence: float) -> tuple[float, float]:
    """Between what shares chance alone leaves an area of a size (normal approximation), cut at 0 and 1."""
    half = quantile(confidence) * sqrt(target * (1 - target) / size)
    return max(target - half, 0.0), min(target + half, 1.0)


def _curve(
    sizes: Sequence[float], target: float, confidence: float
) -> tuple[tuple[float, float, float], ...]:
    return tuple((n, *limits(n, target, confidence)) for n in sizes)


def _outside(score: float, size: float, target: float) -> float | None:
    beyond = [c for c in LIMITS if not limits(size, target, c)[0] <= score <= limits(size, target, c)[1]]
    return max(beyond) if beyond else None
