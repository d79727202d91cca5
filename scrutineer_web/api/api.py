"""The API itself: everything that the screens read, and answers in."""

from __future__ import annotations

import logging
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import DatabaseError, IntegrityError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, P, Path, QueryEx, Status
from ninja.errors import AuthenticationError, ValidationError

from scrutineer.errors import UserError
from scrutineer.inspection.rated_whole import collect_given
from scrutineer.scoring.explain import explain
from scrutineer.scoring.readers import make_agreement_report
from scrutineer.tasks.scoring import find_group
from scrutineer_web.actions.fieldwork import answers, devices
from scrutineer_web.api import programmes, reports, schemas
from scrutineer_web.api.auth import ApiKey, Browser, check_caller
from scrutineer_web.kit.faults import describe_fault
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import FINDERS, examine
from scrutineer_web.permissions import Rights
from scrutineer_web.queries.fieldwork import answer_checks
from scrutineer_web.queries.fieldwork.answer_checks import SentAnswer
from scrutineer_web.queries.scores import scored
from scrutineer_web.records import current_generation, frames
from scrutineer_web.records.answer import TEXTS, Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.case import Case
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.event import Event
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.text_lengths import describe_too_long
from scrutineer_web.records.timetable import Timetable
from scrutineer_web.states.case import GONE

Record = TypeVar("Record", bound=Model)
log = logging.getLogger("scrutineer")

api = NinjaAPI(
    title="Scrutineer",
    version="1",
    description="Everything that Scrutineer's screens read, and sending in answers. People create keys on their own account page.",
    auth=[ApiKey(), Browser()],
    docs_url=None,
    urls_namespace="api",
)

Id = Path[schemas.Number]
REFUSED = {401: schemas.FaultsOut, 403: schemas.FaultsOut, 404: schemas.FaultsOut, 422: schemas.FaultsOut}

CALLER = "the caller"
"""A place that the devices' script looks for (`device.js`), so that it is the same in every language."""


# -- what goes wrong ---------------------------------------------------------------------


def _answer_refused(request: HttpRequest, status: int, where: str, what: str, do: str = "") -> HttpResponse:
    return api.create_response(request, {"faults": [{"where": where, "what": what, "do": do}]}, status=status)


@api.exception_handler(UserError)
def _answer_user_error(request: HttpRequest, error: UserError) -> HttpResponse:
    return api.create_response(request, {"faults": [describe_fault(f) for f in error.faults]}, status=422)


@api.exception_handler(ValidationError)
def _answer_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = [
        {"where": ".".join(map(str, e["loc"])), "what": _describe_invalid(e), "do": ""} for e in error.errors
    ]
    return api.create_response(request, {"faults": faults}, status=422)


def _describe_invalid(error: dict[str, Any]) -> str:
    """What is wrong with one value of a call; for a text that is too long, by how much."""
    if error["type"] == "string_too_long" and isinstance(error.get("input"), str):
        return describe_too_long(len(error["input"]), error["ctx"]["max_length"])
    return str(error["msg"])


@api.exception_handler(PermissionDenied)
def _answer_forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    del error
    return _answer_refused(
        request, 403, CALLER, _("may not do this"), _("Ask for the role or scope that it needs")
    )


@api.exception_handler(AuthenticationError)
def _answer_unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    del error
    return _answer_refused(
        request, 401, CALLER, _("isn't signed in"), _("Sign in, or send a key that hasn't expired")
    )


@api.exception_handler(Http404)
@api.exception_handler(ObjectDoesNotExist)
def _answer_missing(request: HttpRequest, error: Exception) -> HttpResponse:
    del error
    return _answer_refused(
        request, 404, _("the address"), _("there is nothing there that you have access to")
    )


@api.exception_handler(IntegrityError)
def _answer_clash(request: HttpRequest, error: IntegrityError) -> HttpResponse:
    del error
    return _answer_refused(
        request,
        409,
        _("the change"),
        _("somebody else changed the same thing at the same moment, so this change wasn't saved"),
        _("Load it again"),
    )


@api.exception_handler(DatabaseError)
def _answer_full(request: HttpRequest, error: DatabaseError) -> HttpResponse:
    log.error("the database refused", exc_info=error)
    return _answer_refused(
        request,
        503,
        _("the change"),
        _("this couldn't be saved to disk, so nothing was changed"),
        _("Send it again"),
    )


def _find_for(who: Rights, name: str, model: type[Record], number: int) -> Record:
    """A record by its number, where the person may do with it what is named."""
    kind = model.__name__.lower()
    record = FINDERS[kind](number)
    examine(who, name, {kind: record})
    assert isinstance(record, model)  # noqa: S101 the finder's own
    return record


api.add_router("", reports.router)
api.add_router("", programmes.router)


