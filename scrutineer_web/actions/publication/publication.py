"""Approval and publication by others than the authors, the embargo, and corrections that keep the version before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer.inspection.fingerprint import hash_data
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.publication.published import (
    find_latest_issue,
    format_moment,
    make_slug,
    strip_bindings,
)
from scrutineer_web.queries.report import bound
from scrutineer_web.queries.report.reports import hash_texts
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.safeguards import four_eyes
from scrutineer_web.safeguards.moment import refuse_wrong_clock
from scrutineer_web.states import INSPECTION

if TYPE_CHECKING:
    from scrutineer_web.records.user import User


def approve(*, issue: Issue, by: User) -> None:
    """Approve an issue: a second person has read what will be published, to the letter.

    Raises:
        PermissionDenied: the person approves no reports.
        UserError: the person issued it or did part of the work in it, it is not the newest one, or something of it
            has changed since it was made.
    """
    check(Rights(by).can("report.approve", issue.inspection))
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=issue.inspection_id)
        current = Issue.objects.get(pk=issue.pk)
        state = INSPECTION.find_after(locked.state, "approve")
        faults = list(_find_against(locked, current, by))
        if faults:
            raise UserError(faults)
        current.approved_at, current.approved_by = timezone.now(), by
        current.notice = locked.correction
        current.save(update_fields=["approved_at", "approved_by", "notice"])
        locked.state = state
        locked.save(update_fields=["state"])
        tell(
            "issue.approved",
            by=by,
            inspection=locked,
            issue=current.pk,
            version=current.number,
            stamp=current.stamp,
        )


def _find_against(inspection: Inspection, issue: Issue, by: User) -> list[Fault]:
    faults: list[Fault] = []
    newest = find_latest_issue(inspection)
    if newest is None or newest.pk != issue.pk:
        return [Fault(_("the report"), _("there is a newer version of it"), _("Approve the latest version"))]
    if issue.published_at is not None:
        return [Fault(_("the report"), _("this version is already published"), _("Issue a new version"))]
    faults += four_eyes.find_against_approval(issue, by)
    now = bound.bind_inspection(inspection).inspection
    if hash_texts(now) != issue.texts or hash_data(now) != issue.stamp.get("Data hash"):
        faults.append(
            Fault(_("the report"), _("its text or data has changed since it was issued"), _("Issue it again"))
        )
    return faults


def withdraw(*, inspection: Inspection, reason: str, by: User) -> None:
    """Take an approval back before publication.

    Raises:
        PermissionDenied: the person approves no reports.
        UserError: there is no reason, or nothing is approved.
    """
    check(Rights(by).can("report.approve", inspection))
    if not strip_bindings(reason):
        raise UserError(
            Fault(_("the reason"), _("it is empty"), _("Enter why you are withdrawing the approval"))
        )
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        locked.state = INSPECTION.find_after(locked.state, "withdraw_approval")
        locked.save(update_fields=["state"])
        approved = locked.issues.filter(published_at=None).exclude(approved_at=None).first()
        if approved is not None:
            approved.approved_at = approved.approved_by = None
            approved.save(update_fields=["approved_at", "approved_by"])
        tell(
            "issue.approval_withdrawn",
            by=by,
            inspection=locked,
            issue=approved.pk if approved else None,
            reason=reason.strip(),
        )


FAR = timedelta(days=92)
"""Scrutineer asks about an embargo longer than a quarter of a year: most often its year is mistyped."""


def publish(*, issue: Issue, embargo_until: datetime | None = None, sure: bool = False, by: User) -> None:
    """Publish an approved issue: at once, or when its embargo ends.

    Args:
        issue: the approved one.
        embargo_until: the moment from which the public sees it; None for now.
        sure: whether a moment that is far off is meant so.
        by: who publishes.

    Raises:
        PermissionDenied: the person publishes no reports.
        UserError: it is not approved, it is the person's own work, the inspection is internal, or the embargo can't be.
    """
    check(Rights(by).can("report.publish", issue.inspection))
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=issue.inspection_id)
        current = Issue.objects.get(pk=issue.pk)
        state = INSPECTION.find_after(locked.state, "publish")
        refuse_wrong_clock()
        _refuse_unpublishable(locked, current)
        faults = [
            *four_eyes.find_against_publication(current, by),
            *_find_embargo_faults(embargo_until, sure),
        ]
        if faults:
            raise UserError(faults)
        current.embargo_until, current.published_by, current.shown = embargo_until, by, True
        current.published_at = _find_visible_from(current, embargo_until)
        current.save(update_fields=["embargo_until", "published_at", "published_by", "shown"])
        locked.state, locked.correction = state, ""
        locked.save(update_fields=["state", "correction"])
        if not locked.slug:
            _give_address(locked, current.published_at)
        _keep_first_day(locked)
        tell(
            "issue.published",
            by=by,
            inspection=locked,
            issue=current.pk,
            version=current.number,
            notice=current.notice,
            slug=locked.slug,
            at=current.published_at.isoformat(),
            files={f.path: f.blob_id for f in current.files.all()},
        )


def _refuse_unpublishable(inspection: Inspection, issue: Issue) -> None:
    where = _("the report")
    if inspection.internal:
        what = _("this is the area's own inspection of itself, which isn't published")
        raise UserError(Fault(where, what))
    if issue.kind != "issue" or issue.approved_at is None or issue.published_at is not None:
        raise UserError(Fault(where, _("this version hasn't been approved"), _("Approve it first")))


def _find_embargo_faults(until: datetime | None, sure: bool) -> list[Fault]:
    if until is None:
        return []
    if until <= timezone.now():
        return [
            Fault(
                _("Embargo until"),
                _("%(moment)s is in the past") % {"moment": format_moment(until)},
                _("Enter a later date and time, or leave it empty"),
            )
        ]
    if until > timezone.now() + FAR and not sure:
        what = _("%(moment)s is more than three months away") % {"moment": format_moment(until)}
        return [Fault(_("Embargo until"), what, _("Check the year. If it is right, confirm it"))]
    return []


def _find_visible_from(issue: Issue, until: datetime | None) -> datetime:
    """From when the public sees a version: never before an earlier one whose embargo still holds."""
    earlier = Issue.objects.filter(inspection=issue.inspection_id, kind="issue", number__lt=issue.number)
    moments = [at for at in earlier.values_list("published_at", flat=True) if at is not None]
    return max(timezone.now(), until or timezone.now(), *moments)


def _move_later(inspection: Inspection, issue: Issue) -> None:
    """Move the later versions whose embargo still holds: the public sees none of them before an earlier one."""
    later = inspection.issues.filter(kind="issue", number__gt=issue.number, published_at__gt=timezone.now())
    for next_ in later.order_by("number"):
        next_.published_at = _find_visible_from(next_, next_.embargo_until)
        next_.save(update_fields=["published_at"])


def _keep_first_day(inspection: Inspection) -> None:
    """Write down from when the public sees anything of an inspection: its phase is called by that."""
    seen = inspection.issues.filter(kind="issue", shown=True).exclude(published_at=None)
    inspection.public_at = seen.order_by("published_at").values_list("published_at", flat=True).first()
    inspection.save(update_fields=["public_at"])


def change_embargo(*, issue: Issue, embargo_until: datetime | None, sure: bool = False, by: User) -> datetime:
    """Change the embargo of a version that the public doesn't see yet, or lift it.

    Args:
        issue: the published one, under embargo.
        embargo_until: the new moment; None lifts the embargo now.
        sure: whether a moment that is far off is meant so.
        by: who changes it.

    Returns:
        the moment from which the public sees it.

    Raises:
        PermissionDenied: the person publishes no reports.
        UserError: the public sees it already, it is the person's own work, or the embargo can't be.
    """
    check(Rights(by).can("report.publish", issue.inspection))
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=issue.inspection_id)
        current = Issue.objects.get(pk=issue.pk)
        where = _("the report")
        if current.kind != "issue" or current.published_at is None:
            raise UserError(Fault(where, _("this version hasn't been published"), _("Publish it first")))
        if current.published_at <= timezone.now():
            raise UserError(Fault(where, _("this version is already public"), _("Start a correction")))
        faults = [
            *four_eyes.find_against_publication(current, by),
            *_find_embargo_faults(embargo_until, sure),
        ]
        if faults:
            raise UserError(faults)
        was = current.published_at
        current.embargo_until, current.published_at = (
            embargo_until,
            _find_visible_from(current, embargo_until),
        )
        current.save(update_fields=["embargo_until", "published_at"])
        _move_later(locked, current)
        _keep_first_day(locked)
        tell(
            "issue.embargo",
            by=by,
            inspection=locked,
            issue=current.pk,
            version=current.number,
            was=was.isoformat(),
            until=embargo_until.isoformat() if embargo_until else None,
            at=current.published_at.isoformat(),
        )
    return current.published_at


def _give_address(inspection: Inspection, at: datetime) -> None:
    """Give an inspection its public address; where another one is published at the same moment, the next that is free."""
    while True:
        inspection.slug = make_slug(inspection, at)
        try:
            with transaction.atomic():
                inspection.save(update_fields=["slug"])
        except IntegrityError:
            continue
        return


def correct(*, inspection: Inspection, notice: str, by: User) -> None:
    """Begin a correction of a published report; the published version stays where it is, with the notice on the next.

    Raises:
        PermissionDenied: the person corrects no reports.
        UserError: it is not said what is corrected, or nothing is published.
    """
    check(Rights(by).can("report.correct", inspection))
    if not strip_bindings(notice):
        raise UserError(
            Fault(
                _("the notice"),
                _("it is empty"),
                _("Enter what has been corrected, as the public will read it"),
            )
        )
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        locked.state, locked.correction = (
            INSPECTION.find_after(locked.state, "correct"),
            strip_bindings(notice),
        )
        locked.save(update_fields=["state", "correction"])
        tell("issue.correction_begun", by=by, inspection=locked, notice=locked.correction)
