"""Reports made in the background."""

from __future__ import annotations

from django_tasks import task

from scrutineer.errors import UserError
from scrutineer_web.actions import reports
from scrutineer_web.records.issue import Issue


@task()
def make_report(pk: int) -> None:
    """Make a report; whatever goes wrong is told where people look for it."""
    issue = Issue.objects.select_related("inspection__framework_version").get(pk=pk)
    try:
        reports.make(issue=issue)
    except UserError as error:
        reports.gave_up(issue=issue, why=" ".join(str(fault) for fault in error.faults))
    except Exception:
        reports.gave_up(
            issue=issue,
            why="It could not be made; whoever looks after the server finds the reason in its log.",
        )
        raise
