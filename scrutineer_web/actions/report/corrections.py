"""One answer of a signed-off assessment opened again, alone, because of an accepted comment; what it changes is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer_web.actions.fieldwork.answers import CHANGED, lock_assessment, put_answer
from scrutineer_web.actions.moderation import results
from scrutineer_web.audit.events import tell, tell_of
from scrutineer_web.audit.seal import make_seal
from scrutineer_web.permissions import Rights, check, may_answer
from scrutineer_web.queries import shelf
from scrutineer_web.queries.fieldwork import answer_checks
from scrutineer_web.queries.fieldwork.answer_checks import SentAnswer
from scrutineer_web.queries.report import bound
from scrutineer_web.queries.scores import scored
from scrutineer_web.records import frames
from scrutineer_web.records.accuracy import AccuracyComment, Correction
from scrutineer_web.records.adjudication import Adjudication
from scrutineer_web.records.inspection import Inspection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from scrutineer_web.records.assessment import Assessment
    from scrutineer_web.records.user import User


def reopen(
    *, comment: AccuracyComment, assessment: Assessment, question: str, reason: str, by: User
) -> Correction:
    """Open one answer of a signed-off assessment again; every other answer of it stays closed.

    Args:
        comment: an accepted one.
        assessment: the first assessment of a case of the same inspection.
        question: its key.
        reason: why, for the assessor.
        by: the lead inspector.

    Raises:
        PermissionDenied: the person does not lead the inspection.
        UserError: the comment is not accepted, the assessment isn't signed off or of another inspection, the framework
            asks no such question of it, or the answer is open already.
    """
    inspection = comment.check_of.inspection
    check(Rights(by).can("draft.decide", inspection))
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        held, comment = lock_assessment(assessment=assessment.pk), AccuracyComment.objects.get(pk=comment.pk)
        faults = list(_refuse(locked, comment, held, question, reason))
        if faults:
            raise UserError(faults)
        correction = Correction.objects.create(
            comment=comment,
            assessment=held,
            question=question,
            reason=reason.strip(),
            was=_find_standing(held, question),
            opened_at=timezone.now(),
            opened_by=by,
        )
        tell_of(
            held,
            "answer.opened",
            by=by,
            question=question,
            correction=correction.pk,
            comment=comment.pk,
            reason=correction.reason,
            seal=held.seal,
        )
    return correction


def _refuse(
    inspection: Inspection, comment: AccuracyComment, assessment: Assessment, question: str, reason: str
) -> Iterator[Fault]:
    where = _("case %(case)s, %(question)s") % {"case": assessment.case.reference, "question": question}
    if inspection.state != "accuracy":
        yield Fault(
            where,
            _("the inspection's phase is “%(phase)s”") % {"phase": inspection.phase.lower()},
            _("Answers can only be reopened during the factual accuracy check"),
        )
    if comment.decision not in ("accepted", "partly"):
        yield Fault(where, _("the comment hasn't been accepted"), _("Accept it first, and give a reason"))
    if assessment.case.inspection_id != inspection.pk or assessment.retired_at is not None:
        yield Fault(where, _("this assessment isn't part of the inspection"), _("Choose one of its cases"))
    if assessment.state != "signed_off":
        yield Fault(where, _("the assessment hasn't been signed off"), _("Sign it off first"))
    if question not in assessment.framework_version.framework.scale_of:
        yield Fault(where, _("the framework doesn't have this question"), _("Choose one of its questions"))
    elif assessment.framework_version.framework.questions[question].derived:
        yield Fault(
            where,
            _("the answer follows from others by the framework's rules"),
            _("Reopen the answers that it follows from"),
        )
    if not reason.strip():
        yield Fault(_("the reason"), _("it is empty"), _("Enter why you are reopening the answer"))
    if Correction.objects.filter(assessment=assessment, question=question, answered_at=None).exists():
        yield Fault(where, _("the answer is already open"), _("Wait until the assessor has answered"))
    if Adjudication.objects.filter(case=assessment.case, question=question, retired_at=None).exists():
        yield Fault(
            where,
            _("the two assessors differed, and the answer was adjudicated in moderation"),
            _("Adjudicate it again in moderation"),
        )


def _find_standing(assessment: Assessment, question: str) -> str | None:
    return frames.read_answers(assessment.framework_version.framework, bytes(assessment.codes)).get(question)


def answer(*, correction: Correction, value: str, note: str, uid: UUID, by: User) -> Correction:
    """Save the reopened answer; the assessment is sealed again, and the scores are recalculated.

    Args:
        correction: the opened answer.
        value: as the scale writes it; the former one where it was right after all.
        note: the evidence.
        uid: made by the sender.
        by: the assessment's assessor, or the lead inspector.

    Raises:
        PermissionDenied: the assessment is somebody else's, and the person does not lead the inspection.
        UserError: it is given already, the question does not take it, or the factual accuracy check is over.
    """
    assessment_of = correction.assessment
    inspection = assessment_of.case.inspection
    check(may_answer(by, assessment_of) or Rights(by).can("draft.decide", inspection))
    before = _collect_figures(inspection)
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        held = lock_assessment(assessment=assessment_of.pk)
        current = Correction.objects.get(pk=correction.pk)
        _refuse_late(current, locked, held)
        sent = SentAnswer(current.question, value, 0, uid, {"note": note})
        answer_checks.check_answer(held, sent)
        _put_and_seal(held, current, sent, by)
        _settle_scores(locked, current, by)
        current.changed = _list_changed(before, _collect_figures(locked))
        current.save(update_fields=["changed"])
        tell("figures.changed", by=by, inspection=locked, correction=current.pk, changed=current.changed)
    return current


def _refuse_late(correction: Correction, inspection: Inspection, assessment: Assessment) -> None:
    """Refuse an answer that is given already, or outside the factual accuracy check."""
    if correction.answered_at is not None:
        raise UserError(
            Fault(correction.question, _("it has already been answered"), _("Reopen it if it is still wrong"))
        )
    if inspection.state != "accuracy" or assessment.state != "signed_off":
        # Of a check that was made elsewhere: what was opened there is answered once its case is signed off here.
        what = _("the inspection's phase is “%(phase)s”") % {"phase": inspection.phase.lower()}
        raise UserError(Fault(correction.question, what, _("Answer it during the factual accuracy check")))


def _put_and_seal(assessment: Assessment, correction: Correction, sent: SentAnswer, by: User) -> None:
    """Put the answer in, and seal the assessment with it."""
    was_seal = assessment.seal
    rev = put_answer(assessment=assessment, sent=sent, by=by)
    _refuse_gaps(assessment)
    correction.now, correction.note = _find_standing(assessment, correction.question), sent.texts["note"]
    correction.answered_at, correction.answered_by = timezone.now(), by
    correction.save(update_fields=["now", "note", "answered_at", "answered_by"])
    # The seal is of the answers, not of the events: it is made again with its own event.
    assessment.seal = make_seal(assessment)
    tell_of(
        assessment,
        "answer.corrected",
        (*CHANGED, "seal"),
        by=by,
        uid=sent.uid,
        question=correction.question,
        correction=correction.pk,
        was=correction.was,
        rev=rev,
        seal=assessment.seal,
        was_seal=was_seal,
        **sent.content,
    )


def _settle_scores(inspection: Inspection, correction: Correction, by: User) -> None:
    """Keep the scores as they are with the answer; what they were stays in the log."""
    scores = scored.score_inspection(inspection, frames.read_cases_of(inspection)).results.as_dict()
    tell("scores.corrected", by=by, inspection=inspection, correction=correction.pk, was=inspection.scores)
    inspection.scores = scores
    inspection.save(update_fields=["scores"])
    results.keep(inspection=inspection)


def _list_changed(before: dict[str, str], after: dict[str, str]) -> list[dict[str, str | None]]:
    """The figures of the report that are no longer what they were."""
    return [
        {"figure": key, "was": before.get(key), "now": after.get(key)}
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]


def _refuse_gaps(assessment: Assessment) -> None:
    """An answer on which others depend may open those: a signed-off assessment has no gaps."""
    open_still = list(answer_checks.list_gaps(assessment, None))
    if open_still:
        raise UserError(
            [
                Fault(
                    f.where,
                    _("with this answer the question applies, and %(what)s") % {"what": f.what},
                    _("Reopen the assessment in moderation instead"),
                )
                for f in open_still
            ]
        )


def _collect_figures(inspection: Inspection) -> dict[str, str]:
    """Every figure and word of the report as it is now, by its key; none where it cannot be composed."""
    from scrutineer.tasks.reporting import compose_bound

    ready = compose_bound(bound.bind_inspection(inspection), shelf.read_library_of(inspection))
    return {f.key: f.text for f in ready.document.list_figures()}
