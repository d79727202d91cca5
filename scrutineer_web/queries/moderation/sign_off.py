"""What is still open before an inspection's scores can be signed off."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scrutineer.errors import Fault
from scrutineer_web.queries.fieldwork.devices import count_unsent
from scrutineer_web.records import frames
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.safeguards import four_eyes
from scrutineer_web.states.case import GONE


def list_open_points(inspection: Inspection) -> Iterator[Fault]:
    """What must be done before signing the scores off."""
    assessments = Assessment.objects.filter(case__inspection=inspection, retired_at=None)
    unsigned = assessments.exclude(state="signed_off").count()
    if unsigned:
        what = ngettext(
            "%(number)s assessment isn't signed off", "%(number)s assessments aren't signed off", unsigned
        )
        yield Fault(_("the cases"), what % {"number": unsigned}, _("Sign them off in moderation"))
    without = inspection.cases.exclude(state__in=GONE).exclude(pk__in=assessments.values("case")).count()
    if without:
        what = ngettext("%(number)s case has no assessment", "%(number)s cases have no assessment", without)
        yield Fault(_("the cases"), what % {"number": without}, _("Allocate or substitute them"))
    for code, judged in frames.judge(inspection, inspection.framework).items():
        if not judged.items and judged.final is None:
            yield Fault(
                _("the ratings"),
                _("%(code)s %(title)s has no rating") % {"code": code, "title": judged.criterion.title},
                _("Rate it on the page of evidence and ratings"),
            )
    for held in count_unsent(assessments):
        what = _("%(number)s unsent on a device of %(user)s")
        yield Fault(
            _("the devices"),
            what % {"number": held.unsent, "user": held.device.user},
            _("Connect the device to the network"),
        )
    yield from four_eyes.find_signed_by_their_own(inspection)
    conflicts = Conflict.objects.filter(assessment__in=assessments, settled_at=None).count()
    if conflicts:
        what = ngettext(
            "%(number)s conflict isn't resolved", "%(number)s conflicts aren't resolved", conflicts
        )
        yield Fault(_("the answers"), what % {"number": conflicts}, _("Choose one of the two answers"))
