"""Accounts that administer the room, and how a key is looked up."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from scrutineer_web.records.appointment import Appointment

if TYPE_CHECKING:
    from django.db.models import QuerySet


def list_administrators() -> QuerySet[Appointment]:
    """The appointments of those who can sign in and manage accounts."""
    return Appointment.objects.filter(
        role="administrator", retired_at=None, user__retired_at=None, user__is_active=True
    )


def hash_key(secret: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(secret.encode()).hexdigest()
