"""What concerns many inspections and is done in the background: reports on them, and outcomes brought in."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django_tasks import task

from scrutineer.errors import UserError
from scrutineer_web.actions.follow_up import outcomes
from scrutineer_web.actions.programme import collected
from scrutineer_web.queries.operations.jobs import add_notes
from scrutineer_web.queries.operations.work import JobOutcome, Step, keep_record, work
from scrutineer_web.records.collected import CollectedReport
from scrutineer_web.records.job import Job


@task()
def make_collected(pk: int) -> None:
    """Make a report; any error is shown where people look for it."""
    report = CollectedReport.objects.select_related("programme__framework_version").get(pk=pk)
    try:
        collected.make(report=report)
    except UserError as error:
        collected.give_up_report(report=report, why=" ".join(str(fault) for fault in error.faults))
    except Exception:
        collected.give_up_report(
            report=report,
            why=_("The report couldn't be created. Ask the person who runs the server to look in its log."),
        )
        raise


keep_record(
    make_collected,
    seconds=900,
    give_up=lambda pk, why: collected.give_up_report(report=CollectedReport.objects.get(pk=pk), why=why),
)


@work("outcomes", seconds=120)
def import_outcomes(job: Job, step: Step) -> JobOutcome:
    """Bring outcomes in."""
    step(10, _("Reading and checking the file"))
    imported = outcomes.bring_in(name=job.name, content=bytes(job.content or b""), by=job.asked_by)
    text = _("%(new)s new outcomes, %(changed)s changed, %(same)s unchanged") % {
        "new": imported.new,
        "changed": imported.changed,
        "same": imported.same,
    }
    return JobOutcome(add_notes(text, imported.notes), reverse("programmes"))
