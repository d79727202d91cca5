"""A programme in the core: capacity, areas beside one another, groups within areas, scorecard, outcomes."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from math import comb, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from scrutineer.errors import UserError
from scrutineer.fieldwork.cases.outcomes import read_outcomes
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.area import AreaProfile
from scrutineer.programme.across import compare_across
from scrutineer.programme.apart import place_by_counts, place_by_scores
from scrutineer.programme.capacity import (
    PlannedArea,
    Tranche,
    count_weeks_apart,
    find_monday,
    find_problems,
    list_fieldwork_weeks,
    list_weeks,
    list_years,
)
from scrutineer.programme.funnels import find_funnel, list_limits
from scrutineer.programme.scorecard import list_scorecards
from scrutineer.scoring.comparison.read_results import Counted, ScoreWithErrors, Side
from scrutineer.statistics import heterogeneity
from scrutineer.statistics.differences import calculate_miettinen_nurminen
from scrutineer.statistics.means import calculate_mean_interval
from scrutineer.statistics.shares import format_points
from scrutineer.statistics.stratified import calculate_mid_p, compare_several, compare_strata
from scrutineer.tasks.files import open_library

MONDAY = date(2003, 7, 7)
ONE = Tranche("One", MONDAY, MONDAY + timedelta(weeks=13, days=-1), 12)
TWO = Tranche("Two", MONDAY + timedelta(weeks=52), MONDAY + timedelta(weeks=65), 6)


def planned(area: str, week: int, tranche: str = "One", inspectors: int = 6, family: str = "") -> PlannedArea:
    return PlannedArea(
        area, family, tranche, list_fieldwork_weeks(MONDAY + timedelta(weeks=week), 2, 3), inspectors
    )


# -- capacity ----------------------------------------------------------------------------


def test_the_weeks_of_fieldwork_are_mondays_so_many_weeks_apart() -> None:
    assert list_fieldwork_weeks(date(2003, 7, 10), 2, 3) == (date(2003, 7, 7), date(2003, 7, 28))
    assert (
        count_weeks_apart(open_library(None).load_framework("esi-2003")) == 3
    )  # the second week comes three or four weeks after the first


def test_a_week_needs_what_its_inspections_take() -> None:
    weeks = list_weeks([ONE], [planned("North", 1), planned("South", 4)])
    by_monday = {w.monday: w for w in weeks}
    assert len(weeks) == 13
    assert by_monday[MONDAY + timedelta(weeks=4)].areas == ("North", "South")
    assert [w.needed for w in weeks[:6]] == [0, 6, 0, 0, 12, 0]
    assert {w.there for w in weeks} == {12}
    assert sum(w.short for w in weeks) == 0


def test_a_week_without_inspectors_enough_is_told() -> None:
    messages = [
        str(f) for f in find_problems([ONE], [planned("North", 1), planned("South", 1, inspectors=7)])
    ]
    assert len(messages) == 2  # both weeks of both
    assert "North and South need 13 inspectors, but only 12 are available" in messages[0]


def test_a_family_torn_apart_and_fieldwork_outside_its_tranche_are_told() -> None:
    places = [planned("North", 1, family="Coast"), planned("South", 1, tranche="Two", family="Coast")]
    message = " ".join(str(f) for f in find_problems([ONE, TWO], places))
    assert "Coast: its areas are inspected in different years (year 1: North; year 2: South)" in message
    assert "South: its fieldwork is outside Two" in message
    assert "North: its fieldwork" not in message


def test_tranches_that_overlap_or_end_before_they_begin_are_told() -> None:
    late = Tranche("Late", ONE.ends, ONE.ends + timedelta(weeks=1), 6)
    wrong = Tranche("Wrong", date(2006, 1, 2), date(2006, 1, 1), 6)
    message = " ".join(str(f) for f in find_problems([ONE, late, wrong], []))
    assert "Late: it starts before One ends" in message
    assert "Wrong: it ends before it starts" in message


def test_a_programme_counts_its_years_from_its_first_day() -> None:
    tranches = [
        Tranche(str(n), MONDAY + timedelta(weeks=13 * n), MONDAY + timedelta(weeks=13 * n + 12), 6)
        for n in range(12)
    ]
    assert [year for year, _ in list_years(tranches)] == [1] * 4 + [2] * 4 + [3] * 4


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)))
def test_a_monday_is_one_and_not_more_than_six_days_before(day: date) -> None:
    assert find_monday(day).weekday() == 0
    assert 0 <= (day - find_monday(day)).days <= 6


# -- statistics ----------------------------------------------------------------------------


def mid_p_by_hand(strata: list[tuple[int, int, int, int]]) -> Fraction:
    """Every way to share out those above the line within each stratum, counted with whole numbers."""
    ways: dict[int, int] = {0: 1}
    for a, n, c, m in strata:
        own = {x: comb(n, x) * comb(m, a + c - x) for x in range(max(0, a + c - m), min(n, a + c) + 1)}
        ways = {
            total: sum(ways.get(total - x, 0) * w for x, w in own.items())
            for total in {t + x for t in ways for x in own}
        }
    seen, whole = sum(s[0] for s in strata), sum(ways.values())
    half = Fraction(ways[seen], 2)
    tails = [sum(w for t, w in ways.items() if (t - seen) * sign > 0) + half for sign in (-1, 1)]
    return min(Fraction(1), 2 * min(tails) / whole)


def test_mantel_haenszel_by_whole_numbers() -> None:
    """The test by enumeration, near that of statsmodels; the difference by its definition."""
    from statsmodels.stats.contingency_tables import StratifiedTable

    strata = [(12, 20, 30, 80), (3, 5, 40, 95), (9, 14, 25, 86), (2, 9, 61, 91)]
    tables = [np.array([[a, n - a], [c, m - c]], dtype=float) for a, n, c, m in strata]
    comparison = compare_strata(strata)
    assert comparison is not None
    assert comparison.p_value == pytest.approx(float(mid_p_by_hand(strata)), rel=1e-9)
    assert comparison.p_value == pytest.approx(
        StratifiedTable(tables).test_null_odds(correction=False).pvalue, abs=0.01
    )
    weight = sum(Fraction(n * m, n + m) for _, n, _, m in strata)
    value = sum((Fraction(a, n) - Fraction(c, m)) * Fraction(n * m, n + m) for a, n, c, m in strata) / weight
    assert comparison.value == pytest.approx(float(value), abs=1e-12)
    assert comparison.low < comparison.value < comparison.high


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 9), st.data()), min_size=1, max_size=4))
def test_the_mid_p_of_any_strata_is_that_of_enumeration(sizes: list[tuple[int, int, st.DataObject]]) -> None:
    strata = [(data.draw(st.integers(0, n)), n, data.draw(st.integers(0, m)), m) for n, m, data in sizes]
    comparison = compare_strata(strata)
    assert comparison is not None
    if all(a + c in (0, n + m) for a, n, c, m in strata):
        assert comparison.p_value is None
    else:
        assert comparison.p_value == pytest.approx(float(mid_p_by_hand(strata)), rel=1e-9)
    assert comparison.low - 1e-9 <= comparison.value <= comparison.high + 1e-9


@given(
    st.integers(15, 40),
    st.integers(30, 90),
    st.sampled_from([0.3, 0.5, 0.7]),
    st.floats(-0.06, 0.06),
    st.integers(0, 2**32),
)
@settings(deadline=None)
def test_of_many_cases_the_test_agrees_with_the_exact_one(
    n: int, m: int, rate: float, shift: float, seed: int
) -> None:
    """As the changelog and the explanation say: p-values from 0.02 to 0.1 to 0.003."""
    generator = np.random.Generator(np.random.PCG64(seed))
    strata = [
        (int(generator.binomial(n, rate)), n, int(generator.binomial(m, rate + shift)), m) for _ in range(42)
    ]
    comparison, exact = compare_strata(strata), calculate_mid_p(strata)
    assert comparison is not None
    assert exact is not None
    assert comparison.test == "Mantel-Haenszel test, chi-squared"
    near = 0.02 <= exact <= 0.1
    assert comparison.p_value == pytest.approx(exact, rel=0, abs=0.003 if near else 0.01)


@given(st.integers(1, 30), st.integers(1, 30), st.data())
def test_one_stratum_has_the_interval_of_miettinen_and_nurminen(n: int, m: int, data: st.DataObject) -> None:
    a, c = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    comparison = compare_strata([(a, n, c, m)])
    assert comparison is not None
    assert (comparison.low, comparison.high) == pytest.approx(
        calculate_miettinen_nurminen(a, n, c, m), abs=1e-6
    )


def test_answers_that_are_all_alike_still_leave_room_for_a_difference() -> None:
    """Five of five against sixteen of sixteen once had an interval from nought to nought."""
    comparison = compare_strata([(5, 5, 16, 16)])
    assert comparison is not None
    assert (comparison.value, comparison.p_value) == (0, None)
    assert comparison.low < -0.3
    assert comparison.high > 0.15


@pytest.mark.parametrize(
    ("strata", "rate"), [([(5, 16)] * 4, 0.9), ([(2, 8)] * 20, 0.8), ([(1, 5)] * 40, 0.95)]
)
@pytest.mark.unmeasured
def test_the_interval_over_sparse_strata_holds(strata: list[tuple[int, int]], rate: float) -> None:
    """Designs in which it held 81 of 100 times: at least 93, less three errors of 600 draws, where areas differ."""
    generator = np.random.Generator(np.random.PCG64(8))
    held = 0
    for _ in range(600):
        rates = np.clip(rate + generator.normal(0, 0.04, len(strata)), 0.02, 0.98)
        drawn = [
            (int(generator.binomial(n, r)), n, int(generator.binomial(m, r)), m)
            for (n, m), r in zip(strata, rates, strict=True)
        ]
        comparison = compare_strata(drawn)
        held += comparison is not None and comparison.low <= 0 <= comparison.high
    assert held / 600 >= 0.93 - 3 * sqrt(0.93 * 0.07 / 600)


def test_a_group_that_lives_where_everybody_does_worse_is_not_held_to_account_for_that() -> None:
    """Simpson: added up the group looks worse; within each area it is as everyone else."""
    strata = [(9, 10, 81, 90), (27, 90, 3, 10)]
    comparison = compare_strata(strata)
    added = 36 / 100 - 84 / 100
    assert added < -0.4
    assert comparison is not None
    assert comparison.value == pytest.approx(0, abs=1e-12)
    assert comparison.p_value is not None
    assert comparison.p_value > 0.9  # half of the most likely number counts on either side


def test_strata_without_a_relevant_case_on_a_side_tell_nothing() -> None:
    assert compare_strata([(0, 0, 3, 10), (2, 4, 0, 0)]) is None
    assert compare_strata([(2, 4, 3, 10), (0, 0, 3, 10)]) == compare_strata([(2, 4, 3, 10)])
    same = compare_strata([(4, 4, 10, 10)])
    assert same is not None
    assert same.p_value is None


def test_heterogeneity_of_counts_is_pearsons_with_the_share_of_equal_tables() -> None:
    """The statistic by scipy; p by counting every table of the same margins with its hypergeometric probability."""
    counts = [(9, 10), (5, 9), (3, 8)]
    outcome = heterogeneity.test_counts(counts)
    assert outcome is not None
    table = np.array([(a, n - a) for a, n in counts])
    assert outcome.statistic == pytest.approx(stats.chi2_contingency(table, correction=False).statistic)
    exact = Fraction(0)
    for first in range(11):
        for second in range(10):
            third = 17 - first - second
            if 0 <= third <= 8:
                other = np.array([(first, 10 - first), (second, 9 - second), (third, 8 - third)])
                statistic = stats.chi2_contingency(other, correction=False).statistic
                ways = Fraction(comb(10, first) * comb(9, second) * comb(8, third), comb(27, 17))
                exact += ways if statistic >= outcome.statistic * (1 - 1e-9) else 0
    error = sqrt(float(exact) * (1 - float(exact)) / heterogeneity.DRAWS)
    assert outcome.p_value == pytest.approx(float(exact), abs=3 * error + 1e-4)
    assert heterogeneity.test_counts(counts) == outcome, "the same counts give the same p-value"


def test_large_areas_take_the_chi_squared_distribution() -> None:
    """By scipy; and near the share of equal tables, drawn here."""
    counts = [(60, 100), (71, 100), (52, 90), (66, 100)]
    outcome = heterogeneity.test_counts(counts)
    table = np.array([(a, n - a) for a, n in counts])
    expected = stats.chi2_contingency(table, correction=False)
    assert outcome is not None
    assert (outcome.statistic, outcome.p_value) == pytest.approx((expected.statistic, expected.pvalue))
    drawn = np.random.Generator(np.random.PCG64(1)).multivariate_hypergeometric(
        table.sum(axis=1), 249, size=4000
    )
    rate = 249 / 390
    spread = ((drawn - table.sum(axis=1) * rate) ** 2 / (table.sum(axis=1) * rate * (1 - rate))).sum(axis=1)
    assert outcome.p_value == pytest.approx((spread >= outcome.statistic).mean(), abs=0.03)


def test_areas_at_none_and_all_count_like_the_others() -> None:
    """They have no spread of their own, and once fell out: 40 of 40, 40 of 40 and 20 of 40 were alike."""
    outcome = heterogeneity.test_counts([(40, 40), (40, 40), (20, 40)])
    assert outcome is not None
    assert outcome.units == 3
    assert outcome.p_value < 0.001
    far = heterogeneity.test_counts([(10, 10)] * 6 + [(8, 10)] * 6)
    assert far is not None
    assert far.units == 12
    same = heterogeneity.test_counts([(10, 10), (20, 20)])
    assert same is not None
    assert (same.statistic, same.p_value, same.share) == (0.0, 1.0, 0.0)
    assert heterogeneity.test_counts([(3, 4), (0, 0)]) is None


def test_heterogeneity_of_scores_is_the_analysis_of_variance() -> None:
    """From raw values, by scipy; an area in which nothing varied counts with its cases."""
    generator = np.random.default_rng(7)
    groups = [generator.normal(0.6, 0.1, n) for n in (12, 30, 18)] + [np.full(10, 0.7)]
    summary = [(float(g.mean()), float(g.std(ddof=1) / sqrt(len(g))), float(len(g) - 1)) for g in groups]
    outcome = heterogeneity.test_scores(summary)
    expected = stats.f_oneway(*groups)
    assert outcome is not None
    assert outcome.statistic / 3 == pytest.approx(expected.statistic)
    assert outcome.p_value == pytest.approx(expected.pvalue)
    assert heterogeneity.test_scores([(0.4, 0.0, 9), (0.5, 0.0, 9)]) is None
    assert heterogeneity.test_scores([(0.4, 0.1, 9)]) is None


def exact_share_of_tables(counts: list[tuple[int, int]]) -> float:
    """The chance of all ways to share out those above the line over three areas that differ at least as much."""
    sizes, total = [n for _, n in counts], sum(a for a, _ in counts)
    rate = Fraction(total, sum(sizes))

    def differ(above: tuple[int, ...]) -> Fraction:
        return sum(((a - n * rate) ** 2 / n for a, n in zip(above, sizes, strict=True)), Fraction(0))

    seen, chance = differ(tuple(a for a, _ in counts)), Fraction(0)
    for first in range(sizes[0] + 1):
        for second in range(sizes[1] + 1):
            third = total - first - second
            if 0 <= third <= sizes[2] and differ((first, second, third)) >= seen:
                chance += comb(sizes[0], first) * comb(sizes[1], second) * comb(sizes[2], third)
    return float(chance / comb(sum(sizes), total))


def test_drawn_tables_neither_add_to_nor_take_from_the_exact_p_value() -> None:
    """Over tables whose p-value is near 0.07 errors of drawing cancel out: one p-value has an error of 4%, their mean less."""
    near = [
        counts
        for a, b, c in [
            (9, 4, 4),
            (9, 5, 3),
            (8, 3, 4),
            (9, 4, 3),
            (10, 6, 4),
            (7, 2, 3),
            (8, 4, 2),
            (9, 3, 5),
            (6, 1, 3),
            (7, 3, 2),
        ]
        for counts in [[(a, 10), (b, 9), (c, 8)]]
        if 0.04 <= exact_share_of_tables(counts) <= 0.095
    ]
    assert len(near) >= 4
    ratios = []
    for counts in near:
        findings = heterogeneity.test_counts(counts)
        assert findings is not None
        ratios.append(findings.p_value / exact_share_of_tables(counts))
    assert float(np.mean(ratios)) == pytest.approx(1, abs=0.05)


def test_several_questions_at_once_come_to_the_same_as_each_alone() -> None:
    """Of different numbers of strata, by the exact test and by chi-squared, and one without any stratum."""
    tables = [
        [(12, 20, 30, 80), (3, 5, 40, 95), (9, 14, 25, 86)],
        [(300, 500, 420, 800)],
        [],
        [(410, 600, 300, 500), (200, 400, 260, 420)],
    ]
    for item, strata in zip(compare_several(tables), tables, strict=True):
        alone = compare_strata(strata)
        assert (item is None) == (alone is None) == (not strata)
        if item is not None and alone is not None:
            assert item.test == alone.test
            assert (item.value, item.low, item.high, item.p_value) == pytest.approx(
                (alone.value, alone.low, alone.high, alone.p_value), abs=1e-7
            )


def test_where_few_cases_could_be_otherwise_on_either_side_the_test_is_exact() -> None:
    """Of 1,000 cases 990 are expected above the line and no more than ten can be more, however many the others are."""
    for strata in ([(19_810, 20_000, 980, 1000)], [(190, 20_000, 20, 1000)]):
        findings = compare_strata(strata)
        assert findings is not None
        assert findings.test == "Mantel-Haenszel test, mid-P"
        assert findings.p_value == pytest.approx(calculate_mid_p(strata))


def test_two_scores_differ_by_the_squared_t_test_and_one_by_nothing() -> None:
    """The analysis of variance of two groups is Student's t test with one variance, squared."""
    expected = stats.ttest_ind_from_stats(0.6, 0.1, 12, 0.7, 0.15, 18)
    two = [(0.6, 0.1 / sqrt(12), 11.0), (0.7, 0.15 / sqrt(18), 17.0)]
    findings = heterogeneity.test_scores(two)
    assert findings is not None
    assert (findings.units, findings.statistic) == (2, pytest.approx(expected.statistic**2))
    assert findings.p_value == pytest.approx(expected.pvalue)
    assert findings.share == pytest.approx(max(0, 1 - 1 / expected.statistic**2))
    assert heterogeneity.test_scores(two[:1]) is None
    assert heterogeneity.test_scores([(0.6, 0.0, 11.0), (0.7, 0.0, 17.0)]) is None


