"""Recommendations to closure: the area's response and plan, its progress, and the inspectorate's check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scrutineer.errors import Fault, UserError
from scrutineer_web.actions.fieldwork import uploads
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.follow_up.plans import find_publication_day
from scrutineer_web.records.action_plan import PlannedAction, ProgressReport, Response, Verification
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.safeguards import four_eyes
from scrutineer_web.safeguards.guards import refuse_stale
from scrutineer_web.states import INSPECTION, RECOMMENDATION

if TYPE_CHECKING:
    from scrutineer_web.records.user import User

OPEN = ("published",)
"""The phases of an inspection in which its recommendations are worked on."""


def _lock_recommendation(recommendation: Recommendation) -> tuple[Inspection, Recommendation]:
    """The recommendation as it is now, locked; inside a transaction.

    Raises:
        UserError: its report is not published, or everything is closed.
    """
    inspection = Inspection.objects.select_for_update().get(pk=recommendation.inspection_id)
    if inspection.state not in OPEN or find_publication_day(inspection) is None:
        raise UserError(
            Fault(
                _("the recommendation"),
                _("the inspection's phase is “%(phase)s”") % {"phase": inspection.phase.lower()},
                _("Wait until its report is published"),
            )
        )
    return inspection, Recommendation.objects.get(pk=recommendation.pk, retired_at=None)


def respond(*, recommendation: Recommendation, answer: str, reason: str, base: int = 0, by: User) -> Response:
    """Say whether the area agrees to a recommendation, and why.

    Args:
        recommendation: the recommendation.
        answer: agreed, partly or not.
        reason: why; needed where it does not agree, or in part only.
        base: the revision of the response that the person saw; 0 where there was none.
        by: the area's liaison.

    Raises:
        PermissionDenied: the person is not the area's liaison.
        UserError: with everything that cannot be.
    """
    check(Rights(by).can("plan.respond", recommendation.inspection))
    faults = _find_wrong_in_response(answer, reason)
    if faults:
        raise UserError(faults)
    with transaction.atomic():
        inspection, locked = _lock_recommendation(recommendation)
        response = Response.objects.filter(recommendation=locked).first() or Response(
            recommendation=locked, rev=0
        )
        refuse_stale(_("the response"), base, response.rev)
        response.answer, response.reason, response.rev = answer, reason.strip(), response.rev + 1
        response.given_at, response.given_by = timezone.now(), by
        response.save()
        _move(locked, "respond")
        tell(
            "plan.responded",
            by=by,
            inspection=inspection,
            recommendation=locked.pk,
            rev=response.rev,
            answer=answer,
            reason=response.reason,
        )
    return response


def _find_wrong_in_response(answer: str, reason: str) -> list[Fault]:
    """An answer that there isn't, and a reason that is missing."""
    faults = []
    if answer not in ("agreed", "partly", "not"):
        faults.append(
            Fault(
                _("the answer"),
                _("'%(answer)s' isn't one of the answers") % {"answer": answer},
                _("Choose whether the area agrees, agrees in part, or doesn't agree"),
            )
        )
    if answer != "agreed" and not reason.strip():
        faults.append(
            Fault(
                _("the reason"),
                _("it is empty"),
                _("Explain why the area doesn't agree, or which part it doesn't agree with"),
            )
        )
    return faults


def _move(recommendation: Recommendation, move: str) -> None:
    recommendation.state = RECOMMENDATION.find_after(recommendation.state, move)
    recommendation.save(update_fields=["state"])


def plan(
    *,
    recommendation: Recommendation,
    text: str,
    owner: str,
    due_on: date,
    action: PlannedAction | None = None,
    base: int = 0,
    by: User,
) -> PlannedAction:
    """Plan an action, or change one.

    Args:
        recommendation: the recommendation.
        text: what will be done.
        owner: who sees to it.
        due_on: the day until which.
        action: the one that is changed; None for a new one.
        base: of one that is changed: the revision that the person saw.
        by: the area's liaison.

    Raises:
        PermissionDenied: the person is not the area's liaison.
        UserError: with everything that cannot be, or there is no response yet.
    """
    check(Rights(by).can("plan.respond", recommendation.inspection))
    _refuse_incomplete(text, owner)
    with transaction.atomic():
        inspection, locked = _lock_recommendation(recommendation)
        planned = (
            PlannedAction.objects.get(pk=action.pk) if action else PlannedAction(recommendation=locked, rev=0)
        )
        if action:
            refuse_stale(_("the action"), base, planned.rev)
        planned.text, planned.owner, planned.due = text.strip(), owner.strip(), due_on
        planned.rev, planned.saved_at, planned.saved_by = planned.rev + 1, timezone.now(), by
        planned.save()
        _move(locked, "plan")
        tell(
            "plan.action",
            by=by,
            inspection=inspection,
            recommendation=locked.pk,
            action=planned.pk,
            rev=planned.rev,
            text=planned.text,
            owner=planned.owner,
            due=due_on.isoformat(),
        )
    return planned


