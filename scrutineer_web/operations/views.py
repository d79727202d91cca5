"""Health and metrics for machines; retention and requests of data subjects for people."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_tasks_db.models import DBTaskResult

from scrutineer_web.actions.operations import retention, subjects
from scrutineer_web.kit.downloads import send_download
from scrutineer_web.kit.jobs import lead_on, send_file
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import open_to_public, require_permission, require_sign_in, try_and_lead_on
from scrutineer_web.operations import forms
from scrutineer_web.queries.operations.jobs import read_faults
from scrutineer_web.queries.operations.retention import list_due
from scrutineer_web.queries.operations.subjects import find_cases, write_json
from scrutineer_web.records.case import Case
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.job import Job
from scrutineer_web.running import health


@open_to_public
def show_health(request: HttpRequest) -> HttpResponse:
    """Whether the room can do its work: 200 where every part can, 503 where one cannot."""
    del request
    parts = health.collect_parts()
    well = all(state == "ok" for state in parts.values())
    response = JsonResponse(
        {"status": "ok" if well else "not well", "parts": parts}, status=200 if well else 503
    )
    response["Cache-Control"] = "no-store"
    return response


@require_sign_in
def show_job(request: SignedInRequest, job: int) -> HttpResponse:
    """How far a piece of work is that the person asked for; when it is done, on to what it leads to."""
    asked = get_object_or_404(Job.objects.defer("content", "file", "result"), pk=job, asked_by=request.user)
    if asked.state == "done" and not asked.file_name:
        return lead_on(request, asked)
    if asked.state == "failed" and asked.kind in SHOWN_AGAIN and asked.back:
        return redirect(f"{asked.back}?job={asked.pk}")
    ahead = DBTaskResult.objects.filter(status="READY", enqueued_at__lt=asked.asked_at).count()
    faults = [str(fault) for fault in read_faults(asked)]
    context = {
        "section": "inspections",
        "job": asked,
        "faults": faults or [asked.progress_note],
        "ahead": ahead,
    }
    return render(request, "operations/job.html", context)


SHOWN_AGAIN = {"caseload", "sample", "folder", "outcomes", "needs"}
"""Work whose form is shown again where it is refused, with what was refused and what was typed."""


@require_sign_in
def send_job_file(request: SignedInRequest, job: int) -> HttpResponse:
    """What was made, for the person who asked for it."""
    asked = get_object_or_404(Job, pk=job, asked_by=request.user, state="done", file__isnull=False)
    return send_file(asked)


@open_to_public
def show_metrics(request: HttpRequest) -> HttpResponse:
    """The room's numbers, for anyone who knows the word that is set."""
    secret = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS or not hmac.compare_digest(secret.encode(), settings.METRICS.encode()):
        raise Http404
    from scrutineer_web.kit.metrics import write_metrics

    return HttpResponse(write_metrics(), content_type="text/plain; version=0.0.4; charset=utf-8")


@require_permission("retention.see")
def list_retention(request: SignedInRequest) -> HttpResponse:
    """Every inspection with settled scores: what is due, and what was done."""
    context = {"section": "retention", "rows": list_due(), "today": timezone.localdate()}
    return render(request, "operations/retention.html", context)


@require_permission("retention.do")
@require_POST
def pseudonymise(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Pseudonymise an inspection's cases."""
    return try_and_lead_on(
        request,
        lambda: retention.pseudonymise(inspection=inspection, by=request.user),
        _("Cases of %(area)s pseudonymised") % {"area": inspection.area},
        "retention",
    )


@require_permission("retention.do")
@require_POST
def purge(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Purge what assessors wrote in their own words."""
    return try_and_lead_on(
        request,
        lambda: retention.purge(inspection=inspection, by=request.user),
        _("What was written about the cases of %(area)s was purged") % {"area": inspection.area},
        "retention",
    )


@require_permission("subject.export")
def answer_subject_request(request: SignedInRequest) -> HttpResponse:
    """Everything that is held about one person's case; downloading it is recorded."""
    form = forms.SubjectForm(request.POST or None)
    cases: list[Case] = []
    if request.method == "POST" and form.is_valid():
        cases = find_cases(reference=form.cleaned_data["reference"], by=request.user)
        if not cases:
            form.add_error("reference", _("No case has this reference. Check how the area writes it"))
        elif request.POST.get("take"):
            return _send_file(write_json(subjects.export(cases=cases, by=request.user)), "data-subject.json")
    context = {"section": "retention", "form": form, "cases": cases}
    return render(request, "operations/subject.html", context)


@require_sign_in
@require_POST
def export_own_data(request: SignedInRequest) -> HttpResponse:
    """Everything that is held about the person who asks, as somebody with an account."""
    return _send_file(write_json(subjects.own(by=request.user)), "account.json")


def _send_file(content: bytes, name: str) -> HttpResponse:
    return send_download(HttpResponse(content, content_type="application/json"), name)
