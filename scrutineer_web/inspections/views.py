"""My work, the inspections, and the home of each."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from scrutineer.errors import UserError
from scrutineer.inspection.dates import list_steps
from scrutineer_web.actions.preparation import inspections
from scrutineer_web.inspections import forms
from scrutineer_web.inspections import jobs as inspections_jobs
from scrutineer_web.kit import common_forms
from scrutineer_web.kit import jobs as background
from scrutineer_web.kit.numbers import read_whole
from scrutineer_web.kit.page_context import make_person
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import lead_on_after, require_permission, require_sign_in, try_and_lead_on
from scrutineer_web.permissions import DONE, Rights
from scrutineer_web.queries.inspections.waiting import list_waiting
from scrutineer_web.records import frames
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.comment import Comment
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.device import Held
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.participant import Participant
from scrutineer_web.records.user import User
from scrutineer_web.states import INSPECTION
from scrutineer_web.states.case import GONE


@require_sign_in
def show_my_work(request: SignedInRequest) -> HttpResponse:
    """What waits for the person who is signed in."""
    who = make_person(request)
    mine = (
        Assessment.objects.filter(assessor__user=request.user, assessor__retired_at=None, retired_at=None)
        .exclude(state="signed_off")
        .select_related("case__inspection", "assessor")
        .defer(*Inspection.list_heavy("case__inspection"))
        .annotate(questions=Count("comments", filter=Q(comments__resolved_at=None)))
        .order_by("case__inspection", "day", "slot", "case__position")
    )
    assessments = [r for r in mine if who.can_answer(r)]
    listed = list_visible(who)
    return render(
        request,
        "inspections/my_work.html",
        {
            "section": "work",
            "is_synthetic": bool(listed) and all(i.synthetic for i in listed),
            "synthetic_areas": sorted({i.area for i in listed if i.synthetic}),
            "open": [r for r in assessments if r.state not in DONE],
            "waiting": [r for r in assessments if r.state in DONE],
            "tasks": [task for i in listed for task in list_tasks(who, i)],
            "inspections": [i for i in listed if i.state not in ("published", "closed")],
            "waits": list_waiting(who, timezone.localdate()),
            "kept_forms": request.user.kept_forms.order_by("-kept_at")[:5],
        },
    )


def list_visible(who: Rights) -> list[Inspection]:
    """The inspections that somebody may see."""
    every = (
        Inspection.objects.filter(retired_at=None)
        .select_related("framework_version")
        .defer(*Inspection.list_heavy())
    )
    return [i for i in every if who.can("inspection.see", i)]


def list_tasks(who: Rights, inspection: Inspection) -> list[dict[str, Any]]:
    """What waits for somebody in one inspection, apart from their own cases."""
    own = _list_case_tasks if inspection.framework.reads_cases else _list_judged_tasks
    return [*own(who, inspection), *_list_report_tasks(who, inspection)]


def _list_case_tasks(who: Rights, inspection: Inspection) -> list[dict[str, Any]]:
    """What waits for somebody in an inspection of cases, until its scores are signed off."""
    tasks: list[dict[str, Any]] = []

    def add(name: str, text: str, to: str) -> None:
        if who.can(name, inspection):
            tasks.append({"inspection": inspection, "text": text, "to": to})

    if inspection.state == "preparation":
        if inspection.caseloads.filter(retired_at=None).exists():
            add("sample.draw", _("Draw the sample"), "sample_draw")
        else:
            add("caseload.import", _("Import the caseload"), "caseload")
    elif inspection.state == "sampled":
        if inspection.cases.filter(state="sampled").exists():
            add("timetable.plan", _("Allocate the cases and plan the fieldwork"), "timetable")
        else:
            add("inspection.phase", _("Start the fieldwork"), "inspection")
    elif inspection.state in ("fieldwork", "moderation"):
        assessments = Assessment.objects.filter(case__inspection=inspection, retired_at=None)
        complete = assessments.filter(state="complete").count()
        if complete:
            add(
                "assessment.sign_off",
                ngettext(
                    "Moderate %(count)s complete assessment",
                    "Moderate %(count)s complete assessments",
                    complete,
                )
                % {"count": complete},
                "moderation",
            )
        elif assessments.exists() and not assessments.exclude(state="signed_off").exists():
            add("inspection.sign_off", _("Sign off the scores"), "settle")
    return tasks


def _list_judged_tasks(who: Rights, inspection: Inspection) -> list[dict[str, Any]]:
    """What waits for somebody in an inspection without cases, until its ratings are signed off."""
    open_codes = [code for code, j in frames.judge(inspection, inspection.framework).items() if not j.final]
    if inspection.state == "preparation":
        task = ("inspection.phase", _("Start the fieldwork"), "inspection")
    elif inspection.state in ("fieldwork", "moderation") and open_codes:
        text = ngettext("Rate %(count)s criterion", "Rate %(count)s criteria", len(open_codes))
        task = ("rating.set", text % {"count": len(open_codes)}, "evidence")
    elif inspection.state == "moderation":
        task = ("inspection.sign_off", _("Sign off the scores"), "settle")
    else:
        return []
    name, text, to = task
    return [{"inspection": inspection, "text": text, "to": to}] if who.can(name, inspection) else []


def _list_report_tasks(who: Rights, inspection: Inspection) -> list[dict[str, Any]]:
    """What waits for somebody once the scores are signed off."""
    task_of = {
        "signed_off": [("draft.send", _("Write the report and send a draft to the area"), "report")],
        "accuracy": [("draft.decide", _("Decide on the area's comments"), "accuracy")],
        "final": [
            ("report.issue", _("Finish the report and issue it"), "report"),
            ("report.approve", _("Approve the report"), "publication"),
        ],
        "approved": [("report.publish", _("Publish the report"), "publication")],
        "published": [("plan.verify", _("Follow up the recommendations"), "plan_of")],
    }
    return [
        {"inspection": inspection, "text": text, "to": to}
        for name, text, to in task_of.get(inspection.state, [])
        if who.can(name, inspection)
    ]


@require_permission("inspection.see")
def list_inspections(request: SignedInRequest) -> HttpResponse:
    """Every inspection that the person may see."""
    return render(
        request,
        "inspections/inspections.html",
        {"section": "inspections", "inspections": list_visible(make_person(request))},
    )


@require_permission("inspection.create")
def create(request: SignedInRequest) -> HttpResponse:
    """Begin an inspection."""
    form = forms.NewInspectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            created = inspections.create(
                area=form.cleaned_data["area"],
                framework=FrameworkVersion.objects.get(pk=form.cleaned_data["framework"]),
                synthetic=form.cleaned_data["synthetic"],
                by=request.user,
            )
        except UserError as error:
            form.refuse(error)
        else:
            return lead_on_after(
                request,
                _("Inspection of %(area)s started") % {"area": created.area},
                "inspection",
                created.pk,
            )
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "inspections",
            "form": form,
            "heading": _("Start an inspection"),
            "button": _("Start the inspection"),
        },
    )


@require_permission("inspection.import")
def import_(request: SignedInRequest) -> HttpResponse:
    """Take an inspection from its folder."""
    form = common_forms.UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return background.start(
                request,
                inspections_jobs.import_folder,
                _("Importing an inspection"),
                file=form.cleaned_data["file"],
            )
        except UserError as error:
            form.refuse(error)
    form = background.take_back(request, form, inspections_jobs.import_folder)
    hint = _(
        "Choose the zip file of an inspection that was exported from Scrutineer. "
        "It is checked first. If anything is wrong, nothing is imported."
    )
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "inspections",
            "form": form,
            "heading": _("Import an inspection"),
            "hint": hint,
            "button": _("Import the inspection"),
            "files": True,
        },
    )


@require_permission("inspection.export")
def export(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """The inspection's folder as a zip file, made in the background."""
    return background.start(
        request,
        inspections_jobs.export_folder,
        _("The folder of %(area)s") % {"area": inspection.area},
        inspection=inspection,
    )


