"""Adding an event to its chain, in the transaction of what it tells of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone

from scrutineer_web.audit.attempt import take_form_id
from scrutineer_web.audit.chain import hash_of, normal
from scrutineer_web.records.event import Chain, Event
from scrutineer_web.records.statements import write, write_after

if TYPE_CHECKING:
    from datetime import datetime

    from scrutineer_web.records.assessment import Assessment
    from scrutineer_web.records.inspection import Inspection
    from scrutineer_web.records.user import User


def tell(kind: str, *, by: User | None, inspection: Inspection | None = None, **details: Any) -> Event:
    """Add an event to the chain of an inspection, or to the room's.

    Must run inside a transaction: the chain's end is locked until it is over.
    """
    take_form_id()
    name = f"inspection:{inspection.pk}" if inspection is not None else "room"
    Chain.objects.get_or_create(name=name)
    end = Chain.objects.select_for_update().get(name=name)
    event = _made(name, end.events + 1, end.head, kind, by, inspection.pk if inspection else None, details)
    event.save(force_insert=True)
    Chain.objects.filter(name=name).update(events=event.number, head=event.hash)
    return event


def tell_of(
    reading: Assessment,
    kind: str,
    changed: tuple[str, ...] = (),
    *,
    by: User | None,
    uid: UUID | None = None,
    after: tuple[str, list[Any]] | None = None,
    **details: Any,
) -> bool:
    """Add an event to the chain of a reading, whose row the caller holds, and write that row's new end with it.

    Args:
        reading: with its case.
        kind: of event.
        changed: the reading's fields that the caller has altered: they are written, too.
        by: who did it.
        uid: that a device gave.
        after: a statement with its values, which itself holds the reading's row and writes what is told of; where it
            returns nothing, nothing at all is written. For a caller who holds nothing, on PostgreSQL.
        details: what was done.

    Returns:
        whether it was written.
    """
    name, inspection = f"assessment:{reading.pk}", reading.case.inspection_id
    event = _made(name, reading.events + 1, reading.head, kind, by, inspection, details, uid)
    reading.events, reading.head = event.number, event.hash
    fields = (*changed, "events", "head")
    if after is not None:
        return write_after(*after, event, reading, fields)
    take_form_id()
    write(event, reading, fields)
    return True


def _made(
    chain: str,
    number: int,
    previous: str,
    kind: str,
    by: User | None,
    inspection: int | None,
    details: dict[str, Any],
    uid: UUID | None = None,
) -> Event:
    said: dict[str, Any] = {
        "chain": chain,
        "number": number,
        "inspection": inspection,
        "kind": kind,
        "happened_at": _now(),
        "happened_by": by.pk if by else None,
        "actor": str(by) if by else "Scrutineer",
        "details": normal(details),
        "uid": str(uid) if uid else None,
        "previous": previous,
    }
    fields = {**said, "inspection_id": said["inspection"], "happened_by_id": said["happened_by"]}
    del fields["inspection"], fields["happened_by"]
    return Event(**fields, hash=hash_of(said))


def _now() -> datetime:
    return timezone.now()
