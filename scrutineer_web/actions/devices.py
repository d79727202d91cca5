"""Devices: their keys, and what they have not sent yet."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from scrutineer_web.audit.write import tell
from scrutineer_web.permissions import may_answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.device import Device, Held

if TYPE_CHECKING:
    from scrutineer_web.records.user import User


def key_for(*, device: UUID, name: str, by: User) -> str:
    """The key of what a device keeps, made when it is first asked for; 32 bytes as base64.

    Raises:
        PermissionDenied: the device is somebody else's.
    """
    with transaction.atomic():
        found = Device.objects.select_for_update().filter(pk=device).first()
        if found is None:
            key = base64.b64encode(secrets.token_bytes(32)).decode()
            now = timezone.now()
            Device.objects.create(
                id=device, user=by, key=_safe().encrypt(key.encode()).decode(), name=name[:100], made_at=now, heard_at=now
            )
            tell("device.added", by=by, device=str(device), name=name[:100])
            return key
    if found.user_id != by.pk:
        raise PermissionDenied
    return _safe().decrypt(found.key.encode()).decode()


def _safe() -> Fernet:
    digest = hashlib.sha256(b"scrutineer device keys:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def heard(*, device: UUID, unsent: Mapping[int, int], by: User) -> None:
    """Note how many answers of each reading a device has not sent yet.

    Args:
        device: which.
        unsent: by reading, of every reading that is open on it.
        by: its owner.

    Raises:
        Device.DoesNotExist: the device has no key yet.
        PermissionDenied: the device or one of the readings is somebody else's.
    """
    with transaction.atomic():
        found = Device.objects.select_for_update().get(pk=device)
        if found.user_id != by.pk:
            raise PermissionDenied
        own = Assessment.objects.filter(pk__in=list(unsent)).select_related("case", "assessor")
        readings = [reading for reading in own if may_answer(by, reading)]
        now = timezone.now()
        for reading in readings:
            Held.objects.update_or_create(
                device=found, assessment=reading, defaults={"unsent": unsent[reading.pk], "heard_at": now}
            )
        found.unsent, found.heard_at = sum(unsent.values()), now
        found.save(update_fields=["unsent", "heard_at"])
