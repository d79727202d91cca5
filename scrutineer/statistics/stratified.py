"""Two proportions compared within strata: a group and everyone else, area by area; many questions at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from scrutineer.statistics.binomial import CONFIDENCE, find_quantile
from scrutineer.statistics.differences import Difference
from scrutineer.statistics.hypergeometric import list_chances

Floats = npt.NDArray[np.float64]
Stratum = tuple[int, int, int, int]
"""Above and relevant of the first side, above and relevant of the second, in one stratum."""

ROOM = 100.0
"""How many cases more and less than expected must be possible for the chi-squared distribution to be as good as the exact
one; see `compare_several`."""

_TEST = "Mantel-Haenszel test"

_CLOSE = 1e-8
"""How near to the true end of an interval is near enough: a millionth of a percentage point."""


def compare_strata(strata: Sequence[Stratum], confidence: float = CONFIDENCE) -> Difference | None:
    """The common difference of two proportions over strata; see `compare_several`.

    Returns:
        The difference of the first side from the second; None if no stratum has both.
    """
    return compare_several([strata], confidence)[0]


def compare_several(
    tables: Sequence[Sequence[Stratum]], confidence: float = CONFIDENCE
) -> tuple[Difference | None, ...]:
    """The common difference of two proportions over strata, of each of several questions, with the test that it is none.

    Areas differ, and so does how many of a group each has: added up, a group looks worse where more of it lives in
    areas that do worse. Within strata it does not. Difference: Greenland and Robins (1985), Biometrics 41:55-68, equation
    4. Interval: the score interval over strata with Mantel-Haenszel weights (Miettinen and Nurminen 1985, Statistics in
    Medicine 4:213-226, equations 14 and 15); it holds where strata are small, and where all answers are alike.
    Test: the conditional one, with its mid-P (Lancaster 1961, JASA 56:223-234; Mantel and Haenszel 1959, JNCI 22:719-748),
    or where there are many cases the chi-squared that it then comes to.

    Args:
        tables: for each question its strata; those in which a side has no relevant case add nothing.
        confidence: of the intervals.

    Returns:
        For each question the difference of the first side from the second; None if no stratum has both.
    """
    # With one side empty, the weight n1 n2 / (n1 + n2) is zero.
    informative = [[s for s in strata if s[1] and s[3]] for strata in tables]
    there = [strata for strata in informative if strata]
    if not there:
        return (None,) * len(tables)
    counts = _stack(there)
    values, lows, highs = (
        part.tolist() for part in _calculate_intervals(counts, find_quantile(confidence) ** 2)
    )
    differences = iter(
        Difference(value=value, low=low, high=high, p_value=calculate_mid_p(strata), test=f"{_TEST}, mid-P")
        if p is None
        else Difference(value=value, low=low, high=high, p_value=p, test=f"{_TEST}, chi-squared")
        for strata, value, low, high, p in zip(
            there, values, lows, highs, _calculate_chi_squared(counts), strict=True
        )
    )
    return tuple(next(differences) if strata else None for strata in informative)


def _stack(tables: Sequence[Sequence[Stratum]]) -> Floats:
    """Counts as an array: four × questions × strata, zeros where a question has fewer strata than another."""
    stacked = np.zeros((4, len(tables), max(map(len, tables))))
    for n, strata in enumerate(tables):
        stacked[:, n, : len(strata)] = np.array(strata, dtype=np.float64).T
    return stacked


def _calculate_intervals(counts: Floats, critical: float) -> tuple[Floats, Floats, Floats]:
    """The common difference of each question, and the ends of all that the score statistic doesn't reject."""
    a, n1, c, n2 = counts
    there = n1 > 0
    both = np.where(there, n1 + n2, 1)
    # Mantel and Haenszel's weights: a stratum counts by how much it says about the difference, and one small side limits that.
    weight = n1 * n2 / both
    share = weight / weight.sum(axis=1, keepdims=True)
    value = (share * (a / np.where(there, n1, 1) - c / np.where(there, n2, 1))).sum(axis=1)

    def measure_excess(delta: Floats, question: npt.NDArray[np.int64]) -> Floats:
        """How far a difference is outside of the interval, as a pure number: below zero inside it."""
        q = question.reshape(-1)
        parts = _calculate_variances(a[q], n1[q], c[q], n2[q], delta.reshape(-1)[:, None])
        error = np.sqrt(critical * (share[q] ** 2 * parts).sum(axis=1))
        return np.asarray(np.abs(value[q] - delta.reshape(-1)) - error).reshape(delta.shape)

    every = np.arange(len(value))
    return value, *(_calculate_ends(measure_excess, value, every, limit) for limit in (-1.0, 1.0))


