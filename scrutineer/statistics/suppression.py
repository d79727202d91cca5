"""Withhold small numbers, and enough others that none can be worked out from what remains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def find_withheld(
    sums: npt.ArrayLike,
    atoms: npt.ArrayLike,
    below: int,
    shown: npt.ArrayLike = (),
    known: Sequence[int | None] | None = None,
) -> Mask:
    """Which of several published sums over the same cases must be withheld.

    Primary: sums from 1 to `below` - 1. Secondary: further sums, the smallest that helps, until no primary
    one can be pinned down: from everything that stays, each could still lie in a range at least `below`
    wide (or half as wide as the size that is known of it). Ranges are those of linear programming over counts
    of zero or more, so neither overlapping groups nor chains of totals give anything away (Willenborg and
    de Waal 2001, *Elements of Statistical Disclosure Control*, chapter 8).

    Args:
        sums: sums × atoms, true where an atom (cases that no sum distinguishes) is part of a sum.
        atoms: the cases of each atom.
        below: the least number that may be shown; 0 or 1 withholds nothing.
        shown: sums, by place, that stay whatever happens: totals that everyone knows.
        known: what each sum cannot exceed, as everyone knows (the size of a group, where a question is
            relevant to part of it); None if that is not known.

    Returns:
        True if a sum is withheld. Where even withholding everything else would not do, all but the kept
        ones are.

    Raises:
        ValueError: a count below zero.
    """
    parts, cells = np.asarray(sums, dtype=np.bool_), np.asarray(atoms, dtype=np.int64)
    if np.any(cells < 0):
        raise ValueError("a count is zero or more")
    places = tuple(int(place) for place in np.asarray(shown, dtype=np.int64))
    sizes = np.array([np.nan if k is None else float(k) for k in known or [None] * len(parts)])
    question = _Question(parts.shape, parts.tobytes(), cells.tobytes(), int(below), places, sizes.tobytes())
    # A copy, because what frombuffer gives is the cached answer itself and can't be written to.
    return np.frombuffer(_search(question), dtype=np.bool_).copy()


class _Question(NamedTuple):
    """What `find_withheld` is asked, as something that can be looked up: its arrays as bytes."""

    shape: tuple[int, ...]
    parts: bytes
    cells: bytes
    below: int
    shown: tuple[int, ...]
    sizes: bytes


@lru_cache(maxsize=4096)
def _search(question: _Question) -> bytes:
    """Which sums are withheld.

    Kept, because each is a search by linear programming, and the scores, a draft, its proof and its tables of data ask
    the same of an inspection one after the other.
    """
    parts = np.frombuffer(question.parts, dtype=np.bool_).reshape(question.shape)
    sizes, below = np.frombuffer(question.sizes), question.below
    totals: Counts = np.asarray(parts @ np.frombuffer(question.cells, dtype=np.int64), dtype=np.int64)
    stays = np.zeros(len(parts), dtype=np.bool_)
    stays[list(question.shown)] = True
    hidden: Mask = (totals > 0) & (totals < below) & ~stays
    small = np.flatnonzero(hidden).tolist()
    search = _Search(parts=parts, totals=totals, below=below, stays=stays, sizes=sizes, small=small)
    while (exposed := search.find_exposed(hidden)) is not None:
        more = search.choose_next(hidden, exposed)
        if more is None:
            break
        hidden[more] = True
    search.show_again(hidden)
    return hidden.tobytes()


_SOLVED, _UNBOUNDED = 0, 3
"""The solver's status codes: the optimum was found; the problem is unbounded."""


