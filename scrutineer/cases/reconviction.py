"""What became of the cases: who was convicted again within two years, beside what was predicted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scrutineer.cases.columns import Column
from scrutineer.cases.tables import ROW, Table, read_table
from scrutineer.cases.values import parse_column
from scrutineer.errors import Fault, UserError

Units = dict[str, tuple[list[int], list[float]]]
_COLUMNS = (
    Column("reconvicted", "Reconvicted", "yes_no"),
    Column("predicted", "Predicted probability", "number"),
)


def read_reconvictions(path: Path, by: str | None) -> tuple[Units, bool]:
    """Events and predicted probabilities of each unit.

    Args:
        path: a table with `reconvicted` (yes or no) and `predicted` (0 to 1), a row per case.
        by: the column that names the unit; all cases are one where None.

    Returns:
        By unit, 1 or 0 and the probability of each case; and whether a column `synthetic` says yes.

    Raises:
        UserError: with every fault, each with its rows.
    """
    table = read_table(path)
    wanted = [*(c.key for c in _COLUMNS), *([by] if by else [])]
    lost = [name for name in wanted if name not in table.columns]
    if lost:
        have = ", ".join(table.columns)
        raise UserError(
            [
                Fault(f"{table.where} row 1", f"there is no column '{name}'", f"The file has: {have}")
                for name in lost
            ]
        )
    values = _values(table)
    names = table.frame[by].fill_null("not given").to_list() if by else ["All cases"] * table.frame.height
    units: Units = {}
    for name, event, chance in zip(names, values["reconvicted"], values["predicted"], strict=True):
        events, chances = units.setdefault(name, ([], []))
        events.append(int(event))
        chances.append(float(chance))
    synthetic = (
        "synthetic" in table.columns and "yes" in table.frame["synthetic"].str.to_lowercase().to_list()
    )
    return units, synthetic


def _values(table: Table) -> dict[str, list[Any]]:
    """The two columns as values.

    Raises:
        UserError: with every blank, wrong and impossible value, each with its rows.
    """
    faults, values = list[Fault](), dict[str, list[Any]]()
    for column in _COLUMNS:
        read, wrong = parse_column(table.frame[column.key], column, {}, ())
        values[column.key] = read.to_list()
        blank = [
            row
            for row, text in zip(table.frame[ROW].to_list(), table.frame[column.key].to_list(), strict=True)
            if text is None
        ]
        if blank:
            faults.append(table.fault(blank, f"'{column.key}' is blank", "Fill it in, or leave the case out"))
        for text, problem in wrong.items():
            rows = table.frame.filter(table.frame[column.key] == text)[ROW].to_list()
            faults.append(table.fault(rows, f"'{column.key}' is '{text}'", problem.capitalize()))
    outside = [
        r
        for r, p in zip(table.frame[ROW].to_list(), values["predicted"], strict=True)
        if p is not None and not 0 <= p <= 1
    ]
    if outside:
        faults.append(
            table.fault(
                outside, "'predicted' does not lie between 0 and 1", "Give a probability, not a percentage"
            )
        )
    if faults:
        raise UserError(faults)
    return values
