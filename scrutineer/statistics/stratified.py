"""Two proportions compared within strata: a group and everyone else, area by area; many questions at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from scrutineer.statistics.binomial import CONFIDENCE, quantile
from scrutineer.statistics.differences import Difference

Floats = npt.NDArray[np.float64]
Stratum = tuple[int, int, int, int]
"""Above and relevant of the first side, above and relevant of the second, in one stratum."""

_HALVINGS = 28
"""Of the interval from -1 to 1 in which an end lies: what is left is less than a millionth of a percentage point."""


def mantel_haenszel(strata: Sequence[Stratum], confidence: float = CONFIDENCE) -> Difference | None:
    """The common difference of two proportions over strata; see `several`.

    Returns:
        The difference of the first side from the second; None where no stratum has both.
    """
    return several([strata], confidence)[0]


def several(
    tables: Sequence[Sequence[Stratum]], confidence: float = CONFIDENCE
) -> tuple[Difference | None, ...]:
    """The common difference of two proportions over strata, of each of several questions, with the test that it is none.

    Areas differ, and so does how many of a group each has: added up, a group looks worse where more of it lives in
    areas that do worse. Within strata it does not. Difference: Greenland and Robins (1985), Biometrics 41:55-68, equation
    4. Interval: the score interval over strata with Mantel-Haenszel weights (Miettinen and Nurminen 1985, Statistics in
    Medicine 4:213-226, equations 14 and 15); it holds where strata are small, and where all answers are alike.
    Test: the conditional one, with its mid-P (Lancaster 1961, JASA 56:223-234; Mantel and Haenszel 1959, JNCI 22:719-748).

    Args:
        tables: for each question its strata; those in which a side has no relevant case tell nothing.
        confidence: of the intervals.

    Returns:
        For each question the difference of the first side from the second; None where no stratum has both.
    """
    told = [[s for s in strata if s[1] and s[3]] for strata in tables]
    there = [strata for strata in told if strata]
    if not there:
        return (None,) * len(tables)
    values, lows, highs = _intervals(_stacked(there), quantile(confidence) ** 2)
    found = iter(
        Difference(value, low, high, mid_p(strata), "Mantel-Haenszel test, mid-P")
        for strata, value, low, high in zip(
            there, values.tolist(), lows.tolist(), highs.tolist(), strict=True
        )
    )
    return tuple(next(found) if strata else None for strata in told)


def _stacked(tables: Sequence[Sequence[Stratum]]) -> Floats:
    """Counts as an array: four × questions × strata, noughts where a question has fewer strata than another."""
    found = np.zeros((4, len(tables), max(map(len, tables))))
    for n, strata in enumerate(tables):
        found[:, n, : len(strata)] = np.array(strata, dtype=np.float64).T
    return found


def _intervals(counts: Floats, critical: float) -> tuple[Floats, Floats, Floats]:
    """The common difference of each question, and the ends of all that the score statistic doesn't reject."""
    a, n1, c, n2 = counts
    there = n1 > 0
    both = np.where(there, n1 + n2, 1)
    weight = n1 * n2 / both
    share = weight / weight.sum(axis=1, keepdims=True)
    value = (share * (a / np.where(there, n1, 1) - c / np.where(there, n2, 1))).sum(axis=1)

    def rejected(delta: Floats) -> npt.NDArray[np.bool_]:
        variance = (share**2 * _variances(a, n1, c, n2, delta[:, None])).sum(axis=1)
        return np.asarray((value - delta) ** 2 > critical * variance, dtype=np.bool_)

    ends = []
    for limit in (-1.0, 1.0):
        inside, outside = value.copy(), np.full_like(value, limit)
        whole = ~rejected(outside * (1 - 1e-12))
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            out = rejected(middle)
            outside, inside = np.where(out, middle, outside), np.where(out, inside, middle)
        ends.append(np.where(whole, limit, inside))
    return value, ends[0], ends[1]


def _variances(x1: Floats, n1: Floats, x2: Floats, n2: Floats, delta: Floats) -> Floats:
    """The variance of each stratum's difference, were the true one `delta`; nought where there is no stratum.

    The most likely second proportion is a root of the likelihood's cubic, as in `differences.miettinen_nurminen`.
    """
    n, x = np.where(n1 > 0, n1 + n2, 2.0), x1 + x2
    l2 = (n1 + 2 * n2) * delta - n - x
    l1 = (n2 * delta - n - 2 * x2) * delta + x
    l0 = x2 * delta * (1 - delta)
    q = l2**3 / (3 * n) ** 3 - l1 * l2 / (6 * n**2) + l0 / (2 * n)
    p = np.copysign(np.sqrt(np.maximum(l2**2 / (3 * n) ** 2 - l1 / (3 * n), 0)), q)
    with np.errstate(divide="ignore", invalid="ignore"):
        angle = (np.pi + np.arccos(np.clip(np.where(p == 0, 0, q / p**3), -1, 1))) / 3
    root = 2 * p * np.cos(angle) - l2 / (3 * n)
    second = np.clip(root, np.maximum(0, -delta), np.minimum(1, 1 - delta))
    first = np.clip(second + delta, 0, 1)
    parts = first * (1 - first) / np.where(n1 > 0, n1, 1) + second * (1 - second) / np.where(n1 > 0, n2, 1)
    return np.asarray(np.where(n1 > 0, parts * n / (n - 1), 0), dtype=np.float64)


def mid_p(strata: Sequence[Stratum]) -> float | None:
    """The two-sided p-value that no stratum has an association, given how many are above the line in each.

    The number above the line on the first side is hypergeometric in each stratum; their sum has the distribution that
    convolving them gives. Twice the smaller tail, of which the number that was seen counts half.

    Args:
        strata: each with a relevant case on both sides.

    Returns:
        None where every stratum's answers are all alike: nothing could then be otherwise.
    """
    told = [s for s in strata if 0 < s[0] + s[2] < s[1] + s[3]]
    if not told:
        return None
    logs = gammaln(np.arange(max(n1 + n2 for _, n1, _, n2 in told) + 1) + 1)
    chance, seen = np.ones(1), 0
    for a, n1, c, n2 in told:
        least = max(0, a + c - n2)
        chance = np.convolve(chance, _hypergeometric(n1, n2, a + c, logs))
        seen += a - least
    below, here = float(chance[:seen].sum()), float(chance[seen])
    return min(1.0, 2 * (min(below, max(1 - below - here, 0.0)) + here / 2))


def _hypergeometric(first: int, second: int, above: int, logs: Floats) -> Floats:
    """The chance of each number above the line on the first side, from the least that is possible to the greatest."""
    x = np.arange(max(0, above - second), min(first, above) + 1)
    whole = logs[first] + logs[second] + logs[above] + logs[first + second - above] - logs[first + second]
    chance: Floats = np.exp(whole - logs[x] - logs[first - x] - logs[above - x] - logs[second - above + x])
    return chance
