"""One cell's text as a value of its column's kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from math import isfinite
from typing import Any, Literal

import polars as pl

from scrutineer.errors import Fault
from scrutineer.fieldwork.cases.columns import Column
from scrutineer.fieldwork.cases.days import read_date
from scrutineer.frameworks.model import Scale
from scrutineer.frameworks.question_kinds import find_kind
from scrutineer.tables.limits import LARGEST
from scrutineer.tables.names import normalise_name, suggest_nearest, write_spoken

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")

_YES = {"yes", "y", "true", "1", "t"}
_NO = {"no", "n", "false", "0", "f"}

_DTYPES: dict[str, Any] = {
    "text": pl.String,
    "yes_no": pl.Boolean,
    "number": pl.Float64,
    "date": pl.Date,
}


def find_dtype(column: Column) -> Any:
    """The type that a column has in a frame: a choice keeps its options in their order."""
    return pl.Enum(column.options) if column.kind == "choice" else _DTYPES[column.kind]


def make_parser(
    column: Column, dates: Sequence[str] = (), epoch: Literal[1900, 1904] = 1900
) -> Callable[[str], Any]:
    """How to read a cell of a column: a function that gives the value or raises ValueError with a sentence."""
    options = collect_choices(column.options)
    readers: dict[str, Callable[[str], Any]] = {
        "choice": lambda text: _read_choice(options, column.options, text),
        "yes_no": _read_yes_no,
        "number": _read_number,
        "date": lambda text: _read_date(text, dates, epoch),
        "text": str,
    }
    return readers[column.kind]


def read_answer(scale: Scale, text: str, epoch: Literal[1900, 1904] = 1900) -> str:
    """An answer that isn't coded, as it is kept, whether it comes from a form, a workbook or a table.

    Its value is read and written plainly (18.0 as 18, 31/3/2006 as 2006-03-31) before the kind of question checks it. A
    number must be within the bounds of its kind.

    Args:
        scale: that the question is answered on.
        text: what a person wrote.
        epoch: the year that a spreadsheet's day numbers count from.

    Raises:
        ValueError: with a sentence that says what to give, where it can't be an answer on the scale.
    """
    kind = find_kind(scale)
    value = make_parser(Column(scale.key, scale.title, kind.read_as), (), epoch)(text.strip())
    least, most = kind.bounds(scale)
    if isinstance(value, float) and not least <= value <= most:
        raise ValueError(f"enter a number between {least:,} and {most:,}")
    return kind.check(scale, _write_plainly(value))


def _write_plainly(value: str | float | date) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return value.isoformat() if isinstance(value, date) else value


def collect_choices(options: Iterable[str]) -> dict[str, str]:
    """Every way to write an option of a column: its code, and the code with blanks for underscores."""
    known = list(options)
    return {write_spoken(option): option for option in known} | {
        normalise_name(option): option for option in known
    }


def _read_choice(ways: Mapping[str, str], options: Sequence[str], text: str) -> str:
    option = ways.get(normalise_name(text))
    if option is None:
        near = suggest_nearest(text, options)
        raise ValueError(f"enter one of {', '.join(options)}" + (f". {near}" if near else ""))
    return option


def _read_yes_no(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise ValueError("enter yes or no")


def _read_number(text: str) -> float:
    if "," in text:
        raise ValueError(
            "enter a number with a decimal point and no commas: a comma could mean thousands or decimals"
        )
    if not _NUMBER.fullmatch(text) or not isfinite(float(text)):
        raise ValueError("enter a number")
    if abs(float(text)) > LARGEST:
        raise ValueError(f"enter a number between -{LARGEST:,} and {LARGEST:,}")
    return float(text)


def _read_date(text: str, forms: Sequence[str], epoch: Literal[1900, 1904] = 1900) -> date:
    """A day in one of the forms that a mapping names, or else as people and spreadsheets write it."""
    for form in (*forms, "%Y-%m-%d") if forms else ():
        try:
            return _parse_date(text, form)
        except ValueError:
            continue
    if forms:
        example = date(2006, 3, 31)
        raise ValueError(f"write dates as in {' or '.join(example.strftime(form) for form in forms[:2])}")
    return read_date(text, epoch)


def _parse_date(text: str, form: str) -> date:
    from datetime import datetime

    return datetime.strptime(text, form).date()  # noqa: DTZ007 a day has no time zone


def read_day(text: str) -> date:
    """A day that a person gives, as in 2006-03-31 or 31/03/2006.

    Raises:
        ValueError: with a sentence, where it is none.
    """
    return read_date(text.strip())


def parse_column(
    texts: pl.Series,
    column: Column,
    meanings: Mapping[str, str],
    dates: Sequence[str],
    epoch: Literal[1900, 1904] = 1900,
) -> tuple[pl.Series, dict[str, str]]:
    """A column of text as typed values.

    Each different text is read once.

    Args:
        texts: the column.
        column: what it holds.
        meanings: the framework's code for a code of the file.
        dates: how dates are written, where a mapping says so.
        epoch: the year that a spreadsheet's day numbers count from.

    Returns:
        The values, null where the text is blank or wrong; and what is wrong with each wrong text.
    """
    read, wrong = make_parser(column, dates, epoch), dict[str, str]()
    values: dict[str, Any] = {}
    for text in texts.drop_nulls().unique().to_list():
        try:
            values[text] = read(meanings.get(text, text))
        except ValueError as error:
            wrong[text] = str(error)
    kind = find_dtype(column)
    if not values:
        return pl.Series(column.key, [None] * len(texts), dtype=kind), wrong
    old, new = pl.Series(list(values), dtype=pl.String), pl.Series(list(values.values()), dtype=kind)
    return texts.replace_strict(old, new, default=None, return_dtype=kind).alias(column.key), wrong


def make_value_fault(where: str, heading: str, text: str, problem: str) -> Fault:
    """The fault for a wrong value, wherever it is."""
    return Fault(where, f"'{heading}' is '{text}'", problem[:1].upper() + problem[1:])
