"""Reports on many inspections, made in the background: of a group or a theme across areas, and of a period."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from scrutineer.errors import Fault, UserError
from scrutineer.inspection.dates import day_text
from scrutineer.report.parts.collected import About, group_document, period_document, theme_document
from scrutineer_web.actions.fieldwork.uploads import blob_of
from scrutineer_web.audit.write import tell
from scrutineer_web.permissions import Person, check
from scrutineer_web.records import frames
from scrutineer_web.records.collected import CollectedFile, CollectedReport

if TYPE_CHECKING:
    from scrutineer.report.document.blocks import Document
    from scrutineer_web.records.programme import Programme
    from scrutineer_web.records.user import User


def ask(*, programme: Programme, kind: str, wanted: dict[str, str], by: User) -> CollectedReport:
    """Ask for a report on a programme's inspections; it is made in the background.

    Args:
        programme: whose inspections.
        kind: across (of `group`: a group or a thematic element) or period (`first` and `last` day).
        wanted: the same.
        by: who asks.

    Raises:
        PermissionDenied: the person makes no such reports.
        UserError: there is nothing to tell of.
    """
    check(Person(by).can_everywhere("collected.make"))
    title = _title(programme, kind, wanted)
    with transaction.atomic():
        made = CollectedReport.objects.create(
            programme=programme, kind=kind, title=title, wanted=wanted, asked_at=timezone.now(), asked_by=by
        )
        tell("collected.asked", by=by, programme=programme.pk, report=made.pk, kind_of=kind, wanted=wanted)
    return made


def _title(programme: Programme, kind: str, wanted: dict[str, str]) -> str:
    if kind == "period":
        first, last = days_of(wanted)
        return f"Inspections of {day_text(first)} to {day_text(last)}"
    known = {key: title for key, title, _, _ in frames.groups_of(programme)}
    if kind != "across" or wanted.get("group") not in known or wanted.get("group") == "all":
        raise UserError(
            Fault("the group", "no inspection of the programme has it", "Choose one of those listed")
        )
    return f"{known[wanted['group']]} across areas"


def days_of(wanted: dict[str, str]) -> tuple[date, date]:
    """The first and the last day of a period.

    Raises:
        UserError: they are none, or in the wrong order.
    """
    found = []
    for name, label in (("first", "the first day"), ("last", "the last day")):
        try:
            found.append(date.fromisoformat(wanted.get(name, "")))
        except ValueError:
            raise UserError(Fault(label, "there is no date", "Enter the date as 31 1 2027")) from None
    if found[1] < found[0]:
        raise UserError(Fault("the last day", "it comes before the first", "Correct one of them"))
    return found[0], found[1]


def document_of(report: CollectedReport) -> Document:
    """The report as it would be made now.

    Raises:
        UserError: there is nothing to tell of.
    """
    programme, wanted = report.programme, report.wanted
    if report.kind == "period":
        first, last = days_of(wanted)
        period = frames.period_material(programme, first, last)
        days = f"{day_text(first)} to {day_text(last)}"
        about = _about(report, "Periodic report on:", f"{days}, {len(period.areas)} areas")
        return period_document(about, period.areas, period.yearly, period.standing, period.closing)
    group = wanted["group"]
    title = report.title.removesuffix(" across areas")
    if group.startswith("element:"):
        theme = frames.theme_material(programme, group, title)
        return theme_document(_about(report, "Thematic report on:", title), theme.areas, theme.found)
    found = frames.group_material(programme, group, title)
    if not found.areas:
        raise UserError(
            Fault("the group", "in no area is anybody else known to hold it against", "Choose another")
        )
    about = _about(report, "Report across areas on:", title)
    return group_document(about, title, found.areas, found.rows, found.titles, found.publish_from)


def _about(report: CollectedReport, kind: str, subject: str) -> About:
    return About(
        report.programme.title, kind, subject, day_text(timezone.localdate(report.asked_at)), "", report.programme.synthetic
    )  # fmt: skip


FORMATS = (("the web page", "html"), ("the PDF", "pdf"), ("the Word file", "docx"), ("the data", "data"))


def make(*, report: CollectedReport) -> None:
    """Make a report that was asked for, in the background; formats that this machine cannot make are left out and told.

    Raises:
        UserError: there is nothing to tell of.
    """
    document = document_of(report)
    files: dict[str, bytes] = {}
    left_out = []
    for n, (name, kind) in enumerate(FORMATS):
        CollectedReport.objects.filter(pk=report.pk).update(progress=10 + 20 * n, told=f"Making {name}")
        try:
            files |= _made(kind, document)
        except UserError as error:
            left_out += [str(fault) for fault in error.faults]
    known = frames.settled(report.programme).values_list("inspection", flat=True).distinct()
    with transaction.atomic():
        for path, content in files.items():
            CollectedFile.objects.create(report=report, path=path, blob=blob_of(content))
        report.state, report.progress, report.told = "ready", 100, "; ".join(left_out)
        report.inspections, report.made_at = sorted(known), timezone.now()
        report.save(update_fields=["state", "progress", "told", "inspections", "made_at"])
        tell(
            "collected.made", by=None, report=report.pk, programme=report.programme_id,
            files={f.path: f.blob_id for f in report.files.all()},
        )  # fmt: skip


def _made(kind: str, document: Document) -> dict[str, bytes]:
    from scrutineer.report.render.data import report_data
    from scrutineer.report.render.docx import report_docx
    from scrutineer.report.render.html import report_html
    from scrutineer.report.render.pdf import report_pdf

    if kind == "html":
        return {"report.html": report_html(document).encode()}
    if kind == "pdf":
        return {"report.pdf": report_pdf(document)}
    if kind == "docx":
        return {"report.docx": report_docx(document)}
    return {f"data/{name}": content for name, content in report_data(document, {}).items()}


def gave_up(*, report: CollectedReport, why: str) -> None:
    """Tell that a report could not be made."""
    with transaction.atomic():
        CollectedReport.objects.filter(pk=report.pk).update(state="failed", told=why)
        tell("collected.failed", by=None, report=report.pk, programme=report.programme_id)
