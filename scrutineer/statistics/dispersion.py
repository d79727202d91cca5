"""How far units with the same predictions differ, and by how much all of them together miss their predictions.

Predictions of reconviction know some things about a person and not others. Areas therefore differ by more than chance even
where every area works alike, and a funnel without that names a fifth of them. Spiegelhalter (2005), Statistics in Medicine
24:1185-1202, section 4, gives two remedies: all limits wider by one factor (multiplicative), or a spread of the areas'
own that large numbers don't shrink (additive). Which of them is taken is settled by how well each fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, pi, sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, ndtri

Floats = npt.NDArray[np.float64]
Kind = Literal["none", "additive", "multiplicative"]

AT_LEAST = 5
"""The fewest units from which spread can be distinguished from chance at all."""

_OUTER = 0.1
"""The share of the units at either end that is drawn in before the spread is calculated: a funnel is meant to find those."""


@dataclass(frozen=True)
class Dispersion:
    """How far units differ by more than chance.

    Attributes:
        kind: none where chance suffices.
        is_known: whether there were enough units to estimate it at all.
        size: additive: the standard deviation of the units on the logit scale; multiplicative: by how much variances are
            greater; 0 or 1 if there is none.
    """

    kind: Kind = "none"
    size: float = 0.0
    is_known: bool = True

    @property
    def said(self) -> str:
        """The same in a sentence for people who read a funnel."""
        if self.kind == "additive":
            return (
                "Results vary more than chance alone would explain, so the limits are wider. They allow for differences that the "
                f"predictions miss (additive model, which fits better: standard deviation {self.size:.2f} on the logit scale)."
            )
        if self.kind == "multiplicative":
            return (
                "Results vary more than chance alone would explain, so the limits are "
                f"{sqrt(self.size):.2f} times as wide as for chance alone (multiplicative model, which fits better)."
            )
        if not self.is_known:
            return "There are too few to say whether results vary more than chance would explain. The limits allow for chance only."
        return "Results vary no more than chance alone would explain. The limits allow for chance only."


def make_dispersion(excess: Sequence[float], variance: Sequence[float]) -> Dispersion:
    """How far units differ by more than chance, and which model says so better.

    Args:
        excess: of each unit, its events less those predicted.
        variance: of that number by chance alone, greater than 0.
    """
    o, v = np.asarray(excess, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    units = len(o)
    if units < AT_LEAST:
        return Dispersion(is_known=False)
    # The units that a funnel is meant to find would widen the limits that should find them, so the outermost are drawn in.
    z = _winsorise(o / np.sqrt(v))
    spread = float((z**2).mean())
    # Less spread than chance gives no reason to narrow the limits: that would be chance, too.
    if spread <= 1:
        return Dispersion()
    # DerSimonian and Laird (1986), Controlled Clinical Trials 7:177-188: the variance between units by moments.
    between = max(0.0, (units * spread - (units - 1)) / float(v.sum() - (v**2).sum() / v.sum()))
    y = z / np.sqrt(v)
    # Both models have one parameter, so their likelihoods can be compared without a penalty.
    additive, multiplicative = _calculate_likelihood(y, 1 / v + between), _calculate_likelihood(y, spread / v)
    return (
        Dispersion("additive", sqrt(between))
        if additive >= multiplicative
        else Dispersion("multiplicative", spread)
    )


def _winsorise(z: Floats) -> Floats:
    """Winsorised: the outermost tenth at either end is moved to the nearest remaining value.

    What drawing in takes from the spread of normal values is given back, so that their mean square is 1 on average.
    """
    low, high = np.quantile(z, [_OUTER, 1 - _OUTER])
    edge = float(ndtri(1 - _OUTER))
    # E[clip(Z, -edge, edge)²] for a standard normal Z, by parts.
    left = 1 - 2 * _OUTER - 2 * edge * exp(-edge * edge / 2) / sqrt(2 * pi) + 2 * _OUTER * edge * edge
    return np.asarray(np.clip(z, low, high) / sqrt(left), dtype=np.float64)


def _calculate_likelihood(y: Floats, variance: Floats) -> float:
    """The logarithm of the likelihood of normal values about 0."""
    return float(-0.5 * (np.log(2 * pi * variance) + y**2 / variance).sum())


def shift_predictions(probabilities: Sequence[Floats], events: float) -> tuple[tuple[Floats, ...], float]:
    """Predictions moved by one step on the logit scale, so that all of them together come to the events that happened.

    What all units share, such as a change in the law or in recording, is not the effect of any unit.

    Args:
        probabilities: of each unit, those of its cases, from 0 to 1.
        events: that happened in all units.

    Returns:
        The moved predictions, and by how much; unchanged, if no one or everyone had the event.
    """
    from scipy.optimize import brentq

    whole = np.concatenate(list(probabilities)) if probabilities else np.zeros(0)
    # A probability of 0 or 1 has an infinite logit and can't be moved; certain events are counted separately.
    open_ones = whole[(whole > 0) & (whole < 1)]
    sure = float((whole >= 1).sum())
    if not sure < events < sure + len(open_ones):
        return tuple(probabilities), 0.0
    at = logit(open_ones)

    def measure_excess(step: float) -> float:
        return float(expit(at + step).sum()) + sure - events

    # Far enough that every movable probability is numerically 0 or 1, so the root lies between -most and most.
    most = float(np.abs(at).max()) + log(len(whole) + 1) + 30
    step = float(brentq(measure_excess, -most, most, xtol=1e-10))
    return tuple(shift_logits(p, step) for p in probabilities), step


def shift_logits(probabilities: Floats, step: float) -> Floats:
    """Probabilities moved on the logit scale; 0 and 1 stay."""
    with np.errstate(divide="ignore"):
        return np.asarray(expit(logit(probabilities) + step), dtype=np.float64)
