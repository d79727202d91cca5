"""Saving an answer: checked, compared with the current one, written once, logged.

An answer says on which revision of the question it is based. Where another was saved in between, nothing is
overwritten: both stand as a conflict until somebody chooses. What is sent twice is saved once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer_web.audit.events import tell_of
from scrutineer_web.audit.stated import Stated, state_rows_of
from scrutineer_web.audit.written import note_rows
from scrutineer_web.permissions import may_answer
from scrutineer_web.queries.fieldwork import answer_checks
from scrutineer_web.queries.fieldwork.answer_checks import SentAnswer
from scrutineer_web.records import current_generation, frames
from scrutineer_web.records.answer import TEXTS, Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.case import Case
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.event import Event
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.participant import Participant
from scrutineer_web.records.statements import Joined, Row
from scrutineer_web.states import ASSESSMENT
from scrutineer_web.states.assessment import ANSWERABLE

if TYPE_CHECKING:
    from scrutineer_web.records.user import User

OPEN_PHASES = ("fieldwork", "moderation")
"""The phases of an inspection in which answers are taken."""


@dataclass(frozen=True)
class Saved:
    """What came of it.

    Attributes:
        rev: the revision that stands now.
        conflict: where another answer had been saved before: the number of the conflict, and that answer.
        closed: whether the assessment takes no more answers.
        assessment: as it is now; None where nothing changed.
    """

    rev: int
    conflict: int | None = None
    standing: dict[str, Any] | None = None
    closed: bool = False
    assessment: Assessment | None = None


def save(*, assessment: int, sent: SentAnswer, by: User) -> Saved:
    """Save one answer.

    Args:
        assessment: the number of the assessment.
        sent: the answer.
        by: its assessor.

    Raises:
        Assessment.DoesNotExist: there is no such assessment.
        PermissionDenied: the person may not answer it.
        UserError: the answer is none that the question takes, or its uid was used for another one.
    """
    try:
        if sent.room is not None and sent.case and sent.room != current_generation.find_current():
            return _save_after_restore(assessment, sent, by)
        # The quick way writes nothing unless everything is as it was read, so trying it first is always safe.
        return _save_at_once(assessment, sent, by) or _save_under_lock(assessment, sent, by)
    except IntegrityError:
        # Two requests with the same uid can both get past the check; the database then lets only one of them in.
        if not Event.objects.filter(uid=sent.uid).exists():
            raise
        raise UserError(_make_used_fault(sent)) from None


def _save_at_once(assessment: int, sent: SentAnswer, by: User) -> Saved | None:
    """Save without holding the assessment: one statement writes answer, event and assessment, if all is still as it was read.

    Most of a save's time goes on the way to the database and back, and this takes two ways where the other takes five.
    Whatever is not the plain case is left to the other.

    Returns:
        None where nothing was written.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return None
    row = _find_by(_SEEN, assessment)
    if not may_answer(by, row):
        raise PermissionDenied
    value = answer_checks.check_answer(row, sent)
    if not _is_open_to_answers(row):
        return None
    # These five values decide whether the answer may be saved. Any change to them since they were read makes the
    # statement match no row, and the slower way then finds out why.
    as_read = (row.pk, row.events, row.state, row.assessor_id, row.framework_version_id)
    source = """
        FROM records_assessment WHERE id = %s AND events = %s AND state = %s AND assessor_id = %s
            AND framework_version_id = %s AND retired_at IS NULL FOR UPDATE"""
    # A retired answer counts on from its own revision, which is not known here.
    at = timezone.now()
    sql, values = _write_upsert(
        row, sent, by, at, source, "records_answer.rev = %s AND records_answer.retired_at IS NULL"
    )
    after = (sql, [*values, *as_read, sent.base])
    _take_in(row, sent, value)
    # Known before the statement runs, because the condition above only holds where the answer is still at its base.
    rev = sent.base + 1
    stating = state_rows_of(Answer, _make_row(row, sent, rev, by, at))
    return Saved(rev, assessment=row) if _tell_saved(row, sent, rev, by, after, stating) else None


