"""The table of needs (`issues.csv`): what offenders needed work on, in order of priority, and whether there was progress."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases import references
from scrutineer.fieldwork.cases.columns import Column
from scrutineer.fieldwork.cases.declared import Declared, read_declared
from scrutineer.statistics.suppression import partition
from scrutineer.tables.limits import GENERAL, Limits
from scrutineer.tables.names import suggest_nearest

PROGRESS = ("improved", "unchanged", "deteriorated")


@dataclass(frozen=True)
class Need:
    """One need over all cases.

    Attributes:
        cases: in how many it was a priority for work.
        counts: how many of those improved, stayed unchanged, deteriorated.
    """

    key: str
    title: str
    cases: int
    counts: tuple[int, int, int]

    def find_withheld(self, below: int) -> tuple[bool, ...]:
        """Which of the counts must not be published: small ones, and as many more as would give them away."""
        return partition(self.counts, below)


Row = tuple[str, str, str]
"""Case, need and progress."""


def read_needs(
    path: Path, known: Mapping[str, str], cases: set[str], limits: Limits = GENERAL
) -> tuple[tuple[Need, ...], tuple[str, ...]]:
    """The needs of a table with a row per case and need: case, issue, progress.

    Args:
        path: the table.
        known: the needs that there are, with what they are called.
        cases: the references of the inspected cases.
        limits: the most that is read.

    Returns:
        The needs in the order in which they are known, and what was skipped or left out of the table.

    Raises:
        UserError: with every fault, each with its rows.
    """
    rows, notes = read_need_rows(path, known, cases, limits)
    return count_needs(rows, known), notes


def read_need_rows(
    path: Path, known: Mapping[str, str], cases: set[str], limits: Limits = GENERAL
) -> tuple[list[Row], tuple[str, ...]]:
    """The rows of a table of needs, and what was skipped or left out; arguments and errors as for `read_needs`."""
    columns = (
        Column("case", "Case", "text"),
        Column(key="issue", title="Issue", kind="choice", options=tuple(known)),
        Column(key="progress", title="Progress", kind="choice", options=PROGRESS),
    )
    read = read_declared(path, columns, needed=[c.key for c in columns], reference="case", limits=limits)
    faults = [*read.faults, *_find_not_inspected(read, cases)]
    rows = list(zip(*(read.values[c.key] for c in columns), strict=True))
    repeated = Counter((case, need) for case, need, _ in rows if case and need)
    faults += [
        Fault(read.table.where, f"case '{case}' has '{need}' {times} times", "Keep one of the rows")
        for (case, need), times in repeated.items()
        if times > 1
    ]
    if faults:
        raise UserError(faults)
    return rows, read.notes


def count_needs(rows: Sequence[Row], known: Mapping[str, str]) -> tuple[Need, ...]:
    """The issues over all cases, in the order in which they are known."""
    count = Counter((need, progress) for _, need, progress in rows)
    of = {key: tuple(count[key, progress] for progress in PROGRESS) for key in known}
    return tuple(
        Need(key=key, title=title, cases=sum(of[key]), counts=(of[key][0], of[key][1], of[key][2]))
        for key, title in known.items()
    )


def _find_not_inspected(read: Declared, cases: set[str]) -> Iterator[Fault]:
    """Cases that are none of the inspected ones, each with its rows and the one that looks like it."""
    strange: dict[str, list[int]] = {}
    for row, case in zip(read.rows, read.values["case"], strict=True):
        if case and case not in cases:
            strange.setdefault(case, []).append(row)
    for case, at in strange.items():
        do = (
            references.suggest_known(case, cases)
            or suggest_nearest(case, cases)
            or "Enter the reference of an inspected case"
        )
        yield read.table.make_fault(
            at, f"'{references.show_unseen(case)}' is not a case in this inspection", do
        )