@pytest.mark.parametrize(
    "counts", [[(60, 100), (71, 100), (52, 90)], [(9, 10), (2, 9), (6, 8)], [(50, 100), (51, 100)]]
)
def test_the_share_that_is_more_than_chance_is_what_exceeds_the_degrees_of_freedom(
    counts: list[tuple[int, int]],
) -> None:
    """Higgins and Thompson: (Q - df) ÷ Q, and none where Q is less; whether tables are drawn or not."""
    findings = heterogeneity.test_counts(counts)
    assert findings is not None
    q = stats.chi2_contingency([(a, n - a) for a, n in counts], correction=False).statistic
    assert findings.share == pytest.approx(max(0, (q - len(counts) + 1) / q))


def test_the_interval_over_strata_is_that_of_its_confidence() -> None:
    for confidence in (0.8, 0.95):
        findings = compare_strata([(56, 70, 48, 80)], confidence)
        assert findings is not None
        expected = calculate_miettinen_nurminen(56, 70, 48, 80, confidence)
        assert (findings.low, findings.high) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("rate", [0.5, 0.8, 0.95])
def test_areas_that_are_alike_seldom_seem_to_differ(rate: float) -> None:
    """First principles, fixed seed: at most one in twenty of what has no difference, within three errors of 400 runs."""
    generator = np.random.Generator(np.random.PCG64(5))
    called = 0
    for _ in range(400):
        outcome = heterogeneity.test_counts([(int(n), 40) for n in generator.binomial(40, rate, 8)])
        called += outcome is not None and outcome.p_value <= 0.05
    assert called / 400 <= 0.05 + 3 * sqrt(0.05 * 0.95 / 400)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=30))
