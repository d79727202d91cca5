"""Who calls: somebody signed in, or a program with a key of somebody's."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer, SessionAuth

from scrutineer_web.actions.operations import accounts
from scrutineer_web.permissions import Rights
from scrutineer_web.queries.operations.accounts import hash_key
from scrutineer_web.records.token import Token


class ApiKey(HttpBearer):
    """A key in the header `Authorization: Bearer …`."""

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        """The key, where it is one and has not ended."""
        now = timezone.now()
        token_row = Token.objects.select_related("user").filter(hash=hash_key(token), retired_at=None).first()
        if token_row is None or token_row.expires_at <= now or not token_row.user.is_active:
            return None
        request.user = token_row.user
        if token_row.used_on != now.date():
            accounts.note_use(token=token_row, now=now)
        return token_row


class Browser(SessionAuth):
    """Somebody signed in with a browser; what changes anything needs the form's token, too."""


def check_caller(request: HttpRequest, scope: str) -> Rights:
    """What the person may do for whom a call is made.

    Raises:
        PermissionDenied: the key is not good for that.
    """
    key = getattr(request, "auth", None)
    if isinstance(key, Token) and scope not in key.scopes.split():
        raise PermissionDenied
    return Rights(request.user)
