"""Actual against predicted counts of events, and the funnel within which chance alone would keep them.

Spiegelhalter (2005), *Funnel plots for comparing institutional performance*, Statistics in Medicine
24:1185-1202.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

Floats = npt.NDArray[np.float64]

LIMITS = (0.95, 0.998)
"""The two funnels that are drawn: about two and three standard deviations."""


@dataclass(frozen=True)
class Standardised:
    """Actual against predicted events of one unit.

    Attributes:
        unit: an area, or any set of cases.
        cases: how many cases.
        actual: how many of them had the event.
        predicted: the sum of their predicted probabilities.
        variance: of the number of events, were the predictions right: Σ p(1-p).
        limits: for each of `LIMITS` the least and the greatest ratio that chance alone leaves inside.
        p_value: two-sided and exact, that the predictions are right.
    """

    unit: str
    cases: int
    actual: int
    predicted: float
    variance: float
    limits: tuple[tuple[float, float], ...]
    p_value: float

    @property
    def ratio(self) -> float:
        """Actual ÷ predicted events; below 1 is fewer than predicted."""
        return self.actual / self.predicted

    @property
    def outside(self) -> float | None:
        """The widest funnel that the ratio lies outside of; None where it lies inside both."""
        beyond = [
            c for c, (low, high) in zip(LIMITS, self.limits, strict=True) if not low <= self.ratio <= high
        ]
        return max(beyond) if beyond else None


def standardise(unit: str, events: npt.ArrayLike, probabilities: npt.ArrayLike) -> Standardised:
    """Hold events against their predicted probabilities, exactly (the Poisson binomial distribution).

    Args:
        unit: the name of the area or set of cases.
        events: 1 where the event happened, else 0, one per case.
        probabilities: the predicted probability of each case.

    Raises:
        ValueError: no case, a probability outside 0 to 1, or predictions that are all 0.
    """
    e, p = np.asarray(events, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    if not e.size or e.shape != p.shape:
        raise ValueError("there must be as many predictions as cases, and at least one")
    if np.any((p < 0) | (p > 1)) or p.sum() == 0:
        raise ValueError("predicted probabilities lie between 0 and 1, and are not all 0")
    chance, actual, predicted = number_of_events(p), int(e.sum()), float(p.sum())
    tails = float(chance[: actual + 1].sum()), float(chance[actual:].sum())
    limits = tuple(_limits(chance, c, predicted) for c in LIMITS)
    variance = float((p * (1 - p)).sum())
    return Standardised(unit, e.size, actual, predicted, variance, limits, min(1.0, 2 * min(tails)))


def number_of_events(probabilities: Floats) -> Floats:
    """The distribution of the number of events in independent cases (Poisson binomial), by convolving halves.

    Written out because the library's own takes no more than a few dozen cases (scipy 1.17: numpy's limit of 64
    operands).

    Args:
        probabilities: of each case.

    Returns:
        The chance of 0, 1, … events.
    """
    if len(probabilities) == 0:
        return np.ones(1)
    if len(probabilities) == 1:
        return np.array([1 - probabilities[0], probabilities[0]])
    half = len(probabilities) // 2
    return np.convolve(number_of_events(probabilities[:half]), number_of_events(probabilities[half:]))


def _limits(chance: Floats, confidence: float, predicted: float) -> tuple[float, float]:
    """The counts inside a funnel, as ratios: no count outside has a tail greater than (1 - confidence) ÷ 2."""
    tail = (1 - confidence) / 2
    up_to = np.cumsum(chance)
    low = int(np.searchsorted(up_to, tail))
    high = int(np.searchsorted(up_to, 1 - tail))
    return low / predicted, high / predicted


def funnel_at(
    predicted: npt.ArrayLike, rate: float, confidence: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The funnel's curves: limits of the ratio at any number of predicted events, normal approximation.

    Args:
        predicted: numbers of predicted events, greater than 0.
        rate: the mean predicted probability of a case.
        confidence: between 0 and 1.
    """
    expected = np.asarray(predicted, dtype=np.float64)
    half = float(ndtri((1 + confidence) / 2)) * sqrt(max(1 - rate, 0.0)) / np.sqrt(expected)
    return np.maximum(1 - half, 0), 1 + half
