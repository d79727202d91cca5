"""That the room's own processes are alive."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from scrutineer_web.records.beat import Beat

CLOCK, JOBS = "clock", "jobs"
LATE = timedelta(minutes=5)
"""A part that was not heard of for so long is not alive."""


def beat(*, name: str) -> None:
    """Say that a part of the room works."""
    Beat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def silent(*, now: datetime) -> list[str]:
    """The parts that were not heard of lately; those that never were are not counted before the room has run so long."""
    known = dict(Beat.objects.values_list("name", "at"))
    first = min(known.values(), default=now)
    return [n for n in (CLOCK, JOBS) if now - known.get(n, first) > LATE]
