"""When responses and plans are due."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from scrutineer.inspection.dates import find_latest_after, find_step
from scrutineer_web.records import frames
from scrutineer_web.records.inspection import Inspection


def find_publication_day(inspection: Inspection) -> date | None:
    """The day from which the public sees the report; None before."""
    seen = inspection.issues.filter(kind="issue", published_at__lte=timezone.now()).exclude(approved_at=None)
    first = seen.order_by("published_at").first()
    return timezone.localtime(first.published_at).date() if first else None


def find_due_day(inspection: Inspection, role: str = "response") -> date | None:
    """The last day for the area's response, or for what else the calendar gives a day after publication."""
    step, start = (
        find_step(inspection.framework, frames.make_dates(inspection), role),
        find_publication_day(inspection),
    )
    if step is None or start is None:
        return step.on if step else None
    return step.on or find_latest_after(step.rule, start)
