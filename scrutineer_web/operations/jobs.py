"""What the clock asks of the background."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from scrutineer_web.actions import background, beats, reminders


@task()
def heard() -> None:
    """Say that the background works."""
    beats.beat(name=beats.JOBS)


@task()
def remind() -> None:
    """Send the reminders of the day."""
    reminders.send_due(today=timezone.localdate())


@task()
def tidy() -> None:
    """Forget finished work that is some days old."""
    background.tidy()
