"""Cases that are left out of a sample, each for a reason from a fixed list."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.columns import Column
from scrutineer.fieldwork.cases.declared import read_declared
from scrutineer.tables.limits import GENERAL, Limits

FOUND: Final = {
    "supervision_too_short": "Fewer months since the start than the design requires",
    "supervision_too_long": "More months since the start than the design requires",
    "not_in_scope": "Not the kind of case that the design samples",
    "scope_not_known": "Information that the design needs is not recorded",
    "repeated_row": "The same row appears twice",
}
"""Reasons that Scrutineer finds in the caseload itself."""

GIVEN: Final = {
    "transferred": "Moved to another area",
    "deceased": "Died",
    "in_custody": "In custody",
    "order_ended": "The order has ended",
    "file_missing": "The file cannot be found",
    "under_investigation": "A serious incident review or a prosecution is under way",
    "conflict_of_interest": "Known to an assessor",
    "already_inspected": "Inspected recently",
    "other": "Another reason, given in the note",
}
"""Reasons that a person may give."""


@dataclass(frozen=True, order=True)
class Exclusion:
    """One case that was left out, and why."""

    case: str
    reason: str
    note: str = ""


_COLUMNS = (
    Column("case", "Case", "text"),
    Column(key="reason", title="Reason", kind="choice", options=tuple(GIVEN)),
    Column("note", "Note", "text"),
)


def read_exclusions(path: Path, limits: Limits = GENERAL) -> tuple[tuple[Exclusion, ...], tuple[str, ...]]:
    """A person's list of exclusions: columns `case`, `reason` and, optionally, `note`.

    Returns:
        The exclusions in the order of their rows, and what was skipped or left out of the table.

    Raises:
        UserError: with every fault, each with its rows: a column missing, a blank, a reason that is not
            on the list, 'other' without a note, a case listed twice.
    """
    read = read_declared(path, _COLUMNS, needed=("case", "reason"), reference="case", limits=limits)
    faults: list[Fault] = list(read.faults)
    listed: list[Exclusion] = []
    seen: set[str] = set()
    columns = (read.values[column.key] for column in _COLUMNS)
    for row, case, reason, note in zip(read.rows, *columns, strict=True):
        problem = _find_problem(case, reason, note or "", seen)
        if problem:
            faults.append(read.table.make_fault([row], *problem))
        if case and reason:
            seen.add(case)
            listed.append(Exclusion(case, reason, note or ""))
    if faults:
        raise UserError(faults)
    return tuple(listed), read.notes


def _find_problem(case: str | None, reason: str | None, note: str, seen: set[str]) -> tuple[str, str] | None:
    if case in seen:
        return f"case '{case}' is listed twice", "Keep one reason"
    if reason == "other" and not note:
        return (
            f"case '{case}' is left out for another reason, but the note does not say which",
            "Write the reason in the column 'note'",
        )
    return None


def make_exclusions_table(exclusions: tuple[Exclusion, ...]) -> pl.DataFrame:
    """Exclusions as a frame: case, reason, note."""
    rows = [(e.case, e.reason, e.note) for e in exclusions]
    return pl.DataFrame(
        rows, schema={"case": pl.String, "reason": pl.String, "note": pl.String}, orient="row"
    )


def format_reason(reason: str) -> str:
    """A reason as a person reads it."""
    return {**FOUND, **GIVEN}[reason]
