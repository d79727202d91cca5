"""Where a request really comes from: read behind as many proxies as were declared, and never further."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

FORWARDED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
)
"""What proxies say of a request. Anybody can say it, so it is removed once the declared ones were read."""


class Proxies:
    """Puts the real client and scheme where everything else looks for them.

    Each proxy adds the address that it was called from at the right end of `X-Forwarded-For`. With one declared proxy the
    last entry is therefore the client; what stands before it was sent by the client and proves nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; lead on to https what a declared proxy was asked by http."""
        hops: int = settings.TRUSTED_PROXIES
        scheme = read_entry(request.META.get("HTTP_X_FORWARDED_PROTO", ""), hops).lower()
        client = read_address(read_entry(request.META.get("HTTP_X_FORWARDED_FOR", ""), hops))
        for name in FORWARDED:
            request.META.pop(name, None)
        if client:
            request.META["REMOTE_ADDR"] = client
        if scheme in ("http", "https"):
            request.META["wsgi.url_scheme"] = scheme
        # Only on a declared proxy's word: without one the scheme is
        # empty, and nothing leads on in circles.
        if settings.HTTPS and scheme == "http":
            return HttpResponsePermanentRedirect(f"https://{request.get_host()}{request.get_full_path()}")
        return self.get_response(request)


def read_entry(header: str, hops: int) -> str:
    """The entry that the outermost of the declared proxies wrote; nothing where none is declared or it wrote none."""
    entries = [entry.strip() for entry in header.split(",") if entry.strip()]
    # With fewer entries than declared proxies, the leftmost is the outermost that there is.
    return entries[-min(hops, len(entries))] if hops > 0 and entries else ""


def read_address(text: str) -> str:
    """An address without its port, as the program compares it; nothing where it is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    # One colon comes before a port. An IPv6 address has at least two.
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    # ::ffff:192.0.2.1 and 192.0.2.1 are one client, which limits must not count twice.
    return str(getattr(address, "ipv4_mapped", None) or address)


def find_client(request: HttpRequest) -> str:
    """Whom limits count as one client: an IPv4 address, or the network that one IPv6 customer has."""
    text = read_address(request.META.get("REMOTE_ADDR", ""))
    if ":" in text:
        return str(ipaddress.ip_network(f"{text}/64", strict=False))
    return text or "unknown"