def _save_after_restore(assessment: int, sent: SentAnswer, by: User) -> Saved:
    """Save an answer whose sender saw the room before it was restored from a backup.

    What the room still has is known by its uid. A current answer from the common history, and that the sender's own
    was made after, gives way to it, although the revisions between them are lost. Anything else that stands was saved
    since by somebody who didn't know of it: both stand as a conflict.
    """
    with transaction.atomic():
        locked = lock_assessment(assessment=assessment)
        # After a restore the same number may belong to another assessment, so a number alone is not enough here.
        if current_generation.make_identity(locked) != sent.case:
            raise Assessment.DoesNotExist
        if not may_answer(by, locked):
            raise PermissionDenied
        value = answer_checks.check_answer(locked, sent)
        earlier = _find_known(locked, sent)
        if earlier is not None:
            return earlier
        if not _is_open_to_answers(locked):
            return _keep_late(locked, sent, by, "closed")
        based = _rebase_on_history(locked, sent) or _rebase_on_own(locked, sent)
        rev = _write(locked, based, by) if based is not None else None
        if rev is None:
            return _keep_conflict(locked, sent, by)
        _take_in(locked, sent, value)
        _tell_saved(locked, sent, rev, by)
    return Saved(rev, assessment=locked)


def _rebase_on_history(assessment: Assessment, sent: SentAnswer) -> SentAnswer | None:
    """The answer based on the current one, where its sender's history goes on from that one; else None."""
    there = Answer.objects.filter(assessment=assessment, question=sent.question).first()
    if there is None:
        return replace(sent, base=0)
    ended = current_generation.find_ended_at(sent.room) if sent.room is not None else None
    # Saved before the restored room's history branched off, and not newer than what the sender saw: then the sender
    # knew this answer, and replacing it loses nothing.
    common = ended is not None and there.saved_at < ended and there.rev <= sent.base
    return replace(sent, base=there.rev) if common else None


def _is_open_to_answers(assessment: Assessment) -> bool:
    return assessment.state in ANSWERABLE and assessment.case.inspection.state in OPEN_PHASES


def _save_under_lock(assessment: int, sent: SentAnswer, by: User) -> Saved:
    with transaction.atomic():
        locked = lock_assessment(assessment=assessment)
        if not may_answer(by, locked):
            raise PermissionDenied
        value = answer_checks.check_answer(locked, sent)
        if not _is_open_to_answers(locked):
            # A repeated answer gets its first result again even after the assessment was closed: the device only missed the reply.
            return _find_known(locked, sent) or _keep_late(locked, sent, by, "closed")
        rev = _write(locked, sent, by)
        if rev is None:
            # The revision did not match. Before this counts as a conflict, two harmless causes are ruled out: the same answer
            # sent again, and a later answer from the same device that did not yet know its earlier one had arrived.
            earlier = _find_known(locked, sent)
            if earlier is not None:
                return earlier
            rev = _write(locked, own, by) if (own := _rebase_on_own(locked, sent)) else None
            if rev is None:
                return _keep_conflict(locked, sent, by)
        _take_in(locked, sent, value)
        _tell_saved(locked, sent, rev, by)
    return Saved(rev, assessment=locked)


def _tell_saved(
    assessment: Assessment,
    sent: SentAnswer,
    rev: int,
    by: User,
    after: tuple[str, list[Any]] | None = None,
    stating: Stated | None = None,
) -> bool:
    assessment.state = ASSESSMENT.find_after(assessment.state, "answer")
    return tell_of(
        assessment,
        "answer.saved",
        (*CHANGED, "state"),
        by=by,
        uid=sent.uid,
        after=after,
        stating=stating,
        question=sent.question,
        rev=rev,
        device=sent.device,
        device_at=sent.device_at,
        **sent.content,
    )


CHANGED = ("codes", "facts", "asked", "answered")
"""What an answer changes in its assessment."""


_ASSESSMENT: tuple[Row, str] = (
    {
        "r": (
            Assessment,
            (
                "id",
                "case",
                "number",
                "assessor",
                "framework_version",
                "state",
                "codes",
                "facts",
                "asked",
                "answered",
                "events",
                "head",
                "retired_at",
            ),
        ),
        "c": (Case, ("id", "inspection", "reference", "particulars", "team", "manager", "state")),
        "i": (Inspection, ("id", "area", "framework_version", "state")),
        "p": (Participant, ("id", "inspection", "user", "name", "role", "team", "manages_as", "retired_at")),
        "v": (FrameworkVersion, ("id", "hash")),
    },
    """records_assessment r
    JOIN records_case c ON c.id = r.case_id JOIN records_inspection i ON i.id = c.inspection_id
    JOIN records_frameworkversion v ON v.id = r.framework_version_id
    LEFT JOIN records_participant p ON p.id = r.assessor_id WHERE r.id = %s""",
)
_HELD, _SEEN = Joined(*_ASSESSMENT, held="r"), Joined(*_ASSESSMENT)


