"""Calendar files: one per assessor, one per manager. The calendars do not reveal to anyone else who makes the second assessment.

After RFC 5545: a visit keeps its UID for good; SEQUENCE (3.8.7.4) and DTSTAMP (3.8.7.2) grow with every change, so that a
calendar takes the newer; a visit that no longer takes place is sent once more as cancelled (3.8.1.11).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from scrutineer.fieldwork.timetabling.timetable import Placed, TimetablePlan


def collect_calendars(plan: TimetablePlan) -> dict[str, bytes]:
    """Calendar files by the name of the file; people who lost all their visits get one that cancels them."""
    files: dict[str, bytes] = {}
    people = dict.fromkeys([*plan.kinds, *(p.assessor for p in plan.cancelled)])
    for name in people:
        mine, gone = plan.find_placed(name), [p for p in plan.cancelled if p.assessor == name]
        still = {(p.case, p.reading) for p in mine}
        # A visit that the same person still makes at another time is an update, not a cancellation.
        gone = [p for p in gone if (p.case, p.reading) not in still]
        if mine or gone:
            files[_name_file("assessors", name, files)] = _write_calendar(
                plan, name, mine, gone, for_manager=False
            )
    for name in sorted({p.manager for p in (*plan.placed, *plan.cancelled) if p.manager}):
        mine = tuple(p for p in plan.placed if p.manager == name)
        still = {(p.case, p.reading) for p in mine}
        gone = [p for p in plan.cancelled if p.manager == name and (p.case, p.reading) not in still]
        files[_name_file("managers", name, files)] = _write_calendar(plan, name, mine, gone, for_manager=True)
    return files


def _name_file(folder: str, name: str, taken: dict[str, bytes]) -> str:
    """A separate file for each person, even if two names differ only in punctuation."""
    # File names must work on every system, and people's names can contain apostrophes, spaces and slashes.
    plain = "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-") or "somebody"
    number, file = 1, f"{folder}/{plain}.ics"
    while file in taken:
        number += 1
        file = f"{folder}/{plain}-{number}.ics"
    return file


def _write_calendar(
    plan: TimetablePlan, name: str, visits: Sequence[Placed], gone: Sequence[Placed], for_manager: bool
) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Scrutineer//timetable//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"Inspection: {name}{' (synthetic)' if plan.synthetic else ''}")
    calendar.add("x-wr-timezone", plan.time_zone)
    seen: set[tuple[str, int]] = set()
    for visit in visits:
        calendar.add_component(_make_event(plan, visit, for_manager))
    for visit in gone:
        # A visit can be cancelled in several earlier plans, but a calendar needs one event for each UID.
        if (visit.case, visit.reading) not in seen:
            seen.add((visit.case, visit.reading))
            calendar.add_component(_make_event(plan, visit, for_manager, cancelled=True))
    # Each TZID needs its VTIMEZONE in the same file (RFC 5545, section 3.2.19).
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _make_event(plan: TimetablePlan, visit: Placed, for_manager: bool, cancelled: bool = False) -> Event:
    event = Event()
    # A hash, because the UID must not reveal the case; the role is part of it, because both people have their own event.
    parts = (plan.inspection, visit.case, str(visit.reading), "manager" if for_manager else "assessor")
    event.add("uid", f"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}@scrutineer")
    # No clock is at hand: the first plan's day and a minute for each plan since grow as a clock would.
    first = datetime.fromisoformat(f"{plan.begun or plan.days[0]}T00:00:00").replace(tzinfo=UTC) - timedelta(
        days=366
    )
    event.add("dtstamp", first + timedelta(minutes=visit.revision))
    event.add("sequence", visit.sequence)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    zone = ZoneInfo(plan.time_zone)
    start, end = (
        datetime.fromisoformat(f"{visit.day}T{clock}:00").replace(tzinfo=zone)
        for clock in visit.slot.split("-")
    )
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("location", visit.office)
    event.add(
        "summary",
        f"Cancelled: {_write_summary(visit, for_manager)}"
        if cancelled
        else _write_summary(visit, for_manager),
    )
    return event


def _write_summary(visit: Placed, for_manager: bool) -> str:
    # Managers see only their interviews: a second assessment has no interview and must stay blind.
    if for_manager:
        return f"Interview about case {visit.case} with {visit.assessor}"
    if visit.reading == 2:
        return f"Case {visit.case}: second assessment"
    return f"Case {visit.case}: file and interview with {visit.manager or 'the manager'}"
