"""Cases that are left out of a sample, each for a reason of a fixed list."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from scrutineer.cases.columns import code
from scrutineer.cases.tables import ROW, read_table
from scrutineer.errors import Fault, UserError

FOUND: Final = {
    "supervision_too_short": "Fewer months under supervision than the design asks",
    "supervision_too_long": "More months under supervision than the design asks",
    "not_in_scope": "Not a case of the kind that the design samples",
    "scope_not_known": "What the design asks about is not recorded",
    "repeated_row": "The same row stands twice",
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
    "already_inspected": "Inspected not long ago",
    "other": "Another reason, which the note gives",
}
"""Reasons that a person may give."""


@dataclass(frozen=True, order=True)
class Exclusion:
    """One case that was left out, and why."""

    case: str
    reason: str
    note: str = ""


def read_exclusions(path: Path) -> tuple[Exclusion, ...]:
    """Exclusions that a person lists: columns `case`, `reason` and, where wanted, `note`.

    Raises:
        UserError: with every fault, each with its rows: a column missing, a blank, a reason that is not
            on the list, 'other' without a note, a case listed twice.
    """
    table = read_table(path)
    lost = [name for name in ("case", "reason") if name not in table.columns]
    if lost:
        raise UserError(
            [
                Fault(
                    f"{table.where} row 1",
                    f"there is no column '{name}'",
                    "The columns are case, reason, note",
                )
                for name in lost
            ]
        )
    faults: list[Fault] = []
    found: list[Exclusion] = []
    seen: set[str] = set()
    for row in table.frame.iter_rows(named=True):
        case, note = row["case"] or "", row.get("note") or ""
        reason = code(row["reason"] or "")
        problem = _problem(case, reason, note, seen)
        if problem:
            faults.append(table.fault([row[ROW]], *problem))
        seen.add(case)
        found.append(Exclusion(case, reason, note))
    if faults:
        raise UserError(faults)
    return tuple(found)


def _problem(case: str, reason: str, note: str, seen: set[str]) -> tuple[str, str] | None:
    if not case:
        return "the case is blank", "Give its reference"
    if case in seen:
        return f"case '{case}' is listed twice", "Keep one reason"
    if reason not in GIVEN:
        return f"'{reason}' is not a reason for leaving a case out", f"Give one of {', '.join(GIVEN)}"
    if reason == "other" and not note:
        return (
            f"case '{case}' is left out for another reason, which is not given",
            "Write it in the column 'note'",
        )
    return None


def as_frame(exclusions: tuple[Exclusion, ...]) -> pl.DataFrame:
    """Exclusions as a frame: case, reason, note."""
    rows = [(e.case, e.reason, e.note) for e in exclusions]
    return pl.DataFrame(
        rows, schema={"case": pl.String, "reason": pl.String, "note": pl.String}, orient="row"
    )


def reason_text(reason: str) -> str:
    """A reason as a person reads it."""
    return {**FOUND, **GIVEN}[reason]
