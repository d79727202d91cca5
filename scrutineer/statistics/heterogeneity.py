"""Whether several areas differ by more than chance; areas in which everyone or no one did well count like the others.

Cochran's Q weighs each area by its own spread, and an area at 0 or 100% has none: it fell out of the test, which then
found the others alike. Both tests here judge the spread of all areas together, as it would be were they alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, fdtrc

DRAWS = 9_999
"""Tables drawn for a p-value: at 0.05 its standard error is 0.0022."""

FIRST_DRAWS = 999
"""Tables drawn first: where `ENOUGH` of them are as great as what was seen, p is above 0.1 and the rest are not drawn."""

ENOUGH = 100
"""Of the first tables; the p-value then has a standard error of at most 0.016 (Besag and Clifford 1991, Biometrika 78:301-304)."""

EXPECTED = 5.0
"""Cases expected above and below the line in every area from which the chi-squared distribution is as good as tables drawn
(Cochran 1954, Biometrics 10:417-451)."""

SEED = 20_260_101
"""Of the draws: the same counts always give the same p-value."""


@dataclass(frozen=True)
class Heterogeneity:
    """How far areas differ.

    Attributes:
        units: how many areas.
        statistic: the sum of squares between them, in units of what chance makes of one degree of freedom.
        p_value: that all are alike.
        share: of the spread, how much is more than chance, 0 to 1.
    """

    units: int
    statistic: float
    p_value: float
    share: float


def test_counts(counts: Sequence[tuple[int, int]]) -> Heterogeneity | None:
    """Pearson's chi-squared of several proportions, with its conditional p-value where areas have few cases.

    Where all areas are alike, every way to share out those above the line over the areas' cases is as likely as every
    other: p is the share of up to `DRAWS` such ways (and the one that was seen) with a statistic at least as great. See
    Fisher (1935), *The Design of Experiments*; Davison and Hinkley (1997), *Bootstrap Methods*, section 4.3.

    Args:
        counts: above and relevant of each area; areas without a relevant case take no part.

    Returns:
        None if fewer than two areas have a relevant case.
    """
    there = np.array([(above, relevant) for above, relevant in counts if relevant], dtype=np.int64)
    if len(there) < 2:
        return None
    above, relevant = there.T
    total, whole = int(above.sum()), int(relevant.sum())
    freedom = len(there) - 1
    # If every case has the same answer, the statistic is 0 ÷ 0, and nothing differs.
    if total in (0, whole):
        return Heterogeneity(units=len(there), statistic=0.0, p_value=1.0, share=0.0)
    seen = float(_calculate_chi_squared(above[None, :], relevant)[0])
    rate = total / whole
    # Drawing tables takes milliseconds, and a programme page tests hundreds of questions.
    if float((relevant * min(rate, 1 - rate)).min()) >= EXPECTED:
        return Heterogeneity(
            units=len(there),
            statistic=seen,
            p_value=float(chdtrc(freedom, seen)),
            share=_calculate_i_squared(seen, freedom),
        )
    return Heterogeneity(
        units=len(there),
        statistic=seen,
        p_value=_calculate_drawn_p(relevant, total, seen),
        share=_calculate_i_squared(seen, freedom),
    )


def _calculate_drawn_p(relevant: np.ndarray, total: int, seen: float) -> float:
    """The share of tables drawn, and of the one that was seen, with a statistic at least as great as its."""
    # The seed is fixed so that a page shows the same p-value each time and a report can be made again exactly.
    generator = np.random.Generator(np.random.PCG64(SEED))
    as_great = drawn = 0
    for size in (FIRST_DRAWS, DRAWS - FIRST_DRAWS):
        draws = generator.multivariate_hypergeometric(relevant, total, size=size)
        # Ties count as at least as great: rounding must not tell equal tables apart.
        as_great += int((_calculate_chi_squared(draws, relevant) >= seen * (1 - 1e-9)).sum())
        drawn += size
        if as_great >= ENOUGH:
            break
    # The table seen is one of the tables that are as likely, so p is never zero (Davison and Hinkley 1997, equation 4.11).
    return (1 + as_great) / (1 + drawn)


def test_scores(scores: Sequence[tuple[float, float, float]]) -> Heterogeneity | None:
    """The analysis of variance of several scores, from their standard errors.

    Fisher (1925), *Statistical Methods for Research Workers*, chapter 7: the spread between areas against the spread of
    cases within them, which is taken as one for all areas, as it is where they are alike. An area of f degrees of freedom
    has f + 1 cases, each of variance (f + 1) times the squared error.

    Args:
        scores: each with its standard error (without the population correction) and degrees of freedom.

    Returns:
        None if fewer than two areas have a score, or nothing varied within any of them.
    """
    if len(scores) < 2:
        return None
    values, errors, freedoms = (np.array(part, dtype=np.float64) for part in zip(*scores, strict=True))
    cases = np.maximum(freedoms, 1.0) + 1
    # Pooling keeps an area that happened to have no variation from having infinite weight.
    within = float((np.maximum(freedoms, 1.0) * errors**2 * cases).sum())
    freedom = float(np.maximum(freedoms, 1.0).sum())
    if within <= 0:
        return None
    mean = float((cases * values).sum() / cases.sum())
    between = float((cases * (values - mean) ** 2).sum()) / (within / freedom)
    units = len(scores)
    p_value = float(fdtrc(units - 1, freedom, between / (units - 1)))
    return Heterogeneity(
        units=units, statistic=between, p_value=p_value, share=_calculate_i_squared(between, units - 1)
    )


def _calculate_chi_squared(above: np.ndarray, relevant: np.ndarray) -> np.ndarray:
    """Pearson's statistic of each row of counts above the line, all of the same total."""
    rate = above[0].sum() / relevant.sum()
    statistic: np.ndarray = ((above - relevant * rate) ** 2 / (relevant * rate * (1 - rate))).sum(axis=1)
    return statistic


def _calculate_i_squared(statistic: float, freedom: int) -> float:
    """I²: Higgins and Thompson (2002), Statistics in Medicine 21:1539-1558."""
    return max(0.0, (statistic - freedom) / statistic) if statistic else 0.0
