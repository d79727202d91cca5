"""Intervals with open and closed ends."""

from fractions import Fraction as F

import pytest

from scrutineer.statistics.interval import Interval, calculate_weighted_mean


def test_an_end_of_a_sum_is_attained_only_where_both_are() -> None:
    total = Interval(F(1), F(2), True, False) + Interval(F(10), F(20))
    assert 11 in total
    assert 22 not in total


def test_a_negative_factor_turns_the_ends_round() -> None:
    turned = Interval(F(1), F(2), True, False).multiply(-3)
    assert (turned.low, turned.high, turned.low_closed, turned.high_closed) == (-6, -3, False, True)


def test_open_ends_that_touch_do_not_meet() -> None:
    assert not Interval(F(0), F(1), True, False).meets(Interval(F(1), F(2)))
    assert Interval(F(0), F(1)).meets(Interval(F(1), F(2)))


def test_an_empty_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="no number is between"):
        Interval(F(1), F(1), True, False)
    with pytest.raises(ValueError, match="no number is between"):
        Interval(F(2), F(1))


def test_weighted_mean_of_exact_values() -> None:
    mean = calculate_weighted_mean([(Interval.from_number(60), 2), (Interval.from_number(90), 1)])
    assert mean == Interval.from_number(70)


def test_a_mean_without_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="zero"):
        calculate_weighted_mean([(Interval.from_number(60), 0)])


def test_an_interval_holds_a_closed_end_and_not_an_open_one() -> None:
    half_open = Interval(F(1), F(2), True, False)
    assert [x in half_open for x in (F(9, 10), 1, F(3, 2), 2, F(21, 10))] == [False, True, True, False, False]
    other = Interval(F(1), F(2), False, True)
    assert [x in other for x in (F(9, 10), 1, F(3, 2), 2, F(21, 10))] == [False, False, True, True, False]


def test_an_end_of_a_sum_is_open_where_either_is() -> None:
    closed = Interval(F(0), F(1))
    for low, high in ((False, True), (True, False), (False, False)):
        total = closed + Interval(F(10), F(20), low, high)
        assert total == Interval(F(10), F(21), low, high)


def test_a_positive_factor_keeps_the_ends_and_zero_leaves_one_number() -> None:
    half_open = Interval(F(1), F(2), False, True)
    assert half_open.multiply(F(1, 2)) == Interval(F(1, 2), F(1), False, True)
    assert half_open.multiply(0) == Interval.from_number(0)


def test_what_two_intervals_share_ends_at_the_narrower_end_of_each() -> None:
    """Of two equal ends the open one is narrower."""
    item, other = Interval(F(0), F(5), True, False), Interval(F(2), F(5))
    assert item.intersect(other) == other.intersect(item) == Interval(F(2), F(5), True, False)
    assert Interval(F(2), F(5), False, True).intersect(other) == Interval(F(2), F(5), False, True)
    assert Interval(F(0), F(1)).intersect(other) is None
    assert other.middle == F(7, 2)


def test_a_weighted_mean_is_open_where_a_part_that_counts_is() -> None:
    """(2·[60, 70) + 1·[90, 96]) ÷ 3 is [70, 236/3); a part of weight zero adds nothing, so its open end opens nothing."""
    parts = [(Interval(F(60), F(70), True, False), 2), (Interval(F(90), F(96)), 1)]
    assert calculate_weighted_mean(parts) == Interval(F(70), F(236, 3), True, False)
    nothing = (Interval(F(0), F(1), False, False), 0)
    assert calculate_weighted_mean([*parts[1:], nothing]) == parts[1][0]
    lower = [(Interval(F(60), F(70), False, True), F(1, 2)), (Interval(F(90), F(96)), F(1, 2))]
    assert calculate_weighted_mean(lower) == Interval(F(75), F(83), False, True)
    with pytest.raises(ValueError, match="the weights add to zero"):
        calculate_weighted_mean([nothing])


def test_weights_and_values_may_be_fractions() -> None:
    """(1/3·50 + 1/4·200/3) ÷ (7/12) is 400/7."""
    terms = [(Interval.from_number(50), F(1, 3)), (Interval.from_number(F(200, 3)), F(1, 4))]
    assert calculate_weighted_mean(terms) == Interval.from_number(F(400, 7))
