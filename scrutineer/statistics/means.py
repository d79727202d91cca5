"""The mean of some measured values."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from scrutineer.statistics.binomial import CONFIDENCE, find_quantile


def calculate_mean_interval(
    values: Sequence[float], confidence: float = CONFIDENCE
) -> tuple[float, float, float] | None:
    """The mean, and the ends of its interval by Student's t; None of fewer than two values."""
    n = len(values)
    if n < 2:
        return None
    mean = sum(values) / n
    # Student's t, because the spread is estimated from the same few values.
    half = find_quantile(confidence, n - 1) * sqrt(sum((v - mean) ** 2 for v in values) / (n - 1) / n)
    return mean, mean - half, mean + half
