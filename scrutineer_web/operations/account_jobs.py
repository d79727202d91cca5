"""What the administration has done in the background: the log is checked."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from scrutineer_web.audit.verify import list_broken
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.operations.work import JobOutcome, Step, work
from scrutineer_web.records.job import Job

SHOWN = 50
"""Sentences that the page shows; the command shows them all."""


@work("verify", seconds=900)
def verify_log(job: Job, step: Step) -> JobOutcome:
    """Check every chain of events, and the database against what they state."""
    who = Rights(job.asked_by)
    seen = who.can("audit.see", job.inspection) if job.inspection else who.can_everywhere("audit.everything")
    check(seen)
    step(10, _("Checking every event, and every record against its last event"))
    breaks = list(list_broken())
    page = reverse("inspection_audit", args=[job.inspection_id]) if job.inspection_id else reverse("audit")
    return JobOutcome(to=f"{page}?checked={job.pk}", result=breaks[:SHOWN])
