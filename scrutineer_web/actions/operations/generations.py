"""The stretches of the room's history: one from when it is made, another from each restore."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from scrutineer_web.audit.events import tell
from scrutineer_web.records import current_generation
from scrutineer_web.records.generation import Generation

if TYPE_CHECKING:
    from scrutineer_web.records.user import User


def begin_first(*, by: User | None) -> None:
    """Begin the first stretch of a room that has none yet."""
    with transaction.atomic():
        if not Generation.objects.exists():
            generation = Generation.objects.create(began_at=timezone.now())
            tell("room.begun", by=by, generation=str(generation.pk))
    current_generation.forget()


def begin_after_restore(*, backup_of: datetime, by: User | None) -> Generation:
    """Begin another stretch, in a room that was restored: devices send again what they have sent since.

    Args:
        backup_of: the moment of the backup.
        by: who restored it; None at the machine itself.
    """
    with transaction.atomic():
        generation = Generation.objects.create(began_at=timezone.now(), backup_of=backup_of)
        tell("room.restored", by=by, backup_of=backup_of.isoformat(), generation=str(generation.pk))
    current_generation.forget()
    return generation
