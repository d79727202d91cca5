"""Approving and publishing a report, and the pages that the public sees."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from scrutineer.report.formats import is_data, is_read, name_web_page
from scrutineer_web.actions.publication import publication
from scrutineer_web.kit.forms import write_sentence
from scrutineer_web.kit.made_files import PAGE, send_made_file
from scrutineer_web.kit.signed_in import SignedInRequest
from scrutineer_web.kit.views import (
    accept_form,
    lead_on_after,
    open_to_public,
    require_permission,
    try_and_lead_on,
)
from scrutineer_web.publication import forms
from scrutineer_web.queries.publication import published
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.safeguards import four_eyes


@require_permission("report.see")
def show_publication(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Where the report is between its issue and the public."""
    return _show_publication(request, inspection)


def _show_publication(
    request: SignedInRequest, inspection: Inspection, form: forms.EmbargoForm | None = None
) -> HttpResponse:
    kinds = {
        name: inspection.issues.filter(kind=name)
        .select_related("asked_by", "approved_by", "published_by")
        .defer("passages", "texts", "figures", "proof")
        for name in ("issue", "issue_elsewhere")
    }
    newest, now = published.find_latest_issue(inspection), timezone.now()
    late = [i for i in kinds["issue"] if i.published_at and i.published_at > now]
    rule = {"final": four_eyes.find_against_approval, "approved": four_eyes.find_against_publication}.get(
        inspection.state
    )
    against = rule(newest, request.user) if rule and newest else []
    first = late[-1] if late else None
    until = first.published_at if first else None
    form = form or forms.EmbargoForm(initial={"until": forms.format_typed(until) if until else ""})
    context = {
        "section": "inspections",
        "inspection": inspection,
        "issues": kinds["issue"],
        "elsewhere": kinds["issue_elsewhere"],
        "latest": newest,
        "now": now,
        "late": late,
        "form": form,
        "public": published.is_public(inspection),
        "against": [write_sentence(f) for f in against],
        "against_late": [write_sentence(f) for f in four_eyes.find_against_publication(first, request.user)]
        if first
        else [],
    }
    return render(request, "publication/overview.html", context)


@require_permission("report.approve")
@require_POST
def approve(request: SignedInRequest, issue: Issue) -> HttpResponse:
    """Approve an issue."""
    return try_and_lead_on(
        request,
        lambda: publication.approve(issue=issue, by=request.user),
        _("Report approved"),
        "publication",
        issue.inspection_id,
    )