def test_a_mean_has_students_interval(values: list[float]) -> None:
    interval = calculate_mean_interval(values)
    sd = float(np.std(values, ddof=1))
    assert interval is not None
    half = stats.t.ppf(0.975, len(values) - 1) * sd / sqrt(len(values))
    assert interval == pytest.approx(
        (np.mean(values), np.mean(values) - half, np.mean(values) + half), abs=1e-6
    )


def test_one_value_has_no_interval() -> None:
    assert calculate_mean_interval([3.0]) is None


# -- areas beside one another ----------------------------------------------------------------


def scored(score: float, error: float = 0.03) -> ScoreWithErrors:
    half = 1.98 * error
    return ScoreWithErrors.from_many_cases(score, score - half, score + half, error, 99)


def test_areas_that_a_test_tells_apart_stand_apart_and_the_others_by_name() -> None:
    areas = [
        ("Dale", scored(0.62)),
        ("Ash", scored(0.60)),
        ("Cold", scored(0.85)),
        ("Bell", scored(0.35)),
        ("Elm", scored(0.61)),
    ]
    places = place_by_scores(areas)
    assert places is not None
    assert [(r.area, r.place) for r in places.rows] == [
        ("Cold", "above"), ("Ash", "alike"), ("Dale", "alike"), ("Elm", "alike"), ("Bell", "below"),
    ]  # fmt: skip
    cold, bell = places.rows[0], places.rows[-1]
    assert (cold.above, cold.below) == (4, 0)
    assert (bell.above, bell.below) == (0, 4)
    assert places.mean == pytest.approx((0.62 + 0.60 + 0.85 + 0.35 + 0.61) / 5)
    assert places.spread is not None
    assert places.spread.p_value < 1e-6


