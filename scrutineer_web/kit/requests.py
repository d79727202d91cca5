"""What is measured and logged of each request: its route, never its address or its content."""

from __future__ import annotations

import ipaddress
import logging
import re
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

log = logging.getLogger("scrutineer_web.requests")
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


HEALTH = "/health/"


class HealthByAddress:
    """Lets the person who monitors the room from its own machine ask for its health by address, without the room's name.

    What the page says depends on no name, so that none has to be right; everywhere else the name is looked at.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response
        named = [host for host in settings.ALLOWED_HOSTS if host and host != "*"]
        self.name = named[0].lstrip(".") if named else "localhost"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, under the room's name where it was asked by address."""
        if request.path_info == HEALTH and is_loopback(request.META.get("REMOTE_ADDR", "")):
            request.META["HTTP_HOST"] = self.name
            # Django would read the name from here instead.
            request.META.pop("HTTP_X_FORWARDED_HOST", None)
        return self.get_response(request)


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own: 127.0.0.1, ::1, ::ffff:127.0.0.1."""
    try:
        # A link-local address can end in its zone, such as fe80::1%eth0.
        ip = ipaddress.ip_address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_loopback


class Requests:
    """Counts and times answers by route, and logs a line for each where logs are JSON."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response
        self.measured = None
        if settings.METRICS:
            from scrutineer_web.kit.metrics import ANSWERED

            self.measured = ANSWERED

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and tell how."""
        if self.measured is None and not settings.LOG_JSON:
            return self.get_response(request)
        begun = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - begun
        match = request.resolver_match
        # The name of the route: an address can hold the number of a case,
        # and each would be a series of its own.
        route = (match.view_name or match.url_name or "other") if match else "none"
        if self.measured is not None:
            self.measured.labels(route, request.method, f"{response.status_code // 100}xx").observe(seconds)
        if settings.LOG_JSON:
            # Anyone can send this header, so it's only logged if it looks like an id.
            request_id = request.headers.get("X-Request-Id", "")
            user = getattr(request, "user", None)
            entry = {
                "route": route,
                "method": request.method,
                "status": response.status_code,
                "milliseconds": round(seconds * 1000, 1),
                "account": user.pk if user is not None else None,
                "request_id": request_id if _ID.fullmatch(request_id) else None,
            }
            log.info("answered", extra=entry)
        return response
