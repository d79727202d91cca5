"""Where two assessments differ, and which answer is final."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer_web.actions.fieldwork.answers import lock_assessment
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.moderation.adjudications import Disagreement, find_differences
from scrutineer_web.records.adjudication import Adjudication
from scrutineer_web.safeguards import four_eyes
from scrutineer_web.states.inspection import SETTLED

if TYPE_CHECKING:
    from scrutineer_web.records.case import Case
    from scrutineer_web.records.user import User


def unsettle(*, case: Case, by: User | None, questions: Iterable[str] | None = None) -> None:
    """Retire what was adjudicated on a case, or on some of its questions: an assessment is open again, or asks otherwise."""
    standing = Adjudication.objects.filter(case=case, retired_at=None)
    if questions is not None:
        standing = standing.filter(question__in=list(questions))
    gone = list(standing.values_list("question", flat=True))
    if gone:
        standing.update(retired_at=timezone.now(), retired_by=by or case.inspection.created_by)
        tell("adjudications.retired", by=by, inspection=case.inspection, case=case.pk, questions=gone)


def settle(*, case: Case, question: str, value: str, reason: str, by: User) -> Adjudication:
    """Say which answer is final where two assessments differ; both stay as they were.

    Raises:
        PermissionDenied: the person does not adjudicate in the inspection.
        UserError: the assessments do not differ there, the answer is none of the scale, there is no reason, or one of
            the assessments is the person's own work.
    """
    check(Rights(by).can("assessment.adjudicate", case.inspection_id))
    with transaction.atomic():
        for assessment in case.assessments.filter(retired_at=None):
            lock_assessment(assessment=assessment.pk)
        difference = next((d for d in find_differences(case) if d.question.key == question), None)
        if difference is None:
            raise UserError(
                Fault(
                    question, _("the two assessments don't differ on this question"), _("Load the case again")
                )
            )
        faults = _find_against(case, difference, value, reason, by)
        if faults:
            raise UserError(faults)
        now = timezone.now()
        Adjudication.objects.filter(case=case, question=question, retired_at=None).update(
            retired_at=now, retired_by=by
        )
        adjudication = Adjudication.objects.create(
            case=case, question=question, value=value, reason=reason.strip(), settled_at=now, settled_by=by
        )
        tell(
            "answer.adjudicated",
            by=by,
            inspection=case.inspection,
            case=case.pk,
            question=question,
            value=value,
            reason=adjudication.reason,
            first=difference.first["value"],
            second=difference.second["value"],
        )
    return adjudication


def _find_against(case: Case, difference: Disagreement, value: str, reason: str, by: User) -> list[Fault]:
    """Everything that keeps a person from settling a question with an answer."""
    question = difference.question.key
    faults = four_eyes.find_against_adjudication(case, by)
    if value not in dict(difference.options):
        faults.append(
            Fault(
                question,
                _("'%(value)s' isn't an answer to this question") % {"value": value},
                _("Choose one of the answers listed"),
            )
        )
    if not reason.strip():
        faults.append(
            Fault(question, _("there is no reason for this answer"), _("Give your reason for this answer"))
        )
    if case.inspection.state in SETTLED:
        faults.append(
            Fault(_("the inspection"), _("its scores are signed off"), _("Reopen the scores first"))
        )
    return faults
