"""Counts that print as given figures: in all cases and in every group for which a figure is printed, at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp

from scrutineer.scoring.figures import Printed

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Kinds:
    """Cases that no group distinguishes, and how many there are of each.

    Attributes:
        sizes: cases of each kind.
        inside: for each group, which kinds belong to it.
        certain: for each kind, 1 if the question surely applies, 0 if it surely does not, -1 if it may.
    """

    sizes: Ints
    inside: Mapping[str, npt.NDArray[np.bool_]]
    certain: npt.NDArray[np.int8]


@dataclass(frozen=True)
class Fitted:
    """Relevant cases and cases above the line of each kind, and what had to give way."""

    relevant: Ints
    above: Ints
    notes: tuple[str, ...]


Stage = Literal["declared", "possible", "free"]
_STAGES: tuple[Stage, ...] = ("declared", "possible", "free")


def fit(kinds: Kinds, printed: Mapping[str, Printed]) -> Fitted | None:
    """Counts that reproduce every printed figure of one question.

    A percentage that no count gives when rounded is taken for one whose decimals were cut off. Tried in
    turn: applicability as declared; only among cases to which the question may apply; then as far as the printed counts
    allow. Of all counts that will do,
    those with the most relevant cases, nearest to the printed percentages.

    Returns:
        None if no count at all prints so.
    """
    cut_off = frozenset(
        group
        for group, figure in printed.items()
        if _solve(kinds, {group: figure}, "free", frozenset()) is None
    )
    for how in _STAGES:
        solved = _solve(kinds, printed, how, cut_off)
        if solved is not None:
            notes = [] if how == "declared" else ["the printed counts do not fit the question's condition"]
            notes += [
                f"the decimals of {printed[group]} ({group}) must have been cut off"
                for group in sorted(cut_off)
            ]
            return Fitted(*solved, tuple(notes))
    return None


def _solve(
    kinds: Kinds, printed: Mapping[str, Printed], how: Stage, cut_off: frozenset[str]
) -> tuple[Ints, Ints] | None:
    """An integer programme in relevant and above per kind, and the distance of each group from its percentage; `cut_off` names groups."""
    k, g = len(kinds.sizes), len(printed)
    rows, low, high = list[npt.NDArray[np.float64]](), list[float](), list[float]()

    def limit(
        relevant: npt.ArrayLike, above: npt.ArrayLike, away: npt.ArrayLike, least: float, most: float
    ) -> None:
        rows.append(
            np.concatenate([np.asarray(relevant, float), np.asarray(above, float), np.asarray(away, float)])
        )
        low.append(least)
        high.append(most)

    none, units = np.zeros(g), np.eye(g)
    for n in range(k):
        limit(np.eye(k)[n], -np.eye(k)[n], none, 0, np.inf)
    for n, (group, figure) in enumerate(printed.items()):
        inside = kinds.inside[group].astype(float)
        limit(inside, np.zeros(k), none, 1, np.inf)
        if figure.relevant is not None:
            limit(inside, np.zeros(k), none, figure.relevant, figure.relevant)
        if figure.above is not None:
            limit(np.zeros(k), inside, none, figure.above, figure.above)
        elif figure.percent is not None:
            lowest, beyond = _list_ends(figure.percent, group in cut_off)
            limit(-inside * float(lowest), inside * 100.0, none, 0, np.inf)
            limit(inside * float(beyond), -inside * 100.0, none, 0.0 if beyond > 100 else 1e-6, np.inf)
            for sign in (1, -1):
                limit(inside * float(figure.percent) * sign, -inside * 100.0 * sign, units[n], 0, np.inf)
    cost = np.concatenate([-np.ones(k), np.zeros(k), np.full(g, 1e-3)])
    least, most = _list_bounds(kinds, how)
    bounds = Bounds(
        np.concatenate([least, np.zeros(k + g)]), np.concatenate([most, kinds.sizes, np.full(g, np.inf)])
    )
    whole = np.concatenate([np.ones(2 * k), np.zeros(g)])
    solved = milp(
        cost, constraints=LinearConstraint(np.array(rows), low, high), bounds=bounds, integrality=whole
    )
    if solved.x is None:
        return None
    solution = np.rint(solved.x).astype(np.int64)
    return solution[:k], solution[k : 2 * k]


def _list_bounds(kinds: Kinds, how: Stage) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The least and the most relevant cases of each kind."""
    sizes = kinds.sizes.astype(float)
    least = np.where(kinds.certain == 1, sizes, 0.0) if how == "declared" else np.zeros(len(sizes))
    return least, sizes if how == "free" else np.where(kinds.certain == 0, 0.0, sizes)


def _list_ends(percent: Fraction, cut_off: bool) -> tuple[Fraction, Fraction]:
    """The shares that print as a percentage, from the lowest to before the second."""
    step = Fraction(1) if percent.denominator == 1 else Fraction(1, 10)
    return (percent, percent + step) if cut_off else (percent - step / 2, percent + step / 2)
