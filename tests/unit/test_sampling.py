"""Samples: sizes as published, the random order worked out by hand, quotas, caps, replay, substitution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from math import comb
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrutineer.errors import UserError
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.cases.exclusions import Exclusion
from scrutineer.fieldwork.cases.order import mix, number_cases, order_randomly
from scrutineer.fieldwork.sampling.draw import Frame, draw, list_reserves
from scrutineer.fieldwork.sampling.probabilities import calculate_inclusion, make_probabilities
from scrutineer.fieldwork.sampling.record import SampleRecord, make_record, replay, to_json
from scrutineer.fieldwork.sampling.sample import Sample, draw_sample
from scrutineer.fieldwork.sampling.sample_plan import SampledElement, make_plan
from scrutineer.fieldwork.sampling.shortfall import find_least_shortfall
from scrutineer.fieldwork.sampling.size import add_reserves, calculate_size, share_out
from scrutineer.fieldwork.sampling.substitute import (
    collect_weights,
    find_reserves,
    list_standing,
    sample_frame,
    substitute,
)
from scrutineer.frameworks.conditions import Condition
from scrutineer.frameworks.consistency import list_problems
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework, Precision

ON = date(2006, 4, 3)


@pytest.fixture(scope="session")
def framework(library: Library) -> Framework:
    return library.load_framework("esi-2003")


@cache
def _esi() -> Framework:
    """The framework for tests that draw examples, which take no fixtures."""
    from scrutineer.tasks.files import find_data_folder

    return Library(find_data_folder("frameworks")).load_framework("esi-2003")


def caseload(
    number: int, high: int = 0, minority: int = 0, managers: int = 10, order: Sequence[int] | None = None
) -> Caseload:
    """Made-up cases: the first `high` are of high risk, the last `minority` of a minority."""
    risk = ["high" if n < high else "low" for n in range(number)]
    ethnicity = ["minority_ethnic" if n >= number - minority else "white" for n in range(number)]
    frame = pl.DataFrame(
        {
            "case": [f"C{n:04d}" for n in range(number)],
            "risk_of_harm": pl.Series(risk, dtype=pl.Enum(["low", "medium", "high", "very_high"])),
            "ethnicity": pl.Series(ethnicity, dtype=pl.Enum(["white", "minority_ethnic", "not_known"])),
            "office": [f"Office {n % 3}" for n in range(number)],
            "manager": [f"M{n % managers}" for n in range(number)],
            "started": [date(2005, 6, 20)] * number,
            "drug_score": [float(n % 8) for n in range(number)],
            "row_in_file": list(range(2, number + 2)),
        }
    )
    return Caseload("made up", frame if order is None else frame[list(order)])


# -- sizes -----------------------------------------------------------------------------


def test_strata_and_buffer_as_published() -> None:
    shares = share_out({"a": 55, "b": 75, "c": 32, "d": 19, "e": 13}, 100)
    assert sum(shares.values()) == 100
    assert [add_reserves(n, 20, 1000) for n in shares.values()] == [34, 47, 19, 12, 8]


def test_size_for_a_precision_as_in_cochrans_tables() -> None:
    # z² p(1-p) ÷ e² = 384.1 at 5 points and 95%; 278 of 1,000 and 370 of 10,000 (Krejcie and Morgan 1970).
    assert calculate_size(Precision(points=5), 10**9) == 385
    assert calculate_size(Precision(points=5), 1000) == 278
    assert calculate_size(Precision(points=5), 10_000) == 370
    assert calculate_size(Precision(points=5), 3) == 3
    assert calculate_size(Precision(points=5), 0) == 0


@given(
    st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 400), min_size=1, max_size=6),
    st.integers(0, 500),
)
def test_shares_add_up_and_take_no_more_than_there_is(cases: dict[str, int], size: int) -> None:
    shares = share_out(cases, size)
    whole = sum(cases.values())
    assert sum(shares.values()) == min(size, whole)
    for name, n in shares.items():
        assert 0 <= n <= cases[name]
        if whole:
            assert abs(n - min(size, whole) * cases[name] / whole) <= 1


# -- the random order ------------------------------------------------------------------


def by_hand(case: str, seed: int) -> int:
    """The number of a case in plain Python, from the description of the algorithm."""
    top, step = 2**64, 0x9E3779B97F4A7C15

    def mixed(x: int) -> int:
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % top
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB % top
        return x ^ (x >> 31)

    text = case.encode()
    h = mixed((seed + step) % top)
    for n in range(0, len(text), 8):
        h = mixed(((h ^ int.from_bytes(text[n : n + 8].ljust(8, b"\0"), "little")) + step) % top)
    return mixed(h ^ len(text))


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20),
        min_size=1,
        max_size=8,
    ),
    st.integers(0, 2**64 - 1),
)
def test_the_random_number_of_a_case_can_be_worked_out_by_hand(cases: list[str], seed: int) -> None:
    assert number_cases(pl.Series(cases, dtype=pl.String), seed).tolist() == [
        by_hand(case, seed) for case in cases
    ]


def test_mixing_is_splitmix64() -> None:
    # The first three numbers of SplitMix64 from seed 1234567, as its authors' reference code prints them.
    steps = np.array([1234567 + n * 0x9E3779B97F4A7C15 for n in (1, 2, 3)], dtype=object) % 2**64
    assert mix(steps.astype(np.uint64)).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_the_order_is_uniform_enough() -> None:
    from scipy.stats import kstest

    keys = number_cases(pl.Series([f"C{n}" for n in range(20_000)]), 5) / 2.0**64
    assert kstest(keys, "uniform").pvalue > 0.001
    firsts = Counter(int(order_randomly(pl.Series(["a", "b", "c", "d"]), seed)[0]) for seed in range(4000))
    assert all(abs(n - 1000) < 4 * 27.4 for n in firsts.values())


def test_the_first_places_of_the_order_are_the_order() -> None:
    cases = pl.Series([f"C{n}" for n in range(500)])
    assert order_randomly(cases, 3, 40).tolist() == order_randomly(cases, 3)[:40].tolist()
    with pytest.raises(ValueError, match="seed"):
        number_cases(cases, -1)


# -- the draw --------------------------------------------------------------------------


def drawn(framework: Framework, cases: Caseload, seed: int = 1, **options: object) -> Sample:
    plan = make_plan(framework, on=ON, **options)  # type: ignore[arg-type]
    return draw_sample(cases, framework, plan, seed)


def test_twenty_of_high_risk_where_there_are_that_many(framework: Framework) -> None:
    got = drawn(framework, caseload(800, high=60))
    assert len(got.find_kinds("main")) == 100
    assert sum(int(s.case[1:]) < 60 for s in got.find_kinds("main")) == 20
    assert not got.unmet


def test_what_cannot_be_met_says_which_and_by_how_many(framework: Framework) -> None:
    got = drawn(framework, caseload(800, high=14))
    assert got.unmet == ("quota for high risk of harm: 20 cases planned, but only 14 drawn (14 eligible)",)
    few = drawn(framework, caseload(40, high=20))
    assert few.unmet == ("sample size: 100 cases planned, but only 40 eligible",)
    assert len(few.find_kinds("main")) == 40


def test_chance_alone_is_left_as_it_is_where_it_meets_the_quota(framework: Framework) -> None:
    cases = caseload(300, high=200)
    got = drawn(framework, cases)
    order = order_randomly(cases.frame["case"], 1)
    assert [s.case for s in got.find_kinds("main")] == [f"C{n:04d}" for n in order[:100]]
    assert [s.case for s in got.find_kinds("reserve")] == [f"C{n:04d}" for n in order[100:120]]


def test_the_order_of_rows_never_matters(framework: Framework) -> None:
    shuffled = np.random.Generator(np.random.PCG64(9)).permutation(500).tolist()
    sample = drawn(framework, caseload(500, high=30), strata="office", cap=12)
    other = drawn(framework, caseload(500, high=30, order=shuffled), strata="office", cap=12)
    assert [s.case for s in sample.selected] == [s.case for s in other.selected]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_quotas_are_met_whenever_they_can_be(data: st.DataObject) -> None:
    """Overlapping groups, strata and a cap, against an exhaustive look at which numbers of each kind are possible."""
    n = data.draw(st.integers(4, 9))
    size = data.draw(st.integers(1, n))
    bits = st.lists(st.booleans(), min_size=n, max_size=n)
    groups = {g: np.array(data.draw(bits)) for g in ("a", "b")}
    quotas = {g: data.draw(st.integers(1, size)) for g in groups}
    frame = Frame(np.zeros(n, dtype=np.int64), [size], groups, quotas)
    order = np.array(data.draw(st.permutations(range(n))))
    got = draw(frame, order)
    if got.short:
        got = find_least_shortfall(frame, order, got)
    from itertools import combinations

    best = min(
        sum(max(quotas[g] - int(groups[g][list(some)].sum()), 0) for g in groups)
        for some in combinations(range(n), size)
    )
    assert len(set(got.taken)) == size
    assert sum(got.short.values()) == best
    assert {g: quotas[g] - int(groups[g][got.taken].sum()) for g in got.short} == got.short


def test_strata_share_in_proportion_and_quotas_swap_within_them(framework: Framework) -> None:
    got = drawn(framework, caseload(900, high=45), strata="office")
    assert Counter(s.stratum for s in got.find_kinds("main")) == {
        "Office 0": 34,
        "Office 1": 33,
        "Office 2": 33,
    }
    assert Counter(s.stratum for s in got.find_kinds("reserve")) == {
        "Office 0": 7,
        "Office 1": 7,
        "Office 2": 7,
    }
    assert sum(int(s.case[1:]) < 45 for s in got.find_kinds("main")) == 20


def test_no_manager_has_more_than_the_cap(framework: Framework) -> None:
    cases = caseload(400, high=80, managers=20)
    manager = dict(zip(cases.ids, cases.frame["manager"].to_list(), strict=True))
    got = drawn(framework, cases, cap=6)
    assert max(Counter(manager[s.case] for s in got.find_kinds("main")).values()) <= 6
    tight = drawn(framework, cases, cap=4)
    assert tight.unmet[0].startswith("sample size: 20 cases too few, because no manager may have more than 4")


def test_the_window_of_supervision_counts_completed_months(framework: Framework) -> None:
    days = [date(2005, 7, 4), date(2005, 7, 3), date(2005, 5, 4), date(2005, 5, 3)]
    frame = caseload(4).frame.with_columns(started=pl.Series(days))
    got = draw_sample(Caseload("x", frame), framework, make_plan(framework, on=ON), 1)
    assert {s.case for s in got.find_kinds("main")} == {"C0001", "C0002"}
    assert dict(got.exclusions.select("case", "reason").rows()) == {
        "C0000": "supervision_too_short",
        "C0003": "supervision_too_long",
    }


def test_listed_exclusions_and_repeated_rows_are_on_record(framework: Framework) -> None:
    cases = Caseload("x", caseload(30).frame, (("C0005", 40),))
    plan = make_plan(framework, on=ON)
    got = draw_sample(cases, framework, plan, 1, [Exclusion("C0001", "deceased")])
    assert got.cases == 31
    assert got.exclusions.rows() == [("C0001", "deceased", ""), ("C0005", "repeated_row", "")]
    with pytest.raises(UserError, match="not in the caseload"):
        draw_sample(cases, framework, plan, 1, [Exclusion("C9", "deceased")])
    with pytest.raises(UserError, match="no case is eligible"):
        draw_sample(cases, framework, make_plan(framework, on=date(2005, 7, 1)), 1)


def test_a_follow_up_takes_every_case_of_high_risk(library: Library) -> None:
    got = drawn(library.load_framework("esi-follow-up"), caseload(200, high=17))
    assert {s.case for s in got.find_kinds("main")} == {f"C{n:04d}" for n in range(17)}
    assert {s.probability for s in got.find_kinds("main")} == {1.0}


def test_elements_take_their_share_of_the_sample_and_more_where_asked(framework: Framework) -> None:
    only = Condition.model_validate({"drug_score": {"at_least": 4}})
    got = drawn(
        framework,
        caseload(800, high=60),
        elements=(
            SampledElement(framework="drugs", only=only),
            SampledElement(framework="more", only=only, at_least=70),
        ),
    )
    fits = {s.case for s in got.find_kinds("main") if int(s.case[1:]) % 8 >= 4}
    assert {s.case for s in got.find_kinds("main") if "drugs" in s.elements} == fits
    more = [s for s in got.selected if "more" in s.elements]
    assert len(more) == 70
    assert {s.selected_as for s in more} == {"main", "additional"}
    assert not {s.case for s in got.find_kinds("additional")} & {
        s.case for s in got.find_kinds("main", "reserve")
    }


def test_plans_refuse_what_does_not_fit(framework: Framework) -> None:
    with pytest.raises(UserError) as caught:
        make_plan(framework, size=10, precision=Precision(points=5), quotas={"tall": 3}, strata="colour")
    assert len(caught.value.faults) == 4


# -- probabilities ---------------------------------------------------------------------


def test_without_quotas_every_case_of_a_stratum_has_the_same_chance() -> None:
    frame = Frame(np.array([0, 0, 0, 0, 1, 1]), [2, 1])
    chance = make_probabilities(frame, 1, draw(frame, np.arange(6)))
    assert chance.to_floats().tolist() == [0.5] * 6
    assert chance.source == "exact"


def test_one_quota_exactly_against_every_possible_order() -> None:
    from itertools import permutations

    inside = np.array([True, True, False, False, False, False])
    frame = Frame(np.zeros(6, dtype=np.int64), [3], {"g": inside}, {"g": 2})
    hits = np.zeros(6, dtype=np.int64)
    orders = list(permutations(range(6)))
    for order in orders:
        hits[draw(frame, np.array(order)).taken] += 1
    chance = make_probabilities(frame, 1, draw(frame, np.arange(6)))
    assert [chance.of_kind[int(k)] for k in chance.kind] == [Fraction(int(h), len(orders)) for h in hits]
    assert chance.source == "exact"


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 2000), st.data())
def test_one_quota_gives_exact_shares_within_zero_and_one(cases: int, data: st.DataObject) -> None:
    """Against the hypergeometric distribution written out term by term, in whole numbers."""
    of_group, size = data.draw(st.integers(0, cases)), data.draw(st.integers(1, cases))
    quota = data.draw(st.integers(1, 300))
    rest, inside = calculate_inclusion(cases, of_group, size, quota)
    outside = cases - of_group
    assert 0 <= rest <= 1
    assert 0 <= inside <= 1
    assert rest * outside + inside * of_group == size
    if cases <= 60:
        least = max(min(quota, of_group, size), size - outside)
        mean = sum(
            Fraction(max(k, least) * comb(of_group, k) * comb(outside, size - k), comb(cases, size))
            for k in range(min(of_group, size) + 1)
            if size - k <= outside
        )
        assert inside * of_group == mean


def test_the_caseload_that_gave_more_than_certainty(framework: Framework) -> None:
    """264 eligible cases, 20 of them high risk: all 20 are drawn, with a probability of exactly 1."""
    got = drawn(framework, caseload(264, high=20))
    assert {s.probability for s in got.find_kinds("main") if int(s.case[1:]) < 20} == {1.0}
    assert {s.probability for s in got.find_kinds("main") if int(s.case[1:]) >= 20} == {
        float(Fraction(80, 244))
    }


@pytest.mark.unmeasured
@settings(max_examples=120, deadline=None)
@given(
    st.one_of(st.integers(1, 60), st.integers(1, 2000)),
    st.integers(1, 150),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0, 20, 300]),
    st.data(),
)
def test_a_sample_can_be_drawn_and_recorded_from_any_caseload(
    number: int, size: int, strata: bool, capped: bool, reserve: int, data: st.DataObject
) -> None:
    """Quotas, cap, strata and reserves: every probability lies within 0 to 1, and they add to the sample's size."""
    framework = _esi()
    cases = caseload(
        number,
        high=data.draw(st.integers(0, number)),
        minority=data.draw(st.integers(0, number)),
        managers=12,
    )
    quotas = {"high_risk": data.draw(st.integers(1, 40))}
    if data.draw(st.booleans()):
        quotas["minority_ethnic"] = data.draw(st.integers(1, 40))
    plan = make_plan(
        framework,
        on=ON,
        size=size,
        quotas=quotas,
        strata="office" if strata else None,
        cap=data.draw(st.integers(1, 15)) if capped else None,
        reserve_percent=reserve,
    )
    with patch("scrutineer.fieldwork.sampling.probabilities.REPEATS", 25):
        sample = draw_sample(cases, framework, plan, 3)
        record = make_record(sample, cases, framework, plan, 3)
    assert all(0 <= c.inclusion_probability <= 1 for c in record.selected)
    assert all(c.inclusion_probability > 0 for c in record.selected if c.selected_as == "main")
    assert sample.expected_size == len(sample.find_kinds("main"))
    assert sample_frame(record, cases).height == len(sample.find_kinds("main"))
    # And the weights add to the caseload, whatever quotas and cap left of each kind.
    assert sum(s.weight or 0 for s in sample.find_kinds("main")) == pytest.approx(sample.eligible)
    assert all(s.weight is None for s in sample.find_kinds("reserve"))
    assert sum(collect_weights(record).values()) == pytest.approx(sample.eligible)
    before = record.model_copy(
        update={"cells": (), "selected": tuple(c.model_copy(update={"cell": None}) for c in record.selected)}
    )
    assert sum(collect_weights(before).values()) == pytest.approx(sample.eligible)


