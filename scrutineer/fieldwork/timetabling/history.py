"""What a revised plan keeps of the earlier one: the identity of its visits, how often each changed, what was cancelled."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import polars as pl

from scrutineer.fieldwork.timetabling.arrangements import Arrangements
from scrutineer.fieldwork.timetabling.timetable import Placed, TimetablePlan


def make_identity(
    framework: str, cases: pl.DataFrame, arrangements: Arrangements, before: TimetablePlan | None
) -> str:
    """What identifies an inspection.

    The name that a person gave it, or else what the plan before carries, or else a digest of its cases, people and days:
    two inspections whose cases bear the same references still differ in these.
    """
    if arrangements.inspection:
        return arrangements.inspection
    if before is not None and before.inspection:
        return before.inspection
    # Sorted text, so that neither row order nor column types change the identity.
    rows = cases.select(pl.all().cast(pl.String).fill_null("")).rows()
    people = [(a.name, a.kind, a.base or "") for a in arrangements.assessors]
    said = repr((framework, sorted(rows), people, arrangements.days))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def describe_place(visit: Placed) -> tuple[str, str, str, str, str]:
    """All that a calendar says of a visit."""
    return visit.assessor, visit.day, visit.slot, visit.office, visit.manager


def add_history(
    placed: Sequence[Placed], before: TimetablePlan | None
) -> tuple[tuple[Placed, ...], tuple[Placed, ...], int]:
    """The visits with their numbers of changes, what is cancelled, and the number of the plan.

    Returns:
        The visits placed; those of earlier plans that some person must strike out; and the revision.
    """
    if before is None:
        return tuple(placed), (), 0
    revision = before.revision + 1
    old = {(p.case, p.reading): p for p in before.placed}
    latest = _find_latest([*before.placed, *before.cancelled])
    visits: list[Placed] = []
    for visit in placed:
        key = visit.case, visit.reading
        was = old.get(key)
        if was is not None and describe_place(was) == describe_place(visit):
            # Calendars ignore an update whose SEQUENCE is not higher (RFC 5545, section 3.8.7.4), and should not see one without a change.
            visits.append(visit.model_copy(update={"sequence": was.sequence, "revision": was.revision}))
        else:
            # Above the number of its own cancellation as well, so that someone
            # who gets a visit back sees it again.
            visits.append(
                visit.model_copy(update={"sequence": latest.get(key, -1) + 1, "revision": revision})
            )
    return tuple(visits), tuple(_list_cancelled(visits, before, revision)), revision


def _find_latest(visits: Iterable[Placed]) -> dict[tuple[str, int], int]:
    numbers: dict[tuple[str, int], int] = {}
    for visit in visits:
        key = visit.case, visit.reading
        numbers[key] = max(numbers.get(key, 0), visit.sequence)
    return numbers


def _list_cancelled(visits: Sequence[Placed], before: TimetablePlan, revision: int) -> Iterable[Placed]:
    """Visits in someone's calendar that they no longer make, for each person separately."""
    now = {(v.case, v.reading): v for v in visits}
    seen: set[tuple[str, int, str, str]] = set()
    for was in (*before.placed, *before.cancelled):
        there = now.get((was.case, was.reading))
        who = was.case, was.reading, was.assessor, was.manager
        same = there is not None and (there.assessor, there.manager) == (was.assessor, was.manager)
        # The most recent plan comes first, so an older cancellation of the same visit and people is already covered.
        if same or who in seen:
            continue
        seen.add(who)
        # A visit cancelled by an earlier plan keeps its old number: sending it again must not look like news.
        fresh = was in before.placed
        yield was.model_copy(update={"sequence": was.sequence + 1, "revision": revision} if fresh else {})
