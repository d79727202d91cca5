"""What printed percentages stand for."""

from fractions import Fraction as F

import pytest

from scrutineer.statistics.printed import (
    calculate_share,
    find_attainable,
    format_decimal_percent,
    round_half_up,
    round_off,
    truncate,
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
