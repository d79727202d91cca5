"""Reports on many inspections, as documents."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer.inspection.dates import format_day
from scrutineer.report.parts.collected import (
    About,
    compose_period_document,
    compose_theme_document,
    group_document,
)
from scrutineer_web.queries.programme import materials
from scrutineer_web.records.collected import CollectedReport

if TYPE_CHECKING:
    from scrutineer.report.document.blocks import ReportDocument


def read_period(stored: dict[str, str]) -> tuple[date, date]:
    """The first and the last day of a period.

    Raises:
        UserError: they are none, or in the wrong order.
    """
    days = []
    for name, label in (("first", _("the first day")), ("last", _("the last day"))):
        try:
            days.append(date.fromisoformat(stored.get(name, "")))
        except ValueError:
            raise UserError(Fault(label, _("no date is entered"), _("Enter the date as 31 1 2027"))) from None
    if days[1] < days[0]:
        raise UserError(
            Fault(_("the last day"), _("it is before the first day"), _("Change one of the dates"))
        )
    return days[0], days[1]


def compose_report(report: CollectedReport) -> ReportDocument:
    """The report as it would be made now.

    Raises:
        UserError: there is nothing to tell of.
    """
    programme, settings = report.programme, report.subject
    if report.kind == "period":
        first, last = read_period(settings)
        period = materials.gather_period(programme, first, last)
        days = f"{format_day(first)} to {format_day(last)}"
        about = _make_about(report, "Periodic report on:", f"{days}, {len(period.areas)} areas")
        return compose_period_document(about, period.areas, period.yearly, period.standing, period.closing)
    group = settings["group"]
    title = report.title.removesuffix(" across areas")
    if group.startswith("element:"):
        theme = materials.gather_theme(programme, group, title)
        return compose_theme_document(
            _make_about(report, "Thematic report on:", title), theme.areas, theme.differences
        )
    material = materials.gather_group(programme, group, title)
    if not material.areas:
        raise UserError(
            Fault(
                _("the group"), _("there is no area in it with results to compare"), _("Choose another group")
            )
        )
    about = _make_about(report, "Report across areas on:", title)
    return group_document(about, title, material.areas, material.rows, material.titles)


def _make_about(report: CollectedReport, kind: str, subject: str) -> About:
    return About(
        report.programme.title,
        kind,
        subject,
        format_day(timezone.localdate(report.asked_at)),
        "",
        report.programme.synthetic,
        materials.read_number_rules(report.programme.framework),
    )
