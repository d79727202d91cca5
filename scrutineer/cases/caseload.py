"""Cases as a frame: read from a file, checked against the framework, every fault at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from scrutineer.cases import personal
from scrutineer.cases.columns import CASE, Column, columns, match
from scrutineer.cases.mapping import Mapping
from scrutineer.cases.tables import ROW, Table, read_table
from scrutineer.cases.values import listed, parse_column
from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.model import Framework


@dataclass(frozen=True)
class Caseload:
    """Cases with their attributes, typed as the framework declares them.

    Attributes:
        where: the file they came from.
        frame: a row per case: `case`, the attributes that the file has, and `ROW`.
        repeated: rows that repeat an earlier row of the same case word for word, by row number: left out.
        ignored: headings that stand for no column.
    """

    where: str
    frame: pl.DataFrame
    repeated: tuple[tuple[str, int], ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def ids(self) -> list[str]:
        """The reference of each case, in order."""
        return self.frame[CASE].to_list()

    @property
    def synthetic(self) -> bool:
        """Whether any case says that it was made up."""
        return "synthetic" in self.frame.columns and bool(self.frame["synthetic"].any())

    def content_hash(self) -> str:
        """What the cases say, whatever their order in the file and wherever it lies: a SHA-256."""
        keys = sorted(name for name in self.frame.columns if name not in {ROW, CASE})
        frame = self.frame.select(CASE, *keys).sort(CASE)
        text = frame.with_columns(pl.all().cast(pl.String)).write_csv(
            null_value="\x00", separator="\x1f", quote_style="never"
        )
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def read_cases(
    path: Path, framework: Framework, mapping: Mapping | None = None, needed: Sequence[str] = ()
) -> Caseload:
    """Cases from a CSV, XLSX or Parquet file.

    Args:
        path: the file.
        framework: declares the attributes.
        mapping: what the file's headings and codes mean, where they are not the framework's own.
        needed: columns that must be there, without a blank.

    Raises:
        UserError: with every fault of the file, each with its rows: columns missing, codes and dates
            that cannot be, blanks where a value is needed, one case with two different rows, columns
            that look like names of persons.
    """
    mapping = mapping or Mapping()
    table = read_table(path, mapping.sheet)
    known = columns(framework)
    headings = match(table.columns, known, mapping.columns)
    faults = list(personal.faults(table, headings.values(), mapping.keep))
    faults += _missing(table, known, headings, mapping, (CASE, *needed))
    typed = [table.frame[ROW]]
    for key, heading in headings.items():
        column, meanings = known[key], mapping.values.get(key, {})
        values, wrong = parse_column(table.frame[heading], column, meanings, mapping.dates)
        typed.append(values)
        faults += _wrong(table, heading, wrong)
        if key in {CASE, *needed}:
            faults += _blank(table, heading)
    frame = pl.DataFrame(typed)
    frame, repeated, clashes = _once(table, frame) if CASE in headings else (frame, (), [])
    if faults or clashes:
        raise UserError([*faults, *clashes])
    if not frame.height:
        raise UserError(Fault(table.where, "the file holds no case", "Add a row for each case"))
    ignored = tuple(h for h in table.columns if h not in headings.values())
    return Caseload(
        table.where, frame.select([k for k in (*known, ROW) if k in frame.columns]), repeated, ignored
    )


def _missing(
    table: Table, known: dict[str, Column], headings: dict[str, str], mapping: Mapping, needed: Sequence[str]
) -> Iterator[Fault]:
    for key, heading in mapping.columns.items():
        if heading not in table.columns:
            yield Fault(
                f"{table.where} row 1",
                f"there is no column '{heading}', which the mapping names for '{key}'",
                f"The file has: {', '.join(table.columns)}",
            )
    for key in dict.fromkeys(needed):
        if key not in headings and key not in mapping.columns:
            what = f"there is no column for '{known[key].title}' ('{key}')"
            yield Fault(
                f"{table.where} row 1",
                what,
                f"The file has: {', '.join(table.columns)}. Name the one that is meant in a mapping",
            )


def _wrong(table: Table, heading: str, wrong: dict[str, str]) -> Iterator[Fault]:
    for text, problem in wrong.items():
        rows = table.frame.filter(pl.col(heading) == text)[ROW].to_list()
        yield listed(table.fault(rows, "").where, heading, text, problem)


def _blank(table: Table, heading: str) -> Iterator[Fault]:
    rows = table.frame.filter(pl.col(heading).is_null())[ROW].to_list()
    if rows:
        yield table.fault(rows, f"'{heading}' is blank", "Fill it in")


def _once(table: Table, frame: pl.DataFrame) -> tuple[pl.DataFrame, tuple[tuple[str, int], ...], list[Fault]]:
    """Each case once: rows that repeat another word for word are set aside, others with the same case clash."""
    seen = frame.filter(pl.col(CASE).is_not_null() & pl.col(CASE).is_duplicated())
    if not seen.height:
        return frame, (), []
    said = [name for name in frame.columns if name != ROW]
    clashes, repeated = [], []
    for (case,), rows in seen.group_by(CASE, maintain_order=True):
        numbers = rows[ROW].to_list()
        if rows.select(said).n_unique() > 1:
            do = "Keep the row that is to be inspected"
            clashes.append(table.fault(numbers, f"case '{case}' stands there with different particulars", do))
        else:
            repeated += [(str(case), number) for number in numbers[1:]]
    return frame.filter(~pl.col(ROW).is_in([n for _, n in repeated])), tuple(repeated), clashes
