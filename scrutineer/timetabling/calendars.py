"""Calendar files: one per assessor, one per manager. Who reads a case a second time is told to nobody else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from icalendar import Calendar, Event

from scrutineer.timetabling.plan import Placed, Plan


def calendars(plan: Plan) -> dict[str, bytes]:
    """Calendar files by the name of the file.

    Times are those of the place, without a time zone. What changes in a plan made again keeps its identity,
    so that calendars move the entry.
    """
    found: dict[str, bytes] = {}
    for name in plan.kinds:
        mine = plan.of(name)
        if mine:
            found[_file("assessors", name, found)] = _calendar(plan, name, mine, for_manager=False)
    for name in sorted({p.manager for p in plan.placed if p.manager}):
        mine = tuple(p for p in plan.placed if p.manager == name)
        found[_file("managers", name, found)] = _calendar(plan, name, mine, for_manager=True)
    return found


def _file(folder: str, name: str, taken: dict[str, bytes]) -> str:
    """A file of one's own, also where two names differ only in signs."""
    plain = "".join(c if c.isalnum() else "-" for c in name.lower()).strip("-") or "somebody"
    number, file = 1, f"{folder}/{plain}.ics"
    while file in taken:
        number += 1
        file = f"{folder}/{plain}-{number}.ics"
    return file


def _calendar(plan: Plan, name: str, entries: Sequence[Placed], for_manager: bool) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Scrutineer//timetable//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Inspection: {name}{' (synthetic)' if plan.synthetic else ''}")
    stamp = datetime.fromisoformat(f"{plan.days[0]}T00:00:00").replace(tzinfo=UTC)
    for entry in entries:
        calendar.add_component(_event(entry, stamp, for_manager))
    return bytes(calendar.to_ical())


def _event(entry: Placed, stamp: datetime, for_manager: bool) -> Event:
    event = Event()
    identity = f"{entry.case}/{entry.reading}/{'manager' if for_manager else 'assessor'}"
    event.add("uid", f"{hashlib.sha256(identity.encode()).hexdigest()[:24]}@scrutineer")
    event.add("dtstamp", stamp)
    start, end = (datetime.fromisoformat(f"{entry.day}T{clock}:00") for clock in entry.slot.split("-"))
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("location", entry.office)
    if for_manager:
        event.add("summary", f"Interview about case {entry.case} with {entry.assessor}")
    elif entry.reading == 2:
        event.add("summary", f"Case {entry.case}: second reading")
    else:
        event.add("summary", f"Case {entry.case}: file and interview with {entry.manager or 'the manager'}")
    return event
