"""Cases, the case assessment form, and the devices on which it is open."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from uuid import UUID, uuid4

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.columns import collect_columns
from scrutineer_web.actions.fieldwork import answers
from scrutineer_web.actions.fieldwork import devices as device_actions
from scrutineer_web.actions.moderation import assessments as assessments
from scrutineer_web.kit.forms import write_sentence
from scrutineer_web.kit.numbers import read_whole
from scrutineer_web.kit.page_context import make_person
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import open_to_public, require_permission, try_and_lead_on
from scrutineer_web.queries.fieldwork.answer_checks import SentAnswer
from scrutineer_web.queries.fieldwork.case_form import describe, make_case_form
from scrutineer_web.queries.moderation.adjudications import find_differences
from scrutineer_web.records import current_generation
from scrutineer_web.records.answer import TEXTS
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.case import Case
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.device import Device, Held
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.states import CASE
from scrutineer_web.states.case import GONE

PAGE = 50


@require_permission("case.list")
def list_cases(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """The cases of an inspection; an inspector's list is the same, the answers behind it are not."""
    asked = request.POST  # what is searched for names cases and people, and stays out of addresses
    q, state = asked.get("q", "").strip()[:100], asked.get("state", "")
    cases = inspection.cases.all()
    cases = cases.filter(state=state) if CASE_STATES.get(state) else cases.exclude(state__in=GONE)
    for word in q.split():
        like = Q(reference__icontains=word) | Q(office__icontains=word) | Q(team__icontains=word)
        cases = cases.filter(like | Q(manager__icontains=word))
    total = cases.count()
    pages = max(1, ceil(total / PAGE))
    page = min(max(1, read_whole(asked.get("page")) or 1), pages)
    shown = list(cases.defer("particulars").order_by("position")[PAGE * (page - 1) : PAGE * page])
    both: dict[int, list[Assessment | None]] = {}
    for assessment in (
        Assessment.objects.filter(case__in=[c.pk for c in shown], retired_at=None)
        .select_related("assessor")
        .defer("facts", "codes")
    ):
        both.setdefault(assessment.case_id, [None, None])[assessment.number - 1] = assessment
    for case in shown:
        case.both = both.get(case.pk, [None, None])  # type: ignore[attr-defined]  # for the page alone
    context = {
        "section": "inspections",
        "inspection": inspection,
        "cases": shown,
        "q": q,
        "state": state,
        "states": CASE.choices,
        "total": total,
        "page": page,
        "pages": pages,
    }
    return render(request, "fieldwork/cases.html", context)


CASE_STATES = dict(CASE.choices)


@require_permission("case.list")
def show_case(request: SignedInRequest, case: Case) -> HttpResponse:
    """One case: its particulars, and who assesses it."""
    who = make_person(request)
    assessments = (
        case.assessments.filter(retired_at=None).select_related("assessor", "case").order_by("number")
    )
    context = {
        "section": "inspections",
        "inspection": case.inspection,
        "case": case,
        "particulars": list(_list_particulars(case)) if who.can("assessment.see", case.inspection) else [],
        "assessments": [(r, who.can_read(r)) for r in assessments],
        "live": case.state not in GONE,
        "differences": len(find_differences(case)),
    }
    return render(request, "fieldwork/case.html", context)


def _list_particulars(case: Case) -> Iterator[tuple[str, str]]:
    yes_or_no: dict[object, str] = {True: "yes", False: "no"}
    for key, column in collect_columns(case.inspection.framework).items():
        value = case.particulars.get(key)
        if value is not None and key != "synthetic":
            yield (
                column.title,
                yes_or_no.get(value, str(value).replace("_", " "))
                if isinstance(value, bool | str)
                else f"{value:g}",
            )


@require_permission("assessment.see")
def show_assessment(request: SignedInRequest, assessment: Assessment) -> HttpResponse:
    """The case assessment form; for those who only look, without anything to fill in."""
    who = make_person(request)
    form = make_case_form(assessment, may_answer=who.can_answer(assessment))
    return render(
        request,
        "fieldwork/assessment.html",
        {
            "section": "work",
            "inspection": assessment.case.inspection,
            "assessment": assessment,
            "form": form,
            "device": describe(assessment, form),
        },
    )


@require_permission("assessment.answer")
@require_POST
def save(request: SignedInRequest, assessment: Assessment) -> HttpResponse:
    """Save the answers of one criterion, where there are no scripts."""
    faults, conflicts = [], 0
    for key in request.POST.getlist("question"):
        sent = _read_given(request, key)
        if sent is None:
            continue
        try:
            saved = answers.save(assessment=assessment.pk, sent=sent, by=request.user)
            conflicts += saved.conflict is not None
        except UserError as error:
            faults += [write_sentence(fault) for fault in error.faults]
    where = request.POST.get("criterion", "")
    text = _("Answers to %(where)s saved") % {"where": where} if where else _("Answers saved")
    if conflicts:
        faults.append(
            ngettext(
                "%(count)s question had already been answered elsewhere: choose an answer below",
                "%(count)s questions had already been answered elsewhere: choose an answer below",
                conflicts,
            )
            % {"count": conflicts}
        )

    def refuse_faults() -> None:
        if faults:
            raise UserError([Fault("", fault.rstrip(".")) for fault in faults])

    response = try_and_lead_on(request, refuse_faults, text, "assessment", assessment.pk)
    return redirect(f"{response['Location']}#criterion-{where}") if where else response


