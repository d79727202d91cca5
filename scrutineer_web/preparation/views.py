"""Caseload, sample, substitution, allocation and timetable."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scrutineer.errors import UserError
from scrutineer.fieldwork.cases.exclusions import format_reason
from scrutineer.fieldwork.cases.membership import collect_groups
from scrutineer_web.actions.preparation import allocation, samples
from scrutineer_web.kit import jobs as background
from scrutineer_web.kit.page_context import make_person
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import lead_on_after, require_permission, try_and_lead_on
from scrutineer_web.preparation import forms
from scrutineer_web.preparation import jobs as preparation_jobs
from scrutineer_web.preparation.jobs import search_timetable
from scrutineer_web.queries.operations.jobs import read_faults
from scrutineer_web.queries.preparation.allocation import describe_day, describe_slot, describe_time
from scrutineer_web.queries.preparation.samples import check_choices
from scrutineer_web.records import frames
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.case import Case
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.participant import Participant
from scrutineer_web.records.timetable import Timetable
from scrutineer_web.states.case import GONE


@require_permission("caseload.import")
def show_caseload(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """The area's caseload: what is there, and a new file."""
    form = forms.CaseloadForm(request.POST or None, request.FILES or None)
    earlier = background.find_refused(request, preparation_jobs.import_caseload)
    faults: list[Any] = read_faults(earlier) if earlier else []
    if request.method == "POST" and form.is_valid():
        title = _("Importing the caseload of %(area)s") % {"area": inspection.area}
        try:
            return background.start(
                request,
                preparation_jobs.import_caseload,
                title,
                inspection=inspection,
                file=form.cleaned_data["file"],
            )
        except UserError as error:
            faults = list(error.faults)
    context = {
        "section": "inspections",
        "inspection": inspection,
        "form": form,
        "faults": faults,
        "stored": inspection.caseloads.filter(retired_at=None).select_related("imported_by").first(),
        "attributes": [a for a in inspection.framework.attributes if a.known_from == "caseload"],
    }
    return render(request, "preparation/caseload.html", context)


