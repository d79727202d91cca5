"""How an address becomes a screen: who asks, what it is about, and whether that person may."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, overload

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
from scrutineer_web.kit.signed_in import is_signed_in
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
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Finder:
    """How a number in an address becomes a record, and the record leads to its inspection.

    Attributes:
        model: of which kind the record is.
        way: from the record to its inspection, as the database follows it; empty where it is an inspection itself, None
            where it is about none.
        others: what is read along with it.
        is_living: whether it is found only as long as it isn't retired.
    """

    model: type[Model]
    way: str | None
    others: tuple[str, ...] = ()
    is_living: bool = False

    def __call__(self, pk: int) -> Model:
        """The record, with its inspection and its framework's version, without what few pages need.

        Raises:
            ObjectDoesNotExist: there is none with the number.
        """
        rows = self.model._default_manager.all()
        if self.way is not None:
            version = f"{self.way}__framework_version".removeprefix("__")
            rows = rows.select_related(version).defer(*Inspection.list_heavy(self.way))
        if self.others:
            rows = rows.select_related(*self.others)
        return rows.get(pk=pk, retired_at=None) if self.is_living else rows.get(pk=pk)

    def find_inspection(self, record: Model) -> Inspection | None:
        """The inspection that a record is about."""
        if self.way is None:
            return None
        end: Any = record
        for step in filter(None, self.way.split("__")):
            end = getattr(end, step)
        inspection: Inspection = end
        return inspection


FINDERS: Mapping[str, Finder] = {
    "conflict": Finder(
        Conflict, "assessment__case__inspection", ("assessment__framework_version", "assessment__assessor")
    ),
    "assessment": Finder(Assessment, "case__inspection", ("framework_version", "assessor")),
    "comment_on": Finder(AccuracyComment, "check_of__inspection", ("check_of__issue",)),
    "action": Finder(PlannedAction, "recommendation__inspection", is_living=True),
    "correction": Finder(
        Correction,
        "assessment__case__inspection",
        ("comment__check_of__inspection", "assessment__framework_version", "assessment__assessor"),
    ),
    "case": Finder(Case, "inspection"),
    "timetable": Finder(Timetable, "inspection"),
    "piece": Finder(Piece, "inspection"),
    "upload": Finder(Upload, "inspection"),
    "recommendation": Finder(Recommendation, "inspection", is_living=True),
    "issue": Finder(Issue, "inspection"),
    "check_of": Finder(AccuracyCheck, "inspection", ("issue",)),
    "inspection": Finder(Inspection, "", is_living=True),
    "programme": Finder(Programme, None, ("framework_version",)),
    "tranche": Finder(Tranche, None, ("programme__framework_version",)),
    "planned": Finder(
        PlannedInspection, None, ("programme__framework_version", "area", "tranche"), is_living=True
    ),
    "area": Finder(Area, None, ("family",), is_living=True),
    "family": Finder(Family, None),
    "collected": Finder(CollectedReport, None, ("programme__framework_version",)),
}
"""What the numbers in an address mean; where it names several, the first of these says which inspection it is about."""


def require_permission(name: str) -> Callable[[View], View]:
    """A screen that only those see whom the table of permissions allows what it is named for.

    A part of an address that names an inspection, case, assessment, conflict or timetable is looked up and handed to the
    view. Where the person has nothing to do with the inspection, there is no such page.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def check_first(request: HttpRequest, **numbers: Any) -> HttpResponse:
            if not is_signed_in(request):
                return sign_in_first(request)

            def work() -> HttpResponse:
                # Found and checked inside the form's own handling, so that a refusal can still show what was typed.
                records = {k: FINDERS[k](v) if k in FINDERS else v for k, v in numbers.items()}
                examine(make_person(request), name, records)
                # Permission is checked before leading on, so an address reveals nothing about what it belongs to.
                return _lead_on(request, records) or view(request, **records)

            return answer_form(request, work)

        return _name_permission(check_first, name)

    return wrap


def require_sign_in(view: View) -> View:
    """A screen of one's own, for everybody who is signed in."""

    @wraps(view)
    def check_first(request: HttpRequest, **numbers: Any) -> HttpResponse:
        if not is_signed_in(request):
            return sign_in_first(request)
        return answer_form(request, lambda: _lead_on(request, numbers) or view(request, **numbers))

    return _name_permission(check_first, "everyone")


def _lead_on(request: HttpRequest, records: Mapping[str, Any]) -> HttpResponse | None:
    """Lead on from an address that only takes forms, where it is opened by itself: to the page that it belongs to."""
    match = request.resolver_match
    if request.method not in ("GET", "HEAD") or match is None:
        return None
    page = find_page(match.url_name or "", records)
    return redirect(page) if page else None


def open_to_public(view: View) -> View:
    """A page that needs no signing in: it holds nothing of any inspection but what is published."""
    return _name_permission(view, "public")


def _name_permission(view: View, name: str) -> View:
    # A view without this mark fails a test: no address can be added without deciding who may use it.
    view.permission = name  # type: ignore[attr-defined]  # a mark of ours: the tests ask every address for it
    return view


def examine(who: Rights, name: str, records: Mapping[str, Any]) -> None:
    """Refuse what is not allowed; what does not concern the person is not there.

    Raises:
        Http404: the person has no role in the inspection.
        PermissionDenied: the role does not allow it.
    """
    inspection = find_inspection(records)
    # Not found rather than forbidden: whether an inspection exists is nobody else's business.
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
        # A second assessor must not reach the first assessment by any other permission either.
        allowed_ = who.can(name, inspection) and not (assessment is not None and who.is_blind(assessment))
    if not allowed_:
        raise PermissionDenied


def find_inspection(records: Mapping[str, Any]) -> Inspection | None:
    """The inspection that an address is about."""
    # The order of FINDERS counts: an assessment leads to its inspection by
    # itself, whatever else the address names.
    for name, finder in FINDERS.items():
        if name in records and finder.way is not None:
            return finder.find_inspection(records[name])
    return None


def lead_on_after(request: HttpRequest, text: str, to: str, *args: Any) -> HttpResponse:
    """Lead on after something was done, and say so there."""
    messages.success(request, text)
    return redirect(to, *args)


@overload
def accept_form(
    request: HttpRequest, form: RoomForm, work: Callable[[dict[str, Any]], None]
) -> bool | None: ...
@overload
def accept_form(
    request: HttpRequest, form: RoomForm, work: Callable[[dict[str, Any]], Outcome]
) -> Outcome | None: ...
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
    request: HttpRequest, work: Callable[[], Any], text: str, to: str, *args: Any
) -> HttpResponse:
    """Do something and lead on, saying that it was done; where it was not, say why, next to what was typed."""
    try:
        work()
    except UserError as error:
        return show_refused(request, error, to, *args)
    messages.success(request, text)
    return redirect(to, *args)


def show_refused(request: HttpRequest, error: UserError, to: str, *args: Any) -> HttpResponse:
    """Say why something was not done: in the form as it was filled in, or, where nothing was typed, on the page it leads to."""
    sentences = [write_sentence(fault) for fault in error.faults[:20]]
    response = typed.show_again(request, pages=list_filled_in(request), status=422, sentences=sentences)
    if response is not None:
        return response
    for text in sentences:
        messages.error(request, text)
    return redirect(to, *args)
