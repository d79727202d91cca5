"""Whether several estimates differ by more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import chdtrc


@dataclass(frozen=True)
class Heterogeneity:
    """How far estimates differ.

    Attributes:
        units: how many estimates.
        statistic: Cochran's Q.
        p_value: that all units are alike.
        share: of the spread, how much is more than chance: I², 0 to 1.
    """

    units: int
    statistic: float
    p_value: float
    share: float


def heterogeneity(estimates: Sequence[tuple[float, float]]) -> Heterogeneity | None:
    """Cochran's Q and I² of independent estimates.

    Cochran (1954), Biometrics 10:101-129; Higgins and Thompson (2002), Statistics in Medicine 21:1539-1558.

    Args:
        estimates: each with its standard error; those without error (nothing varied) take no part.

    Returns:
        None where fewer than two can be told from chance.
    """
    found = [(value, 1 / (error * error)) for value, error in estimates if error > 0]
    if len(found) < 2:
        return None
    total = sum(weight for _, weight in found)
    mean = sum(value * weight for value, weight in found) / total
    q = sum(weight * (value - mean) ** 2 for value, weight in found)
    freedom = len(found) - 1
    return Heterogeneity(len(found), q, float(chdtrc(freedom, q)), max(0.0, (q - freedom) / q) if q else 0.0)
