"""A cell's value as text, and what else it is if not text or a number."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from scrutineer.tables.table import Mark

_KEPT_DIGITS: Final = 15
"""What a spreadsheet keeps of a number; the digits after are zeros."""


def format_cell(value: Any) -> str | None:
    """A cell of a workbook as text: dates as year-month-day, whole numbers without a point, yes and no."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return str(value.date() if midnight else value)
    return str(value)


def find_mark(value: Any) -> Mark | None:
    """What a value is besides text or a number; a formula and an error are recognised by their cell's type."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (date, time, timedelta)):
        return "date"
    if isinstance(value, (int, float)) and abs(value) >= 10**_KEPT_DIGITS:
        return "long_number"
    return None


def format_number(value: Any, number_format: str) -> Any:
    """A whole number as its format shows it: 7 under the format 0000 is 0007, which a reference needs."""
    zeros = number_format.strip()
    padded = len(zeros) > 1 and set(zeros) == {"0"}
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value) >= 0
    return str(int(value)).zfill(len(zeros)) if padded and whole else value
