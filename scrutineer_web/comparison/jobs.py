"""Reports on many inspections, made in the background."""

from __future__ import annotations

from django_tasks import task

from scrutineer.errors import UserError
from scrutineer_web.actions import collected
from scrutineer_web.records.collected import CollectedReport


@task()
def make_collected(pk: int) -> None:
    """Make a report; whatever goes wrong is told where people look for it."""
    report = CollectedReport.objects.select_related("programme__framework_version").get(pk=pk)
    try:
        collected.make(report=report)
    except UserError as error:
        collected.gave_up(report=report, why=" ".join(str(fault) for fault in error.faults))
    except Exception:
        collected.gave_up(
            report=report,
            why="It could not be made; whoever looks after the server finds the reason in its log.",
        )
        raise
