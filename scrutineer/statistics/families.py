"""Many comparisons at once, with a controlled false discovery rate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def adjust_p_values(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """P-values adjusted so that rejecting those up to q keeps the expected share of false ones to q.

    Benjamini and Hochberg (1995), JRSS B 57:289-300. Comparisons without a test stay without one
    and do not count towards the family.

    Args:
        p_values: one per comparison of the family; None if no test could be made.
    """
    from scipy.stats import false_discovery_control

    # Counting comparisons without a test would make the adjustment stricter for the tests that were made.
    there = [n for n, p in enumerate(p_values) if p is not None]
    adjusted: list[float | None] = [None] * len(p_values)
    if there:
        values = false_discovery_control(np.array([p_values[n] for n in there], dtype=np.float64))
        for n, value in zip(there, values, strict=True):
            adjusted[n] = float(value)
    return tuple(adjusted)
