"""`calendar.yaml`: when things happen; what is not dated yet follows from the framework's rules."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from scrutineer.frameworks.model import CalendarRule, Framework
from scrutineer.frameworks.parts import FrameworkPart, Key
from scrutineer.frameworks.yaml_source import Place

Problem = tuple[Place, str, str]

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _read_day(value: object) -> object:
    """A day as written: 2005-10-03."""
    text = str(value)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a date; write it as in 2005-10-03") from None
    if not _FIRST <= day.year <= _LAST:
        raise ValueError(f"'{text}' is too far from today")
    return day


_FIRST, _LAST = 1900, 2200
Day = Annotated[date, BeforeValidator(_read_day)]


class Dates(FrameworkPart):
    """The dates of the events that have one."""

    events: dict[Key, Day] = Field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One event with its day, or with the days between which its rule puts it.

    Attributes:
        rule: the framework's.
        on: the day that was set; None if it is not set.
        earliest, latest: what the rule gives; None if the event before it has no day yet.
    """

    rule: CalendarRule
    on: date | None
    earliest: date | None
    latest: date | None

    @property
    def breaks(self) -> bool:
        """Whether the day that was set lies outside what the rule allows."""
        if self.on is None or self.earliest is None or self.latest is None:
            return False
        return not self.earliest <= self.on <= self.latest


def list_steps(framework: Framework, dates: Dates) -> tuple[Step, ...]:
    """Every event of the framework's calendar."""
    return tuple(_step(rule, dates) for rule in framework.calendar.rules)


def _step(rule: CalendarRule, dates: Dates) -> Step:
    start = dates.events.get(rule.after) if rule.after else None
    window = rule.weeks or rule.months
    if start is None or window is None:
        return Step(rule=rule, on=dates.events.get(rule.event), earliest=None, latest=None)
    ends = (
        [start + timedelta(weeks=n) for n in window] if rule.weeks else [add_months(start, n) for n in window]
    )
    return Step(rule=rule, on=dates.events.get(rule.event), earliest=ends[0], latest=ends[1])


def find_step(framework: Framework, dates: Dates, role: str) -> Step | None:
    """The event that has a role in the inspection's life; None if the framework names none."""
    return next((step for step in list_steps(framework, dates) if step.rule.role == role), None)


def find_latest_after(rule: CalendarRule, start: date) -> date | None:
    """The last day that a rule allows after the event that it follows; None if it has no window."""
    window = rule.weeks or rule.months
    if window is None:
        return None
    return start + timedelta(weeks=window[1]) if rule.weeks else add_months(start, window[1])


def add_months(day: date, months: int) -> date:
    """The same day a number of months later; the last day of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def find_faults(framework: Framework, dates: Dates) -> Iterator[Problem]:
    """Days of unknown events, and days that come before the event that they follow."""
    rules = {rule.event: rule for rule in framework.calendar.rules}
    for event, day in dates.events.items():
        place = ("events", event)
        if event not in rules:
            yield place, f"there is no event '{event}'", f"Choose from {', '.join(rules)}"
            continue
        before = rules[event].after
        if before in dates.events and dates.events[before] > day:
            yield (
                place,
                f"'{event}' ({format_day(day)}) comes before '{before}' ({format_day(dates.events[before])})",
                "Correct one of the dates",
            )


def format_day(day: date) -> str:
    """A day as reports write it: 3 October 2005."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def format_month(day: date) -> str:
    """A month as covers write it: October 2005."""
    return f"{MONTHS[day.month - 1]} {day.year}"
