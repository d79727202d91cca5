"""The rows of a file as text, with what each odd cell contained and where it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from scrutineer.errors import Fault

ROW = "row_in_file"
"""The column that holds each row's number in its file, counted as a spreadsheet does."""

Mark = Literal["date", "boolean", "error", "formula", "long_number"]
"""What a cell is besides text or a number.

`error` is a spreadsheet's own (#REF!), `formula` one that was saved without its value, and `long_number` one of more
digits than a spreadsheet keeps.
"""

_UNFIT: Mapping[str, frozenset[Mark]] = {
    "text": frozenset({"date", "boolean", "error", "formula", "long_number"}),
    "choice": frozenset({"date", "error", "formula"}),
    "yes_no": frozenset({"date", "error", "formula"}),
    "number": frozenset({"date", "boolean", "error", "formula"}),
    "date": frozenset({"boolean", "error", "formula"}),
    "any": frozenset({"error", "formula"}),
}
"""The marks that no value of a column of that kind can carry."""

_WORDS: Mapping[Mark, tuple[str, str]] = {
    "date": (
        "is a date, which a spreadsheet may have converted from something else",
        "Format the column as text, then type the value again",
    ),
    "boolean": ("is TRUE or FALSE", "Format the column as text, then type the value again"),
    "error": ("is a spreadsheet error", "Correct the formula, or type the value"),
    "formula": (
        "is a formula whose value was not saved",
        "Open the file in a spreadsheet and save it again, or type the values",
    ),
    "long_number": (
        "is a number with more digits than a spreadsheet keeps",
        "Format the column as text, then type the number again",
    ),
}

_LISTED = 4


@dataclass(frozen=True)
class DataTable:
    """The rows of a file as text.

    Attributes:
        where: the file as a person would write it, and the sheet where it is not the first.
        frame: every column as text (null where a cell is blank), and `ROW`.
        places: where each row of `ROW` is, for rows that were gathered from several sheets or files.
        header: the number of the row that holds the headings.
        letters: the letter of each column, for spreadsheets.
        marks: by heading, the rows whose cell is not plain text or a number, and what it is instead.
        notes: what was skipped or noticed on the way, in sentences without their full stop.
        epoch: the day that a spreadsheet's day numbers count from: 1900, or 1904 on old Macintosh files.
    """

    where: str
    frame: pl.DataFrame
    places: tuple[str, ...] = ()
    header: int = 1
    letters: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, Mapping[int, Mark]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    epoch: Literal[1900, 1904] = 1900

    @property
    def columns(self) -> list[str]:
        """The columns of the file, in order."""
        return [name for name in self.frame.columns if name != ROW]

    @property
    def head(self) -> str:
        """Where the headings are."""
        return f"{self.where} row {self.header}"

    def make_fault(self, rows: list[int], what: str, do: str = "") -> Fault:
        """A fault in some rows of the file."""
        if self.places:
            listed = "; ".join(self.places[row] for row in rows[:_LISTED])
            return Fault(
                listed + (f" and {len(rows) - _LISTED} more" if len(rows) > _LISTED else ""), what, do
            )
        return Fault(f"{self.where} {format_rows(rows)}" if rows else self.where, what, do)

    def find_unfit(self, heading: str, kind: str) -> Iterator[Fault]:
        """A fault for each kind of cell that a column of some kind cannot hold, with the cells.

        Args:
            heading: of the column.
            kind: text, choice, yes_no, number or date; `any` where a column holds values of several kinds.
        """
        by_mark: dict[Mark, list[int]] = {}
        for row, mark in self.marks.get(heading, {}).items():
            if mark in _UNFIT[kind]:
                by_mark.setdefault(mark, []).append(row)
        for mark, rows in by_mark.items():
            what, do = _WORDS[mark]
            yield Fault(f"{self.where} {self.name_cells(heading, rows)}", f"'{heading}' {what}", do)

    def find_unfit_rows(self, heading: str, kind: str) -> set[int]:
        """The rows whose cell a column of some kind cannot hold."""
        return {row for row, mark in self.marks.get(heading, {}).items() if mark in _UNFIT[kind]}

    def name_cells(self, heading: str, rows: list[int]) -> str:
        """Cells of one column as a person finds them: "cell C7", or the rows where a file has no letters."""
        letter = self.letters.get(heading)
        if letter is None:
            return format_rows(rows)
        listed = ", ".join(f"{letter}{row}" for row in rows[:12])
        more = f" and {len(rows) - 12} more" if len(rows) > 12 else ""
        return f"cell{'' if len(rows) == 1 else 's'} {listed}{more}"


def format_rows(rows: Iterable[int]) -> str:
    """Row numbers as a person would list them: the first dozen, and how many more."""
    numbers = list(rows)
    listed = ", ".join(map(str, numbers[:12]))
    more = f" and {len(numbers) - 12} more" if len(numbers) > 12 else ""
    return f"row{'' if len(numbers) == 1 else 's'} {listed}{more}"
