"""Agreement, severity, suppression and funnels: published values, independent computations, first principles."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import expit, logit
from scipy.stats import binom, norm
from statsmodels.stats.inter_rater import cohens_kappa

from scrutineer.report.pages.comparisons import explain_funnel
from scrutineer.statistics.agreement import (
    calculate_ac1_interval,
    calculate_alpha,
    calculate_cross,
    calculate_gwet,
    calculate_weighted_kappa,
    make_agreement,
)
from scrutineer.statistics.binomial import find_quantile
from scrutineer.statistics.dispersion import Dispersion, make_dispersion, shift_logits, shift_predictions
from scrutineer.statistics.funnel import (
    FunnelOfUnits,
    _calculate_numbers,
    calculate_funnel,
    calculate_number_of_events,
    make_beside,
    standardise,
)
from scrutineer.statistics.pooled import PairedAnswers, pool
from scrutineer.statistics.severity import list_severities
from scrutineer.statistics.suppression import find_withheld, partition, suppress

# Gwet (2002), *Kappa statistic is not satisfactory*: 118 and 0 agreed, 5 and 2 disagreed; kappa -0.023, AC1 0.941.
GWET = np.array([[118.0, 5.0], [2.0, 0.0]])


def test_kappa_and_ac1_of_gwets_paradox() -> None:
    assert calculate_weighted_kappa(GWET) == pytest.approx(-0.0234, abs=5e-5)
    assert calculate_gwet(GWET) == pytest.approx(0.9408, abs=5e-5)


@pytest.mark.parametrize("weighting", ["none", "linear", "quadratic"])
def test_weighted_kappa_agrees_with_statsmodels(weighting: str) -> None:
    table = np.array([[22.0, 7, 2, 0], [5, 30, 9, 1], [1, 6, 25, 4], [0, 2, 5, 11]])
    library = cohens_kappa(table, wt=None if weighting == "none" else weighting)
    assert calculate_weighted_kappa(table, weighting) == pytest.approx(library.kappa)  # type: ignore[arg-type]


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
    got = calculate_ac1_interval(table)
    assert got is not None
    assert got[0] == pytest.approx(g)
    assert (got[2] - got[0]) / find_quantile(0.95, n - 1) == pytest.approx(variance**0.5, rel=1e-9)
    assert got[0] - got[1] == pytest.approx(got[2] - got[0])


def test_alpha_of_krippendorffs_own_example() -> None:
    # Krippendorff (2011), *Computing Krippendorff's alpha-reliability*, part C: nominal 0.743, ordinal 0.815.
    _ = None
    readers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
    assert calculate_alpha(readers, "nominal") == pytest.approx(0.743, abs=5e-4)
    assert calculate_alpha(readers, "ordinal") == pytest.approx(0.815, abs=5e-4)
    assert calculate_alpha([[1, 1], [1, 1]], "nominal") is None


def test_agreement_leaves_out_what_one_reader_did_not_answer() -> None:
    got = make_agreement([0, 1, None, 2], [0, 2, 1, 2], 3)
    assert (got.pairs, got.same) == (3, 2)
    assert make_agreement([None], [1], 3).percent is None
    with pytest.raises(ValueError, match="between 0 and 2"):
        calculate_cross([3], [0], 3)


def test_agreement_by_chance_alone_has_no_kappa_and_full_agreement_is_one() -> None:
    assert calculate_weighted_kappa(np.array([[5.0, 0], [0, 0]])) is None
    assert calculate_weighted_kappa(np.zeros((2, 2))) is None
    assert calculate_weighted_kappa(np.diag([5.0, 3.0])) == 1
    assert calculate_gwet(np.diag([5.0, 3.0])) == 1


def test_severity_is_expected_less_seen_over_the_same_questions() -> None:
    # Two questions; the others judge the first always above, the second half of the time.
    above = np.array([[1, 0], [1, 1], [1, 0], [1, 1], [0, 0], [1, 0]], dtype=float)
    relevant = np.ones_like(above)
    severities = {s.reader: s for s in list_severities(above, relevant, ["a", "a", "a", "a", "b", "b"])}
    assert severities["b"].seen == pytest.approx(1 / 4)
    assert severities["b"].expected == pytest.approx((2 * 1 + 2 * 0.5) / 4)
    assert severities["b"].severity == pytest.approx(0.5)
    assert severities["b"].low < 0.5 < severities["b"].high


def test_equal_readers_are_equally_severe_and_strangers_say_nothing() -> None:
    above = np.tile([[1.0, 0.0], [0.0, 1.0]], (4, 1))
    severities = list_severities(above, np.ones_like(above), ["a", "a", "b", "b", "a", "a", "b", "b"])
    assert [s.severity for s in severities] == pytest.approx([0, 0])
    alone = list_severities(above[:2], np.ones((2, 2)), ["a", "a"])
    assert alone[0].p_value is None
    assert np.isnan(alone[0].expected)


def test_severity_with_a_mix_of_cases_is_least_squares() -> None:
    """By statsmodels, on the mean of each reading: every question is asked of every case."""
    import statsmodels.api as sm

    generator = np.random.Generator(np.random.PCG64(5))
    who = np.array(["a"] * 14 + ["b"] * 9 + ["c"] * 7)
    high = (generator.random(30) < np.where(who == "a", 0.8, 0.2)).astype(float)
    above = (generator.random((30, 12)) < (0.7 - 0.3 * high)[:, None]).astype(float)
    severities = {
        s.reader: s for s in list_severities(above, np.ones_like(above), who.tolist(), mix=high[:, None])
    }
    design = np.column_stack([who == "a", who == "b", who == "c", high]).astype(float)
    fitted = sm.OLS(above.mean(axis=1), design).fit()
    contrast = np.array([1, -9 / 16, -7 / 16, 0])
    test = fitted.t_test(contrast)
    assert severities["a"].severity == pytest.approx(-float(test.effect[0]))
    assert (severities["a"].low, severities["a"].high) == pytest.approx(tuple(-test.conf_int()[0][::-1]))
    raw = [
        float(fitted.t_test(c).pvalue)
        for c in (contrast, [-14 / 21, 1, -7 / 21, 0], [-14 / 23, -9 / 23, 1, 0])
    ]
    assert min(s.p_value or 1 for s in severities.values()) == pytest.approx(
        min(p * 3 / (rank + 1) for rank, p in enumerate(sorted(raw)))
    )


def test_of_two_readers_of_the_same_questions_severity_is_the_two_sample_t_test() -> None:
    """Each case has the share of its answers above the line; of two p-values that are equal none is adjusted."""
    from scipy.stats import ttest_ind

    generator = np.random.Generator(np.random.PCG64(11))
    above = (generator.random((20, 10)) < np.repeat([0.7, 0.5], [12, 8])[:, None]).astype(float)
    level = above.mean(axis=1)
    expected = ttest_ind(level[:12], level[12:])
    first, second = list_severities(above, np.ones_like(above), ["a"] * 12 + ["b"] * 8)
    assert first.p_value == second.p_value == pytest.approx(expected.pvalue)
    assert first.severity == pytest.approx(level[12:].mean() - level[:12].mean())
    low, high = expected.confidence_interval()
    assert first.interval == pytest.approx((low, high))
    assert second.interval == pytest.approx((-high, -low))
    assert (first.cases, first.answers, first.seen) == (12, 120, pytest.approx(level[:12].mean()))
    narrower = list_severities(above, np.ones_like(above), ["a"] * 12 + ["b"] * 8, confidence=0.8)[0]
    assert narrower.interval == pytest.approx(tuple(expected.confidence_interval(0.8)))


def test_cases_that_were_read_twice_are_correlated_as_generalised_least_squares_has_it() -> None:
    """By statsmodels, three times: the correlation is that of the residuals before, drawn towards none by five pairs."""
    import statsmodels.api as sm

    generator = np.random.Generator(np.random.PCG64(21))
    cases = [*range(20), *range(20), *range(20, 26), *range(26, 31)]
    who = np.array(["a"] * 20 + ["b"] * 20 + ["a"] * 6 + ["b"] * 5)
    quality = generator.normal(0.6, 0.2, 31)
    above = (generator.random((51, 20)) < np.clip(quality[cases] - 0.1 * (who == "b"), 0, 1)[:, None]).astype(
        float
    )
    level, design = above.mean(axis=1), np.column_stack([who == "a", who == "b"]).astype(float)
    correlation, fitted = 0.0, None
    for _ in range(3):
        sigma = np.eye(51)
        sigma[np.arange(20), np.arange(20, 40)] = sigma[np.arange(20, 40), np.arange(20)] = correlation
        fitted = sm.GLS(level, design, sigma).fit()
        left = level - design @ fitted.params
        correlation = (left[:20] * left[20:40]).mean() / (left @ left / 49) * 20 / 25
    assert fitted is not None
    assert correlation > 0.3
    test = fitted.t_test(np.array([-1.0, 1.0]))
    result = list_severities(above, np.ones_like(above), who.tolist(), cases)[0]
    assert result.severity == pytest.approx(float(test.effect[0]))
    assert (result.low, result.high) == pytest.approx(tuple(test.conf_int()[0]))
    assert result.p_value == pytest.approx(float(test.pvalue))


def test_both_readers_have_as_many_answers() -> None:
    with pytest.raises(ValueError, match="zip"):
        calculate_cross([0, 1], [0], 2)
    with pytest.raises(ValueError, match="zip"):
        pool([PairedAnswers([0, 1], [0], 2, 4)])


def readings(
    seed: int, doubles: int = 15, strict: float = 0.0
) -> tuple[np.ndarray, np.ndarray, list[str], list[int], np.ndarray]:
    """A hundred cases, a quarter of them harder; reader 0 has four fifths of those. Some cases are read twice."""
    generator = np.random.Generator(np.random.PCG64(seed))
    high = np.arange(100) < 25
    others = generator.integers(1, 6, 100)
    who = np.where(
        high & (generator.random(100) < 0.8), 0, np.where(high, others, generator.integers(0, 6, 100))
    )
    quality, hard = generator.normal(0, 0.8, 100) - 1.2 * high, generator.normal(0.6, 0.8, 50)
    rows = [(c, int(who[c])) for c in range(100)]
    rows += [
        (int(c), int(who[c] + 1 + generator.integers(0, 5)) % 6) for c in generator.permutation(100)[:doubles]
    ]
    chance = [1 / (1 + np.exp(-(quality[c] + hard - (strict if r == 0 else 0.0)))) for c, r in rows]
    relevant = (generator.random((len(rows), 50)) < 0.9).astype(float)
    above = (generator.random((len(rows), 50)) < np.array(chance)) * relevant
    return (
        above,
        relevant,
        [str(r) for _, r in rows],
        [c for c, _ in rows],
        np.array([[float(high[c])] for c, _ in rows]),
    )


def test_a_reader_of_hard_cases_is_not_called_strict() -> None:
    """Without the mix of cases the reader of four fifths of the hard ones looked stricter in a third of inspections."""
    called = first = 0
    for seed in range(120):
        above, relevant, who, cases, mix = readings(seed)
        severities = list_severities(above, relevant, who, cases, mix)
        called += any(s.called for s in severities)
        first += next(s for s in severities if s.reader == "0").called
    assert called / 120 <= 0.05 + 3 * (0.05 * 0.95 / 120) ** 0.5
    assert first <= 8
    bare = [list_severities(*readings(seed)[:4])[0] for seed in range(30)]
    assert np.mean([s.severity for s in bare]) > 0.03  # what the adjustment takes away


def test_a_strict_reader_is_found() -> None:
    severities = [list_severities(*readings(seed, 25, strict=0.8))[0] for seed in range(20)]
    assert sum(s.called for s in severities) >= 14
    assert np.mean([s.severity for s in severities]) == pytest.approx(0.15, abs=0.03)


def test_a_kind_of_case_that_one_reader_alone_read_leaves_nothing_to_tell() -> None:
    """All hard cases are a's, and a read no others: hard cases and a strict reader look the same."""
    generator = np.random.Generator(np.random.PCG64(2))
    above = (generator.random((20, 8)) < 0.6).astype(float)
    who, hard = ["a"] * 10 + ["b"] * 10, np.array([[1.0]] * 10 + [[0.0]] * 10)
    severities = list_severities(above, np.ones_like(above), who, mix=hard)
    assert [s.p_value for s in severities] == [None, None]
    assert all(np.isnan(s.expected) for s in severities)


