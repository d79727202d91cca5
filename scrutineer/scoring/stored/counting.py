"""The first pass: everything that results need of the answers but how each case's go together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from scrutineer.fieldwork.cases.codes import (
    ABOVE,
    MISSING,
    NO_EVIDENCE_BIT,
    NOT_APPLICABLE_BYTE,
    RELEVANT,
    collect_answers,
    find_byte,
)
from scrutineer.frameworks.question_kinds import NO_EVIDENCE, NOT_APPLICABLE, find_kind
from scrutineer.scoring.counts import Counts
from scrutineer.scoring.fractions import MOST
from scrutineer.scoring.kinds import KindCounts
from scrutineer.scoring.options import OptionCounts
from scrutineer.scoring.recorded import Recorded, RecordedValues, describe_values
from scrutineer.scoring.stored.plan import CaseBatch, StoredPlan, Wrong
from scrutineer.scoring.tally import Lookup, Tally, count_things

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_AT_ONCE = 6
"""Bytes that are counted at once."""


@dataclass
class CaseCounts:
    """What was counted of some cases; counts of parts add to counts of the whole.

    Attributes:
        plan: what was counted by.
        cases: by group.
        answers: bytes × groups × questions, in the order of `list_bytes`.
        shared: groups × groups, whether two share a case.
        weights: by group, the sum of the weights.
        unweighted: cases of the sample whose weight can't be.
        is_synthetic: whether a case was made up.
        kinds: cases, above and relevant by kind of case, where few cases are withheld.
        recorded: by question and value, how many cases of each group.
        wrong: how often each value occurs that can't be.
        wrong_answers: by question, how many answers are none of its scale.
        contradicted: by question, how many answers don't follow by its rules.
    """

    plan: StoredPlan
    cases: Ints = field(init=False)
    answers: Ints = field(init=False)
    shared: Mask = field(init=False)
    weights: npt.NDArray[np.float64] = field(init=False)
    unweighted: int = 0
    is_synthetic: bool = False
    kinds: dict[bytes, list[Ints]] = field(default_factory=dict)
    recorded: dict[str, dict[str, Ints]] = field(default_factory=dict)
    wrong: dict[Wrong, int] = field(default_factory=dict)
    wrong_answers: dict[str, int] = field(default_factory=dict)
    contradicted: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        groups, bytes_there = len(self.plan.groups), list_bytes(self.plan)
        self.cases = np.zeros(groups, dtype=np.int64)
        self.answers = np.zeros((len(bytes_there), groups, len(self.plan.questions)), dtype=np.int64)
        self.shared = np.zeros((groups, groups), dtype=np.bool_)
        self.weights = np.zeros(groups)
        self._lookups = [
            Lookup([_is_byte(byte) for byte in bytes_there[first : first + _AT_ONCE]])
            for first in range(0, len(bytes_there), _AT_ONCE)
        ]

    def add(self, batch: CaseBatch) -> Mask:
        """Count some cases.

        Returns:
            Which of them belong to each group that may be shown: groups × cases.
        """
        shown, unseen = self.plan.mark(batch.frame)
        members = np.array([group.members for group in shown])
        self.cases += members.sum(axis=1)
        for n, lookup in enumerate(self._lookups):
            counted = count_things(batch.codes, members, lookup)
            own = self.answers[n * _AT_ONCE : (n + 1) * _AT_ONCE]
            own += counted[: len(own)]
        floats = members.astype(np.float32)
        self.shared |= floats @ floats.T > 0
        self._add_weights(batch.frame, members)
        self._add_recorded(batch, members)
        if self.plan.protects:
            self._add_kinds(batch, np.array([group.members for group in (*shown, *unseen)]))
        if "synthetic" in batch.frame.columns:
            self.is_synthetic |= bool(batch.frame["synthetic"].any())
        for mine, more in _list_pairs(self, batch):
            _add_numbers(mine, more)
        return members

    def merge(self, other: CaseCounts) -> None:
        """Add the counts of other cases."""
        self.cases += other.cases
        self.answers += other.answers
        self.shared |= other.shared
        self.weights += other.weights
        self.unweighted += other.unweighted
        self.is_synthetic |= other.is_synthetic
        for kind, numbers in other.kinds.items():
            self._add_kind(kind, numbers)
        for key, values in other.recorded.items():
            _add_values(self.recorded.setdefault(key, {}), values)
        for mine, more in _list_pairs(self, other):
            _add_numbers(mine, more)

    def _add_weights(self, frame: pl.DataFrame, members: Mask) -> None:
        if "weight" not in frame.columns:
            return
        weights = frame["weight"].fill_null(np.nan).to_numpy()
        is_wrong = ~((weights >= 1e-9) & (weights <= MOST))
        # The first group is all cases of the sample.
        self.unweighted += int(np.count_nonzero(is_wrong & members[0]))
        self.weights += members @ np.where(is_wrong, 0.0, weights)

    def _add_recorded(self, batch: CaseBatch, members: Mask) -> None:
        for key, texts in batch.others.items():
            if find_kind(self.plan.framework.scale_of[key]).read_as == "text":
                continue
            column = pl.Series(texts, dtype=pl.String)
            values = column.drop_nulls().unique().to_list()
            if not values:
                continue
            numbers = column.replace_strict(values, range(len(values)), default=-1).to_numpy()
            counted = [np.bincount(numbers[own & (numbers >= 0)], minlength=len(values)) for own in members]
            own = dict(zip(values, np.array(counted).T, strict=True))
            _add_values(self.recorded.setdefault(key, {}), own)

    def _add_kinds(self, batch: CaseBatch, members: Mask) -> None:
        counted = KindCounts.from_members(batch.codes, members)
        for n, kind in enumerate(np.packbits(counted.sums, axis=0).T):
            self._add_kind(kind.tobytes(), [counted.cases[n : n + 1], counted.above[n], counted.relevant[n]])

    def _add_kind(self, kind: bytes, numbers: list[Ints]) -> None:
        if kind not in self.kinds:
            self.kinds[kind] = [part.copy() for part in numbers]
            return
        for part, more in zip(self.kinds[kind], numbers, strict=True):
            part += more


def list_bytes(plan: StoredPlan) -> list[int]:
    """Every byte that an answer can have, apart from that of questions that don't apply."""
    scales = [plan.framework.scale_of[key] for key in plan.questions]
    every = {MISSING, *(byte for scale in scales for byte in collect_answers(scale).values())}
    # What doesn't apply is what is left.
    return sorted(every - {NOT_APPLICABLE_BYTE})


