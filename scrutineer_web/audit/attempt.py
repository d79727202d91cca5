"""One form does its work once: its id is taken in the transaction of the work's first event.

Every write has its event, so that this holds for whatever a form asks for. Two requests with the same form may run at
once: the database lets one of them take the id, and undoes the work of the other.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.utils import timezone

from scrutineer_web.records.submission import Submission


class SentTwiceError(Exception):
    """Another request with the same form has done the work."""


@dataclass
class Attempt:
    """A form that is being answered.

    Attributes:
        user: who sent it.
        uid: of the form.
        digest: of what was sent.
        token: of this request.
    """

    user: int
    uid: UUID
    digest: str
    token: UUID = field(default_factory=uuid4)


CURRENT: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


def take_form_id() -> None:
    """Take the id of the form that is being answered, if there is one. Must run inside the work's transaction.

    Raises:
        SentTwiceError: it is taken, and the work must not be done again.
    """
    attempt = CURRENT.get()
    if attempt is None:
        return
    row = Submission(
        user_id=attempt.user,
        uid=attempt.uid,
        attempt=attempt.token,
        digest=attempt.digest,
        sent_at=timezone.now(),
    )
    # On PostgreSQL this waits until a request that holds the same id is over.
    Submission.objects.bulk_create([row], ignore_conflicts=True)
    taken_by = Submission.objects.filter(user=attempt.user, uid=attempt.uid).values_list("attempt", flat=True)
    if taken_by.get() != attempt.token:
        raise SentTwiceError
