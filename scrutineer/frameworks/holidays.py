"""Remarks on days: weekends, public holidays, and the days between Christmas and New Year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

GREAT_BRITAIN = "GB-ENG"


def list_day_remarks(days: Iterable[str], place: str = GREAT_BRITAIN) -> Iterator[str]:
    """A sentence for every day on which people are unlikely to be at work.

    Args:
        days: as 2006-04-03; anything that is not a date is left to other checks.
        place: the country, and the part of it, whose public holidays count, as in GB-ENG.
    """
    for text in days:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            continue
        why = remark_on_day(day, place)
        if why:
            yield f"{day.day} {day:%B %Y} {why}"


def remark_on_day(day: date, place: str = GREAT_BRITAIN) -> str:
    """Why people may not be at work on a day, as the end of a sentence; empty if there is no reason."""
    name = name_holiday(day, place)
    if name:
        return f"is a public holiday ({name})"
    if day.weekday() >= 5:
        return f"is a {'Saturday' if day.weekday() == 5 else 'Sunday'}"
    if (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 1):
        return "is between Christmas and New Year"
    return ""


def name_holiday(day: date, place: str = GREAT_BRITAIN) -> str:
    """The public holiday that a day is; empty if it is none, or where the place's holidays are not known."""
    import holidays

    country, _, part = place.partition("-")
    try:
        calendar = holidays.country_holidays(country, subdiv=part or None, years=day.year, language="en_GB")
    except NotImplementedError:
        return ""
    return str(calendar.get(day) or "")
