"""Small numbers withheld, and enough others with them that none can be worked out from the totals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

Table = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def suppress(table: npt.ArrayLike, below: int) -> Mask:
    """Which inner cells of a table with published row and column totals must be withheld.

    Primary: counts from 1 to `below` - 1. Secondary: further cells, the smallest first, until no withheld
    cell can be pinned down: from everything that stays, each could still lie in a range at least `below`
    wide (Willenborg and de Waal 2001, *Elements of Statistical Disclosure Control*, chapter 8). Ranges are
    those of linear programming, so a chain of several totals gives nothing away either.

    Args:
        table: rows × columns of counts; a single row is a partition of one total.
        below: the least count that may be shown; 0 or 1 withholds nothing.

    Returns:
        True where a cell is withheld. Where everything had to go, every cell is True.

    Raises:
        ValueError: a count below zero.
    """
    counts = np.atleast_2d(np.asarray(table, dtype=np.int64))
    if np.any(counts < 0):
        raise ValueError("a count is zero or more")
    hidden: Mask = (counts > 0) & (counts < below)
    while (exposed := _exposed(counts, hidden, below)) is not None:
        more = _cheapest(counts, hidden, exposed)
        if more is None:
            break
        hidden[more] = True
    return hidden


def partition(counts: Sequence[int], below: int) -> tuple[bool, ...]:
    """The same for counts that add to one published total."""
    return tuple(bool(cell) for cell in suppress([list(counts)], below)[0])


def _exposed(counts: Table, hidden: Mask, below: int) -> tuple[int, int] | None:
    """A withheld cell whose range is too narrow, or None."""
    for place in zip(*np.nonzero(hidden), strict=True):
        low, high = _range(counts, hidden, place)
        if high - low < below - 1e-9:
            return int(place[0]), int(place[1])
    return None


def _range(counts: Table, hidden: Mask, place: tuple[int, ...]) -> tuple[float, float]:
    """The least and the greatest value that a withheld cell can have, given all that stays."""
    cells = list(zip(*np.nonzero(hidden), strict=True))
    totals, equal = [], []
    for axis in (0, 1):
        for line in sorted({cell[axis] for cell in cells}):
            if axis == 0 and counts.shape[0] > 1 and counts.shape[1] == 1:
                continue
            inside = [1.0 if cell[axis] == line else 0.0 for cell in cells]
            if axis == 1 and counts.shape[0] == 1:
                continue  # one row has no column totals beyond the cells themselves
            equal.append(inside)
            totals.append(float(sum(counts[c] for c in cells if c[axis] == line)))
    aim = np.array([1.0 if cell == place else 0.0 for cell in cells])
    ends = [linprog(sign * aim, A_eq=equal, b_eq=totals, bounds=(0, None)) for sign in (1, -1)]
    return float(ends[0].fun), float(-ends[1].fun)


def _cheapest(counts: Table, hidden: Mask, exposed: tuple[int, int]) -> tuple[int, int] | None:
    """The smallest cell still shown in the row or the column of an exposed one; zeros only at the last."""
    row, column = exposed
    free = [(row, c) for c in range(counts.shape[1]) if not hidden[row, c]]
    free += [(r, column) for r in range(counts.shape[0]) if not hidden[r, column]]
    if not free:
        free = [(int(r), int(c)) for r, c in zip(*np.nonzero(~hidden), strict=True)]
    return min(free, key=lambda cell: (counts[cell] == 0, counts[cell], cell)) if free else None
