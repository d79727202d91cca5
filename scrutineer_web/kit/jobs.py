"""From a screen into the background and back: one way for everything that takes longer than a request may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from scrutineer_web.actions.operations import jobs
from scrutineer_web.kit.downloads import send_download
from scrutineer_web.kit.forms import RoomForm
from scrutineer_web.kit.numbers import read_whole
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.queries.operations.jobs import read_faults
from scrutineer_web.queries.operations.work import Work
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.job import Job

AnyForm = TypeVar("AnyForm", bound=RoomForm)


def start(
    request: SignedInRequest,
    work: Work,
    title: str,
    *,
    inspection: Inspection | None = None,
    options: Mapping[str, Any] | None = None,
    file: UploadedFile[Any] | None = None,
) -> HttpResponse:
    """Ask for work and lead to the page that shows how far it is; where there is no background, do it here and now.

    Args:
        request: of the person who asks.
        work: which.
        title: what it is called: "Importing the caseload".
        inspection: which it is about.
        options: what the work needs to know.
        file: that was sent with it.

    Raises:
        UserError: too much is waiting already; or, where it is done here, what was refused.
    """
    upload = (file.name or "", file.read()) if file is not None else None
    job = jobs.ask(
        work=work,
        title=title,
        by=request.user,
        inspection=inspection,
        options=options,
        upload=upload,
        back=request.get_full_path() if request.method == "GET" else request.path,
    )
    if not settings.JOBS_IN_BACKGROUND:
        jobs.perform(job=job)
        job.refresh_from_db()
        return lead_on(request, job)
    return redirect("job", job.pk)


def find_refused(request: SignedInRequest, work: Work) -> Job | None:
    """The work that was refused and whose page is shown again: `?job=` names it. None where there is none."""
    number = read_whole(request.GET.get("job"))
    if request.method != "GET" or not number:
        return None
    # Only their own: its options hold what the person typed.
    return Job.objects.filter(pk=number, kind=work.name, asked_by=request.user, state="failed").first()


def take_back(request: SignedInRequest, form: AnyForm, work: Work) -> AnyForm:
    """Show on a form what was refused in the background, with what was typed into it."""
    job = find_refused(request, work)
    if job is not None:
        form.take_back(read_faults(job), QueryDict(job.options.get("form", "")))
    return form


def lead_on(request: HttpRequest, job: Job) -> HttpResponse:
    """What follows when work is done: its file, or the page that it leads to with what is said there."""
    if job.file_name:
        return send_file(job)
    if job.message:
        messages.success(request, job.message)
    return redirect(job.to or job.back or "my_work")


def send_file(job: Job) -> HttpResponse:
    """The file that was made."""
    response = HttpResponse(bytes(job.file or b""), content_type="application/zip")
    return send_download(response, job.file_name)
