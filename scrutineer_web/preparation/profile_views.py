"""The inspected area: its profile, and its performance against targets."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from scrutineer.errors import UserError
from scrutineer.inspection.area import mark_performance
from scrutineer_web.actions.preparation import inspections
from scrutineer_web.kit import common_forms
from scrutineer_web.kit import jobs as background
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import lead_on_after, require_permission
from scrutineer_web.preparation import jobs as preparation_jobs
from scrutineer_web.preparation import profile_forms
from scrutineer_web.records import frames
from scrutineer_web.records.inspection import Inspection


@require_permission("inspection.see")
def show_profile(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """What is known of the area beside its cases."""
    area = frames.read_profile(inspection)
    return render(
        request,
        "preparation/profile.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "profile": area,
            "marked": mark_performance(inspection.framework, area),
            "near": inspection.framework.targets.near_miss_percent,
        },
    )


@require_permission("inspection.edit")
def profile_edit(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Change the area's profile."""
    form = common_forms.ProfileForm(
        request.POST or None, framework=inspection.framework, area=frames.read_profile(inspection)
    )
    if request.method == "POST" and form.is_valid():
        try:
            inspections.edit_profile(inspection=inspection, content=form.content(), by=request.user)
        except UserError as error:
            form.refuse(error)
        else:
            return lead_on_after(request, "The profile is saved", "profile", inspection.pk)
    return render(
        request,
        "preparation/profile_edit.html",
        {"section": "inspections", "inspection": inspection, "form": form},
    )


@require_permission("inspection.edit")
def import_targets(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Bring the performance against targets in from a table."""
    form = profile_forms.TargetTableForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        title = f"Importing the performance of {inspection.area}"
        try:
            return background.start(
                request,
                preparation_jobs.import_targets,
                title,
                inspection=inspection,
                file=form.cleaned_data["file"],
            )
        except UserError as error:
            form.refuse(error)
    form = background.take_back(request, form, preparation_jobs.import_targets)
    known = "; ".join(m.title for m in inspection.framework.targets.measures) or "none"
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "form": form,
            "heading": "Performance from a table",
            "hint": f"The measures of this framework: {known}. Measures that the table does not name stay as they are.",
            "button": "Bring in",
            "files": True,
        },
    )