def _refuse_incomplete(text: str, owner: str) -> None:
    faults = []
    if not text.strip():
        faults.append(Fault(_("the action"), _("it is empty"), _("Enter what will be done")))
    if not owner.strip() or len(owner) > 150:
        faults.append(
            Fault(_("the owner"), _("nobody is named as responsible"), _("Enter who is responsible"))
        )
    if faults:
        raise UserError(faults)


def retire_action(*, action: PlannedAction, by: User) -> None:
    """Take an action out of the plan; it stays in the records.

    Raises:
        PermissionDenied: the person is not the area's liaison.
        UserError: the inspection is closed.
    """
    check(Rights(by).can("plan.respond", action.recommendation.inspection))
    with transaction.atomic():
        inspection, locked = _lock_recommendation(action.recommendation)
        action.retired_at, action.retired_by = timezone.now(), by
        action.save(update_fields=["retired_at", "retired_by"])
        standing = locked.actions.filter(retired_at=None)
        if locked.state == "under_way" and standing.exists() and not standing.filter(done_at=None).exists():
            _move(locked, "claim")
        tell("plan.action_retired", by=by, inspection=inspection, recommendation=locked.pk, action=action.pk)


def report(
    *, action: PlannedAction, text: str, done: bool, files: Sequence[tuple[str, bytes]] = (), by: User
) -> ProgressReport:
    """Tell of the progress of an action, with evidence.

    Args:
        action: which.
        text: what has been done.
        done: whether nothing more is to do.
        files: names and contents.
        by: the area's liaison.

    Raises:
        PermissionDenied: the person is not the area's liaison.
        UserError: nothing is told, it is told to be done without evidence in words, or a file is none that is kept.
    """
    check(Rights(by).can("plan.respond", action.recommendation.inspection))
    if not text.strip():
        raise UserError(Fault(_("the progress"), _("it is empty"), _("Enter what has been done")))
    with transaction.atomic():
        inspection, locked = _lock_recommendation(action.recommendation)
        now = PlannedAction.objects.get(pk=action.pk)
        if now.retired_at is not None:
            raise UserError(
                Fault(_("the action"), _("it was removed from the plan"), _("Add it to the plan again"))
            )
        report_made = ProgressReport.objects.create(
            action=now, text=text.strip(), done=done, reported_at=timezone.now(), reported_by=by
        )
        for name, content in files:
            uploads.keep(inspection=inspection, name=name, content=content, by=by, progress=report_made)
        now.done_at, now.done_by = (timezone.now(), by) if done else (None, None)
        now.save(update_fields=["done_at", "done_by"])
        standing = locked.actions.filter(retired_at=None)
        _move(locked, "claim" if not standing.filter(done_at=None).exists() else "report")
        tell(
            "plan.progress",
            by=by,
            inspection=inspection,
            action=now.pk,
            report=report_made.pk,
            text=report_made.text,
            done=done,
        )
    return report_made


def verify(*, recommendation: Recommendation, outcome: str, reason: str, by: User) -> Verification:
    """Say what the inspectorate found: met closes the recommendation, anything else sends it back.

    Args:
        recommendation: the recommendation.
        outcome: met, partly met or not met.
        reason: what was seen.
        by: the lead inspector.

    Raises:
        PermissionDenied: the person does not verify.
        UserError: with everything that cannot be, the area has not answered yet, or the person answered for the area.
    """
    check(Rights(by).can("plan.verify", recommendation.inspection))
    faults = []
    if outcome not in ("met", "partly met", "not met"):
        faults.append(
            Fault(
                _("the outcome"),
                _("'%(outcome)s' isn't one of the outcomes") % {"outcome": outcome},
                _("Choose met, partly met or not met"),
            )
        )
    if not reason.strip():
        faults.append(Fault(_("the reason"), _("it is empty"), _("Enter what you saw")))
    faults += four_eyes.find_against_verification(recommendation, by)
    if faults:
        raise UserError(faults)
    with transaction.atomic():
        inspection, locked = _lock_recommendation(recommendation)
        _move(locked, "close" if outcome == "met" else "find_wanting")
        verification = Verification.objects.create(
            recommendation=locked,
            outcome=outcome,
            reason=reason.strip(),
            verified_at=timezone.now(),
            verified_by=by,
        )
        tell(
            "plan.verified",
            by=by,
            inspection=inspection,
            recommendation=locked.pk,
            outcome=outcome,
            reason=verification.reason,
        )
    return verification


def close(*, inspection: Inspection, by: User) -> None:
    """End an inspection: every recommendation is closed, or the area does not agree to it and that is accepted.

    Raises:
        PermissionDenied: the person does not verify.
        UserError: a recommendation is open.
    """
    check(Rights(by).can("plan.verify", inspection))
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        state = INSPECTION.find_after(locked.state, "close")
        standing = locked.recommendations.filter(retired_at=None).exclude(state="closed")
        left = standing.exclude(response__answer="not").count()
        if left:
            raise UserError(
                Fault(
                    _("the recommendations"),
                    ngettext("%(number)s is still open", "%(number)s are still open", left)
                    % {"number": left},
                    _("Verify them, or start a follow-up inspection"),
                )
            )
        locked.state = state
        locked.save(update_fields=["state"])
        tell("inspection.moved", by=by, inspection=locked, was="published", now=state)