def test_a_reserve_without_a_chance_has_no_weight(framework: Framework) -> None:
    """Where quotas take the whole sample, cases outside are reserves only: they are recorded, and stand for nobody."""
    cases = caseload(60, high=25)
    plan = make_plan(framework, on=ON, size=20, quotas={"high_risk": 20}, reserve_percent=300)
    record = make_record(draw_sample(cases, framework, plan, 2), cases, framework, plan, 2)
    chances = {c.case: c.inclusion_probability for c in record.selected}
    outside = [c for c in chances if int(c[1:]) >= 25]
    assert outside
    assert all(chances[c] == 0 for c in outside)
    assert find_reserves(record, cases).filter(pl.col("case").is_in(outside))["weight"].null_count() == len(
        outside
    )


def test_repeated_draws_come_near_the_truth_and_keep_their_seed() -> None:
    place = np.arange(60)
    groups = {"a": place < 18, "b": (place >= 12) & (place < 24)}
    frame = Frame(np.zeros(60, dtype=np.int64), [20], groups, {"a": 9, "b": 7})
    drawn_now = draw(frame, np.arange(60))
    chance = make_probabilities(frame, 7, drawn_now)
    chances = chance.to_floats()
    assert chance.source.startswith("from")
    assert chance.total == 20
    assert chances.tolist() == make_probabilities(frame, 7, drawn_now).to_floats().tolist()
    assert chances[groups["a"] & groups["b"]].mean() > chances[~groups["a"] & ~groups["b"]].mean()


