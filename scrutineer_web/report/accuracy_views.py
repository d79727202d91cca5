"""The factual accuracy check: sending the draft, commenting on it, deciding, correcting."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db.models import Manager, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scrutineer.errors import Fault, UserError
from scrutineer.report.formats import is_for_area
from scrutineer_web.actions.report import accuracy, corrections
from scrutineer_web.kit.date_fields import suggest_nearest
from scrutineer_web.kit.forms import write_sentence
from scrutineer_web.kit.made_files import send_made_file
from scrutineer_web.kit.page_context import make_person
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import accept_form, lead_on_after, require_permission, try_and_lead_on
from scrutineer_web.queries.report.accuracy import list_undecided, propose_deadline
from scrutineer_web.records.accuracy import AccuracyCheck, AccuracyComment, Correction
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.report import accuracy_forms as forms


def _make_context(inspection: Inspection, **more: Any) -> dict[str, Any]:
    return {"section": "inspections", "inspection": inspection, "inspection_frame": "inspection.html", **more}


def _describe_frame(request: HttpRequest, inspection: Inspection) -> dict[str, str]:
    """The area's liaison sees the draft, and not the inspection around it."""
    inside = make_person(request).can("inspection.see", inspection)
    return {"inspection_frame": "inspection.html" if inside else "base.html"}


def _list_comments(
    comments_of: QuerySet[AccuracyComment] | Manager[AccuracyComment],
) -> list[AccuracyComment]:
    return list(
        comments_of.select_related("written_by", "decided_by", "check_of")
        .prefetch_related("uploads", "corrections__assessment__case", "corrections__answered_by")
        .order_by("id")
    )