@require_permission("inspection.see")
def show_home(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """The home of an inspection: its phase, and what comes next."""
    who = make_person(request)
    assessments = Assessment.objects.filter(case__inspection=inspection, retired_at=None)
    cases = inspection.cases.exclude(state__in=GONE)
    state = [s.key for s in INSPECTION.states].index(inspection.state)
    context = {
        "section": "inspections",
        "inspection": inspection,
        "phases": [
            (inspection.phase if n == state else s.title, n < state, n == state)
            for n, s in enumerate(INSPECTION.states)
            if s.key != "sampled" or inspection.framework.reads_cases
        ],
        "cases": cases.count(),
        "assessments": assessments.aggregate(
            all=Count("pk"),
            complete=Count("pk", filter=Q(state__in=DONE)),
            signed=Count("pk", filter=Q(state="signed_off")),
            asked=Sum("asked"),
            answered=Sum("answered"),
        ),
        "conflicts": Conflict.objects.filter(assessment__in=assessments, settled_at=None).count(),
        "comments": Comment.objects.filter(assessment__in=assessments, resolved_at=None).count(),
        "unsent": Held.objects.filter(assessment__in=assessments, unsent__gt=0).aggregate(n=Sum("unsent"))[
            "n"
        ]
        or 0,
        "tasks": list_tasks(who, inspection),
        "moves": [m for m in _list_moves(inspection) if who.can("inspection.phase", inspection)],
        "steps": list_steps(inspection.framework, frames.make_dates(inspection)),
    }
    return render(request, "inspections/home.html", context)


def _list_moves(inspection: Inspection) -> list[tuple[str, str]]:
    labels = {
        "start_fieldwork": _("Start the fieldwork"),
        "start_moderation": _("End the fieldwork and start moderation"),
        "return_to_fieldwork": _("Return to fieldwork"),
    }
    # Without cases there's no sample: fieldwork follows preparation.
    waits_for_sample = inspection.state == "preparation" and inspection.framework.reads_cases
    return [
        (name, text)
        for name, text in labels.items()
        if INSPECTION.can(inspection.state, name) and not (name == "start_fieldwork" and waits_for_sample)
    ]


@require_permission("inspection.phase")
@require_POST
def change_phase(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Take the inspection into another phase."""
    to = request.POST.get("to", "")
    return try_and_lead_on(
        request,
        lambda: inspections.move(inspection=inspection, to=to, by=request.user),
        _("Inspection moved to its next phase"),
        "inspection",
        inspection.pk,
    )


@require_permission("inspection.edit")
def edit_calendar(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Set the days of the inspection's events."""
    form = forms.CalendarForm(
        request.POST or None, framework=inspection.framework, dates=frames.make_dates(inspection)
    )
    if request.method == "POST" and form.is_valid():
        try:
            inspections.edit_dates(inspection=inspection, content=form.collect_content(), by=request.user)
        except UserError as error:
            form.refuse(error)
        else:
            return lead_on_after(request, _("Calendar saved"), "inspection", inspection.pk)
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "form": form,
            "heading": _("Calendar: %(area)s") % {"area": inspection.area},
            "hint": _(
                "Leave a date empty if it isn't decided yet. Scrutineer then works it out from the framework."
            ),
            "button": _("Save the calendar"),
        },
    )


