"""Intervals and differences against published values, an independent library and R."""

from __future__ import annotations

import math
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import fisher_exact, hypergeom, norm, t
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from scrutineer.scoring.spread import calculate_weighted_totals
from scrutineer.statistics.barnard import calculate_barnard
from scrutineer.statistics.binomial import (
    calculate_effective_size,
    calculate_quantiles,
    calculate_size_from_variance,
    calculate_wilson,
    find_quantile,
    score_interval,
)
from scrutineer.statistics.clustered import Residuals
from scrutineer.statistics.differences import (
    Analytic,
    calculate_miettinen_nurminen,
    calculate_newcombe,
    compare_counts,
    compare_scores,
)
from scrutineer.statistics.families import adjust_p_values
from scrutineer.statistics.finite import (
    calculate_share_interval,
    count_population,
    cut_to_reach,
    find_possible,
)
from scrutineer.statistics.hypergeometric import calculate_fisher
from scrutineer.statistics.thin import Thin


@pytest.mark.parametrize(
    ("above", "relevant", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_newcombes_published_intervals(
    above: int, relevant: int, low: float, high: float
) -> None:
    got = calculate_wilson(above, relevant)
    assert (round(float(got[0]), 4), round(float(got[1]), 4)) == (low, high)


@pytest.mark.parametrize("above", [0, 1, 17, 40])
def test_wilson_agrees_with_statsmodels(above: int) -> None:
    assert calculate_wilson(above, 40) == pytest.approx(
        proportion_confint(above, 40, method="wilson"), abs=1e-12
    )


def test_wilson_with_correction_inverts_the_score_test_of_sampling_without_replacement() -> None:
    n, population, p = 60, 150, 42 / 60
    z = find_quantile()

    def beyond(q: float) -> float:
        variance = q * (1 - q) / n * (population - n) / (population - 1)
        return (p - q) ** 2 - z * z * variance

    expected = brentq(beyond, 1e-9, p), brentq(beyond, p, 1 - 1e-9)
    assert calculate_wilson(42, 60, 60 / 150) == pytest.approx(expected, abs=1e-9)


def test_a_census_has_no_sampling_error_and_no_case_has_no_interval() -> None:
    assert calculate_wilson(7, 9, 1.0) == pytest.approx((7 / 9, 7 / 9))
    assert all(math.isnan(end) for end in calculate_wilson(0, 0))
    assert calculate_effective_size(0, 1.0) == 0
    with pytest.raises(ValueError, match="population"):
        calculate_effective_size(5, 1.2)
    with pytest.raises(ValueError, match="confidence"):
        find_quantile(1.0)


def test_a_larger_share_of_the_population_never_widens_the_interval() -> None:
    widths = [
        float(high - low) for low, high in (calculate_wilson(30, 50, f) for f in (0, 0.1, 0.5, 0.9, 1.0))
    ]
    assert widths == sorted(widths, reverse=True)


def test_effective_size_of_an_estimate() -> None:
    assert calculate_size_from_variance(0.5, 0.0025, 9) == pytest.approx(100)
    assert calculate_size_from_variance(1.0, 0.0, 9) == 9
    assert [float(x) for x in score_interval(0.5, 100, find_quantile())] == pytest.approx(
        [float(x) for x in calculate_wilson(50, 100)]
    )


# Newcombe (1998), Statistics in Medicine 17:873-890, table II: methods 6 (Miettinen and Nurminen) and 10.
PUBLISHED = [
    ((56, 70, 48, 80), (0.0528, 0.3382), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1700, 0.8406), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0342, 0.8534), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0326, 0.1933), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1658, 0.2844), (-0.1611, 0.2775)),
    ((0, 10, 0, 10), (-0.2879, 0.2879), (-0.2775, 0.2775)),
]


@pytest.mark.parametrize(("counts", "score", "hybrid"), PUBLISHED)
def test_differences_give_the_published_intervals(
    counts: tuple[int, int, int, int], score: tuple[float, float], hybrid: tuple[float, float]
) -> None:
    assert tuple(round(end, 4) for end in calculate_miettinen_nurminen(*counts)) == score
    assert tuple(round(end, 4) for end in calculate_newcombe(*counts)) == hybrid
    library = confint_proportions_2indep(*counts, method="newcomb")
    assert calculate_newcombe(*counts) == pytest.approx(library, abs=1e-9)


