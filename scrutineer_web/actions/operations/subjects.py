"""Everything that the room holds about one person: somebody whose case was read, or somebody with an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.records.answer import TEXTS
from scrutineer_web.records.case import Case
from scrutineer_web.records.event import Event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrutineer_web.records.assessment import Assessment
    from scrutineer_web.records.inspection import Inspection
    from scrutineer_web.records.user import User


def export(*, cases: Sequence[Case], by: User) -> dict[str, Any]:
    """Everything held about some cases of one person, as JSON keeps it; each download is logged.

    Raises:
        PermissionDenied: the person answers no requests of data subjects.
        UserError: there is no case.
    """
    check(Rights(by).can_everywhere("subject.export"))
    if not cases:
        raise UserError(
            Fault(_("the reference"), _("no case has this reference"), _("Check how the area writes it"))
        )
    with transaction.atomic():
        described = [_describe_case(case) for case in cases]
        for case in cases:
            tell("subject.exported", by=by, inspection=case.inspection, case=case.pk)
    return {"format": 1, "kind": "data subject", "cases": described}


def _describe_case(case: Case) -> dict[str, Any]:
    inspection = case.inspection
    names = {a.key: a.title for a in inspection.framework.attributes}
    outcome = case.outcomes.filter(retired_at=None).first()
    return {
        "inspection": f"{inspection.area}: {inspection.framework.title}",
        "phase": inspection.phase,
        "synthetic": inspection.synthetic,
        "reference": case.reference,
        "state": case.phase,
        "particulars": {names.get(key, key): value for key, value in case.particulars.items()},
        "assessments": [
            _describe_assessment(assessment) for assessment in case.assessments.order_by("number", "pk")
        ],
        "adjudications": [
            {
                "question": _find_question_text(inspection, a.question),
                "answer": a.value,
                "reason": a.reason,
                "at": a.settled_at.isoformat(),
            }
            for a in case.adjudications.all()
        ],
        "outcome": {
            name: getattr(outcome, name)
            for name in ("reconvicted", "predicted", "score_at_start", "score_at_end")
        }
        if outcome
        else None,
    }


def _find_question_text(inspection: Inspection, key: str) -> str:
    question = inspection.framework.questions.get(key)
    return question.text if question else key


def _describe_assessment(assessment: Assessment) -> dict[str, Any]:
    own = assessment.framework_version.framework
    texts = {key: q.text for key, q in own.questions.items()} | {a.key: a.title for a in own.attributes}
    events = Event.objects.filter(chain=f"assessment:{assessment.pk}").order_by("number")
    return {
        "assessment": assessment.number,
        "assessor": str(assessment.assessor) if assessment.assessor else None,
        "state": assessment.phase,
        "answers": [
            {
                "question": texts.get(a.question, a.question),
                "answer": a.value,
                **{name: getattr(a, name) for name in TEXTS},
                "at": a.saved_at.isoformat(),
            }
            for a in assessment.answers.order_by("pk")
        ],
        "comments": [
            {"question": texts.get(c.question, c.question), "text": c.text, "at": c.written_at.isoformat()}
            for c in assessment.comments.order_by("pk")
        ],
        "conflicts": [
            {"question": texts.get(c.question, c.question), **c.content, "at": c.raised_at.isoformat()}
            for c in assessment.conflicts.order_by("pk")
        ],
        "history": [
            {"what": e.kind, "by": e.actor, "at": e.happened_at.isoformat(), "details": e.details}
            for e in events
        ],
    }


def own(*, by: User) -> dict[str, Any]:
    """Everything held about the person who asks, as somebody with an account."""
    events = Event.objects.filter(happened_by=by).order_by("id")
    account = {
        "format": 1,
        "kind": "account",
        "account": {
            "sign_in_name": by.username,
            "name": by.name,
            "mail": by.email,
            "made": by.date_joined.isoformat(),
            "last_sign_in": by.last_login.isoformat() if by.last_login else None,
        },
        "roles": [
            {
                "role": a.role,
                "given": a.given_at.isoformat(),
                "retired": a.retired_at.isoformat() if a.retired_at else None,
            }
            for a in by.appointments.all()
        ],
        "parts": [
            {"inspection": p.inspection.area, "role": p.role, "name": p.name, "team": p.team}
            for p in by.parts.select_related("inspection")
        ],
        "keys": [{"name": t.name, "scopes": t.scopes} for t in by.tokens.all()],
        "reminders": [
            {"day": r.day.isoformat(), "waiting": r.waiting, "overdue": r.overdue} for r in by.reminders.all()
        ],
        "events": [
            {"what": e.kind, "inspection": e.inspection_id, "at": e.happened_at.isoformat()}
            for e in events.only("kind", "inspection", "happened_at").iterator(chunk_size=2000)
        ],
    }
    with transaction.atomic():
        tell("account.exported", by=by, account=by.username)
    return account
