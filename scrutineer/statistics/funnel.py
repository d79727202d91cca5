"""Actual against predicted counts of events, and the funnel within which units that work alike would lie.

Spiegelhalter (2005), *Funnel plots for comparing institutional performance*, Statistics in Medicine
24:1185-1202.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from scrutineer.statistics.dispersion import Dispersion, make_dispersion, shift_logits, shift_predictions
from scrutineer.statistics.families import adjust_p_values

Floats = npt.NDArray[np.float64]

LIMITS = (0.95, 0.998)
"""The two funnels that are drawn: about two and three standard deviations."""

_REACH = 6.5
"""Standard deviations on either side over which a normal spread between units is summed: beyond lie 8 in 10^11."""


@dataclass(frozen=True)
class Standardised:
    """Actual against predicted events of one unit.

    Attributes:
        unit: an area, or any set of cases.
        cases: how many cases.
        actual: how many of them had the event.
        predicted: the sum of their predicted probabilities, moved by what all units share.
        stated: the same as the predictions themselves have it.
        variance: of the number of events by chance alone, were the predictions right: Σ p(1-p).
        limits: for each of `LIMITS` the least and the greatest ratio that chance, and the spread between units that work
            alike, leave inside.
        p_value: two-sided, that the unit works like the others.
        adjusted: the same, adjusted for the number of units; None for a unit by itself.
    """

    unit: str
    cases: int
    actual: int
    predicted: float
    stated: float
    variance: float
    limits: tuple[tuple[float, float], ...]
    p_value: float
    adjusted: float | None = None

    @property
    def ratio(self) -> float:
        """Actual ÷ predicted events; below 1 is fewer than predicted."""
        return self.actual / self.predicted

    @property
    def outside(self) -> float | None:
        """The widest funnel that the ratio lies outside of; None if it lies inside both."""
        beyond = [
            c for c, (low, high) in zip(LIMITS, self.limits, strict=True) if not low <= self.ratio <= high
        ]
        return max(beyond) if beyond else None

    def is_different(self, share: float = 0.05) -> bool:
        """Whether an adjusted test finds the unit different from the others."""
        return self.adjusted is not None and self.adjusted <= share


@dataclass(frozen=True)
class FunnelOfUnits:
    """Units compared with each other.

    Attributes:
        units: in the order given.
        drift: all events ÷ all that were predicted, which is taken out of every unit's prediction.
        dispersion: how far units differ by more than chance, which the limits allow for.
    """

    units: tuple[Standardised, ...]
    drift: float
    dispersion: Dispersion


def make_beside(units: Sequence[tuple[str, npt.ArrayLike, npt.ArrayLike]]) -> FunnelOfUnits:
    """Several units in one funnel: what they share taken out, their spread allowed for, their tests adjusted.

    Args:
        units: name, events (1 if the event happened, else 0) and predicted probabilities of each.

    Raises:
        ValueError: a unit without a case, a probability outside 0 to 1, or predictions that are all 0.
    """
    checked = [_check(events, chances) for _, events, chances in units]
    # One unit has no others to share a drift or a spread with: it is compared with its predictions alone.
    if len(units) < 2:
        alone = tuple(standardise(name, e, p) for name, e, p in units)
        return FunnelOfUnits(alone, alone[0].ratio if alone else 1.0, Dispersion())
    happened, stated = sum(float(e.sum()) for e, _ in checked), sum(float(p.sum()) for _, p in checked)
    # No shift on the logit scale reaches 0 or 100%, so this case needs its own treatment.
    if happened in (0.0, float(sum(len(e) for e, _ in checked))):
        alike = [_make_alike(name, e, p) for (name, _, _), (e, p) in zip(units, checked, strict=True)]
        return FunnelOfUnits(tuple(alike), happened / stated, Dispersion(is_known=False))
    # The order matters: first the common drift, then the spread that is left, then the tests against both.
    chances, _ = shift_predictions([p for _, p in checked], happened)
    variances = [float((p * (1 - p)).sum()) for p in chances]
    spread = make_dispersion(
        [float(e.sum() - p.sum()) for (e, _), p, v in zip(checked, chances, variances, strict=True) if v > 0],
        [v for v in variances if v > 0],
    )
    units_of = [
        replace(_make_one(name, e, p, spread), stated=float(before.sum()))
        for (name, _, _), (e, before), p in zip(units, checked, chances, strict=True)
    ]
    p_values = adjust_p_values([unit.p_value for unit in units_of])
    named = tuple(replace(unit, adjusted=p) for unit, p in zip(units_of, p_values, strict=True))
    return FunnelOfUnits(named, happened / stated, spread)


def _make_alike(unit: str, events: Floats, chances: Floats) -> Standardised:
    """A unit when no one had the event in any unit, or everyone had: no difference can be found."""
    unit_of = _make_one(unit, events, chances, Dispersion())
    anywhere = (0.0, len(events) / unit_of.predicted)
    return replace(unit_of, limits=(anywhere,) * len(LIMITS), p_value=1.0, adjusted=1.0)


def standardise(unit: str, events: npt.ArrayLike, probabilities: npt.ArrayLike) -> Standardised:
    """Compare one unit's events with their predicted probabilities, exactly (the Poisson binomial distribution).

    Args:
        unit: the name of the area or set of cases.
        events: 1 if the event happened, else 0, one per case.
        probabilities: the predicted probability of each case.

    Raises:
        ValueError: no case, a probability outside 0 to 1, or predictions that are all 0.
    """
    return _make_one(unit, *_check(events, probabilities), Dispersion())


def _check(events: npt.ArrayLike, probabilities: npt.ArrayLike) -> tuple[Floats, Floats]:
    e, p = np.asarray(events, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    if not e.size or e.shape != p.shape:
        raise ValueError("there must be as many predictions as cases, and at least one")
    if np.any((p < 0) | (p > 1)) or p.sum() == 0:
        raise ValueError("predicted probabilities must be between 0 and 1, and not all 0")
    return e, p


def _make_one(unit: str, events: Floats, chances: Floats, spread: Dispersion) -> Standardised:
    actual, predicted = int(events.sum()), float(chances.sum())
    variance = float((chances * (1 - chances)).sum())
    likely = _calculate_numbers(chances, spread)
    limits = tuple(_calculate_limits(likely, c, predicted) for c in LIMITS)
    # Doubling the smaller tail, which includes the count seen, never finds more than it should in a skewed distribution.
    tails = float(likely[: actual + 1].sum()), float(likely[actual:].sum())
    p_value = min(1.0, 2 * min(tails))
    if spread.kind == "multiplicative":
        wider = sqrt(spread.size)
        limits = tuple((max(1 - (1 - low) * wider, 0.0), 1 + (high - 1) * wider) for low, high in limits)
        # The exact p-value as a number of standard deviations, which the factor then reduces.
        p_value = min(1.0, 2 * float(ndtr(ndtri(p_value / 2) / wider)))
    return Standardised(
        unit=unit,
        cases=len(events),
        actual=actual,
        predicted=predicted,
        stated=predicted,
        variance=variance,
        limits=limits,
        p_value=p_value,
    )


def _calculate_numbers(chances: Floats, spread: Dispersion) -> Floats:
    """The chance of 0, 1, … events: by the predictions alone, or over a normal spread of the unit's own."""
    if spread.kind != "additive":
        return calculate_number_of_events(chances)
    nodes = _choose_nodes(len(chances), spread.size)
    moved_by = [shift_logits(chances, float(node) * spread.size) for node in nodes]
    likely = _calculate_in_step(np.array(moved_by))
    # The rule of rectangles: where a smooth function dies away at both ends, its error falls faster than any power.
    weights = np.exp(-(nodes**2) / 2)
    return np.asarray(weights @ likely / weights.sum(), dtype=np.float64)


