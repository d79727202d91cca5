"""Reports on many inspections, made in the background: of a group or a theme across areas, and of a period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer.inspection.dates import format_day
from scrutineer.report.formats import FORMATS, Format, Printable, make_files
from scrutineer_web.actions.fieldwork.uploads import keep_blob
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.programme import standings
from scrutineer_web.queries.programme.collected import compose_report, read_period
from scrutineer_web.records.collected import CollectedFile, CollectedReport

if TYPE_CHECKING:
    from scrutineer_web.records.programme import Programme
    from scrutineer_web.records.user import User


def ask(*, programme: Programme, kind: str, settings: dict[str, str], by: User) -> CollectedReport:
    """Ask for a report on a programme's inspections; it is made in the background.

    Args:
        programme: whose inspections.
        kind: across (of `group`: a group or a thematic element) or period (`first` and `last` day).
        settings: what it is about: group or element, or first and last day.
        by: who asks.

    Raises:
        PermissionDenied: the person makes no such reports.
        UserError: there is nothing to tell of.
    """
    check(Rights(by).can_everywhere("collected.make"))
    title = _write_title(programme, kind, settings)
    with transaction.atomic():
        report = CollectedReport.objects.create(
            programme=programme,
            kind=kind,
            title=title,
            subject=settings,
            asked_at=timezone.now(),
            asked_by=by,
        )
        tell(
            "collected.asked",
            by=by,
            programme=programme.pk,
            report=report.pk,
            kind_of=kind,
            subject=settings,
        )
    return report


def _write_title(programme: Programme, kind: str, settings: dict[str, str]) -> str:
    if kind == "period":
        first, last = read_period(settings)
        return f"Inspections of {format_day(first)} to {format_day(last)}"
    known = {group[0]: group[1] for group in standings.list_groups(programme)}
    if kind != "across" or settings.get("group") not in known or settings.get("group") == "all":
        raise UserError(
            Fault(
                _("the group"),
                _("no inspection of the programme has it"),
                _("Choose a family group from the list"),
            )
        )
    return f"{known[settings['group']]} across areas"


def make(*, report: CollectedReport) -> None:
    """Make a report that was asked for, in the background; formats that this machine cannot make are left out and listed.

    Raises:
        UserError: there is nothing to tell of.
    """
    document = compose_report(report)
    keys = list(FORMATS)

    def step(each: Format) -> None:
        _update_progress(
            report,
            10 + 80 * keys.index(each.key) // len(keys),
            _("Creating %(format)s") % {"format": each.phrase},
        )

    files, left_out = make_files(Printable(document), keys, step, lenient=True)
    known = standings.select_results(report.programme).values_list("inspection", flat=True).distinct()
    with transaction.atomic():
        for path, content in files.items():
            as_bytes = content.encode() if isinstance(content, str) else content
            CollectedFile.objects.create(report=report, path=path, blob=keep_blob(content=as_bytes))
        report.state, report.progress, report.progress_note = "ready", 100, "; ".join(left_out)
        report.inspections, report.made_at = sorted(known), timezone.now()
        report.save(update_fields=["state", "progress", "progress_note", "inspections", "made_at"])
        tell(
            "collected.made",
            by=None,
            report=report.pk,
            programme=report.programme_id,
            files={f.path: f.blob_id for f in report.files.all()},
        )


def _update_progress(report: CollectedReport, percent: int, text: str) -> None:
    CollectedReport.objects.filter(pk=report.pk).update(progress=percent, progress_note=text)


def give_up_report(*, report: CollectedReport, why: str) -> None:
    """Tell that a report could not be made."""
    with transaction.atomic():
        CollectedReport.objects.filter(pk=report.pk).update(state="failed", progress_note=why)
        tell("collected.failed", by=None, report=report.pk, programme=report.programme_id)
