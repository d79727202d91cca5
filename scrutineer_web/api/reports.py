"""The part of the API on the report: evidence, texts, made reports, the area's comments, recommendations."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Path, Router

from scrutineer_web.api import schemas
from scrutineer_web.api.auth import check_caller
from scrutineer_web.exchange.room_report import check_part, plan_part
from scrutineer_web.kit.views import FINDERS, examine
from scrutineer_web.queries import shelf
from scrutineer_web.queries.follow_up.plans import find_due_day
from scrutineer_web.records import frames
from scrutineer_web.records.inspection import Inspection

router = Router(tags=["reports"])
Id = Path[schemas.Number]
REFUSED = {401: schemas.FaultsOut, 403: schemas.FaultsOut, 404: schemas.FaultsOut, 422: schemas.FaultsOut}


def _find_inspection(request: HttpRequest, name: str, number: int) -> Inspection:
    who = check_caller(request, "reports")
    inspection = FINDERS["inspection"](number)
    examine(who, name, {"inspection": inspection})
    assert isinstance(inspection, Inspection)  # noqa: S101 the finder's own
    return inspection


@router.get("/inspections/{number}/evidence", response={200: dict[str, Any], **REFUSED})
def list_evidence(request: HttpRequest, number: Id) -> Any:
    """Evidence by element (the inspection's own under the empty name), and the ratings that follow from it."""
    inspection = _find_inspection(request, "evidence.see", number)
    evidence: dict[str, Any] = {}
    for element in ("", *(pin.id for pin in frames.make_manifest(inspection).elements)):
        framework = (
            shelf.read_library_of(inspection).load_framework(element) if element else inspection.framework
        )
        evidence[element] = {
            "evidence": frames.make_evidence(inspection, element).model_dump(mode="json"),
            "ratings": {
                code: {
                    "computed": judged.rating.computed.rating if judged.rating else None,
                    "final": judged.final.rating if judged.final else None,
                    "reason": judged.rating.reason if judged.rating else "",
                    "open": [i.item.key for i in judged.open],
                }
                for code, judged in frames.judge(inspection, framework).items()
            },
        }
    return evidence


@router.get("/inspections/{number}/texts", response={200: list[schemas.TextOut], **REFUSED})
def list_texts(request: HttpRequest, number: Id) -> Any:
    """Every text of the report, with its revision."""
    inspection = _find_inspection(request, "report.see", number)
    return inspection.texts.filter(retired_at=None)


@router.get("/inspections/{number}/issues", response={200: list[schemas.IssueOut], **REFUSED})
def list_issues(request: HttpRequest, number: Id) -> Any:
    """Drafts and issues that were made, newest first."""
    inspection = _find_inspection(request, "report.see", number)
    return inspection.issues.defer("texts", "figures", "passages", "proof")


@router.get("/inspections/{number}/checks", response={200: list[dict[str, Any]], **REFUSED})
def list_checks(request: HttpRequest, number: Id) -> Any:
    """Factual accuracy checks with the area's comments, what was decided on each, and the answers that were corrected."""
    inspection = _find_inspection(request, "report.see", number)
    checks = inspection.checks.select_related("issue", "sent_by", "ended_by").order_by("pk")
    return [check_part(c) for c in checks]


@router.get("/inspections/{number}/recommendations", response={200: list[dict[str, Any]], **REFUSED})
def list_recommendations(request: HttpRequest, number: Id) -> Any:
    """Recommendations with their responses, actions, progress and verification. Overdue actions are past their date."""
    inspection = _find_inspection(request, "report.see", number)
    due = find_due_day(inspection)
    return [
        {
            "text": r.text,
            "criteria": r.criteria,
            "state": r.state,
            "progress": r.progress,
            "response_due": due.isoformat() if due else None,
            **plan_part(r),
        }
        for r in inspection.recommendations.filter(retired_at=None)
    ]
