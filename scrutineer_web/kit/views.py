"""How an address becomes a screen: who asks, what it is about, and whether that person may."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from scrutineer.errors import UserError
from scrutineer_web.kit import typed
from scrutineer_web.kit.form_pages import find_page, list_filled_in
from scrutineer_web.kit.forms import RoomForm, write_sentence
from scrutineer_web.kit.kept_forms import sign_in_first
from scrutineer_web.kit.once import answer_form
from scrutineer_web.kit.page_context import make_person
from scrutineer_web.permissions import EVERYWHERE, Rights
from scrutineer_web.records.accuracy import AccuracyCheck, AccuracyComment, Correction
from scrutineer_web.records.action_plan import PlannedAction
from scrutineer_web.records.area import Area, Family
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.case import Case
from scrutineer_web.records.collected import CollectedReport
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.piece import Piece
from scrutineer_web.records.programme import PlannedInspection, Programme, Tranche
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.records.timetable import Timetable
from scrutineer_web.records.upload import Upload

View = Callable[..., HttpResponse]

FINDERS: Mapping[str, Callable[[int], Model]] = {
    "inspection": lambda pk: _select_light(Inspection, "").get(pk=pk, retired_at=None),
    "case": lambda pk: _select_light(Case, "inspection").get(pk=pk),
    "assessment": lambda pk: _select_light(
        Assessment, "case__inspection", "framework_version", "assessor"
    ).get(pk=pk),
    "conflict": lambda pk: _select_light(
        Conflict, "assessment__case__inspection", "assessment__framework_version", "assessment__assessor"
    ).get(pk=pk),
    "timetable": lambda pk: _select_light(Timetable, "inspection").get(pk=pk),
    "piece": lambda pk: _select_light(Piece, "inspection").get(pk=pk),
    "upload": lambda pk: _select_light(Upload, "inspection").get(pk=pk),
    "recommendation": lambda pk: _select_light(Recommendation, "inspection").get(pk=pk, retired_at=None),
    "action": lambda pk: _select_light(PlannedAction, "recommendation__inspection").get(
        pk=pk, retired_at=None
    ),
    "issue": lambda pk: _select_light(Issue, "inspection").get(pk=pk),
    "check_of": lambda pk: _select_light(AccuracyCheck, "inspection", "issue").get(pk=pk),
    "comment_on": lambda pk: _select_light(AccuracyComment, "check_of__inspection", "check_of__issue").get(
        pk=pk
    ),
    "programme": lambda pk: Programme.objects.select_related("framework_version").get(pk=pk),
    "tranche": lambda pk: Tranche.objects.select_related("programme__framework_version").get(pk=pk),
    "planned": lambda pk: PlannedInspection.objects.select_related(
        "programme__framework_version", "area", "tranche"
    ).get(pk=pk, retired_at=None),
    "area": lambda pk: Area.objects.select_related("family").get(pk=pk, retired_at=None),
    "family": lambda pk: Family.objects.get(pk=pk),
    "collected": lambda pk: CollectedReport.objects.select_related("programme__framework_version").get(pk=pk),
    "correction": lambda pk: _select_light(
        Correction,
        "comment__check_of__inspection",
        "assessment__case__inspection",
        "assessment__framework_version",
        "assessment__assessor",
    ).get(pk=pk),
}
"""What the numbers in an address stand for."""


def _select_light(model: type[Model], inspection: str, *others: str) -> Any:
    """Rows with their inspection and its framework's version, without what few pages need."""
    version = f"{inspection}__framework_version".removeprefix("__")
    rows = model._default_manager.select_related(version, *others)
    return rows.defer(*Inspection.heavy(inspection))


