"""What the clock asks of the background.

Each imports what it does when it does it: the clock, which only asks, stays small.
"""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task


@task()
def heard() -> None:
    """Say that the background works."""
    from scrutineer_web.actions import beats

    beats.beat(name=beats.JOBS)


@task()
def remind() -> None:
    """Send the reminders of the day."""
    from scrutineer_web.actions import reminders

    reminders.send_due(today=timezone.localdate())


@task()
def tidy() -> None:
    """Forget finished work and forms that are some days old."""
    from scrutineer_web.actions import background, submissions

    background.tidy()
    submissions.tidy(now=timezone.now())
