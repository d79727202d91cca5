"""Agreement, severity, suppression and funnels: published values, independent computations, first principles."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.inter_rater import cohens_kappa

from scrutineer.statistics.agreement import ac1_interval, agreement, alpha, cross, gwet, weighted_kappa
from scrutineer.statistics.binomial import quantile
from scrutineer.statistics.funnel import funnel_at, number_of_events, standardise
from scrutineer.statistics.severity import severities
from scrutineer.statistics.suppression import partition, suppress, withheld

# Gwet (2002), *Kappa statistic is not satisfactory*: 118 and 0 agreed, 5 and 2 disagreed; kappa -0.023, AC1 0.941.
GWET = np.array([[118.0, 5.0], [2.0, 0.0]])


def test_kappa_and_ac1_of_gwets_paradox() -> None:
    assert weighted_kappa(GWET) == pytest.approx(-0.0234, abs=5e-5)
    assert gwet(GWET) == pytest.approx(0.9408, abs=5e-5)


@pytest.mark.parametrize("weighting", ["none", "linear", "quadratic"])
def test_weighted_kappa_agrees_with_statsmodels(weighting: str) -> None:
    table = np.array([[22.0, 7, 2, 0], [5, 30, 9, 1], [1, 6, 25, 4], [0, 2, 5, 11]])
    library = cohens_kappa(table, wt=None if weighting == "none" else weighting)
    assert weighted_kappa(table, weighting) == pytest.approx(library.kappa)  # type: ignore[arg-type]


def test_variance_of_ac1_is_gwets_formula() -> None:
    # Gwet (2008), BJMSP 61:29-48, the variance written out over the table for two raters.
    table = np.array([[40.0, 6, 1], [4, 30, 5], [2, 3, 9]])
    n, q = table.sum(), 3
    p, share = table / n, (table.sum(0) + table.sum(1)) / (2 * n)
    pa, pe = np.trace(p), (share * (1 - share)).sum() / (q - 1)
    g = (pa - pe) / (1 - pe)
    first = pa * (1 - pa)
    second = 4 * (1 - g) * ((np.diag(p) * (1 - share)).sum() / (q - 1) - pa * pe)
    square = sum(p[k, m] * (1 - (share[k] + share[m]) / 2) ** 2 for k in range(q) for m in range(q))
    variance = (first - second + 4 * (1 - g) ** 2 * (square / (q - 1) ** 2 - pe**2)) / (
        (n - 1) * (1 - pe) ** 2
    )
    got = ac1_interval(table)
    assert got is not None
    assert got[0] == pytest.approx(g)
    assert (got[2] - got[0]) / quantile(0.95, n - 1) == pytest.approx(variance**0.5, rel=1e-9)


def test_alpha_of_krippendorffs_own_example() -> None:
    # Krippendorff (2011), *Computing Krippendorff's alpha-reliability*, part C: nominal 0.743, ordinal 0.815.
    _ = None
    readers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
    assert alpha(readers, "nominal") == pytest.approx(0.743, abs=5e-4)
    assert alpha(readers, "ordinal") == pytest.approx(0.815, abs=5e-4)
    assert alpha([[1, 1], [1, 1]], "nominal") is None


def test_agreement_leaves_out_what_one_reader_did_not_answer() -> None:
    got = agreement([0, 1, None, 2], [0, 2, 1, 2], 3)
    assert (got.pairs, got.same) == (3, 2)
    assert agreement([None], [1], 3).percent is None
    with pytest.raises(ValueError, match="between 0 and 2"):
        cross([3], [0], 3)


def test_agreement_by_chance_alone_has_no_kappa_and_full_agreement_is_one() -> None:
    assert weighted_kappa(np.array([[5.0, 0], [0, 0]])) is None
    assert weighted_kappa(np.zeros((2, 2))) is None
    assert weighted_kappa(np.diag([5.0, 3.0])) == 1
    assert gwet(np.diag([5.0, 3.0])) == 1


def test_severity_is_expected_less_seen_over_the_same_questions() -> None:
    # Two questions; the others judge the first always above, the second half of the time.
    above = np.array([[1, 0], [1, 1], [1, 0], [1, 1], [0, 0], [1, 0]], dtype=float)
    relevant = np.ones_like(above)
    found = {s.reader: s for s in severities(above, relevant, ["a", "a", "a", "a", "b", "b"])}
    assert found["b"].seen == pytest.approx(1 / 4)
    assert found["b"].expected == pytest.approx((2 * 1 + 2 * 0.5) / 4)
    assert found["b"].severity == pytest.approx(0.5)
    assert found["b"].low < 0.5 < found["b"].high


def test_equal_readers_are_equally_severe_and_strangers_say_nothing() -> None:
    above = np.tile([[1.0, 0.0], [0.0, 1.0]], (4, 1))
    found = severities(above, np.ones_like(above), ["a", "a", "b", "b", "a", "a", "b", "b"])
    assert [s.severity for s in found] == pytest.approx([0, 0])
    alone = severities(above[:2], np.ones((2, 2)), ["a", "a"])
    assert alone[0].answers == 0
    assert alone[0].p_value is None


def _pinned(table: np.ndarray, hidden: np.ndarray, place: tuple[int, int]) -> set[int]:
    """Every value that a hidden cell can have, by trying all tables with the same totals and shown cells."""
    cells = [tuple(c) for c in np.argwhere(hidden)]
    top = int(table.sum())
    found = set()
    for values in product(range(top + 1), repeat=len(cells)):
        tried = table.copy()
        for cell, value in zip(cells, values, strict=True):
            tried[cell] = value
        rows = table.shape[1] == 1 or (tried.sum(1) == table.sum(1)).all()
        if rows and (table.shape[0] == 1 or (tried.sum(0) == table.sum(0)).all()):
            found.add(int(tried[place]))
    return found


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=2, max_size=4))
def test_no_withheld_part_of_a_total_can_be_worked_out(counts: list[int]) -> None:
    table = np.array([counts])
    hidden = suppress(table, 3)
    for place in np.argwhere(hidden & (table > 0) & (table < 3)):
        values = _pinned(table, hidden, tuple(place))
        assert max(values) - min(values) >= 3 or hidden.all()


def test_suppression_by_hand() -> None:
    assert partition([3, 30, 40], 5) == (True, True, False)
    assert partition([10, 30, 40], 5) == (False, False, False)
    assert partition([2, 30], 5) == (True, True)
    # One small cell in a table: its row, its column and the corner opposite must each lose one more.
    hidden = suppress([[2, 20, 30], [10, 15, 9], [8, 9, 10]], 5)
    assert hidden[0, 0]
    assert (hidden.sum(0)[hidden.any(0)] >= 2).all()
    assert (hidden.sum(1)[hidden.any(1)] >= 2).all()
    with pytest.raises(ValueError, match="zero or more"):
        suppress([[-1]], 5)


def test_overlapping_groups_give_nothing_away() -> None:
    # All, women, men, and women again under another name: the 3 women hide, and so must the men.
    assert withheld([[1, 1], [0, 1], [1, 0], [0, 1]], [40, 3], 5, [0]).tolist() == [False, True, True, True]
    assert not withheld([[1, 1], [0, 1], [1, 0]], [40, 30], 5, [0]).any()


def test_a_funnel_of_equal_chances_is_the_binomial() -> None:
    got = standardise("area", [1] * 12 + [0] * 28, [0.4] * 40)
    assert (got.actual, got.cases) == (12, 40)
    assert got.predicted == pytest.approx(16)
    assert got.ratio == pytest.approx(0.75)
    assert got.limits[0] == pytest.approx((binom(40, 0.4).ppf(0.025) / 16, binom(40, 0.4).ppf(0.975) / 16))
    assert got.p_value == pytest.approx(min(1, 2 * binom(40, 0.4).cdf(12)))
    assert got.outside is None


@given(st.lists(st.floats(0, 1), min_size=0, max_size=9))
def test_the_number_of_events_against_every_outcome(chances: list[float]) -> None:
    expected = np.zeros(len(chances) + 1)
    for outcome in product((0, 1), repeat=len(chances)):
        expected[sum(outcome)] += np.prod([p if e else 1 - p for e, p in zip(outcome, chances, strict=True)])
    assert number_of_events(np.array(chances)) == pytest.approx(expected, abs=1e-12)


def test_large_units_have_their_funnel_too() -> None:
    got = standardise("area", [1] * 700 + [0] * 900, [0.4] * 1600)
    chance = binom(1600, 0.4)
    assert got.limits[1] == pytest.approx((chance.ppf(0.001) / 640, chance.ppf(0.999) / 640))
    assert got.p_value == pytest.approx(2 * chance.sf(699), rel=1e-6)


def test_a_unit_outside_the_funnel_is_told_and_wrong_input_refused() -> None:
    assert standardise("area", [1] * 38 + [0] * 2, [0.4] * 40).outside == 0.998
    low, high = funnel_at([16.0], 0.4, 0.95)
    assert high[0] - 1 == pytest.approx(1.95996 * (0.6 / 16) ** 0.5, abs=1e-4)
    assert low[0] == pytest.approx(2 - high[0])
    for events, chances in (([1], [1.2]), ([], []), ([0], [0.0])):
        with pytest.raises(ValueError, match="predict"):
            standardise("area", events, chances)


def test_the_size_of_a_group_gives_nothing_away() -> None:
    # All 99 of 100 relevant, A 87 of 87: then 12 of the 13 in E (5 cases) and F (8), so E can only be 4 or 5.
    hidden = withheld([[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]], [87, 4, 8], 5, [0], [100, 87, 5, 8])
    assert hidden.tolist() == [False, True, True, True]