def test_difference_turned_round_is_its_negative() -> None:
    low, high = calculate_miettinen_nurminen(56, 70, 48, 80)
    assert calculate_miettinen_nurminen(48, 80, 56, 70) == pytest.approx((-high, -low))


def test_a_difference_needs_cases_on_both_sides() -> None:
    with pytest.raises(ValueError, match="relevant case"):
        calculate_miettinen_nurminen(0, 0, 1, 2)


def test_exact_tests_give_published_p_values() -> None:
    # Fisher's tea taster (1935), and Mehrotra et al. (2003), Biometrics 59:441-450: 7 of 15 against 12 of 15.
    assert calculate_fisher(3, 4, 1, 4) == pytest.approx(0.4857, abs=5e-5)
    assert calculate_barnard(7, 15, 12, 15) == pytest.approx(0.068, abs=5e-4)
    assert calculate_barnard(5, 10, 10, 20) == 1.0


@given(st.integers(0, 400), st.integers(1, 400), st.integers(0, 400), st.integers(1, 400))
@settings(max_examples=300, deadline=None)
def test_fishers_test_is_that_of_scipy(above: int, relevant: int, above2: int, relevant2: int) -> None:
    above, above2 = min(above, relevant), min(above2, relevant2)
    table = [[above, relevant - above], [above2, relevant2 - above2]]
    assert calculate_fisher(above, relevant, above2, relevant2) == pytest.approx(
        fisher_exact(table).pvalue, rel=1e-8
    )


def barnard_by_whole_numbers(a: int, n: int, c: int, m: int) -> float:
    """Which tables are as extreme by fractions, their chance at very many shares."""

    def squared(x: int, y: int) -> Fraction:
        pooled = Fraction(x + y, n + m)
        spread = pooled * (1 - pooled) * (Fraction(1, n) + Fraction(1, m))
        return (Fraction(x, n) - Fraction(y, m)) ** 2 / spread if spread else Fraction(0)

    seen = squared(a, c)
    extreme = [(x, y) for x in range(n + 1) for y in range(m + 1) if squared(x, y) >= seen]
    share = (np.arange(20_000) + 0.5) / 20_000
    chance = sum(
        comb(n, x) * comb(m, y) * share ** (x + y) * (1 - share) ** (n + m - x - y) for x, y in extreme
    )
    return float(np.max(chance))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 14), st.integers(1, 14), st.data())
def test_barnards_test_is_that_of_whole_numbers(n: int, m: int, data: st.DataObject) -> None:
    a, c = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    assert calculate_barnard(a, n, c, m) == pytest.approx(
        min(1.0, barnard_by_whole_numbers(a, n, c, m)), abs=2e-6
    )


def test_barnards_test_keeps_tables_that_tie() -> None:
    """The library's loses them to rounding, and its p-value is then too small; where none tie it gives the same."""
    from scipy.stats import barnard_exact

    assert calculate_barnard(3, 9, 8, 10) == pytest.approx(0.064369, abs=1e-6)
    for a, n, c, m in ((2, 8, 7, 9), (5, 12, 11, 13), (1, 20, 7, 22)):
        library = barnard_exact([[a, c], [n - a, m - c]], pooled=True).pvalue
        assert calculate_barnard(a, n, c, m) == pytest.approx(library, abs=1e-7)


def test_larger_samples_take_fishers_test_and_say_so() -> None:
    assert compare_counts(8, 10, 4, 10).test == "Barnard's exact test"
    large = compare_counts(80, 150, 40, 150)
    assert large.test == "Fisher's exact test"
    assert large.p_value == calculate_fisher(80, 150, 40, 150)


def test_scores_are_compared_by_welch() -> None:
    from scipy.stats import ttest_ind_from_stats

    first, second = (0.70, Analytic(0.60, 0.80, 0.05)), (0.55, Analytic(0.45, 0.65, 0.04))
    got = compare_scores(first, second, (14, 29))
    library = ttest_ind_from_stats(0.70, 0.05 * 15**0.5, 15, 0.55, 0.04 * 30**0.5, 30, equal_var=False)
    assert got.p_value == pytest.approx(library.pvalue)
    assert got.value == pytest.approx(0.15)
    half = (0.1**2 + 0.1**2) ** 0.5
    assert (got.low, got.high) == pytest.approx((0.15 - half, 0.15 + half))
    # What both were asked differs by 0.1 only: the test looks at that, the difference as printed stays.
    less = compare_scores(first, second, (14, 29), 0.1)
    library = ttest_ind_from_stats(0.65, 0.05 * 15**0.5, 15, 0.55, 0.04 * 30**0.5, 30, equal_var=False)
    assert (less.p_value, less.value) == (pytest.approx(library.pvalue), got.value)
    assert compare_scores(first, second, (14, 29), -0.1).p_value == 1.0