@given(st.lists(st.tuples(st.integers(1, 80), st.floats(0, 1)), min_size=2, max_size=12))
def test_no_area_is_above_another_whose_interval_it_overlaps(scores: list[tuple[int, float]]) -> None:
    """There is no ranking beyond the intervals: who is counted lower lies wholly below."""
    areas = [
        (f"Area {n}", Counted(round(share * relevant), relevant))
        for n, (relevant, share) in enumerate(scores)
    ]
    places = place_by_counts(areas)
    assert places is not None
    for row in places.rows:
        lower = [o for o in places.rows if o.score.high < row.score.low]
        higher = [o for o in places.rows if o.score.low > row.score.high]
        assert (row.above, row.below) == (len(lower), len(higher))
    assert sum(r.above for r in places.rows) == sum(r.below for r in places.rows)


def test_areas_that_are_alike_are_seldom_said_to_stand_apart() -> None:
    """First principles: where every area has the same chance, the adjusted tests name one in few programmes."""
    generator = np.random.Generator(np.random.PCG64(1))
    named = 0
    for _ in range(300):
        counts = generator.binomial(60, 0.6, 20)
        places = place_by_counts([(str(n), Counted(int(c), 60)) for n, c in enumerate(counts)])
        named += places is not None and any(r.place != "alike" for r in places.rows)
    assert named / 300 < 0.09


