"""The part of `fieldwork/room.json` on evidence, texts, drafts and the factual accuracy check."""

from __future__ import annotations

from typing import Any

from scrutineer_web.exchange.said import HERE, Said
from scrutineer_web.records.accuracy import AccuracyCheck, AccuracyComment, Correction
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.plan import Response
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.records.upload import Upload


def report_part(inspection: Inspection, said: Said) -> dict[str, Any]:
    """What the room knows of the report beyond the folder's own files."""
    return {
        "pieces": [
            {
                "element": p.element, "key": p.key, "kind": p.kind, "title": p.title, "source": p.source,
                "on": p.on.isoformat() if p.on else None, "bears": p.bears, "note": p.note, "says": p.says, "rev": p.rev,
                "saved": said.moment(p, "saved"), "retired": said.moment(p, "retired"), "files": [_upload(u, said) for u in p.uploads.all()],
            }
            for p in inspection.pieces.select_related("saved_by", "retired_by").prefetch_related("uploads__uploaded_by")
        ],
        "judgements": [
            {"element": j.element, "criterion": j.criterion, "rev": j.rev, "settled": said.moment(j, "settled")}
            for j in inspection.judgements.select_related("settled_by").order_by("pk")
        ],
        "texts": [
            {"path": t.path, "content": t.content, "rev": t.rev, "drafted": t.drafted, "saved": said.moment(t, "saved"),
             "retired": said.moment(t, "retired")}
            for t in inspection.texts.select_related("saved_by", "retired_by")
        ],
        "recommendations": [
            {"text": r.text, "criteria": r.criteria, "progress": r.progress, "rev": r.rev, "saved": said.moment(r, "saved"),
             "retired": said.moment(r, "retired"), "state": r.state, **plan_part(r, said)}
            for r in inspection.recommendations.select_related("saved_by", "retired_by")
        ],
        "issues": [_describe_issue(i, said) for i in inspection.issues.filter(state="ready").select_related("asked_by").order_by("pk")],
        "correction": inspection.correction,
        "internal": inspection.internal,
        "checks": [check_part(c, said) for c in inspection.checks.select_related("issue", "sent_by", "ended_by").order_by("pk")],
    }  # fmt: skip


def _upload(one: Upload, said: Said) -> dict[str, Any]:
    return {
        "name": one.name, "kind": one.kind, "hash": one.blob_id, "uploaded": said.moment(one, "uploaded"),
        "retired": said.moment(one, "retired"),
    }  # fmt: skip


def _describe_issue(one: Issue, said: Said) -> dict[str, Any]:
    parts = said.of(one)
    made, embargo = (at.isoformat() if at else None for at in (one.made_at, one.embargo_until))
    return {
        "kind": one.kind.removesuffix("_elsewhere"), "number": one.number, "formats": one.formats, "told": one.told, "proof": one.proof,
        "texts": one.texts, "figures": one.figures, "passages": one.passages, "stamp": one.stamp, "asked": said.moment(one, "asked"),
        "made_at": made, "notice": one.notice, "approved": _list_claimed(one, "approved", said), "embargo_until": parts.get("embargo_until", embargo),
        "published": _list_claimed(one, "published", said),
    }  # fmt: skip


def _list_claimed(one: Issue, name: str, said: Said) -> list[str] | None:
    """Of what was made elsewhere: what its folder said, although nobody here has approved or published it."""
    return said.moment(one, name) if one.is_ours else said.of(one).get(name)


def plan_part(one: Recommendation, said: Said = HERE) -> dict[str, Any]:
    """What became of a recommendation."""
    given = Response.objects.filter(recommendation=one).select_related("given_by").first()
    actions = one.actions.select_related("done_by", "saved_by", "retired_by").prefetch_related(
        "reports__uploads", "reports__told_by"
    )
    return {
        "response": None if given is None else {
            "answer": given.answer, "reason": given.reason, "rev": given.rev, "given": said.moment(given, "given"),
        },
        "actions": [
            {
                "text": a.text, "owner": a.owner, "due": a.due.isoformat(), "rev": a.rev, "done": said.moment(a, "done"),
                "saved": said.moment(a, "saved"), "retired": said.moment(a, "retired"),
                "reports": [
                    {"text": p.text, "done": p.done, "told": said.moment(p, "told"), "files": [_upload(u, said) for u in p.uploads.all()]}
                    for p in a.reports.all()
                ],
            }
            for a in actions
        ],
        "verifications": [
            {"outcome": v.outcome, "reason": v.reason, "verified": said.moment(v, "verified")}
            for v in one.verifications.select_related("verified_by")
        ],
    }  # fmt: skip


def check_part(one: AccuracyCheck, said: Said = HERE) -> dict[str, Any]:
    """A check with its comments and what came of each."""
    return {
        "draft": one.issue.number, "due": one.due.isoformat(), "sent": said.moment(one, "sent"), "ended": said.moment(one, "ended"),
        "comments": [_describe_comment(c, said) for c in one.comments.all()],
    }  # fmt: skip


def _describe_comment(one: AccuracyComment, said: Said) -> dict[str, Any]:
    return {
        "place": one.place, "figure": one.figure, "quote": one.quote, "text": one.text, "written": said.moment(one, "written"),
        "decision": one.decision, "reason": one.reason, "decided": said.moment(one, "decided"),
        "files": [_upload(u, said) for u in one.uploads.all()], "corrections": [_describe_correction(c, said) for c in one.corrections.all()],
    }  # fmt: skip


def _describe_correction(one: Correction, said: Said) -> dict[str, Any]:
    return {
        "case": one.assessment.case.reference, "reading": one.assessment.number, "question": one.question, "reason": one.reason,
        "was": one.was, "now": one.now, "note": one.note, "changed": one.changed, "opened": said.moment(one, "opened"),
        "answered": said.moment(one, "answered"),
    }  # fmt: skip