def _choose_nodes(cases: int, size: float) -> Floats:
    """Evenly spaced points over a unit's own normal deviation, closer together for more cases and a wider spread.

    Given a number of events, the deviation is known to within 1 ÷ √(1 + n·p·q·size²) of its standard deviation, and
    p·q is at most 1/4. Steps of 0.8 of that leave out less than 10^-9 of what is summed (exp(-2π² ÷ 0.8²) by Poisson's
    summation formula). A fixed number of points missed the limits of units with several hundred cases.
    """
    step = 0.8 / sqrt(1 + cases * size**2 / 4)
    count = ceil(_REACH / step)
    return np.arange(-count, count + 1, dtype=np.float64) * step


def _calculate_in_step(chances: Floats) -> Floats:
    """The distribution of the number of events under several sets of chances at once, sets × numbers."""
    sets, cases = chances.shape
    likely = np.zeros((sets, cases + 1))
    # Case by case: n + 1 events come from n + 1 before without this one, or n before with it.
    likely[:, 0] = 1
    for n in range(cases):
        p = chances[:, n, None]
        likely[:, 1 : n + 2] = likely[:, 1 : n + 2] * (1 - p) + likely[:, : n + 1] * p
        likely[:, 0] *= 1 - p[:, 0]
    return likely


def calculate_number_of_events(probabilities: Floats) -> Floats:
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
    # Halving makes the two arrays of a convolution equally long, which needs far fewer operations than one case at a time.
    half = len(probabilities) // 2
    return np.convolve(
        calculate_number_of_events(probabilities[:half]), calculate_number_of_events(probabilities[half:])
    )


def _calculate_limits(chance: Floats, confidence: float, predicted: float) -> tuple[float, float]:
    """The counts inside a funnel, as ratios: no count outside has a tail greater than (1 - confidence) ÷ 2."""
    tail = (1 - confidence) / 2
    up_to = np.cumsum(chance)
    # The exact distribution moves in whole counts, so the funnel of a small unit is wider than its nominal confidence.
    low = int(np.searchsorted(up_to, tail))
    high = int(np.searchsorted(up_to, 1 - tail))
    return low / predicted, min(high, len(chance) - 1) / predicted


def calculate_funnel(
    predicted: npt.ArrayLike, rate: float, confidence: float, spread: Dispersion | None = None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The funnel's curves: limits of the ratio at any number of predicted events, normal approximation.

    Args:
        predicted: numbers of predicted events, greater than 0.
        rate: the mean predicted probability of a case.
        confidence: between 0 and 1.
        spread: how far units differ by more than chance.
    """
    expected = np.asarray(predicted, dtype=np.float64)
    rest = max(1 - rate, 0.0)
    variance = rest / expected
    if spread is not None and spread.kind == "multiplicative":
        variance = variance * spread.size
    elif spread is not None and spread.kind == "additive":
        variance = (
            variance + (rest * spread.size) ** 2
        )  # a step on the logit scale moves the ratio by (1 - rate)
    half = float(ndtri((1 + confidence) / 2)) * np.sqrt(variance)
    # A ratio can't be negative, although the normal approximation can.
    return np.maximum(1 - half, 0), 1 + half
