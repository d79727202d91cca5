"""Which cases belong to which group, and which questions apply to which case: for many cases at once.

The one evaluator of `applicability` decides each fact, once for each different value. What conditions make of their facts
is worked out on whole columns (`truth_levels`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from scrutineer.fieldwork.cases.applicability import evaluate_fact
from scrutineer.fieldwork.cases.truth_levels import AnswerNumbers, Levels, evaluate_levels
from scrutineer.frameworks.conditions import AnswerCount, Condition, Nearness
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.question_kinds import NOT_APPLICABLE

Truth = npt.NDArray[np.int8]
"""1 if a condition holds, 0 if it does not, -1 if the facts do not say."""

Known = Truth | Sequence[Any]
Coded = tuple[npt.NDArray[Any], list[Any]]
"""A column as numbers, and the value that each number represents."""

_FROM_LEVEL = np.array([0, -1, 1], dtype=np.int8)


def evaluate(
    condition: Condition | None, frame: pl.DataFrame, more: Mapping[str, Known] | None = None
) -> Truth:
    """Whether a condition is true for each case.

    Args:
        condition: None always holds.
        frame: a row per case, a column per attribute; a column that is not there is not known of any case.
        more: further facts by name, a value per case: groups as truths, answers as codes.
    """
    return FactColumns(frame, more or {}).evaluate(condition)


class FactColumns:
    """The facts of many cases as numbers; each is made when a condition first looks at it."""

    def __init__(self, frame: pl.DataFrame, more: Mapping[str, Known]):
        self.cases, self._frame, self._more = frame.height, frame, dict(more)
        self._made: dict[str, Coded | None] = {}

    def evaluate(self, condition: Condition | None) -> Truth:
        """Whether a condition is true for each case."""
        return _FROM_LEVEL[evaluate_levels(condition, self)]

    def code_fact(self, name: str) -> Coded | None:
        """One fact; None if it is not known of any case."""
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def add(self, name: str, values: Known) -> None:
        """Make another fact known."""
        self._more[name] = values
        self._made.pop(name, None)

    def decide_fact(self, name: str, expected: object) -> Levels:
        """Whether one fact is as it must be, for each case."""
        coded = self.code_fact(name)
        if coded is None:
            return np.ones(self.cases, dtype=np.int8)
        numbers, values = coded
        if not isinstance(expected, Nearness):
            return _number_verdicts(evaluate_fact(expected, value) for value in values)[numbers]
        other = self.code_fact(expected.other)
        if other is None:
            return np.ones(self.cases, dtype=np.int8)
        combined = numbers.astype(np.int64) * len(other[1]) + other[0]
        different, place = np.unique(combined, return_inverse=True)
        pairs = (divmod(number, len(other[1])) for number in different.tolist())
        verdicts = (evaluate_fact(expected, values[first], other[1][second]) for first, second in pairs)
        return _number_verdicts(verdicts)[place]

    def count_answers(self, count: AnswerCount) -> AnswerNumbers:
        """How the questions of a test are answered, for each case."""
        totals = [np.zeros(self.cases, dtype=np.int16) for _ in range(3)]
        for name in count.of:
            numbers, values = self.code_fact(name) or (np.zeros(self.cases, dtype=np.intp), [None])
            kinds = np.array([_find_kind(value, count) for value in values], dtype=np.int8)[numbers]
            for kind, total in enumerate(totals):
                total += kinds == kind
        return AnswerNumbers(*totals)

    def _make(self, name: str) -> Coded | None:
        if name in self._more:
            return _number_values(self._more[name])
        return number_values(self._frame[name]) if name in self._frame.columns else None


def _number_verdicts(verdicts: Iterable[bool | None]) -> Levels:
    return np.array([1 if verdict is None else 2 * int(verdict) for verdict in verdicts], dtype=np.int8)


def _find_kind(value: object, count: AnswerCount) -> int:
    """Which of `AnswerNumbers` an answer adds to; none of them where its question doesn't apply."""
    if value is None:
        return 1
    if value in count.answered:
        return 0
    return -1 if value == NOT_APPLICABLE else 2


_FEW = 2_000
"""So many cases are numbered sooner one by one than by the engine of frames."""


def number_values(column: pl.Series) -> Coded:
    """A column as numbers."""
    if len(column) <= _FEW:
        return _number_values(column.to_list())
    if isinstance(column.dtype, pl.Enum):
        options = column.dtype.categories.to_list()
        return _fill(column.to_physical(), len(options)), [*options, None]
    if column.dtype == pl.Boolean:
        return _fill(column.cast(pl.Int8), 2), [False, True, None]
    values = column.unique().to_list()
    places = pl.Series(range(len(values)), dtype=pl.Int64)
    return column.replace_strict(pl.Series(values, dtype=column.dtype), places).to_numpy(), values


def _fill(numbers: pl.Series, blank: int) -> npt.NDArray[Any]:
    # Filling takes longer than all the rest, and most columns have nothing to be filled.
    return (numbers.fill_null(blank) if numbers.null_count() else numbers).to_numpy().astype(np.int64)


def _number_values(values: Known) -> Coded:
    if isinstance(values, np.ndarray):
        return values.astype(np.int64) + 1, [None, False, True]
    known: dict[Any, int] = {}
    codes = np.fromiter((known.setdefault(v, len(known)) for v in values), dtype=np.int64, count=len(values))
    return codes, list(known) or [None]


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
    facts, truths = FactColumns(frame, {}), dict[str, Truth]()
    for group in framework.groups:
        if group.key in needed:
            truths[group.key] = facts.evaluate(group.when)
            facts.add(group.key, truths[group.key])
    return truths


def find_applicable_questions(
    framework: Framework, frame: pl.DataFrame, answers: Mapping[str, Sequence[object]] | None = None
) -> dict[str, Truth]:
    """Whether each question applies to each case.

    Args:
        framework: declares the conditions.
        frame: a row per case.
        answers: the answers, by question, for conditions that look at earlier ones.
    """
    facts = FactColumns(frame, {**collect_groups(framework, frame), **(answers or {})})
    return {q.key: facts.evaluate(q.when) for q in framework.questions.values()}