def count_cases(plan: StoredPlan, batches: Iterator[pl.DataFrame]) -> Iterator[CaseCounts]:
    """Count all batches; gives one whole."""
    counts = CaseCounts(plan)
    for raw in batches:
        counts.add(plan.read(raw))
    yield counts


# -- what the counts say -------------------------------------------------------------------


def make_tally(counts: CaseCounts, places: Sequence[int]) -> Tally:
    """The counts that scores follow from, of some of the groups."""
    numbers, bytes_there = counts.answers[:, places], np.array(list_bytes(counts.plan))
    statuses = [
        numbers[bytes_there & bit != 0].sum(axis=0) for bit in (ABOVE, RELEVANT, MISSING, NO_EVIDENCE_BIT)
    ]
    return Tally(
        groups=tuple(counts.plan.groups[n].key for n in places),
        questions=counts.plan.questions,
        cases=counts.cases[list(places)],
        counts=np.array(statuses),
    )


def make_counts(tally: Tally, counts: CaseCounts, places: Sequence[int]) -> dict[str, dict[str, Counts]]:
    """The counts of every question, by group."""
    never = counts.cases[:, None] - counts.answers.sum(axis=0)
    return {
        key: {
            question: Counts(own[0], own[1], own[2], own[3], rest)
            for question, own, rest in zip(
                tally.questions, tally.counts[:, n].T.tolist(), never[place].tolist(), strict=True
            )
        }
        for n, (place, key) in enumerate(zip(places, tally.groups, strict=True))
    }


def make_options(counts: CaseCounts, places: Sequence[int]) -> OptionCounts:
    """How often each option was chosen, by group and question."""
    plan, rows = counts.plan, {byte: n for n, byte in enumerate(list_bytes(counts.plan))}
    made: dict[str, dict[str, dict[str, int]]] = {}
    for place in places:
        own = made[plan.groups[place].key] = {}
        for n, key in enumerate(plan.questions):
            scale = plan.framework.scale_of[key]
            own[key] = {
                option.code: int(counts.answers[rows[find_byte(scale, option.code)], place, n])
                for option in scale.options
                if option.code not in {NOT_APPLICABLE, NO_EVIDENCE}
            }
    return made


def make_recorded(counts: CaseCounts, places: Sequence[int]) -> RecordedValues:
    """What was recorded as numbers and dates, by group and question."""
    plan = counts.plan
    made: dict[str, dict[str, Recorded]] = {plan.groups[place].key: {} for place in places}
    for key in plan.framework.questions:
        is_date = find_kind(plan.framework.scale_of[key]).read_as == "date"
        for place in places:
            own = [
                (date.fromisoformat(text).toordinal() if is_date else float(text), int(numbers[place]))
                for text, numbers in counts.recorded.get(key, {}).items()
            ]
            values = np.repeat([value for value, _ in own], [number for _, number in own])
            if len(values):
                made[plan.groups[place].key][key] = describe_values(np.sort(values), is_date)
    return made


def make_kinds(counts: CaseCounts, keep: Sequence[int]) -> KindCounts:
    """Kinds of case as `withhold` looks at them: those of some of all groups, shown and unseen."""
    width = len(counts.plan.groups) + len(counts.plan.unseen)
    kinds = sorted(counts.kinds)
    sums = np.array([np.unpackbits(np.frombuffer(kind, dtype=np.uint8), count=width) for kind in kinds]).T
    parts = [np.array([counts.kinds[kind][n] for kind in kinds]) for n in range(3)]
    return KindCounts(sums[list(keep)].astype(np.bool_), parts[0].ravel(), parts[1], parts[2])


def _is_byte(byte: int) -> Any:
    return lambda other: other == byte


def _list_pairs(
    mine: CaseCounts, more: CaseCounts | CaseBatch
) -> list[tuple[dict[Any, int], dict[Any, int]]]:
    return [
        (mine.wrong, more.wrong),
        (mine.wrong_answers, more.wrong_answers),
        (mine.contradicted, more.contradicted),
    ]


def _add_numbers(mine: dict[Any, int], more: dict[Any, int]) -> None:
    for key, number in more.items():
        mine[key] = mine.get(key, 0) + number


def _add_values(mine: dict[str, Ints], more: dict[str, Ints]) -> None:
    for value, numbers in more.items():
        mine[value] = mine[value] + numbers if value in mine else numbers
