"""The life of an assessment: completed, queried, opened again, signed off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer_web.actions.fieldwork.answers import lock_assessment
from scrutineer_web.actions.moderation.adjudications import unsettle
from scrutineer_web.audit.events import tell_of
from scrutineer_web.audit.seal import make_seal
from scrutineer_web.permissions import Rights, check, may_answer
from scrutineer_web.queries.moderation.assessments import list_obstacles, list_open_points
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.comment import Comment
from scrutineer_web.safeguards import four_eyes
from scrutineer_web.safeguards.guards import refuse_settled, refuse_signed_off
from scrutineer_web.states import ASSESSMENT, CASE

if TYPE_CHECKING:
    from scrutineer_web.records.user import User

COMPLETION = ("state", "completed_at", "completed_by")
"""What completing an assessment changes in it, or taking that back."""


def complete(*, assessment: Assessment, by: User) -> None:
    """Say that an assessment is complete: everything is answered, sent and settled.

    Raises:
        PermissionDenied: it is somebody else's.
        UserError: with everything that is still open.
    """
    with transaction.atomic():
        locked = lock_assessment(assessment=assessment.pk)
        if not may_answer(by, locked):
            raise PermissionDenied
        faults = list(list_open_points(locked))
        if faults:
            raise UserError(faults)
        locked.state = ASSESSMENT.find_after(locked.state, "complete")
        locked.completed_at, locked.completed_by = timezone.now(), by
        update_case(assessment=locked)
        tell_of(locked, "assessment.completed", COMPLETION, by=by)


def update_case(*, assessment: Assessment) -> None:
    """A case is assessed once every assessment of it is complete; before the event of the assessment, which states the case."""
    case = assessment.case
    others = (
        case.assessments.filter(retired_at=None).exclude(pk=assessment.pk).values_list("state", flat=True)
    )
    own = [assessment.state] if assessment.retired_at is None else []
    done = all(state in {"complete", "signed_off"} for state in (*others, *own))
    move = "complete" if done else "return"
    if CASE.can(case.state, move):
        case.state = CASE.find_after(case.state, move)
        case.save(update_fields=["state"])


def query(*, assessment: Assessment, text: str, question: str = "", by: User) -> Comment:
    """Ask the assessor about an answer, which opens a completed assessment for answers again.

    Raises:
        PermissionDenied: the person does not moderate the inspection.
        UserError: there is no text, or the assessment is not complete.
    """
    check(Rights(by).can("assessment.query", assessment.case.inspection_id))
    if not text.strip():
        raise UserError(
            Fault(_("the comment"), _("it is empty"), _("Enter what the assessor should look at"))
        )
    with transaction.atomic():
        locked = lock_assessment(assessment=assessment.pk)
        if locked.state != "queried":
            locked.state = ASSESSMENT.find_after(locked.state, "query")
        locked.completed_at = locked.completed_by = None
        comment = Comment.objects.create(
            assessment=locked, question=question, text=text.strip(), written_at=timezone.now(), written_by=by
        )
        update_case(assessment=locked)
        tell_of(
            locked,
            "assessment.queried",
            COMPLETION,
            by=by,
            question=question,
            comment=comment.pk,
            text=comment.text,
        )
        unsettle(case=locked.case, by=by)
    return comment


def reply(*, assessment: Assessment, text: str, question: str = "", by: User) -> Comment:
    """Reply to a comment: as its assessor, or as a moderator.

    Raises:
        PermissionDenied: the person neither assesses nor moderates the assessment.
        UserError: there is no text.
    """
    check(may_answer(by, assessment) or Rights(by).can("comment.write", assessment.case.inspection_id))
    if not text.strip():
        raise UserError(Fault(_("the comment"), _("it is empty"), _("Enter your comment")))
    with transaction.atomic():
        locked = lock_assessment(assessment=assessment.pk)
        refuse_signed_off(locked)
        comment = Comment.objects.create(
            assessment=locked, question=question, text=text.strip(), written_at=timezone.now(), written_by=by
        )
        tell_of(locked, "comment.written", by=by, question=question, comment=comment.pk, text=comment.text)
    return comment


def resolve(*, comment: Comment, by: User) -> None:
    """Close a comment.

    Raises:
        PermissionDenied: the person neither assesses nor moderates the assessment.
        UserError: it is closed already.
    """
    check(
        may_answer(by, comment.assessment)
        or Rights(by).can("comment.write", comment.assessment.case.inspection_id)
    )
    with transaction.atomic():
        locked = lock_assessment(assessment=comment.assessment_id)
        current = Comment.objects.get(pk=comment.pk)
        if current.resolved_at is not None:
            raise UserError(Fault(_("the comment"), _("it is already closed")))
        current.resolved_at, current.resolved_by = timezone.now(), by
        current.save(update_fields=["resolved_at", "resolved_by"])
        tell_of(locked, "comment.resolved", by=by, comment=current.pk)


def reopen(*, assessment: Assessment, reason: str, by: User) -> None:
    """Open a complete or signed-off assessment for answers again; what was signed off stays in the events.

    Raises:
        PermissionDenied: the person does not sign off assessments.
        UserError: there is no reason, or it is open already.
    """
    check(Rights(by).can("assessment.sign_off", assessment.case.inspection_id))
    if not reason.strip():
        raise UserError(
            Fault(_("the reason"), _("it is empty"), _("Enter why you are reopening the assessment"))
        )
    with transaction.atomic():
        locked = lock_assessment(assessment=assessment.pk)
        refuse_settled(locked.case.inspection)
        before, seal = locked.state, locked.seal
        locked.state = ASSESSMENT.find_after(locked.state, "reopen")
        locked.completed_at = locked.completed_by = locked.signed_off_at = locked.signed_off_by = None
        locked.seal = ""
        changed = (*COMPLETION, "seal", "signed_off_at", "signed_off_by")
        update_case(assessment=locked)
        tell_of(locked, "assessment.reopened", changed, by=by, reason=reason.strip(), was=before, seal=seal)
        unsettle(case=locked.case, by=by)


def sign_off(*, assessment: Assessment, by: User) -> None:
    """Settle an assessment for good: nothing unsent, unanswered, in conflict or under discussion.

    Raises:
        PermissionDenied: the person does not sign off assessments.
        UserError: with everything that is still open; the assessment is the person's own work.
    """
    check(Rights(by).can("assessment.sign_off", assessment.case.inspection_id))
    with transaction.atomic():
        locked = lock_assessment(assessment=assessment.pk)
        faults = [*four_eyes.find_against_sign_off(locked, by), *list_obstacles(locked)]
        state = ASSESSMENT.find_after(locked.state, "sign_off") if not faults else locked.state
        if faults:
            raise UserError(faults)
        locked.state, locked.seal = state, make_seal(locked)
        locked.signed_off_at, locked.signed_off_by = timezone.now(), by
        changed = ("state", "seal", "signed_off_at", "signed_off_by")
        case = locked.case
        others = case.assessments.filter(retired_at=None).exclude(pk=locked.pk)
        if not others.exclude(state="signed_off").exists() and CASE.can(case.state, "sign_off"):
            case.state = CASE.find_after(case.state, "sign_off")
            case.save(update_fields=["state"])
        tell_of(locked, "assessment.signed_off", changed, by=by, seal=locked.seal)
