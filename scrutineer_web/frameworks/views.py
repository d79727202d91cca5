"""The frameworks: versions, what changed between two, and open inspections taken from one to another."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scrutineer.errors import UserError
from scrutineer.frameworks.model import Criterion, Framework, Question
from scrutineer.frameworks.version_changes import compare
from scrutineer.report.pages.framework_words import describe_question, list_marks, list_parts
from scrutineer_web.actions.frameworks import frameworks
from scrutineer_web.kit.common_forms import UploadForm
from scrutineer_web.kit.numbers import read_whole
from scrutineer_web.kit.page_context import make_person
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import lead_on_after, require_permission
from scrutineer_web.queries.frameworks import migration
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection


@require_permission("framework.see")
def list_frameworks(request: SignedInRequest) -> HttpResponse:
    """Every version of every framework."""
    versions = FrameworkVersion.objects.prefetch_related("inspections")
    by_id: dict[str, list[FrameworkVersion]] = {}
    for version in versions:
        by_id.setdefault(version.framework_id, []).append(version)
    return render(request, "frameworks/frameworks.html", {"section": "frameworks", "frameworks": by_id})


@require_permission("framework.see")
def show_framework(request: SignedInRequest, version: int) -> HttpResponse:
    """One version: sections, criteria, questions and rules."""
    shown = get_object_or_404(FrameworkVersion.objects.select_related("text"), pk=version)
    others = FrameworkVersion.objects.filter(kind=shown.kind).exclude(pk=shown.pk)
    return render(
        request,
        "frameworks/framework.html",
        {
            "section": "frameworks",
            "version": shown,
            "sections": [
                (section, [(c, _list_questions(shown.framework, c)) for c in section.criteria])
                for section in shown.framework.sections
            ],
            "parts": list(list_parts(shown.framework)),
            "others": others,
            "open_inspections": _list_open_inspections(request, shown),
        },
    )


def _list_questions(
    framework: Framework, criterion: Criterion
) -> list[tuple[Question, list[str], list[str]]]:
    """Each question with what sets it apart and what else there is to know of it."""
    return [
        (question, list_marks(framework, question), list(describe_question(framework, question)))
        for question in criterion.questions
    ]


def _list_open_inspections(request: HttpRequest, version: FrameworkVersion) -> list[Inspection]:
    who = make_person(request)
    open_inspections = Inspection.objects.filter(
        framework_version__framework_id=version.framework_id, retired_at=None
    ).exclude(state="signed_off")
    return [i for i in open_inspections if who.can("inspection.see", i)]


@require_permission("framework.see")
def show_diff(request: SignedInRequest) -> HttpResponse:
    """Two versions, change by change."""
    old, new = (
        get_object_or_404(FrameworkVersion, pk=read_whole(request.GET.get(name)) or 0)
        for name in ("old", "new")
    )
    return render(
        request,
        "frameworks/diff.html",
        {"section": "frameworks", "old": old, "new": new, "changes": compare(old.framework, new.framework)},
    )


@require_permission("framework.add")
def add(request: SignedInRequest) -> HttpResponse:
    """Add a version from its file."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            version = frameworks.add(name=file.name, content=file.read(), by=request.user)
        except UserError as error:
            form.refuse(error)
        else:
            return lead_on_after(
                request, _("%(version)s added") % {"version": version}, "framework", version.pk
            )
    return render(
        request,
        "kit/page_form.html",
        {
            "section": "frameworks",
            "form": form,
            "heading": _("Add a framework"),
            "button": _("Add the framework"),
            "files": True,
            "hint": _(
                "Choose a framework.yaml file, or a framework's workbook (.xlsx). It is checked before it is added. To change a "
                "framework later, add a new version."
            ),
        },
    )


@require_permission("framework.migrate")
def migrate(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Move an open inspection to another version: first what would change, then for good."""
    own = inspection.framework_version
    others = FrameworkVersion.objects.filter(framework_id=own.framework_id).exclude(pk=own.pk)
    to = others.filter(pk=read_whole((request.POST or request.GET).get("to")) or 0).first()
    context = {"section": "frameworks", "inspection": inspection, "own": own, "others": others, "to": to}
    if to is None:
        return render(request, "frameworks/migrate.html", context)
    try:
        if request.method == "POST":
            plan = frameworks.migrate(inspection=inspection, to=to, by=request.user)
            return lead_on_after(
                request,
                ngettext(
                    "%(count)s assessment now uses %(to)s; %(untouched)s signed-off ones keep their version",
                    "%(count)s assessments now use %(to)s; %(untouched)s signed-off ones keep their version",
                    len(plan.effects),
                )
                % {"count": len(plan.effects), "to": to, "untouched": plan.untouched},
                "migrate",
                inspection.pk,
            )
        context["plan"] = migration.plan_migration(inspection, to)
    except UserError as error:
        context["faults"] = error.faults
    return render(request, "frameworks/migrate.html", context)
