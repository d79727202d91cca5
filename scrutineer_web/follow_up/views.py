"""Recommendations to closure, the follow-up, and an area's inspection of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scrutineer_web.actions.follow_up import follow_ups, plans
from scrutineer_web.follow_up import forms
from scrutineer_web.kit.forms import RoomForm
from scrutineer_web.kit.page_context import make_person
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import accept_form, lead_on_after, require_permission, try_and_lead_on
from scrutineer_web.queries.follow_up.plans import find_due_day, find_publication_day
from scrutineer_web.records.action_plan import PlannedAction, Response, Verification
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.states import RECOMMENDATION


def _make_context(request: HttpRequest, inspection: Inspection, **more: Any) -> dict[str, Any]:
    inside = make_person(request).can("inspection.see", inspection)
    return {
        "section": "inspections",
        "inspection": inspection,
        "inspection_frame": "inspection.html" if inside else "base.html",
        **more,
    }


def _refuse_unpublished(request: HttpRequest, inspection: Inspection) -> None:
    """The area sees its recommendations when the report is published, and not while a correction is being written."""
    shown = find_publication_day(inspection) is not None and not inspection.correction
    if not shown and not make_person(request).can("report.see", inspection):
        raise Http404


@dataclass(frozen=True)
class PlanRow:
    """A recommendation as the plan shows it: what the area said, what it plans, and what was seen of that.

    Attributes:
        recommendation: what is recommended.
        title: of its state.
    """

    recommendation: Recommendation
    title: str
    response: Response | None
    actions: list[PlannedAction]
    verifications: list[Verification]


@require_permission("plan.see")
def show_plan(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Every recommendation with its response, its actions, and what became of it."""
    _refuse_unpublished(request, inspection)
    recommendations = (
        inspection.recommendations.filter(retired_at=None)
        .select_related("response__given_by")
        .prefetch_related(
            "actions__reports__uploads", "actions__reports__reported_by", "verifications__verified_by"
        )
    )
    rows = [
        PlanRow(
            recommendation=r,
            title=RECOMMENDATION.find_title(r.state),
            response=_find_response(r),
            actions=[a for a in r.actions.all() if a.retired_at is None],
            verifications=list(r.verifications.all()),
        )
        for r in recommendations
    ]
    today = timezone.localdate()
    who = make_person(request)
    after = [i for i in inspection.follow_ups.filter(retired_at=None) if who.can("inspection.see", i)]
    context = _make_context(
        request,
        inspection,
        rows=rows,
        today=today,
        due=find_due_day(inspection),
        published=find_publication_day(inspection),
        implementation=find_due_day(inspection, "implementation"),
        open=inspection.state == "published",
        unresolved=sum(
            r.state != "closed" and getattr(_find_response(r), "answer", "") != "not" for r in recommendations
        ),
        late=[a for row in rows for a in row.actions if a.done_at is None and a.due < today],
        follow_ups=[i for i in after if not i.internal],
        internal=[i for i in after if i.internal],
    )
    return render(request, "follow_up/plan.html", context)


def _find_response(recommendation: Recommendation) -> Response | None:
    return getattr(recommendation, "response", None)


def _show_form(
    request: HttpRequest, recommendation: Recommendation, form: RoomForm, heading: str, button: str
) -> HttpResponse:
    _refuse_unpublished(request, recommendation.inspection)
    return render(
        request,
        "follow_up/form.html",
        _make_context(
            request,
            recommendation.inspection,
            recommendation=recommendation,
            form=form,
            heading=heading,
            button=button,
        ),
    )


@require_permission("plan.respond")
def respond(request: SignedInRequest, recommendation: Recommendation) -> HttpResponse:
    """Say whether the area agrees."""
    form = forms.ResponseForm(request.POST or None, response=_find_response(recommendation))
    if accept_form(
        request,
        form,
        lambda cleaned: plans.respond(
            recommendation=recommendation,
            answer=cleaned["answer"],
            reason=cleaned["reason"],
            base=cleaned["base"],
            by=request.user,
        ),
    ):
        return lead_on_after(request, _("Response saved"), "plan_of", recommendation.inspection_id)
    return _show_form(request, recommendation, form, _("Respond to a recommendation"), _("Save the response"))


