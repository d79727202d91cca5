"""Cases as a frame: read from a file, checked against the framework, every fault at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases import personal, references
from scrutineer.fieldwork.cases.columns import CASE, Column, collect_columns, list_names, match_headings
from scrutineer.fieldwork.cases.mapping import Mapping
from scrutineer.fieldwork.cases.values import make_value_fault, parse_column
from scrutineer.frameworks.model import Framework
from scrutineer.tables.limits import GENERAL, Limits
from scrutineer.tables.names import suggest_nearest
from scrutineer.tables.read_table import read_table
from scrutineer.tables.table import ROW, DataTable, format_rows


@dataclass(frozen=True)
class Caseload:
    """Cases with their attributes, typed as the framework declares them.

    Attributes:
        where: the file they came from.
        frame: a row per case: `case`, the attributes that the file has, and `ROW`.
        repeated: rows that repeat an earlier row of the same case word for word, by row number: left out.
        ignored: headings that match no column.
        taken: what was read as what, where the file writes it otherwise: the heading, its text and the code.
        notes: what was skipped or noticed in the file, in sentences without their full stop.
    """

    where: str
    frame: pl.DataFrame
    repeated: tuple[tuple[str, int], ...] = ()
    ignored: tuple[str, ...] = ()
    taken: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ids(self) -> list[str]:
        """The reference of each case, in order."""
        return self.frame[CASE].to_list()

    @property
    def synthetic(self) -> bool:
        """Whether any case is marked as synthetic."""
        return "synthetic" in self.frame.columns and bool(self.frame["synthetic"].any())

    def hash_content(self) -> str:
        """A SHA-256 of what the cases say, whatever their order and the file's place."""
        keys = sorted(name for name in self.frame.columns if name not in {ROW, CASE})
        frame = self.frame.select(CASE, *keys).sort(CASE)
        text = frame.with_columns(pl.all().cast(pl.String)).write_csv(
            null_value="\x00", separator="\x1f", quote_style="never"
        )
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def read_cases(
    path: Path,
    framework: Framework,
    mapping: Mapping | None = None,
    needed: Sequence[str] = (),
    limits: Limits = GENERAL,
) -> Caseload:
    """Cases from a CSV, XLSX, ODS or Parquet file.

    Args:
        path: the file.
        framework: declares the attributes.
        mapping: what the file's headings and codes mean, where they are not the framework's own.
        needed: columns that must be there, without a blank.
        limits: the most that is read.

    Raises:
        UserError: with every fault of the file, each with its rows or cells: columns missing, codes and dates
            that cannot be, blanks where a value is needed, one case with two different rows, references that look
            alike, columns that seem to contain people's names.
    """
    mapping = mapping or Mapping()
    known = collect_columns(framework)
    expected = [name for column in known.values() for name in list_names(column)] + list(
        mapping.columns.values()
    )
    table = read_table(path, mapping.sheet, expected=expected, skip=mapping.skip_rows, limits=limits)
    headings, doubtful = match_headings(table.columns, known, mapping.columns)
    faults = list(personal.find_faults(table, headings.values(), mapping.keep))
    faults += _find_missing(table, known, headings, mapping, (CASE, *needed))
    faults += _find_doubtful(table, known, doubtful)
    typed, taken, wrong = _read_columns(table, known, headings, mapping, {CASE, *needed})
    faults += wrong
    frame = pl.DataFrame(typed)
    frame, repeated, clashes = _drop_repeated(table, frame) if CASE in headings else (frame, (), [])
    if faults or clashes:
        raise UserError([*faults, *clashes])
    if not frame.height:
        raise UserError(Fault(table.where, "the file has no cases", "Add a row for each case"))
    return Caseload(
        where=table.where,
        frame=frame.select([k for k in (*known, ROW) if k in frame.columns]),
        repeated=repeated,
        ignored=tuple(h for h in table.columns if h not in headings.values()),
        taken=tuple(taken),
        notes=table.notes,
    )


def _read_columns(
    table: DataTable,
    known: dict[str, Column],
    headings: dict[str, str],
    mapping: Mapping,
    needed: set[str],
) -> tuple[list[pl.Series], list[tuple[str, str, str]], list[Fault]]:
    """The row numbers and every known column as typed values; how codes were read; what is wrong."""
    typed, taken, faults = [table.frame[ROW]], list[tuple[str, str, str]](), list[Fault]()
    for key, heading in headings.items():
        values, wrong, read_as = _read_column(table, known[key], heading, mapping)
        typed.append(values)
        taken += read_as
        faults += wrong
        if key in needed:
            faults += _find_blank(table, heading)
    return typed, taken, faults


