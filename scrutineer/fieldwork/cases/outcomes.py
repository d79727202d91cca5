"""Outcomes of cases, by pseudonym: reconviction within two years, and assessment scores at the start and end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.columns import Column
from scrutineer.fieldwork.cases.declared import Declared, read_declared
from scrutineer.tables.limits import GENERAL, Limits

KEY = "pseudonym"
COLUMNS = (
    Column("reconvicted", "Reconvicted within two years", "yes_no"),
    Column("predicted", "Predicted probability of reconviction", "number"),
    Column("score_at_start", "Assessment score at the start", "number"),
    Column("score_at_end", "Assessment score at the end", "number"),
)


@dataclass(frozen=True)
class Outcome:
    """The outcome of one case; None if it is not known.

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


def read_outcomes(path: Path, limits: Limits = GENERAL) -> tuple[tuple[Outcome, ...], tuple[str, ...]]:
    """Outcomes from a table with a row per case: `pseudonym`, and any of the columns above.

    Returns:
        The outcomes in the order of their rows, and what was skipped or left out of the table.

    Raises:
        UserError: with every fault, each with its rows: no pseudonym, one twice, values that are none.
    """
    known = (Column(KEY, "Pseudonym", "text"), *COLUMNS)
    read = read_declared(path, known, needed=(KEY,), reference=KEY, limits=limits)
    faults = [*read.faults, *_find_outcomes(read), *_find_repeated(read), *_find_probabilities(read)]
    if faults:
        raise UserError(faults)
    columns = [read.values[c.key] for c in COLUMNS]
    outcomes = tuple(Outcome(name, *row) for name, *row in zip(read.values[KEY], *columns, strict=True))
    return outcomes, read.notes


def _find_outcomes(read: Declared) -> Iterator[Fault]:
    if not any(c.key in read.headings for c in COLUMNS):
        names, have = ", ".join(c.key for c in COLUMNS), ", ".join(read.table.columns)
        yield Fault(
            read.table.head,
            "there is no column of outcomes",
            f"Add one or more of {names}. The columns are {have}",
        )
    if not read.rows:
        yield Fault(read.table.where, "the file has no rows", "Add a row for each case")


def _find_repeated(read: Declared) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for row, name in zip(read.rows, read.values[KEY], strict=True):
        if name in first:
            yield read.table.make_fault([first[name], row], f"'{name}' appears twice", "Remove one of them")
        elif name:
            first[name] = row


def _find_probabilities(read: Declared) -> Iterator[Fault]:
    outside = [
        r
        for r, p in zip(read.rows, read.values["predicted"], strict=True)
        if p is not None and not 0 <= p <= 1
    ]
    if outside:
        yield read.table.make_fault(
            outside, "'predicted' is not between 0 and 1", "Enter a probability, not a percentage"
        )
