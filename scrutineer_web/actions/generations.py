"""Which stretch of its history the room is in, and the beginning of another when it is restored."""

from __future__ import annotations

import time
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from scrutineer_web.audit.write import tell
from scrutineer_web.records.generation import Generation

_FOR = 30.0
"""Seconds for which a process believes what it read: a room is restored while it isn't served."""

_read: tuple[float, UUID | None] = (0.0, None)


def current() -> UUID | None:
    """The number of the present stretch; None in a room that was never opened by its commands."""
    global _read
    at, number = _read
    if number is None or time.monotonic() - at > _FOR:
        number = Generation.objects.order_by("-began_at").values_list("pk", flat=True).first()
        _read = (time.monotonic(), number)
    return number


def forget() -> None:
    """Read it again when it is next asked for."""
    global _read
    _read = (0.0, None)


def restored_at() -> datetime | None:
    """When the room was last restored from a backup; None where it never was."""
    last = Generation.objects.order_by("-began_at").first()
    return last.began_at if last is not None and last.backup_of is not None else None


def ended_at(number: UUID) -> datetime | None:
    """When a stretch ended; None where it goes on, or where this room's history doesn't have it."""
    began = Generation.objects.filter(pk=number).values_list("began_at", flat=True).first()
    if began is None:
        return None
    after = Generation.objects.filter(began_at__gt=began).order_by("began_at")
    return after.values_list("began_at", flat=True).first()


def begin_first() -> None:
    """Begin the first stretch of a room that has none yet."""
    with transaction.atomic():
        if not Generation.objects.exists():
            Generation.objects.create(began_at=timezone.now())
    forget()


def begin_after_restore(*, backup_of: datetime) -> Generation:
    """Begin another stretch, in a room that was restored: devices send again what they have sent since.

    Args:
        backup_of: the moment of the backup.
    """
    with transaction.atomic():
        generation = Generation.objects.create(began_at=timezone.now(), backup_of=backup_of)
        tell("room.restored", by=None, backup_of=backup_of.isoformat(), generation=str(generation.pk))
    forget()
    return generation