def lock_assessment(*, assessment: int) -> Assessment:
    """An assessment with all that a save looks at, held until the transaction is over.

    Raises:
        Assessment.DoesNotExist: there is no such assessment.
    """
    return _find_by(_HELD, assessment)


def _find_by(by: Joined, assessment: int) -> Assessment:
    row = by.get(assessment)
    if row is None:
        raise Assessment.DoesNotExist
    seen, seen.case, seen.case.inspection, seen.assessor, seen.framework_version = row
    assert isinstance(seen, Assessment)  # noqa: S101 the first of the row
    return seen


def _write(assessment: Assessment, sent: SentAnswer, by: User) -> int | None:
    """Write the answer if it is based on the current one; the new revision, or None."""
    # `WHERE true`: without it SQLite would take ON CONFLICT for the condition of a join.
    at = timezone.now()
    sql, values = _write_upsert(
        assessment,
        sent,
        by,
        at,
        "WHERE true",
        "records_answer.rev = %s OR records_answer.retired_at IS NOT NULL",
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, sent.base])
        row = cursor.fetchone()
    if row is None:
        return None
    note_rows(Answer, _make_row(assessment, sent, int(row[0]), by, at))
    return int(row[0])


def _make_row(
    assessment: Assessment, sent: SentAnswer, rev: int, by: User, at: datetime
) -> dict[str, dict[str, Any]]:
    """The answer's record as the statement writes it, by the name that the log gives it."""
    return {
        f"{assessment.pk} {sent.question}": {
            "assessment_id": assessment.pk,
            "question": sent.question,
            "rev": rev,
            **sent.content,
            "saved_at": at,
            "saved_by_id": by.pk,
            "retired_at": None,
        }
    }


def put_answer(*, assessment: Assessment, sent: SentAnswer, by: User) -> int:
    """Write an answer whatever the current revision, for a caller who has locked the assessment and logs it; the new revision."""
    value = answer_checks.check_answer(assessment, sent)
    there = Answer.objects.filter(assessment=assessment, question=sent.question).first()
    based = replace(sent, base=there.rev if there else 0)
    rev = _write(assessment, based, by)
    assert rev is not None  # noqa: S101 nobody else writes while the assessment is held
    _take_in(assessment, based, value)
    return rev


def _write_upsert(
    assessment: Assessment, sent: SentAnswer, by: User, at: datetime, source: str, where: str
) -> tuple[str, list[Any]]:
    """The statement that writes an answer and returns its revision, and its values up to those of source and condition.

    Args:
        source: what must give a row for anything to be written.
        where: what must hold of an answer that is there.
    """
    columns = ["value", *TEXTS, "saved_at", "saved_by_id"]
    moment = connection.ops.adapt_datetimefield_value(at)
    sql = f"""
        INSERT INTO records_answer (assessment_id, question, rev, {", ".join(columns)})
        SELECT {", ".join(["%s"] * (len(columns) + 3))} {source}
        ON CONFLICT (assessment_id, question) DO UPDATE SET rev = records_answer.rev + 1, retired_at = NULL,
            {", ".join(f"{c} = excluded.{c}" for c in columns)}
        WHERE {where} RETURNING rev
    """
    return sql, [assessment.pk, sent.question, sent.base + 1, *sent.content.values(), moment, by.pk]


def _take_in(assessment: Assessment, sent: SentAnswer, value: object) -> None:
    """Put an answer into the assessment's bytes and facts, and count what is open."""
    framework = assessment.framework_version.framework
    if sent.question in frames.collect_places(framework):
        assessment.codes = frames.add_code(framework, bytes(assessment.codes), sent.question, sent.value)
    else:
        # A new dictionary, not a change in place: the log compares what was read with what is written.
        facts = {k: v for k, v in assessment.facts.items() if k != sent.question}
        assessment.facts = facts if value is None else {**facts, sent.question: value}
    assessment.asked, assessment.answered = answer_checks.count_progress(assessment)


def _find_known(assessment: Assessment, sent: SentAnswer) -> Saved | None:
    """What came of an answer that was sent before; None for a new one."""
    event = Event.objects.filter(uid=sent.uid).first()
    conflict = Conflict.objects.filter(uid=sent.uid).first()
    content = (
        event.details
        if event is not None
        else None
        if conflict is None
        else {**conflict.content, "question": conflict.question}
    )
    there = (
        event.chain
        if event is not None
        else None
        if conflict is None
        else f"assessment:{conflict.assessment_id}"
    )
    # A uid is a promise that the content is the same. With other content, reporting the earlier result would
    # tell the device that something was saved which was not.
    if content is not None and (
        there != f"assessment:{assessment.pk}"
        or any(content.get(k) != v for k, v in {**sent.content, "question": sent.question}.items())
    ):
        raise UserError(_make_used_fault(sent))
    if event is not None:
        # What was saved then; there may be another answer by now, and the next save is compared with what the sender saw.
        return Saved(event.details["rev"], assessment=assessment)
    return None if conflict is None else _report_conflict(assessment, conflict)