def test_reserves_follow_in_order_within_their_stratum() -> None:
    frame = Frame(np.array([0, 1, 0, 1, 0, 1]), [1, 1])
    order = np.array([4, 1, 0, 2, 3, 5])
    taken = draw(frame, order).taken
    assert taken == [4, 1]
    assert list_reserves(frame, order, taken, [1, 2]) == [0, 3, 5]


# -- record ----------------------------------------------------------------------------


@pytest.mark.unmeasured
@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**64 - 1), st.sampled_from([None, "office"]), st.sampled_from([None, 13]))
def test_a_record_replays_to_the_same_sample(seed: int, strata: str | None, cap: int | None) -> None:
    from scrutineer.tasks.files import find_data_folder

    framework = Library(find_data_folder("frameworks")).load_framework("esi-2003")
    cases = caseload(300, high=40)
    plan = make_plan(framework, on=ON, strata=strata, cap=cap, size=60)
    record = make_record(draw_sample(cases, framework, plan, seed), cases, framework, plan, seed)
    again = SampleRecord.model_validate_json(to_json(record))
    assert again == record
    assert replay(again, cases, framework) == []


def test_a_replay_tells_what_differs(framework: Framework) -> None:
    cases = caseload(300, high=40)
    plan = make_plan(framework, on=ON)
    record = make_record(draw_sample(cases, framework, plan, 1), cases, framework, plan, 1)
    other = caseload(301, high=40)
    assert "the caseload is not the one" in replay(record, other, framework)[0]
    assert replay(record.model_copy(update={"seed": 2}), cases, framework)[0].startswith("cases differ")
    assert "algorithm" in replay(record.model_copy(update={"algorithm": 2}), cases, framework)[0]