def _calculate_ends(
    beyond: Callable[[Floats, npt.NDArray[np.int64]], Floats],
    value: Floats,
    every: npt.NDArray[np.int64],
    limit: float,
) -> Floats:
    """Where each question's interval ends towards a limit; the limit itself where nothing before it is outside."""
    # If one side is at zero and the other at its maximum in every stratum, the score has no spread at the value itself.
    begin = value + np.copysign(_CLOSE, limit)
    # At a difference of exactly ±1 the variance is zero; the search stays just inside.
    edge = np.full_like(value, limit * (1 - 1e-12))
    outside = (beyond(edge, every) > 0) & (np.abs(begin) < np.abs(edge))
    ends = np.where(outside, value, limit)
    # Where even the first step is outside the interval, it ends at the value itself.
    between = outside & (beyond(np.clip(begin, -1, 1), every) < 0)
    if between.any():
        from scipy.optimize import elementwise

        ends[between] = elementwise.find_root(
            beyond, (begin[between], edge[between]), args=(every[between],), tolerances={"xatol": _CLOSE}
        ).x
    return ends


def _calculate_variances(x1: Floats, n1: Floats, x2: Floats, n2: Floats, delta: Floats) -> Floats:
    """The variance of each stratum's difference, were the true one `delta`; zero if there is no stratum.

    The most likely second proportion is a root of the likelihood's cubic, as in `differences.calculate_miettinen_nurminen`.
    """
    n, x = np.where(n1 > 0, n1 + n2, 2.0), x1 + x2
    l2 = (n1 + 2 * n2) * delta - n - x
    l1 = (n2 * delta - n - 2 * x2) * delta + x
    l0 = x2 * delta * (1 - delta)
    # The cubic's coefficients over the first one; products, as powers take several times as long.
    b, c, d = l2 / (3 * n), l1 / (3 * n), l0 / (2 * n)
    q = b * b * b - 1.5 * b * c + d
    p = np.copysign(np.sqrt(np.maximum(b * b - c, 0)), q)
    with np.errstate(divide="ignore", invalid="ignore"):
        angle = (np.pi + np.arccos(np.clip(np.where(p == 0, 0, q / (p * p * p)), -1, 1))) / 3
    root = 2 * p * np.cos(angle) - b
    second = np.clip(root, np.maximum(0, -delta), np.minimum(1, 1 - delta))
    first = np.clip(second + delta, 0, 1)
    # n / (n - 1) is Miettinen and Nurminen's factor for the variance of a stratum of n cases.
    parts = first * (1 - first) / np.where(n1 > 0, n1, 1) + second * (1 - second) / np.where(n1 > 0, n2, 1)
    return np.asarray(np.where(n1 > 0, parts * n / (n - 1), 0), dtype=np.float64)


def _calculate_chi_squared(counts: Floats) -> list[float | None]:
    """Each question's p-value by Mantel and Haenszel's chi-squared; None if it is too sparse for that.

    Sparse: the number above the line on the first side could not be `ROOM` more and `ROOM` less than is expected (Mantel
    and Fleiss 1980, American Journal of Epidemiology 112:129-134, who ask for 5; with `ROOM` the two differ by less than .003
    where p is from .02 to .1). No continuity correction, for the mid-P has none.
    """
    a, n1, c, n2 = counts
    n, above = n1 + n2, a + c
    there = n > 1
    expected = np.divide(n1 * above, n, out=np.zeros_like(n), where=there)
    spread = n1 * n2 * above * (n - above)
    # The variance of the hypergeometric distribution, given both margins, added up over strata.
    variance = np.divide(spread, n * n * (n - 1), out=np.zeros_like(n), where=there).sum(axis=1)
    less = (expected - np.maximum(0, above - n2)).sum(axis=1)
    more = (np.minimum(n1, above) - expected).sum(axis=1)
    large = np.minimum(less, more) >= ROOM
    statistic = np.divide((a - expected).sum(axis=1) ** 2, variance, out=np.zeros_like(less), where=large)
    return [float(p) if enough else None for p, enough in zip(chdtrc(1, statistic), large, strict=True)]


def calculate_mid_p(strata: Sequence[Stratum]) -> float | None:
    """The two-sided p-value that no stratum has an association, given how many are above the line in each.

    The number above the line on the first side is hypergeometric in each stratum; their sum has the distribution that
    convolving them gives. Twice the smaller tail, of which the number that was seen counts half.

    Args:
        strata: each with a relevant case on both sides.

    Returns:
        None if every stratum's answers are all alike: nothing could then be otherwise.
    """
    informative = [s for s in strata if 0 < s[0] + s[2] < s[1] + s[3]]
    if not informative:
        return None
    chance, seen = np.ones(1), 0
    for a, n1, c, n2 in informative:
        least, of_stratum = list_chances(n1, n2, a + c)
        chance = np.convolve(chance, of_stratum)
        # Places in the array are counted from the least number
        # possible, which differs between strata.
        seen += a - least
    below, here = float(chance[:seen].sum()), float(chance[seen])
    # The upper tail is what remains of 1, where rounding can leave a little less than nothing.
    return min(1.0, 2 * (min(below, max(1 - below - here, 0.0)) + here / 2))
