"""What became of cases, by pseudonym: reconviction within two years, and assessment scores at start and end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scrutineer.cases.columns import Column
from scrutineer.cases.tables import ROW, Table, read_table
from scrutineer.cases.values import parse_column
from scrutineer.errors import Fault, UserError

KEY = "pseudonym"
COLUMNS = (
    Column("reconvicted", "Reconvicted within two years", "yes_no"),
    Column("predicted", "Predicted probability of reconviction", "number"),
    Column("score_at_start", "Assessment score at the start", "number"),
    Column("score_at_end", "Assessment score at the end", "number"),
)


@dataclass(frozen=True)
class Outcome:
    """What became of one case; None where it is not known.

    Attributes:
        pseudonym: of the case.
        reconvicted: whether within two years.
        predicted: the probability of that, 0 to 1.
        score_at_start: of the assessment at the start of supervision, in its instrument's points.
        score_at_end: of the one at the end.
    """

    pseudonym: str
    reconvicted: bool | None
    predicted: float | None
    score_at_start: float | None
    score_at_end: float | None


def read_outcomes(path: Path) -> tuple[Outcome, ...]:
    """Outcomes from a table with a row per case: `pseudonym`, and any of the columns above.

    Raises:
        UserError: with every fault, each with its rows: no pseudonym, one twice, values that are none.
    """
    table = read_table(path)
    known = [c for c in COLUMNS if c.key in table.columns]
    faults = list(_columns(table, known))
    if faults:
        raise UserError(faults)
    faults += _pseudonyms(table)
    values: dict[str, list[object]] = {}
    for column in known:
        read, wrong = parse_column(table.frame[column.key], column, {}, ())
        values[column.key] = read.to_list()
        for text, problem in wrong.items():
            rows = table.frame.filter(table.frame[column.key] == text)[ROW].to_list()
            faults.append(table.fault(rows, f"'{column.key}' is '{text}'", problem.capitalize()))
    faults += _probabilities(table, values.get("predicted", []))
    if faults:
        raise UserError(faults)
    names = [str(text).strip() for text in table.frame[KEY].to_list()]
    empty: list[object] = [None] * len(names)
    columns = [values.get(c.key, empty) for c in COLUMNS]
    return tuple(Outcome(name, *row) for name, *row in zip(names, *columns, strict=True))


def _columns(table: Table, known: list[Column]) -> Iterator[Fault]:
    have = ", ".join(table.columns)
    if KEY not in table.columns:
        yield Fault(f"{table.where} row 1", f"there is no column '{KEY}'", f"The file has: {have}")
    if not known:
        wanted = ", ".join(c.key for c in COLUMNS)
        yield Fault(
            f"{table.where} row 1", "there is no outcome in it", f"Give some of {wanted}; it has: {have}"
        )
    if not table.frame.height:
        yield Fault(table.where, "it has no row", "Give a row for each case")


def _pseudonyms(table: Table) -> Iterator[Fault]:
    first: dict[str, int] = {}
    blank = []
    for row, text in zip(table.frame[ROW].to_list(), table.frame[KEY].to_list(), strict=True):
        name = (text or "").strip()
        if not name:
            blank.append(row)
        elif name in first:
            yield table.fault([first[name], row], f"'{name}' is there twice", "Leave one of them out")
        else:
            first[name] = row
    if blank:
        yield table.fault(blank, "the pseudonym is blank", "Fill it in, or leave the row out")


def _probabilities(table: Table, predicted: list[object]) -> Iterator[Fault]:
    rows = table.frame[ROW].to_list()
    outside = [r for r, p in zip(rows, predicted, strict=False) if isinstance(p, float) and not 0 <= p <= 1]
    if outside:
        yield table.fault(
            outside, "'predicted' does not lie between 0 and 1", "Give a probability, not a percentage"
        )
