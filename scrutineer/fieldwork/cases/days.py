"""Days as people and spreadsheets write them: ISO and British dates, and the day numbers of a spreadsheet."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final, Literal

_MONTHS: Final = {
    name: n
    for n, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
"""English names, whatever the language of the machine."""

_TIME = (
    r"(?:[T ,]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[ap]m)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_ISO: Final = re.compile(rf"([0-9]{{4}})-([0-9]{{1,2}})-([0-9]{{1,2}}){_TIME}", re.IGNORECASE)
_YEAR_FIRST: Final = re.compile(rf"([0-9]{{4}})/([0-9]{{1,2}})/([0-9]{{1,2}}){_TIME}", re.IGNORECASE)
_BRITISH: Final = re.compile(rf"([0-9]{{1,2}})([/. -])([0-9]{{1,2}})\2([0-9]{{2,4}}){_TIME}", re.IGNORECASE)
_NAMED: Final = re.compile(
    rf"(?:[a-z]+day,? )?([0-9]{{1,2}})(?:st|nd|rd|th)?[ -]([a-z]{{3,9}})\.?,?[ -]([0-9]{{2,4}}){_TIME}",
    re.IGNORECASE,
)
_SERIAL: Final = re.compile(r"([0-9]{4,5})(?:\.[0-9]+)?")
_FIRST, _LAST = date(1920, 1, 1), date(2099, 12, 31)
"""Between these a number in a date column is taken for a spreadsheet's day number."""


def read_date(text: str, epoch: Literal[1900, 1904] = 1900) -> date:
    """A day from text.

    Args:
        text: a day, with or without a time, which is left out.
        epoch: the year that a spreadsheet's day numbers count from.

    Raises:
        ValueError: with a sentence, if it is not a date or could be two different dates.
    """
    text = " ".join(text.split())
    for form in (_ISO, _YEAR_FIRST):
        if match := form.fullmatch(text):
            return _make_day(int(match[1]), int(match[2]), int(match[3]))
    if match := _BRITISH.fullmatch(text):
        return _read_british(int(match[1]), int(match[3]), match[4])
    if (match := _NAMED.fullmatch(text)) and match[2].lower() in _MONTHS:
        return _read_british(int(match[1]), _MONTHS[match[2].lower()], match[3])
    if match := _SERIAL.fullmatch(text):
        return _read_serial(int(match[1]), epoch)
    raise ValueError("write dates as in 31/3/2006, 31 March 2006 or 2006-03-31")


def _read_british(day: int, month: int, year: str) -> date:
    if len(year) != 4:
        raise ValueError("write the year with four digits, as in 31/3/2006")
    if month > 12 >= day:
        raise ValueError("write the day before the month, as in 31/3/2006")
    return _make_day(int(year), month, day)


def _make_day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("there is no such date; write dates as in 31/3/2006") from None


def _read_serial(number: int, epoch: Literal[1900, 1904]) -> date:
    """A spreadsheet's day number: 1 is 1 January 1900, with a 29 February 1900 that never was; or counted from 1904."""
    day = (date(1904, 1, 1) if epoch == 1904 else date(1899, 12, 30)) + timedelta(days=number)
    if not _FIRST <= day <= _LAST:
        raise ValueError("write dates as in 31/3/2006, 31 March 2006 or 2006-03-31")
    return day