@require_permission("plan.respond")
def add_action(request: SignedInRequest, recommendation: Recommendation) -> HttpResponse:
    """Plan an action."""
    return _save_action(request, recommendation, None)


@require_permission("plan.respond")
def edit_action(request: SignedInRequest, action: PlannedAction) -> HttpResponse:
    """Change an action."""
    return _save_action(request, action.recommendation, action)


def _save_action(
    request: SignedInRequest, recommendation: Recommendation, action: PlannedAction | None
) -> HttpResponse:
    form = forms.ActionForm(request.POST or None, action=action)
    if accept_form(
        request,
        form,
        lambda cleaned: plans.plan(
            recommendation=recommendation,
            text=cleaned["text"],
            owner=cleaned["owner"],
            due_on=cleaned["due"],
            action=action,
            base=cleaned["base"],
            by=request.user,
        ),
    ):
        return lead_on_after(request, _("Action saved"), "plan_of", recommendation.inspection_id)
    return _show_form(
        request,
        recommendation,
        form,
        _("Change the action") if action else _("Add an action"),
        _("Save the action"),
    )


@require_permission("plan.respond")
@require_POST
def retire_action_view(request: SignedInRequest, action: PlannedAction) -> HttpResponse:
    """Remove an action from the plan."""
    return try_and_lead_on(
        request,
        lambda: plans.retire_action(action=action, by=request.user),
        _("Action removed from the plan. It stays in the records"),
        "plan_of",
        action.recommendation.inspection_id,
    )


@require_permission("plan.respond")
def report_progress(request: SignedInRequest, action: PlannedAction) -> HttpResponse:
    """Report progress on an action."""
    form = forms.ProgressForm(request.POST or None, request.FILES or None)
    if accept_form(
        request,
        form,
        lambda cleaned: plans.report(
            action=action,
            text=cleaned["text"],
            done=cleaned["done"],
            files=[(f.name, f.read()) for f in cleaned["files"]],
            by=request.user,
        ),
    ):
        return lead_on_after(request, _("Progress updated"), "plan_of", action.recommendation.inspection_id)
    return _show_form(
        request,
        action.recommendation,
        form,
        _("Progress: %(text)s") % {"text": action.text},
        _("Update progress"),
    )


@require_permission("plan.verify")
def verify(request: SignedInRequest, recommendation: Recommendation) -> HttpResponse:
    """Say what the inspectorate found."""
    form = forms.VerifyForm(request.POST or None)
    if accept_form(
        request,
        form,
        lambda cleaned: plans.verify(
            recommendation=recommendation,
            outcome=cleaned["outcome"],
            reason=cleaned["reason"],
            by=request.user,
        ),
    ):
        return lead_on_after(request, _("Verification saved"), "plan_of", recommendation.inspection_id)
    return _show_form(request, recommendation, form, _("Was it put into effect?"), _("Save the verification"))


@require_permission("plan.verify")
@require_POST
def close(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """End the inspection."""
    return try_and_lead_on(
        request,
        lambda: plans.close(inspection=inspection, by=request.user),
        _("Inspection closed"),
        "plan_of",
        inspection.pk,
    )


@require_permission("follow_up.begin")
def begin(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Begin the follow-up of a published inspection."""
    return _begin(request, inspection, "follow_up", _("Start a follow-up inspection"), follow_ups.begin)


@require_permission("internal.begin")
def begin_internal(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Begin an inspection of one's own area."""
    _refuse_unpublished(request, inspection)
    return _begin(request, inspection, "inspection", _("Inspect your own area"), follow_ups.begin_internal)


def _begin(
    request: SignedInRequest, inspection: Inspection, kind: str, heading: str, work: Callable[..., Inspection]
) -> HttpResponse:
    form = forms.BeginForm(request.POST or None, kind=kind)
    created = accept_form(
        request,
        form,
        lambda cleaned: work(
            original=inspection,
            framework=FrameworkVersion.objects.get(pk=cleaned["framework"]),
            by=request.user,
        ),
    )
    if created is not None:
        return redirect("inspection", created.pk)
    return render(
        request,
        "follow_up/form.html",
        _make_context(
            request,
            inspection,
            form=form,
            heading=heading,
            button=_("Start the inspection"),
            recommendation=None,
        ),
    )
