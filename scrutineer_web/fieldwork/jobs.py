"""Files of evidence that are read in the background."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scrutineer_web.actions.fieldwork import needs_file
from scrutineer_web.actions.preparation import inspections
from scrutineer_web.queries.operations.jobs import add_notes
from scrutineer_web.queries.operations.work import JobOutcome, Step, work
from scrutineer_web.records.job import Job


@work("needs", seconds=120)
def import_needs(job: Job, step: Step) -> JobOutcome:
    """Take what offenders needed work on from its file."""
    assert job.inspection is not None  # noqa: S101 the screen is of one
    step(10, _("Reading and checking the file"))
    count, notes = needs_file.put(
        inspection=job.inspection, name=job.name, content=bytes(job.content or b""), by=job.asked_by
    )
    message = ngettext("%(count)s need recorded", "%(count)s needs recorded", count) % {"count": count}
    return JobOutcome(add_notes(message, notes), reverse("surveys", args=[job.inspection_id]))


@work("surveys", seconds=120)
def import_surveys(job: Job, step: Step) -> JobOutcome:
    """Take surveys from their table."""
    assert job.inspection is not None  # noqa: S101 the screen is of one
    step(10, _("Reading and checking the file"))
    count, notes = inspections.bring_in_surveys(
        inspection=job.inspection, name=job.name, content=bytes(job.content or b""), by=job.asked_by
    )
    message = ngettext("%(count)s survey imported", "%(count)s surveys imported", count) % {"count": count}
    return JobOutcome(add_notes(message, notes), reverse("surveys", args=[job.inspection_id]))
