"""Sampling weights: what they weigh to, and what they cost."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def from_probabilities(probabilities: npt.ArrayLike) -> Floats:
    """The weight of each case: one over the probability with which it was included.

    Horvitz and Thompson (1952), JASA 47:663-685.

    Raises:
        ValueError: a probability that is not greater than 0 and at most 1.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    if np.any((p <= 0) | (p > 1)):
        raise ValueError("a probability of inclusion is greater than 0 and at most 1")
    return 1 / p


def proportion(above: npt.ArrayLike, relevant: npt.ArrayLike, weights: npt.ArrayLike) -> float | None:
    """The weighted share above the line (Hájek's ratio of weighted totals); None where no case is relevant.

    Args:
        above: 1 for a case above the line, else 0.
        relevant: 1 for a relevant case, else 0.
        weights: one per case, greater than 0.
    """
    w = np.asarray(weights, dtype=np.float64)
    whole = float(w @ np.asarray(relevant, dtype=np.float64))
    return float(w @ np.asarray(above, dtype=np.float64)) / whole if whole else None


def design_effect(weights: npt.ArrayLike) -> float:
    """How many times unequal weights alone enlarge the variance of a mean: n Σw² ÷ (Σw)².

    Kish (1965), *Survey Sampling*, section 11.7; 1 for equal weights.

    Raises:
        ValueError: there is no weight.
    """
    w = np.asarray(weights, dtype=np.float64)
    if not w.size:
        raise ValueError("a design effect needs at least one weight")
    return float(w.size * (w @ w) / w.sum() ** 2)
