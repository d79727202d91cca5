"""The hash of an event: everything that it says, and the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any


def hash_of(event: Mapping[str, Any]) -> str:
    """SHA-256 of an event as canonical JSON.

    Args:
        event: chain, number, kind, happened_at, happened_by (the account's number), actor, details, uid, previous.
    """
    said = {key: _plain(event[key]) for key in FIELDS}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


FIELDS = (
    "chain",
    "number",
    "inspection",
    "kind",
    "happened_at",
    "happened_by",
    "actor",
    "details",
    "uid",
    "previous",
)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return value if isinstance(value, str | int | dict | list) or value is None else str(value)


def normal(value: Any) -> Any:
    """Values as every database gives them back: whole numbers without a point, and no minus zero."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(key): normal(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [normal(one) for one in value]
    return value