# -- agreement over questions ------------------------------------------------------------


def of(first: list[int | None], second: list[int | None], ordered: int = 4) -> PairedAnswers:
    return PairedAnswers(first, second, ordered, ordered + 2)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=40))
def test_one_question_pooled_is_the_question(pairs: list[tuple[int, int]]) -> None:
    """Against the coefficients of the single question: by definition, and alpha by the library of that name."""
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    single, whole = make_agreement(first, second, 6, 4), pool([of(first, second)])
    assert (whole.pairs, whole.same) == (single.pairs, single.same)
    for got, expected in (
        (whole.ac1, single.ac1 and single.ac1[0]), (whole.kappa, single.kappa), (whole.alpha, single.alpha), (whole.judged, single.judged)
    ):  # fmt: skip
        assert (got is None) == (expected is None)
        if got is not None:
            assert got[0] == pytest.approx(expected, abs=1e-9)


def test_pooled_by_hand() -> None:
    """Two questions: p₀ 3/4 and chance 1/2; p₀ 1/2 and chance 1/2. Each by its pairs: (4·1/4 + 8·0) ÷ (4·1/2 + 8·1/2)."""
    first = of([0, 0, 1, 1] + [None] * 4, [0, 0, 1, 0] + [None] * 4, 2)
    second = of([0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 0, 0, 1, 1], 2)
    chance = Fraction(2, 4) * Fraction(3, 4) + Fraction(2, 4) * Fraction(1, 4)
    expected = 4 * (Fraction(3, 4) - chance) / (4 * (1 - chance) + 8 * Fraction(1, 2))
    pooled = pool([first, second])
    assert pooled.kappa is not None
    assert pooled.kappa[0] == pytest.approx(float(expected))
    assert pooled.percent is not None
    assert pooled.percent[0] == pytest.approx(7 / 12)
    assert pooled.judged is None


