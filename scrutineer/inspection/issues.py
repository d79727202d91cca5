"""`issues.csv`: what offenders needed work on, in order of priority, and whether there was progress."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scrutineer.cases.tables import ROW, read_table
from scrutineer.errors import Fault, UserError
from scrutineer.statistics.suppression import partition

PROGRESS = ("improved", "unchanged", "deteriorated")
_COLUMNS = ("case", "issue", "progress")


@dataclass(frozen=True)
class Issue:
    """One issue over all cases.

    Attributes:
        cases: in how many it was a priority for work.
        counts: how many of those improved, stayed unchanged, deteriorated.
    """

    key: str
    title: str
    cases: int
    counts: tuple[int, int, int]

    def withheld(self, below: int) -> tuple[bool, ...]:
        """Which of the counts must not be published: small ones, and as many more as would give them away."""
        return partition(self.counts, below)


def read_issues(path: Path, known: Mapping[str, str], cases: set[str]) -> tuple[Issue, ...]:
    """The issues of a table with a row per case and issue: case, issue, progress.

    Args:
        path: the table.
        known: the issues that there are, with what they are called.
        cases: the references of the inspected cases.

    Raises:
        UserError: with every fault, each with its rows.
    """
    table = read_table(path)
    missing = [name for name in _COLUMNS if name not in table.columns]
    if missing:
        raise UserError(
            Fault(
                f"{table.where} row 1",
                f"there is no column {', '.join(missing)}",
                f"Write {', '.join(_COLUMNS)}",
            )
        )
    faults: list[Fault] = []
    allowed = {"case": cases, "issue": set(known), "progress": set(PROGRESS)}
    rows = table.frame.select(ROW, *_COLUMNS).rows()
    for column, values in allowed.items():
        wrong: dict[str, list[int]] = {}
        for row in rows:
            value = str(row[1 + _COLUMNS.index(column)] or "")
            if value not in values:
                wrong.setdefault(value, []).append(row[0])
        for value, at in wrong.items():
            do = "Name an inspected case" if column == "case" else f"Known: {', '.join(sorted(values))}"
            faults.append(table.fault(at, f"'{value}' is no {column} here", do))
    repeated = Counter((row[1], row[2]) for row in rows)
    faults += [
        Fault(table.where, f"case '{case}' has '{issue}' {times} times", "Keep one row")
        for (case, issue), times in repeated.items()
        if times > 1
    ]
    if faults:
        raise UserError(faults)
    return tuple(
        Issue(
            key,
            title,
            sum(row[2] == key for row in rows),
            tuple(sum(row[2] == key and row[3] == p for row in rows) for p in PROGRESS),
        )
        for key, title in known.items()
    )
