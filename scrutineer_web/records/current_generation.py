"""Which stretch of its history the room is in (`records/generation.py`), and what names a case through all of them."""

from __future__ import annotations

import hashlib
import time
from datetime import datetime
from uuid import UUID

from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.case import Case
from scrutineer_web.records.generation import Generation

_FOR = 30.0
"""Seconds for which a process believes what it read: a room is restored while it isn't served."""

_read: tuple[float | None, UUID | None] = (None, None)


def find_current() -> UUID | None:
    """The number of the present stretch; None in a room that was never opened by its commands."""
    global _read
    at, number = _read
    if at is None or time.monotonic() - at > _FOR:
        number = Generation.objects.order_by("-began_at").values_list("pk", flat=True).first()
        _read = (time.monotonic(), number)
    return number


def find_known() -> UUID | None:
    """The same, as this process last read it: a save asks nothing more of the database. Browsers' saves have read it."""
    return _read[1]


def forget() -> None:
    """Read it again when it is next asked for."""
    global _read
    _read = (None, None)


def find_restored_at() -> datetime | None:
    """When the room was last restored from a backup; None where it never was."""
    last = Generation.objects.order_by("-began_at").first()
    return last.began_at if last is not None and last.backup_of is not None else None


def find_ended_at(number: UUID) -> datetime | None:
    """When a stretch ended; None where it goes on, or where this room's history doesn't have it."""
    began = Generation.objects.filter(pk=number).values_list("began_at", flat=True).first()
    if began is None:
        return None
    after = Generation.objects.filter(began_at__gt=began).order_by("began_at")
    return after.values_list("began_at", flat=True).first()


def make_identity(assessment: Assessment) -> str:
    """What names an assessment's case for good: unlike its number, it is never another one's after a restore."""
    pseudonym = Case.objects.values_list("pseudonym", flat=True).get(pk=assessment.case_id)
    return hashlib.sha256(f"{pseudonym} {assessment.number}".encode()).hexdigest()[:32]
