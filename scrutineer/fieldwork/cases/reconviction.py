"""Reconviction of the cases: who was convicted again within two years, and what was predicted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.columns import Column
from scrutineer.fieldwork.cases.declared import Declared, read_declared
from scrutineer.tables.limits import GENERAL, Limits
from scrutineer.tables.names import NOT_RECORDED

Units = dict[str, tuple[list[int], list[float]]]
_COLUMNS = (
    Column("reconvicted", "Reconvicted", "yes_no"),
    Column("predicted", "Predicted probability", "number"),
    Column("synthetic", "Synthetic", "yes_no"),
)
_NEEDED = ("reconvicted", "predicted")


def read_reconvictions(
    path: Path, by: str | None, limits: Limits = GENERAL
) -> tuple[Units, bool, tuple[str, ...]]:
    """Events and predicted probabilities of each unit.

    Args:
        path: a table with `reconvicted` (yes or no) and `predicted` (0 to 1), a row per case.
        by: the column that names the unit; all cases are one where None.
        limits: the most that is read.

    Returns:
        By unit, 1 or 0 and the probability of each case; whether a column `synthetic` says yes; and what was
        skipped or left out of the table.

    Raises:
        UserError: with every fault, each with its rows.
    """
    known = [*_COLUMNS, *([Column(by, by, "text")] if by else [])]
    read = read_declared(path, known, needed=_NEEDED, present=[by] if by else [], limits=limits)
    faults = [*read.faults, *_find_outside(read)]
    if faults:
        raise UserError(faults)
    names = [name or NOT_RECORDED for name in read.values[by]] if by else ["All cases"] * len(read.rows)
    units: Units = {}
    for name, event, chance in zip(names, read.values["reconvicted"], read.values["predicted"], strict=True):
        events, chances = units.setdefault(str(name), ([], []))
        events.append(int(event))
        chances.append(float(chance))
    return units, any(read.values["synthetic"]), read.notes


def _find_outside(read: Declared) -> Iterator[Fault]:
    rows = [
        r
        for r, p in zip(read.rows, read.values["predicted"], strict=True)
        if p is not None and not 0 <= p <= 1
    ]
    if rows:
        yield read.table.make_fault(
            rows, "'predicted' is not between 0 and 1", "Enter a probability, not a percentage"
        )
