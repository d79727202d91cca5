"""Exact arithmetic on intervals whose ends may be open or closed.

Moore, Kearfott and Cloud (2009), *Introduction to Interval Analysis*, chapter 2, for the
closed case; an end of a sum is attained only where the ends of every term are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import lcm


@dataclass(frozen=True)
class Interval:
    """All numbers between two ends, each end open or closed. Ends are exact.

    Raises:
        ValueError: when no number is between the ends.
    """

    low: Fraction
    high: Fraction
    low_closed: bool = True
    high_closed: bool = True

    def __post_init__(self) -> None:
        # Comparing fractions costs a multiplication of large numbers; the same object is equal without it.
        if self.low is self.high and self.low_closed and self.high_closed:
            return
        if self.low > self.high or (self.low == self.high and not (self.low_closed and self.high_closed)):
            raise ValueError(f"no number is between {self.low} and {self.high}")

    @classmethod
    def from_number(cls, value: Fraction | int) -> Interval:
        """The interval that holds one number."""
        number = value if type(value) is Fraction else Fraction(value)
        return cls(number, number)

    def __contains__(self, value: Fraction | int) -> bool:
        above = value > self.low or (self.low_closed and value == self.low)
        below = value < self.high or (self.high_closed and value == self.high)
        return above and below

    def __add__(self, other: Interval) -> Interval:
        return Interval(
            low=self.low + other.low,
            high=self.high + other.high,
            low_closed=self.low_closed and other.low_closed,
            high_closed=self.high_closed and other.high_closed,
        )

    def multiply(self, factor: Fraction | int) -> Interval:
        """Every number of the interval times one factor, which may be negative."""
        if factor < 0:
            return Interval(
                # A negative factor swaps the ends, and with them which end is closed.
                low=self.high * factor,
                high=self.low * factor,
                low_closed=self.high_closed,
                high_closed=self.low_closed,
            )
        if factor == 0:
            return Interval.from_number(0)
        return Interval(
            low=self.low * factor,
            high=self.high * factor,
            low_closed=self.low_closed,
            high_closed=self.high_closed,
        )

    def meets(self, other: Interval) -> bool:
        """Whether some number lies in both."""
        return self.intersect(other) is not None

    def intersect(self, other: Interval) -> Interval | None:
        """The numbers that lie in both, or None if there are none."""
        # Of two equal ends the open one is narrower; False sorts before True, so the pair carries that rule.
        low = max((self.low, not self.low_closed), (other.low, not other.low_closed))
        high = min((self.high, self.high_closed), (other.high, other.high_closed))
        try:
            return Interval(low=low[0], high=high[0], low_closed=not low[1], high_closed=high[1])
        except ValueError:
            return None

    @property
    def middle(self) -> Fraction:
        """Half way between the ends."""
        return (self.low + self.high) / 2


def calculate_weighted_mean(terms: Iterable[tuple[Interval, Fraction | int]]) -> Interval:
    """The weighted mean of intervals.

    Args:
        terms: pairs of an interval and its weight; weights are zero or more.

    Raises:
        ValueError: when the weights add to zero.
    """
    parts = list(terms)
    if all(interval.low is interval.high or interval.low == interval.high for interval, _ in parts):
        return Interval.from_number(_calculate_mean([(interval.low, weight) for interval, weight in parts]))
    low = high = total = Fraction(0)
    low_closed = high_closed = True
    for interval, weight in parts:
        total += weight
        low += interval.low * weight
        high += interval.high * weight
        # A term of weight zero adds nothing, so its open end does not open the mean's.
        if weight:
            low_closed, high_closed = low_closed and interval.low_closed, high_closed and interval.high_closed
    if total == 0:
        raise ValueError("the weights add to zero")
    return Interval(low=low / total, high=high / total, low_closed=low_closed, high_closed=high_closed)


def _calculate_mean(terms: list[tuple[Fraction, Fraction | int]]) -> Fraction:
    """The weighted mean of numbers: over one common denominator, which is much faster than adding fractions."""
    common = lcm(*(value.denominator * weight.denominator for value, weight in terms)) if terms else 1
    above = whole = 0
    for value, weight in terms:
        per_one = common // weight.denominator
        whole += weight.numerator * per_one
        above += value.numerator * weight.numerator * (per_one // value.denominator)
    if whole == 0:
        raise ValueError("the weights add to zero")
    return Fraction(above, whole)