def test_a_reserve_stands_in_and_the_quota_holds(framework: Framework) -> None:
    cases = caseload(300, high=30)
    plan = make_plan(framework, on=ON)
    record = make_record(draw_sample(cases, framework, plan, 1), cases, framework, plan, 1)
    first = next(c.case for c in record.selected if c.selected_as == "main" and int(c.case[1:]) < 30)
    substitution = substitute(
        record, cases, framework, first, reason="file_missing", by="Lead", on="2006-04-01"
    )
    now = list_standing(substitution)
    assert first not in {c.case for c in now}
    assert len(now) == 100
    assert sum(int(c.case[1:]) < 30 for c in now) >= 20
    remaining = sample_frame(substitution, cases)
    assert remaining.filter(pl.col("selected_as") == "substitute")["case"].to_list() == [
        substitution.substitutions[0].by
    ]
    assert (remaining["weight"] * remaining["inclusion_probability"]).to_list() == pytest.approx([1.0] * 100)


def test_substitution_refuses_with_every_fault(framework: Framework) -> None:
    cases = caseload(300, high=30)
    plan = make_plan(framework, on=ON, reserve_percent=0)
    record = make_record(draw_sample(cases, framework, plan, 1), cases, framework, plan, 1)
    with pytest.raises(UserError) as caught:
        substitute(record, cases, framework, "C9999", reason="bored", by="x", on="2006-04-01")
    assert len(caught.value.faults) == 2
    with pytest.raises(UserError, match="note"):
        substitute(record, cases, framework, record.selected[0].case, reason="other", by="x", on="2006-04-01")
    with pytest.raises(UserError, match="no reserve left"):
        substitute(
            record, cases, framework, record.selected[0].case, reason="deceased", by="x", on="2006-04-01"
        )


