"""Surveys and focus groups."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from scrutineer.errors import UserError
from scrutineer_web.actions import inspections
from scrutineer_web.evidence import forms
from scrutineer_web.kit.views import allowed, done
from scrutineer_web.records import frames
from scrutineer_web.records.inspection import Inspection


@allowed("survey.see")
def surveys(request: HttpRequest, inspection: Inspection) -> HttpResponse:
    """What service users and others said."""
    return render(
        request, "evidence/surveys.html", {"section": "inspections", "inspection": inspection, "found": frames.surveys_of(inspection)}
    )


@allowed("survey.edit")
def survey_edit(request: HttpRequest, inspection: Inspection, key: str) -> HttpResponse:
    """Enter a survey, or change one."""
    found = frames.surveys_of(inspection)
    survey = found.survey(key)
    if survey is None and key != "new":
        raise Http404
    form = forms.Survey(request.POST or None, survey=survey)
    if request.method == "POST" and form.is_valid():
        one = {**form.cleaned_data, "key": survey.key if survey else forms.key_for(form.cleaned_data["of"], {s.key for s in found.surveys})}
        listed = [s.model_dump(mode="json") for s in found.surveys]
        places = [n for n, s in enumerate(found.surveys) if survey and s.key == survey.key]
        return _saved(request, inspection, form, "surveys", one, listed, places)
    return _page(request, inspection, form, "A survey")


@allowed("survey.edit")
def focus_group_edit(request: HttpRequest, inspection: Inspection, key: str) -> HttpResponse:
    """Enter a focus group, or change one."""
    found = frames.surveys_of(inspection).focus_groups
    place = int(key) if key.isdigit() and int(key) < len(found) else None
    if place is None and key != "new":
        raise Http404
    form = forms.Focus(request.POST or None, group=found[place] if place is not None else None)
    if request.method == "POST" and form.is_valid():
        listed = [g.model_dump(mode="json") for g in found]
        return _saved(request, inspection, form, "focus_groups", form.content(), listed, [] if place is None else [place])
    return _page(request, inspection, form, "A focus group")


def _saved(
    request: HttpRequest, inspection: Inspection, form: Any, part: str, one: dict[str, Any], listed: list[Any], places: list[int]
) -> HttpResponse:
    if places:
        listed[places[0]] = one
    else:
        listed.append(one)
    try:
        inspections.edit_surveys(inspection=inspection, content={**inspection.surveys, part: listed}, by=request.user)
    except UserError as error:
        form.refuse(error)
        return _page(request, inspection, form, "Surveys and focus groups")
    return done(request, "It is saved", "surveys", inspection.pk)


def _page(request: HttpRequest, inspection: Inspection, form: Any, heading: str) -> HttpResponse:
    return render(
        request, "kit/page_form.html",
        {"section": "inspections", "inspection": inspection, "form": form, "heading": heading, "button": "Save"},
    )  # fmt: skip
