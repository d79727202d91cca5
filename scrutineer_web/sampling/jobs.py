"""Work that runs in the background."""

from __future__ import annotations

from django_tasks import task

from scrutineer_web.actions import allocation
from scrutineer_web.records.timetable import Timetable


@task()
def search_timetable(pk: int) -> None:
    """Search for a timetable; whatever goes wrong is told where people look for it."""
    timetable = Timetable.objects.select_related("inspection__framework_version").get(pk=pk)
    try:
        allocation.search(timetable=timetable)
    except Exception:
        allocation.gave_up(timetable=timetable)
        raise
