"""Marks for met and nearly met targets: the same rule in every row.

If a note explains a mark, the mark must be on every figure that meets its target or misses it by no more than the
framework's near miss, and on no other figure. A mark that nothing explains is left over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrutineer.proof.basis.context import Context
from scrutineer.proof.basis.finding import Finding
from scrutineer.proof.reading.report import PrintedTable, TableRow

NEEDS_FRAMEWORK = True

_NUMBER = re.compile(r"(?<![\d.,])(\d+(?:,\d{3})*(?:\.\d+)?)")
_ABOUT_TARGETS = re.compile(r"\b(?:target|met|missed|near miss)\b", re.IGNORECASE)
_LESS = re.compile(
    r"\babsen|\bdays\b|\baverage time\b|\bsickness\b|no more than|at most|reconviction", re.IGNORECASE
)


def check(context: Context) -> Iterator[Finding]:
    """Every mark that the rule does not give, and every one that it would give and is not there."""
    governed = context.governed[0]
    near = governed.framework.targets.near_miss_percent
    tables = [t for t in context.report.tables if t.kind == "targets"]
    # One note may serve all tables.
    explained = any(_ABOUT_TARGETS.search(" ".join(note.cells)) for table in tables for note in table.notes)
    for table in tables:
        marked = [(row, cell) for row in table.rows for cell in row.cells if cell.rstrip().endswith("*")]
        if marked and not explained:
            row, cell = marked[0]
            message = f"The report does not explain the mark on {cell}."
            yield Finding(
                rule="target-marker",
                severity="warning",
                line=row.line,
                quote=f"{row.label}: {cell}",
                message=message,
                published=cell,
                expected=cell.rstrip("* "),
            )
        elif explained:
            yield from _check_table(table, near)


def _check_table(table: PrintedTable, near: int) -> Iterator[Finding]:
    column = next((i for i, title in enumerate(table.header) if title.lower() == "target"), 0)
    for row in table.rows:
        target = _read_number(row.cells[column]) if column < len(row.cells) else None
        if target is None:
            continue
        # With a percentage as target, days in the label are a time
        # limit, which a high share should keep.
        less = bool(
            _LESS.search(row.cells[column]) or (_LESS.search(row.label) and "%" not in row.cells[column])
        )
        for i, cell in enumerate(row.cells):
            if i != column:
                yield from _check_cell(table, row, i, cell, target, less, near)


def _check_cell(
    table: PrintedTable, row: TableRow, i: int, cell: str, target: float, less: bool, near: int
) -> Iterator[Finding]:
    value = _read_number(cell)
    if value is None:
        return
    # A share of the target itself, not percentage points: with 10%, a
    # target of 80 is nearly met from 72.
    limit = target * (1 + near / 100) if less else target * (1 - near / 100)
    # The limit is a product of decimals, so a value exactly on it can be off in the last bit.
    reached = value <= limit + 1e-9 if less else value >= limit - 1e-9
    marked = cell.rstrip().endswith("*")
    if reached == marked:
        return
    met = value <= target if less else value >= target
    state = (
        "meets the target"
        if met
        else f"is within {near}% of the target"
        if reached
        else f"misses the target by more than {near}%"
    )
    column = table.header[i] if i < len(table.header) else ""
    bare = cell.rstrip("* ")
    message = f"{column}: {bare} {state} of {target:g}{' or less' if less else ''}, and is {'marked' if marked else 'not marked'}."
    yield Finding(
        rule="target-marker",
        severity="warning",
        line=row.line,
        quote=f"{row.label}: {cell}",
        message=message,
        published=cell,
        expected=f"{bare}*" if reached else bare,
    )


def _read_number(cell: str) -> float | None:
    numbers = _NUMBER.findall(cell)
    # Two numbers may be a range or a date, and neither can be compared with a target.
    return float(numbers[0].replace(",", "")) if len(numbers) == 1 else None