def test_questions_of_more_and_of_fewer_steps_are_pooled_each_by_its_own_scale() -> None:
    """A step is 1 on a scale of two and 1/2 on one of three: (4·(1/2 - 1/4) + 4·(7/16 - 1/4)) ÷ (4·1/2 + 4·7/16)."""
    two = of([0, 0, 1, 1], [0, 1, 1, 1], 2)
    three = of([0, 1, 2, 2], [0, 2, 2, 1], 3)
    apart = [Fraction(1, 4), Fraction(2, 4) / 2]
    by_chance = [Fraction(1, 2), Fraction(7, 16)]
    expected = sum(4 * (e - o) for o, e in zip(apart, by_chance, strict=True)) / sum(4 * e for e in by_chance)
    result = pool([two, three])
    assert result.kappa is not None
    assert result.kappa[0] == pytest.approx(float(expected))


def test_a_question_that_nobody_judged_adds_nothing_to_kappa_and_alpha() -> None:
    """Categories 4 and 5 are no steps: that both read "not applicable" says nothing of how the steps are used."""
    judged, not_judged = of([0, 1, 2, 3, 1], [0, 2, 2, 3, 1]), of([4, 4, 5, 4, 5], [4, 4, 5, 5, 5])
    alone, both = pool([judged]), pool([judged, not_judged])
    assert alone.kappa is not None
    assert alone.alpha is not None
    assert both.kappa is not None
    assert both.alpha is not None
    assert (both.kappa[0], both.alpha[0]) == pytest.approx((alone.kappa[0], alone.alpha[0]))
    assert both.percent is not None
    assert both.percent[0] == pytest.approx(8 / 10)
    assert both.judged is not None
    only = pool([not_judged])
    assert (only.kappa, only.alpha) == (None, None)


