"""The factual accuracy check: what the area sees and says, what is decided, and one answer corrected."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scrutineer.errors import UserError
from scrutineer.frameworks.model import CalendarRule
from scrutineer.inspection.dates import find_latest_after
from scrutineer_web.actions.fieldwork import answers
from scrutineer_web.actions.importing import folders
from scrutineer_web.actions.report import accuracy, corrections, reports
from scrutineer_web.audit.seal import make_seal
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.exchange.export import make_folder
from scrutineer_web.queries.report import bound
from scrutineer_web.queries.report.accuracy import propose_deadline
from scrutineer_web.queries.scores import scored
from scrutineer_web.records import frames
from scrutineer_web.records.accuracy import AccuracyCheck, AccuracyComment, Correction
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.upload import Upload
from scrutineer_web.records.user import User
from tests.web.conftest import make_answer
from tests.web.test_folders import written

People = dict[str, User]
pytestmark = pytest.mark.usefixtures("db")


def place_of(issue: Issue, figure: str) -> str:
    return next(p["place"] for p in issue.passages if figure in [k for k, _ in p["figures"]])


def add_comment(sent: AccuracyCheck, people: People, **more: object) -> AccuracyComment:
    place = place_of(sent.issue, "score:B2")
    return accuracy.comment(
        check_of=sent, place=place, text="B2 was better", figure="score:B2", by=people["area_liaison"], **more
    )


def test_the_deadline_follows_the_frameworks_calendar(settled: Inspection) -> None:
    """Three weeks from the day on which the draft is sent, unless a day was set."""
    assert propose_deadline(settled, date(2006, 1, 2)) == date(2006, 1, 23)
    assert find_latest_after(CalendarRule(event="x", title="X", months=(0, 1)), date(2006, 1, 31)) == date(
        2006, 2, 28
    )
    assert find_latest_after(CalendarRule(event="x", title="X"), date(2006, 1, 31)) is None


def test_the_area_sees_nothing_before_the_draft_and_then_only_the_draft(
    settled: Inspection, people: People
) -> None:
    client = Client()
    client.force_login(people["area_liaison"])
    assert client.get(reverse("accuracy", args=[settled.pk])).status_code == 404
    report = reports.ask(inspection=settled, kind="draft", formats=("html",), by=people["lead_inspector"])
    reports.make(issue=report)
    report.refresh_from_db()
    check = accuracy.send(
        inspection=settled, issue=report, due=timezone.localdate(), by=people["lead_inspector"]
    )
    assert client.get(reverse("accuracy", args=[settled.pk])).status_code == 200
    page = client.get(reverse("check", args=[check.pk]))
    assert page.status_code == 200
    assert client.get(reverse("check_file", args=[check.pk, "report.html"])).status_code == 200
    for name in ("inspection", "scores", "cases", "report", "evidence", "moderation", "inspection_export"):
        assert client.get(reverse(name, args=[settled.pk])).status_code in (403, 404), name
    assert client.get(reverse("issue", args=[report.pk])).status_code in (403, 404)


def test_a_draft_goes_only_when_somebody_can_read_it(settled: Inspection, people: People) -> None:
    lead = people["lead_inspector"]
    report = reports.ask(inspection=settled, kind="draft", formats=("html",), by=lead)
    settled.participants.filter(role="area_liaison").update(user=None)
    with pytest.raises(UserError) as caught:
        accuracy.send(inspection=settled, issue=report, due=date(2005, 1, 1), by=lead)
    messages = [f.what for f in caught.value.faults]
    assert messages[0] == "it isn't ready yet"
    assert any("nobody from the area can sign in" in t for t in messages)
    assert any("is in the past" in t for t in messages)
    assert not AccuracyCheck.objects.exists()
    with pytest.raises(PermissionDenied):
        accuracy.send(inspection=settled, issue=report, due=timezone.localdate(), by=people["inspector"])


def test_a_comment_by_figure_with_a_document(sent: AccuracyCheck, people: People) -> None:
    remark = add_comment(sent, people, files=[("proof.txt", b"43 of 50")])
    assert Upload.objects.get(comment=remark).name == "proof.txt"
    with pytest.raises(UserError, match="doesn't accept"):
        add_comment(sent, people, files=[("proof.txt", b"x"), ("run.exe", b"MZ")])
    assert AccuracyComment.objects.count() == 1  # the one with the wrong file is not half kept
    with pytest.raises(UserError, match="the draft has no figure"):
        accuracy.comment(check_of=sent, place="x", text="y", figure="score:Z9", by=people["area_liaison"])
    with pytest.raises(PermissionDenied):
        accuracy.comment(check_of=sent, place="x", text="y", by=people["lead_inspector"])


def test_every_comment_is_decided_with_a_reason_before_the_final_report(
    sent: AccuracyCheck, people: People
) -> None:
    lead, inspection = people["lead_inspector"], sent.inspection
    remark = add_comment(sent, people)
    with pytest.raises(UserError, match="until"):
        accuracy.finish(check_of=sent, by=lead)  # its day is not over
    accuracy.finish(check_of=sent, by=people["area_liaison"])
    with pytest.raises(UserError, match="has ended"):
        add_comment(sent, people)
    with pytest.raises(UserError, match="waiting for a decision"):
        accuracy.conclude(inspection=inspection, by=lead)
    with pytest.raises(UserError, match="reason"):
        accuracy.decide(comment=remark, decision="accepted", reason=" ", by=lead)
    accuracy.decide(comment=remark, decision="accepted", reason="shown by the file", by=lead)
    accuracy.conclude(inspection=inspection, by=lead)
    inspection.refresh_from_db()
    assert inspection.state == "final"
    with pytest.raises(UserError, match="final report"):
        accuracy.decide(comment=remark, decision="not", reason="x", by=lead)


def test_an_accepted_change_opens_one_answer_alone(sent: AccuracyCheck, people: People) -> None:
    """Only that answer takes anything, the scores follow, the seal holds, and it is told which figures changed."""
    lead, inspection = people["lead_inspector"], sent.inspection
    remark = add_comment(sent, people)
    assessment = next(
        r
        for r in Assessment.objects.filter(case__inspection=inspection, number=1).select_related(
            "framework_version"
        )
        if frames.read_answers(r.framework_version.framework, bytes(r.codes))["b2_score"]
        in ("poor", "insufficient")
    )
    with pytest.raises(UserError, match="hasn't been accepted"):
        corrections.reopen(
            comment=remark, assessment=assessment, question="b2_score", reason="see the file", by=lead
        )
    accuracy.decide(comment=remark, decision="partly", reason="of this case", by=lead)
    opened = corrections.reopen(
        comment=remark, assessment=assessment, question="b2_score", reason="see the file", by=lead
    )
    with pytest.raises(UserError, match="already open"):
        corrections.reopen(
            comment=remark, assessment=assessment, question="b2_score", reason="again", by=lead
        )
    accuracy.finish(check_of=sent, by=people["area_liaison"])
    with pytest.raises(UserError, match="been answered yet"):
        accuracy.conclude(inspection=inspection, by=lead)
    # Every other answer stays closed.
    assessment.assessor.user = people["inspector"]
    assessment.assessor.save()
    assert answers.save(
        assessment=assessment.pk, sent=make_answer("b1_fit", "poor"), by=people["inspector"]
    ).closed
    before = bound.bind_inspection(inspection).figures
    exact = before.scored.full.groups["all"].questions["b2_score"].counts
    done = corrections.answer(correction=opened, value="excellent", note="page 3", uid=uuid4(), by=lead)
    after = bound.bind_inspection(inspection).figures.scored.full.groups["all"].questions["b2_score"].counts
    assert (after.above, after.relevant) == (exact.above + 1, exact.relevant)
    changed = {c["figure"]: (c["was"], c["now"]) for c in done.changed}
    assert changed["score:B2"] == (
        before.score("B2").text,
        bound.bind_inspection(inspection).figures.score("B2").text,
    )
    assert not any(k.startswith(("score:C", "score:D")) for k in changed)
    assessment.refresh_from_db()
    assert (assessment.state, assessment.seal) == ("signed_off", make_seal(assessment))
    details = Event.objects.get(kind="answer.corrected").details
    assert details["was_seal"] != details["seal"] == assessment.seal
    inspection.refresh_from_db()
    assert (
        inspection.scores
        == scored.score_inspection(inspection, frames.read_cases_of(inspection)).results.as_dict()
    )
    assert Event.objects.get(kind="scores.corrected").details["was"] != inspection.scores
    assert list(list_broken()) == []
    with pytest.raises(UserError, match="already been answered"):
        corrections.answer(correction=opened, value="poor", note="", uid=uuid4(), by=lead)
    accuracy.conclude(inspection=inspection, by=lead)


def test_nobody_but_its_assessor_and_the_lead_gives_the_answer(sent: AccuracyCheck, people: People) -> None:
    remark = add_comment(sent, people)
    accuracy.decide(comment=remark, decision="accepted", reason="yes", by=people["lead_inspector"])
    assessment = Assessment.objects.filter(case__inspection=sent.inspection, number=1).first()
    assert assessment is not None
    opened = corrections.reopen(
        comment=remark, assessment=assessment, question="b2_score", reason="see", by=people["lead_inspector"]
    )
    for name in ("second_inspector", "area_liaison", "information_manager", "auditor"):
        with pytest.raises(PermissionDenied):
            corrections.answer(correction=opened, value="poor", note="", uid=uuid4(), by=people[name])
    assert Correction.objects.get().answered_at is None


def test_a_wrong_value_changes_nothing(sent: AccuracyCheck, people: People) -> None:
    lead = people["lead_inspector"]
    remark = add_comment(sent, people)
    accuracy.decide(comment=remark, decision="accepted", reason="yes", by=lead)
    assessment = Assessment.objects.filter(case__inspection=sent.inspection, number=1).first()
    assert assessment is not None
    before = (bytes(assessment.codes), assessment.seal, assessment.events)
    opened = corrections.reopen(
        comment=remark, assessment=assessment, question="b2_score", reason="see", by=lead
    )
    with pytest.raises(UserError, match="splendid"):
        corrections.answer(correction=opened, value="splendid", note="", uid=uuid4(), by=lead)
    assessment.refresh_from_db()
    assert (bytes(assessment.codes), assessment.seal, assessment.events) == (
        before[0],
        before[1],
        before[2] + 1,
    )


@pytest.mark.repeats
def test_both_trails_go_out_with_the_folder_and_come_in_again(
    sent: AccuracyCheck, people: People, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lead = people["lead_inspector"]
    remark = add_comment(sent, people, files=[("proof.txt", b"43 of 50")])
    accuracy.decide(comment=remark, decision="accepted", reason="shown by the file", by=lead)
    assessment = Assessment.objects.filter(case__inspection=sent.inspection, number=1).first()
    assert assessment is not None
    opened = corrections.reopen(
        comment=remark, assessment=assessment, question="b2_score", reason="see", by=lead
    )
    corrections.answer(correction=opened, value="excellent", note="page 3", uid=uuid4(), by=lead)
    files = make_folder(sent.inspection)
    place = written(files, tmp_path_factory.mktemp("out"))
    again = folders.import_folder(folder=place, by=people["information_manager"])
    back = AccuracyComment.objects.get(check_of__inspection=again)
    assert (back.text, back.decision, back.reason) == (remark.text, "accepted", "shown by the file")
    assert bytes(back.uploads.get().blob.content) == b"43 of 50"
    assert back.corrections.get().now == "excellent"
    assert again.state == "moderation"  # what goes further is decided by people here
    assert make_folder(again)["fieldwork/drafts/1/report.html"] == files["fieldwork/drafts/1/report.html"]
