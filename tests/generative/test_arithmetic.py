"""Properties of the arithmetic that hold for every input."""

from __future__ import annotations

from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrutineer.frameworks.library import Library
from scrutineer.proof.examples import FRAMEWORKS
from scrutineer.scoring.counts import NO_EVIDENCE, NOT_APPLICABLE, count
from scrutineer.scoring.figures import GroupFigures, Printed
from scrutineer.scoring.rederive import rederive
from scrutineer.scoring.scores import score
from scrutineer.statistics.interval import Interval, calculate_weighted_mean
from scrutineer.statistics.printed import (
    calculate_share,
    find_attainable,
    list_counts,
    round_half_up,
    round_off,
    truncate,
)

pytestmark = pytest.mark.unmeasured

VILLAGE = Library(FRAMEWORKS).load_framework("village-libraries")
ESI = Library(FRAMEWORKS.parents[3] / "frameworks").load_framework("esi-2003")
percents = st.fractions(min_value=0, max_value=100, max_denominator=97)
whole = st.integers(0, 100)
answers = st.lists(st.sampled_from(["yes", "no", NOT_APPLICABLE, NO_EVIDENCE, None]), max_size=30)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    low, high = sorted((draw(percents), draw(percents)))
    same = low == high
    return Interval(low, high, same or draw(st.booleans()), same or draw(st.booleans()))


@given(
    intervals(),
    intervals(),
    st.fractions(min_value=0, max_value=1, max_denominator=9),
    st.fractions(min_value=0, max_value=1, max_denominator=9),
)
def test_a_sum_holds_the_sum_of_any_members(first: Interval, other: Interval, a: F, b: F) -> None:
    x, y = first.low + a * (first.high - first.low), other.low + b * (other.high - other.low)
    if x in first and y in other:
        assert x + y in first + other


@given(intervals(), intervals())
def test_meeting_is_mutual_and_what_meets_shares_a_number(first: Interval, other: Interval) -> None:
    assert first.meets(other) == other.meets(first)
    shared = first.intersect(other)
    if shared is not None:
        assert shared.middle in first
        assert shared.middle in other


@given(percents)
def test_every_share_lies_in_what_its_printed_form_stands_for(value: F) -> None:
    assert value in round_off(F(round_half_up(value)))
    assert value in truncate(F(value.numerator // value.denominator))


@given(whole, st.integers(1, 40))
def test_attainable_agrees_with_trying_every_count(percent: int, cases: int) -> None:
    tried = {round_half_up(calculate_share(part, n)) for n in range(1, cases + 1) for part in range(n + 1)}
    assert find_attainable(F(percent), cases)[0] == (percent in tried)
    assert all(
        round_half_up(calculate_share(*pair)) == percent for pair in list_counts(round_off(F(percent)), cases)
    )


@given(answers, st.randoms(use_true_random=False))
def test_the_order_of_answers_never_matters(given_answers: list[str | None], chance: object) -> None:
    shuffled = list(given_answers)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert count(VILLAGE.scales[0], shuffled) == count(VILLAGE.scales[0], given_answers)


@given(answers, answers)
def test_the_tally_of_parts_adds_to_the_tally_of_the_whole(
    first: list[str | None], other: list[str | None]
) -> None:
    scale = VILLAGE.scales[0]
    assert count(scale, first) + count(scale, other) == count(scale, [*first, *other])


@given(answers, st.integers(0, 9))
def test_not_applicable_and_unanswered_never_change_a_share(
    given_answers: list[str | None], more: int
) -> None:
    scale = VILLAGE.scales[0]
    before = count(scale, given_answers)
    assert count(scale, [*given_answers, *[NOT_APPLICABLE] * more, *[None] * more]).percent == before.percent


@given(st.dictionaries(st.sampled_from(sorted(ESI.questions)), percents, min_size=1), st.data())
def test_scores_are_monotone(figures: dict[str, F], data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(figures)))
    higher = {
        **figures,
        key: data.draw(st.fractions(min_value=figures[key], max_value=100, max_denominator=97)),
    }
    before, after = (
        score(ESI, {k: Interval.from_number(v) for k, v in f.items()}) for f in (figures, higher)
    )
    for code, old in before.criteria.items():
        new = after.criteria[code]
        assert (old.value is None) == (new.value is None)
        assert old.value is None or new.value is None or new.value.low >= old.value.low


@given(st.dictionaries(st.sampled_from(sorted(ESI.questions)), percents, min_size=1))
def test_a_mean_lies_between_its_parts(figures: dict[str, F]) -> None:
    got = score(ESI, {k: Interval.from_number(v) for k, v in figures.items()})
    for criterion_score in got.criteria.values():
        parts = [figures[name] for name, _ in criterion_score.counted]
        assert (criterion_score.value is None) == (not parts)
        assert criterion_score.value is None or min(parts) <= criterion_score.value.low <= max(parts)


@given(st.lists(st.tuples(percents, st.integers(1, 5)), min_size=1, max_size=6))
def test_weighted_mean_agrees_with_plain_arithmetic(parts: list[tuple[F, int]]) -> None:
    mean = calculate_weighted_mean([(Interval.from_number(value), weight) for value, weight in parts])
    assert mean.low == mean.high == sum(v * w for v, w in parts) / sum(w for _, w in parts)


@settings(max_examples=60, deadline=None)
@given(st.lists(percents, min_size=12, max_size=12))
def test_what_is_printed_from_real_shares_is_never_disproved(values: list[F]) -> None:
    """Score any shares exactly, print everything rounded: re-derivation from the print finds nothing impossible."""
    keys = [q.key for q in VILLAGE.questions.values()]
    shares = {key: Interval.from_number(value) for key, value in zip(keys, values, strict=False)}
    exact = score(VILLAGE, shares)

    def printed(value: Interval | None) -> Printed:
        assert value is not None
        return Printed(F(round_half_up(value.low)))

    assert exact.overall is not None
    figures = GroupFigures(
        questions={k: printed(v) for k, v in shares.items()},
        criteria={k: printed(s.value) for k, s in exact.criteria.items()},
        sections={k: printed(s.value) for k, s in exact.sections.items()},
        overall=printed(exact.overall.value),
        threads={k: printed(s.value) for k, s in exact.threads.items()},
    )
    assert all(d.verdict == "consistent" for d in rederive(VILLAGE, {"all": figures}, "all"))


@settings(max_examples=60, deadline=None)
@given(st.tuples(whole, whole), whole)
def test_alternatives_are_exactly_the_values_that_come_out(parts: tuple[int, int], printed: int) -> None:
    """Brute force: which values of one criterion give the printed section, the other as printed?"""
    figures = GroupFigures(
        criteria={"S1": Printed(F(parts[0])), "S2": Printed(F(parts[1]))}, sections={"S": Printed(F(printed))}
    )
    (derivation,) = [d for d in rederive(VILLAGE, {"all": figures}, "all") if d.level == "section"]
    possible = [v for v in range(101) if round_half_up(F(2 * v + parts[1], 3)) == printed]
    offered = {a.name: a for a in derivation.alternatives}
    if derivation.verdict == "inconsistent" and possible:
        assert (offered["S1"].low, offered["S1"].high) == (possible[0], possible[-1])
    if derivation.verdict == "inconsistent":
        assert abs(round_half_up(F(2 * parts[0] + parts[1], 3)) - printed) >= 1