def test_scores_that_do_not_vary_cannot_be_tested() -> None:
    whole, half = (1, Analytic(1, 1, 0)), (0.5, Analytic(0.5, 0.5, 0))
    assert compare_scores(whole, half, (3, 3)).p_value is None
    assert compare_scores(whole, whole, (3, 3)).p_value == 1.0


def test_false_discoveries_as_in_the_paper_that_proposed_it() -> None:
    # Benjamini and Hochberg (1995), section 4: four of fifteen are rejected at 5%.
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
    got = adjust_p_values([*p, None])
    assert [q is not None and q <= 0.05 for q in got] == [True] * 4 + [False] * 12
    assert got[-1] is None
    assert adjust_p_values([]) == ()


# Twelve made-up cases in two strata, three questions: above and relevant per question; weights 2 and 5 (12 and 30 cases).
ABOVE = np.array(
    [
        [1, 1, 0], [0, 1, 0], [1, 0, 1], [1, 0, 1], [0, 0, 0], [1, 1, 0],
        [0, 0, 0], [1, 0, 1], [1, 1, 1], [0, 1, 1], [0, 0, 0], [1, 0, 0],
    ],
    dtype=float,
)  # fmt: skip
RELEVANT = np.array(
    [
        [1, 1, 0], [1, 1, 1], [1, 1, 1], [1, 0, 1], [1, 1, 1], [1, 1, 0],
        [1, 1, 1], [1, 1, 1], [1, 1, 1], [0, 1, 1], [1, 0, 1], [1, 1, 0],
    ],
    dtype=float,
)  # fmt: skip
STRATUM = np.repeat([0, 1], 6)
WEIGHTS = np.repeat([2.0, 5.0], 6)


