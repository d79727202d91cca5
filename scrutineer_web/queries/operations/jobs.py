"""Work in the background: the latest of a kind, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from scrutineer.errors import Fault
from scrutineer_web.records.job import Job

if TYPE_CHECKING:
    from scrutineer_web.records.inspection import Inspection


def find_latest(*, kind: str, inspection: Inspection, about: str = "", key: str | None = None) -> Job | None:
    """The last piece of work of a kind on a thing: of a key that which is done or under way, otherwise the last done."""
    jobs = Job.objects.filter(kind=kind, inspection=inspection, about=about).order_by("-id")
    if key is None:
        return jobs.filter(state="done").first()
    return jobs.filter(key=key).first()


def can_be_tried_again(job: Job) -> bool:
    """Whether work failed long enough ago that it may go well now."""
    return job.state == "failed" and job.finished_at is not None and job.finished_at < timezone.now() - AGAIN


def read_faults(job: Job) -> list[Fault]:
    """What was refused."""
    return [Fault(f["where"], f["what"], f["do"]) for f in job.faults]


def read_result(job: Job | None) -> dict[str, Any]:
    """What was found for a page; empty where nothing was yet."""
    return (job.result if job is not None else None) or {}


AGAIN = timedelta(minutes=1)
"""After so long what failed for a page that looks again is tried again."""


def add_notes(text: str, notes: Iterable[str]) -> str:
    """What is said when a table has come in: what came, and what was skipped or left out of it."""
    return ". ".join([text, *notes])
