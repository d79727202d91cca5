"""The part of the API on programmes: their areas, and settled results of all their inspections as rows, for analysis."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Path, Router

from scrutineer_web.api import schemas
from scrutineer_web.api.auth import check_caller
from scrutineer_web.kit.views import FINDERS, examine
from scrutineer_web.queries.programme import standings
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.outcome import Outcome
from scrutineer_web.records.programme import Programme

router = Router(tags=["programmes"])
Id = Path[schemas.Number]
REFUSED = {401: schemas.FaultsOut, 403: schemas.FaultsOut, 404: schemas.FaultsOut, 422: schemas.FaultsOut}
MOST = 5000
"""Rows of one answer."""


def _find_programme(request: HttpRequest, number: int) -> Programme:
    who = check_caller(request, "programmes")
    programme = FINDERS["programme"](number)
    examine(who, "programme.see", {})
    assert isinstance(programme, Programme)  # noqa: S101 the finder's own
    return programme


@router.get("/programmes", response={200: list[schemas.ProgrammeOut], **REFUSED})
def list_programmes(request: HttpRequest) -> Any:
    """Every programme."""
    examine(check_caller(request, "programmes"), "programme.see", {})
    return Programme.objects.select_related("framework_version")


@router.get("/programmes/{number}/places", response={200: list[schemas.PlaceOut], **REFUSED})
def places(request: HttpRequest, number: Id) -> Any:
    """Every area of a programme with its family group, its tranche, its weeks, and its inspection where it has begun."""
    return standings.list_places(_find_programme(request, number))


@router.get("/programmes/{number}/results", response={200: list[schemas.ResultOut], **REFUSED})
def list_results(
    request: HttpRequest, number: Id, after: int = 0, group: str = "", level: str = "", name: str = ""
) -> Any:
    """Signed-off results as rows, 5,000 at a time, ordered by `id`. For the next ones, send the last `id` as `after`.

    `group` is `all`, a group's key, `not:` and its key for everyone else, or `element:` and a thematic element's id.
    Areas' own inspections of themselves aren't included.
    """
    rows = standings.select_results(_find_programme(request, number)).filter(id__gt=max(after, 0))
    filters = {key: value for key, value in (("group", group), ("level", level), ("name", name)) if value}
    results = rows.filter(**filters).select_related("inspection").defer(*Inspection.list_heavy("inspection"))
    return results.order_by("id")[:MOST]


@router.get("/programmes/{number}/outcomes", response={200: list[schemas.OutcomeOut], **REFUSED})
def list_outcomes(request: HttpRequest, number: Id, after: int = 0) -> Any:
    """Outcomes of cases, by pseudonym, 5,000 at a time, ordered by `id`. For the next ones, send the last `id` as `after`."""
    programme = _find_programme(request, number)
    outcomes = Outcome.objects.filter(
        case__inspection__planned__programme=programme,
        case__inspection__planned__retired_at=None,
        retired_at=None,
        id__gt=max(after, 0),
    )
    return outcomes.select_related("case").order_by("id")[:MOST]
