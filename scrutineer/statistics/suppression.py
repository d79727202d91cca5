"""Small numbers withheld, and enough others with them that none can be worked out from what stays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def withheld(sums: npt.ArrayLike, atoms: npt.ArrayLike, below: int, kept: npt.ArrayLike = ()) -> Mask:
    """Which of several published sums over the same cases must be withheld.

    Primary: sums from 1 to `below` - 1. Secondary: further sums, the smallest that helps, until no primary
    one can be pinned down: from everything that stays, each could still lie in a range at least `below`
    wide. Ranges are those of linear programming over counts of zero or more, so neither overlapping groups
    nor chains of totals give anything away (Willenborg and de Waal 2001, *Elements of Statistical Disclosure
    Control*, chapter 8).

    Args:
        sums: sums × atoms, true where an atom (cases that no sum tells apart) is part of a sum.
        atoms: the cases of each atom.
        below: the least number that may be shown; 0 or 1 withholds nothing.
        kept: sums, by place, that stay whatever happens: totals that everyone knows.

    Returns:
        True where a sum is withheld. Where even withholding everything else would not do, all but the kept
        ones are.

    Raises:
        ValueError: a count below zero.
    """
    parts, cells = np.asarray(sums, dtype=np.bool_), np.asarray(atoms, dtype=np.int64)
    if np.any(cells < 0):
        raise ValueError("a count is zero or more")
    totals = parts @ cells
    stays = np.zeros(len(parts), dtype=np.bool_)
    stays[list(np.asarray(kept, dtype=np.int64))] = True
    hidden: Mask = (totals > 0) & (totals < below) & ~stays
    small = np.flatnonzero(hidden).tolist()
    while (exposed := _exposed(parts, totals, hidden, small, below)) is not None:
        more = _next(parts, totals, hidden, stays, exposed, below)
        if more is None:
            break
        hidden[more] = True
    _show_again(parts, totals, hidden, small, below)
    return hidden


def _show_again(parts: Mask, totals: Counts, hidden: Mask, small: Sequence[int], below: int) -> None:
    """Show every sum again that turns out not to be needed, the greatest first."""
    exposed_anyway = _exposed(parts, totals, hidden, small, below) is not None
    for n in sorted(set(np.flatnonzero(hidden).tolist()) - set(small), key=lambda n: -totals[n]):
        hidden[n] = False
        if exposed_anyway or _exposed(parts, totals, hidden, small, below) is not None:
            hidden[n] = True


def _exposed(parts: Mask, totals: Counts, hidden: Mask, small: Sequence[int], below: int) -> int | None:
    """A small sum whose range is too narrow, or None."""
    return next((n for n in small if _width(parts, totals, hidden, n) < below - 1e-9), None)


def _width(parts: Mask, totals: Counts, hidden: Mask, place: int) -> float:
    low, high = _range(parts, totals, hidden, place)
    return high - low


def _range(parts: Mask, totals: Counts, hidden: Mask, place: int) -> tuple[float, float]:
    """The least and the greatest value that a withheld sum can have, given all that stays."""
    aim = parts[place].astype(np.float64)
    equal, known = parts[~hidden].astype(np.float64), totals[~hidden].astype(np.float64)
    if not len(known) or not (equal[:, parts[place]] > 0).any():
        return 0.0, float("inf")
    ends = []
    for sign in (1.0, -1.0):
        solved = linprog(sign * aim, A_eq=equal, b_eq=known, bounds=(0, None))
        ends.append(sign * float(solved.fun) if solved.status == 0 else sign * -np.inf)
    return ends[0], ends[1]


def _next(parts: Mask, totals: Counts, hidden: Mask, stays: Mask, exposed: int, below: int) -> int | None:
    """The smallest sum whose going hides the exposed one; where none does alone, the one that widens its range most."""
    free = sorted(np.flatnonzero(~hidden & ~stays).tolist(), key=lambda n: (totals[n] == 0, totals[n], n))
    best, widest = None, -1.0
    for n in free:
        hidden[n] = True
        width = _width(parts, totals, hidden, exposed)
        hidden[n] = False
        if width >= below - 1e-9:
            return int(n)
        if width > widest:
            best, widest = int(n), width
    return best


def suppress(table: npt.ArrayLike, below: int) -> Mask:
    """Which inner cells of a table with published row and column totals must be withheld.

    Args:
        table: rows × columns of counts; a single row is a partition of one total.
        below: the least count that may be shown.

    Raises:
        ValueError: a count below zero.
    """
    counts = np.atleast_2d(np.asarray(table, dtype=np.int64))
    rows, columns = counts.shape
    places = np.arange(rows * columns).reshape(rows, columns)
    cells = np.eye(rows * columns, dtype=np.bool_)
    totals = [np.isin(places, places[r]).ravel() for r in range(rows)] if columns > 1 else []
    totals += [np.isin(places, places[:, c]).ravel() for c in range(columns)] if rows > 1 else []
    sums = np.vstack([cells, *totals]) if totals else cells
    found = withheld(sums, counts.ravel(), below, range(rows * columns, len(sums)))
    return found[: rows * columns].reshape(rows, columns)


def partition(counts: Sequence[int], below: int) -> tuple[bool, ...]:
    """The same for counts that add to one published total."""
    return tuple(bool(cell) for cell in suppress([list(counts)], below)[0])