@require_permission("inspection.see")
def list_people(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Who takes part."""
    parts = inspection.participants.filter(retired_at=None).select_related("user")
    counted = parts.annotate(
        allocated=Count("assessments", filter=Q(assessments__retired_at=None)),
        complete=Count("assessments", filter=Q(assessments__retired_at=None, assessments__state__in=DONE)),
    )
    return render(
        request,
        "inspections/people.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "parts": counted,
            "accounts": User.objects.filter(is_active=True).order_by("name"),
        },
    )


@require_permission("inspection.people")
def add_person(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Give somebody a part."""
    teams = inspection.cases.exclude(team="").values_list("team", flat=True).distinct()
    form = forms.PartForm(request.POST or None, teams=sorted(teams))
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        user = User.objects.filter(pk=cleaned["account"]).first() if cleaned["account"] else None
        try:
            inspections.add_participant(
                inspection=inspection,
                name=cleaned["name"] or (user.name if user else ""),
                role=cleaned["role"],
                team=cleaned["team"],
                user=user,
                by=request.user,
            )
        except UserError as error:
            form.refuse(error)
        else:
            return lead_on_after(request, _("Person added"), "people", inspection.pk)
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "form": form,
            "heading": _("Add a person"),
            "button": _("Add the person"),
        },
    )


@require_permission("inspection.people")
@require_POST
def change_person(request: SignedInRequest, inspection: Inspection, participant: int) -> HttpResponse:
    """Join a part to an account, or end it."""
    part = Participant.objects.get(pk=participant, inspection=inspection, retired_at=None)
    if request.POST.get("what") == "retire":
        return try_and_lead_on(
            request,
            lambda: inspections.retire_participant(participant=part, by=request.user),
            _("%(part)s removed from the inspection") % {"part": part},
            "people",
            inspection.pk,
        )
    account = read_whole(request.POST.get("account"))
    user = User.objects.get(pk=account, is_active=True) if account else None
    text = (
        _("%(part)s signs in as %(account)s") % {"part": part, "account": user.username}
        if user
        else _("%(part)s has no account") % {"part": part}
    )
    return try_and_lead_on(
        request,
        lambda: inspections.link_participant(participant=part, user=user, by=request.user),
        text,
        "people",
        inspection.pk,
    )
