"""Work of the preparation that runs in the background: caseload, sample, timetable."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_tasks import task

from scrutineer_web.actions.preparation import allocation, inspections, samples
from scrutineer_web.queries.operations.jobs import add_notes
from scrutineer_web.queries.operations.work import JobOutcome, Step, keep_record, work
from scrutineer_web.queries.preparation.samples import SampleChoices
from scrutineer_web.records.job import Job
from scrutineer_web.records.timetable import Timetable


@task()
def search_timetable(pk: int) -> None:
    """Search for a timetable; any error is shown where people look for it."""
    timetable = Timetable.objects.select_related("inspection__framework_version").get(pk=pk)
    try:
        allocation.search(timetable=timetable)
    except Exception:
        allocation.give_up_search(timetable=timetable)
        raise


keep_record(
    search_timetable,
    seconds=900,
    give_up=lambda pk, why: allocation.give_up_search(timetable=Timetable.objects.get(pk=pk), why=why),
)


@work("caseload", seconds=120)
def import_caseload(job: Job, step: Step) -> JobOutcome:
    """Take the area's caseload from its file."""
    assert job.inspection is not None  # noqa: S101 the screen is of one
    step(10, _("Reading and checking the file"))
    caseload = samples.import_caseload(
        inspection=job.inspection, name=job.name, content=bytes(job.content or b""), by=job.asked_by
    )
    return JobOutcome(
        ngettext("%(cases)s case imported", "%(cases)s cases imported", caseload.cases)
        % {"cases": caseload.cases},
        reverse("caseload", args=[job.inspection_id]),
    )


@work("sample", seconds=120)
def draw(job: Job, step: Step) -> JobOutcome:
    """Draw the sample."""
    assert job.inspection is not None  # noqa: S101 the screen is of one
    step(10, _("Reading the caseload"))
    choices = SampleChoices.from_json(job.options["sample"])
    record = samples.draw(inspection=job.inspection, choices=choices, by=job.asked_by)
    number = sum(c.selected_as != "reserve" for c in record.selected)
    return JobOutcome(
        ngettext("%(number)s case drawn", "%(number)s cases drawn", number) % {"number": number},
        reverse("sample", args=[job.inspection_id]),
    )


@work("targets", seconds=120)
def import_targets(job: Job, step: Step) -> JobOutcome:
    """Take the performance against targets from its table."""
    assert job.inspection is not None  # noqa: S101 the screen is of one
    step(10, _("Reading and checking the file"))
    count, notes = inspections.bring_in_targets(
        inspection=job.inspection, name=job.name, content=bytes(job.content or b""), by=job.asked_by
    )
    message = ngettext("%(count)s measure imported", "%(count)s measures imported", count) % {"count": count}
    return JobOutcome(add_notes(message, notes), reverse("profile", args=[job.inspection_id]))