def _read_given(request: HttpRequest, key: str) -> SentAnswer | None:
    """One answer of a form without scripts; None where it is as it was."""
    value = request.POST.get(f"{key}__value", "").strip() or None
    texts = {name: request.POST.get(f"{key}__{name}", "").replace("\r\n", "\n").strip() for name in TEXTS}
    before = {
        name: request.POST.get(f"{key}__was_{name}", "").replace("\r\n", "\n").strip() for name in TEXTS
    }
    if value == (request.POST.get(f"{key}__was_value") or None) and texts == before:
        return None
    return SentAnswer(key, value, read_whole(request.POST.get(f"{key}__rev")) or 0, uuid4(), texts)


@require_permission("assessment.answer")
@require_POST
def complete(request: SignedInRequest, assessment: Assessment) -> HttpResponse:
    """Say that an assessment is complete."""
    try:
        assessments.complete(assessment=assessment, by=request.user)
    except UserError as error:
        form = make_case_form(assessment, may_answer=True)
        return render(
            request,
            "fieldwork/assessment.html",
            {
                "section": "work",
                "inspection": assessment.case.inspection,
                "assessment": assessment,
                "form": form,
                "device": describe(assessment, form),
                "faults": [(fault.where, write_sentence(fault, with_place=False)) for fault in error.faults],
                "page_address": reverse("assessment", args=[assessment.pk]),
            },
            status=422,
        )
    return try_and_lead_on(
        request,
        lambda: None,
        _("Assessment of case %(case)s completed") % {"case": assessment.case},
        "my_work",
    )


@require_permission("assessment.see")
@require_POST
def reply(request: SignedInRequest, assessment: Assessment) -> HttpResponse:
    """Say something to a comment."""
    return try_and_lead_on(
        request,
        lambda: assessments.reply(
            assessment=assessment,
            text=request.POST.get("text", ""),
            question=request.POST.get("question", ""),
            by=request.user,
        ),
        _("Comment sent"),
        "assessment",
        assessment.pk,
    )


@require_permission("assessment.see")
@require_POST
def resolve(request: SignedInRequest, assessment: Assessment, comment: int) -> HttpResponse:
    """Close a comment."""
    comment_there = assessment.comments.get(pk=comment)
    to = "moderate" if make_person(request).can("comment.write", assessment.case.inspection) else "assessment"
    return try_and_lead_on(
        request,
        lambda: assessments.resolve(comment=comment_there, by=request.user),
        _("Comment resolved"),
        to,
        assessment.pk,
    )


@require_permission("assessment.answer")
@require_POST
def settle(request: SignedInRequest, conflict: Conflict) -> HttpResponse:
    """Choose between two answers."""
    take = request.POST.get("take") == "1"
    return try_and_lead_on(
        request,
        lambda: answers.settle(conflict=conflict, take=take, by=request.user),
        _("Conflict resolved"),
        "assessment",
        conflict.assessment_id,
    )


@require_permission("device.see")
def list_devices(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """What every device has not sent yet."""
    copies = Held.objects.filter(assessment__case__inspection=inspection).select_related(
        "device__user", "assessment__case"
    )
    return render(
        request,
        "fieldwork/devices.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "copies": copies.order_by("-unsent", "-heard_at"),
            "restored": current_generation.find_restored_at(),
        },
    )


@require_permission("device.lost")
@require_POST
def report_device_lost(request: SignedInRequest, inspection: Inspection, device: UUID) -> HttpResponse:
    """Report a device lost, so that nobody waits for its answers."""
    lost = get_object_or_404(Device, pk=device)
    return try_and_lead_on(
        request,
        lambda: device_actions.report_lost(device=lost, inspection=inspection, by=request.user),
        _("Device reported lost. Its answers no longer hold up the inspection"),
        "devices",
        inspection.pk,
    )


@open_to_public
def show_offline(request: HttpRequest) -> HttpResponse:
    """The page shown in place of a case while there is no network; it holds nothing of any case."""
    return render(request, "fieldwork/offline.html")


@open_to_public
def serve_worker(request: HttpRequest) -> HttpResponse:
    """The service worker, which must come from the root to replace every page."""
    from scrutineer_web.fieldwork.service_worker import write_worker_script

    del request
    response = HttpResponse(write_worker_script(), content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response