# -- inspections -------------------------------------------------------------------------


@api.get("/inspections", response={200: list[schemas.InspectionOut], **REFUSED}, tags=["inspections"])
def list_inspections(request: HttpRequest) -> Any:
    """The inspections that the caller may see."""
    who = check_caller(request, "inspections")
    every = (
        Inspection.objects.filter(retired_at=None)
        .select_related("framework_version")
        .defer(*Inspection.list_heavy())
        .order_by("pk")
    )
    return [_describe_inspection(i) for i in every if who.can("inspection.see", i)]


@api.get("/inspections/{number}", response={200: schemas.InspectionOut, **REFUSED}, tags=["inspections"])
def show_inspection(request: HttpRequest, number: Id) -> Any:
    """One inspection."""
    return _describe_inspection(
        _find_for(check_caller(request, "inspections"), "inspection.see", Inspection, number)
    )


def _describe_inspection(inspection: Inspection) -> dict[str, Any]:
    version = inspection.framework_version
    return {
        "id": inspection.pk,
        "area": inspection.area,
        "framework": version.framework_id,
        "version": version.version,
        "hash": version.hash,
        "phase": inspection.state,
        "synthetic": inspection.synthetic,
    }


@api.get(
    "/inspections/{number}/people", response={200: list[schemas.PersonOut], **REFUSED}, tags=["inspections"]
)
def list_people(request: HttpRequest, number: Id) -> Any:
    """Who takes part."""
    inspection = _find_for(check_caller(request, "inspections"), "inspection.see", Inspection, number)
    return inspection.participants.filter(retired_at=None)


@api.get("/inspections/{number}/sample", response={200: dict[str, Any], **REFUSED}, tags=["inspections"])
def show_sample(request: HttpRequest, number: Id) -> Any:
    """The sample's record, from which anybody can draw it again."""
    inspection = _find_for(check_caller(request, "inspections"), "sample.see", Inspection, number)
    return inspection.sample or {}


@api.get("/inspections/{number}/profile", response={200: dict[str, Any], **REFUSED}, tags=["inspections"])
def show_profile(request: HttpRequest, number: Id) -> Any:
    """The area's profile and the inspection's calendar."""
    inspection = _find_for(check_caller(request, "inspections"), "inspection.see", Inspection, number)
    return {"profile": inspection.profile, "calendar": inspection.dates}


@api.get(
    "/inspections/{number}/timetable", response={200: list[dict[str, Any]], **REFUSED}, tags=["inspections"]
)
def show_timetable(request: SignedInRequest, number: Id) -> Any:
    """Who assesses which case, and when: everyone's, or only the caller's own if their role allows no more."""
    who = check_caller(request, "inspections")
    inspection = _find_for(who, "timetable.see", Inspection, number)
    assessments = Assessment.objects.filter(case__inspection=inspection, retired_at=None).exclude(
        case__state__in=GONE
    )
    if not (who.can("device.see", inspection) or who.can("timetable.plan", inspection)):
        assessments = assessments.filter(assessor__user=request.user)
    return [
        {
            "assessment": r.pk,
            "case": r.case.reference,
            "number": r.number,
            "assessor": str(r.assessor or ""),
            "day": r.day,
            "slot": r.slot,
            "office": r.case.office,
            "locked": r.locked,
        }
        for r in assessments.select_related("case", "assessor").order_by("day", "slot", "pk")
    ]


@api.get("/timetables/{number}", response={200: dict[str, Any], **REFUSED}, tags=["inspections"])
def search(request: HttpRequest, number: Id) -> Any:
    """How far the search for a timetable has got, and its result."""
    timetable = _find_for(check_caller(request, "inspections"), "timetable.plan", Timetable, number)
    return {
        "state": timetable.state,
        "progress": timetable.progress,
        "progress_note": timetable.progress_note,
        "plan": timetable.plan,
    }


@api.get("/inspections/{number}/surveys", response={200: dict[str, Any], **REFUSED}, tags=["inspections"])
def list_surveys(request: HttpRequest, number: Id) -> Any:
    """Surveys and focus groups."""
    return _find_for(check_caller(request, "inspections"), "survey.see", Inspection, number).surveys


@api.get("/inspections/{number}/events", response={200: list[schemas.EventOut], **REFUSED}, tags=["events"])
def list_events(
    request: HttpRequest,
    number: Id,
    after: QueryEx[int, P(ge=1, le=2**31 - 1)] = 1,
    limit: QueryEx[int, P(ge=1, le=2000)] = 500,
) -> Any:
    """Events of an inspection in their order, from the n-th."""
    inspection = _find_for(check_caller(request, "events"), "audit.see", Inspection, number)
    return Event.objects.filter(inspection=inspection).order_by("id")[after - 1 : after - 1 + limit]


