"""What every page knows: who is signed in, and what that person may go to."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from scrutineer_web.permissions import Rights


def make_person(request: HttpRequest) -> Rights:
    """What the person who asks may do; found out once per request."""
    known: Rights | None = getattr(request, "_person", None)
    if known is None:
        known = Rights(request.user)
        request._person = known  # type: ignore[attr-defined]  # kept where the request is, as Django keeps its user
    return known


def describe_room(request: HttpRequest) -> dict[str, Any]:
    """The names that templates may use."""
    return {
        "person": make_person(request),
        "demonstration": settings.DEMONSTRATION,
        "mails_links": bool(settings.MAIL and settings.ADDRESS),
    }
