"""Sessions in the database; each request begins with reading one, by a statement that is made once.

A session ends when nobody has used it for a while, and after a working day in any case.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from scrutineer_web.records.statements import Joined

_SESSION = Joined(
    {"s": (Session, ("session_key", "session_data", "expire_date"))},
    "django_session s WHERE s.session_key = %s",
)


class SessionStore(db.SessionStore):
    """Django's own, but for how one is read and when it ends."""

    ends: datetime | None = None
    """When it ends, as it was read: unless it is used before."""

    def load(self) -> dict[str, Any]:
        """What the session holds; nothing where it has ended."""
        row = _SESSION.get(self.session_key)
        if row is None or row[0].expire_date <= timezone.now():
            self._session_key = None
            return {}
        self.ends = row[0].expire_date
        return self.decode(row[0].session_data)

    def get_expiry_age(self, **_: Any) -> int:
        """Seconds until it ends if nobody uses it."""
        now = timezone.now().timestamp()
        longest = float(self.get("signed_in_at", now)) + settings.SESSION_LONGEST - now
        return max(0, round(min(settings.SESSION_COOKIE_AGE, longest)))

    def get_expiry_date(self, **_: Any) -> datetime:
        """When it ends if nobody uses it."""
        return timezone.now() + timedelta(seconds=self.get_expiry_age())


class Idle:
    """Lets a session that is used last longer; writes so only now and then, not with each request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        if request.user.is_authenticated:
            _lengthen(request.session)
        return self.get_response(request)


def _lengthen(session: Any) -> None:
    ends = session.ends
    if ends is None:
        return
    session.setdefault(
        "signed_in_at", timezone.now().timestamp()
    )  # of a session that an earlier version opened
    left = session.get_expiry_age() - (ends - timezone.now()).total_seconds()
    # Of a session of four hours: one write in 20 minutes at most, however many pages are opened.
    if left > settings.SESSION_COOKIE_AGE / 12:
        session.modified = True