def list_notices(caseload: Caseload, framework: Framework) -> list[str]:
    """Notices about how a file of cases was read: what was skipped, what was ignored, how codes were read.

    Returns:
        Sentences without their full stop.
    """
    sentences = list(caseload.notes)
    if caseload.repeated:
        n, rows = len(caseload.repeated), [row for _, row in caseload.repeated]
        was = (
            "row repeats an earlier row exactly and was"
            if n == 1
            else "rows repeat an earlier row exactly and were"
        )
        sentences.append(f"{n} {was} left out ({format_rows(rows)})")
    known = [name for column in collect_columns(framework).values() for name in (column.key, column.title)]
    for heading in caseload.ignored:
        near = suggest_nearest(heading, known)
        sentences.append(
            f"column '{heading}' matches nothing in the framework and was ignored"
            + (f". {near}" if near else "")
        )
    by_heading: dict[str, list[str]] = {}
    for heading, text, code in caseload.taken:
        by_heading.setdefault(heading, []).append(f"'{text}' as {code}")
    sentences += [f"'{heading}': {', '.join(read)} was read" for heading, read in by_heading.items()]
    return sentences


def _read_column(
    table: DataTable, column: Column, heading: str, mapping: Mapping
) -> tuple[pl.Series, list[Fault], list[tuple[str, str, str]]]:
    """One column as values; what is wrong in it; and the codes that the file writes differently."""
    if column.key == CASE:
        return (
            references.tidy_column(table.frame[heading]).alias(CASE),
            list(references.find_faults(table, heading)),
            [],
        )
    meanings = mapping.values.get(column.key, {})
    texts = _fit(table, heading, column.kind)
    values, wrong = parse_column(texts, column, meanings, mapping.dates, table.epoch)
    faults = [*table.find_unfit(heading, column.kind), *_find_wrong(table, heading, wrong)]
    taken = []
    if column.kind == "choice":
        pairs = (
            pl.DataFrame({"text": texts, "code": values.cast(pl.String)})
            .drop_nulls()
            .unique(maintain_order=True)
        )
        taken = [(heading, text, code) for text, code in pairs.rows() if text != code]
    return values, faults, taken


def _fit(table: DataTable, heading: str, kind: str) -> pl.Series:
    """The texts of a column without the cells that it can't hold, which are reported separately."""
    unfit = table.find_unfit_rows(heading, kind)
    texts = table.frame[heading]
    if not unfit:
        return texts
    return texts.set(table.frame[ROW].is_in(list(unfit)), None)


def _find_doubtful(
    table: DataTable, known: dict[str, Column], doubtful: list[tuple[str, tuple[str, ...]]]
) -> Iterator[Fault]:
    for key, headings in doubtful:
        listed = " and ".join(f"'{heading}'" for heading in headings)
        what = f"{listed} both match '{known[key].title}'"
        yield Fault(table.head, what, "Keep one of the columns, or use a mapping to say which one to read")


def _find_missing(
    table: DataTable,
    known: dict[str, Column],
    headings: dict[str, str],
    mapping: Mapping,
    needed: Sequence[str],
) -> Iterator[Fault]:
    for key, heading in mapping.columns.items():
        if heading not in table.columns:
            yield Fault(
                table.head,
                f"there is no column '{heading}', which the mapping names for '{key}'",
                f"The columns are {', '.join(table.columns)}",
            )
    for key in dict.fromkeys(needed):
        if key not in headings and key not in mapping.columns:
            what = f"there is no column for '{known[key].title}' ('{key}')"
            yield Fault(
                table.head,
                what,
                f"The columns are {', '.join(table.columns)}. Use a mapping to say which one to read",
            )


def _find_wrong(table: DataTable, heading: str, wrong: dict[str, str]) -> Iterator[Fault]:
    for text, problem in wrong.items():
        rows = table.frame.filter(pl.nth(table.frame.columns.index(heading)) == text)[ROW].to_list()
        yield make_value_fault(table.make_fault(rows, "").where, heading, text, problem)


def _find_blank(table: DataTable, heading: str) -> Iterator[Fault]:
    marked = table.marks.get(heading, {})
    rows = [
        row
        for row in table.frame.filter(pl.nth(table.frame.columns.index(heading)).is_null())[ROW].to_list()
        if row not in marked
    ]
    if rows:
        yield table.make_fault(rows, f"'{heading}' is blank", "Fill it in")


def _drop_repeated(
    table: DataTable, frame: pl.DataFrame
) -> tuple[pl.DataFrame, tuple[tuple[str, int], ...], list[Fault]]:
    """Each case once: exact repeats of a row are set aside; other rows with the same case are a fault."""
    seen = frame.filter(pl.col(CASE).is_not_null() & pl.col(CASE).is_duplicated())
    if not seen.height:
        return frame, (), []
    said = [name for name in frame.columns if name != ROW]
    clashes, repeated = [], []
    for (case,), rows in seen.group_by(CASE, maintain_order=True):
        numbers = rows[ROW].to_list()
        if rows.select(said).n_unique() > 1:
            do = "Keep the row for the case to be inspected"
            clashes.append(
                table.make_fault(numbers, f"case '{case}' appears more than once with different details", do)
            )
        else:
            repeated += [(str(case), number) for number in numbers[1:]]
    return frame.filter(~pl.col(ROW).is_in([n for _, n in repeated])), tuple(repeated), clashes
