"""Sessions in the database; each request begins with reading one, by a statement that is made once."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from scrutineer_web.records.statements import Joined

_SESSION = Joined(
    {"s": (Session, ("session_key", "session_data", "expire_date"))},
    "django_session s WHERE s.session_key = %s",
)


class SessionStore(db.SessionStore):
    """Django's own, but for how one is read."""

    def load(self) -> dict[str, Any]:
        """What the session holds; nothing where it has ended."""
        row = _SESSION.get(self.session_key)
        if row is None or row[0].expire_date <= timezone.now():
            self._session_key = None
            return {}
        return self.decode(row[0].session_data)
