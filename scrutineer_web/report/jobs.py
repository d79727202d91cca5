"""Work on a report that runs in the background: how texts look, the proof, drafts, and the report itself."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_tasks import task

from scrutineer.errors import Fault, UserError
from scrutineer_web.actions.operations import jobs
from scrutineer_web.actions.report import reports, texts
from scrutineer_web.kit.forms import write_sentence
from scrutineer_web.queries.operations.work import QUICK, JobOutcome, Step, keep_record, work
from scrutineer_web.queries.report import bound
from scrutineer_web.queries.report.report_places import Places
from scrutineer_web.queries.report.reports import prove_report
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.job import Job

NUMBERS = 2_000
"""Numbers in one text up to which it is looked at while somebody writes: each is a claim that is searched for."""

_NUMBER = re.compile(r"[0-9]+")


@task()
def make_report(pk: int) -> None:
    """Make a report; any error is shown where people look for it."""
    issue = Issue.objects.select_related("inspection__framework_version").get(pk=pk)
    try:
        reports.make(issue=issue)
    except UserError as error:
        reports.give_up_report(issue=issue, why=" ".join(str(fault) for fault in error.faults))
    except Exception:
        reports.give_up_report(
            issue=issue,
            why=_("The report couldn't be created. Ask the person who runs the server to look in its log."),
        )
        raise


keep_record(
    make_report,
    seconds=900,
    give_up=lambda pk, why: reports.give_up_report(issue=Issue.objects.get(pk=pk), why=why),
)


@work("draft", seconds=120, row=QUICK)
def draft(job: Job, step: Step) -> JobOutcome:
    """Draft the findings, or one text again."""
    assert job.inspection is not None  # noqa: S101 the screen is of one
    again = job.options.get("again", [])
    step(10, _("Reading scores and texts"))
    drafted, lists = texts.draft(inspection=job.inspection, again=again, by=job.asked_by)
    if again:
        message = _("Text drafted again. The earlier version is in its history")
        return JobOutcome(message, reverse("text", args=[job.inspection_id, again[0]]))
    message = ngettext(
        "%(drafted)s text drafted; %(left)s left as they were",
        "%(drafted)s texts drafted; %(left)s left as they were",
        len(drafted),
    ) % {"drafted": len(drafted), "left": len(lists)}
    return JobOutcome(message, reverse("report", args=[job.inspection_id]))


@work("issue", seconds=120, row=QUICK, repeatable=False)
def ask_issue(job: Job, step: Step) -> JobOutcome:
    """Prove the report, and have it issued if there is nothing to fix."""
    assert job.inspection is not None  # noqa: S101 the screen is of one
    step(10, _("Checking the report"))
    issue = reports.ask(inspection=job.inspection, kind="issue", by=job.asked_by)
    make_report.enqueue(issue.pk)
    return JobOutcome(to=reverse("issue", args=[issue.pk]))


# -- how a text looks, and what is wrong with it --------------------------------------------


def refuse_too_much(content: str) -> None:
    """Refuse to look at a text that no report holds, before anything is spent on it.

    Raises:
        UserError: it is too long, or is made of numbers.
    """
    if len(content) > texts.LARGEST:
        what = _("it has more than %(most)s characters, which is too long to preview") % {
            "most": f"{texts.LARGEST:,}"
        }
        raise UserError(Fault(_("The text"), what, _("Split the text into shorter parts")))
    if sum(1 for _ in _NUMBER.finditer(content)) > NUMBERS:
        what = _("it has more than %(most)s numbers, which is too many to preview") % {"most": f"{NUMBERS:,}"}
        raise UserError(Fault(_("The text"), what, _("Move tables of numbers to an annex")))


def make_look_key(inspection: Inspection, place: str, content: str) -> str:
    """The same for two looks that come out the same: the text, and everything that its figures come from."""
    return _hash_text(place, content, *bound.read_stamp(inspection))


def make_proof_key(inspection: Inspection) -> str:
    """The same for two proofs that come out the same."""
    events = Event.objects.filter(inspection=inspection).exclude(kind__in=bound.MADE)
    return _hash_text(
        str(events.count()), events.order_by("-id").values_list("hash", flat=True).first() or ""
    )


def _hash_text(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@work("look", seconds=30, row=QUICK)
def preview_in_background(job: Job, step: Step) -> JobOutcome:
    """A text as it will be printed, and what is wrong with it."""
    assert job.inspection is not None  # noqa: S101 the screen is of one
    del step
    result = look_now(job.inspection, job.about, bytes(job.content or b"").decode())
    jobs.forget_earlier(job=job)
    return JobOutcome(result=result)


def look_now(inspection: Inspection, place: str, content: str) -> dict[str, Any]:
    """The same here and now, as the editor takes it; the reason where it can't be shown yet."""
    try:
        shown = bound.preview_text(inspection, place, content)
    except UserError as error:
        return {"html": "", "faults": [write_sentence(f) for f in error.faults[:5]], "remarks": []}
    return {"html": shown.html, "faults": [], "remarks": [r.as_dict() for r in shown.remarks]}


@work("proof", seconds=120, row=QUICK)
def prove_in_background(job: Job, step: Step) -> JobOutcome:
    """Everything that must be fixed before the report is issued, as its page shows it."""
    assert job.inspection is not None  # noqa: S101 the screen is of one
    step(10, _("Reading scores and texts, and checking the report"))
    result = prove_now(job.inspection)
    jobs.forget_earlier(job=job)
    return JobOutcome(result=result)


def _describe_begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def prove_now(inspection: Inspection) -> dict[str, Any]:
    """The same here and now."""
    try:
        proved = prove_report(inspection)[1]
    except UserError as error:
        return {"faults": [write_sentence(f) for f in error.faults]}
    places = Places(inspection)
    where = f"{places.where}/"
    remarks: dict[str, list[Any]] = {}
    for remark in proved.remarks:
        remarks.setdefault(remark.where.removeprefix(where), []).append(remark.as_dict())
    return {
        "errors": proved.errors,
        "open": [_describe_begun(write_sentence(places.name_fault(f))) for f in proved.open],
        "remarks": [(place, _describe_begun(places.say(place)), remark) for place, remark in remarks.items()],
        "unfaithful": list(proved.unfaithful),
        "findings": [
            {"severity": f.severity, "message": f.message, "quote": f.quote}
            for f in proved.proof.findings
            if f.severity != "note"
        ],
    }
