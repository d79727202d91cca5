"""The printed figures of one inspection: what a report says, before anyone asks whether it can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from scrutineer.statistics.interval import Interval
from scrutineer.statistics.printed import calculate_share, format_decimal_percent, round_off, truncate


@dataclass(frozen=True)
class Printed:
    """One printed figure: a percentage, or a count of relevant cases, and its line.

    Counts are exact; a percentage can be any share that rounds to it.
    """

    percent: Fraction | None = None
    above: int | None = None
    relevant: int | None = None
    line: int | None = None

    @cached_property
    def stands_for(self) -> Interval:
        """The shares, in percent, that the figure can mean.

        A count is exact. Where a percentage is printed next to a count that cannot give it, the
        percentage is used: it is what the reader saw, and the proof reports the mismatch elsewhere.

        Raises:
            ValueError: the figure holds neither a percentage nor a count.
        """
        printed = (
            # A printed 66.7% was rounded to one decimal, a printed 67% to none.
            round_off(self.percent, 0 if self.percent.denominator == 1 else 1)
            if self.percent is not None
            else None
        )
        if self.above is not None and self.relevant:
            exact = calculate_share(self.above, self.relevant)
            # Some authors cut decimals off instead of rounding; the count is accepted if either explains the percentage.
            if printed is None or exact in printed or exact in truncate(self.percent or Fraction(0)):
                return Interval.from_number(exact)
        if printed is None:
            raise ValueError("a printed figure needs a percentage or a count")
        return printed

    def __str__(self) -> str:
        if self.above is not None and self.relevant:
            return f"{self.above} of {self.relevant}"
        return format_decimal_percent(self.percent) if self.percent is not None else ""


@dataclass(frozen=True)
class PrintedRating:
    """A printed rating and its line."""

    title: str
    line: int | None = None


@dataclass(frozen=True)
class GroupFigures:
    """What is printed of one group of cases; `cases` is the group's size where it is stated."""

    cases: int | None = None
    questions: Mapping[str, Printed] = field(default_factory=dict)
    criteria: Mapping[str, Printed] = field(default_factory=dict)
    sections: Mapping[str, Printed] = field(default_factory=dict)
    overall: Printed | None = None
    threads: Mapping[str, Printed] = field(default_factory=dict)


@dataclass(frozen=True)
class InspectionFigures:
    """All printed figures of one inspection by one framework, by group of cases.

    A report with a thematic element holds two of these.
    """

    area: str
    framework: str
    groups: Mapping[str, GroupFigures]
    ratings: Mapping[str, PrintedRating] = field(default_factory=dict)
