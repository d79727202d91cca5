"""Formulas against R, recorded: R 4.2.2 with survey 4.1-1, psych 2.2.9, metafor 3.8-1 and PoissonBinomial 1.2.5, as Debian 12 has them.

R is not needed to run these: each test says the call that gave its numbers.
"""

from __future__ import annotations

import numpy as np
import pytest

from scrutineer.fieldwork.sampling.weights import WeightingCell, calibrate
from scrutineer.scoring.spread import calculate_weighted_totals
from scrutineer.statistics.agreement import calculate_weighted_kappa
from scrutineer.statistics.clustered import Residuals
from scrutineer.statistics.differences import Analytic, compare_scores
from scrutineer.statistics.families import adjust_p_values
from scrutineer.statistics.funnel import calculate_number_of_events
from scrutineer.statistics.heterogeneity import test_scores as spread_of
from scrutineer.statistics.hypergeometric import calculate_fisher
from scrutineer.statistics.severity import list_severities
from scrutineer.statistics.stratified import compare_strata

STRATA = [(12, 20, 30, 80), (3, 5, 40, 95), (9, 14, 25, 86), (2, 9, 61, 91)]


def test_mantel_haenszel() -> None:
    """mantelhaen.test(tab, exact = TRUE), one-sided both ways; metafor: rma.mh(measure = "RD", …)$beta.

    The two tails share the table that was seen: together less 1 they are its chance, of which a mid-P counts half.
    """
    greater, less = 0.0740839653533, 0.961216627858
    here = greater + less - 1
    comparison = compare_strata(STRATA)
    assert comparison is not None
    assert comparison.p_value == pytest.approx(2 * (min(greater, less) - here / 2), rel=1e-9)
    assert comparison.value == pytest.approx(0.122498779893, rel=1e-9)


def test_weighted_kappa() -> None:
    """psych: cohen.kappa(m, w = 1 - |i - j| / 3)$weighted.kappa; cohen.kappa(m)$kappa."""
    table = np.array([[22.0, 7, 2, 0], [5, 30, 9, 1], [1, 6, 25, 4], [0, 2, 5, 11]])
    assert calculate_weighted_kappa(table, "linear") == pytest.approx(0.65433192998, rel=1e-9)
    assert calculate_weighted_kappa(table) == pytest.approx(0.554030874786, rel=1e-9)


def test_the_number_of_events() -> None:
    """PoissonBinomial: dpbinom(0:6, c(.1, .25, .4, .55, .7, .85))."""
    r = [0.00820125, 0.08474625, 0.2754, 0.3675375, 0.21200625, 0.04883625, 0.0032725]
    assert calculate_number_of_events(np.array([0.1, 0.25, 0.4, 0.55, 0.7, 0.85])) == pytest.approx(
        r, abs=1e-12
    )


def test_both_errors_of_a_weighted_mean_of_shares() -> None:
    """survey: svycontrast(svytotal(~y1+r1+y2+r2, d), quote((y1/r1 + y2/r2)/2)), d with and without fpc.

    d <- svydesign(ids = ~1, strata = ~h, weights = ~N/10, fpc = ~N): ten of 23 and ten of 145 cases.
    """
    y1 = [1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0]
    r1 = [1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1]
    y2 = [0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1]
    r2 = [1, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]
    relevant = np.array([r1, r2]).T
    above = np.array([y1, y2]).T * relevant
    weights = np.repeat([2.3, 14.5], 10)
    codes = (above * 0x80 + relevant * 0x40).astype(np.uint8)
    over, under = (t[0] for t in calculate_weighted_totals(codes, np.ones((1, 20), dtype=np.bool_), weights))
    shares = over / under
    assert shares.mean() == pytest.approx(0.712782628162, rel=1e-11)
    residuals = Residuals(1, 2)
    left = ((above - relevant * shares) / under).mean(axis=1) * weights
    residuals.add(left[:, None], np.repeat([0, 1], 10))
    fractions = np.array([10 / 23, 10 / 145])
    assert float(residuals.calculate_covariance(fractions)[0, 0]) ** 0.5 == pytest.approx(
        0.0820016998112, rel=1e-9
    )
    assert float(residuals.calculate_covariance()[0, 0]) ** 0.5 == pytest.approx(0.0855954437166, rel=1e-9)


