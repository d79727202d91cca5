"""What is measured and logged of each request: its route, never its address or its content."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

log = logging.getLogger("scrutineer_web.requests")
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


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
        route = (match.view_name or match.url_name or "other") if match else "none"
        if self.measured is not None:
            self.measured.labels(route, request.method, f"{response.status_code // 100}xx").observe(seconds)
        if settings.LOG_JSON:
            given = request.headers.get("X-Request-Id", "")
            user = getattr(request, "user", None)
            told = {
                "route": route, "method": request.method, "status": response.status_code,
                "milliseconds": round(seconds * 1000, 1), "account": user.pk if user is not None else None,
                "request_id": given if _ID.fullmatch(given) else None,
            }  # fmt: skip
            log.info("answered", extra=told)
        return response
