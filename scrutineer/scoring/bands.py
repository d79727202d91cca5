"""Bands: the word for a score, and the total of points that ratings earn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.model import Band, Points
from scrutineer.statistics.interval import Interval


def find_band(bands: Sequence[Band], value: Fraction | int) -> Band | None:
    """The highest band that a value reaches; None if it reaches none or there are none.

    The value is not rounded first: 69.6% is below a line of 70%.
    """
    # Bands are in ascending order, which the framework's own checks require, so the last one reached is the highest.
    reached = [b for b in bands if value >= b.at_least]
    return reached[-1] if reached else None


def list_possible_bands(bands: Sequence[Band], value: Interval) -> tuple[Band, ...]:
    """The bands that some number of an interval falls into."""
    ends = [band.at_least for band in bands[1:]]
    pieces = zip(bands, [None, *ends], [*ends, None], strict=True)
    return tuple(b for b, low, high in pieces if _is_overlapping(value, low, high))


def _is_overlapping(value: Interval, low: int | None, high: int | None) -> bool:
    # A printed 69% means up to but not including 69.5%, so an open end at a band's line does not reach it.
    reaches = low is None or value.high > low or (value.high == low and value.high_closed)
    return reaches and (high is None or value.low < high)


def add_points(points: Points, ratings: Iterable[str]) -> tuple[int, Band | None]:
    """The points that ratings earn together, and the band of their total.

    Raises:
        UserError: ratings for which the framework awards no points (all at once).
    """
    listed = list(ratings)
    unknown = [rating for rating in listed if rating not in points.awards]
    if unknown:
        known = ", ".join(points.awards)
        raise UserError(
            [
                Fault("points", f"there are no points for '{rating}'", f"Choose from {known}")
                for rating in unknown
            ]
        )
    total = sum(points.awards[rating] for rating in listed)
    return total, find_band(points.bands, total)
