"""The factual accuracy check: until when, and what is still to be decided."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scrutineer.errors import Fault
from scrutineer.inspection.dates import find_latest_after, find_step
from scrutineer_web.records import frames
from scrutineer_web.records.accuracy import AccuracyComment, Correction
from scrutineer_web.records.inspection import Inspection


def propose_deadline(inspection: Inspection, sent: date) -> date | None:
    """The last day for comments on a draft by the framework's calendar; None where it has no rule for it.

    Args:
        inspection: whose draft.
        sent: the day on which it is sent.
    """
    step = find_step(inspection.framework, frames.make_dates(inspection), "comments")
    return None if step is None else step.on or find_latest_after(step.rule, sent)


def list_undecided(inspection: Inspection) -> list[Fault]:
    """What must be done before the final report."""
    undecided = []
    if inspection.checks.filter(ended_at=None).exists():
        undecided.append(
            Fault(_("the check"), _("the area hasn't finished commenting"), _("Wait until its deadline"))
        )
    waiting = AccuracyComment.objects.filter(check_of__inspection=inspection, decision="").count()
    if waiting:
        what = ngettext(
            "%(number)s comment is waiting for a decision",
            "%(number)s comments are waiting for a decision",
            waiting,
        )
        undecided.append(Fault(_("the comments"), what % {"number": waiting}, _("Decide on every comment")))
    reopened = Correction.objects.filter(comment__check_of__inspection=inspection, answered_at=None).count()
    if reopened:
        what = ngettext(
            "%(number)s reopened answer hasn't been answered yet",
            "%(number)s reopened answers haven't been answered yet",
            reopened,
        )
        undecided.append(Fault(_("the answers"), what % {"number": reopened}, _("Ask the assessor")))
    return undecided
