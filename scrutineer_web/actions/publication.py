"""Approval by a second person, embargo, publication, and corrections that keep the version before."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from scrutineer.errors import Fault, UserError
from scrutineer.inspection.fingerprint import data_hash
from scrutineer_web.actions.reports import contents
from scrutineer_web.audit.write import tell
from scrutineer_web.permissions import Person, check
from scrutineer_web.records import frames
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.states import INSPECTION

if TYPE_CHECKING:
    from scrutineer_web.records.user import User


def latest(inspection: Inspection) -> Issue | None:
    """The newest issue that is ready."""
    return inspection.issues.filter(kind="issue", state="ready").order_by("-number").first()


def approve(*, issue: Issue, by: User) -> None:
    """Approve an issue: a second person has read what will be published, to the letter.

    Raises:
        PermissionDenied: the person approves no reports.
        UserError: the person asked for the issue or wrote part of it, it is not the newest one, or something of it has
            changed since it was made.
    """
    check(Person(by).can("report.approve", issue.inspection))
    with transaction.atomic():
        found = Inspection.objects.select_for_update().get(pk=issue.inspection_id)
        one = Issue.objects.get(pk=issue.pk)
        state = INSPECTION.after(found.state, "approve")
        faults = list(_against(found, one, by))
        if faults:
            raise UserError(faults)
        one.approved_at, one.approved_by = timezone.now(), by
        one.notice = found.correction
        one.save(update_fields=["approved_at", "approved_by", "notice"])
        found.state = state
        found.save(update_fields=["state"])
        tell("issue.approved", by=by, inspection=found, issue=one.pk, version=one.number, stamp=one.stamp)


def _against(inspection: Inspection, one: Issue, by: User) -> list[Fault]:
    found = []
    newest = latest(inspection)
    if newest is None or newest.pk != one.pk:
        return [Fault("the report", "a newer version of it is ready", "Approve the newest one")]
    if one.published_at is not None:
        return [Fault("the report", "this version is published already", "Issue a new version")]
    if one.asked_by_id == by.pk:
        found.append(Fault("the approval", "you issued it yourself", "Ask somebody else to approve it"))
    if _wrote(inspection, by):
        found.append(Fault("the approval", "you wrote part of it", "Ask somebody else to approve it"))
    now = frames.bound(inspection).inspection
    if contents(now) != one.texts or data_hash(now) != one.stamp.get("Data hash"):
        found.append(
            Fault("the report", "its texts or data have changed since it was issued", "Issue it again")
        )
    return found


WRITING = ("text.saved", "recommendation.saved", "evidence.saved", "rating.settled", "text.drafted")
"""What makes somebody an author of a report."""


def _wrote(inspection: Inspection, by: User) -> bool:
    """Whether somebody wrote any of a report since its last version was published."""
    before = inspection.issues.exclude(published_at=None).order_by("-published_at").first()
    written = Event.objects.filter(inspection=inspection, kind__in=WRITING, happened_by=by)
    return written.filter(happened_at__gt=before.published_at).exists() if before else written.exists()


def withdraw(*, inspection: Inspection, reason: str, by: User) -> None:
    """Take an approval back before publication.

    Raises:
        PermissionDenied: the person approves no reports.
        UserError: there is no reason, or nothing is approved.
    """
    check(Person(by).can("report.approve", inspection))
    if not plain(reason):
        raise UserError(Fault("the reason", "it is empty", "Say why the approval is taken back"))
    with transaction.atomic():
        found = Inspection.objects.select_for_update().get(pk=inspection.pk)
        found.state = INSPECTION.after(found.state, "withdraw_approval")
        found.save(update_fields=["state"])
        one = found.issues.filter(published_at=None).exclude(approved_at=None).first()
        if one is not None:
            one.approved_at = one.approved_by = None
            one.save(update_fields=["approved_at", "approved_by"])
        tell(
            "issue.approval_withdrawn",
            by=by,
            inspection=found,
            issue=one.pk if one else None,
            reason=reason.strip(),
        )


def publish(*, issue: Issue, embargo_until: datetime | None = None, by: User) -> None:
    """Publish an approved issue: at once, or when its embargo ends.

    Args:
        issue: the approved one.
        embargo_until: the moment from which the public sees it; None for now.
        by: who publishes.

    Raises:
        PermissionDenied: the person publishes no reports.
        UserError: it is not approved, or the inspection is internal.
    """
    check(Person(by).can("report.publish", issue.inspection))
    with transaction.atomic():
        found = Inspection.objects.select_for_update().get(pk=issue.inspection_id)
        one = Issue.objects.get(pk=issue.pk)
        state = INSPECTION.after(found.state, "publish")
        if found.internal:
            raise UserError(Fault("the report", "the area inspected itself, and its results are its own"))
        if one.approved_at is None or one.published_at is not None:
            raise UserError(Fault("the report", "this version is not approved", "Approve it first"))
        now = timezone.now()
        one.embargo_until = embargo_until
        # A later version is never seen before an earlier one whose embargo still holds.
        earlier = [i.published_at for i in found.issues.exclude(published_at=None)]
        one.published_at, one.published_by = max(now, embargo_until or now, *(e for e in earlier if e)), by
        one.shown = True
        one.save(update_fields=["embargo_until", "published_at", "published_by", "shown"])
        found.state, found.correction = state, ""
        found.slug = found.slug or slug_for(found, one.published_at)
        found.save(update_fields=["state", "correction", "slug"])
        tell(
            "issue.published", by=by, inspection=found, issue=one.pk, version=one.number, notice=one.notice, slug=found.slug,
            at=one.published_at.isoformat(), files={f.path: f.blob_id for f in one.files.all()},
        )  # fmt: skip


def show(*, issue: Issue, by: User) -> None:
    """Show the public what was published in another room and came with its folder.

    Raises:
        PermissionDenied: the person publishes no reports.
        UserError: it was not published there, or it is shown already.
    """
    check(Person(by).can("report.publish", issue.inspection))
    with transaction.atomic():
        found = Inspection.objects.select_for_update().get(pk=issue.inspection_id)
        one = Issue.objects.get(pk=issue.pk)
        if one.published_at is None or one.approved_at is None or one.kind != "issue" or found.internal:
            raise UserError(Fault("the report", "it was not published", "Approve and publish it"))
        if one.shown:
            raise UserError(Fault("the report", "the public sees it already"))
        one.shown = True
        one.save(update_fields=["shown"])
        tell("issue.shown", by=by, inspection=found, issue=one.pk, version=one.number)


def slug_for(inspection: Inspection, at: datetime) -> str:
    """An address that no other report has, and that this one keeps."""
    base = slugify(f"{inspection.area} {inspection.framework.id} {at.year}")[:100] or "report"
    slug, n = base, 1
    while Inspection.objects.filter(slug=slug).exists():
        n += 1
        slug = f"{base}-{n}"
    return slug


def plain(text: str) -> str:
    """A text without the control characters that no page and no feed can hold."""
    return "".join(c for c in text if c.isprintable() or c in "\n\t").strip()


def correct(*, inspection: Inspection, notice: str, by: User) -> None:
    """Begin a correction of a published report; the published version stays where it is, with the notice beside the next.

    Raises:
        PermissionDenied: the person corrects no reports.
        UserError: it is not said what is corrected, or nothing is published.
    """
    check(Person(by).can("report.correct", inspection))
    if not plain(notice):
        raise UserError(
            Fault("the notice", "it is empty", "Say what is corrected, as the public will read it")
        )
    with transaction.atomic():
        found = Inspection.objects.select_for_update().get(pk=inspection.pk)
        found.state, found.correction = INSPECTION.after(found.state, "correct"), plain(notice)
        found.save(update_fields=["state", "correction"])
        tell("issue.correction_begun", by=by, inspection=found, notice=found.correction)
