"""Moderation: the queue, an assessment with its comments, adjudication, and sign-off."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from scrutineer.errors import Fault, UserError
from scrutineer_web.actions.moderation import adjudications
from scrutineer_web.actions.moderation import assessments as assessments
from scrutineer_web.actions.preparation import inspections
from scrutineer_web.kit import form_ids, typed
from scrutineer_web.kit.forms import write_sentence
from scrutineer_web.kit.page_context import make_person
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import require_permission, try_and_lead_on
from scrutineer_web.queries.fieldwork.case_form import AskedQuestion, make_case_form
from scrutineer_web.queries.moderation.adjudications import find_differences
from scrutineer_web.queries.moderation.assessments import list_obstacles
from scrutineer_web.queries.moderation.sign_off import list_open_points
from scrutineer_web.records.answer import TEXTS
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.case import Case
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.safeguards import four_eyes
from scrutineer_web.states.case import GONE


@require_permission("moderation.see")
def show_queue(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """What waits for moderation: high risk first."""
    assessments = list(
        Assessment.objects.filter(case__inspection=inspection, retired_at=None)
        .exclude(case__state__in=GONE)
        .select_related("case", "assessor")
        .annotate(questions=Count("comments", filter=Q(comments__resolved_at=None)))
        .defer("codes", "facts", "case__particulars")
        .order_by("-case__first", "completed_at", "case__position", "number")
    )
    others: dict[int, set[str]] = {}
    for assessment in assessments:
        others.setdefault(assessment.case_id, set()).add(assessment.state)
    for assessment in assessments:
        assessment.to_do = _describe_task(assessment, others[assessment.case_id])  # type: ignore[attr-defined]  # for the page alone
    parts = [
        (_("Complete: ready to moderate"), [r for r in assessments if r.state == "complete"]),
        (_("Queried: waiting for the assessor"), [r for r in assessments if r.state == "queried"]),
        (_("Signed off"), [r for r in assessments if r.state == "signed_off"]),
    ]
    return render(
        request,
        "moderation/queue.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "parts": parts,
            "any": any(some for _, some in parts),
        },
    )


def _describe_task(assessment: Assessment, states: set[str]) -> str:
    if assessment.state == "queried":
        return _("waiting for the assessor")
    if assessment.state == "signed_off":
        return ""
    if states - {"complete", "signed_off"}:
        return _("the other assessment isn't complete yet")
    return _("adjudicate, then sign off") if assessment.number == 2 else _("moderate, then sign off")


@require_permission("moderation.see")
def show_moderation(request: SignedInRequest, assessment: Assessment) -> HttpResponse:
    """One assessment with evidence, comments, and what is in the way of signing it off."""
    who = make_person(request)
    form = make_case_form(assessment, may_answer=False)
    changed = Counter(
        e["question"]
        for e in Event.objects.filter(chain=f"assessment:{assessment.pk}", kind="answer.saved").values_list(
            "details", flat=True
        )
    )
    titles = [*form.sources, ("note", _("Reason"))]
    criteria = [
        (
            part,
            [
                _make_row(asked, changed, titles)
                for asked in part.asked
                if asked.applies != "no" or asked.value
            ],
        )
        for part in form.parts
    ]
    elsewhere = assessment.comments.exclude(question__in=["", *form.questions]).select_related(
        "written_by", "resolved_by"
    )
    context = {
        "section": "inspections",
        "inspection": assessment.case.inspection,
        "assessment": assessment,
        "general": [*form.comments, *elsewhere],
        "criteria": criteria,
        "open_points": _describe_obstacles(request, assessment, set(form.questions)),
        "differences": sum(d.settled is None for d in find_differences(assessment.case)),
        "may_reply": who.can("comment.write", assessment.case.inspection) or who.can_answer(assessment),
    }
    return render(request, "moderation/moderate.html", context)


def _describe_obstacles(request: SignedInRequest, assessment: Assessment, questions: set[str]) -> list[str]:
    """What is in the way of signing an assessment off; a question by its text, which says more than its key."""
    if assessment.state == "signed_off":
        return []
    obstacles = [*_list_own_work(request, assessment), *list_obstacles(assessment)]
    return [write_sentence(fault, with_place=fault.where not in questions) for fault in obstacles]


def _list_own_work(request: SignedInRequest, assessment: Assessment) -> list[Fault]:
    """Why somebody who signs off assessments can't sign off this one, and who can."""
    signs = make_person(request).can("assessment.sign_off", assessment.case.inspection_id)
    return four_eyes.find_against_sign_off(assessment, request.user) if signs else []


def _make_row(asked: AskedQuestion, changed: Counter[str], titles: list[tuple[str, str]]) -> dict[str, Any]:
    above = asked.value is not None and not asked.below and not asked.particular and asked.kind.is_coded
    return {
        "key": asked.key,
        "text": asked.text,
        "label": asked.label,
        "below": asked.below,
        "above": above and asked.value not in ("not_applicable", "not_enough_evidence"),
        "texts": [(title, asked.texts[name]) for name, title in titles if asked.texts[name]],
        "comments": asked.comments,
        "changed": max(0, changed[asked.key] - 1),
    }