def test_reserves_hold_their_share_of_every_quota(framework: Framework) -> None:
    got = drawn(framework, caseload(300, high=30))
    assert sum(int(s.case[1:]) < 30 for s in got.find_kinds("reserve")) >= 4
    assert len(got.find_kinds("reserve")) == 20


def test_weights_bring_the_sample_back_to_the_caseload(framework: Framework) -> None:
    """Over many seeds the weighted share of high risk is that of the caseload, though 20 of 100 are drawn."""
    cases = caseload(400, high=40)
    shares = []
    for seed in range(60):
        main = drawn(framework, cases, seed).find_kinds("main")
        weights = [s.weight for s in main]
        shares.append(
            sum(w for s, w in zip(main, weights, strict=True) if int(s.case[1:]) < 40) / sum(weights)
        )
    assert np.mean(shares) == pytest.approx(0.1, abs=0.01)


def test_quotas_left_to_be_agreed_are_named_until_they_are(library: Library) -> None:
    omi = library.load_framework("omi-2006")
    cases = caseload(300, high=40)
    frame = cases.frame.with_columns(started=pl.lit(date(2005, 9, 20)))
    sample = draw_sample(Caseload("x", frame), omi, make_plan(omi, on=ON, quotas={"high_risk": 25}), 1)
    assert (
        "no minimum number was agreed for prolific and other priority offenders, approved premises residents, "
        "statutory victim contact, black and minority ethnic offenders" in sample.adjustments
    )
    assert sum(int(s.case[1:]) < 40 for s in sample.find_kinds("main")) >= 25


