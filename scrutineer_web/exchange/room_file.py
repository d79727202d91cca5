"""`fieldwork/room.json`: what the room knows beyond the inspection's own files, so that nothing is lost on the way.

States of assessments, revisions, comments, conflicts, adjudications with their reasons, cases that were substituted.
People stand by the names of their accounts; those who are only named in the folder that an inspection came with
stand by the name that it gave them. It names the hashes of `cases.csv` and `answers.csv` that it goes with:
where somebody changed those since, they are believed and this file is not.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db.models import QuerySet

from scrutineer_web.exchange.room_report import report_part
from scrutineer_web.exchange.said import RowMoments
from scrutineer_web.records.adjudication import Adjudication
from scrutineer_web.records.answer import TEXTS, Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.case import Case
from scrutineer_web.records.comment import Comment
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.outcome import Outcome
from scrutineer_web.records.participant import Participant

FORMAT = 1
OUTCOME = ("reconvicted", "predicted", "score_at_start", "score_at_end")
"""What is known of what became of a case."""

BESIDE = ("cases.csv", "answers.csv")
"""The files that it goes with."""


def collect_hashes(files: dict[str, bytes]) -> dict[str, str]:
    """The hashes of the files that it goes with."""
    # If either file was edited since, the import believes the file and reads nothing from this one.
    return {name: hashlib.sha256(files[name]).hexdigest() for name in BESIDE if name in files}


def write_room_file(inspection: Inspection, files: dict[str, bytes]) -> bytes:
    """The file's content."""
    # Assessments name their assessor by the place in `participants`
    # below, so both lists need the same order.
    places = {
        pk: n
        for n, pk in enumerate(inspection.participants.order_by("position").values_list("pk", flat=True))
    }
    said = RowMoments(inspection)
    known = Outcome.objects.filter(case__inspection=inspection, retired_at=None)
    outcomes = {o.case_id: {name: getattr(o, name) for name in OUTCOME} for o in known}
    # These names are the format's. Other rooms read them, so
    # they stay as they are when ours change.
    content = {
        "format": FORMAT,
        "kind": "room",
        "beside": collect_hashes(files),
        "state": inspection.state,
        "signed_off": said.find_moment(inspection, "signed_off"),
        "pseudonymised": said.find_moment(inspection, "pseudonymised"),
        "purged": said.find_moment(inspection, "purged"),
        "scores": inspection.scores,
        "frameworks": _collect_frameworks(inspection),
        "participants": [
            _describe_participant(p, said)
            for p in inspection.participants.select_related("user", "retired_by").order_by("position")
        ],
        "cases": [_describe_case(c, outcomes.get(c.pk)) for c in inspection.cases.order_by("position")],
        "report": report_part(inspection, said),
        "readings": [_describe_assessment(r, places, said) for r in _list_assessments(inspection)],
        "adjudications": [
            _describe_adjudication(a, said)
            for a in Adjudication.objects.filter(case__inspection=inspection)
            .select_related("case", "settled_by", "retired_by")
            .order_by("pk")
        ],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _describe_participant(participant: Participant, said: RowMoments) -> dict[str, Any]:
    user = participant.user
    return {
        "name": participant.name,
        "role": participant.role,
        "team": participant.team,
        "manages_as": participant.manages_as,
        "base": participant.base,
        "listed": participant.listed,
        # An import takes this only as what the folder says, and gives nobody an account by it.
        "account": user.username if user else said.find_all(participant).get("account"),
        "retired": said.find_moment(participant, "retired"),
    }


def _describe_case(case: Case, outcome: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "case": case.reference,
        "state": case.state,
        "particulars": case.particulars,
        "first": case.first,
        "pseudonym": case.pseudonym,
        "outcome": outcome,
    }


def _describe_adjudication(adjudication: Adjudication, said: RowMoments) -> dict[str, Any]:
    return {
        "case": adjudication.case.reference,
        "question": adjudication.question,
        "value": adjudication.value,
        "reason": adjudication.reason,
        "settled": said.find_moment(adjudication, "settled"),
        "retired": said.find_moment(adjudication, "retired"),
    }


def _list_assessments(inspection: Inspection) -> QuerySet[Assessment]:
    assessments = Assessment.objects.filter(case__inspection=inspection).order_by(
        "case__position", "number", "pk"
    )
    people = ("completed_by", "signed_off_by", "retired_by")
    return assessments.select_related("case", "assessor", "framework_version", *people).prefetch_related(
        "answers__saved_by",
        "comments__written_by",
        "comments__resolved_by",
        "conflicts__raised_by",
        "conflicts__settled_by",
    )


def _collect_frameworks(inspection: Inspection) -> dict[str, Any]:
    """The versions that assessments keep besides the one that the inspection pins: without them those cannot be read."""
    used = FrameworkVersion.objects.filter(
        pk__in=Assessment.objects.filter(case__inspection=inspection).values("framework_version")
    )
    return {
        f.hash: {"content": f.text.content, "source": f.text.source}
        for f in used.exclude(pk=inspection.framework_version_id).select_related("text").order_by("pk")
    }


def _describe_assessment(assessment: Assessment, places: dict[int, int], said: RowMoments) -> dict[str, Any]:
    return {
        "case": assessment.case.reference,
        "reading": assessment.number,
        "assessor": places[assessment.assessor_id] if assessment.assessor_id else None,
        "framework": assessment.framework_version.hash,
        "state": assessment.state,
        # JSON has no bytes.
        "codes": bytes(assessment.codes).hex(),
        "facts": assessment.facts,
        "seal": assessment.seal,
        "day": assessment.day,
        "slot": assessment.slot,
        "locked": assessment.locked,
        **{name: said.find_moment(assessment, name) for name in ("completed", "signed_off", "retired")},
        # Sorted here: asking the database for an order would query again for each assessment.
        "answers": [
            _describe_answer(a, said) for a in sorted(assessment.answers.all(), key=lambda a: a.question)
        ],
        "comments": [_describe_comment(c, said) for c in assessment.comments.all()],
        "conflicts": [_describe_conflict(c, said) for c in assessment.conflicts.all()],
    }


def _describe_answer(answer: Answer, said: RowMoments) -> dict[str, Any]:
    texts = {name: getattr(answer, name) for name in TEXTS}
    return {
        "question": answer.question,
        "value": answer.value,
        **texts,
        "rev": answer.rev,
        "saved": said.find_moment(answer, "saved"),
        "retired_at": answer.retired_at.isoformat() if answer.retired_at else None,
    }


def _describe_comment(comment: Comment, said: RowMoments) -> dict[str, Any]:
    moments = {name: said.find_moment(comment, name) for name in ("written", "resolved")}
    return {"question": comment.question, "text": comment.text, **moments}


def _describe_conflict(conflict: Conflict, said: RowMoments) -> dict[str, Any]:
    moments = {name: said.find_moment(conflict, name) for name in ("raised", "settled")}
    return {
        "question": conflict.question,
        "uid": str(conflict.uid),
        "content": conflict.content,
        "why": conflict.why,
        "kept": conflict.is_kept,
        **moments,
    }
