"""Inspections imported and exported, in the background."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scrutineer_web.actions.importing import folders
from scrutineer_web.exchange.export import make_folder, zip_folder
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.operations.work import JobOutcome, Step, work
from scrutineer_web.records.job import Job


@work("folder", seconds=300, repeatable=False)
def import_folder(job: Job, step: Step) -> JobOutcome:
    """Take an inspection from the zip file of its folder."""
    step(10, _("Reading and checking the folder"))
    inspection = folders.import_zip(name=job.name, content=bytes(job.content or b""), by=job.asked_by)
    cases = inspection.cases.count()
    message = ngettext(
        "Inspection of %(area)s imported, with %(cases)s case",
        "Inspection of %(area)s imported, with %(cases)s cases",
        cases,
    ) % {"area": inspection.area, "cases": cases}
    return JobOutcome(message, reverse("inspection", args=[inspection.pk]))


@work("export", seconds=300)
def export_folder(job: Job, step: Step) -> JobOutcome:
    """Write an inspection as the zip file of its folder."""
    inspection = job.inspection
    if inspection is None:
        raise PermissionDenied
    check(Rights(job.asked_by).can("inspection.export", inspection))
    step(10, _("Writing the folder"))
    name = slugify(inspection.area) or "inspection"
    return JobOutcome(file=(f"{name}.zip", zip_folder(name, make_folder(inspection))))
