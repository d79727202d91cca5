"""What the background does: what people asked for, and what the clock asks.

Each imports what it does when it does it: the clock, which only asks, stays small.
"""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from scrutineer.errors import UserError
from scrutineer_web.queries.operations.work import QUICK


@task()
def run_job(pk: int) -> None:
    """Do what somebody asked for; any error is shown where that person looks for it."""
    from scrutineer_web.actions.operations import jobs
    from scrutineer_web.records.job import Job

    job = Job.objects.select_related("inspection__framework_version", "asked_by").filter(pk=pk).first()
    if job is not None:
        try:
            jobs.perform(job=job)
        except UserError:
            return  # it was refused, and that is kept with it: the work itself went as it should


@task(queue_name=QUICK)
def heard() -> None:
    """Say that the background works."""
    from scrutineer_web.safeguards import beats

    beats.beat(name=beats.JOBS)


@task(queue_name=QUICK)
def remind() -> None:
    """Send the reminders of the day."""
    from scrutineer_web.actions.operations import reminders

    reminders.send_due(today=timezone.localdate())


@task(queue_name=QUICK)
def anchor() -> None:
    """Keep where the audit log's chains end, once a day, outside the database."""
    from scrutineer_web.audit import anchors

    anchors.keep_daily()


@task(queue_name=QUICK)
def tidy() -> None:
    """Forget finished work and forms that are some days old."""
    from scrutineer_web.actions.operations import background, submissions

    background.tidy()
    submissions.tidy(now=timezone.now())
