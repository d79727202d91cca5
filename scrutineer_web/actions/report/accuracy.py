"""The factual accuracy check: the draft goes to the area, the area comments, the inspectorate decides on every comment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer.inspection.dates import format_day
from scrutineer.report.formats import name_web_page
from scrutineer_web.actions.fieldwork import uploads
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.report.accuracy import list_undecided
from scrutineer_web.records.accuracy import AccuracyCheck, AccuracyComment
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.text_lengths import NOTE, describe_too_long
from scrutineer_web.safeguards import four_eyes
from scrutineer_web.states import INSPECTION

if TYPE_CHECKING:
    from scrutineer_web.records.user import User


def send(*, inspection: Inspection, issue: Issue, due: date, by: User) -> AccuracyCheck:
    """Send a draft to the area to check.

    Args:
        inspection: whose report.
        issue: the draft.
        due: the last day for comments.
        by: the lead inspector.

    Raises:
        PermissionDenied: the person does not lead the inspection.
        UserError: the draft is not ready or of another inspection, nobody is the area's liaison, the day is over, or a
            check is open already.
    """
    check(Rights(by).can("draft.send", inspection))
    faults = _find_unsendable(inspection, issue, due)
    if faults:
        raise UserError(faults)
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        if locked.checks.filter(ended_at=None).exists():
            raise UserError(
                Fault(_("the check"), _("the area already has a draft"), _("End that check first"))
            )
        move = "check_again" if locked.state == "final" else "send_draft"
        locked.state = INSPECTION.find_after(locked.state, move)
        locked.save(update_fields=["state"])
        created = AccuracyCheck.objects.create(
            inspection=locked, issue=issue, due=due, sent_at=timezone.now(), sent_by=by
        )
        tell("draft.sent", by=by, inspection=locked, check=created.pk, issue=issue.pk, due=due.isoformat())
    inspection.state = locked.state
    return created


def _find_unsendable(inspection: Inspection, issue: Issue, due: date) -> list[Fault]:
    """What keeps a draft from being sent to the area."""
    faults = []
    if issue.inspection_id != inspection.pk or issue.kind != "draft" or issue.state != "ready":
        faults.append(
            Fault(_("the draft"), _("it isn't ready yet"), _("Create a draft and wait until it is ready"))
        )
    elif not issue.files.filter(path=name_web_page()).exists():
        faults.append(
            Fault(
                _("the draft"), _("there is no web page of it"), _("Create a draft that includes a web page")
            )
        )
    if not inspection.participants.filter(role="area_liaison", retired_at=None).exclude(user=None).exists():
        faults.append(
            Fault(
                _("the area"),
                _("nobody from the area can sign in to see the draft"),
                _("Add an area liaison with an account"),
            )
        )
    if due < timezone.localdate():
        faults.append(
            Fault(
                _("the deadline"),
                _("%(day)s is in the past") % {"day": format_day(due)},
                _("Enter a date in the future"),
            )
        )
    return faults


def comment(
    *,
    check_of: AccuracyCheck,
    place: str,
    text: str,
    quote: str = "",
    figure: str = "",
    files: Sequence[tuple[str, bytes]] = (),
    by: User,
) -> AccuracyComment:
    """Say something of a paragraph or a figure of the draft, with documents.

    Args:
        check_of: the check that is open.
        place: the paragraph's address in the draft.
        text: what is said.
        quote: what the draft says there.
        figure: the figure's key, where it is about one.
        files: names and contents.
        by: the area's liaison.

    Raises:
        PermissionDenied: the person is not the area's liaison.
        UserError: the check has ended, there is no text, or a file is none that is kept; then nothing is kept.
    """
    check(Rights(by).can("draft.comment", check_of.inspection))
    _refuse_comment(check_of, text, figure)
    with transaction.atomic():
        _refuse_ended(AccuracyCheck.objects.select_for_update().get(pk=check_of.pk))
        created = AccuracyComment.objects.create(
            check_of=check_of,
            place=place,
            figure=figure,
            quote=quote,
            text=text.strip(),
            written_at=timezone.now(),
            written_by=by,
        )
        for name, content in files:
            uploads.keep(inspection=check_of.inspection, name=name, content=content, by=by, comment=created)
        tell(
            "accuracy.commented",
            by=by,
            inspection=check_of.inspection,
            comment=created.pk,
            place=created.place,
            figure=figure,
            text=created.text,
        )
    return created


def _refuse_comment(check_of: AccuracyCheck, text: str, figure: str) -> None:
    if not text.strip():
        raise UserError(Fault(_("the comment"), _("it is empty"), _("Enter what is wrong")))
    if len(text) > NOTE:
        raise UserError(
            Fault(
                _("the comment"),
                describe_too_long(len(text), NOTE).lower(),
                _("Attach the rest as a document"),
            )
        )
    if figure and figure not in check_of.issue.figures:
        raise UserError(
            Fault(
                _("the figure"), _("the draft has no figure of that name"), _("Choose a figure in the draft")
            )
        )


def _refuse_ended(check: AccuracyCheck) -> None:
    if check.ended_at is not None:
        raise UserError(Fault(_("the check"), _("it has ended"), _("Contact the lead inspector")))


def finish(*, check_of: AccuracyCheck, by: User) -> None:
    """End a check: the area has no more to say, or its time is over.

    Raises:
        PermissionDenied: the person is neither the area's liaison nor the lead inspector.
        UserError: it has ended already, or the lead inspector ends it before its day.
    """
    who = Rights(by)
    area, lead = who.can("draft.comment", check_of.inspection), who.can("draft.decide", check_of.inspection)
    check(area or lead)
    with transaction.atomic():
        current = AccuracyCheck.objects.select_for_update().get(pk=check_of.pk)
        _refuse_ended(current)
        if not area and timezone.localdate() <= current.due:
            what = _("the area can comment until %(day)s") % {"day": format_day(current.due)}
            raise UserError(
                Fault(
                    _("the check"), what, _("Wait until then, or until the area says it has no more comments")
                )
            )
        current.ended_at, current.ended_by = timezone.now(), by
        current.save(update_fields=["ended_at", "ended_by"])
        tell(
            "accuracy.ended",
            by=by,
            inspection=current.inspection,
            check=current.pk,
            side="area" if area else "inspectorate",
        )


def decide(*, comment: AccuracyComment, decision: str, reason: str, by: User) -> None:
    """Accept a comment, accept it in part, or not, with the reason; a decision may be changed until the report is final.

    Raises:
        PermissionDenied: the person does not lead the inspection.
        UserError: there is no such decision, no reason, the comment is the person's own, or the report is final.
    """
    inspection = comment.check_of.inspection
    check(Rights(by).can("draft.decide", inspection))
    _refuse_undecided(decision, reason)
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        if locked.state != "accuracy":
            raise UserError(
                Fault(
                    _("the check"),
                    _("the inspection's phase is “%(phase)s”") % {"phase": locked.phase.lower()},
                    _("Comments can only be decided while the check is open"),
                )
            )
        current = AccuracyComment.objects.get(pk=comment.pk)
        own = four_eyes.find_against_decision(current, by)
        if own:
            raise UserError(own)
        before = current.decision
        current.decision, current.reason = decision, reason.strip()
        current.decided_at, current.decided_by = timezone.now(), by
        current.save(update_fields=["decision", "reason", "decided_at", "decided_by"])
        tell(
            "accuracy.decided",
            by=by,
            inspection=locked,
            comment=current.pk,
            was=before,
            decision=decision,
            reason=current.reason,
        )


def _refuse_undecided(decision: str, reason: str) -> None:
    if decision not in ("accepted", "partly", "not"):
        raise UserError(
            Fault(
                _("the decision"),
                _("'%(decision)s' isn't one of the decisions") % {"decision": decision},
                _("Choose whether to accept it, accept it in part, or not accept it"),
            )
        )
    if not reason.strip():
        raise UserError(
            Fault(
                _("the reason"),
                _("it is empty"),
                _("Explain your decision so that the area can understand it"),
            )
        )


def conclude(*, inspection: Inspection, by: User) -> None:
    """End the factual accuracy check: every comment is decided on, and the final report can be written.

    Raises:
        PermissionDenied: the person does not lead the inspection.
        UserError: with everything that is open.
    """
    check(Rights(by).can("draft.decide", inspection))
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        state = INSPECTION.find_after(locked.state, "end_check")
        faults = list_undecided(locked)
        if faults:
            raise UserError(faults)
        locked.state = state
        locked.save(update_fields=["state"])
        tell("inspection.moved", by=by, inspection=locked, was="accuracy", now=state)
    inspection.state = state
