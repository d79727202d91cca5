"""A funnel plot of areas: how far from the programme's mean chance alone leaves an area of a size.

Spiegelhalter (2005), *Funnel plots for comparing institutional performance*, Statistics in Medicine 24:1185-1202.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from scrutineer.programme.apart import Standing
from scrutineer.statistics.funnel import LIMITS

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Point:
    """One area in the funnel.

    Attributes:
        area: its name.
        size: cases of a simple random sample with the same information: mean·(1 - mean) ÷ its squared error.
        score: 0 to 1.
        outside: the widest funnel that it lies outside of; None if it lies inside both.
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


def find_funnel(standing: Standing, steps: int = 60) -> Funnel | None:
    """The funnel of areas; None if nothing varies, or no area has an error.

    Args:
        standing: the areas.
        steps: at how many sizes the limits are calculated.
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
    points = tuple(
        Point(area=a, size=float(n), score=s, outside=_find_widest_outside(s, float(n), mean))
        for a, n, s in known
    )
    least, most = min(p.size for p in points) * 0.8, max(p.size for p in points) * 1.1
    sizes = [least * (most / least) ** (n / (steps - 1)) for n in range(steps)]
    return Funnel(mean, points, tuple((c, _draw_curve(sizes, mean, c)) for c in LIMITS))


def list_limits(sizes: Sequence[float], target: float, confidence: float) -> tuple[Floats, Floats]:
    """Between what shares chance alone leaves areas of some sizes, exactly.

    The binomial law, whose tails are read as incomplete beta functions, so that a size or a count need not be whole: those
    of scores aren't. Spiegelhalter (2005), appendix A.1, interpolates to the same end.

    Args:
        sizes: cases of a simple random sample with the same information, each greater than 0.
        target: the share of all areas, between 0 and 1.
        confidence: what part of areas that work alike lies inside.

    Returns:
        The lower and the upper limit for each size.
    """
    tail = (1 - confidence) / 2
    n = np.asarray(sizes, dtype=np.float64)
    none_at_all = (1 - target) ** n >= tail
    all_of_them = target**n >= tail

    def exceed_low(x: Floats, size: Floats) -> Floats:
        return np.asarray(betainc(size - x, x + 1, 1 - target) - tail, dtype=np.float64)

    def exceed_high(x: Floats, size: Floats) -> Floats:
        return np.asarray(tail - betainc(x, size - x + 1, target), dtype=np.float64)

    return _find_where(exceed_low, n, ~none_at_all, 0.0), _find_where(exceed_high, n, ~all_of_them, 1.0)


def _find_where(
    beyond: Callable[[Floats, Floats], Floats], sizes: Floats, mask: npt.NDArray[np.bool_], otherwise: float
) -> Floats:
    """The share of each size at which a tail reaches its limit."""
    shares = np.full_like(sizes, otherwise)
    if mask.any():
        from scipy.optimize import elementwise

        n = sizes[mask]
        # A tail is not defined where no case, or every case, is beyond it: the limit lies between.
        root = elementwise.find_root(
            beyond, (n * 1e-12, n * (1 - 1e-12)), args=(n,), tolerances={"xatol": 1e-9}
        )
        shares[mask] = root.x / n
    return shares


def _calculate_at_most(above: float, size: float, share: float) -> float:
    """The chance of a number of cases above the line or fewer, out of `size`."""
    return 1.0 if above >= size else float(betainc(size - above, above + 1, 1 - share))


def _calculate_at_least(above: float, size: float, share: float) -> float:
    """The chance of a number of cases or more."""
    return 1.0 if above <= 0 else float(betainc(above, size - above + 1, share))


def _draw_curve(
    sizes: Sequence[float], target: float, confidence: float
) -> tuple[tuple[float, float, float], ...]:
    low, high = list_limits(sizes, target, confidence)
    return tuple(zip(sizes, low.tolist(), high.tolist(), strict=True))


def _find_widest_outside(score: float, size: float, target: float) -> float | None:
    """The widest funnel that a share lies outside of: its own tail is less than the funnel leaves on that side."""
    above = score * size
    tail = min(_calculate_at_most(above, size, target), _calculate_at_least(above, size, target))
    beyond = [c for c in LIMITS if tail < (1 - c) / 2]
    return max(beyond) if beyond else None