def test_an_exact_test_holds_an_area_against_the_others() -> None:
    places = place_by_counts([("A", Counted(8, 20)), ("B", Counted(60, 80)), ("C", Counted(30, 40))])
    assert places is not None
    own = next(r for r in places.rows if r.area == "A")
    # Twice the small tail would be another test: Fisher's adds every table that is no likelier.
    likely = [stats.hypergeom.pmf(k, 140, 98, 20) for k in range(21)]
    p_value = sum(p for p in likely if p <= likely[8] * (1 + 1e-7))
    # Of three tests the smallest is adjusted by three (Benjamini and Hochberg).
    assert own.p_value == pytest.approx(min(1, p_value * 3), rel=1e-6)
    assert own.place == "below"


def test_one_case_puts_no_area_below_the_others() -> None:
    """What the others did was once taken as known: nine of ten against ten of ten had p = 0."""
    places = place_by_counts([("A", Counted(9, 10)), ("B", Counted(10, 10))])
    assert places is not None
    assert {(r.area, r.place, r.p_value) for r in places.rows} == {("A", "alike", 1.0), ("B", "alike", 1.0)}


@pytest.mark.parametrize(("areas", "cases", "rate"), [(2, 15, 0.97), (4, 10, 0.95), (2, 100, 0.8)])
def test_of_few_alike_areas_one_is_seldom_named(areas: int, cases: int, rate: float) -> None:
    """The designs in which up to 46% of pages named an area: at most one in twenty, within three errors of 500 pages."""
    generator = np.random.Generator(np.random.PCG64(3))
    named = 0
    for _ in range(500):
        counts = generator.binomial(cases, rate, areas)
        places = place_by_counts([(str(n), Counted(int(c), cases)) for n, c in enumerate(counts)])
        named += places is not None and any(r.place != "alike" for r in places.rows)
    assert named / 500 <= 0.05 + 3 * sqrt(0.05 * 0.95 / 500)