@require_permission("sample.see")
def show_sample(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """The current sample: quotas, exclusions, reserves."""
    record = frames.find_record(inspection)
    context: dict[str, Any] = {"section": "inspections", "inspection": inspection, "record": record}
    if record is not None:
        cases = inspection.cases.exclude(state__in=GONE)
        frame = frames.make_frame(inspection.framework, list(cases.values_list("reference", "particulars")))
        member = collect_groups(inspection.framework, frame)
        titles = {g.key: g.title for g in inspection.framework.groups}
        used = {s.by for s in record.substitutions}
        substitutions = Event.objects.filter(inspection=inspection, kind="case.substituted")
        here = {details.get("reference") for details in substitutions.values_list("details", flat=True)}
        context |= {
            "cases": cases,
            "quotas": [
                (titles[g], least, int((member[g] == 1).sum())) for g, least in record.plan.quotas.items()
            ],
            "groups": [(titles[g], int((truth == 1).sum())) for g, truth in member.items()],
            "exclusions": [
                (format_reason(reason), n)
                for reason, n in Counter(e.reason for e in record.exclusions).most_common()
            ],
            "reserves": [c for c in record.selected if c.selected_as == "reserve" and c.case not in used],
            "substitutions": [(s, format_reason(s.reason), s.case in here) for s in record.substitutions],
        }
    return render(request, "preparation/sample.html", context)


@require_permission("sample.draw")
def sample_draw(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Draw the sample."""
    form = forms.DrawForm(request.POST or None, framework=inspection.framework)
    if request.method == "POST" and form.is_valid():
        choices, title = form.read_choices(), _("Drawing the sample of %(area)s") % {"area": inspection.area}
        try:
            check_choices(inspection=inspection, choices=choices)
            return background.start(
                request,
                preparation_jobs.draw,
                title,
                inspection=inspection,
                options={"sample": asdict(choices), "form": request.POST.urlencode()},
            )
        except UserError as error:
            form.refuse(error)
    form = background.take_back(request, form, preparation_jobs.draw)
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "form": form,
            "heading": _("Draw the sample"),
            "button": _("Draw the sample"),
            "hint": _(
                "The fields show the design of the framework. A new sample replaces the earlier one, whose cases are set aside, not deleted."
            ),
        },
    )


@require_permission("sample.substitute")
def substitute(request: SignedInRequest, case: Case) -> HttpResponse:
    """Put a reserve in the place of a case."""
    form = forms.SubstituteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            added = samples.substitute(
                case=case, reason=cleaned["reason"], note=cleaned["note"], by=request.user
            )
        except UserError as error:
            form.refuse(error)
        else:
            return lead_on_after(
                request,
                _("Case %(case)s replaced by case %(added)s") % {"case": case, "added": added},
                "sample",
                case.inspection_id,
            )
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "inspections",
            "inspection": case.inspection,
            "form": form,
            "heading": _("Substitute case %(case)s") % {"case": case},
            "button": _("Substitute the case"),
            "hint": _(
                "The next reserve that keeps to the quotas replaces it. The answers already recorded for the case are kept."
            ),
        },
    )


# -- allocation and timetable --------------------------------------------------------------


@require_permission("timetable.see")
def show_timetable(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Who assesses what and when; an area assessor sees only their own assessments."""
    who = make_person(request)
    assessments = (
        Assessment.objects.filter(case__inspection=inspection, retired_at=None)
        .exclude(case__state__in=GONE)
        .select_related("case", "assessor")
        .order_by("day", "slot", "assessor__position", "case__position")
    )
    wide = who.can("device.see", inspection) or who.can("timetable.plan", inspection)
    if not wide:
        assessments = assessments.filter(assessor__user=request.user)
    listed = [r for r in assessments if wide or who.can_answer(r)]
    context = {
        "section": "inspections",
        "inspection": inspection,
        "wide": wide,
        "days": _make_grid([r for r in listed if r.day]),
        "unplaced": [r for r in listed if not r.day],
        "unallocated": inspection.cases.filter(state="sampled") if wide else [],
        "latest": inspection.timetables.first(),
        "loads": _count_loads(listed),
    }
    return render(request, "preparation/timetable.html", context)


def _make_grid(
    assessments: list[Assessment],
) -> list[tuple[str, list[str], list[tuple[str, list[list[Assessment]]]]]]:
    """A table per day: assessors down, slots across."""
    days: dict[str, list[Assessment]] = {}
    for assessment in assessments:
        days.setdefault(assessment.day, []).append(assessment)
    grid = []
    for day, some in days.items():
        slots = sorted({r.slot for r in some})
        ordered = sorted(some, key=lambda r: r.assessor.position if r.assessor else 0)
        names = list(dict.fromkeys(str(r.assessor or "") for r in ordered))
        rows = [
            (n, [[r for r in some if str(r.assessor or "") == n and r.slot == s] for s in slots])
            for n in names
        ]
        grid.append((describe_day(day), [describe_slot(slot) for slot in slots], rows))
    return grid


def _count_loads(assessments: list[Assessment]) -> list[tuple[str, str, int, int]]:
    counted: dict[Participant, Counter[str]] = {}
    for assessment in assessments:
        if assessment.assessor:
            counted.setdefault(assessment.assessor, Counter())[f"{assessment.number}"] += 1
    return [
        (p.name, p.get_role_display(), n["1"], n["2"])
        for p, n in sorted(counted.items(), key=lambda e: e[0].position)
    ]


@require_permission("timetable.plan")
def plan_timetable(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Ask for a timetable."""
    form = forms.ArrangementsForm(request.POST or None, inspection=inspection)
    if request.method == "POST" and form.is_valid():
        try:
            timetable = allocation.ask_timetable(
                inspection=inspection,
                arrangements=form.collect_arrangements(),
                seconds=form.cleaned_data["seconds"],
                by=request.user,
            )
        except UserError as error:
            form.refuse(error)
        else:
            search_timetable.enqueue(timetable.pk)
            return redirect("timetable_search", timetable.pk)
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "form": form,
            "heading": _("Plan the fieldwork"),
            "button": _("Search for a timetable"),
            "hint": _(
                "The assessors are the inspection's inspectors, practice assessors and area assessors. "
                "Locked assessments stay where they are. A new plan changes as little else as possible."
            ),
        },
    )


@require_permission("timetable.plan")
def show_search(request: SignedInRequest, timetable: Timetable) -> HttpResponse:
    """How far a search is, and what it found."""
    plan = frames.make_plan(timetable.plan) if timetable.plan else None
    if request.method == "POST":
        return try_and_lead_on(
            request,
            lambda: allocation.adopt(timetable=timetable, by=request.user),
            _("Cases allocated as planned"),
            "timetable",
            timetable.inspection_id,
        )
    context = {
        "section": "inspections",
        "inspection": timetable.inspection,
        "timetable": timetable,
        "plan": plan,
    }
    if plan is not None:
        counted = Counter(p.assessor for p in plan.placed)
        context |= {"loads": sorted(counted.items()), "first": next(iter(plan.stages), None)}
    return render(request, "preparation/search.html", context)


@require_permission("timetable.plan")
def allocate(request: SignedInRequest, case: Case, number: int) -> HttpResponse:
    """Give an assessment of a case to somebody."""
    form = forms.AllocateForm(request.POST or None, inspection=case.inspection)
    if request.method == "POST" and form.is_valid():
        part = get_object_or_404(Participant, pk=form.cleaned_data["assessor"], inspection=case.inspection)
        try:
            allocated = allocation.allocate(case=case, number=number, assessor=part, by=request.user)
        except UserError as error:
            form.refuse(error)
        else:
            return lead_on_after(
                request,
                _("%(part)s makes assessment %(number)s of case %(case)s")
                % {"part": part, "number": allocated.number, "case": case},
                "case",
                case.pk,
            )
    name = _("Second assessment") if number == 2 else _("First assessment")
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "inspections",
            "inspection": case.inspection,
            "form": form,
            "heading": _("%(name)s of case %(case)s") % {"name": name, "case": case},
            "button": _("Allocate the assessment"),
        },
    )


@require_permission("timetable.plan")
def place_assessment(request: SignedInRequest, assessment: Assessment) -> HttpResponse:
    """Move an assessment to another day and slot."""
    latest = assessment.case.inspection.timetables.exclude(state="failed").first()
    arrangements = latest.arrangements if latest else {"days": [], "slots": []}
    form = forms.AssessmentTimeForm(
        request.POST or None,
        days=arrangements["days"],
        slots=arrangements["slots"],
        initial={"day": assessment.day, "slot": assessment.slot},
    )
    if request.method == "POST" and form.is_valid():
        try:
            allocation.place(
                assessment=assessment,
                day=form.cleaned_data["day"],
                slot=form.cleaned_data["slot"],
                by=request.user,
            )
        except UserError as error:
            form.refuse(error)
        else:
            return lead_on_after(
                request,
                _("Case %(case)s moved and locked") % {"case": assessment.case},
                "timetable",
                assessment.case.inspection_id,
            )
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "inspections",
            "inspection": assessment.case.inspection,
            "form": form,
            "heading": _("Move case %(case)s") % {"case": assessment.case},
            "button": _("Move and lock"),
            "hint": f"{assessment.assessor}: {describe_time(assessment.day, assessment.slot)}",
        },
    )


@require_permission("timetable.plan")
@require_POST
def lock_place(request: SignedInRequest, assessment: Assessment) -> HttpResponse:
    """Lock an assessment where it is, or let it go."""
    on = request.POST.get("on") == "1"
    return try_and_lead_on(
        request,
        lambda: allocation.lock(assessment=assessment, on=on, by=request.user),
        _("Case %(case)s locked") % {"case": assessment.case}
        if on
        else _("Case %(case)s unlocked") % {"case": assessment.case},
        "timetable",
        assessment.case.inspection_id,
    )


@require_permission("timetable.plan")
@require_POST
def withdraw(request: SignedInRequest, assessment: Assessment) -> HttpResponse:
    """Take an allocation back."""
    return try_and_lead_on(
        request,
        lambda: allocation.withdraw(assessment=assessment, by=request.user),
        _("Assessment %(number)s of case %(case)s withdrawn")
        % {"number": assessment.number, "case": assessment.case},
        "case",
        assessment.case_id,
    )
