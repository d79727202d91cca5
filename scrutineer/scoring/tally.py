"""Counts of every question in every group of cases: the sufficient statistics from which all scores follow.

Tallied once, counts of parts add to counts of the whole, and any engine that can count can make them.
Here: one table look-up turns a byte into a number that holds four counts of 13 bits, and one
matrix product with the groups' members adds them up, block by block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from scrutineer.fieldwork.cases.codes import ABOVE, MISSING, NO_EVIDENCE_BIT, RELEVANT, Codes
from scrutineer.scoring.counts import Counts

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Part = TypeVar("Part")

STATUS = ("above", "relevant", "missing", "no_evidence")
BLOCK = 1024
"""Cases at a time: a block of the look-up's results then stays in the processor's cache."""

_THREADS = 2


@dataclass(frozen=True)
class Tally:
    """Counts by group and question.

    Attributes:
        groups: names of the groups.
        questions: keys of the questions.
        cases: how many cases each group holds.
        counts: statuses (see `STATUS`) × groups × questions.
    """

    groups: tuple[str, ...]
    questions: tuple[str, ...]
    cases: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]

    def __add__(self, other: Tally) -> Tally:
        """The tally of both parts together.

        Raises:
            ValueError: the parts are of different groups or questions.
        """
        # Adding arrays of the same shape would work silently even if their columns meant different questions.
        if (self.groups, self.questions) != (other.groups, other.questions):
            raise ValueError("only tallies of the same groups and questions can be added")
        return Tally(
            groups=self.groups,
            questions=self.questions,
            cases=self.cases + other.cases,
            counts=self.counts + other.counts,
        )

    def find_counts(self, group: str) -> dict[str, Counts]:
        """The counts of each question in one group."""
        g = self.groups.index(group)
        _, relevant, missing, _ = own = self.counts[:, g]
        # What is left of the cases: answers without enough evidence are relevant on most scales and counted there.
        rest = np.maximum(self.cases[g] - relevant - missing, 0)
        rows = np.vstack((own, rest)).T.tolist()
        return {key: Counts(*row) for key, row in zip(self.questions, rows, strict=True)}


class Lookup:
    """For each byte a number that holds several counts, so that one matrix product counts several things at once.

    A float holds 52 bits exactly: four counts of 13 bits each, or six of 8. Fewer bits mean fewer cases at a time, since sums
    must not run over from one count into the next.

    Args:
        things: what is counted, up to six: whether a byte is one of them.
    """

    def __init__(self, things: Sequence[Callable[[int], bool]]):
        self.things = len(things)
        self.bits = 13 if self.things <= 4 else 8
        self.cases = min((1 << self.bits) - 1, BLOCK)
        self.numbers = np.array(
            [
                float(sum(1 << (self.bits * n) for n, is_one in enumerate(things) if is_one(byte)))
                for byte in range(256)
            ]
        )


_STATUSES = Lookup(
    [
        lambda byte: bool(byte & ABOVE),
        lambda byte: bool(byte & RELEVANT),
        lambda byte: bool(byte & MISSING),
        lambda byte: bool(byte & NO_EVIDENCE_BIT),
    ]
)


def tally(codes: Codes, groups: Mapping[str, Mask], questions: Sequence[str]) -> Tally:
    """Count every question in every group.

    Args:
        codes: cases × questions, a byte per answer.
        groups: the members of each group, one truth per case.
        questions: the keys of the columns.

    Raises:
        ValueError: a group or the questions do not fit the answers.
    """
    members = stack(groups, len(codes))
    if codes.ndim != 2 or codes.shape[1] != len(questions):
        raise ValueError(f"answers of shape {codes.shape} do not fit {len(questions)} questions")
    return Tally(
        groups=tuple(groups),
        questions=tuple(questions),
        cases=members.sum(axis=1, dtype=np.int64),
        counts=count_things(codes, members, _STATUSES),
    )


def count_things(codes: Codes, members: Mask, lookup: Lookup) -> npt.NDArray[np.int64]:
    """Count what a look-up counts, things × groups × questions.

    Args:
        codes: cases × questions, a byte per answer.
        members: groups × cases.
        lookup: says what is counted.
    """
    counted = np.zeros((lookup.things, len(members), codes.shape[1]), dtype=np.int64)
    for part in split_into_parts(
        len(codes), lambda first, last: _calculate_part(codes, members, lookup, first, last)
    ):
        counted += part
    return counted


def stack(groups: Mapping[str, Mask], cases: int) -> Mask:
    """The members of all groups, groups × cases.

    Raises:
        ValueError: there is no group, or one of another length.
    """
    if not groups or any(len(mask) != cases for mask in groups.values()):
        raise ValueError(f"every group needs a truth for each of {cases} cases")
    return np.array(list(groups.values()), dtype=np.bool_)


def split_into_parts(cases: int, work: Callable[[int, int], Part]) -> Iterator[Part]:
    """Do some work on each half of the cases at the same time: numpy leaves the interpreter free meanwhile.

    Args:
        cases: how many there are.
        work: what is done with cases from one to before another.
    """
    # Starting threads costs more than it saves for a usual inspection of some hundred cases.
    if cases < 4 * BLOCK:
        yield work(0, cases)
        return
    # Two halves, one for each of `_THREADS`.
    middle = cases // 2
    with ThreadPoolExecutor(_THREADS) as pool:
        yield from pool.map(lambda ends: work(*ends), [(0, middle), (middle, cases)])


def _calculate_part(
    codes: Codes, members: Mask, lookup: Lookup, first: int, last: int
) -> npt.NDArray[np.int64]:
    tallied = np.zeros((lookup.things, len(members), codes.shape[1]), dtype=np.int64)
    # Fresh memory for every block would be fetched from the system, and two threads that fetch it wait for each other.
    looked_up, inside = np.empty((lookup.cases, codes.shape[1])), np.empty((len(members), lookup.cases))
    shifts, mask = lookup.bits * np.arange(lookup.things)[:, None, None], (1 << lookup.bits) - 1
    for start in range(first, last, lookup.cases):
        stop = min(start + lookup.cases, last)
        values, own = looked_up[: stop - start], inside[:, : stop - start]
        np.take(lookup.numbers, codes[start:stop], out=values, mode="clip")
        own[:] = members[:, start:stop]
        packed = (own @ values).astype(np.int64)
        tallied += (packed >> shifts) & mask
    return tallied
