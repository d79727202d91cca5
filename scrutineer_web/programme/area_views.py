"""Areas with their profiles and everything that was inspected there, and family groups."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scrutineer.frameworks.model import Framework
from scrutineer_web.actions.programme import areas
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import accept_form, lead_on_after, require_permission, try_and_lead_on
from scrutineer_web.programme import area_forms as forms
from scrutineer_web.queries.preparation.performance import make_performance_table
from scrutineer_web.records import frames
from scrutineer_web.records.area import Area, Family
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.programme import Programme


@require_permission("programme.see")
def list_areas(request: SignedInRequest) -> HttpResponse:
    """Every area by family group."""
    standing = Area.objects.filter(retired_at=None).select_related("family").defer("profile")
    rows = sorted(standing, key=lambda a: (a.family is None, a.family.name if a.family else "", a.name))
    context = {"section": "areas", "areas": rows, "families": Family.objects.all()}
    return render(request, "programme/areas.html", context)


@require_permission("programme.see")
def show_area(request: SignedInRequest, area: Area) -> HttpResponse:
    """One area: profile, places in programmes, and its inspections."""
    inspections = Inspection.objects.filter(area=area.name, retired_at=None).select_related(
        "framework_version"
    )
    profile = frames.read_area_profile(area)
    context = {
        "section": "areas",
        "area": area,
        "profile": profile,
        "performance": make_performance_table(_find_framework(), area.name, profile),
        "places": area.planned.filter(retired_at=None).select_related("programme", "tranche"),
        "inspections": inspections.defer(*Inspection.list_heavy()),
    }
    return render(request, "programme/area.html", context)


def _find_framework() -> Framework:
    """The framework whose measures profiles are written on: the latest programme's, or the latest of an inspection."""
    programme = Programme.objects.select_related("framework_version").first()
    if programme is not None:
        return programme.framework
    return FrameworkVersion.objects.filter(kind="inspection", retired_at=None).latest("id").framework


@require_permission("area.edit")
def add_area(request: SignedInRequest) -> HttpResponse:
    """Add an area."""
    return _edit(request, None)


@require_permission("area.edit")
def edit_area(request: SignedInRequest, area: Area) -> HttpResponse:
    """Change an area."""
    return _edit(request, area)


def _edit(request: SignedInRequest, area: Area | None) -> HttpResponse:
    form = forms.AreaProfileForm(request.POST or None, framework=_find_framework(), area=area)
    saved = accept_form(request, form, lambda _: areas.save(area=area, by=request.user, **form.collect()))
    if saved:
        return lead_on_after(request, _("%(name)s saved") % {"name": saved.name}, "area", saved.pk)
    heading = _("Change %(name)s") % {"name": area.name} if area else _("Add an area")
    return render(
        request,
        "programme/area_edit.html",
        {"section": "areas", "form": form, "heading": heading, "area": area},
    )


@require_permission("area.edit")
@require_POST
def retire_area(request: SignedInRequest, area: Area) -> HttpResponse:
    """Remove an area from the lists."""
    return try_and_lead_on(
        request,
        lambda: areas.retire(area=area, by=request.user),
        _("%(name)s removed from the list of areas") % {"name": area.name},
        "areas",
    )


@require_permission("area.edit")
def add_family(request: SignedInRequest) -> HttpResponse:
    """Add a family group."""
    return _save_family(request, None)


@require_permission("area.edit")
def edit_family(request: SignedInRequest, family: Family) -> HttpResponse:
    """Change a family group."""
    return _save_family(request, family)


def _save_family(request: SignedInRequest, family: Family | None) -> HttpResponse:
    there = {"name": family.name, "description": family.description} if family else None
    form = forms.FamilyGroupForm(request.POST or None, initial=there)
    saved = accept_form(
        request, form, lambda cleaned: areas.save_family(family=family, by=request.user, **cleaned)
    )
    if saved:
        return lead_on_after(request, _("Family group %(name)s saved") % {"name": saved.name}, "areas")
    heading = (
        _("Change the family group %(name)s") % {"name": family.name} if family else _("Add a family group")
    )
    return render(
        request,
        "kit/page_form.html",
        {"section": "areas", "form": form, "heading": heading, "button": _("Save the family group")},
    )