@require_permission("draft.see")
def show_accuracy(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Every check of the inspection, every comment, and what came of it."""
    if not inspection.checks.exists() and not make_person(request).can("report.see", inspection):
        raise Http404
    every = AccuracyComment.objects.filter(check_of__inspection=inspection)
    context = _make_context(
        inspection,
        checks=inspection.checks.select_related("issue", "sent_by", "ended_by").defer("issue__passages"),
        comments=_list_comments(every),
        open=[write_sentence(f) for f in list_undecided(inspection)],
        may_send=inspection.state in ("signed_off", "final"),
        today=timezone.localdate(),
    )
    return render(request, "report/accuracy.html", {**context, **_describe_frame(request, inspection)})


@require_permission("draft.send")
def send(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Send a draft to the area."""
    due = propose_deadline(inspection, timezone.localdate())
    form = forms.SendForm(request.POST or None, inspection=inspection, due=due)
    check_sent = accept_form(
        request,
        form,
        lambda cleaned: accuracy.send(
            inspection=inspection,
            issue=Issue.objects.get(pk=cleaned["issue"]),
            due=cleaned["due"],
            by=request.user,
        ),
    )
    if check_sent is not None:
        return lead_on_after(request, _("Draft sent to the area"), "check", check_sent.pk)
    return render(
        request,
        "kit/page_form.html",
        _make_context(
            inspection,
            form=form,
            heading=_("Send a draft to the area"),
            button=_("Send the draft to the area"),
            hint=_("The area's liaison reads it here, and comments on its paragraphs and figures."),
        ),
    )


@require_permission("draft.see")
def check(request: SignedInRequest, check_of: AccuracyCheck) -> HttpResponse:
    """The draft, paragraph by paragraph, with what the area says of each."""
    inspection = check_of.inspection
    by_place: dict[str, list[AccuracyComment]] = {}
    for comment in _list_comments(check_of.comments):
        by_place.setdefault(comment.place, []).append(comment)
    parts: list[dict[str, Any]] = []
    for passage in check_of.issue.passages:
        if not parts or parts[-1]["title"] != passage["part"]:
            parts.append({"title": passage["part"], "passages": [], "comments": 0})
        comments_there = by_place.get(passage["place"], [])
        parts[-1]["passages"].append({**passage, "comments": comments_there})
        parts[-1]["comments"] += len(comments_there)
    context = _make_context(
        inspection,
        check=check_of,
        parts=parts,
        may_comment=_open(request, check_of),
        today=timezone.localdate(),
        files=[f for f in check_of.issue.files.all() if is_for_area(f.path)],
    )
    return render(request, "report/check.html", {**context, **_describe_frame(request, inspection)})


def _open(request: HttpRequest, check_of: AccuracyCheck) -> bool:
    return check_of.ended_at is None and make_person(request).can("draft.comment", check_of.inspection)


@require_permission("draft.see")
def check_file(request: SignedInRequest, check_of: AccuracyCheck, place: str) -> HttpResponse:
    """The draft itself, as it was sent."""
    del request
    if not is_for_area(place):
        raise Http404
    return send_made_file(check_of.issue, place)


@require_permission("draft.comment")
def add_comment(request: SignedInRequest, check_of: AccuracyCheck, place: str) -> HttpResponse:
    """Say something of one paragraph or figure."""
    passage = next((p for p in check_of.issue.passages if p["place"] == place), None)
    if passage is None:
        raise Http404
    figures = [(key, text) for key, text in passage["figures"]]
    form = forms.CommentForm(request.POST or None, request.FILES or None, figures=figures)
    if accept_form(
        request,
        form,
        lambda cleaned: accuracy.comment(
            check_of=check_of,
            place=place,
            text=cleaned["text"],
            quote=passage["text"],
            figure=cleaned["figure"],
            files=[(f.name, f.read()) for f in cleaned["files"]],
            by=request.user,
        ),
    ):
        return lead_on_after(request, _("Comment sent to the inspectorate"), "check", check_of.pk)
    return render(
        request,
        "report/comment.html",
        _make_context(
            check_of.inspection,
            form=form,
            passage=passage,
            check=check_of,
            **_describe_frame(request, check_of.inspection),
        ),
    )


@require_permission("draft.see")
@require_POST
def finish_check(request: SignedInRequest, check_of: AccuracyCheck) -> HttpResponse:
    """Say that the area has no more comments, or that its time for them is over."""
    return try_and_lead_on(
        request,
        lambda: accuracy.finish(check_of=check_of, by=request.user),
        _("Comments closed"),
        "check",
        check_of.pk,
    )


@require_permission("draft.decide")
def decide(request: SignedInRequest, comment_on: AccuracyComment) -> HttpResponse:
    """Accept a comment, in part, or not."""
    inspection = comment_on.check_of.inspection
    initial = {"decision": comment_on.decision, "reason": comment_on.reason}
    form = forms.DecideForm(request.POST or None, initial=initial)
    if accept_form(
        request,
        form,
        lambda cleaned: accuracy.decide(
            comment=comment_on, decision=cleaned["decision"], reason=cleaned["reason"], by=request.user
        ),
    ):
        return lead_on_after(request, _("Decision saved"), "accuracy", inspection.pk)
    return render(request, "report/decide.html", _make_context(inspection, form=form, comment=comment_on))


@require_permission("draft.decide")
def reopen(request: SignedInRequest, comment_on: AccuracyComment) -> HttpResponse:
    """Reopen one answer because of an accepted comment."""
    inspection = comment_on.check_of.inspection
    form = forms.OpenForm(request.POST or None, inspection=inspection)
    if accept_form(
        request,
        form,
        lambda cleaned: corrections.reopen(
            comment=comment_on,
            assessment=_find_assessment(inspection, cleaned["case"]),
            question=cleaned["question"],
            reason=cleaned["reason"],
            by=request.user,
        ),
    ):
        return lead_on_after(
            request, _("Answer reopened. Its assessor and you can change it"), "accuracy", inspection.pk
        )
    return render(
        request,
        "report/decide.html",
        _make_context(
            inspection,
            form=form,
            comment=comment_on,
            heading=_("Reopen an answer"),
            button=_("Reopen this answer"),
        ),
    )


def _find_assessment(inspection: Inspection, case: str) -> Assessment:
    first = Assessment.objects.filter(case__inspection=inspection, number=1, retired_at=None)
    assessment = first.filter(case__reference=case.strip()).first()
    if assessment is None:
        known = first.values_list("case__reference", flat=True)
        what = _("there is no case %(case)s in this inspection") % {"case": case.strip()}
        raise UserError(Fault(_("the case"), what, suggest_nearest(case.strip(), known).rstrip(".")))
    return assessment


@require_permission("correction.answer")
def correct(request: SignedInRequest, correction: Correction) -> HttpResponse:
    """Answer a reopened question."""
    inspection = correction.assessment.case.inspection
    who = make_person(request)
    if not (who.can_answer(correction.assessment) or who.can("draft.decide", inspection)):
        raise Http404
    question = correction.assessment.framework_version.framework.questions[correction.question]
    form = forms.AnswerForm(
        request.POST or None, correction=correction, initial={"value": correction.was, "uid": uuid4()}
    )
    if accept_form(
        request,
        form,
        lambda cleaned: corrections.answer(
            correction=correction,
            value=cleaned["value"],
            note=cleaned["note"],
            uid=cleaned["uid"],
            by=request.user,
        ),
    ):
        return lead_on_after(request, _("Answer saved, and scores recalculated"), "correction", correction.pk)
    context = _make_context(
        inspection,
        form=form,
        correction=correction,
        question=question,
        changed=[(c["figure"], c["was"], c["now"]) for c in correction.changed],
    )
    return render(request, "report/correction.html", context)


@require_permission("draft.decide")
@require_POST
def conclude(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """End the factual accuracy check of the inspection."""
    return try_and_lead_on(
        request,
        lambda: accuracy.conclude(inspection=inspection, by=request.user),
        _("Check ended. You can now write the final report"),
        "accuracy",
        inspection.pk,
    )