@dataclass(frozen=True)
class _Search:
    """What the search for sums to withhold looks at; `small` are the primary ones."""

    parts: Mask
    totals: Counts
    below: int
    stays: Mask
    sizes: Floats
    small: list[int]

    def find_exposed(self, hidden: Mask) -> int | None:
        """A small sum whose range is too narrow, or None."""
        # A range that is too narrow by no more than a rounding error is wide enough.
        return next(
            (n for n in self.small if self.measure_width(hidden, n) < self.calculate_needed_width(n) - 1e-9),
            None,
        )

    def calculate_needed_width(self, place: int) -> float:
        """How wide the range of a small sum must be."""
        size = self.sizes[place]
        return float(self.below) if np.isnan(size) else min(float(self.below), size / 2)

    def measure_width(self, hidden: Mask, place: int) -> float:
        """How far apart the least and the greatest value of a withheld sum are, given all that stays."""
        from scipy.optimize import linprog

        aim = self.parts[place].astype(np.float64)
        equal, values = self.parts[~hidden].astype(np.float64), self.totals[~hidden].astype(np.float64)
        limited = ~np.isnan(self.sizes)
        most = self.parts[limited].astype(np.float64)
        # No sum that stays and no known size includes any of its cases, so nothing limits it.
        if not (equal[:, self.parts[place]] > 0).any() and not (most[:, self.parts[place]] > 0).any():
            return float("inf")
        ends = []
        for sign in (1.0, -1.0):
            solved = linprog(
                sign * aim,
                A_eq=equal if len(values) else None,
                b_eq=values if len(values) else None,
                A_ub=most if limited.any() else None,
                b_ub=self.sizes[limited] if limited.any() else None,
                # Real numbers, so the range can come out wider than whole cases allow.
                # `recovery.py` tries whole numbers afterwards.
                bounds=(0, None),
            )
            if solved.status not in (_SOLVED, _UNBOUNDED):
                return 0.0  # what cannot be solved counts as exposed
            least = solved.fun if solved.status == _SOLVED else None
            # The greatest value is found as the least of the negative, so its sign is turned back.
            ends.append(-sign * np.inf if least is None else sign * float(least))
        return ends[1] - ends[0]

    def choose_next(self, hidden: Mask, exposed: int) -> int | None:
        """The smallest sum whose going hides the exposed one; where none does alone, the one that helps most.

        Sums that make up a published one together with the exposed one are tried first: one of them must go.
        """
        free = np.flatnonzero(~hidden & ~self.stays).tolist()
        partners = self.find_partners(hidden, exposed)
        best, widest = None, -1.0
        for n in sorted(free, key=lambda n: (n not in partners, self.totals[n] == 0, self.totals[n], n)):
            hidden[n] = True
            width = self.measure_width(hidden, exposed)
            hidden[n] = False
            if width >= self.calculate_needed_width(exposed) - 1e-9:
                return int(n)
            if width > widest:
                best, widest = int(n), width
        return best

    def find_partners(self, hidden: Mask, exposed: int) -> frozenset[int]:
        """The shown sums that share no case with the exposed one and are with it a shown sum."""
        own, shown = self.parts[exposed], np.flatnonzero(~hidden).tolist()
        wholes = {self.parts[n].tobytes() for n in shown}
        return frozenset(
            n for n in shown if not (self.parts[n] & own).any() and (self.parts[n] | own).tobytes() in wholes
        )

    def show_again(self, hidden: Mask) -> None:
        """Show every sum again that turns out not to be needed, the greatest first."""
        exposed_anyway = self.find_exposed(hidden) is not None
        for n in sorted(
            set(np.flatnonzero(hidden).tolist()) - set(self.small), key=lambda n: -self.totals[n]
        ):
            hidden[n] = False
            # If a small sum is find_exposed whatever is withheld, nothing is
            # shown again on the strength of that.
            if exposed_anyway or self.find_exposed(hidden) is not None:
                hidden[n] = True


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
    # A row of one cell is its own total: publishing that would give the cell away.
    totals = [np.isin(places, places[r]).ravel() for r in range(rows)] if columns > 1 else []
    totals += [np.isin(places, places[:, c]).ravel() for c in range(columns)] if rows > 1 else []
    sums = np.vstack([cells, *totals]) if totals else cells
    withheld = find_withheld(sums, counts.ravel(), below, range(rows * columns, len(sums)))
    return withheld[: rows * columns].reshape(rows, columns)


def partition(counts: Sequence[int], below: int) -> tuple[bool, ...]:
    """The same for counts that add to one published total."""
    return tuple(bool(cell) for cell in suppress([list(counts)], below)[0])