def _make_used_fault(sent: SentAnswer) -> Fault:
    return Fault(
        sent.question, _("its uid was used for another answer before"), _("Give each answer a uid of its own")
    )


def _report_conflict(assessment: Assessment, conflict: Conflict) -> Saved:
    there = Answer.objects.filter(assessment=assessment, question=conflict.question).first()
    standing = {name: getattr(there, name) for name in ("value", *TEXTS)} if there else None
    closed = conflict.why == "closed"
    return Saved(there.rev if there else 0, conflict.pk, standing, closed)


def _rebase_on_own(assessment: Assessment, sent: SentAnswer) -> SentAnswer | None:
    """The answer based on the current one, where the sender's own earlier attempt made that one."""
    if not sent.instead_of:
        return None
    there = Answer.objects.get(assessment=assessment, question=sent.question)
    mine = Event.objects.filter(chain=f"assessment:{assessment.pk}", uid__in=sent.instead_of)
    own = any(
        event.details.get("rev") == there.rev and event.details.get("question") == sent.question
        for event in mine
    )
    return replace(sent, base=there.rev) if own else None


def _keep_conflict(assessment: Assessment, sent: SentAnswer, by: User) -> Saved:
    """The answer is based on another than the current one: the same answer is no conflict."""
    there = Answer.objects.get(assessment=assessment, question=sent.question)
    # Two people who gave the same answer agree, so nobody should be asked to choose.
    if {name: getattr(there, name) for name in ("value", *TEXTS)} == sent.content:
        return Saved(there.rev, assessment=assessment)
    return _keep_late(assessment, sent, by, "stale")


def _keep_late(assessment: Assessment, sent: SentAnswer, by: User, why: str) -> Saved:
    conflict = Conflict.objects.create(
        assessment=assessment,
        question=sent.question,
        uid=sent.uid,
        content=sent.content,
        why=why,
        raised_at=timezone.now(),
        raised_by=by,
    )
    tell_of(
        assessment,
        "conflict.raised",
        by=by,
        question=sent.question,
        conflict=conflict.pk,
        why=why,
        device=sent.device,
        device_at=sent.device_at,
        **sent.content,
    )
    return _report_conflict(assessment, conflict)


def settle(*, conflict: Conflict, take: bool, by: User) -> Saved:
    """Choose between two answers: take the one that came later, or keep the current one.

    Raises:
        PermissionDenied: the person may not answer the assessment.
        UserError: it is settled already, or the assessment takes no more answers.
    """
    with transaction.atomic():
        locked = lock_assessment(assessment=conflict.assessment_id)
        if not may_answer(by, locked):
            raise PermissionDenied
        current = Conflict.objects.get(pk=conflict.pk)
        if current.settled_at is not None:
            raise UserError(
                Fault(
                    current.question,
                    _("somebody else has already chosen an answer"),
                    _("Look at the answer on record"),
                )
            )
        if take and (locked.state not in ANSWERABLE or locked.case.inspection.state not in OPEN_PHASES):
            what = _(
                "the assessment is %(phase)s, and takes no more answers in the inspection's phase “%(inspection)s”"
            ) % {"phase": locked.phase.lower(), "inspection": locked.case.inspection.phase.lower()}
            raise UserError(Fault(current.question, what, _("Ask the lead inspector to reopen it")))
        there = Answer.objects.filter(assessment=locked, question=current.question).first()
        rev = there.rev if there else 0
        if take:
            texts = {name: current.content[name] for name in TEXTS}
            sent = SentAnswer(current.question, current.content["value"], rev, current.uid, texts)
            value = answer_checks.check_answer(locked, sent)
            rev = _write(locked, sent, by) or rev
            _take_in(locked, sent, value)
        current.settled_at, current.settled_by, current.is_kept = timezone.now(), by, take
        current.save(update_fields=["settled_at", "settled_by", "is_kept"])
        tell_of(
            locked,
            "conflict.settled",
            CHANGED,
            by=by,
            question=current.question,
            conflict=current.pk,
            taken=take,
            rev=rev,
            **current.content,
        )
    return Saved(rev, assessment=locked)