def require_permission(name: str) -> Callable[[View], View]:
    """A screen that only those see whom the table of permissions allows what it is named for.

    A part of an address that names an inspection, case, assessment, conflict or timetable is looked up and handed to the
    view. Where the person has nothing to do with the inspection, there is no such page.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, **numbers: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return sign_in_first(request)

            def work() -> HttpResponse:
                records = {k: FINDERS[k](v) if k in FINDERS else v for k, v in numbers.items()}
                examine(make_person(request), name, records)
                return _lead_on(request, records) or view(request, **records)

            return answer_form(request, work)

        inner.permission = name  # type: ignore[attr-defined]
        return inner

    return wrap


def require_sign_in(view: View) -> View:
    """A screen of one's own, for everybody who is signed in."""

    @wraps(view)
    def inner(request: HttpRequest, **numbers: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return sign_in_first(request)
        return answer_form(request, lambda: _lead_on(request, numbers) or view(request, **numbers))

    inner.permission = "everyone"  # type: ignore[attr-defined]
    return inner


def _lead_on(request: HttpRequest, records: Mapping[str, Any]) -> HttpResponse | None:
    """Lead on from an address that only takes forms, where it is opened by itself: to the page that it belongs to."""
    match = request.resolver_match
    if request.method not in ("GET", "HEAD") or match is None:
        return None
    page = find_page(match.url_name or "", records)
    return redirect(page) if page else None


def open_to_public(view: View) -> View:
    """A page that needs no signing in: it holds nothing of any inspection but what is published."""
    view.permission = "public"  # type: ignore[attr-defined]
    return view


def examine(who: Rights, name: str, records: Mapping[str, Any]) -> None:
    """Refuse what is not allowed; what does not concern the person is not there.

    Raises:
        Http404: the person has no role in the inspection.
        PermissionDenied: the role does not allow it.
    """
    inspection = find_inspection(records)
    if inspection is not None and not (who.can("inspection.see", inspection) or who.can(name, inspection)):
        raise Http404
    assessment = records.get("assessment") or getattr(records.get("conflict"), "assessment", None)
    if name == "assessment.see" and assessment is not None:
        allowed_ = who.can_read(assessment)
    elif name == "assessment.answer" and assessment is not None:
        allowed_ = who.can_answer(assessment)
    elif name in EVERYWHERE:
        allowed_ = who.can_everywhere(name)
    else:
        allowed_ = who.can(name, inspection) and not (assessment is not None and who.is_blind(assessment))
    if not allowed_:
        raise PermissionDenied


def find_inspection(records: Mapping[str, Any]) -> Inspection | None:
    """The inspection that an address is about."""
    if "conflict" in records:
        return records["conflict"].assessment.case.inspection
    if "assessment" in records:
        return records["assessment"].case.inspection
    if "comment_on" in records:
        return records["comment_on"].check_of.inspection
    if "action" in records:
        return records["action"].recommendation.inspection
    if "correction" in records:
        return records["correction"].assessment.case.inspection
    for key in ("case", "timetable", "piece", "upload", "recommendation", "issue", "check_of"):
        if key in records:
            return records[key].inspection
    return records.get("inspection")


def lead_on_after(request: HttpRequest, text: str, to: str, *args: Any, **kwargs: Any) -> HttpResponse:
    """Lead on after something was done, and say so there."""
    messages.success(request, text)
    return redirect(to, *args, **kwargs)


def accept_form(request: HttpRequest, form: RoomForm, work: Callable[[dict[str, Any]], Any]) -> Any:
    """Do what a filled form asks for, with what it holds.

    Returns:
        what was made, or True; None where the form is to be shown: it was not sent yet, or says what was refused.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        result = work(form.cleaned_data)
    except UserError as error:
        form.refuse(error)
        return None
    return True if result is None else result


def try_and_lead_on(
    request: HttpRequest, work: Callable[[], Any], text: str, to: str, *args: Any, **kwargs: Any
) -> HttpResponse:
    """Do something and lead on, saying that it was done; where it was not, say why, beside what was typed."""
    try:
        work()
    except UserError as error:
        return show_refused(request, error, to, *args, **kwargs)
    messages.success(request, text)
    return redirect(to, *args, **kwargs)


def show_refused(request: HttpRequest, error: UserError, to: str, *args: Any, **kwargs: Any) -> HttpResponse:
    """Say why something was not done: in the form as it was filled in, or, where nothing was typed, on the page it leads to."""
    sentences = [write_sentence(fault) for fault in error.faults[:20]]
    response = typed.show_again(request, pages=list_filled_in(request), status=422, sentences=sentences)
    if response is not None:
        return response
    for text in sentences:
        messages.error(request, text)
    return redirect(to, *args, **kwargs)
