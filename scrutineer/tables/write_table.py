"""The one writer of every CSV that people open: nothing in it is a formula, and a spreadsheet knows its encoding.

A text that a spreadsheet would take for a formula begins with an apostrophe, as spreadsheets themselves mark text; the
door that reads tables takes it away again, so that what was written comes back to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

import polars as pl

MARK: Final = "\ufeff"
"""Without it a spreadsheet takes UTF-8 for the machine's own encoding."""

_FORMULA: Final = re.compile(r"'*\s*[=+\-@\t\r\n|\uff1d\uff0b\uff0d\uff20]")
_GUARDED: Final = re.compile(r"'+\s*[=+\-@\t\r\n|\uff1d\uff0b\uff0d\uff20]")
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def guard(text: str) -> str:
    """A text that no spreadsheet takes for a formula; numbers stay as they are."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def unguard(text: str) -> str:
    """The text that was guarded."""
    return text[1:] if _GUARDED.match(text) else text


def format_csv(frame: pl.DataFrame) -> str:
    """A frame as CSV, with a heading a column: yes and no for truths, whole numbers without a point."""
    frame = frame.with_columns(_make_plain(column) for column in frame.get_columns())
    texts = [
        name
        for name, kind in frame.schema.items()
        if kind in {pl.String, pl.Categorical} or isinstance(kind, pl.Enum)
    ]
    safe = frame.with_columns(_guard(frame[name]) for name in texts)
    return MARK + safe.rename({name: guard(name) for name in safe.columns}).write_csv()


def _guard(column: pl.Series) -> pl.Series:
    texts = column.cast(pl.String)
    odd = texts.drop_nulls().unique()
    odd = odd.filter(odd.str.contains(_FORMULA.pattern.join(("^(?:", ")"))))
    changed = {text: guard(text) for text in odd.to_list() if guard(text) != text}
    return texts.replace(changed) if changed else texts


def _make_plain(column: pl.Series) -> pl.Series:
    if column.dtype == pl.Boolean:
        return column.replace_strict([True, False], ["yes", "no"], return_dtype=pl.String)
    there = column.drop_nulls()
    whole = (
        column.dtype.is_float() and bool((there.round(0) == there).all()) and bool(there.is_finite().all())
    )
    return column.cast(pl.Int64) if whole else column


def write_csv_rows(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV: None is blank, everything else is written as its text."""
    import csv

    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([guard(name) for name in headings])
    for row in rows:
        writer.writerow(["" if value is None else guard(str(value)) for value in row])
    return MARK + text.getvalue()
