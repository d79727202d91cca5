"""What a printed whole percentage can be, and which counts could have given it.

Percentages are printed as whole numbers, halves up: a printed 67% can be any share
in [66.5, 67.5). Some authors cut the decimals off instead; [67, 68) is then what is meant,
and the two are distinguished wherever a rule can.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from math import ceil, floor

from scrutineer.statistics.interval import Interval

_HALF = Fraction(1, 2)


def round_half_up(value: Fraction | float) -> int:
    """Round to a whole number, halves up (62.5 gives 63), as reports print percentages."""
    return floor(Fraction(value) + _HALF)


@cache
def round_off(percent: Fraction | int, decimals: int = 0) -> Interval:
    """The shares, in percent, that print as `percent` when rounded half up; never outside 0 to 100."""
    step = Fraction(1, 10**decimals)
    value = Fraction(percent)
    low, high = value - step / 2, value + step / 2
    # A share can't be above 100%, so a printed 100% is [99.5, 100] with its upper end included.
    top = high > 100 and value <= 100
    return Interval(
        # A printed 0% is [0, 0.5), not [-0.5, 0.5); a misprinted negative percentage is left as it is, for the rule to report.
        low=max(low, min(Fraction(0), value)),
        high=Fraction(100) if top else high,
        low_closed=True,
        high_closed=top,
    )


def truncate(percent: Fraction | int, decimals: int = 0) -> Interval:
    """The shares, in percent, that print as `percent` when the further decimals are cut off."""
    value = Fraction(percent)
    if value >= 100:
        return Interval.from_number(value)
    return Interval(low=value, high=value + Fraction(1, 10**decimals), low_closed=True, high_closed=False)


def calculate_share(numerator: int, denominator: int) -> Fraction:
    """A count as an exact percentage of its total.

    Raises:
        ZeroDivisionError: when the total is zero: a share of no cases has no value.
    """
    return Fraction(100 * numerator, denominator)


def list_counts(meant: Interval, at_most: int) -> Iterator[tuple[int, int]]:
    """Every (part, whole) with whole from 1 to `at_most` whose share in percent lies in `meant`."""
    for whole in range(1, at_most + 1):
        first = ceil(meant.low * whole / 100)
        last = floor(meant.high * whole / 100)
        # The rounded ends can include a count on an open end, so each count is checked against the interval itself.
        for part in range(max(first, 0), min(last, whole) + 1):
            if calculate_share(part, whole) in meant:
                yield part, whole


@cache
def find_attainable(percent: Fraction, at_most: int, decimals: int = 0) -> tuple[bool, bool]:
    """Whether some whole number of at most `at_most` cases gives the percentage: (rounded, cut off)."""
    return (
        next(list_counts(round_off(percent, decimals), at_most), None) is not None,
        next(list_counts(truncate(percent, decimals), at_most), None) is not None,
    )


def format_decimal_percent(value: Fraction | float, decimals: int = 1) -> str:
    """A percentage as people write it: at most `decimals` decimals, none that are zero."""
    scaled = round_half_up(Fraction(value) * 10**decimals)
    whole, rest = divmod(abs(scaled), 10**decimals)
    sign = "-" if scaled < 0 else ""
    tail = f".{rest:0{decimals}d}".rstrip("0") if rest else ""
    return f"{sign}{whole}{tail}%"
