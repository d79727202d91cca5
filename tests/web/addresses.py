"""Every address of the room that a person may open, as Django knows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


def patterns(of: URLResolver | None = None) -> Iterator[URLPattern]:
    """The patterns of all screens; those of the API have a namespace and are left out."""
    entries: list[Any] = (of or get_resolver()).url_patterns
    for entry in entries:
        if isinstance(entry, URLPattern):
            yield entry
        elif not entry.namespace:
            yield from patterns(entry)