def test_fewer_than_two_areas_are_held_against_nobody() -> None:
    assert place_by_scores([("A", scored(0.5))]) is None
    assert place_by_counts([("A", Counted(1, 2)), ("B", Counted(0, 0))]) is None


def test_areas_without_any_spread_have_no_funnel() -> None:
    places = place_by_counts([("A", Counted(10, 10)), ("B", Counted(10, 10))])
    assert places is not None
    assert find_funnel(places) is None


def test_a_funnel_leaves_out_what_chance_does() -> None:
    places = place_by_counts(
        [("A", Counted(30, 60)), ("B", Counted(29, 60)), ("C", Counted(10, 60)), ("D", Counted(31, 60))]
    )
    funnel = find_funnel(places) if places else None
    assert funnel is not None
    outside = {p.area: p.outside for p in funnel.points}
    assert outside["C"] == 0.998
    assert outside["A"] is None
    assert all(p.size == 60 for p in funnel.points)
    (low,), (high,) = list_limits([60], 0.5, 0.95)
    # The exact law: so many cases or fewer come about with 2.5% between the whole numbers on either side of the limit.
    chance = stats.binom(60, 0.5)
    assert chance.cdf(int(60 * low)) <= 0.025 <= chance.cdf(int(60 * low) + 1)
    assert chance.sf(int(60 * high)) <= 0.025 <= chance.sf(int(60 * high) - 1)
    for confidence, curve in funnel.curves:
        widths = [up - down for _, down, up in curve]
        assert widths == sorted(widths, reverse=True), confidence


