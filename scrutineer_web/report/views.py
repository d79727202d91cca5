"""The report: its texts, what must be fixed before it is issued, and its drafts and issues."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scrutineer.errors import Fault, UserError
from scrutineer.report.figures.offered import Offer, list_offers
from scrutineer.report.formats import is_data
from scrutineer.tasks.inspecting import is_unwritten
from scrutineer_web.actions.operations import jobs
from scrutineer_web.actions.operations.jobs import perform_here
from scrutineer_web.actions.report import recommendations, reports, texts
from scrutineer_web.kit import jobs as background
from scrutineer_web.kit.forms import write_sentence
from scrutineer_web.kit.made_files import send_made_file
from scrutineer_web.kit.numbers import read_whole
from scrutineer_web.kit.page_context import make_person
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.text_changes import list_lines
from scrutineer_web.kit.views import (
    accept_form,
    lead_on_after,
    require_permission,
    show_refused,
    try_and_lead_on,
)
from scrutineer_web.queries.operations.jobs import can_be_tried_again, find_latest, read_faults, read_result
from scrutineer_web.queries.report import bound
from scrutineer_web.queries.report.texts import SAVED, TextPlace, hash_text, list_parts
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.job import Job
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.records.text import Text
from scrutineer_web.report import forms
from scrutineer_web.report import jobs as report_jobs
from scrutineer_web.report.jobs import make_look_key, make_proof_key, make_report, refuse_too_much
from scrutineer_web.safeguards.guards import refuse_finished
from scrutineer_web.states.inspection import WRITING


def _make_context(inspection: Inspection, **more: Any) -> dict[str, Any]:
    return {
        "section": "inspections",
        "inspection": inspection,
        "writing": inspection.state in WRITING,
        **more,
    }


@require_permission("report.see")
def show_report(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Every text of the report and how far it is; drafts and issues."""
    standing = {t.path: t for t in inspection.texts.filter(retired_at=None).select_related("saved_by")}
    parts: dict[str, list[tuple[TextPlace, Text | None, str]]] = {}
    for part in list_parts(inspection):
        parts.setdefault(part.of, []).append(
            (part, standing.get(part.path), _describe_state(standing.get(part.path)))
        )
    context = _make_context(
        inspection,
        parts=parts,
        issues=inspection.issues.select_related("asked_by").defer("texts", "figures", "passages", "proof"),
        recommendations=inspection.recommendations.filter(retired_at=None),
        form=forms.DraftForm(),
        codes=list(inspection.framework.criteria),
        cases=inspection.cases.exists(),
    )
    return render(request, "report/overview.html", context)


def _describe_state(text: Text | None) -> str:
    if text is None or is_unwritten(text.content):
        return "unwritten"
    return "drafted" if text.drafted == hash_text(text.content) else "written"


