"""Taking words out of events that must not be kept any longer, so that the rest can still be verified.

An event's hash covers its words, and the events after it stand on that hash. When words are taken out, the event keeps
its old hash and holds a signature, made with the log's key, of what is left; and an event of the inspection's own chain
tells the digest of all of them. Changing such an event afterwards, or passing a change off as a purge, is noticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db import connection

from scrutineer_web.audit.chain import FIELDS, hash_event, sign_event
from scrutineer_web.audit.triggers import SQLITE
from scrutineer_web.records.event import Event

MARK = "redacted"
"""The detail that says of an event that words were removed from it: a signature of the rest, or true before there was a key."""

# SQLite can't switch a trigger off. It's made again from the text
# that `find_missing` compares it with.
_OFF = {
    "sqlite": ("DROP TRIGGER event_not_changed",),
    "postgresql": ("ALTER TABLE records_event DISABLE TRIGGER event_stays",),
}
_ON = {
    "sqlite": (SQLITE["event_not_changed"],),
    "postgresql": ("ALTER TABLE records_event ENABLE TRIGGER event_stays",),
}

Change = Callable[[str, dict[str, Any]], dict[str, Any]]
"""From an event's kind and details, the details without what must go."""


def redact(inspection: int, change: Change) -> int:
    """Remove words from an inspection's events, inside the transaction that logs it.

    Nobody else can change an event meanwhile: the database refuses as before the moment the transaction is over.

    Returns:
        how many events were changed.
    """
    events = Event.objects.filter(inspection=inspection).order_by("id").defer(None)
    changed = []
    for event in events.iterator(chunk_size=2000):
        details = change(event.kind, event.details)
        if details != event.details:
            event.details = details
            # The event keeps its old hash, so the chain still holds. This second signature covers the words that are left.
            event.details[MARK] = sign_rest(_as_read(event))
            changed.append(event)
    if not changed:
        return 0
    # PostgreSQL changes no table on which checks of this transaction still wait.
    statements = ("SET CONSTRAINTS ALL IMMEDIATE",) if connection.vendor == "postgresql" else ()
    with connection.cursor() as cursor:
        # The database refuses changes to events. The refusal is lifted inside this transaction only, and restored below.
        for sql in (*statements, *_OFF[connection.vendor]):
            cursor.execute(sql)
        Event.objects.bulk_update(changed, ["details"], batch_size=500)
        for sql in _ON[connection.vendor]:
            cursor.execute(sql)
    return len(changed)


def _as_read(event: Event) -> dict[str, Any]:
    said = {
        name: getattr(event, name)
        for name in (*FIELDS, "rows", "hash")
        if name not in ("inspection", "happened_by")
    }
    return {**said, "inspection": event.inspection_id, "happened_by": event.happened_by_id}


def sign_rest(event: Mapping[str, Any]) -> str:
    """The signature of an event that words were removed from: of everything that is left, and of the hash that it keeps."""
    details = {name: value for name, value in event["details"].items() if name != MARK}
    # A list, because an event's details are always a dictionary: this
    # signature can't be taken for an event's own.
    return sign_event({**event, "details": [details, event["hash"], "redacted"]})


def make_digest(inspection: int) -> str:
    """The digest of every event of an inspection that words were removed from, as it is now."""
    digest = hashlib.sha256()
    for event in list_redacted(inspection):
        digest.update(f"{event['chain']} {event['number']} {event['hash']} {hash_event(event)}\n".encode())
    return digest.hexdigest()


def list_redacted(inspection: int) -> Iterator[dict[str, Any]]:
    """Every event of an inspection that words were removed from, in the order of its chain."""
    events = Event.objects.filter(inspection=inspection, details__has_key=MARK).order_by("chain", "number")
    yield from events.values(*FIELDS, "hash").iterator(chunk_size=2000)
