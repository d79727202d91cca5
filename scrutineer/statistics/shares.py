"""How shares, their intervals and the differences of two are written: one set of helpers for every page, report and message.

A share here is a proportion from 0 to 1. It is printed as a whole percentage, halves up, after nine decimals: what lies
within a billionth of a half is a half that floating point has missed.
"""

from __future__ import annotations

from scrutineer.statistics.interval import Interval
from scrutineer.statistics.printed import format_decimal_percent, round_half_up

MISSING = "–"
"""What is printed in the place of a share that there is none of."""


def round_percent(share: float) -> int:
    """A share as a whole percentage, halves up: 0.625 gives 63."""
    # 0.575 * 100 is 57.49999999999999 in binary; rounding to nine decimals first restores the half.
    return round_half_up(round(share * 100, 9))


def format_percent(share: float | None) -> str:
    """A share as printed, "63%"; a dash if there is none, or where it is not a number."""
    # NaN is the one number that does not equal itself.
    return MISSING if share is None or share != share else f"{round_percent(share)}%"


def format_ends(low: float | None, high: float | None) -> str:
    """The ends of an interval without a sign, "71 to 80", "−4 to 12"; empty if there is none."""
    if low is None or high is None or low != low or high != high:
        return ""
    return f"{_format_whole(low)} to {_format_whole(high)}"


def format_span(low: float | None, high: float | None) -> str:
    """The ends of an interval in percent, "71 to 80%"; empty if there is none."""
    ends = format_ends(low, high)
    return f"{ends}%" if ends else ""


def format_points(difference: float) -> str:
    """A difference of two shares in whole percentage points with its sign, "+7", "−4"; "0" has none."""
    points = round_percent(abs(difference))
    return "0" if not points else f"{'+' if difference > 0 else '−'}{points}"


def format_interval(interval: Interval | None) -> str:
    """An exact interval of percentages with one decimal, "66.5% to 67.5%"; one number where both ends print alike."""
    if interval is None:
        return ""
    low, high = format_decimal_percent(interval.low), format_decimal_percent(interval.high)
    return low if low == high else f"{low} to {high}"


def _format_whole(share: float) -> str:
    return str(round_percent(share)).replace("-", "−")
