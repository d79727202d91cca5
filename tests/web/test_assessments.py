"""From a complete assessment to signed-off scores: queries, adjudication, sign-off and what is in its way."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from scrutineer.errors import UserError
from scrutineer.fieldwork.timetabling.make import make_timetable
from scrutineer_web.actions.fieldwork import answers, devices
from scrutineer_web.actions.moderation import adjudications
from scrutineer_web.actions.moderation import assessments as assessments
from scrutineer_web.actions.preparation import allocation, inspections
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.queries.fieldwork import answer_checks
from scrutineer_web.queries.moderation.adjudications import find_differences
from scrutineer_web.queries.scores import scored
from scrutineer_web.records import frames
from scrutineer_web.records.adjudication import Adjudication
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.comment import Comment
from scrutineer_web.records.device import Held
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.user import User
from scrutineer_web.states import ASSESSMENT, CASE, INSPECTION
from tests.web.conftest import make_answer

People = dict[str, User]


def fill(assessment: Assessment, value: str = "sufficient", **other: str) -> None:
    """Answer everything that applies: particulars with no, questions with one answer."""
    user = assessment.assessor.user
    for attribute in answer_checks.list_particulars(assessment.framework_version.framework):
        if attribute.key not in assessment.case.particulars:
            answers.save(assessment=assessment.pk, sent=make_answer(attribute.key, "no"), by=user)
    now = Assessment.objects.select_related("case", "framework_version").get(pk=assessment.pk)
    for key, applies in answer_checks.find_applicable(now).items():
        if applies is not False:
            answers.save(
                assessment=assessment.pk,
                sent=make_answer(key, other.get(key, value), note="as seen"),
                by=user,
            )


def done(assessment: Assessment, **other: str) -> Assessment:
    fill(assessment, **other)
    assessments.complete(assessment=assessment, by=assessment.assessor.user)
    return Assessment.objects.select_related("case__inspection", "assessor__user", "framework_version").get(
        pk=assessment.pk
    )


@pytest.fixture
def twice(inspection: Inspection) -> tuple[Assessment, Assessment]:
    """A first and a second assessment of one case."""
    second = Assessment.objects.select_related("case", "assessor__user").get(
        case__inspection=inspection, number=2
    )
    first = Assessment.objects.select_related("case", "assessor__user").get(case=second.case, number=1)
    return first, second


def test_a_query_opens_an_assessment_for_its_assessor_again(assessment: Assessment, people: People) -> None:
    complete = done(assessment)
    with pytest.raises(PermissionDenied):
        assessments.query(assessment=complete, text="why?", question="b2_score", by=people["inspector"])
    assessments.query(
        assessment=complete, text="what is this based on?", question="b2_score", by=people["lead_inspector"]
    )
    rev = complete.answers.get(question="b2_score").rev
    answers.save(
        assessment=assessment.pk,
        sent=make_answer("b2_score", "poor", rev, note="not on file"),
        by=people["inspector"],
    )
    assessments.complete(assessment=assessment, by=people["inspector"])
    with pytest.raises(UserError, match="it has an open comment"):
        assessments.sign_off(assessment=assessment, by=people["lead_inspector"])
    assessments.resolve(comment=Comment.objects.get(), by=people["inspector"])
    assert list(list_broken()) == []


def test_below_the_line_needs_a_reason(assessment: Assessment, people: People) -> None:
    fill(assessment)
    answers.save(
        assessment=assessment.pk, sent=make_answer("b2_score", "poor", 1, note="  "), by=people["inspector"]
    )
    with pytest.raises(UserError, match="b2_score: a reason is needed for this answer"):
        assessments.complete(assessment=assessment, by=people["inspector"])


def test_unsent_answers_on_any_device_hold_an_assessment_back(assessment: Assessment, people: People) -> None:
    fill(assessment)
    device = uuid4()
    devices.issue_key(device=device, name="Chrome on Windows", by=people["inspector"])
    devices.note_unsent(device=device, unsent={assessment.pk: 2}, by=people["inspector"])
    with pytest.raises(UserError, match="2 answers on a device of Inspector"):
        assessments.complete(assessment=assessment, by=people["inspector"])
    devices.note_unsent(device=device, unsent={assessment.pk: 0}, by=people["inspector"])
    assessments.complete(assessment=assessment, by=people["inspector"])
    Held.objects.update(unsent=1)
    with pytest.raises(UserError, match="1 answer on a device"):
        assessments.sign_off(assessment=assessment, by=people["lead_inspector"])


def test_a_device_keeps_its_key_and_gives_it_to_nobody_else(inspection: Inspection, people: People) -> None:
    device = uuid4()
    first = devices.issue_key(device=device, name="x", by=people["inspector"])
    assert devices.issue_key(device=device, name="x", by=people["inspector"]) == first
    with pytest.raises(PermissionDenied):
        devices.issue_key(device=device, name="x", by=people["second_inspector"])


def test_two_assessments_are_adjudicated_and_both_stay(
    twice: tuple[Assessment, Assessment], people: People
) -> None:
    first, second = twice
    first_done, two = done(first), done(second, b2_score="poor")
    lead = people["lead_inspector"]
    with pytest.raises(UserError, match="nobody has adjudicated"):
        assessments.sign_off(assessment=first_done, by=lead)
    differences = find_differences(first_done.case)
    assert [d.question.key for d in differences] == ["b2_score"]
    with pytest.raises(UserError, match="there is no reason for this answer"):
        adjudications.settle(case=first_done.case, question="b2_score", value="poor", reason="", by=lead)
    adjudications.settle(
        case=first_done.case, question="b2_score", value="poor", reason="no score on the file", by=lead
    )
    answers_ = frames.read_cases_of(first_done.case.inspection).cases.answers
    place = answers_.cases.index(first_done.case.reference)
    assert answers_.decode_column(first_done.framework_version.framework, "b2_score")[place] == "poor"
    for assessment in (first_done, two):
        assessments.sign_off(assessment=assessment, by=lead)
    assert (
        frames.read_answers(first_done.framework_version.framework, bytes(first_done.codes))["b2_score"]
        == "sufficient"
    )
    assert {r.state for r in first_done.case.assessments.all()} == {"signed_off"}


def test_settling_one_difference_keeps_what_is_written_about_the_others(
    twice: tuple[Assessment, Assessment], people: People
) -> None:
    """The others' reasons were cleared, and the list came preset to the first assessor's answer."""
    first, second = twice
    first_done, _ = done(first), done(second, b2_score="poor", b2_assessed="poor")
    client = Client()
    client.force_login(people["lead_inspector"])
    page = reverse("adjudicate", args=[first_done.case_id])
    shown = client.get(page).content.decode()
    assert "selected" not in shown.partition("<main")[2]
    keys = [d.question.key for d in find_differences(first_done.case)]
    assert keys == ["b2_assessed", "b2_score"]
    typed = {
        "value__b2_assessed": "poor", "reason__b2_assessed": "Nothing on the file", "value__b2_score": "", "reason__b2_score": "To be asked & seen",
    }  # fmt: skip
    response = client.post(page, {**typed, "question": "b2_assessed"})
    after = response.content.decode()
    assert response.status_code == 200
    assert [a.question for a in Adjudication.objects.all()] == ["b2_assessed"]
    assert "1 decision saved" in after
    assert "To be asked &amp; seen</textarea>" in after
    assert after.count("Nothing on the file") == 1  # as settled, and no longer in a field

    # What cannot be settled keeps its words, too; and all that are filled in can be settled at once.
    refused = client.post(page, {**typed, "question": "b2_score"})
    assert refused.status_code == 422
    assert "To be asked &amp; seen</textarea>" in refused.content.decode()
    both = client.post(page, {**typed, "value__b2_score": "sufficient", "question": ""})
    assert both.status_code == 302
    assert {a.question: a.value for a in Adjudication.objects.filter(retired_at=None)} == {
        "b2_assessed": "poor",
        "b2_score": "sufficient",
    }


def test_scores_are_signed_off_when_everything_is(inspection: Inspection, people: People) -> None:
    lead, manager = people["lead_inspector"], people["information_manager"]
    for assessment in Assessment.objects.filter(case__inspection=inspection).select_related(
        "case", "assessor__user", "framework_version"
    ):
        done(assessment)
    with pytest.raises(UserError, match="you can't do this: sign off"):
        inspections.sign_off(inspection=inspection, by=lead)
    inspections.move(inspection=inspection, to="start_moderation", by=manager)
    with pytest.raises(UserError, match="6 assessments aren't signed off"):
        inspections.sign_off(inspection=inspection, by=lead)
    for assessment in Assessment.objects.filter(case__inspection=inspection):
        assessments.sign_off(assessment=assessment, by=lead)
    live = scored.score_inspection(inspection, frames.read_cases_of(inspection)).results.as_dict()
    inspections.sign_off(inspection=inspection, by=lead)
    assert inspection.scores == live
    other = Assessment.objects.filter(case__inspection=inspection).select_related("case__inspection").first()
    with pytest.raises(UserError, match="scores are signed off"):
        assessments.reopen(assessment=other, reason="a mistake", by=lead)
    inspections.reopen(inspection=inspection, reason="a mistake", by=lead)
    assessments.reopen(assessment=other, reason="a mistake", by=lead)
    event = Event.objects.get(kind="inspection.reopened")
    assert event.details["scores"] == live
    assert list(list_broken()) == []


def test_what_was_altered_behind_the_rooms_back_is_seen(assessment: Assessment, people: People) -> None:
    from django.db import DatabaseError, connection, transaction

    answers.save(assessment=assessment.pk, sent=make_answer("b2_score", "poor"), by=people["inspector"])
    event = Event.objects.get(kind="answer.saved")
    for sql in (
        "UPDATE records_event SET actor = 'nobody' WHERE id = %s",
        "DELETE FROM records_event WHERE id = %s",
    ):
        with (
            pytest.raises(DatabaseError, match="only ever added"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql, [event.pk])
    Assessment.objects.filter(pk=assessment.pk).update(events=5)
    assert any("ends at event" in text for text in list_broken())


def test_allocation_keeps_to_its_rules(inspection: Inspection, people: People) -> None:
    manager = people["information_manager"]
    area = inspection.participants.get(name="Area Assessor")
    own = inspection.cases.filter(team="Team A", state="allocated").first()
    with pytest.raises(UserError, match="from their own team or caseload"):
        allocation.allocate(case=own, number=1, assessor=area, by=manager)
    inspector = inspection.participants.get(name="Inspector")
    twice_ = Assessment.objects.get(case__inspection=inspection, number=2).case
    with pytest.raises(UserError, match="already making assessment 1 of it"):
        allocation.allocate(case=twice_, number=2, assessor=inspector, by=manager)
    with pytest.raises(PermissionDenied):
        allocation.allocate(case=own, number=1, assessor=inspector, by=people["inspector"])


def test_a_case_that_is_given_away_keeps_its_answers(
    inspection: Inspection, assessment: Assessment, people: People
) -> None:
    alone = Assessment.objects.filter(assessor=assessment.assessor).exclude(case__assessments__number=2)
    assessment = alone.select_related("case").first()
    answers.save(assessment=assessment.pk, sent=make_answer("b2_score", "poor"), by=people["inspector"])
    other = inspection.participants.get(name="Lead Inspector")
    allocation.allocate(case=assessment.case, number=1, assessor=other, by=people["information_manager"])
    assert Assessment.objects.get(pk=assessment.pk).answers.get().value == "poor"
    with pytest.raises(PermissionDenied):
        answers.save(
            assessment=assessment.pk, sent=make_answer("b2_score", "excellent", 1), by=people["inspector"]
        )
    answers.save(
        assessment=assessment.pk, sent=make_answer("b2_score", "excellent", 1), by=people["lead_inspector"]
    )


@pytest.mark.parametrize("states", [INSPECTION, CASE, ASSESSMENT], ids=lambda s: s.of)
def test_states_are_a_whole_table(states: object) -> None:
    known = {s.key for s in states.states}
    for move in states.moves:
        assert {*move.sources, move.target} <= known
    reached, fresh = {states.start}, {states.start}
    while fresh:
        fresh = {m.target for m in states.moves if set(m.sources) & fresh} - reached
        reached |= fresh
    assert reached == known


def test_a_state_that_is_not_on_the_table_is_refused() -> None:
    with pytest.raises(
        UserError, match="the inspection has the state “preparation”, so you can't do this: sign off"
    ):
        INSPECTION.find_after("preparation", "sign_off")


def test_the_timetable_shows_an_assessment_that_came_with_a_time_and_no_assessor(
    client: Client, people: People, inspection: Inspection, assessment: Assessment
) -> None:
    """As a folder from elsewhere may bring one."""
    Assessment.objects.filter(pk=assessment.pk).update(assessor=None, day="2026-03-02", slot="09:30")
    client.force_login(people["lead_inspector"])
    response = client.get(reverse("timetable", args=[inspection.pk]))
    assert response.status_code == 200
    assert assessment.case.reference in response.content.decode()


def test_a_lock_to_a_day_that_is_no_longer_planned_is_listed(
    people: People, inspection: Inspection, assessment: Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 15: locked assessments keep their assessor, day and slot, or are listed as no longer possible."""
    Assessment.objects.filter(pk=assessment.pk).update(day="2005-11-01", slot="09:00-10:30", locked=True)
    arrangements = {"days": ["2005-10-31"], "slots": ["09:00-10:30"], "assessors": [{"name": "Inspector"}]}
    timetable = allocation.ask_timetable(
        inspection=inspection, arrangements=arrangements, seconds=1, by=people["information_manager"]
    )
    # The search tells its progress from a thread of its own, which a test's transaction can't let write.
    monkeypatch.setattr(allocation, "make_timetable", lambda *a, progress, **kw: make_timetable(*a, **kw))
    allocation.search(timetable=timetable)
    timetable.refresh_from_db()
    assert timetable.plan is not None, timetable.progress_note
    reasons = {(u["case"], u["reading"]): u["reason"] for u in timetable.plan["unplaced"]}
    lost = reasons[assessment.case.reference, 1]
    assert lost == "it is locked to an assessor, day and slot that are no longer available"