@pytest.mark.parametrize(("cases", "rate"), [(10, 0.9), (15, 0.97), (40, 0.8)])
def test_chance_alone_leaves_few_areas_outside_the_funnel(cases: int, rate: float) -> None:
    """The normal law left 1.3% of areas of ten cases at 90% below the limit that is to leave 0.1% on either side."""
    chance = stats.binom(cases, rate)
    for confidence in (0.95, 0.998):
        (low,), (high,) = list_limits([cases], rate, confidence)
        tail = (1 - confidence) / 2
        below = sum(chance.pmf(k) for k in range(cases + 1) if k / cases < low - 1e-9)
        above = sum(chance.pmf(k) for k in range(cases + 1) if k / cases > high + 1e-9)
        assert below <= tail + 1e-9
        assert above <= tail + 1e-9


# -- a group across areas ------------------------------------------------------------------


def side(area: str, cases: int, counts: tuple[int, int], score: float, error: float) -> Side:
    question = (
        "b1_assessed_start"  # the one question of section B with an answer: its share is the section's score
    )
    questions = {question: Counted(*counts)}
    return Side(area, "f", "h", "g", cases, questions, {"B": scored(score, error)})


def test_a_group_is_held_against_everyone_else_within_areas() -> None:
    pairs = [
        (side("North", 20, (12, 20), 0.60, 0.05), side("North", 80, (60, 80), 0.75, 0.03)),
        (side("South", 10, (5, 10), 0.50, 0.08), side("South", 90, (60, 90), 0.667, 0.03)),
    ]
    question, score = compare_across(pairs, open_library(None).load_framework("esi-2003"))
    expected = compare_strata([(12, 20, 60, 80), (5, 10, 60, 90)])
    assert expected is not None
    assert question.difference == expected
    assert (question.areas, question.cases) == (2, (30, 170))
    weights = (20 * 80 / 100, 10 * 90 / 100)
    value = (-0.15 * weights[0] - (2 / 3 - 1 / 2) * weights[1]) / sum(weights)
    error = sqrt(weights[0] ** 2 * (0.05**2 + 0.03**2) + weights[1] ** 2 * (0.08**2 + 0.03**2)) / sum(weights)
    assert score.difference.value == pytest.approx(value)
    assert score.difference.high - score.difference.value == pytest.approx(1.97 * error, rel=0.02)
    assert score.words == "significantly lower"