def test_readers_who_are_independent_within_every_question_do_not_agree() -> None:
    """In one table kappa and alpha came to 0.74: easy and hard questions looked like agreement."""
    generator = np.random.Generator(np.random.PCG64(1))
    questions, together = list[PairedAnswers](), np.zeros((4, 4))
    for _ in range(60):
        chance = generator.dirichlet(np.ones(4) * 0.3)
        first, second = (generator.choice(4, 20, p=chance).tolist() for _ in range(2))
        questions.append(of(first, second))
        together += calculate_cross(first, second, 4)
    pooled = pool(questions)
    mixed = calculate_weighted_kappa(together, "linear")
    assert mixed is not None
    assert mixed > 0.3
    assert pooled.kappa is not None
    assert pooled.alpha is not None
    assert abs(pooled.kappa[0]) < 0.06
    assert abs(pooled.alpha[0]) < 0.08


def test_what_is_no_step_of_the_scale_is_no_distance() -> None:
    """Not applicable beside the best step once counted as near it: it is no step at all."""
    first, second = [0, 1, 2, 3, 5, 5, 4], [0, 1, 2, 3, 3, 5, 4]
    agreement = make_agreement(first, second, 6, 4)
    assert agreement.kappa == agreement.alpha == 1.0
    assert agreement.judged == pytest.approx(
        calculate_weighted_kappa(np.array([[4.0, 0, 0], [0, 1, 0], [1, 0, 1]]))
    )


@pytest.mark.unmeasured
def test_intervals_of_agreement_hold_where_answers_of_a_case_go_together() -> None:
    """Taken for independent, answers gave intervals that held the truth 43 times in a hundred."""
    generator = np.random.Generator(np.random.PCG64(4))
    chances = [generator.dirichlet(np.ones(4)) for _ in range(25)]

    def drawn(cases: int) -> list[PairedAnswers]:
        agree = 1 / (1 + np.exp(-(1.0 + generator.normal(0, 1, cases))))
        estimates = []
        for chance in chances:
            first, other = (generator.choice(4, cases, p=chance) for _ in range(2))
            second = np.where(generator.random(cases) < agree, first, other)
            estimates.append(of(first.tolist(), second.tolist()))
        return estimates

    true = pool(drawn(20_000)).kappa
    assert true is not None
    held = 0
    for _ in range(120):
        got = pool(drawn(15)).kappa
        assert got is not None
        assert got[1] is not None
        assert got[2] is not None
        held += got[1] <= true[0] <= got[2]
    assert held / 120 >= 0.93 - 3 * (0.93 * 0.07 / 120) ** 0.5


