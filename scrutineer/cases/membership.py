"""Which cases belong to which group, and which questions apply to which case: for many cases at once.

The one evaluator of `applicability` decides; it is asked once for each different combination of
the facts that a condition looks at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from scrutineer.cases.applicability import holds
from scrutineer.frameworks.model import Condition, Framework

Truth = npt.NDArray[np.int8]
"""1 where a condition holds, 0 where it does not, -1 where the facts do not say."""

Known = Truth | Sequence[Any]
Coded = tuple[npt.NDArray[np.int64], list[Any]]
"""A column as numbers, and the value that each number stands for."""


def evaluate(
    condition: Condition | None, frame: pl.DataFrame, more: Mapping[str, Known] | None = None
) -> Truth:
    """Whether a condition holds of each case.

    Args:
        condition: None always holds.
        frame: a row per case, a column per attribute; a column that is not there is not known of any case.
        more: further facts by name, a value per case: groups as truths, answers as codes.
    """
    if condition is None:
        return np.ones(frame.height, dtype=np.int8)
    names = list(dict.fromkeys(condition.names()))
    columns: list[Coded] = []
    known: list[str] = []
    for name in names:
        if more and name in more:
            columns.append(_numbered(more[name]))
        elif name in frame.columns:
            columns.append(_codes(frame[name]))
        else:
            continue
        known.append(name)
    combined, strides = np.zeros(frame.height, dtype=np.int64), []
    for codes, values in columns:
        strides.append(len(values))
        combined = combined * len(values) + codes
    different, place = _different(combined, int(np.prod(strides, dtype=np.int64)))
    verdicts = [_number(holds(condition, _decoded(int(one), known, columns))) for one in different]
    return np.array(verdicts, dtype=np.int8)[place] if len(place) else np.zeros(0, dtype=np.int8)


def _codes(column: pl.Series) -> Coded:
    if isinstance(column.dtype, pl.Enum):
        numbers = column.to_physical().fill_null(len(column.dtype.categories)).to_numpy().astype(np.int64)
        return numbers, [*column.dtype.categories.to_list(), None]
    if column.dtype == pl.Boolean:
        return column.cast(pl.Int8).fill_null(2).to_numpy().astype(np.int64), [False, True, None]
    values = column.unique().to_list()
    places = pl.Series(range(len(values)), dtype=pl.Int64)
    return column.replace_strict(pl.Series(values, dtype=column.dtype), places).to_numpy(), values


def _numbered(values: Known) -> Coded:
    if isinstance(values, np.ndarray):
        return values.astype(np.int64) + 1, [None, False, True]
    known: dict[Any, int] = {}
    codes = np.fromiter((known.setdefault(v, len(known)) for v in values), dtype=np.int64, count=len(values))
    return codes, list(known) or [None]


def _different(
    combined: npt.NDArray[np.int64], possible: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The different numbers, and for each element the place of its own; without sorting where few are possible."""
    if possible > 1_000_000:
        different, place = np.unique(combined, return_inverse=True)
        return different, place
    there = np.flatnonzero(np.bincount(combined, minlength=possible))
    places = np.zeros(possible, dtype=np.int64)
    places[there] = np.arange(len(there))
    return there, places[combined]


def _decoded(number: int, names: list[str], columns: list[Coded]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for name, (_, values) in zip(reversed(names), reversed(columns), strict=True):
        number, place = divmod(number, len(values))
        facts[name] = values[place]
    return facts


def _number(value: bool | None) -> int:
    return -1 if value is None else int(value)


def groups(
    framework: Framework, frame: pl.DataFrame, wanted: Iterable[str] | None = None
) -> dict[str, Truth]:
    """Membership of groups of the framework.

    Args:
        framework: declares the groups.
        frame: a row per case.
        wanted: groups, and whatever else conditions name; all groups where None.
    """
    needed = {g.key for g in framework.groups} if wanted is None else set(wanted)
    for group in reversed(framework.groups):
        if group.key in needed:
            needed |= set(group.when.names())
    found: dict[str, Truth] = {}
    for group in framework.groups:
        if group.key in needed:
            found[group.key] = evaluate(group.when, frame, found)
    return found


def applies(
    framework: Framework, frame: pl.DataFrame, answers: Mapping[str, Sequence[str | None]] | None = None
) -> dict[str, Truth]:
    """Whether each question applies to each case.

    Args:
        framework: declares the conditions.
        frame: a row per case.
        answers: the codes that were answered, by question, for conditions that look at earlier answers.
    """
    more: dict[str, Known] = {**groups(framework, frame), **(answers or {})}
    return {q.key: evaluate(q.when, frame, more) for q in framework.questions.values()}
