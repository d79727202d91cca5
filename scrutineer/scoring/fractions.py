"""What part of its own caseload each group's sample is, from weights where there are any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from scrutineer.fieldwork.cases.columns import CASE
from scrutineer.scoring.groups import GroupOf
from scrutineer.scoring.spread import Weighting

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def collect_fractions(
    groups: Sequence[GroupOf], counted: Mask, weights: Floats | None, population: float | None
) -> Mapping[str, float]:
    """The share of each group's eligible cases that is in the sample, 0 if it is not known.

    With weights, a group's eligible cases are the sum of its own: a quota that takes every case of a group makes it a
    census, whatever part of the other cases was drawn. Without, every group is taken to be drawn like all.

    Args:
        groups: whose.
        counted: the cases of the sample; additional cases represent no others.
        weights: how many eligible cases each case represents; None if that is not known.
        population: all eligible cases; None if that is not known.
    """
    inside = {g.key: g.members & counted for g in groups}
    numbers = {key: int(members.sum()) for key, members in inside.items()}
    if weights is None:
        return divide_by_weights(numbers, None, int(counted.sum()), 0.0, population)
    sums = {key: float(weights[members].sum()) for key, members in inside.items()}
    return divide_by_weights(numbers, sums, int(counted.sum()), float(weights[counted].sum()), population)


def divide_by_weights(
    numbers: Mapping[str, int],
    sums: Mapping[str, float] | None,
    number: int,
    total: float,
    population: float | None,
) -> Mapping[str, float]:
    """The same from sums.

    Args:
        numbers: by group, its cases.
        sums: by group, the sum of its weights; None if there are no weights.
        number: the cases of the sample.
        total: the sum of their weights.
        population: all eligible cases; None if that is not known.
    """
    # Weights divided by their mean, for example, say nothing of the size of the caseload.
    if sums is None or total < number - 0.5:
        share = min(number / population, 1.0) if population else 0.0
        return dict.fromkeys(numbers, share)
    # A population that a person enters overrides the sum of the weights, but not how they are shared among groups.
    scale = population / total if population and total else 1.0
    there = {key: sums[key] * scale for key in numbers}
    return {key: min(n / there[key], 1.0) if there[key] else 0.0 for key, n in numbers.items()}


MOST = 1e12
"""More cases than any sample represents: weights that add up to more are not weights."""


def list_wrong_weights(frame: pl.DataFrame, counted: Mask) -> list[str]:
    """The cases of the sample whose weight is not a number greater than 0; the frame has the column."""
    weights = frame["weight"]
    wrong = (weights.is_null() | (weights < 1e-9) | (weights > MOST)).to_numpy() & counted
    return [case for case, is_wrong in zip(frame[CASE].to_list(), wrong.tolist(), strict=True) if is_wrong]


def find_weights(frame: pl.DataFrame, counted: Mask) -> Floats | None:
    """The weights that cases bring along; None if they bring none, or not every case of the sample has one."""
    if "weight" not in frame.columns or list_wrong_weights(frame, counted):
        return None
    values = frame["weight"].fill_null(0.0).to_numpy().astype(np.float64)
    # Single weights can pass the check while their sum overflows any sensible caseload.
    return values if float(values[counted].sum()) < MOST else None


def list_strata(frame: pl.DataFrame) -> list[str]:
    """The name of each case's stratum; one name for all if there are none."""
    return frame["stratum"].fill_null("").to_list() if "stratum" in frame.columns else [""] * frame.height


def make_weighting(weights: Floats, stratum: Sequence[str], counted: Mask) -> Weighting:
    """Weights with the strata in which they vary: cases of one stratum and one weight were drawn alike.

    Where weights have hardly two cases in common, as under a cap, a stratum is taken as a whole, which gives rather too
    wide an interval than too narrow a one.

    Args:
        weights: of each case; those that are not counted weigh nothing.
        stratum: the name of each case's stratum.
        counted: the cases of the sample.
    """
    counted_weights = np.where(counted, weights, 0.0)
    # Nine digits: calibrated weights that are equal in principle can differ in the last digits of a float.
    fine = [f"{name}\n{weight:.9g}" for name, weight in zip(stratum, counted_weights.tolist(), strict=True)]
    names = fine if _has_enough(fine, counted_weights, counted) else list(stratum)
    known = sorted({name for name, there in zip(names, counted.tolist(), strict=True) if there})
    numbers = {name: n for n, name in enumerate(known)}
    place = np.array([numbers.get(name, 0) for name in names], dtype=np.intp)
    sizes = np.bincount(place[counted], minlength=len(known))
    sums = np.bincount(place[counted], weights=counted_weights[counted], minlength=len(known))
    # Rounded weights can add up to slightly fewer cases than were drawn, and a share above 1 would make variances negative.
    return Weighting(counted_weights, place, np.minimum(sizes / sums, 1.0))


def _has_enough(names: Sequence[str], weights: Floats, counted: Mask) -> bool:
    """Whether every stratum with a case has two, or its one case represents only itself."""
    there = [
        (name, weight)
        for name, weight, inside in zip(names, weights.tolist(), counted.tolist(), strict=True)
        if inside
    ]
    sizes = Counter(name for name, _ in there)
    return all(sizes[name] >= 2 or weight <= 1 + 1e-9 for name, weight in there)