@pytest.mark.repeats
def test_weights_do_not_depend_on_the_order_of_rows_either(framework: Framework) -> None:
    shuffled = np.random.Generator(np.random.PCG64(3)).permutation(300).tolist()
    for options in ({"cap": 12}, {"strata": "office"}, {"quotas": {"minority_ethnic": 12}}):
        sample = drawn(framework, caseload(300, high=30, minority=30), **options)
        other = drawn(framework, caseload(300, high=30, minority=30, order=shuffled), **options)
        assert [(s.case, s.probability) for s in sample.selected] == [
            (s.case, s.probability) for s in other.selected
        ]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_strata_are_filled_and_quotas_met_under_a_cap_whenever_they_can_be(data: st.DataObject) -> None:
    """Against every possible sample of a few cases: filling comes first, then the quotas."""
    from itertools import combinations

    n = data.draw(st.integers(3, 8))
    stratum = np.array(data.draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    manager = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)))
    members = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    sizes = [data.draw(st.integers(0, int((stratum == h).sum()))) for h in (0, 1)]
    frame = Frame(
        stratum,
        sizes,
        {"g": members},
        {"g": data.draw(st.integers(1, 3))},
        manager,
        data.draw(st.integers(1, 2)),
    )
    order = np.array(data.draw(st.permutations(range(n))))
    got = draw(frame, order)
    if got.short or got.unfilled:
        got = find_least_shortfall(frame, order, got)

    def allowed(some: tuple[int, ...]) -> bool:
        chosen = list(some)
        full = all((stratum[chosen] == h).sum() <= size for h, size in enumerate(sizes))
        return full and max(Counter(manager[chosen].tolist()).values(), default=0) <= (frame.cap or n)

    every = [some for size in range(sum(sizes) + 1) for some in combinations(range(n), size) if allowed(some)]
    best = min(
        (sum(sizes) - len(some), max(frame.quotas["g"] - int(members[list(some)].sum()), 0)) for some in every
    )
    assert allowed(tuple(got.taken))
    assert (sum(got.unfilled.values()), sum(got.short.values())) == best