@require_permission("report.write")
@require_POST
def draft(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Draft the findings; what people wrote stays, except in a text that is to be drafted again."""
    again = [request.POST["again"]] if request.POST.get("again") else []
    if again:
        _find_part(inspection, again[0])
    try:
        refuse_finished(inspection)
        title = _("Drafting the report on %(area)s") % {"area": inspection.area}
        return background.start(
            request, report_jobs.draft, title, inspection=inspection, options={"again": again}
        )
    except UserError as error:
        return show_refused(request, error, "report", inspection.pk)


# -- one text ----------------------------------------------------------------------------


def _find_part(inspection: Inspection, place: str) -> TextPlace:
    part = next((p for p in list_parts(inspection) if p.path == place), None)
    if part is None:
        raise Http404
    return part


@require_permission("report.see")
def show_text(request: SignedInRequest, inspection: Inspection, place: str) -> HttpResponse:
    """Write one text, with how it will look, its figures and what is wrong with it next to it."""
    part = _find_part(inspection, place)
    may = make_person(request).can("report.write", inspection) and inspection.state in WRITING
    saved = None
    if request.method == "POST":
        # Where it cannot be saved, the action says why, and the words are still in the browser's field.
        saved = texts.save(
            inspection=inspection,
            path=place,
            content=request.POST.get("content", ""),
            base=read_whole(request.POST.get("base")) or 0,
            by=request.user,
        )
        if not saved.conflict:
            message = (
                _("Text saved, together with what somebody else changed") if saved.merged else _("Text saved")
            )
            return lead_on_after(request, message, "text", inspection.pk, place)
    stored = (
        Text.objects.filter(inspection=inspection, path=place, retired_at=None)
        .select_related("saved_by")
        .first()
    )
    content = stored.content if stored else ""
    mine = request.POST.get("content", "") if saved is not None else ""
    context = _make_context(
        inspection,
        part=part,
        text=stored,
        content=content if saved is None else mine,
        may_write=may,
        look=_preview(request, inspection, place, content),
        conflict=list_lines(content, mine.replace("\r\n", "\n")) if saved is not None else None,
        rev=stored.rev if stored else 0,
        around=_find_around(inspection, place),
        draftable=_is_draftable(place),
    )
    return render(request, "report/text.html", context)


def _is_draftable(place: str) -> bool:
    return "/findings/" in f"/{place}" or place == "narrative/summary.md" or place.endswith("/assessment.md")


def _find_around(inspection: Inspection, place: str) -> tuple[Any, Any]:
    listed = list_parts(inspection)
    n = next(n for n, p in enumerate(listed) if p.path == place)
    return (listed[n - 1] if n else None, listed[n + 1] if n + 1 < len(listed) else None)


def _preview(request: SignedInRequest, inspection: Inspection, place: str, content: str) -> dict[str, Any]:
    """How a text looks, if that is known; otherwise how it looked last, and that the new look is being made."""
    try:
        refuse_too_much(content)
        job = _look_job(request, inspection, place, content)
    except UserError as error:
        return {"html": "", "faults": [write_sentence(f) for f in error.faults], "remarks": []}
    if job.state == "done":
        return read_result(job)
    if job.state == "failed":
        return {"html": "", "faults": [write_sentence(f) for f in read_faults(job)], "remarks": []}
    before = find_latest(kind=report_jobs.preview_in_background.name, inspection=inspection, about=place)
    return {"html": "", "faults": [], "remarks": [], **read_result(before), "waiting": True}


def _look_job(request: SignedInRequest, inspection: Inspection, place: str, content: str) -> Job:
    """The work that makes a look, done, under way or just begun."""
    key = make_look_key(inspection, place, content)
    job = find_latest(
        kind=report_jobs.preview_in_background.name, inspection=inspection, about=place, key=key
    )
    if job is not None and not can_be_tried_again(job):
        return job
    jobs.replace_waiting(
        work=report_jobs.preview_in_background, inspection=inspection, about=place, by=request.user
    )
    job = jobs.ask(
        work=report_jobs.preview_in_background,
        title=_("Preview"),
        by=request.user,
        inspection=inspection,
        about=place,
        key=key,
        upload=("text", content.encode()),
    )
    return perform_here(job=job)


@require_permission("report.write")
@require_POST
def save_text(request: SignedInRequest, inspection: Inspection, place: str) -> HttpResponse:
    """Save what is being written; how it looks is made meanwhile, and asked for by `preview_text`."""
    _find_part(inspection, place)
    saved = texts.save(
        inspection=inspection,
        path=place,
        content=request.POST.get("content", ""),
        base=read_whole(request.POST.get("base")) or 0,
        by=request.user,
    )
    return JsonResponse(
        {
            "rev": saved.rev,
            "content": saved.content,
            "merged": saved.merged,
            "conflict": saved.conflict,
            **_preview(request, inspection, place, saved.content),
        }
    )


@require_permission("report.write")
@require_POST
def preview_text(request: SignedInRequest, inspection: Inspection, place: str) -> HttpResponse:
    """How a text would look that is not saved; `waiting` where it is still being made: then it is asked again."""
    _find_part(inspection, place)
    return JsonResponse(_preview(request, inspection, place, request.POST.get("content", "")))


@require_permission("report.write")
@require_POST
def refresh_text(request: SignedInRequest, inspection: Inspection, place: str) -> HttpResponse:
    """Say that every figure of a text was read with today's data."""
    try:
        saved = texts.refresh(
            inspection=inspection, path=place, base=read_whole(request.POST.get("base")) or 0, by=request.user
        )
        if saved.conflict:
            raise UserError(
                Fault(place, _("somebody else changed it in the meantime"), _("Read the saved text again"))
            )
    except UserError as error:
        return show_refused(request, error, "text", inspection.pk, place)
    return lead_on_after(request, _("You have confirmed the figures"), "text", inspection.pk, place)


@require_permission("report.see")
def show_history(request: SignedInRequest, inspection: Inspection, place: str) -> HttpResponse:
    """Every version of a text, and what changed between two."""
    part = _find_part(inspection, place)
    events = Event.objects.filter(inspection=inspection, kind__in=SAVED, details__path=place).order_by("-id")
    versions = [
        {
            "rev": e.details["rev"],
            "at": e.happened_at,
            "by": e.actor,
            "drafted": e.kind == "text.drafted",
            "content": e.details["content"],
        }
        for e in events[:200]
    ]
    first = events.last()
    if first is not None and "was" in first.details:
        came = {
            "rev": first.details["rev"] - 1,
            "at": first.happened_at,
            "by": _("as imported"),
            "drafted": False,
        }
        versions.append({**came, "content": first.details["was"]})
    known = {v["rev"]: v["content"] for v in versions}
    new = read_whole(request.GET.get("new")) or (versions[0]["rev"] if versions else 0)
    old = read_whole(request.GET.get("old"))
    old = new - 1 if old is None else old
    context = _make_context(
        inspection,
        part=part,
        versions=versions,
        old=old,
        new=new,
        changes=list_lines(known.get(old, ""), known.get(new, "")),
        aside=Event.objects.filter(
            inspection=inspection, kind="text.set_aside", details__path=place
        ).order_by("-id")[:50],
    )
    return render(request, "report/history.html", context)


@require_permission("report.see")
def list_figures(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """The figures that a text may bind, as JSON: those whose titles contain every word."""
    words = request.GET.get("q", "").lower().split()
    known = bound.bind_inspection(inspection)
    own = bound.find_figures(known, request.GET.get("element", ""))
    offers = [o for o in list_offers(own) if _is_fitting(o, words)][:30]
    return JsonResponse({"figures": [{"code": o.code, "text": o.text, "title": o.title} for o in offers]})


def _is_fitting(offer: Offer, words: list[str]) -> bool:
    text = f"{offer.title} {offer.code} {offer.text}".lower()
    return all(word in text for word in words)


@require_permission("report.write")
def add_practice(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Begin a good practice example on a criterion."""
    code = request.POST.get("code", "")
    if request.method != "POST" or code not in inspection.framework.criteria:
        return redirect("report", inspection.pk)
    taken = set(inspection.texts.filter(path__startswith=f"practice/{code}-").values_list("path", flat=True))
    number = next((n for n in range(1, 100) if f"practice/{code}-{n}.md" not in taken), None)
    if number is None:
        raise UserError(Fault(code, _("it already has 99 examples"), _("Change one of the examples instead")))
    place = f"practice/{code}-{number}.md"
    try:
        texts.save(
            inspection=inspection, path=place, content="# [to be written: a title]\n", base=0, by=request.user
        )
    except UserError as error:
        return show_refused(request, error, "report", inspection.pk)
    return redirect("text", inspection.pk, place)


@require_permission("report.write")
@require_POST
def retire_text(request: SignedInRequest, inspection: Inspection, place: str) -> HttpResponse:
    """Remove a good practice example."""
    return try_and_lead_on(
        request,
        lambda: texts.retire(inspection=inspection, path=place, by=request.user),
        _("Example removed. It stays in the records"),
        "report",
        inspection.pk,
    )


# -- recommendations ---------------------------------------------------------------------


@require_permission("report.see")
def list_recommendations(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """The recommendations in their order."""
    form = forms.AddressForm(request.POST or None, initial={"to": inspection.recommended_to})
    if request.method == "POST" and make_person(request).can("report.write", inspection) and form.is_valid():
        return try_and_lead_on(
            request,
            lambda: recommendations.address(
                inspection=inspection, to=form.cleaned_data["to"], by=request.user
            ),
            _("Saved"),
            "recommendations",
            inspection.pk,
        )
    listed = inspection.recommendations.filter(retired_at=None)
    context = _make_context(inspection, recommendations=listed, form=form)
    return render(request, "report/recommendations.html", context)


@require_permission("report.write")
def add_recommendation(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Write a recommendation."""
    return _save_recommendation(request, inspection, None)


@require_permission("report.write")
def edit_recommendation(request: SignedInRequest, recommendation: Recommendation) -> HttpResponse:
    """Change a recommendation."""
    return _save_recommendation(request, recommendation.inspection, recommendation)


def _save_recommendation(
    request: SignedInRequest, inspection: Inspection, recommendation: Recommendation | None
) -> HttpResponse:
    form = forms.RecommendationForm(request.POST or None, framework=inspection.framework, row=recommendation)
    if accept_form(
        request,
        form,
        lambda cleaned: recommendations.put(
            inspection=inspection,
            text=cleaned["text"],
            criteria=cleaned["criteria"],
            recommendation=recommendation,
            progress=cleaned.get("progress", ""),
            base=cleaned["base"],
            by=request.user,
        ),
    ):
        return lead_on_after(request, _("Recommendation saved"), "recommendations", inspection.pk)
    return render(
        request,
        "kit/page_form.html",
        _make_context(
            inspection,
            form=form,
            heading=_("Change the recommendation") if recommendation else _("Add a recommendation"),
            button=_("Save the recommendation"),
        ),
    )


@require_permission("report.write")
@require_POST
def move_recommendation(request: SignedInRequest, recommendation: Recommendation) -> HttpResponse:
    """Move a recommendation up or down, or remove it."""
    what = request.POST.get("to", "")
    if what == "out":
        return try_and_lead_on(
            request,
            lambda: recommendations.retire(recommendation=recommendation, by=request.user),
            _("Recommendation removed. It stays in the records"),
            "recommendations",
            recommendation.inspection_id,
        )
    return try_and_lead_on(
        request,
        lambda: recommendations.move(recommendation=recommendation, up=what == "up", by=request.user),
        _("Order changed"),
        "recommendations",
        recommendation.inspection_id,
    )


# -- what is made of it --------------------------------------------------------------------


@require_permission("report.see")
def show_proof(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Everything that must be fixed before the report is issued, once it is proved."""
    key = make_proof_key(inspection)
    job = find_latest(kind=report_jobs.prove_in_background.name, inspection=inspection, key=key)
    if job is None or (job.state == "failed" and request.GET.get("again")):
        title = _("Proof of the report on %(area)s") % {"area": inspection.area}
        job = perform_here(
            job=jobs.ask(
                work=report_jobs.prove_in_background,
                title=title,
                by=request.user,
                inspection=inspection,
                key=key,
            )
        )
    if job.state in ("waiting", "doing"):
        return render(request, "report/proof.html", _make_context(inspection, job=job))
    if job.state == "failed":
        faults = [write_sentence(f) for f in read_faults(job)]
        return render(request, "report/proof.html", _make_context(inspection, faults=faults, failed=True))
    proof = read_result(job)
    if "faults" in proof:
        return render(request, "report/proof.html", _make_context(inspection, faults=proof["faults"]))
    known = {p.path for p in list_parts(inspection)}
    context = _make_context(
        inspection,
        proof=proof,
        open=proof["open"],
        findings=proof["findings"],
        remarks=[(place, place in known, title, notes) for place, title, notes in proof["remarks"]],
    )
    return render(request, "report/proof.html", context)


@require_permission("report.write")
@require_POST
def make_draft(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Make a draft in some formats."""
    formats = request.POST.getlist("formats")
    try:
        issue = reports.ask(inspection=inspection, kind="draft", formats=formats, by=request.user)
    except UserError as error:
        return show_refused(request, error, "report", inspection.pk)
    make_report.enqueue(issue.pk)
    return redirect("issue", issue.pk)


@require_permission("report.issue")
@require_POST
def make_issue(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Issue the report, once it is proved and nothing must be fixed."""
    title = _("Issuing the report on %(area)s") % {"area": inspection.area}
    try:
        return background.start(request, report_jobs.ask_issue, title, inspection=inspection)
    except UserError as error:
        return show_refused(request, error, "report_proof", inspection.pk)


@require_permission("report.see")
def show_issue(request: SignedInRequest, issue: Issue) -> HttpResponse:
    """A report as it is being made, and its files when it is."""
    files = issue.files.select_related("blob").defer("blob__content")
    shown = [f for f in files if not is_data(f.path)]
    context = _make_context(
        issue.inspection, issue=issue, files=shown, data=[f for f in files if is_data(f.path)]
    )
    return render(request, "report/issue.html", context)


@require_permission("report.see")
def send_issue_file(request: SignedInRequest, issue: Issue, place: str) -> HttpResponse:
    """One file of a made report."""
    del request
    return send_made_file(issue, place)


@require_permission("report.see")
def compare(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """What changed between two made reports: words and figures."""
    ready = list(inspection.issues.filter(state="ready").order_by("id").defer("passages", "proof"))
    by_number = {i.pk: i for i in ready}
    new = by_number.get(read_whole(request.GET.get("new")) or 0) or (ready[-1] if ready else None)
    old = by_number.get(read_whole(request.GET.get("old")) or 0) or (ready[-2] if len(ready) > 1 else None)
    context = _make_context(inspection, ready=ready, old=old, new=new)
    if old is not None and new is not None:
        paths = sorted({*old.texts, *new.texts})
        context["texts"] = [
            (path, list_lines(old.texts.get(path, ""), new.texts.get(path, "")))
            for path in paths
            if old.texts.get(path, "") != new.texts.get(path, "")
        ]
        context["figures"] = [
            (key, old.figures.get(key), new.figures.get(key))
            for key in dict.fromkeys([*old.figures, *new.figures])
            if old.figures.get(key) != new.figures.get(key)
        ]
    return render(request, "report/compare.html", context)
