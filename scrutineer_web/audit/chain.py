"""The hash of an event: everything that it says, and the hash of the one before it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from scrutineer_web.audit.keys import derive_key


def hash_event(event: Mapping[str, Any]) -> str:
    """SHA-256 of an event as canonical JSON: how events were hashed before the log had a key.

    Args:
        event: chain, number, kind, happened_at, happened_by (the account's number), actor, details, uid, previous.
    """
    return hashlib.sha256(_write_text(event).encode()).hexdigest()


def sign_event(event: Mapping[str, Any]) -> str:
    """The keyed hash (HMAC-SHA256) of an event: of what it says and of the rows that it states."""
    # The rows are signed as the text that is stored. Reading and writing JSON again could change its bytes.
    # JSON writes a line break as \n, so the one between the two parts can't be moved.
    content = f"{_write_text(event)}\n{event.get('rows') or ''}"
    return hmac.digest(derive_key("events"), content.encode(), "sha256").hex()


def _write_text(event: Mapping[str, Any]) -> str:
    # Only these fields, in canonical form: databases give back the same value in different types.
    said = {key: _make_plain(event[key]) for key in FIELDS}
    return dump(said)


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def dump(value: Any) -> str:
    """A value as canonical JSON."""
    return _ENCODER.encode(value)


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


def _make_plain(value: Any) -> Any:
    if isinstance(value, datetime):
        # Always with microseconds: without them, a moment on the full second would be written in another form.
        return value.isoformat(timespec="microseconds")
    return value if isinstance(value, str | int | dict | list) or value is None else str(value)


def normalise(value: Any) -> Any:
    """Values as every database gives them back: whole numbers without a point, and no minus zero."""
    # A whole number may come back as 1 from one database and as 1.0 from another. Both must have the same hash.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {str(key): normalise(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [normalise(item) for item in value]
    return value
