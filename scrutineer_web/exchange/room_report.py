"""The part of `fieldwork/room.json` on evidence, texts, drafts and the factual accuracy check."""

from __future__ import annotations

from typing import Any

from scrutineer_web.exchange.said import HERE, RowMoments
from scrutineer_web.records.accuracy import AccuracyCheck, AccuracyComment, Correction
from scrutineer_web.records.action_plan import Response
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.judgement import Judgement
from scrutineer_web.records.piece import Piece
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.records.text import Text
from scrutineer_web.records.upload import Upload


def report_part(inspection: Inspection, said: RowMoments) -> dict[str, Any]:
    """What the room knows of the report beyond the folder's own files."""
    return {
        "pieces": [
            _describe_piece(p, said)
            for p in inspection.pieces.select_related("saved_by", "retired_by").prefetch_related(
                "uploads__uploaded_by"
            )
        ],
        "judgements": [
            _describe_judgement(j, said)
            for j in inspection.judgements.select_related("settled_by").order_by("pk")
        ],
        "texts": [_describe_text(t, said) for t in inspection.texts.select_related("saved_by", "retired_by")],
        "recommendations": [
            _describe_recommendation(r, said)
            for r in inspection.recommendations.select_related("saved_by", "retired_by")
        ],
        "issues": [
            _describe_issue(i, said)
            # One that is still being made, or failed, has no files to go with it.
            for i in inspection.issues.filter(state="ready").select_related("asked_by").order_by("pk")
        ],
        "correction": inspection.correction,
        "internal": inspection.internal,
        "checks": [
            check_part(c, said)
            for c in inspection.checks.select_related("issue", "sent_by", "ended_by").order_by("pk")
        ],
    }


def _describe_piece(piece: Piece, said: RowMoments) -> dict[str, Any]:
    return {
        "element": piece.element,
        "key": piece.key,
        "kind": piece.kind,
        "title": piece.title,
        "source": piece.source,
        "on": piece.on.isoformat() if piece.on else None,
        "bears": piece.bears,
        "note": piece.note,
        "says": piece.says,
        "rev": piece.rev,
        "saved": said.find_moment(piece, "saved"),
        "retired": said.find_moment(piece, "retired"),
        "files": [_upload(u, said) for u in piece.uploads.all()],
    }


def _describe_judgement(judgement: Judgement, said: RowMoments) -> dict[str, Any]:
    return {
        "element": judgement.element,
        "criterion": judgement.criterion,
        "rev": judgement.rev,
        "settled": said.find_moment(judgement, "settled"),
    }


def _describe_text(text: Text, said: RowMoments) -> dict[str, Any]:
    return {
        "path": text.path,
        "content": text.content,
        "rev": text.rev,
        "drafted": text.drafted,
        "saved": said.find_moment(text, "saved"),
        "retired": said.find_moment(text, "retired"),
    }


def _describe_recommendation(recommendation: Recommendation, said: RowMoments) -> dict[str, Any]:
    return {
        "text": recommendation.text,
        "criteria": recommendation.criteria,
        "progress": recommendation.progress,
        "rev": recommendation.rev,
        "saved": said.find_moment(recommendation, "saved"),
        "retired": said.find_moment(recommendation, "retired"),
        "state": recommendation.state,
        **plan_part(recommendation, said),
    }


def _upload(upload: Upload, said: RowMoments) -> dict[str, Any]:
    return {
        "name": upload.name,
        "kind": upload.kind,
        # The bytes are in the folder under this hash, once, however many rows use them.
        "hash": upload.blob_id,
        "uploaded": said.find_moment(upload, "uploaded"),
        "retired": said.find_moment(upload, "retired"),
    }


def _describe_issue(issue: Issue, said: RowMoments) -> dict[str, Any]:
    parts = said.find_all(issue)
    made_at, embargo = (at.isoformat() if at else None for at in (issue.made_at, issue.embargo_until))
    return {
        # For the room that imports it, everything in a folder was made elsewhere.
        "kind": issue.kind.removesuffix("_elsewhere"),
        "number": issue.number,
        "formats": issue.formats,
        # The format's name from before the column had this one.
        "told": issue.progress_note,
        "proof": issue.proof,
        "texts": issue.texts,
        "figures": issue.figures,
        "passages": issue.passages,
        "stamp": issue.stamp,
        "asked": said.find_moment(issue, "asked"),
        "made_at": made_at,
        "notice": issue.notice,
        "approved": _list_claimed(issue, "approved", said),
        # A report from elsewhere has no embargo here, but what its folder said goes out again.
        "embargo_until": parts.get("embargo_until", embargo),
        "published": _list_claimed(issue, "published", said),
    }


def _list_claimed(issue: Issue, name: str, said: RowMoments) -> list[str] | None:
    """Of what was made elsewhere: what its folder said, although nobody here has approved or published it."""
    return said.find_moment(issue, name) if issue.is_ours else said.find_all(issue).get(name)


def plan_part(recommendation: Recommendation, said: RowMoments = HERE) -> dict[str, Any]:
    """What became of a recommendation."""
    response = Response.objects.filter(recommendation=recommendation).select_related("given_by").first()
    actions = recommendation.actions.select_related("done_by", "saved_by", "retired_by").prefetch_related(
        "reports__uploads", "reports__reported_by"
    )
    return {
        "response": None
        if response is None
        else {
            "answer": response.answer,
            "reason": response.reason,
            "rev": response.rev,
            "given": said.find_moment(response, "given"),
        },
        "actions": [
            {
                "text": a.text,
                "owner": a.owner,
                "due": a.due.isoformat(),
                "rev": a.rev,
                "done": said.find_moment(a, "done"),
                "saved": said.find_moment(a, "saved"),
                "retired": said.find_moment(a, "retired"),
                "reports": [
                    {
                        "text": p.text,
                        "done": p.done,
                        "told": said.find_moment(p, "reported"),
                        "files": [_upload(u, said) for u in p.uploads.all()],
                    }
                    for p in a.reports.all()
                ],
            }
            for a in actions
        ],
        "verifications": [
            {"outcome": v.outcome, "reason": v.reason, "verified": said.find_moment(v, "verified")}
            for v in recommendation.verifications.select_related("verified_by")
        ],
    }


def check_part(check: AccuracyCheck, said: RowMoments = HERE) -> dict[str, Any]:
    """A check with its comments and what came of each."""
    return {
        "draft": check.issue.number,
        "due": check.due.isoformat(),
        "sent": said.find_moment(check, "sent"),
        "ended": said.find_moment(check, "ended"),
        "comments": [_describe_comment(c, said) for c in check.comments.all()],
    }


def _describe_comment(comment: AccuracyComment, said: RowMoments) -> dict[str, Any]:
    return {
        "place": comment.place,
        "figure": comment.figure,
        "quote": comment.quote,
        "text": comment.text,
        "written": said.find_moment(comment, "written"),
        "decision": comment.decision,
        "reason": comment.reason,
        "decided": said.find_moment(comment, "decided"),
        "files": [_upload(u, said) for u in comment.uploads.all()],
        "corrections": [_describe_correction(c, said) for c in comment.corrections.all()],
    }


def _describe_correction(correction: Correction, said: RowMoments) -> dict[str, Any]:
    return {
        "case": correction.assessment.case.reference,
        "reading": correction.assessment.number,
        "question": correction.question,
        "reason": correction.reason,
        "was": correction.was,
        "now": correction.now,
        "note": correction.note,
        "changed": correction.changed,
        "opened": said.find_moment(correction, "opened"),
        "answered": said.find_moment(correction, "answered"),
    }
