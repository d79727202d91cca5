"""The part of `fieldwork/room.json` on evidence, texts, drafts and the factual accuracy check."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from scrutineer_web.records.accuracy import AccuracyCheck, AccuracyComment, Correction
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.plan import Response
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.records.upload import Upload


def moment(one: Model, name: str) -> list[str] | None:
    """When and by whose account; None where it did not happen."""
    at = getattr(one, f"{name}_at")
    return None if at is None else [at.isoformat(), getattr(one, f"{name}_by").username]


def report_part(inspection: Inspection) -> dict[str, Any]:
    """What the room knows of the report beyond the folder's own files."""
    return {
        "pieces": [
            {
                "element": p.element, "key": p.key, "kind": p.kind, "title": p.title, "source": p.source,
                "on": p.on.isoformat() if p.on else None, "bears": p.bears, "note": p.note, "says": p.says, "rev": p.rev,
                "saved": moment(p, "saved"), "retired": moment(p, "retired"), "files": [_upload(u) for u in p.uploads.all()],
            }
            for p in inspection.pieces.select_related("saved_by", "retired_by").prefetch_related("uploads__uploaded_by")
        ],
        "judgements": [
            {"element": j.element, "criterion": j.criterion, "rev": j.rev, "settled": moment(j, "settled")}
            for j in inspection.judgements.select_related("settled_by").order_by("pk")
        ],
        "texts": [
            {"path": t.path, "content": t.content, "rev": t.rev, "drafted": t.drafted, "saved": moment(t, "saved"),
             "retired": moment(t, "retired")}
            for t in inspection.texts.select_related("saved_by", "retired_by")
        ],
        "recommendations": [
            {"text": r.text, "criteria": r.criteria, "progress": r.progress, "rev": r.rev, "saved": moment(r, "saved"),
             "retired": moment(r, "retired"), "state": r.state, **plan_part(r)}
            for r in inspection.recommendations.select_related("saved_by", "retired_by")
        ],
        "issues": [_issue(i) for i in inspection.issues.filter(state="ready").select_related("asked_by").order_by("pk")],
        "correction": inspection.correction,
        "internal": inspection.internal,
        "checks": [check_part(c) for c in inspection.checks.select_related("issue", "sent_by", "ended_by").order_by("pk")],
    }  # fmt: skip


def _upload(one: Upload) -> dict[str, Any]:
    return {
        "name": one.name, "kind": one.kind, "hash": one.blob_id, "uploaded": moment(one, "uploaded"),
        "retired": moment(one, "retired"),
    }  # fmt: skip


def _issue(one: Issue) -> dict[str, Any]:
    return {
        "kind": one.kind, "number": one.number, "formats": one.formats, "told": one.told, "proof": one.proof, "texts": one.texts,
        "figures": one.figures, "passages": one.passages, "stamp": one.stamp, "asked": moment(one, "asked"),
        "made_at": one.made_at.isoformat() if one.made_at else None, "notice": one.notice, "approved": moment(one, "approved"),
        "embargo_until": one.embargo_until.isoformat() if one.embargo_until else None, "published": moment(one, "published"),
    }  # fmt: skip


def plan_part(one: Recommendation) -> dict[str, Any]:
    """What became of a recommendation."""
    given = Response.objects.filter(recommendation=one).select_related("given_by").first()
    actions = one.actions.select_related("done_by", "saved_by", "retired_by").prefetch_related(
        "reports__uploads", "reports__told_by"
    )
    return {
        "response": None if given is None else {
            "answer": given.answer, "reason": given.reason, "rev": given.rev, "given": moment(given, "given"),
        },
        "actions": [
            {
                "text": a.text, "owner": a.owner, "due": a.due.isoformat(), "rev": a.rev, "done": moment(a, "done"),
                "saved": moment(a, "saved"), "retired": moment(a, "retired"),
                "reports": [
                    {"text": p.text, "done": p.done, "told": moment(p, "told"), "files": [_upload(u) for u in p.uploads.all()]}
                    for p in a.reports.all()
                ],
            }
            for a in actions
        ],
        "verifications": [
            {"outcome": v.outcome, "reason": v.reason, "verified": moment(v, "verified")}
            for v in one.verifications.select_related("verified_by")
        ],
    }  # fmt: skip


def check_part(one: AccuracyCheck) -> dict[str, Any]:
    """A check with its comments and what came of each."""
    return {
        "draft": one.issue.number, "due": one.due.isoformat(), "sent": moment(one, "sent"), "ended": moment(one, "ended"),
        "comments": [_comment(c) for c in one.comments.all()],
    }  # fmt: skip


def _comment(one: AccuracyComment) -> dict[str, Any]:
    return {
        "place": one.place, "figure": one.figure, "quote": one.quote, "text": one.text, "written": moment(one, "written"),
        "decision": one.decision, "reason": one.reason, "decided": moment(one, "decided"),
        "files": [_upload(u) for u in one.uploads.all()], "corrections": [_correction(c) for c in one.corrections.all()],
    }  # fmt: skip


def _correction(one: Correction) -> dict[str, Any]:
    return {
        "case": one.reading.case.reference, "reading": one.reading.reading, "question": one.question, "reason": one.reason,
        "was": one.was, "now": one.now, "note": one.note, "changed": one.changed, "opened": moment(one, "opened"),
        "answered": moment(one, "answered"),
    }  # fmt: skip