def _linearised(weights: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    above, relevant = weights @ ABOVE, weights @ RELEVANT
    left = (ABOVE - RELEVANT * (above / relevant)) / relevant * weights[:, None]
    return float((above / relevant).mean()), left.mean(axis=1, keepdims=True), left[:, :1]


def test_clustered_error_of_a_mean_of_shares_is_that_of_r_survey() -> None:
    # R 4.2, survey 4.1-1: svycontrast(svytotal(~y1+y2+y3+r1+r2+r3, svydesign(ids=~1, weights=~1)), (y1/r1+y2/r2+y3/r3)/3)
    value, left, _ = _linearised(np.ones(12))
    residuals = Residuals(1)
    residuals.add(left)
    assert value == pytest.approx(0.563973063973, abs=1e-12)
    assert residuals.calculate_covariance()[0, 0] ** 0.5 == pytest.approx(0.124100655829, abs=1e-12)
    assert residuals.freedom == 11


def test_weighted_stratified_error_is_that_of_r_survey() -> None:
    # The same with svydesign(ids=~1, strata=~h, weights=~w, fpc=~N): strata of 12 and 30 cases, six drawn of each.
    value, left, first = _linearised(WEIGHTS)
    fractions = np.array([6 / 12, 6 / 30])
    codes = (ABOVE * 0x80 + RELEVANT * 0x40).astype(np.uint8)
    residuals = Residuals(2, 2)
    residuals.add(np.hstack([left, first]), STRATUM)
    covariance = residuals.calculate_covariance(fractions)
    assert value == pytest.approx(0.551507351507, abs=1e-12)
    assert covariance[0, 0] ** 0.5 == pytest.approx(0.129134171146, abs=1e-12)
    assert covariance[1, 1] ** 0.5 == pytest.approx(0.152910286770, abs=1e-12)
    totals = calculate_weighted_totals(codes, np.ones((1, 12), dtype=np.bool_), WEIGHTS)
    assert totals[0][0, 0] / totals[1][0, 0] == pytest.approx(0.621621621622, abs=1e-12)


def test_one_case_alone_shows_its_residual_and_a_census_none() -> None:
    alone = Residuals(1)
    alone.add(np.array([[0.3]]))
    assert alone.calculate_covariance()[0, 0] == pytest.approx(0.09)
    assert alone.calculate_covariance(1.0)[0, 0] == 0


# -- small populations -------------------------------------------------------------------------


def _tail(x: int, n: int, above: int, size: int) -> Fraction:
    """P(X ≥ x), in whole numbers."""
    ways = sum(
        comb(above, k) * comb(size - above, n - k)
        for k in range(x, min(n, above) + 1)
        if n - k <= size - above
    )
    return Fraction(ways, comb(size, n))


@settings(max_examples=150, deadline=None)
@given(st.integers(2, 40), st.data())
def test_every_share_that_the_sample_leaves_possible_lies_in_the_interval(
    size: int, data: st.DataObject
) -> None:
    """Against exact enumeration of every population, each tail at 2.5%; and nothing outside what is possible at all."""
    n = data.draw(st.integers(1, size - 1))
    x = data.draw(st.integers(0, n))
    low, high = calculate_share_interval(x, n, n / size)
    for above in range(size + 1):
        left = min(_tail(x, n, above, size), _tail(n - x, n, size - above, size))
        if left >= Fraction(1, 40):
            assert low <= above / size + 1e-12
            assert high >= above / size - 1e-12
    assert x / size - 1e-12 <= low <= x / n + 1e-12
    assert x / n - 1e-12 <= high <= (x + size - n) / size + 1e-12


def test_near_a_census_the_interval_is_what_is_left_open() -> None:
    """40 of 40 out of 41 leaves 40 or 41; 1 of 40 leaves 1 or 2."""
    assert calculate_share_interval(40, 40, 40 / 41)[0] == pytest.approx(40 / 41)
    assert calculate_share_interval(1, 40, 40 / 41)[1] == pytest.approx(2 / 41)
    assert [float(v) for v in calculate_share_interval(7, 10, 1.0)] == [0.7, 0.7]
    assert [float(v) for v in calculate_share_interval(7, 10, 0.0)] == [
        float(v) for v in calculate_wilson(7, 10)
    ]


def test_scores_of_every_level_stay_within_reach() -> None:
    low, high = cut_to_reach([0.5], [1.0], [0.9], 0.8)
    assert low == pytest.approx([0.72])
    assert high == pytest.approx([0.92])


def test_critical_values_are_those_of_the_normal_and_of_students_distribution() -> None:
    assert find_quantile() == pytest.approx(norm.ppf(0.975))
    assert find_quantile(0.9) == pytest.approx(norm.ppf(0.95))
    assert find_quantile(0.9, 7) == pytest.approx(t.ppf(0.95, 7))
    assert calculate_quantiles(0.9, [1, 7, 1000]) == pytest.approx(t.ppf(0.95, [1, 7, 1000]))


def test_a_question_of_few_cases_hides_what_half_a_case_more_on_either_side_shows() -> None:
    """Three of four is taken for 3.5 of 5, two of two for 2.5 of 3; of no case nothing is known, and nothing is added."""
    seen = Fraction(3, 4) * Fraction(1, 4) / 4
    spread = [Fraction(7, 10) * Fraction(3, 10) / 4, Fraction(5, 6) * Fraction(1, 6) / 2, Fraction(0)]
    hidden = [spread[0] - seen, spread[1], Fraction(0)]
    shares = [Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)]
    thin = Thin.from_counts(np.array([shares], dtype=float), [3, 2, 0], [4, 2, 0])
    assert thin.spread == pytest.approx([float(x) for x in spread])
    assert thin.deficit == pytest.approx([float(x) for x in hidden])
    assert thin.freedom.tolist() == [3, 1, 1]
    for factor in (1, 3):
        expected = factor**2 * sum(s**2 * h for s, h in zip(shares, hidden, strict=True))
        assert thin.estimate_missing_variance(np.array([[float(factor)]])) == pytest.approx([float(expected)])