def test_five_cases_have_an_interval_that_holds_the_coefficient_and_is_always_the_same() -> None:
    questions = [of([0, 1, 2, 3, 0], [0, 1, 3, 3, 1]), of([1, 1, 2, 0, 3], [1, 2, 2, 0, 3])]
    result = pool(questions)
    assert result == pool(questions)
    for text in (result.percent, result.ac1, result.kappa, result.alpha):
        assert text is not None
        value, low, high = text
        assert low is not None
        assert high is not None
        assert low <= value <= high
        assert low < high
    narrow = pool(questions, 0.5).percent
    assert result.percent is not None
    assert narrow is not None
    assert (narrow[2] or 1) - (narrow[1] or 0) < (result.percent[2] or 1) - (result.percent[1] or 0)
    four = pool([PairedAnswers(q.first[:4], q.second[:4], 4, 6) for q in questions]).percent
    assert four == (pytest.approx(6 / 8), None, None)


def test_too_few_cases_have_no_interval() -> None:
    pooled = pool([of([0, 1, 2], [0, 1, 3])])
    assert pooled.percent == (pytest.approx(2 / 3), None, None)
    assert pool([of([None], [1])]).percent is None


# -- several units in one funnel ---------------------------------------------------------


def units(
    seed: int, spread: float, drift: float = 0.0, number: int = 42
) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Areas whose predictions are right but for a spread of their own and what all share, on the logit scale."""
    generator = np.random.Generator(np.random.PCG64(seed))
    estimates = []
    for n in range(number):
        chance = generator.beta(4, 5, int(generator.integers(60, 300)))
        true = shift_logits(chance, drift + spread * generator.normal())
        estimates.append((str(n), generator.random(len(chance)) < true, chance))
    return estimates


@pytest.mark.parametrize(("spread", "drift"), [(0.0, 0.0), (0.1, 0.0), (0.3, -0.4)])
def test_a_funnel_leaves_in_areas_that_work_alike(spread: float, drift: float) -> None:
    """A spread of a tenth of a logit once put 15% of areas outside the limits of 95%."""
    out = called = number = 0
    for seed in range(12):
        plot = make_beside(units(seed, spread, drift))
        out += sum(u.outside is not None for u in plot.units)
        called += any(u.is_different() for u in plot.units)
        number += len(plot.units)
        assert sum(u.predicted for u in plot.units) == pytest.approx(sum(u.actual for u in plot.units))
    assert out / number <= 0.05 + 3 * (0.05 * 0.95 / number) ** 0.5
    assert called <= 4


def test_an_area_that_works_otherwise_is_found_beside_the_spread_of_the_others() -> None:
    generator = np.random.Generator(np.random.PCG64(3))
    chance = np.full(300, 0.4)
    plot = make_beside([*units(1, 0.1), ("other", generator.random(300) < 0.7, chance)])
    assert [u.unit for u in plot.units if u.is_different()] == ["other"]


def test_what_is_said_of_the_spread_is_what_the_limits_allow_for() -> None:
    alike, apart = make_beside(units(2, 0.0)).dispersion, make_beside(units(4, 0.5)).dispersion
    assert apart.kind in ("additive", "multiplicative")
    assert "more than chance" in apart.said
    few = make_beside(units(2, 0.0)[:4]).dispersion
    assert (few, "too few" in few.said) == (Dispersion(is_known=False), True)
    low, high = calculate_funnel([50.0], 0.4, 0.95, apart)
    bare = calculate_funnel([50.0], 0.4, 0.95, alike if alike.kind == "none" else None)
    assert low[0] < bare[0][0]
    assert high[0] > bare[1][0]


def test_one_unit_is_held_against_its_predictions() -> None:
    events, chances = [1, 0, 1, 0], [0.5] * 4
    plot = make_beside([("area", events, chances)])
    assert plot.units == (standardise("area", events, chances),)
    assert (plot.drift, plot.dispersion.kind) == (1.0, "none")


EDGE = float(norm.ppf(0.9))
DRAWN_IN = quad(lambda z: min(abs(z), EDGE) ** 2 * norm.pdf(z), -12, 12, points=[-EDGE, EDGE])[0]
"""The mean square of a standard normal value whose outermost tenths are drawn in, by numerical integration."""


def test_units_of_one_size_have_a_spread_that_multiplies_the_variance_of_chance() -> None:
    """Of eleven values the tenth and the ninetieth percentile are the second and the last but one: 9 is drawn in to 3.

    Where all variances are alike, both models describe the same normal values, and the multiplicative one has their own
    mean square: nothing fits better.
    """
    z = [9.0, -9.0, 3.0, -3.0, 2.0, -2.0, 1.0, -1.0, 0.0, 0.0, 0.0]
    result = make_dispersion([4 * value for value in z], [16.0] * 11)
    assert result.kind == "multiplicative"
    assert result.is_known
    assert result.size == pytest.approx((4 * 9 + 2 * 4 + 2 * 1) / 11 / DRAWN_IN, rel=1e-9)


def test_units_that_differ_alike_whatever_their_size_have_a_spread_of_their_own() -> None:
    """Spiegelhalter (2005), section 4: tau² = (I·phi - (I - 1)) ÷ (Σw - Σw² ÷ Σw), w the variances of the counts.

    Each unit is one logit away, five of variance 1 and six of variance 100: no outermost value is alone, so none is drawn in.
    """
    signs, variance = [1, -1] * 5 + [1], [1.0] * 5 + [100.0] * 6
    result = make_dispersion([s * v for s, v in zip(signs, variance, strict=True)], variance)
    phi = (5 * 1 + 6 * 100) / 11 / DRAWN_IN
    tau2 = (11 * phi - 10) / (605 - (5 * 1 + 6 * 100**2) / 605)
    assert result == Dispersion("additive", pytest.approx(tau2**0.5, rel=1e-9))


def test_no_more_than_chance_is_no_dispersion_and_four_units_say_nothing() -> None:
    assert make_dispersion([0.5, -0.5, 0.5, -0.5, 0.5], [1.0] * 5) == Dispersion("none", 0.0, True)
    assert make_dispersion([9.0, -9.0, 9.0, -9.0], [1.0] * 4) == Dispersion(is_known=False)
    assert make_dispersion([9.0, -9.0, 9.0, -9.0, 9.0], [1.0] * 5).kind == "multiplicative"


def test_what_all_units_share_moves_every_logit_by_one_step() -> None:
    first, second = np.array([0.2, 0.5]), np.array([0.8, 0.0, 1.0])
    moved, step = shift_predictions([first, second], 3.0)
    assert sum(float(p.sum()) for p in moved) == pytest.approx(3.0)
    for before, after in zip((0.2, 0.5, 0.8), (*moved[0], moved[1][0]), strict=True):
        assert np.log(after / (1 - after)) - np.log(before / (1 - before)) == pytest.approx(step)
    assert step > 0
    assert moved[1][1:].tolist() == [0.0, 1.0], "what is certain stays"


@pytest.mark.parametrize("events", [0.0, 1.0, 4.0, 5.0])
def test_no_step_makes_predictions_certain(events: float) -> None:
    """One of the five is certain and one impossible: only from 1 to 4 events, both left out, can a step explain."""
    inputs = (np.array([0.2, 0.5]), np.array([0.8, 0.0, 1.0]))
    assert shift_predictions(inputs, events) == (inputs, 0.0)
    assert shift_predictions([], 0.0) == ((), 0.0)


@pytest.mark.parametrize(("cases", "size"), [(20, 0.1), (300, 0.3), (600, 0.5), (1200, 0.3), (900, 1.5)])
def test_numbers_of_events_over_a_spread_are_those_of_numerical_integration(cases: int, size: float) -> None:
    """A fixed number of points left 600 cases at 0.5 logits a 97.5% limit of 377 events in place of 386."""
    likely = _calculate_numbers(np.full(cases, 0.6), Dispersion("additive", size))
    below = np.cumsum(likely)
    for events in {int(cases * share) for share in (0.35, 0.5, 0.6, 0.66, 0.8)}:

        def weigh(deviation: float, events: int = events) -> float:
            chance = expit(logit(0.6) + deviation * size)
            return float(binom.cdf(events, cases, chance) * norm.pdf(deviation))

        assert below[events] == pytest.approx(quad(weigh, -8, 8, limit=400, epsabs=1e-9)[0], abs=2e-7)


def of_sizes(*units: tuple[int, int]) -> FunnelOfUnits:
    """Units of some events out of so many cases, each predicted with a chance of 0.4."""
    return make_beside([(f"{n}", [1] * e + [0] * (c - e), [0.4] * c) for n, (e, c) in enumerate(units)])


def test_limits_of_a_multiplied_spread_are_so_many_times_as_wide() -> None:
    events = [20, 30, 40, 50, 60, 40, 35, 45]
    result = of_sizes(*((e, 100) for e in events))
    assert (result.dispersion.kind, result.drift) == ("multiplicative", pytest.approx(1.0))
    wider = result.dispersion.size**0.5
    chance = binom(100, 0.4)
    for e, unit in zip(events, result.units, strict=True):
        for confidence, (low, high) in zip((0.95, 0.998), unit.limits, strict=True):
            ends = chance.ppf((1 - confidence) / 2) / 40, chance.ppf((1 + confidence) / 2) / 40
            assert (low, high) == pytest.approx(
                (max(0, 1 - (1 - ends[0]) * wider), 1 + (ends[1] - 1) * wider), abs=1e-6
            )
        exact = min(1, 2 * min(chance.cdf(e), chance.sf(e - 1)))
        assert unit.p_value == pytest.approx(2 * norm.cdf(norm.ppf(exact / 2) / wider), abs=1e-6)


def test_limits_of_an_additive_spread_are_those_of_the_mixture() -> None:
    """The chance of each number of events over a normal deviation of the unit's own, by adding up 4,001 deviations."""
    result = of_sizes(*[(4, 10)] * 5, *[(174, 400), (146, 400)] * 3)
    assert result.dispersion.kind == "additive"
    deviations = np.linspace(-8, 8, 4001)
    weights = norm.pdf(deviations) / norm.pdf(deviations).sum()
    shares = 1 / (1 + np.exp(-(np.log(0.4 / 0.6) + result.dispersion.size * deviations)))
    for unit in result.units:
        numbers = np.arange(unit.cases + 1)
        likely = weights @ binom.pmf(numbers, unit.cases, shares[:, None])
        tails = likely[: unit.actual + 1].sum(), likely[unit.actual :].sum()
        assert unit.p_value == pytest.approx(min(1, 2 * min(tails)), abs=1e-3)
        for confidence, (low, high) in zip((0.95, 0.998), unit.limits, strict=True):
            reached = np.cumsum(likely)
            ends = [int((reached < tail).sum()) for tail in ((1 - confidence) / 2, (1 + confidence) / 2)]
            assert (low * unit.predicted, high * unit.predicted) == pytest.approx(ends, abs=1)