def test_a_difference_is_told_in_points_with_its_sign() -> None:
    assert [format_points(d) for d in (0.051, -0.051, 0.001, -0.001, 0.0)] == ["+5", "−5", "0", "0", "0"]


# -- the scorecard ---------------------------------------------------------------------------


def area(framework: Framework, values: dict[str, float]) -> AreaProfile:
    return AreaProfile.model_validate(
        {"performance": {k: {"value": v, "period": "2004-05"} for k, v in values.items()}}
    )


def test_the_scorecard_weighs_and_ranks_with_equal_ranks_for_equal_scores() -> None:
    framework = open_library(None).load_framework("esi-2003")
    by = {m.key: m for m in framework.targets.measures}
    first, second = list(by)[:2]
    met, near, missed = (
        1.0,
        0.97,
        0.5,
    )  # shares of a target that is better when higher; within 4% is a near miss
    messages = [
        ("Ash", {first: by[first].target * met, second: by[second].target * missed}),
        ("Bell", {first: by[first].target * near, second: by[second].target * near}),
        ("Cold", {first: by[first].target * missed, second: by[second].target * met}),
        ("Dale", {}),
    ]
    areas = [(name, area(framework, values)) for name, values in messages]
    weights = dict.fromkeys(by, 0) | {first: 3, second: 1}
    cards = {c.area: c for c in list_scorecards(framework, areas, weights)}
    assert cards["Ash"].score == Fraction(3 * 2, 8)
    assert cards["Bell"].score == Fraction(3 + 1, 8)
    assert cards["Cold"].score == Fraction(2, 8)
    assert [cards[n].rank for n in ("Ash", "Bell", "Cold", "Dale")] == [1, 2, 3, None]
    assert len(cards["Dale"].lacks) == 2
    even = {
        c.area: c for c in list_scorecards(framework, areas, dict.fromkeys(by, 0) | {first: 1, second: 1})
    }
    assert {(even[n].rank, even[n].shared) for n in ("Ash", "Bell", "Cold")} == {(1, True)}


# -- outcomes ----------------------------------------------------------------------------------


def test_outcomes_are_read_by_pseudonym(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_text(
        "pseudonym,reconvicted,predicted,score_at_start\nP-1,yes,0.4,80\nP-2,,,\n", encoding="utf-8"
    )
    (first, second), _ = read_outcomes(path)
    assert (first.reconvicted, first.predicted, first.score_at_start, first.score_at_end) == (
        True,
        0.4,
        80.0,
        None,
    )
    assert (second.pseudonym, second.reconvicted) == ("P-2", None)


def test_every_fault_of_outcomes_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_text(
        "pseudonym,reconvicted,predicted\nP-1,perhaps,0.4\n,no,0.2\nP-1,no,40\n", encoding="utf-8"
    )
    with pytest.raises(UserError) as caught:
        read_outcomes(path)
    message = " ".join(str(f) for f in caught.value.faults)
    for text in (
        "'pseudonym' is blank",
        "'P-1' appears twice",
        "'perhaps'",
        "is not between 0 and 1",
        "row",
    ):
        assert text in message


@pytest.mark.parametrize(
    "text", ["case,reconvicted\n1,yes\n", "pseudonym,sex\nP-1,male\n", "pseudonym,reconvicted\n"]
)
def test_a_table_without_pseudonyms_or_outcomes_or_rows_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError):
        read_outcomes(path)
