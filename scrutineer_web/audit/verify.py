"""Whether the chains of events still hold: nothing altered, taken out, put in or cut off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scrutineer_web.audit.chain import FIELDS, hash_of
from scrutineer_web.audit.redact import MARK, digest_of
from scrutineer_web.audit.seal import seal_of
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.event import Chain, Event


def broken() -> Iterator[str]:
    """Every place where a chain does not hold, as sentences; none where all do."""
    ends: dict[str, tuple[int, str]] = {c.name: (c.events, c.head) for c in Chain.objects.all()}
    for pk, events, head in Assessment.objects.values_list("pk", "events", "head").iterator():
        ends[f"assessment:{pk}"] = (events, head)
    seen: dict[str, tuple[int, str]] = {}
    for event in Event.objects.order_by("chain", "number").values(*FIELDS, "hash").iterator(chunk_size=2000):
        yield from _against(event, *seen.get(event["chain"], (0, "")))
        seen[event["chain"]] = (event["number"], event["hash"])
    for name, end in ends.items():
        if seen.get(name, (0, "")) != end:
            told, there = end[0], seen.get(name, (0, ""))[0]
            yield f"{name} ends at event {there}, but its end was written as event {told}"
    yield from _redactions()
    for reading in Assessment.objects.filter(state="signed_off").select_related("framework_version", "case"):
        if seal_of(reading) != reading.seal:
            yield f"reading {reading.pk} (case {reading.case}) was signed off, and is not what was signed off"
    yield from (f"{name} has events, but no end was written" for name in sorted(set(seen) - set(ends)))


def _redactions() -> Iterator[str]:
    """Events that words were taken out of are as the inspection's last event about that told."""
    told = Event.objects.filter(details__has_key=MARK).exclude(inspection=None)
    for inspection in told.order_by("inspection").values_list("inspection", flat=True).distinct():
        last = (
            Event.objects.filter(inspection=inspection, kind__startswith="retention.").order_by("-id").first()
        )
        if last is None:
            yield f"inspection:{inspection} has events that words were taken out of, and none that tells of it"
        elif last.details.get("digest") != digest_of(inspection):
            yield f"inspection:{inspection}: an event that words were taken out of was changed since"


def _against(event: dict[str, Any], number: int, head: str) -> Iterator[str]:
    where = f"{event['chain']} event {event['number']}"
    if event["number"] != number + 1:
        yield f"{where} follows event {number}: {event['number'] - number - 1} missing"
    elif event["previous"] != head:
        yield f"{where} does not name the event before it"
    if not event["details"].get(MARK) and hash_of(event) != event["hash"]:
        yield f"{where} is not what was written"