def test_where_no_one_or_everyone_had_the_event_nothing_differs() -> None:
    for events, drift in ((0, 0.0), (1, 2.5)):
        result = of_sizes((3 * events, 3), (7 * events, 7))
        assert result.drift == pytest.approx(drift)
        assert result.dispersion == Dispersion(is_known=False)
        assert [(u.p_value, u.adjusted, u.outside) for u in result.units] == [(1.0, 1.0, None)] * 2
        assert [u.limits for u in result.units] == [((0.0, pytest.approx(2.5)),) * 2] * 2


def test_the_curves_of_a_funnel_are_the_normal_approximation() -> None:
    """The ratio of n·r expected events has variance (1 - r) ÷ (n·r); a step on the logit scale moves it by 1 - r."""
    z, expected = norm.ppf(0.975), np.array([10.0, 50.0, 0.5])
    bare = 0.6 / expected
    for spread, variance in (
        (None, bare),
        (Dispersion(), bare),
        (Dispersion("multiplicative", 2.25), bare * 2.25),
        (Dispersion("additive", 0.3), bare + (0.6 * 0.3) ** 2),
    ):
        low, high = calculate_funnel(expected, 0.4, 0.95, spread)
        assert high == pytest.approx(1 + z * variance**0.5)
        assert low == pytest.approx(np.maximum(0, 1 - z * variance**0.5))
    assert calculate_funnel([4.0], 1.0, 0.95) == (pytest.approx([1.0]), pytest.approx([1.0]))


