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

from scrutineer.fieldwork.cases.applicability import is_met
from scrutineer.frameworks.model import Condition, Framework

Truth = npt.NDArray[np.int8]
"""1 if a condition holds, 0 if it does not, -1 if the facts do not say."""

Known = Truth | Sequence[Any]
Coded = tuple[npt.NDArray[np.int64], list[Any]]
"""A column as numbers, and the value that each number represents."""


def evaluate(
    condition: Condition | None, frame: pl.DataFrame, more: Mapping[str, Known] | None = None
) -> Truth:
    """Whether a condition is true for each case.

    Args:
        condition: None always holds.
        frame: a row per case, a column per attribute; a column that is not there is not known of any case.
        more: further facts by name, a value per case: groups as truths, answers as codes.
    """
    return _evaluate(condition, _Columns(frame, more or {}))


class _Columns:
    """The facts of many cases as numbers; each is made when a condition first looks at it."""

    def __init__(self, frame: pl.DataFrame, more: Mapping[str, Known]):
        self.cases, self._frame, self._more = frame.height, frame, dict(more)
        self._made: dict[str, Coded | None] = {}

    def code_fact(self, name: str) -> Coded | None:
        """One fact; None if it is not known of any case."""
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def add(self, name: str, values: Known) -> None:
        """Make another fact known."""
        self._more[name] = values
        self._made.pop(name, None)

    def _make(self, name: str) -> Coded | None:
        if name in self._more:
            return _number_values(self._more[name])
        return number_values(self._frame[name]) if name in self._frame.columns else None


def _evaluate(condition: Condition | None, facts: _Columns) -> Truth:
    if condition is None:
        return np.ones(facts.cases, dtype=np.int8)
    known_columns = [
        (name, coded) for name in dict.fromkeys(condition.list_names()) if (coded := facts.code_fact(name))
    ]
    columns, known = [coded for _, coded in known_columns], [name for name, _ in known_columns]
    if not columns:
        return np.full(facts.cases, _number_value(is_met(condition, {})), dtype=np.int8)
    combined, possible = columns[0][0], len(columns[0][1])
    for codes, values in columns[1:]:
        combined, possible = combined * len(values) + codes, possible * len(values)
    different, place = _list_different(combined, possible)
    verdicts = [_number_value(is_met(condition, _decode(int(coded), known, columns))) for coded in different]
    return np.array(verdicts, dtype=np.int8)[place] if len(place) else np.zeros(0, dtype=np.int8)


_FEW = 2_000
"""So many cases are numbered sooner one by one than by the engine of frames."""


def number_values(column: pl.Series) -> Coded:
    """A column as numbers."""
    if len(column) <= _FEW:
        return _number_values(column.to_list())
    if isinstance(column.dtype, pl.Enum):
        numbers = column.to_physical().fill_null(len(column.dtype.categories)).to_numpy().astype(np.int64)
        return numbers, [*column.dtype.categories.to_list(), None]
    if column.dtype == pl.Boolean:
        return column.cast(pl.Int8).fill_null(2).to_numpy().astype(np.int64), [False, True, None]
    values = column.unique().to_list()
    places = pl.Series(range(len(values)), dtype=pl.Int64)
    return column.replace_strict(pl.Series(values, dtype=column.dtype), places).to_numpy(), values


def _number_values(values: Known) -> Coded:
    if isinstance(values, np.ndarray):
        return values.astype(np.int64) + 1, [None, False, True]
    known: dict[Any, int] = {}
    codes = np.fromiter((known.setdefault(v, len(known)) for v in values), dtype=np.int64, count=len(values))
    return codes, list(known) or [None]


def _list_different(
    combined: npt.NDArray[np.int64], possible: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The different numbers, and for each element the place of its own; without sorting where few are possible."""
    # Where few are possible, it is cheaper to decide of each than to look which are there.
    if possible <= 64:
        return np.arange(possible), combined
    if possible > 1_000_000:
        different, place = np.unique(combined, return_inverse=True)
        return different, place
    there = np.flatnonzero(np.bincount(combined, minlength=possible))
    places = np.zeros(possible, dtype=np.int64)
    places[there] = np.arange(len(there))
    return there, places[combined]


def _decode(number: int, names: list[str], columns: list[Coded]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for name, (_, values) in zip(reversed(names), reversed(columns), strict=True):
        number, place = divmod(number, len(values))
        facts[name] = values[place]
    return facts


def _number_value(value: bool | None) -> int:
    return -1 if value is None else int(value)


def collect_groups(
    framework: Framework, frame: pl.DataFrame, names: Iterable[str] | None = None
) -> dict[str, Truth]:
    """Membership of groups of the framework.

    Args:
        framework: declares the groups.
        frame: a row per case.
        names: groups, and whatever else conditions name; all groups where None.
    """
    needed = {g.key for g in framework.groups} if names is None else set(names)
    for group in reversed(framework.groups):
        if group.key in needed:
            needed |= set(group.when.list_names())
    facts, truths = _Columns(frame, {}), dict[str, Truth]()
    for group in framework.groups:
        if group.key in needed:
            truths[group.key] = _evaluate(group.when, facts)
            facts.add(group.key, truths[group.key])
    return truths


def find_applicable_questions(
    framework: Framework, frame: pl.DataFrame, answers: Mapping[str, Sequence[str | None]] | None = None
) -> dict[str, Truth]:
    """Whether each question applies to each case.

    Args:
        framework: declares the conditions.
        frame: a row per case.
        answers: the codes that were answered, by question, for conditions that look at earlier answers.
    """
    facts = _Columns(frame, {**collect_groups(framework, frame), **(answers or {})})
    return {q.key: _evaluate(q.when, facts) for q in framework.questions.values()}
