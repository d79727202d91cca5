"""Files of evidence that are read in the background."""

from __future__ import annotations

from django.urls import reverse

from scrutineer_web.actions import issues_file
from scrutineer_web.actions.jobs import Outcome, Step
from scrutineer_web.records.job import Job


def import_issues(job: Job, step: Step) -> Outcome:
    """Take what offenders needed work on from its file."""
    assert job.inspection is not None  # noqa: S101 the screen is of one
    step(10, "The file is read and checked")
    made = issues_file.put(
        inspection=job.inspection, name=job.name, content=bytes(job.content or b""), by=job.asked_by
    )
    message = f"{made} issue{'' if made == 1 else 's'} recorded"
    return Outcome(message, reverse("surveys", args=[job.inspection_id]))
