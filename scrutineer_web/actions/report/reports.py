"""Reports made from what the room holds: drafts and issues, each as a job in the background that never changes after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer.report.document.paragraphs import list_passages
from scrutineer.report.formats import FORMATS
from scrutineer.tasks.reporting import DraftProof, Ready, compose_bound, list_files, prove_draft
from scrutineer_web.actions.fieldwork.uploads import keep_blob
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries import shelf
from scrutineer_web.queries.report import bound
from scrutineer_web.queries.report.reports import hash_texts, list_obstacles, prove_report
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue, IssueFile
from scrutineer_web.states.inspection import WRITING

if TYPE_CHECKING:
    from scrutineer_web.records.user import User


def ask(*, inspection: Inspection, kind: str, formats: Sequence[str] = tuple(FORMATS), by: User) -> Issue:
    """Ask for a draft, or for an issue that may be published; it is made in the background.

    An issue is proved first, so that no version is reserved for one that can't be issued; a draft when it is made.

    Args:
        inspection: whose report.
        kind: draft or issue.
        formats: keys of `FORMATS`; an issue has them all.
        by: who asks.

    Raises:
        PermissionDenied: the person does not make drafts, or issues.
        UserError: there is no such format, an issue before the factual accuracy check is over, or something stands
            against issuing it.
    """
    check(Rights(by).can("report.issue" if kind == "issue" else "report.write", inspection))
    _refuse_impossible(inspection, kind, formats)
    proof, stamp = {}, {}
    if kind == "issue":
        ready, proved = prove_report(inspection)
        if proved.errors:
            raise UserError(list_obstacles(proved, inspection))
        proof, stamp = proved.as_dict(), ready.document.stamp
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        # Versions that were issued elsewhere count on: no two of an inspection ever have one number.
        last = (
            locked.issues.filter(kind__startswith=kind)
            .order_by("-number")
            .values_list("number", flat=True)
            .first()
            or 0
        )
        issue = Issue.objects.create(
            inspection=locked,
            kind=kind,
            number=last + 1,
            formats=list(FORMATS if kind == "issue" else formats),
            proof=proof,
            stamp=stamp,
            asked_at=timezone.now(),
            asked_by=by,
        )
        tell("issue.asked", by=by, inspection=locked, issue=issue.pk, what=kind, number=issue.number)
    return issue


def _refuse_impossible(inspection: Inspection, kind: str, formats: Sequence[str]) -> None:
    """Refuse formats that there are not, and a report at a time that is not its own."""
    unknown = [f for f in formats if f not in FORMATS]
    if kind not in ("draft", "issue") or unknown or not formats:
        raise UserError(
            Fault(
                _("the formats"),
                _("no format is chosen"),
                _("Choose from: %(formats)s") % {"formats": ", ".join(FORMATS)},
            )
        )
    if kind == "issue" and inspection.state != "final":
        what = _("the inspection's phase is “%(phase)s”") % {"phase": inspection.phase.lower()}
        raise UserError(Fault(_("the report"), what, _("Issue it when the factual accuracy check is over")))
    if inspection.state not in WRITING:
        raise UserError(
            Fault(
                _("the report"),
                _("it is %(phase)s") % {"phase": inspection.phase.lower()},
                _("Start a correction first"),
            )
        )


def make(*, issue: Issue) -> None:
    """Make a report that was asked for, in the background; progress is updated on the way.

    Raises:
        UserError: a format cannot be made here, or what it is made from changed and stands against an issue.
    """
    inspection = issue.inspection
    version = issue.number if issue.kind == "issue" else None
    _update_progress(issue, 5, _("Reading scores and texts"))
    ready = compose_bound(bound.bind_inspection(inspection), shelf.read_library_of(inspection), version)
    if version is not None and ready.document.stamp["Data hash"] != issue.stamp["Data hash"]:
        raise UserError(
            Fault(_("the report"), _("its data changed while it was waiting"), _("Ask for the report again"))
        )
    proof = prove_draft(ready)
    if version is not None and proof.errors:
        raise UserError(list_obstacles(proof, inspection))
    share = 85 / len(issue.formats)
    done = [0]

    def step(name: str) -> None:
        _update_progress(
            issue, round(10 + share * done[0]), _("Creating %(format)s") % {"format": FORMATS[name].phrase}
        )
        done[0] += 1

    files, left_out = list_files(ready, issue.formats, step, lenient=issue.kind == "draft")
    with transaction.atomic():
        for path, content in files.items():
            as_bytes = content.encode() if isinstance(content, str) else content
            IssueFile.objects.create(issue=issue, path=path, blob=keep_blob(content=as_bytes))
        _save_made(issue, ready, proof, left_out)
        tell(
            "issue.made",
            by=None,
            inspection=inspection,
            issue=issue.pk,
            what=issue.kind,
            number=issue.number,
            files={f.path: f.blob_id for f in issue.files.all()},
        )


def _save_made(issue: Issue, ready: Ready, proof: DraftProof, left_out: Sequence[str]) -> None:
    """Keep with a report what it was made from, its figures and its passages, and that it is there."""
    issue.texts, issue.proof = hash_texts(ready.material.bound.inspection), proof.as_dict()
    issue.figures = {f.key: f.text for f in ready.document.list_figures()}
    issue.passages = [
        {
            "place": p.place,
            "part": p.part,
            "text": p.text,
            "heading": p.heading,
            "figures": [list(f) for f in p.figures],
        }
        for p in list_passages(ready.document)
    ]
    issue.stamp = ready.document.stamp
    issue.state, issue.progress, issue.made_at = "ready", 100, timezone.now()
    issue.progress_note = "; ".join(left_out)
    contents = ("texts", "proof", "figures", "passages", "stamp")
    issue.save(update_fields=[*contents, "state", "progress", "made_at", "progress_note"])


def _update_progress(issue: Issue, percent: int, text: str) -> None:
    Issue.objects.filter(pk=issue.pk).update(progress=percent, progress_note=text)


def give_up_report(*, issue: Issue, why: str) -> None:
    """Tell that a report could not be made."""
    with transaction.atomic():
        Issue.objects.filter(pk=issue.pk).update(state="failed", progress_note=why)
        tell("issue.failed", by=None, inspection=issue.inspection, issue=issue.pk)
