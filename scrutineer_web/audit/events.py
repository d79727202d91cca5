"""Adding an event to its chain, in the transaction of what it tells of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from scrutineer_web.audit.anchors import keep_after_event
from scrutineer_web.audit.attempt import take_form_id
from scrutineer_web.audit.chain import normalise, sign_event
from scrutineer_web.audit.stated import Stated, merge, state_batches, state_rows_of, write_rows_text
from scrutineer_web.audit.written import Values, note_event, take_rows
from scrutineer_web.records.event import Chain, Event
from scrutineer_web.records.statements import find_column, write, write_after

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db import models

    from scrutineer_web.records.assessment import Assessment
    from scrutineer_web.records.inspection import Inspection
    from scrutineer_web.records.user import User


@dataclass(frozen=True)
class ChainEnd:
    """Where a chain ends: how many events it has, and the hash of the last."""

    name: str
    events: int
    head: str


def tell(
    kind: str,
    *,
    by: User | None,
    inspection: Inspection | None = None,
    stating: Stated | None = None,
    **details: Any,
) -> Event:
    """Add an event to the chain of an inspection, or to the room's; it states every row that the transaction wrote.

    Must run inside a transaction: the chain's end is locked until it is over.

    Args:
        kind: of event.
        by: who did it.
        inspection: whose chain it belongs to.
        stating: rows to state that were not written now.
        details: what was done.
    """
    # First of all: where another request has answered the same
    # form, nothing may be locked or written.
    take_form_id()
    # Taken before the chain is locked, so that others wait for as short a time as possible.
    stated = _take_stated(stating)
    name = f"inspection:{inspection.pk}" if inspection is not None else "room"
    # Created outside the lock: there is no row to lock before the first event of a chain.
    Chain.objects.get_or_create(name=name)
    end = Chain.objects.select_for_update().get(name=name)
    at = ChainEnd(name, end.events, end.head)
    event = _make_event(at, kind, by, inspection.pk if inspection else None, details, stated)
    event.save(force_insert=True)
    Chain.objects.filter(name=name).update(events=event.number, head=event.hash)
    note_event()
    keep_after_event(event)
    return event


def tell_of(
    assessment: Assessment,
    kind: str,
    changed: tuple[str, ...] = (),
    *,
    by: User | None,
    uid: UUID | None = None,
    after: tuple[str, list[Any]] | None = None,
    stating: Stated | None = None,
    **details: Any,
) -> bool:
    """Add an event to the chain of an assessment, whose row the caller holds, and write that row's new end with it.

    Args:
        assessment: with its case.
        kind: of event.
        changed: the assessment's fields that the caller has altered: they are written, too.
        by: who did it.
        uid: that a device gave.
        after: a statement with its values, which itself holds the assessment's row and writes what is logged; where it
            returns nothing, nothing at all is written. For a caller who holds nothing, on PostgreSQL.
        stating: rows that were written past the records' own ways.
        details: what was done.

    Returns:
        whether it was written.
    """
    name, inspection = f"assessment:{assessment.pk}", assessment.case.inspection_id
    stated = _take_stated(stating)
    if changed:
        # `write` below runs a statement of its own, which no manager or signal reports.
        own = [find_column(type(assessment), name).attname for name in changed]
        merge(
            stated,
            state_rows_of(
                type(assessment), {assessment.pk: {name: getattr(assessment, name) for name in own}}
            ),
        )
    at = ChainEnd(name, assessment.events, assessment.head)
    event = _make_event(at, kind, by, inspection, details, stated, uid)
    assessment.events, assessment.head = event.number, event.hash
    fields = (*changed, "events", "head")
    # One statement does everything here, so the lock, the write and the event can't come apart.
    if after is not None:
        return write_after(*after, event, assessment, fields)
    take_form_id()
    write(event, assessment, fields)
    note_event()
    keep_after_event(event)
    return True


def state_rows(rows: Mapping[type[models.Model], Mapping[Any, Values | None]]) -> None:
    """Add an event for rows that were written after the last event of their transaction, or by the sign-in library."""
    stated: Stated = {}
    for model, listed in rows.items():
        merge(stated, state_rows_of(model, listed))
    # Nobody is named as the author: the rows were written after the last event, or by the sign-in library.
    if any(stated.values()):
        with transaction.atomic():
            tell("record.written", by=None, stating=stated)


def _take_stated(stating: Stated | None) -> Stated:
    stated: Stated = {}
    merge(stated, state_batches(take_rows()))
    merge(stated, stating or {})
    return stated


def _make_event(
    end: ChainEnd,
    kind: str,
    by: User | None,
    inspection: int | None,
    details: dict[str, Any],
    stated: Stated,
    uid: UUID | None = None,
) -> Event:
    rows = write_rows_text(stated)
    said: dict[str, Any] = {
        "chain": end.name,
        "number": end.events + 1,
        "inspection": inspection,
        "kind": kind,
        "happened_at": _find_now(),
        "happened_by": by.pk if by else None,
        "actor": str(by) if by else "Scrutineer",
        "details": normalise(details),
        "uid": str(uid) if uid else None,
        "previous": end.head,
    }
    fields = {**said, "inspection_id": said["inspection"], "happened_by_id": said["happened_by"]}
    del fields["inspection"], fields["happened_by"]
    return Event(**fields, rows=rows, hash=sign_event({**said, "rows": rows}))


def _find_now() -> datetime:
    return timezone.now()
