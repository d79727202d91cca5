"""Intervals for a share of a known, small population: what the sample leaves possible.

With x of n cases drawn above the line, out of N of which M are, the number x is hypergeometric. The 95% interval holds
every M that neither tail rejects at 2.5% (the test-inverting limits of Konijn 1973, *Statistical Theory of Sample Survey
Design and Analysis*, and Buonaccorsi 1987, *The American Statistician* 41:215-218). Wilson's interval with the population
correction, which is better where populations are large, is widened to hold them all, and cut to what is possible at all:
at least the x that were seen, and at most those and every case that was not drawn.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from scrutineer.statistics.binomial import CONFIDENCE, Floats, Numbers, calculate_wilson

SMALL = 2000
"""Up to this population the tails are summed; beyond it, Wilson's interval is as good and much faster."""

_TIE = 1e-12
"""A tail that equals its limit to the last digits does not reject."""

Whole = npt.NDArray[np.int64]


def calculate_share_interval(
    above: Numbers, relevant: Numbers, sampled: float = 0.0, confidence: float = CONFIDENCE
) -> tuple[Floats, Floats]:
    """The interval for a share of the population that a sample was drawn from.

    Args:
        above: cases above the line, any shape.
        relevant: cases in the denominator, the same shape.
        sampled: the share of the population that is in the sample; 0 if it is not known.
        confidence: between 0 and 1.

    Returns:
        Lower and upper ends, each between 0 and 1; NaN if no case is relevant.
    """
    low, high = calculate_wilson(above, relevant, sampled, confidence)
    if not 0 < sampled < 1:
        return low, high
    x, n = (np.asarray(values, dtype=np.int64) for values in (above, relevant))
    size = count_population(n, sampled)
    fits = (n > 0) & (size <= SMALL)
    if fits.any():
        least, most = find_possible(x[fits], n[fits], size[fits], confidence)
        # An interval of one number is for a census only: one case that was not drawn may always differ from all that were.
        least = np.minimum(least, size[fits] - 1)
        most = np.maximum(most, 1)
        low, high = np.array(low), np.array(high)
        low[fits] = np.minimum(low[fits], least / size[fits])
        high[fits] = np.maximum(high[fits], most / size[fits])
    return cut_to_reach(low, high, np.where(n > 0, x / np.maximum(n, 1), np.nan), sampled, n)


def count_population(relevant: Numbers, sampled: float) -> Whole:
    """How many cases of the population are relevant, rounded up, since fewer would say more than is known."""
    return np.ceil(np.asarray(relevant, dtype=np.float64) / sampled - 1e-6).astype(np.int64)


def cut_to_reach(
    low: Numbers, high: Numbers, share: Numbers, sampled: float, relevant: Numbers | None = None
) -> tuple[Floats, Floats]:
    """An interval cut to what is possible whatever the cases are like that were not drawn.

    Args:
        low, high: the ends.
        share: of the sample, which is what it is of its own part of the population.
        sampled: that part, 0 to 1.
        relevant: cases in the denominator, where the population is counted in whole cases.
    """
    part: npt.ArrayLike = sampled
    if relevant is not None:
        n = np.asarray(relevant, dtype=np.float64)
        part = n / np.maximum(count_population(n, sampled), 1)
    p, f = np.asarray(share, dtype=np.float64), np.asarray(part, dtype=np.float64)
    return np.maximum(low, p * f), np.minimum(high, p * f + 1 - f)


def find_possible(above: Whole, relevant: Whole, size: Whole, confidence: float) -> tuple[Whole, Whole]:
    """The least and the greatest number of the population that neither tail rejects.

    Args:
        above: cases above the line, shape (n,).
        relevant: cases drawn.
        size: cases of the population, at least as many.
        confidence: between 0 and 1.
    """
    least, most = np.array(above), np.array(above)
    for n, total in {(int(a), int(b)) for a, b in zip(relevant, size, strict=True)}:
        here = (relevant == n) & (size == total)
        numbers = _find_least_possible(n, total, confidence)
        least[here] = numbers[above[here]]
        # By symmetry the greatest number above is the population less the least number below.
        most[here] = total - numbers[n - above[here]]
    return least, most


@lru_cache(maxsize=4096)
def _find_least_possible(drawn: int, size: int, confidence: float) -> Whole:
    """For each number seen, from 0 to `drawn`, the least M under which as many or more are seen often enough."""
    m, k = np.arange(size + 1)[:, None], np.arange(drawn + 1)[None, :]
    logs = _choose(m, k) + _choose(size - m, drawn - k) - _choose(np.array(size), np.array(drawn))
    tails = np.exp(logs)[:, ::-1].cumsum(axis=1)[:, ::-1]
    return np.asarray((tails >= (1 - confidence) / 2 - _TIE).argmax(axis=0), dtype=np.int64)


def _choose(n: Whole, k: Whole) -> Floats:
    """The logarithm of n over k; minus infinity if there is no way."""
    ways = gammaln(n + 1) - gammaln(np.maximum(k, 0) + 1) - gammaln(np.maximum(n - k, 0) + 1)
    return np.asarray(np.where((k >= 0) & (k <= n), ways, -np.inf), dtype=np.float64)
