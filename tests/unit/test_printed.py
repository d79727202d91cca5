"""What printed percentages stand for."""

from fractions import Fraction as F

import pytest

from scrutineer.statistics.interval import Interval
from scrutineer.statistics.printed import (
    calculate_share,
    find_attainable,
    format_decimal_percent,
    list_counts,
    round_half_up,
    round_off,
    truncate,
)
from scrutineer.statistics.shares import (
    format_ends,
    format_interval,
    format_percent,
    format_points,
    format_span,
    round_percent,
)


@pytest.mark.parametrize(
    ("value", "printed"),
    [(F(625, 10), 63), (F(1925, 20), 96), (F(965, 10), 97), (F(-5, 10), 0), (F(2, 3), 1)],
)
def test_halves_round_up(value: F, printed: int) -> None:
    assert round_half_up(value) == printed


def test_a_printed_67_stands_for_66_5_up_to_but_not_67_5() -> None:
    meant = round_off(F(67))
    assert F(665, 10) in meant
    assert F(675, 10) not in meant


def test_nothing_lies_outside_0_to_100() -> None:
    assert round_off(F(0)).low == 0
    assert 100 in round_off(F(100))
    assert round_off(F(100)).high == 100


def test_performance_above_100_keeps_its_interval() -> None:
    assert F(1135, 10) in round_off(F(114))


def test_cut_off_decimals_are_told_apart_from_rounding() -> None:
    assert calculate_share(11, 13) in truncate(F(84))
    assert calculate_share(11, 13) not in round_off(F(84))


@pytest.mark.parametrize(
    ("percent", "cases", "by_rounding", "by_cutting"),
    [
        (84, 15, False, True),  # 11 of 13 is 84.6
        (41, 15, False, True),  # 5 of 12 is 41.7
        (93, 12, False, False),  # 11 of 12 is 91.7, 12 of 13 would be 92.3
        (93, 14, True, False),  # 13 of 14 is 92.9
        (67, 3, True, False),
        (66, 3, False, True),
        (50, 2, True, True),
    ],
)
def test_attainable_of_few_cases(percent: int, cases: int, by_rounding: bool, by_cutting: bool) -> None:
    assert find_attainable(F(percent), cases) == (by_rounding, by_cutting)


def test_text() -> None:
    assert [format_decimal_percent(v) for v in (F(137, 2), F(70), F(2, 3), F(-1, 2))] == [
        "68.5%",
        "70%",
        "0.7%",
        "-0.5%",
    ]


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(ZeroDivisionError):
        calculate_share(0, 0)


def test_a_decimal_that_is_printed_narrows_what_it_stands_for() -> None:
    """66.7% stands for [66.65, 66.75) rounded and for [66.7, 66.8) cut off; 2 of 3 is 66.66…%, so cutting off gives 66.6."""
    assert round_off(F(667, 10), 1) == Interval(F(6665, 100), F(6675, 100), True, False)
    assert truncate(F(667, 10), 1) == Interval(F(667, 10), F(668, 10), True, False)
    assert find_attainable(F(667, 10), 3, 1) == (True, False)
    assert find_attainable(F(666, 10), 3, 1) == (False, True)


def test_the_ends_of_0_and_100_are_those_that_a_share_can_have() -> None:
    assert round_off(F(0)) == Interval(F(0), F(1, 2), True, False)
    assert round_off(F(100)) == Interval(F(995, 10), F(100), True, True)
    assert round_off(F(-3)).low == F(-3), "a misprint is left as it is"
    assert round_off(F(101)) == Interval(F(1005, 10), F(1015, 10), True, False)
    assert truncate(F(99)) == Interval(F(99), F(100), True, False)
    assert truncate(F(100)) == Interval.from_number(100)
    assert truncate(F(114)) == Interval.from_number(114)


def test_counts_are_listed_from_none_to_all_of_each_whole() -> None:
    """Of one to three cases: none is 0%, one of three 33.3%, a half 50%, two of three 66.7%, all 100%."""
    assert list(list_counts(Interval(F(0), F(100)), 2)) == [(0, 1), (1, 1), (0, 2), (1, 2), (2, 2)]
    assert list(list_counts(Interval(F(50), F(100), False, False), 3)) == [(2, 3)]
    assert list(list_counts(Interval(F(-20), F(0)), 1)) == [(0, 1)]
    assert list(list_counts(Interval(F(100), F(150)), 1)) == [(1, 1)]


@pytest.mark.parametrize(
    ("share", "printed"),
    [
        (0.625, "63%"),
        (0.575, "58%"),
        (0.574999, "57%"),
        (0, "0%"),
        (1, "100%"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_a_share_is_printed_as_a_whole_percentage_and_a_missing_one_as_a_dash(
    share: float | None, printed: str
) -> None:
    """0.575 is a little less in binary: within a billionth of a half it is taken for the half that was meant."""
    assert format_percent(share) == printed
    if printed != "–":
        assert share is not None
        assert f"{round_percent(share)}%" == printed


def test_ends_and_differences_are_printed_with_a_true_minus_sign() -> None:
    nan = float("nan")
    assert (format_ends(0.71, 0.8), format_ends(-0.04, 0.12)) == ("71 to 80", "−4 to 12")
    assert (format_span(0.71, 0.8), format_span(-0.04, -0.01)) == ("71 to 80%", "−4 to −1%")
    for low, high in ((None, 0.8), (0.7, None), (nan, 0.8), (0.7, nan)):
        assert (format_ends(low, high), format_span(low, high)) == ("", "")
    assert [format_points(d) for d in (0.07, -0.04, 0.004, -0.004, 0.0)] == ["+7", "−4", "0", "0", "0"]


def test_an_exact_interval_is_one_number_where_both_ends_print_alike() -> None:
    assert format_interval(Interval(F(665, 10), F(675, 10))) == "66.5% to 67.5%"
    assert format_interval(Interval(F(6666, 100), F(6674, 100))) == "66.7%"
    assert format_interval(None) == ""


def test_a_percentage_is_written_with_as_many_decimals_as_asked_and_none_that_are_zero() -> None:
    assert format_decimal_percent(F(1234, 100), 2) == "12.34%"
    assert format_decimal_percent(F(1205, 100), 2) == "12.05%"
    assert format_decimal_percent(F(1250, 100), 2) == "12.5%"
    assert format_decimal_percent(F(-1205, 100), 2) == "-12.05%"
    assert format_decimal_percent(F(125, 10), 0) == "13%"
