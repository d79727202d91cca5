"""That the room's own processes are alive."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from scrutineer_web.records.beat import Beat

CLOCK, JOBS = "clock", "jobs"
LATE = timedelta(minutes=5)
"""A part that was not heard of for so long is not alive."""

HOLDER = "job "
"""Begins the names of the processes that hold work in the background."""

TRIAL = "trial "
"""Begins the names of rows that say whether the database still takes what is written to it."""

_LOADED = time.monotonic()


def beat(*, name: str) -> None:
    """Say that a part of the room works."""
    Beat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def list_silent(*, now: datetime) -> list[str]:
    """The parts that were not heard of lately; those that never were are not counted before the room has run so long."""
    known = dict(Beat.objects.filter(name__in=(CLOCK, JOBS)).values_list("name", "at"))
    # Counted by a clock that no one can set: a jump of the system's
    # must not make a new room look silent.
    first = min(known.values(), default=now - timedelta(seconds=time.monotonic() - _LOADED))
    return [n for n in (CLOCK, JOBS) if now - known.get(n, first) > LATE]


def list_alive(names: Iterable[str], *, now: datetime, within: timedelta) -> set[str]:
    """Those of some processes that were heard of lately."""
    return set(Beat.objects.filter(name__in=set(names), at__gt=now - within).values_list("name", flat=True))


def leave(*, name: str) -> None:
    """Say that a process ends of itself."""
    Beat.objects.filter(name=name).delete()


def forget(*, before: datetime) -> None:
    """Forget processes that ended long ago, and trials that a crash left behind."""
    # The clock and the jobs keep their rows: how long they have been silent has to stay visible.
    gone = Q(name__startswith=HOLDER) | Q(name__startswith=TRIAL)
    Beat.objects.filter(gone, at__lt=before).delete()


def write_and_take_away(*, name: str, filler: bytes) -> None:
    """Write as much as an answer with its event needs, so that a disk that is full refuses it; then take it away.

    Raises:
        DatabaseError: the database takes nothing.
    """
    with transaction.atomic():
        Beat.objects.create(name=name, at=timezone.now(), filler=filler)
    # After the commit: until then, the bytes may not have reached the disk.
    Beat.objects.filter(name=name).delete()