@require_permission("report.approve")
@require_POST
def withdraw(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Withdraw an approval."""
    return try_and_lead_on(
        request,
        lambda: publication.withdraw(
            inspection=inspection, reason=request.POST.get("reason", ""), by=request.user
        ),
        _("Approval withdrawn"),
        "publication",
        inspection.pk,
    )


@require_permission("report.publish")
def publish(request: SignedInRequest, issue: Issue) -> HttpResponse:
    """Publish an approved issue, at once or after an embargo."""
    return _show_timed(
        request,
        issue,
        lambda cleaned: publication.publish(
            issue=issue, embargo_until=cleaned["until"], sure=cleaned["sure"], by=request.user
        ),
    )


@require_permission("report.publish")
def edit_embargo(request: SignedInRequest, issue: Issue) -> HttpResponse:
    """Change the embargo of a published issue that the public doesn't see yet, or lift it."""
    return _show_timed(
        request,
        issue,
        lambda cleaned: publication.change_embargo(
            issue=issue, embargo_until=cleaned["until"], sure=cleaned["sure"], by=request.user
        ),
    )


def _show_timed(
    request: SignedInRequest, issue: Issue, work: Callable[[dict[str, Any]], Any]
) -> HttpResponse:
    """Set from when the public sees an issue; what was typed stays where it is refused."""
    if request.method != "POST":
        return redirect("publication", issue.inspection_id)  # of an address that was opened again
    form, form_and_moment = forms.EmbargoForm(request.POST), list[datetime | None]()

    def try_moment(cleaned: dict[str, Any]) -> Any:
        form_and_moment.append(cleaned["until"])
        return work(cleaned)

    if accept_form(request, form, try_moment) is None:
        if any(until is not None and until > timezone.now() + publication.FAR for until in form_and_moment):
            form.ask()
        return _show_publication(request, issue.inspection, form)
    at = Issue.objects.get(pk=issue.pk).published_at
    message = _("%(issue)s published") % {"issue": issue}
    if at is not None and at > timezone.now():
        message = _("%(issue)s will be published on %(at)s") % {
            "issue": issue,
            "at": published.format_moment(at),
        }
    return lead_on_after(request, message, "publication", issue.inspection_id)


@require_permission("report.correct")
@require_POST
def correct(request: SignedInRequest, inspection: Inspection) -> HttpResponse:
    """Begin a correction of a published report."""
    return try_and_lead_on(
        request,
        lambda: publication.correct(
            inspection=inspection, notice=request.POST.get("notice", ""), by=request.user
        ),
        _("Correction started. The published version stays available until you publish the corrected one"),
        "publication",
        inspection.pk,
    )


# -- the public ----------------------------------------------------------------------------


def _select_published() -> QuerySet[Issue]:
    """Every version that the public may see now, newest first."""
    return (
        published.list_public()
        .select_related("inspection__framework_version")
        .defer(
            "texts",
            "figures",
            "proof",
            *(f"inspection__{name}" for name in ("profile", "dates", "surveys", "sample", "scores")),
        )
        .order_by("-published_at", "-number", "-id")
    )


def _list_newest() -> list[Issue]:
    """The newest version of every published report."""
    newest: dict[int, Issue] = {}
    for issue in _select_published():
        there = newest.setdefault(issue.inspection_id, issue)
        if issue.number > there.number:
            newest[issue.inspection_id] = issue
    return list(newest.values())


@open_to_public
def list_reports(request: HttpRequest) -> HttpResponse:
    """Every published report, and a search in their areas, titles and words."""
    query = request.GET.get("q", "")[:100]
    words = query.lower().split()
    reports = []
    for issue in _list_newest():
        text = f"{issue.inspection.area} {issue.inspection.framework_version.title} {issue.published_at:%Y}".lower()
        if all(word in text for word in words):
            reports.append((issue, ""))
            continue
        passage = next(
            (p["text"] for p in issue.passages if all(w in f"{text} {p['text'].lower()}" for w in words)),
            None,
        )
        if passage is not None:
            reports.append((issue, passage))
    return render(request, "publication/reports.html", {"section": "reports", "reports": reports, "q": query})


def _list_issues(slug: str) -> list[Issue]:
    issues = sorted(_select_published().filter(inspection__slug=slug), key=lambda i: -i.number)
    if not issues:
        raise Http404
    return issues


@open_to_public
def show_report(request: HttpRequest, slug: str) -> HttpResponse:
    """A published report: its forms, what ties it to its data, and its versions with their notices."""
    versions = _list_issues(slug)
    newest = versions[0]
    files = list(newest.files.select_related("blob").defer("blob__content"))
    context = {
        "section": "reports",
        "inspection": newest.inspection,
        "issue": newest,
        "versions": versions,
        "slug": slug,
        "forms": [f for f in files if is_read(f.path) and f.path != name_web_page()],
        "data": [f for f in files if is_data(f.path)],
        "hashes": _list_hashes(newest),
    }
    return render(request, "publication/report.html", context)


def _list_hashes(issue: Issue) -> dict[str, str]:
    """The hash of every file as the issue's stamp has it."""
    stamp = issue.files.select_related("blob").filter(path="issue.json").first()
    try:
        return (
            {str(k): str(v) for k, v in json.loads(bytes(stamp.blob.content))["files"].items()}
            if stamp
            else {}
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}  # of a folder that somebody else made


@open_to_public
def report_file(request: HttpRequest, slug: str, version: int, place: str) -> HttpResponse:
    """A file of one version, whose address never changes."""
    del request
    issue = next((i for i in _list_issues(slug) if i.number == version), None)
    if issue is None:
        raise Http404
    response = send_made_file(issue, place)
    response["Content-Security-Policy"] = PAGE
    response["Cache-Control"] = "public, max-age=3600"
    return response


if TYPE_CHECKING:
    IssueFeed = Feed[Issue, None]
else:
    IssueFeed = Feed  # which has no brackets at run time


class Published(IssueFeed):
    """Published reports as an Atom feed: each version an entry of its own, with its notice."""

    feed_type = Atom1Feed
    title = gettext_lazy("Published inspection reports")
    subtitle = gettext_lazy("Reports and their corrections, newest first")

    def link(self) -> str:
        """The list."""
        return reverse("reports")

    def items(self) -> list[Issue]:
        """The newest versions."""
        return list(_select_published()[:50])

    def item_title(self, item: Issue) -> str:
        """Area, framework and version."""
        title = published.strip_bindings(f"{item.inspection.area}: {item.inspection.framework_version.title}")
        if item.number > 1:
            title = _("%(title)s, version %(number)s") % {"title": title, "number": item.number}
        return _("%(title)s (synthetic data)") % {"title": title} if item.inspection.synthetic else title

    def item_description(self, item: Issue) -> str:
        """What was corrected, where it is a correction."""
        return (
            published.strip_bindings(_("Correction: %(notice)s") % {"notice": item.notice})
            if item.notice
            else _("A new report.")
        )

    def item_link(self, item: Issue) -> str:
        """The report's page."""
        return reverse("public_report", args=[item.inspection.slug])

    def item_guid(self, item: Issue) -> str:
        """The version's own address."""
        return f"{reverse('public_report', args=[item.inspection.slug])}v{item.number}/"

    item_guid_is_permalink = False

    def item_pubdate(self, item: Issue) -> datetime | None:
        """When it was published."""
        return item.published_at

    def item_updateddate(self, item: Issue) -> datetime | None:
        """The same: a version never changes."""
        return item.published_at


feed = open_to_public(Published())
