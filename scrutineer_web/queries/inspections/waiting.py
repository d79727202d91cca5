"""What waits for one person outside the inspections' own phases: drafts to comment on, answers, responses, actions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scrutineer.inspection.dates import format_day
from scrutineer_web.permissions import Rights
from scrutineer_web.queries.follow_up.plans import find_due_day
from scrutineer_web.records.accuracy import AccuracyCheck, Correction
from scrutineer_web.records.action_plan import PlannedAction
from scrutineer_web.records.inspection import Inspection

Wait = tuple[str, str, bool]
"""What is to do, where, and whether its day is over."""


def list_waiting(who: Rights, today: date) -> list[Wait]:
    """Everything that waits for somebody, what is overdue first."""
    tasks = [
        *_list_drafts(who, today),
        *_list_answers(who),
        *_list_responses(who, today),
        *_list_actions(who, today),
    ]
    return sorted(tasks, key=lambda task: not task[2])


def _list_drafts(who: Rights, today: date) -> Iterator[Wait]:
    checks = AccuracyCheck.objects.filter(ended_at=None).select_related("inspection")
    for check in checks.defer(*Inspection.list_heavy("inspection")):
        if who.can("draft.comment", check.inspection_id):
            text = _("%(area)s: comment on the draft report until %(day)s") % {
                "area": check.inspection.area,
                "day": format_day(check.due),
            }
            yield text, reverse("check", args=[check.pk]), check.due < today


def _list_answers(who: Rights) -> Iterator[Wait]:
    mine = [part.pk for parts in who.parts.values() for part in parts]
    opened = Correction.objects.filter(answered_at=None, assessment__assessor__in=mine)
    for correction in opened.select_related("assessment__case"):
        text = _("Case %(case)s: answer one question again") % {"case": correction.assessment.case.reference}
        yield text, reverse("correction", args=[correction.pk]), False


def _list_responses(who: Rights, today: date) -> Iterator[Wait]:
    for inspection in _list_of_area(who):
        waiting = inspection.recommendations.filter(retired_at=None, state="waiting").count()
        if waiting:
            due = find_due_day(inspection)
            if due:
                text = ngettext(
                    "%(area)s: respond to %(number)s recommendation until %(day)s",
                    "%(area)s: respond to %(number)s recommendations until %(day)s",
                    waiting,
                ) % {"area": inspection.area, "number": waiting, "day": format_day(due)}
            else:
                text = ngettext(
                    "%(area)s: respond to %(number)s recommendation",
                    "%(area)s: respond to %(number)s recommendations",
                    waiting,
                ) % {"area": inspection.area, "number": waiting}
            yield text, reverse("plan_of", args=[inspection.pk]), due is not None and due < today


def _list_actions(who: Rights, today: date) -> Iterator[Wait]:
    for inspection in _list_of_area(who):
        late = PlannedAction.objects.filter(
            recommendation__inspection=inspection,
            recommendation__retired_at=None,
            retired_at=None,
            done_at=None,
            due__lt=today,
        ).exclude(recommendation__state="closed")
        for action in late.select_related("recommendation"):
            text = _("%(area)s: update progress on “%(action)s”, due %(day)s") % {
                "area": inspection.area,
                "action": action.text[:80],
                "day": format_day(action.due),
            }
            yield text, reverse("action_progress", args=[action.pk]), True


def _list_of_area(who: Rights) -> list[Inspection]:
    """The published inspections in which somebody is the area's liaison."""
    known = Inspection.objects.filter(pk__in=list(who.parts), state="published", retired_at=None)
    return [i for i in known.select_related("framework_version") if who.can("plan.respond", i)]