def test_calibrated_weights() -> None:
    """survey: weights(postStratify(d, ~h, data.frame(h = c("a", "b"), Freq = c(23, 145)))), from unequal start weights."""
    start = np.array([2, 2, 2, 3, 2, 2, 2, 2, 3, 2, 12, 15, 14, 14, 15, 14, 15, 15, 14, 15], dtype=float)
    cells = (WeightingCell(0, 23), WeightingCell(0, 145))
    weights = calibrate((1 / start).tolist(), [0] * 10 + [1] * 10, cells)
    r = [2.09090909091, 3.13636363636, 12.1678321678, 15.2097902098]
    assert weights[[0, 3, 10, 11]] == pytest.approx(r, rel=1e-9)
    assert weights.sum() == pytest.approx(168)


def test_the_spread_of_several_scores() -> None:
    """oneway.test(x ~ g, var.equal = TRUE) on 8, 12 and 10 values; means and standard errors by tapply."""
    scores = [(0.625, 0.0590096844352, 7.0), (0.45, 0.0417423554968, 11.0), (0.72, 0.0416333199893, 9.0)]
    spread = spread_of(scores)
    assert spread is not None
    assert spread.p_value == pytest.approx(0.000704256188877, rel=1e-8)
    assert spread.statistic / 2 == pytest.approx(9.61187607573, rel=1e-8)


def test_the_difference_of_two_scores() -> None:
    """t.test(x[1:8], x[9:20]): the first two groups of the same values."""
    first, second = (
        (0.625, Analytic(0.5, 0.75, 0.0590096844352)),
        (0.45, Analytic(0.35, 0.55, 0.0417423554968)),
    )
    assert compare_scores(first, second, (7, 11)).p_value == pytest.approx(0.030110005872, rel=1e-9)


def test_severity_for_the_same_mix_of_cases() -> None:
    """lm(level ~ 0 + who + hard), the contrast of a from the others by their readings: 4/7 of b and 3/7 of c."""
    who = list("aaaaabbbbccc")
    hard = np.array([[1, 1, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0]], dtype=float).T
    level = [0.3, 0.4, 0.35, 0.6, 0.45, 0.7, 0.65, 0.5, 0.75, 0.6, 0.5, 0.7]
    above = np.array([[1.0] * round(20 * x) + [0.0] * (20 - round(20 * x)) for x in level])
    severities = list_severities(above, np.ones_like(above), who, mix=hard)
    a = next(s for s in severities if s.reader == "a")
    assert a.severity == pytest.approx(0.10880773362, rel=1e-8)
    # Of three readers the smallest p-value counts three times (p.adjust).
    assert a.p_value == pytest.approx(min(s.p_value or 1 for s in severities))
    half = 2.306004135 * 0.0376883119216  # qt(.975, 8) times the standard error
    assert (a.low, a.high) == pytest.approx((0.10880773362 - half, 0.10880773362 + half), rel=1e-7)


def test_fishers_test_and_adjusted_p_values() -> None:
    """fisher.test(matrix(c(8, 12, 90, 30), 2))$p.value; p.adjust(c(.001, .01, .02, .04, .2, .5), "BH")."""
    assert calculate_fisher(8, 20, 90, 120) == pytest.approx(0.00302039435974, rel=1e-9)
    assert adjust_p_values([0.001, 0.01, 0.02, 0.04, 0.2, 0.5]) == pytest.approx(
        (0.006, 0.03, 0.04, 0.06, 0.24, 0.5)
    )
