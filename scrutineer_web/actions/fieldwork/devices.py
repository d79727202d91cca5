"""Devices: their keys, and what they have not sent yet."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check, may_answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.device import Device, Held

if TYPE_CHECKING:
    from scrutineer_web.records.inspection import Inspection
    from scrutineer_web.records.user import User


def issue_key(*, device: UUID, name: str, by: User) -> str:
    """The key of what a device keeps, made when it is first asked for; 32 bytes as base64.

    Raises:
        PermissionDenied: the device is somebody else's, or the person assesses nothing.
    """
    check(Rights(by).can("assessment.answer"))
    with transaction.atomic():
        now = timezone.now()
        first: dict[str, Any] = {
            "user": by,
            # Kept although it could be derived again: devices from
            # before keys were derived have others.
            "key": lambda: _open_safe().encrypt(_derive_key(device, by).encode()).decode(),
            "name": name[:100],
            "made_at": now,
            "heard_at": now,
        }
        # A browser may ask twice before either request is over. The later one then takes the row of the earlier.
        stored, is_new = Device.objects.get_or_create(id=device, defaults=first)
        if is_new:
            tell("device.added", by=by, device=str(device), name=name[:100])
    if stored.user_id != by.pk:
        raise PermissionDenied
    return _open_safe().decrypt(stored.key.encode()).decode()


def _derive_key(device: UUID, by: User) -> str:
    """A device's key, from the room's secret: a room restored to before the device came gives it the same one again."""
    # By the account's name, since an account that is missing after a restore gets
    # another number when it's added again.
    said = f"scrutineer device key:{device}:{by.username}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _open_safe() -> Fernet:
    digest = hashlib.sha256(b"scrutineer device keys:" + settings.SECRET_KEY.encode()).digest()
    # Fernet wants 32 bytes, which the hash makes of a secret of any length.
    return Fernet(base64.urlsafe_b64encode(digest))


def note_unsent(*, device: UUID, unsent: Mapping[int, int], by: User) -> None:
    """Note how many answers of each assessment a device has not sent yet.

    Assessments that are no longer the owner's are left out: a device may hear late that a case was given to somebody
    else, and what it says of the others must still count.

    Args:
        device: which.
        unsent: by assessment, of every assessment that is open on it.
        by: its owner.

    Raises:
        Device.DoesNotExist: the device has no key yet.
        PermissionDenied: the device is somebody else's.
    """
    with transaction.atomic():
        # Two reports of one device must not mix: the later one says what it still holds.
        locked = Device.objects.select_for_update().get(pk=device)
        if locked.user_id != by.pk:
            raise PermissionDenied
        own = Assessment.objects.filter(pk__in=list(unsent)).select_related("case", "assessor")
        assessments = [assessment for assessment in own if may_answer(by, assessment)]
        now = timezone.now()
        for assessment in assessments:
            Held.objects.update_or_create(
                device=locked,
                assessment=assessment,
                # A zero is kept, too: it says that all has arrived, and that the device was heard.
                defaults={"unsent": unsent[assessment.pk], "heard_at": now},
            )
        locked.unsent, locked.heard_at = sum(unsent[assessment.pk] for assessment in assessments), now
        # No event: this changes every few seconds, and the log doesn't
        # answer for it (`audit/unprotected.py`).
        locked.save(update_fields=["unsent", "heard_at"])


def report_lost(*, device: Device, inspection: Inspection, by: User) -> None:
    """Give a device up: what it has not sent is not waited for any more. If it comes back, it sends it all the same.

    Raises:
        PermissionDenied: the person does not lead the inspection.
        UserError: nothing of the inspection is open on it.
    """
    check(Rights(by).can("device.lost", inspection))
    with transaction.atomic():
        held = Held.objects.filter(device=device, assessment__case__inspection=inspection, unsent__gt=0)
        number = sum(held.values_list("unsent", flat=True))
        if not number:
            raise UserError(Fault(_("the device"), _("it has no unsent answers from this inspection")))
        # Only what belongs to this inspection. Whoever leads another one decides for that.
        held.update(unsent=0)
        tell(
            "device.lost",
            by=by,
            inspection=inspection,
            device=str(device.pk),
            owner=device.user.username,
            unsent=number,
        )
