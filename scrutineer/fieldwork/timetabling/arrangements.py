"""What a timetable has to work with: days, slots, offices, assessors, and when managers are away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from scrutineer.errors import UserError
from scrutineer.frameworks.load import parse_whole
from scrutineer.frameworks.parts import FrameworkPart, Sentence
from scrutineer.frameworks.yaml_source import Place, read_yaml

Problem = tuple[Place, str, str]
"""A place in the file, what is wrong there, and what to do."""

Clock = Annotated[
    str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$", description="as in 09:30-11:00")
]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="as in 2006-04-03")]
Moment = Annotated[
    str,
    Field(
        pattern=r"^\d{4}-\d{2}-\d{2}( ([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$",
        description="a day, or a day and one of its slots",
    ),
]


class Assessor(FrameworkPart):
    """Someone who assesses cases.

    Attributes:
        team: an area assessor's own team. They get none of its cases.
        manages_as: an area assessor's name as a manager in the caseload. They get none of their own cases.
        base: the office they start from.
        away: when they can't work.
        most: the highest number of assessments they can have.
    """

    name: Sentence
    kind: Literal["inspector", "area_assessor"] = "inspector"
    team: str | None = None
    manages_as: str | None = None
    base: str | None = None
    away: tuple[Moment, ...] = ()
    most: Annotated[int, Field(ge=0)] | None = None


class Away(FrameworkPart):
    """When a manager can't be interviewed."""

    name: Sentence
    away: tuple[Moment, ...]


class Travel(FrameworkPart):
    """Minutes between two offices, in either direction."""

    between: tuple[str, str]
    minutes: Annotated[int, Field(ge=0)]


class Locked(FrameworkPart):
    """What a new plan must leave where the earlier plan put it."""

    cases: tuple[str, ...] = ()
    days: tuple[Day, ...] = ()


class Arrangements(FrameworkPart):
    """The fieldwork of one inspection.

    Attributes:
        inspection: a name that no other inspection has. Calendars use it to recognise visits.
        time_zone: an IANA name.
        holidays: the country, or a part of it, whose public holidays Scrutineer points out.
        travel_minutes: for pairs of offices that aren't listed.
        area_assessor_percent: if you leave it out, the framework's.
        read_twice_percent: if you leave it out, the framework's.
    """

    format: Literal[1] = 1
    inspection: Sentence | None = None
    time_zone: str = "Europe/London"
    holidays: Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", description="as in GB-ENG")] = (
        "GB-ENG"
    )
    days: tuple[Day, ...] = Field(min_length=1)
    slots: tuple[Clock, ...] = Field(min_length=1)
    assessors: tuple[Assessor, ...] = Field(min_length=1)
    managers: tuple[Away, ...] = ()
    travel: tuple[Travel, ...] = ()
    travel_minutes: Annotated[int, Field(ge=0)] = 45
    area_assessor_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    read_twice_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    locked: Locked = Locked()

    def find_travel_minutes(self, office: str, other: str) -> int:
        """Travel between two offices."""
        if office == other:
            return 0
        # Journeys are entered once and count in both directions.
        journeys = [t.minutes for t in self.travel if set(t.between) == {office, other}]
        return journeys[0] if journeys else self.travel_minutes

    def list_free_slots(self, away: tuple[str, ...]) -> set[tuple[int, int]]:
        """The days and slots, by number, that remain to someone who is away at times."""
        gone = set(away)
        return {
            (d, s)
            for d, day in enumerate(self.days)
            for s, slot in enumerate(self.slots)
            # An absence is a whole day or one slot of a day, written as people write it.
            if day not in gone and f"{day} {slot}" not in gone
        }


def read_arrangements(path: Path) -> Arrangements:
    """Arrangements from their file.

    Raises:
        UserError: with every fault, each with file and line: days that do not exist or are out of order,
            slots that overlap, names that appear twice, absences on days that are not worked.
    """
    arrangements, faults = parse_whole(Arrangements, read_yaml(path), find_problems)
    if faults:
        raise UserError(faults)
    return arrangements


def find_problems(arrangements: Arrangements) -> Iterator[Problem]:
    """What does not go together: days, slots, names, absences, and the time zone."""
    yield from _find_zone(arrangements)
    yield from _find_days(arrangements)
    yield from _find_slots(arrangements)
    yield from _find_repeated("assessors", [a.name for a in arrangements.assessors])
    yield from _find_repeated("managers", [m.name for m in arrangements.managers])
    yield from _find_absences(arrangements)


def _find_zone(arrangements: Arrangements) -> Iterator[Problem]:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(arrangements.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        what = f"there is no time zone '{arrangements.time_zone}'"
        yield (("time_zone",), what, "Enter an IANA name, as in Europe/London")


def _find_days(arrangements: Arrangements) -> Iterator[Problem]:
    for n, day in enumerate(arrangements.days):
        try:
            date.fromisoformat(day)
        except ValueError:
            yield (("days", n), f"there is no date {day}", "Write dates as year-month-day")
    yield from _find_order("days", arrangements.days)
    for n, day in enumerate(arrangements.locked.days):
        if day not in arrangements.days:
            what = f"{day} is not one of the fieldwork days"
            yield (("locked", "days", n), what, f"Days: {', '.join(arrangements.days)}")


def _find_slots(arrangements: Arrangements) -> Iterator[Problem]:
    for n, slot in enumerate(arrangements.slots):
        # `Clock` has two digits for every hour and minute, so the
        # order of text is the order of time.
        if slot.split("-")[0] >= slot.split("-")[1]:
            yield (("slots", n), f"slot {slot} ends before it begins", "Put the earlier time first")
    for n, (first, second) in enumerate(pairwise(arrangements.slots)):
        if first.split("-")[1] > second.split("-")[0]:
            what = f"slot {second} begins before {first} ends"
            yield (("slots", n + 1), what, "Put slots in order, with no overlaps")


def _find_absences(arrangements: Arrangements) -> Iterator[Problem]:
    # `free` would ignore an absence that matches no day or slot, and
    # plan a visit while the person is away.
    known = {*arrangements.days, *(f"{d} {s}" for d in arrangements.days for s in arrangements.slots)}
    people: dict[str, Sequence[Assessor | Away]] = {
        "assessors": arrangements.assessors,
        "managers": arrangements.managers,
    }
    for part, some in people.items():
        for n, person in enumerate(some):
            for m, moment in enumerate(person.away):
                if moment not in known:
                    what = f"'{person.name}' is away on {moment}, which is not a day or slot of the fieldwork"
                    do = "Enter a fieldwork day, or a day and one of its slots"
                    yield ((part, n, "away", m), what, do)


def _find_order(part: str, values: tuple[str, ...]) -> Iterator[Problem]:
    for n, (first, second) in enumerate(pairwise(values)):
        # Dates as year-month-day are in order as text. Equal neighbours are repeats.
        if first >= second:
            yield ((part, n + 1), f"{second} does not come after {first}", "List each once, in order")


def _find_repeated(part: str, names: list[str]) -> Iterator[Problem]:
    for name, number in Counter(names).items():
        if number > 1:
            place = len(names) - 1 - names[::-1].index(name)
            yield ((part, place), f"'{name}' appears twice", "Keep one of them")
