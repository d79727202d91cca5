"""One cell's text as a value of its column's kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from math import isfinite
from typing import Any

import polars as pl

from scrutineer.cases.columns import Column, code
from scrutineer.errors import Fault

DATES = ("%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y", "%d %B %Y", "%d %b %Y")
"""How dates are written, unless a mapping says otherwise: the day stands before the month."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")

_YES = {"yes", "y", "true", "1", "t"}
_NO = {"no", "n", "false", "0", "f"}

_DTYPES: dict[str, Any] = {
    "text": pl.String,
    "yes_no": pl.Boolean,
    "number": pl.Float64,
    "date": pl.Date,
}


def dtype(column: Column) -> Any:
    """The type that a column has in a frame: a choice keeps its options in their order."""
    return pl.Enum(column.options) if column.kind == "choice" else _DTYPES[column.kind]


def parser(column: Column, dates: Sequence[str] = ()) -> Callable[[str], Any]:
    """How to read a cell of a column: a function that gives the value or raises ValueError with a sentence."""
    readers: dict[str, Callable[[str], Any]] = {
        "choice": lambda text: _choice(column, text),
        "yes_no": _yes_no,
        "number": _number,
        "date": lambda text: _date(text, (*dates, "%Y-%m-%d") if dates else DATES),
        "text": str,
    }
    return readers[column.kind]


def _choice(column: Column, text: str) -> str:
    wanted = code(text)
    if wanted not in column.options:
        raise ValueError(f"give one of {', '.join(column.options)}")
    return wanted


def _yes_no(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise ValueError("give yes or no")


def _number(text: str) -> float:
    if "," in text:
        raise ValueError(
            "give a number with a point and without commas: a comma may mean thousands or decimals"
        )
    if not _NUMBER.fullmatch(text) or not isfinite(float(text)):
        raise ValueError("give a number")
    return float(text)


def _date(text: str, forms: Sequence[str]) -> date:
    for form in forms:
        try:
            return _strptime(text, form)
        except ValueError:
            continue
    example = _strptime("2006-03-31", "%Y-%m-%d")
    raise ValueError(f"write dates as in {' or '.join(example.strftime(form) for form in forms[:2])}")


def _strptime(text: str, form: str) -> date:
    from datetime import datetime

    return datetime.strptime(text, form).date()  # noqa: DTZ007 a day has no time zone


def read_day(text: str) -> date:
    """A day that a person gives, as in 2006-03-31 or 31/03/2006.

    Raises:
        ValueError: with a sentence, where it is none.
    """
    return _date(text.strip(), DATES)


def parse_column(
    texts: pl.Series, column: Column, meanings: dict[str, str], dates: Sequence[str]
) -> tuple[pl.Series, dict[str, str]]:
    """A column of text as typed values.

    Each different text is read once.

    Returns:
        The values, null where the text is blank or wrong; and what is wrong with each wrong text.
    """
    read, wrong = parser(column, dates), dict[str, str]()
    values: dict[str, Any] = {}
    for text in texts.drop_nulls().unique().to_list():
        try:
            values[text] = read(meanings.get(text, text))
        except ValueError as error:
            wrong[text] = str(error)
    kind = dtype(column)
    if not values:
        return pl.Series(column.key, [None] * len(texts), dtype=kind), wrong
    old, new = pl.Series(list(values), dtype=pl.String), pl.Series(list(values.values()), dtype=kind)
    return texts.replace_strict(old, new, default=None, return_dtype=kind).alias(column.key), wrong


def listed(where: str, heading: str, text: str, problem: str) -> Fault:
    """The fault of a wrong value, wherever it stands."""
    return Fault(where, f"'{heading}' is '{text}'", problem[:1].upper() + problem[1:])
