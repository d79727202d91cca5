"""Two proportions compared within strata: a group and everyone else, area by area."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from scipy.special import chdtrc

from scrutineer.statistics.binomial import CONFIDENCE, quantile
from scrutineer.statistics.differences import Difference

Stratum = tuple[int, int, int, int]
"""Above and relevant of the first side, above and relevant of the second, in one stratum."""


def mantel_haenszel(strata: Sequence[Stratum], confidence: float = CONFIDENCE) -> Difference | None:
    """The common difference of two proportions over strata, with its interval and the test that it is none.

    Areas differ, and so does how many of a group each has: added up, a group looks worse where more of it lives in
    areas that do worse. Within strata it does not. Difference and variance: Greenland and Robins (1985), Biometrics
    41:55-68, equations 4 and 6. Test: Mantel and Haenszel (1959), JNCI 22:719-748, without continuity correction.

    Args:
        strata: one per area; those in which a side has no relevant case tell nothing.
        confidence: of the interval.

    Returns:
        The difference of the first side from the second; None where no stratum has both.
    """
    both = [s for s in strata if s[1] and s[3]]
    if not both:
        return None
    weight = sum(n1 * n2 / (n1 + n2) for _, n1, _, n2 in both)
    value = sum((a * n2 - c * n1) / (n1 + n2) for a, n1, c, n2 in both) / weight
    spread = sum(
        (a * (n1 - a) * n2**3 + c * (n2 - c) * n1**3) / (n1 * n2 * (n1 + n2) ** 2) for a, n1, c, n2 in both
    )
    half = quantile(confidence) * sqrt(spread) / weight
    return Difference(
        value, max(value - half, -1.0), min(value + half, 1.0), _test(both), "Mantel-Haenszel test"
    )


def _test(strata: Sequence[Stratum]) -> float | None:
    """The p-value of no association in any stratum; None where every stratum's answers are all alike."""
    beyond = variance = 0.0
    for a, n1, c, n2 in strata:
        n, above = n1 + n2, a + c
        beyond += a - n1 * above / n
        if n > 1:
            variance += n1 * n2 * above * (n - above) / (n * n * (n - 1))
    return float(chdtrc(1, beyond * beyond / variance)) if variance > 0 else None
