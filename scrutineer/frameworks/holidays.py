"""Remarks on days: weekends, public holidays, and the days between Christmas and New Year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

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
    return str(_list_year(place, day.year).get(day) or "")


def shift_working_days(day: date, number: int, place: str = GREAT_BRITAIN) -> date:
    """The day so many working days later, or earlier where the number is negative.

    Weekends and the place's public holidays don't count. The day itself isn't counted, so none later is the day itself.
    """
    step = 1 if number > 0 else -1
    for _ in range(abs(number)):
        day = _move_day(day, step)
        while day.weekday() >= 5 or name_holiday(day, place):
            day = _move_day(day, step)
    return day


def _move_day(day: date, step: int) -> date:
    return date.fromordinal(day.toordinal() + step)


def list_holidays(place: str, years: Iterable[int]) -> list[str]:
    """The public holidays of a place in some years, as 2006-12-25."""
    return [
        day.isoformat()
        for year in years
        for day in sorted(_list_year(place, year))
        if date(year, 1, 1) <= day <= date(year, 12, 31)
    ]


@lru_cache(maxsize=512)
def _list_year(place: str, year: int) -> dict[date, str]:
    import holidays

    country, _, part = place.partition("-")
    try:
        return dict(
            holidays.country_holidays(country, subdiv=part or None, years=year, language="en_GB").items()
        )
    except NotImplementedError:
        return {}