@require_permission("assessment.query")
@require_POST
def query(request: SignedInRequest, assessment: Assessment) -> HttpResponse:
    """Ask the assessor about an answer."""
    posted = request.POST
    return try_and_lead_on(
        request,
        lambda: assessments.query(
            assessment=assessment,
            text=posted.get("text", ""),
            question=posted.get("question", ""),
            by=request.user,
        ),
        _("Question sent to the assessor"),
        "moderate",
        assessment.pk,
    )


@require_permission("assessment.sign_off")
@require_POST
def sign_off(request: SignedInRequest, assessment: Assessment) -> HttpResponse:
    """Settle an assessment for good."""
    return try_and_lead_on(
        request,
        lambda: assessments.sign_off(assessment=assessment, by=request.user),
        _("Case %(case)s signed off") % {"case": assessment.case},
        "moderation",
        assessment.case.inspection_id,
    )


@require_permission("assessment.sign_off")
def reopen(request: SignedInRequest, assessment: Assessment) -> HttpResponse:
    """Open an assessment again, with a reason."""
    if request.method == "POST":
        return try_and_lead_on(
            request,
            lambda: assessments.reopen(
                assessment=assessment, reason=request.POST.get("reason", ""), by=request.user
            ),
            _("Case %(case)s reopened") % {"case": assessment.case},
            "moderate",
            assessment.pk,
        )
    return render(
        request,
        "moderation/reopen.html",
        {"section": "inspections", "inspection": assessment.case.inspection, "assessment": assessment},
    )


@require_permission("assessment.adjudicate")
def settle_difference(request: SignedInRequest, case: Case) -> HttpResponse:
    """Decide which answer the report uses where two assessments differ."""
    if request.method == "POST":
        return _settle_differences(request, case)
    names = {
        a.number: str(a.assessor) for a in case.assessments.filter(retired_at=None).select_related("assessor")
    }
    context = {
        "section": "inspections",
        "inspection": case.inspection,
        "case": case,
        "differences": find_differences(case),
        "first": names.get(1, ""),
        "second": names.get(2, ""),
        "texts": TEXTS,
    }
    return render(request, "moderation/adjudicate.html", context)


def _settle_differences(request: SignedInRequest, case: Case) -> HttpResponse:
    """Settle the difference whose button was pressed, or all that are filled in; what is not settled stays as it was typed."""
    sent, chosen = request.POST, request.POST.get("question", "")
    filled = {
        key.partition("__")[2]
        for key in sent
        if key.startswith(("value__", "reason__")) and sent.get(key, "").strip()
    }
    settled: list[str] = []
    faults: list[str] = []
    for key in [chosen] if chosen else sorted(filled):
        try:
            adjudications.settle(
                case=case,
                question=key,
                value=sent.get(f"value__{key}", sent.get("value", "")),
                reason=sent.get(f"reason__{key}", sent.get("reason", "")),
                by=request.user,
            )
            settled.append(key)
        except UserError as error:
            faults += [write_sentence(fault) for fault in error.faults]
    if settled:
        text = ngettext(
            "%(count)s decision saved. Both assessments stay as they were.",
            "%(count)s decisions saved. Both assessments stay as they were.",
            len(settled),
        )
        messages.success(request, text % {"count": len(settled)})
    rest = [
        (name, value)
        for name, value in form_ids.list_fields(request)
        if name.partition("__")[2] not in settled
    ]
    if faults or any(value.strip() for name, value in rest if name != "question"):
        status = 422 if faults else 200
        again = typed.show_page(
            request, request.path, typed.Sent(request.path, rest), status=status, sentences=faults
        )
        if again is not None:
            return again
    for text in faults or (
        [] if settled else [_("Choose an answer and give a reason before you save a decision")]
    ):
        messages.error(request, text)
    return redirect("adjudicate", case.pk)


@require_permission("inspection.sign_off")
def settle(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Sign off the scores."""
    if request.method == "POST":
        return try_and_lead_on(
            request,
            lambda: inspections.sign_off(inspection=inspection, by=request.user),
            _("Scores signed off"),
            "settle",
            inspection.pk,
        )
    return render(
        request,
        "moderation/settle.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "open_points": [write_sentence(f) for f in list_open_points(inspection)],
        },
    )


@require_permission("inspection.sign_off")
@require_POST
def reopen_scores(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Open settled scores again."""
    return try_and_lead_on(
        request,
        lambda: inspections.reopen(
            inspection=inspection, reason=request.POST.get("reason", ""), by=request.user
        ),
        _("Scores reopened"),
        "settle",
        inspection.pk,
    )
