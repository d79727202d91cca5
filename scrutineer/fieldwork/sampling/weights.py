"""How many cases of the caseload each inspected case represents.

The inverse of the probability of inclusion is right on average over all samples that could have been drawn, but the weights of the
one that was drawn then add to more or fewer cases than there are. They are therefore calibrated: within each cell (a
stratum's cases that belong to the same quota groups) they add to its eligible cases. Given how many cases of a cell were
drawn, those are a simple random sample of it, so that nothing is lost by it and much of the error of the weights is
(Holt and Smith 1979, *JRSS A* 142:33-46; Deville and Särndal 1992, *JASA* 87:376-382).

A case that could not be inspected leaves its cell to the others, its substitute included: weights belong to the cases that remain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class WeightingCell:
    """Eligible cases that weights are calibrated to.

    Attributes:
        stratum: the number of their stratum.
        eligible: how many there are.
    """

    stratum: int
    eligible: int


def calibrate(chances: Sequence[float], cell: Sequence[int], cells: Sequence[WeightingCell]) -> Floats:
    """The weight of each inspected case; together they add to all eligible cases.

    A cell of which no case was drawn is stood for by the other cells of its stratum, each by its size; a stratum of which
    none was, by the other strata.

    Args:
        chances: the probability of inclusion of each inspected case; 0 for a reserve that had none and replaces
            another, which then counts like the mean of its cell.
        cell: the place of its cell in `cells`.
        cells: every cell of the caseload.
    """
    if not len(chances):
        return np.zeros(0)
    place = np.asarray(cell, dtype=np.int64)
    # Horvitz and Thompson's weights, which are then scaled cell by cell.
    bare = _invert_probabilities(np.asarray(chances, dtype=np.float64), place, len(cells))
    drawn = np.bincount(place, minlength=len(cells)) > 0
    totals = _count_stood_for(cells, drawn)
    sums = np.bincount(place, weights=bare, minlength=len(cells))
    return np.asarray(bare * totals[place] / sums[place], dtype=np.float64)


def _invert_probabilities(chances: Floats, place: Ints, cells: int) -> Floats:
    """The inverse of each probability; the mean of its cell for a case that had no chance, or 1."""
    there = chances > 0
    bare = np.divide(1.0, chances, out=np.zeros_like(chances), where=there)
    sums, counts = (
        np.bincount(place, weights=bare, minlength=cells),
        np.bincount(place[there], minlength=cells),
    )
    means = np.divide(sums, counts, out=np.ones(cells), where=counts > 0)
    # A substitute taken outside the original order has no probability of its own; the mean of its cell is the fairest guess.
    return np.where(there, bare, means[place])


def _count_stood_for(cells: Sequence[WeightingCell], drawn: npt.NDArray[np.bool_]) -> Floats:
    """The eligible cases that each cell with a drawn case represents, by size within its stratum."""
    sizes = np.array([c.eligible for c in cells], dtype=np.float64)
    strata = np.array([c.stratum for c in cells], dtype=np.int64)
    reached = np.where(drawn, sizes, 0.0)
    whole, there = np.bincount(strata, weights=sizes), np.bincount(strata, weights=reached)
    known = there > 0
    # A stratum's empty cells are covered by its other cells first, because cases of one stratum are most alike.
    within = np.divide(whole, there, out=np.zeros_like(whole), where=known)
    return np.asarray(reached * within[strata] * (sizes.sum() / whole[known].sum()), dtype=np.float64)