# -- cases -------------------------------------------------------------------------------


@api.get("/inspections/{number}/cases", response={200: schemas.CasesOut, **REFUSED}, tags=["cases"])
def list_cases(
    request: HttpRequest,
    number: Id,
    offset: QueryEx[int, P(ge=0, le=10**6)] = 0,
    limit: QueryEx[int, P(ge=1, le=1000)] = 100,
) -> Any:
    """The cases of the sample, in its order."""
    who = check_caller(request, "cases")
    inspection = _find_for(who, "case.list", Inspection, number)
    cases = inspection.cases.exclude(state__in=GONE).order_by("position")
    shown = list(cases[offset : offset + limit])
    assessments: dict[int, list[int]] = {}
    for case, assessment in Assessment.objects.filter(
        case__in=[c.pk for c in shown], retired_at=None
    ).values_list("case", "pk"):
        assessments.setdefault(case, []).append(assessment)
    wide = who.can("assessment.see", inspection)
    return {
        "total": cases.count(),
        "cases": [_describe_case(c, assessments.get(c.pk, []), wide) for c in shown],
    }


@api.get("/cases/{number}", response={200: schemas.CaseOut, **REFUSED}, tags=["cases"])
def show_case(request: HttpRequest, number: Id) -> Any:
    """One case."""
    who = check_caller(request, "cases")
    case = _find_for(who, "case.list", Case, number)
    assessments = list(case.assessments.filter(retired_at=None).values_list("pk", flat=True))
    return _describe_case(case, assessments, who.can("assessment.see", case.inspection))


def _describe_case(case: Case, assessments: list[int], wide: bool) -> dict[str, Any]:
    return {
        "id": case.pk,
        "reference": case.reference,
        "state": case.state,
        "office": case.office,
        "team": case.team,
        "manager": case.manager,
        "particulars": case.particulars if wide else {},
        "assessments": assessments,
    }


@api.get("/assessments", response={200: list[int], **REFUSED}, tags=["cases"])
def own_assessments(request: SignedInRequest) -> Any:
    """The numbers of the caller's own assessments that take answers."""
    who = check_caller(request, "cases")
    assessments = Assessment.objects.filter(assessor__user=request.user, retired_at=None).select_related(
        "case", "assessor"
    )
    return [r.pk for r in assessments.order_by("pk") if who.can_answer(r)]


@api.get("/assessments/{number}", response={200: schemas.ReadingOut, **REFUSED}, tags=["cases"])
def show_assessment(request: HttpRequest, number: Id) -> Any:
    """An assessment with its answers."""
    assessment = _find_for(check_caller(request, "cases"), "assessment.see", Assessment, number)
    return {
        "id": assessment.pk,
        "case": assessment.case.reference,
        "assessment": assessment.number,
        "state": assessment.state,
        "assessor": str(assessment.assessor) if assessment.assessor else None,
        "framework": assessment.framework_version.hash,
        "asked": assessment.asked,
        "answered": assessment.answered,
        "applies": answer_checks.find_applicable(assessment),
        "answers": list(Answer.objects.filter(assessment=assessment, retired_at=None).order_by("question")),
    }


@api.put(
    "/assessments/{number}/answers/{question}",
    response={200: schemas.SavedOut, 409: schemas.ConflictOut, 503: schemas.FaultsOut, **REFUSED},
    tags=["answers"],
)
def save(request: SignedInRequest, number: Id, question: str, body: schemas.AnswerIn) -> Any:
    """Save an answer to the caller's own assessment: 200 once it is on disk, 409 if another was saved in between."""
    check_caller(request, "answers")
    texts = {name: getattr(body, name) for name in TEXTS}
    sent = SentAnswer(
        question[:100],
        body.value,
        body.base,
        body.uid,
        texts,
        body.device,
        body.device_at,
        body.instead_of,
        body.room,
        body.case,
    )
    saved = answers.save(assessment=number, sent=sent, by=request.user)
    if saved.conflict is not None:
        return Status(
            409,
            {
                "conflict": saved.conflict,
                "rev": saved.rev,
                "room": current_generation.find_known(),
                "closed": saved.closed,
                "standing": saved.standing,
            },
        )
    assert saved.assessment is not None  # noqa: S101 nothing was in the way
    tallies = {
        code: {"above": a, "relevant": r}
        for code, (a, r) in answer_checks.find_tallies(saved.assessment).items()
    }
    assessment = saved.assessment
    result = {
        "rev": saved.rev,
        "state": assessment.state,
        "phase": assessment.phase,
        "asked": assessment.asked,
        "answered": assessment.answered,
        "room": current_generation.find_known(),
    }
    # Nobody's work has gone through a model here that could be wrong: it is sent as it is, which saves time.
    return api.create_response(request, {**result, "criteria": tallies}, status=200)