@pytest.mark.parametrize(
    ("events", "chances", "message"),
    [
        ([], [], "at least one"),
        ([1, 0], [0.5], "as many predictions as cases"),
        ([1], [1.01], "between 0 and 1"),
        ([1], [-0.01], "between 0 and 1"),
        ([0, 0], [0.0, 0.0], "not all 0"),
    ],
)
def test_predictions_that_are_no_chances_are_refused(
    events: list[int], chances: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        standardise("area", events, chances)
    assert standardise("area", [1, 0], [1.0, 0.0]).ratio == 1.0


def _pinned(table: np.ndarray, hidden: np.ndarray, place: tuple[int, int]) -> set[int]:
    """Every value that a hidden cell can have, by trying all tables with the same totals and shown cells."""
    cells = [tuple(c) for c in np.argwhere(hidden)]
    top = int(table.sum())
    places = set()
    for values in product(range(top + 1), repeat=len(cells)):
        tried = table.copy()
        for cell, value in zip(cells, values, strict=True):
            tried[cell] = value
        rows = table.shape[1] == 1 or (tried.sum(1) == table.sum(1)).all()
        if rows and (table.shape[0] == 1 or (tried.sum(0) == table.sum(0)).all()):
            places.add(int(tried[place]))
    return places


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
    assert find_withheld([[1, 1], [0, 1], [1, 0], [0, 1]], [40, 3], 5, [0]).tolist() == [
        False,
        True,
        True,
        True,
    ]
    assert not find_withheld([[1, 1], [0, 1], [1, 0]], [40, 30], 5, [0]).any()


def test_a_funnel_of_equal_chances_is_the_binomial() -> None:
    got = standardise("area", [1] * 12 + [0] * 28, [0.4] * 40)
    assert (got.actual, got.cases) == (12, 40)
    assert got.predicted == pytest.approx(16)
    assert got.ratio == pytest.approx(0.75)
    assert got.limits[0] == pytest.approx((binom(40, 0.4).ppf(0.025) / 16, binom(40, 0.4).ppf(0.975) / 16))
    assert got.p_value == pytest.approx(min(1, 2 * binom(40, 0.4).cdf(12)))
    assert got.outside is None
    assert standardise("area", [1] * 16 + [0] * 24, [0.4] * 40).p_value == 1.0, "both tails are over a half"
    outside = [
        standardise("area", [1] * n + [0] * (40 - n), [0.4] * 40).outside for n in (9, 10, 22, 23, 26, 27)
    ]
    ends = [binom(40, 0.4).ppf(q) for q in (0.025, 0.975, 0.001, 0.999)]
    expected = [
        0.998 if not ends[2] <= n <= ends[3] else None if ends[0] <= n <= ends[1] else 0.95
        for n in (9, 10, 22, 23, 26, 27)
    ]
    assert outside == expected


@given(st.lists(st.floats(0, 1), min_size=0, max_size=9))
def test_the_number_of_events_against_every_outcome(chances: list[float]) -> None:
    expected = np.zeros(len(chances) + 1)
    for outcome in product((0, 1), repeat=len(chances)):
        expected[sum(outcome)] += np.prod([p if e else 1 - p for e, p in zip(outcome, chances, strict=True)])
    assert calculate_number_of_events(np.array(chances)) == pytest.approx(expected, abs=1e-12)


def test_large_units_have_their_funnel_too() -> None:
    got = standardise("area", [1] * 700 + [0] * 900, [0.4] * 1600)
    chance = binom(1600, 0.4)
    assert got.limits[1] == pytest.approx((chance.ppf(0.001) / 640, chance.ppf(0.999) / 640))
    assert got.p_value == pytest.approx(2 * chance.sf(699), rel=1e-6)


def test_a_unit_outside_the_funnel_is_told_and_wrong_input_refused() -> None:
    assert standardise("area", [1] * 38 + [0] * 2, [0.4] * 40).outside == 0.998
    low, high = calculate_funnel([16.0], 0.4, 0.95)
    assert high[0] - 1 == pytest.approx(1.95996 * (0.6 / 16) ** 0.5, abs=1e-4)
    assert low[0] == pytest.approx(2 - high[0])
    for events, chances in (([1], [1.2]), ([], []), ([0], [0.0])):
        with pytest.raises(ValueError, match="predict"):
            standardise("area", events, chances)


def test_the_size_of_a_group_gives_nothing_away() -> None:
    # All 99 of 100 relevant, A 87 of 87: then 12 of the 13 in E (5 cases) and F (8), so E can only be 4 or 5.
    hidden = find_withheld([[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]], [87, 4, 8], 5, [0], [100, 87, 5, 8])
    assert hidden.tolist() == [False, True, True, True]


@pytest.mark.parametrize("event", [0, 1])
def test_where_nobody_or_everybody_had_the_event_nothing_tells_units_apart(event: int) -> None:
    """The shift that all share has no end then: four areas of 0 in 40 were all called, each with p = 0.0000013."""
    result = make_beside([(str(n), [event] * 40, [0.3] * 40) for n in range(6)])
    assert [(u.p_value, u.outside, u.is_different()) for u in result.units] == [(1.0, None, False)] * 6
    assert result.dispersion.kind == "none"
    (sentence,) = explain_funnel(result)
    assert "so the units do not differ" in sentence
