"""The inspected area: its profile, and its performance against targets."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from scrutineer.errors import UserError
from scrutineer_web.actions.preparation import inspections
from scrutineer_web.kit import common_forms
from scrutineer_web.kit import jobs as background
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import lead_on_after, require_permission
from scrutineer_web.preparation import jobs as preparation_jobs
from scrutineer_web.preparation import profile_forms
from scrutineer_web.queries.preparation.performance import make_performance_table
from scrutineer_web.records import frames
from scrutineer_web.records.inspection import Inspection


@require_permission("inspection.see")
def show_profile(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """What is known about the area, apart from its cases."""
    area = frames.read_profile(inspection)
    return render(
        request,
        "preparation/profile.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "profile": area,
            "performance": make_performance_table(inspection.framework, inspection.area, area),
        },
    )


@require_permission("inspection.edit")
def edit_profile(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Change the area's profile."""
    form = common_forms.ProfileForm(
        request.POST or None, framework=inspection.framework, area=frames.read_profile(inspection)
    )
    if request.method == "POST" and form.is_valid():
        try:
            inspections.edit_profile(inspection=inspection, content=form.collect_content(), by=request.user)
        except UserError as error:
            form.refuse(error)
        else:
            return lead_on_after(request, _("Profile saved"), "profile", inspection.pk)
    return render(
        request,
        "preparation/profile_edit.html",
        {"section": "inspections", "inspection": inspection, "form": form},
    )


@require_permission("inspection.edit")
def import_targets(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Import the performance against targets from a table."""
    form = profile_forms.TargetTableForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        title = _("Importing the performance of %(area)s") % {"area": inspection.area}
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
    known = "; ".join(m.title for m in inspection.framework.targets.measures) or _("none")
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "form": form,
            "heading": _("Import performance from a table"),
            "hint": _(
                "The measures of this framework: %(known)s. Measures that aren't in the table stay as they are."
            )
            % {"known": known},
            "button": _("Import performance"),
            "files": True,
        },
    )
