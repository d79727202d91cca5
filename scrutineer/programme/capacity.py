"""The programme's calendar: tranches, the weeks of fieldwork, and whether there are inspectors enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scrutineer.errors import Fault
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.dates import format_day


@dataclass(frozen=True)
class Tranche:
    """A stretch of the programme in which some areas are inspected, and the same thematic elements are looked at.

    Attributes:
        title: as people call it.
        begins, ends: its first and last day.
        inspectors: how many there are in each of its weeks.
        elements: the ids of its thematic elements.
    """

    title: str
    begins: date
    ends: date
    inspectors: int
    elements: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlannedArea:
    """An area's place in the programme.

    Attributes:
        area: its name.
        family: of its family group; empty if it has none.
        tranche: the title of its tranche.
        weeks: the Monday of every week of fieldwork.
        inspectors: how many it takes in each of them.
    """

    area: str
    family: str
    tranche: str
    weeks: tuple[date, ...]
    inspectors: int


@dataclass(frozen=True)
class Week:
    """One week: who is in the field, how many inspectors that takes, and how many there are."""

    monday: date
    areas: tuple[str, ...]
    needed: int
    there: int

    @property
    def short(self) -> int:
        """How many inspectors are lacking."""
        return max(self.needed - self.there, 0)


def find_monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def list_fieldwork_weeks(first: date, number: int, apart: int) -> tuple[date, ...]:
    """The Mondays of an inspection's weeks of fieldwork.

    Args:
        first: a day of the first one.
        number: how many there are.
        apart: weeks from one to the next.
    """
    return tuple(find_monday(first) + timedelta(weeks=n * apart) for n in range(number))


def count_weeks_apart(framework: Framework) -> int:
    """How many weeks lie between two weeks of fieldwork: the least that the calendar allows; 1 if it says nothing."""
    rules = framework.calendar.rules
    first = next((rule.event for rule in rules if not rule.after), None)
    return next((rule.weeks[0] for rule in rules if rule.after == first and rule.weeks), 1) or 1


def list_weeks(tranches: Sequence[Tranche], planned: Sequence[PlannedArea]) -> tuple[Week, ...]:
    """Every week of the programme from its first to its last, with what it needs and what there is."""
    mondays = [find_monday(t.begins) for t in tranches] + [w for p in planned for w in p.weeks]
    if not mondays:
        return ()
    last = max([find_monday(t.ends) for t in tranches] + [w for p in planned for w in p.weeks])
    weeks, monday = [], min(mondays)
    while monday <= last:
        field = [p for p in planned if monday in p.weeks]
        there = sum(t.inspectors for t in tranches if find_monday(t.begins) <= monday <= t.ends)
        weeks.append(
            Week(
                monday=monday,
                areas=tuple(p.area for p in field),
                needed=sum(p.inspectors for p in field),
                there=there,
            )
        )
        monday += timedelta(weeks=1)
    return tuple(weeks)


def find_problems(tranches: Sequence[Tranche], planned: Sequence[PlannedArea]) -> Iterator[Fault]:
    """What must be fixed in a programme, and how: tranches, weeks without inspectors, families split between years.

    A programme may be kept with problems: they are what its manager works on.
    """
    yield from _find_tranches(tranches)
    for week in list_weeks(tranches, planned):
        if week.short:
            yield Fault(
                f"the week of {format_day(week.monday)}",
                f"{_say_needing(week.areas)} {week.needed} inspectors, but only {week.there} are available",
                "Move one of them, or find more inspectors",
            )
    by_title = {t.title: t for t in tranches}
    for inspection in planned:
        tranche = by_title[inspection.tranche]
        if any(not find_monday(tranche.begins) <= week <= tranche.ends for week in inspection.weeks):
            yield Fault(
                inspection.area,
                f"its fieldwork is outside {inspection.tranche}",
                "Change the dates of the fieldwork or of the tranche",
            )
    yield from _find_families(tranches, planned)


def _say_needing(areas: Sequence[str]) -> str:
    return f"{', '.join(areas[:-1])} and {areas[-1]} need" if len(areas) > 1 else f"{areas[0]} needs"


def _find_tranches(tranches: Sequence[Tranche]) -> Iterator[Fault]:
    ordered = sorted(tranches, key=lambda t: t.begins)
    for tranche in ordered:
        if tranche.ends < tranche.begins:
            yield Fault(tranche.title, "it ends before it starts", "Correct one of its dates")
    for before, after in zip(ordered, ordered[1:], strict=False):
        if after.begins <= before.ends:
            yield Fault(after.title, f"it starts before {before.title} ends", "Correct one of the dates")


def _find_families(tranches: Sequence[Tranche], planned: Sequence[PlannedArea]) -> Iterator[Fault]:
    """Areas of a family are compared with each other, and a year between them blurs that comparison."""
    year = {t.title: number for number, t in list_years(tranches)}
    families: dict[str, dict[int, list[str]]] = {}
    for inspection in planned:
        if inspection.family:
            families.setdefault(inspection.family, {}).setdefault(year[inspection.tranche], []).append(
                inspection.area
            )
    for family, years in sorted(families.items()):
        if len(years) > 1:
            listed = "; ".join(f"year {n}: {', '.join(sorted(areas))}" for n, areas in sorted(years.items()))
            yield Fault(
                family,
                f"its areas are inspected in different years ({listed})",
                "Schedule them in the same year, so that they can be compared with each other",
            )


YEAR = 364
"""Days of a programme's year: 52 weeks, since programmes are planned by weeks."""


def list_years(tranches: Sequence[Tranche]) -> tuple[tuple[int, Tranche], ...]:
    """The tranches in order, each with the year of the programme in which it begins, from 1."""
    ordered = sorted(tranches, key=lambda t: t.begins)
    return tuple(((t.begins - ordered[0].begins).days // YEAR + 1, t) for t in ordered)
