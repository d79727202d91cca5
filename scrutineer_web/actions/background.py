"""Work in the background that was interrupted, or is long done."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

ATTEMPTS = 3
"""Work that ends the worker so often is given up."""

KEPT = timedelta(days=2)
"""After so long finished work is forgotten: what it made stands in the records."""


def take_up() -> tuple[int, int]:
    """Work that was under way when the worker ended (a power cut, an upgrade) waits again; there is one worker alone.

    Returns:
        how many wait again, and how many were given up.
    """
    again = given_up = 0
    for task in DBTaskResult.objects.filter(status="RUNNING"):
        if len(task.worker_ids) < ATTEMPTS:
            DBTaskResult.objects.filter(pk=task.pk).update(status="READY", started_at=None)
            again += 1
        else:
            task.set_failed(RuntimeError("the worker ended each time"))
            _tell(task.task_path, task.args_kwargs)
            given_up += 1
    return again, given_up


def _tell(path: str, told: dict[str, list[int]]) -> None:
    """Where people look for what was asked, say that it could not be made."""
    # Imported where it is wanted, which is seldom: with these comes the whole core.
    from scrutineer_web.actions import allocation, collected, reports
    from scrutineer_web.records.collected import CollectedReport
    from scrutineer_web.records.issue import Issue
    from scrutineer_web.records.timetable import Timetable

    why = "The server ended each time while it was made; whoever looks after it finds the reason in its log."
    name, args = path.rpartition(".")[2], told.get("args", [])
    if name == "make_report":
        reports.gave_up(issue=Issue.objects.get(pk=args[0]), why=why)
    elif name == "make_collected":
        collected.gave_up(report=CollectedReport.objects.get(pk=args[0]), why=why)
    elif name == "search_timetable":
        allocation.gave_up(timetable=Timetable.objects.get(pk=args[0]))


def tidy() -> None:
    """Forget finished work that is some days old."""
    finished = DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEPT)
    finished.delete()
