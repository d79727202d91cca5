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
