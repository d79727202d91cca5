"""How likely each number of cases above the line is on one of two sides, when the total is fixed.

SciPy's own distribution checks its arguments for a fifth of a millisecond at each call; a page of a programme asks
thousands of times.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

Floats = npt.NDArray[np.float64]

_ALIKE = 1 + 1e-7
"""By how much two chances may differ and still count as equal, rounding aside; as in R's fisher.test."""


def list_chances(first: int, second: int, above: int) -> tuple[int, Floats]:
    """The chance of each number above the line on the first side, if no case is likelier than another to be.

    Args:
        first: cases on the first side.
        second: cases on the second side.
        above: cases above the line on both sides together.

    Returns:
        The least number that is possible, and the chances of it and of each next one, up to the greatest.
    """
    logs = _log_factorials((first + second).bit_length())
    least = max(0, above - second)
    x = np.arange(least, min(first, above) + 1)
    whole = logs[first] + logs[second] + logs[above] + logs[first + second - above] - logs[first + second]
    return least, np.exp(whole - logs[x] - logs[first - x] - logs[above - x] - logs[second - above + x])


def calculate_fisher(above: int, relevant: int, above2: int, relevant2: int) -> float:
    """The two-sided p-value of Fisher's exact test that two proportions are the same.

    The chance of all tables at most as likely as the one that was seen: Fisher (1935), *The Design of Experiments*,
    chapter 2; Freeman and Halton (1951), Biometrika 38:141-149.
    """
    least, chance = list_chances(relevant, relevant2, above + above2)
    # Equally likely tables on the other side must be included although their computed chances differ in the last digits.
    return min(1.0, float(chance[chance <= chance[above - least] * _ALIKE].sum()))


@lru_cache(maxsize=4)
def _log_factorials(bits: int) -> Floats:
    """The logarithms of the factorials of all numbers with up to a number of bits."""
    # Sizes are rounded up to a power of two, so that the cache serves nearly every call.
    logs: Floats = gammaln(np.arange(1 << bits) + 1.0)
    return logs
