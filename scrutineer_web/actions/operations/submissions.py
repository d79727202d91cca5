"""What came of a form that was sent, and forms that wait for their owner to sign in again."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from scrutineer_web.queries.operations.submissions import _open_safe
from scrutineer_web.records.submission import KeptForm, Submission

if TYPE_CHECKING:
    from scrutineer_web.audit.attempt import Attempt
    from scrutineer_web.records.user import User

REMEMBERED = timedelta(days=30)
"""How long a form that did something is known, and a form that waits is kept."""
READABLE = timedelta(days=1)
"""How long the page that a form led to is kept, for somebody who sent it twice."""
LARGEST = 4_000_000


def record(*, attempt: Attempt, location: str, message: str, page: bytes | None, by: User) -> None:
    """Note what a form led to, so that sending it again shows the same."""
    rows = Submission.objects.filter(user=by, uid=attempt.uid, attempt=attempt.token)
    answer = _open_safe("answers").encrypt(page) if page is not None else None
    rows.update(location=location, message=message, answer=answer)
    sent_at_last = KeptForm.objects.filter(user=by, uid=attempt.uid)
    sent_at_last.delete()


def release(*, attempt: Attempt, by: User) -> None:
    """Let a form be sent again: it fetches a file, and makes nothing."""
    released = Submission.objects.filter(user=by, uid=attempt.uid, attempt=attempt.token)
    released.delete()


def keep(
    *, uid: UUID, address: str, page: str, fields: list[tuple[str, str]], files: list[str], by: User | None
) -> KeptForm | None:
    """Keep a form whose session has ended, for its owner alone.

    Returns:
        the form; None where it is too large, or its id belongs to somebody else.
    """
    content = json.dumps({"fields": fields, "files": files}).encode()
    if len(content) > LARGEST:
        return None
    with transaction.atomic():
        there = KeptForm.objects.filter(uid=uid).first()
        if there is not None and there.user_id != (by.pk if by else None):
            return None
        values = {
            "address": address,
            "page": page,
            "content": _open_safe("forms").encrypt(content),
            "kept_at": timezone.now(),
        }
        return KeptForm.objects.update_or_create(uid=uid, defaults={**values, "user": by})[0]


def tidy(*, now: datetime) -> None:
    """Forget forms that are long over."""
    Submission.objects.filter(sent_at__lt=now - READABLE).exclude(answer=None).update(answer=None)
    for outdated in (
        Submission.objects.filter(sent_at__lt=now - REMEMBERED),
        KeptForm.objects.filter(kept_at__lt=now - REMEMBERED),
    ):
        outdated.delete()