@api.post("/conflicts/{number}", response={200: schemas.SettledOut, **REFUSED}, tags=["answers"])
def settle(request: SignedInRequest, number: Id, body: schemas.Choice) -> Any:
    """Choose between two answers to one question."""
    conflict = _find_for(check_caller(request, "answers"), "assessment.answer", Conflict, number)
    settled = answers.settle(conflict=conflict, take=body.take, by=request.user)
    return {"rev": settled.rev, "room": current_generation.find_current()}


# -- scores ------------------------------------------------------------------------------


@api.get("/inspections/{number}/scores", response={200: dict[str, Any], **REFUSED}, tags=["scores"])
def show_scores(request: HttpRequest, number: Id) -> Any:
    """The results as they are now, of every group: as `scrutineer score --format json` gives them."""
    inspection = _find_for(check_caller(request, "scores"), "scores.see", Inspection, number)
    read = frames.read_cases_of(inspection)
    if not read.rows and inspection.framework.reads_cases:
        return {}
    return scored.score_inspection(inspection, read).results.as_dict()


@api.get("/inspections/{number}/scores/{name}", response={200: dict[str, Any], **REFUSED}, tags=["scores"])
def show_score(request: HttpRequest, number: Id, name: str, group: str = "all") -> Any:
    """Everything behind one score: as `scrutineer explain --format json` gives it."""
    who = check_caller(request, "scores")
    inspection = _find_for(who, "scores.cases", Inspection, number)
    read = frames.read_cases_of(inspection)
    if not read.rows:
        raise Http404
    members = find_group(scored.load_cases(inspection, read), group)
    given = collect_given(inspection.framework, frames.judge(inspection, inspection.framework))
    explanation = explain(inspection.framework, read.cases.answers, members, name, given=given).as_dict()
    hidden = {c.reference for c in read.rows if c.pk in who.find_blind_cases(inspection)}
    for question in explanation["questions"]:
        for part in ("below_the_line", "not_yet_answered"):
            question[part] = [c for c in question[part] if c not in hidden]
    for flip in explanation["flips"]:
        flip["first"] = [pair for pair in flip["first"] if pair["case"] not in hidden]
    return explanation


@api.get("/inspections/{number}/agreement", response={200: dict[str, Any], **REFUSED}, tags=["scores"])
def show_agreement(request: HttpRequest, number: Id) -> Any:
    """How far assessors agree: as `scrutineer agreement --format json` gives it."""
    inspection = _find_for(check_caller(request, "scores"), "agreement.see", Inspection, number)
    read = frames.read_cases_of(inspection)
    return (
        make_agreement_report(inspection.framework, read.cases.caseload, read.cases.answers).as_dict()
        if read.rows
        else {}
    )


# -- frameworks --------------------------------------------------------------------------


@api.get("/frameworks", response={200: list[schemas.FrameworkOut], **REFUSED}, tags=["frameworks"])
def list_frameworks(request: HttpRequest) -> Any:
    """Every version of every framework in Scrutineer."""
    if not check_caller(request, "frameworks").can("framework.see"):
        raise PermissionDenied
    held = FrameworkVersion.objects.all()
    return [
        {
            "id": f.pk,
            "framework": f.framework_id,
            "version": f.version,
            "title": f.title,
            "kind": f.kind,
            "hash": f.hash,
        }
        for f in held
    ]


@api.get("/frameworks/{number}", response={200: dict[str, Any], **REFUSED}, tags=["frameworks"])
def show_framework(request: HttpRequest, number: Id) -> Any:
    """One version, whole."""
    if not check_caller(request, "frameworks").can("framework.see"):
        raise PermissionDenied
    return FrameworkVersion.objects.select_related("text").get(pk=number).text.content


# -- devices -----------------------------------------------------------------------------


@api.post(
    "/devices/{number}/key", response={200: schemas.DeviceKey, **REFUSED}, auth=Browser(), tags=["devices"]
)
def issue_device_key(request: SignedInRequest, number: UUID, body: schemas.DeviceIn) -> Any:
    """The key of what a browser keeps, for as long as its session lasts."""
    key = devices.issue_key(device=number, name=body.name, by=request.user)
    return {"key": key, "seconds": request.session.get_expiry_age()}


@api.post(
    "/devices/{number}/heard", response={200: schemas.HeardOut, **REFUSED}, auth=Browser(), tags=["devices"]
)
def note_device_unsent(request: SignedInRequest, number: UUID, body: schemas.Heard) -> Any:
    """Note how many answers a browser has not sent yet."""
    devices.note_unsent(device=number, unsent=body.unsent, by=request.user)
    return {"unsent": sum(body.unsent.values()), "room": current_generation.find_current()}
