"""Surveys and focus groups."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from scrutineer.errors import UserError
from scrutineer.inspection.survey_table import make_key
from scrutineer_web.actions.preparation import inspections
from scrutineer_web.fieldwork import jobs as fieldwork_jobs
from scrutineer_web.fieldwork import survey_forms as forms
from scrutineer_web.kit import jobs as background
from scrutineer_web.kit.forms import RoomForm
from scrutineer_web.kit.numbers import read_whole
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import lead_on_after, require_permission
from scrutineer_web.queries import shelf
from scrutineer_web.queries.report.whole import list_needs
from scrutineer_web.records import frames
from scrutineer_web.records.inspection import Inspection


@require_permission("survey.see")
def show_surveys(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """What service users and others said."""
    return render(
        request,
        "fieldwork/surveys.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "surveys": frames.make_surveys(inspection),
            "needs": list_needs(inspection),
        },
    )


@require_permission("survey.edit")
def edit_survey(request: SignedInRequest, inspection: Inspection, key: str) -> HttpResponse:
    """Enter a survey, or change one."""
    surveys = frames.make_surveys(inspection)
    survey = surveys.survey(key)
    if survey is None and key != "new":
        raise Http404
    form = forms.SurveyForm(request.POST or None, survey=survey)
    if request.method == "POST" and form.is_valid():
        content = {
            **form.cleaned_data,
            "key": survey.key
            if survey
            else make_key(form.cleaned_data["of"], {s.key for s in surveys.surveys}),
        }
        place = next((n for n, s in enumerate(surveys.surveys) if survey and s.key == survey.key), None)
        return _save_part(request, inspection, form, "surveys", content, place)
    return _show_form(request, inspection, form, _("A survey"))


@require_permission("survey.edit")
def edit_focus_group(request: SignedInRequest, inspection: Inspection, key: str) -> HttpResponse:
    """Enter a focus group, or change one."""
    groups = frames.make_surveys(inspection).focus_groups
    number = read_whole(key)
    place = number if number is not None and number < len(groups) else None
    if place is None and key != "new":
        raise Http404
    form = forms.FocusForm(request.POST or None, group=groups[place] if place is not None else None)
    if request.method == "POST" and form.is_valid():
        return _save_part(request, inspection, form, "focus_groups", form.collect_content(), place)
    return _show_form(request, inspection, form, _("Add a focus group"))


def _save_part(
    request: SignedInRequest,
    inspection: Inspection,
    form: RoomForm,
    part: str,
    content: dict[str, Any],
    place: int | None,
) -> HttpResponse:
    try:
        inspections.put_survey(inspection=inspection, part=part, survey=content, place=place, by=request.user)
    except UserError as error:
        form.refuse(error)
        return _show_form(request, inspection, form, _("Surveys and focus groups"))
    return lead_on_after(
        request,
        _("Survey saved") if part == "surveys" else _("Focus group saved"),
        "surveys",
        inspection.pk,
    )


def _show_form(request: HttpRequest, inspection: Inspection, form: RoomForm, heading: str) -> HttpResponse:
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "form": form,
            "heading": heading,
            "button": _("Save"),
        },
    )


@require_permission("survey.edit")
def edit_needs(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Import what offenders needed work on, and what progress they made."""
    form = forms.NeedsForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        title = _("Importing what people in %(area)s needed work on") % {"area": inspection.area}
        try:
            return background.start(
                request,
                fieldwork_jobs.import_needs,
                title,
                inspection=inspection,
                file=form.cleaned_data["file"],
            )
        except UserError as error:
            form.refuse(error)
    form = background.take_back(request, form, fieldwork_jobs.import_needs)
    known = ", ".join(sorted(shelf.read_house(inspection).issues))
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "form": form,
            "heading": _("Import what %(people)s needed work on")
            % {"people": inspection.framework.subject.people},
            "hint": _(
                "Needs that can be recorded: %(known)s. Progress is improved, unchanged or deteriorated. Earlier "
                "files are kept."
            )
            % {"known": known},
            "button": _("Import the file"),
            "files": True,
        },
    )


@require_permission("survey.edit")
def import_surveys(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Import surveys from a table."""
    form = forms.SurveyTableForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        title = _("Importing surveys of %(area)s") % {"area": inspection.area}
        try:
            return background.start(
                request,
                fieldwork_jobs.import_surveys,
                title,
                inspection=inspection,
                file=form.cleaned_data["file"],
            )
        except UserError as error:
            form.refuse(error)
    form = background.take_back(request, form, fieldwork_jobs.import_surveys)
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "inspections",
            "inspection": inspection,
            "form": form,
            "heading": _("Import surveys from a table"),
            "hint": _(
                "Details of a whole survey (who was asked, its kind, how many were sent and returned) are needed only "
                "in its first row. A survey that was entered here under the same name is replaced. Other surveys stay as they are."
            ),
            "button": _("Import surveys"),
            "files": True,
        },
    )
