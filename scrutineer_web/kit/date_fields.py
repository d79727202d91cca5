"""Dates, times and names as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from difflib import get_close_matches

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

EXAMPLE = "31 1 2027"
HINT = gettext_lazy("For example, 31 1 2027 or 31 January 2027")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORD = re.compile(r"\d+|[^\W\d_]+")
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?::\d{2})?\s*(am|pm)?", re.IGNORECASE)
# The sign before keeps the end of a date, as in 8.11.20, from being read as a time.
_CLOCK = re.compile(
    r"(?<![\d/.:-])(\d{1,2}[:.]\d{2}(?::\d{2})?\s*(?:am|pm)?|\d{1,2}\s*(?:am|pm))\s*$", re.IGNORECASE
)


class NotReadError(ValueError):
    """A text is not what it should be; the message says what to write."""


def read_date(text: str) -> date:
    """A date: 8 November 2026, 8/11/2026, 8 11 2026, 2026-11-08.

    Raises:
        NotReadError: it is none, or lacks its year.
    """
    words = [word.lower() for word in _WORD.findall(text)]
    words = [
        w
        for w in words
        if w not in ("st", "nd", "rd", "th", "of") and not (w[:3] in _DAYS and not _read_month(w))
    ]
    if len(words) == 3 and len(words[0]) == 4 and words[0].isdecimal():
        words.reverse()  # 2026-11-08
    if len(words) == 3 and _read_month(words[0]):
        words[:2] = words[1::-1]  # November 8, 2026
    # A missing year is never guessed: near the turn of a year, the guess would often be wrong.
    if len(words) == 2 and (_read_month(words[1]) or _read_month(words[0]) or _read_number(words[1])):
        raise NotReadError(_("Enter the date with its year, as %(example)s") % {"example": EXAMPLE})
    if len(words) != 3:
        raise NotReadError(_("Enter the date as %(example)s") % {"example": EXAMPLE})
    day, month, year = (
        _read_number(words[0]),
        _read_month(words[1]) or _read_number(words[1]),
        _read_number(words[2]),
    )
    # A year of two digits could be of either century, and programmes are planned years ahead.
    if year and len(words[2]) == 2:
        raise NotReadError(_("Enter the year in full, as %(example)s") % {"example": EXAMPLE})
    if day is None or month is None or year is None:
        raise NotReadError(_("Enter the date as %(example)s") % {"example": EXAMPLE})
    try:
        read = date(year, month, day)
    except ValueError:
        raise NotReadError(_("Enter a date that exists, as %(example)s") % {"example": EXAMPLE}) from None
    if not 1900 < read.year < 2200:
        raise NotReadError(_("Enter a year between 1901 and 2199"))
    return read


def read_time(text: str) -> time:
    """A time of day: 9:30, 09.30, 9.30am, 2pm.

    Raises:
        NotReadError: it is none.
    """
    match = _TIME.fullmatch(text.strip())
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (99, 0)
    if match and match[3] and 1 <= hour <= 12:
        # 12am is midnight and 12pm is noon.
        hour = hour % 12 + (12 if match[3].lower() == "pm" else 0)
    # A bare number could be an hour or part of a date, and 14pm is a slip. Both are refused, not guessed.
    elif match and (match[3] or match[2] is None):
        hour = 99
    try:
        return time(hour, minute)
    except ValueError:
        raise NotReadError(_("Enter the time as 09:30")) from None


def read_moment(text: str) -> datetime:
    """A date with a time of day, as a browser or a person writes them: 1 March 2006 00:01, 2006-03-01T00:01.

    Raises:
        NotReadError: it is none.
    """
    example = _("Enter the date and time as %(example)s 09:30") % {"example": EXAMPLE}
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        match = _CLOCK.search(text)
        if match is None:
            raise NotReadError(example) from None
        try:
            moment = datetime.combine(read_date(text[: match.start()].rstrip(" ,tT")), read_time(match[1]))
        except NotReadError:
            raise NotReadError(example) from None
    if not 1900 < moment.year < 2200:
        raise NotReadError(_("Enter a year between 1901 and 2199"))
    return moment


def write_date(day: date) -> str:
    """A date as people read it, and as `read_date` takes it."""
    return f"{day.day} {_FULL[day.month - 1].capitalize()} {day.year}"


def suggest_nearest(name: str, known: Iterable[str]) -> str:
    """What to write in the place of an unknown name: the nearest of those that are known, or some of them."""
    names = list(dict.fromkeys(known))
    folded = {n.casefold(): n for n in names}
    near = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    if near:
        return _("Did you mean %(name)s?") % {"name": folded[near[0]]}
    if not names:
        return _("There are none yet.")
    shown = ", ".join(names[:6])
    return (
        _("Choose from: %(shown)s.") % {"shown": shown}
        if len(names) <= 6
        else _("There are %(count)s, such as %(shown)s.") % {"count": len(names), "shown": shown}
    )


def _read_number(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdecimal() and len(word) <= 4 else None


def _read_month(word: str) -> int | None:
    if not word[:3].isalpha() or word[:3] not in _MONTHS:
        return None
    place = _MONTHS.index(word[:3])
    return place + 1 if _FULL[place].startswith(word) or word == "sept" else None