def test_a_reserve_does_not_break_the_cap(framework: Framework) -> None:
    cases = caseload(60, high=12, managers=12)
    plan = make_plan(framework, on=ON, size=12, quotas={"high_risk": 1}, cap=1, reserve_percent=300)
    record = make_record(draw_sample(cases, framework, plan, 2), cases, framework, plan, 2)
    manager = dict(zip(cases.ids, cases.frame["manager"].to_list(), strict=True))
    substitution = substitute(
        record, cases, framework, record.selected[0].case, reason="deceased", by="x", on="2006-04-01"
    )
    assert max(Counter(manager[c.case] for c in list_standing(substitution)).values()) == 1
    with pytest.raises(UserError, match="there is no name for the person"):
        substitute(
            record, cases, framework, record.selected[1].case, reason="deceased", by=" ", on="2006-04-01"
        )


def test_additional_cases_have_no_weight_and_spare_the_reserves(framework: Framework) -> None:
    only = Condition.model_validate({"drug_score": {"at_least": 4}})
    cases = caseload(400, high=40)
    plan = make_plan(framework, on=ON, elements=(SampledElement(framework="drugs", only=only, at_least=60),))
    record = make_record(draw_sample(cases, framework, plan, 1), cases, framework, plan, 1)
    remaining = sample_frame(record, cases)
    assert (
        remaining.filter(pl.col("selected_as") == "additional")["weight"].null_count()
        == remaining.filter(pl.col("selected_as") == "additional").height
        > 0
    )
    assert sum(c.selected_as == "reserve" for c in record.selected) == 20
    assert abs(remaining["weight"].sum() - 400) < 60


def test_altered_records_are_told(framework: Framework) -> None:
    from scrutineer.fieldwork.sampling.record import check_record

    cases = caseload(200, high=30)
    plan = make_plan(framework, on=ON)
    record = make_record(draw_sample(cases, framework, plan, 1), cases, framework, plan, 1)
    check_record(record, framework, "sample.json")
    other = record.selected[0].model_copy(update={"stratum": "elsewhere"})
    assert replay(record.model_copy(update={"selected": (other, *record.selected[1:])}), cases, framework)
    altered = plan.model_copy(update={"quotas": {"tall": 1}, "strata": "colour"})
    with pytest.raises(UserError) as caught:
        check_record(record.model_copy(update={"plan": altered}), framework, "sample.json")
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize(("cases", "drawn"), [(50, 39), (100, 63), (200, 91), (500, 124), (1000, 142)])
def test_a_framework_may_ask_for_a_precision(library: Library, cases: int, drawn: int) -> None:
    """The published sizes of probation delivery units' samples: 80% confidence, five points."""
    framework = library.load_framework("hmip-pdu-2023")
    frame = pl.DataFrame({"case": [f"P{n}" for n in range(cases)]})
    sample = draw_sample(Caseload("made up", frame), framework, make_plan(framework), 7)
    assert len(sample.find_kinds("main")) == drawn
    fixed = make_plan(framework, size=20)
    assert (fixed.size, fixed.precision) == (20, None)


def test_the_size_of_a_sample_is_set_in_one_way(library: Library) -> None:
    framework = library.load_framework("hmip-pdu-2023")
    both = framework.sample.model_copy(update={"size": 60})
    said = [p.what for p in list_problems(framework.model_copy(update={"sample": both}))]
    assert said == ["the sample's size is set in more than one way: size and precision"]