def test_degrees_of_freedom_are_satterthwaites_over_questions() -> None:
    """(v + w)² ÷ (v² ÷ 3 + w² ÷ 1) of two questions, but no more than the cases give and no less than one."""
    v, w = Fraction(1, 4) * Fraction(21, 400), Fraction(1, 16) * Fraction(5, 72)
    thin = Thin.from_counts(np.array([[0.5, 0.25]]), [3, 2], [4, 2])
    item = np.ones((1, 1))
    assert thin.calculate_freedoms(item, 50) == pytest.approx([float((v + w) ** 2 / (v**2 / 3 + w**2))])
    assert thin.calculate_freedoms(item, 1.5) == [1.5]
    assert thin.calculate_freedoms(item, 0.5) == [1.0]
    assert Thin.from_counts(np.array([[1.0]]), [0], [0]).calculate_freedoms(item, 50) == [50]
    assert Thin.from_counts(np.array([[1.0]]), [1], [2]).calculate_freedoms(item, 50) == pytest.approx([1.0])


@pytest.mark.parametrize(("drawn", "size"), [(1, 2), (5, 12), (9, 10), (20, 60)])
@pytest.mark.parametrize("confidence", [0.95, 0.8])
def test_the_least_and_the_greatest_number_are_those_that_neither_tail_rejects(
    drawn: int, size: int, confidence: float
) -> None:
    """By scipy's hypergeometric distribution, trying every number of the population."""
    tail = (1 - confidence) / 2
    for above in range(drawn + 1):
        held = [
            m
            for m in range(size + 1)
            if hypergeom(size, m, drawn).sf(above - 1) >= tail - 1e-12
            and hypergeom(size, m, drawn).cdf(above) >= tail - 1e-12
        ]
        least, most = find_possible(np.array([above]), np.array([drawn]), np.array([size]), confidence)
        assert (int(least[0]), int(most[0])) == (held[0], held[-1])


def test_a_census_of_a_small_caseload_has_an_interval_of_one_number_and_no_other_sample_has() -> None:
    assert calculate_share_interval(7, 9, 1.0) == pytest.approx((7 / 9, 7 / 9))
    for above in (0, 9):
        low, high = calculate_share_interval(above, 9, 0.9)
        assert high - low >= 0.1 - 1e-12, "one of ten cases was not drawn, and may differ"
    assert [math.isnan(end) for end in calculate_share_interval(0, 0, 0.5)] == [True, True]


def test_a_population_is_counted_in_whole_cases_and_rounded_up() -> None:
    assert count_population([10, 9, 0], 0.3).tolist() == [34, 30, 0]


@pytest.mark.parametrize("confidence", [0.95, 0.8])
def test_the_smallest_samples_have_a_difference_that_is_possible(confidence: float) -> None:
    for n in (1, 2, 3):
        for m in (1, 2, 3):
            for a in range(n + 1):
                for c in range(m + 1):
                    low, high = calculate_miettinen_nurminen(a, n, c, m, confidence)
                    assert -1 <= low <= a / n - c / m <= high <= 1
                    assert low < high
                    turned = calculate_miettinen_nurminen(c, m, a, n, confidence)
                    assert turned == pytest.approx((-high, -low), abs=1e-6)


def test_a_difference_of_no_cases_is_refused_on_either_side() -> None:
    for counts in ((0, 0, 1, 2), (1, 2, 0, 0)):
        for calculate in (calculate_newcombe, calculate_miettinen_nurminen, compare_counts):
            with pytest.raises(ValueError, match="needs a relevant case on both sides"):
                calculate(*counts)


def test_a_lower_confidence_has_a_shorter_interval_of_its_own_quantile() -> None:
    """Newcombe's ends by Wilson's at the same confidence, from statsmodels."""
    (low, high), (low2, high2) = (proportion_confint(x, n, 0.2, "wilson") for x, n in ((56, 70), (48, 80)))
    value, first, second = 56 / 70 - 48 / 80, 56 / 70, 48 / 80
    expected = (
        value - math.hypot(first - low, high2 - second), value + math.hypot(high - first, second - low2),
    )  # fmt: skip
    assert calculate_newcombe(56, 70, 48, 80, 0.8) == pytest.approx(expected)
    wide, narrow = compare_counts(56, 70, 48, 80), compare_counts(56, 70, 48, 80, 0.8)
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


def test_the_name_of_a_test_is_that_of_the_one_that_was_made() -> None:
    item, other = (0.7, Analytic(0.6, 0.8, 0.05)), (0.55, Analytic(0.45, 0.65, 0.04))
    assert compare_scores(item, other, (14, 29)).test == "Welch's t test"
    certain = (0.7, Analytic(0.7, 0.7, 0.0))
    assert compare_scores(certain, certain, (14, 29)).test == "no test: the scores do not vary"
