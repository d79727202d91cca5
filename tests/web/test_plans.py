"""Recommendations to closure: response, plan, progress, verification; the follow-up; an area's own inspection."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scrutineer.errors import UserError
from scrutineer_web.actions.follow_up import follow_ups, plans
from scrutineer_web.actions.frameworks import frameworks
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.permissions import Rights
from scrutineer_web.queries.follow_up.plans import find_due_day, find_publication_day
from scrutineer_web.queries.inspections.waiting import list_waiting
from scrutineer_web.queries.report.whole import read_inspection
from scrutineer_web.records import frames
from scrutineer_web.records.action_plan import PlannedAction
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.records.upload import Upload
from scrutineer_web.records.user import User

People = dict[str, User]


@pytest.fixture
def inspection(published: Issue) -> Inspection:
    return Inspection.objects.get(pk=published.inspection_id)


@pytest.fixture
def recommendation(inspection: Inspection) -> Recommendation:
    latest = inspection.recommendations.filter(retired_at=None).first()
    assert latest is not None
    return latest


def state(recommendation: Recommendation) -> str:
    recommendation.refresh_from_db()
    return recommendation.state


def test_a_recommendation_from_response_to_closure(recommendation: Recommendation, people: People) -> None:
    area, lead = people["area_liaison"], people["lead_inspector"]
    with pytest.raises(UserError, match="doesn't agree"):
        plans.respond(recommendation=recommendation, answer="not", reason="", by=area)
    plans.respond(recommendation=recommendation, answer="partly", reason="not in every office", by=area)
    assert state(recommendation) == "answered"
    with pytest.raises(UserError, match="nothing was overwritten"):
        plans.respond(recommendation=recommendation, answer="agreed", reason="", base=0, by=area)
    first = plans.plan(
        recommendation=recommendation,
        text="train the staff",
        owner="The training officer",
        due_on=date(2006, 9, 1),
        by=area,
    )
    second = plans.plan(
        recommendation=recommendation,
        text="check files",
        owner="The managers",
        due_on=date(2006, 12, 1),
        by=area,
    )
    assert state(recommendation) == "under_way"
    plans.report(action=first, text="all are trained", done=True, files=[("list.csv", b"name\nx\n")], by=area)
    assert state(recommendation) == "under_way"  # one action is still to do
    plans.report(action=second, text="sixty files checked", done=True, by=area)
    assert state(recommendation) == "claimed"
    assert Upload.objects.get(progress__action=first).name == "list.csv"
    plans.verify(
        recommendation=recommendation, outcome="partly met", reason="two offices are missing", by=lead
    )
    assert state(recommendation) == "under_way"
    plans.report(action=second, text="the other two, too", done=True, by=area)
    plans.verify(recommendation=recommendation, outcome="met", reason="seen in twenty files", by=lead)
    assert state(recommendation) == "closed"
    assert [v.outcome for v in recommendation.verifications.all()] == ["partly met", "met"]
    with pytest.raises(UserError, match="closed"):
        plans.plan(recommendation=recommendation, text="more", owner="x", due_on=date(2007, 1, 1), by=area)
    assert list(list_broken()) == []


def test_who_does_what(recommendation: Recommendation, people: People) -> None:
    for name in ("lead_inspector", "inspector", "auditor", "area_assessor"):
        with pytest.raises(PermissionDenied):
            plans.respond(recommendation=recommendation, answer="agreed", reason="", by=people[name])
    for name in ("area_liaison", "inspector", "auditor"):
        with pytest.raises(PermissionDenied):
            plans.verify(recommendation=recommendation, outcome="met", reason="x", by=people[name])


def test_nothing_is_verified_before_the_area_has_answered(
    recommendation: Recommendation, people: People
) -> None:
    with pytest.raises(UserError, match="awaiting a response"):
        plans.verify(recommendation=recommendation, outcome="met", reason="x", by=people["lead_inspector"])


def test_the_inspection_closes_when_every_recommendation_is_closed_or_refused(
    inspection: Inspection, people: People
) -> None:
    lead, area = people["lead_inspector"], people["area_liaison"]
    every = list(inspection.recommendations.filter(retired_at=None))
    for step in every[:-1]:
        plans.respond(recommendation=step, answer="agreed", reason="", by=area)
        plans.verify(recommendation=step, outcome="met", reason="seen", by=lead)
    with pytest.raises(UserError, match="1 is still open"):
        plans.close(inspection=inspection, by=lead)
    plans.respond(recommendation=every[-1], answer="not", reason="it costs too much", by=area)
    plans.close(inspection=inspection, by=lead)
    inspection.refresh_from_db()
    assert inspection.state == "closed"
    with pytest.raises(UserError, match="closed"):
        plans.respond(recommendation=every[0], answer="agreed", reason="", base=1, by=area)


def test_the_response_is_due_by_the_calendar_from_the_day_of_publication(inspection: Inspection) -> None:
    """Three months in the effective supervision inspection."""
    Issue.objects.filter(inspection=inspection).update(published_at="2006-01-31T12:00Z")
    assert find_publication_day(inspection) == date(2006, 1, 31)
    assert find_due_day(inspection) == date(2006, 4, 30)
    assert find_due_day(inspection, "implementation") == date(2007, 1, 31)


def test_what_is_overdue_waits_for_the_area(
    recommendation: Recommendation, inspection: Inspection, people: People
) -> None:
    area, today = people["area_liaison"], timezone.localdate()
    due = find_due_day(inspection)
    assert due is not None
    waiting = list_waiting(Rights(area), today)
    assert any("respond to" in text and not late for text, _, late in waiting)
    assert any(
        "respond to" in text and late for text, _, late in list_waiting(Rights(area), due + timedelta(days=1))
    )
    plans.respond(recommendation=recommendation, answer="agreed", reason="", by=area)
    action = plans.plan(
        recommendation=recommendation, text="train", owner="x", due_on=today - timedelta(days=1), by=area
    )
    assert list_waiting(Rights(area), today)[0][2]
    plans.report(action=action, text="done", done=True, by=area)
    assert not any(late for _, _, late in list_waiting(Rights(area), today))
    assert list_waiting(Rights(people["lead_inspector"]), today) == []


def test_a_file_of_the_area_goes_in_only_if_it_is_one(recommendation: Recommendation, people: People) -> None:
    area = people["area_liaison"]
    plans.respond(recommendation=recommendation, answer="agreed", reason="", by=area)
    action = plans.plan(
        recommendation=recommendation, text="train", owner="x", due_on=date(2006, 9, 1), by=area
    )
    with pytest.raises(UserError, match="doesn't accept"):
        plans.report(action=action, text="done", done=True, files=[("run.exe", b"MZ")], by=area)
    assert PlannedAction.objects.get().done_at is None
    assert not action.reports.exists()


def test_the_area_sees_its_plan_only_when_the_report_is_published(
    northmoor: Inspection,
    people: People,
) -> None:
    from scrutineer_web.actions.preparation import inspections

    inspections.add_participant(
        inspection=northmoor,
        name="L",
        role="area_liaison",
        user=people["area_liaison"],
        by=people["information_manager"],
    )
    client = Client()
    client.force_login(people["area_liaison"])
    assert client.get(reverse("plan_of", args=[northmoor.pk])).status_code == 404


# -- the follow-up -------------------------------------------------------------------------


def follow_up_version() -> FrameworkVersion:
    frameworks.hold_offered()
    return FrameworkVersion.objects.filter(kind="follow_up").latest("id")


def test_a_follow_up_begins_with_the_originals_results_and_recommendations(
    inspection: Inspection, people: People
) -> None:
    follow_up = follow_ups.begin(
        original=inspection, framework=follow_up_version(), by=people["programme_manager"]
    )
    assert follow_up.follows == inspection
    assert follow_up.framework.sample.every == "high_risk"  # every high-risk case is read
    original = frames.make_manifest(follow_up).original
    assert original is not None
    assert original.group == "high_risk"
    assert [r.text for r in follow_up.recommendations.all()] == [
        r.text for r in inspection.recommendations.filter(retired_at=None)
    ]
    results = json.loads(bytes(follow_up.documents.get(path="original/results.json").content))
    issue = inspection.issues.get(kind="issue")
    assert results == json.loads(bytes(issue.files.get(path="data/results.json").blob.content))
    whole = read_inspection(follow_up)
    assert whole.original is not None
    side = whole.original.make_side("high_risk")
    assert side.cases == results["groups"]["high_risk"]["cases"]
    assert set(follow_up.framework.criteria) <= set(inspection.framework.criteria)


def test_a_follow_up_needs_a_published_original_and_its_kind_of_framework(
    northmoor: Inspection,
    people: People,
) -> None:
    with pytest.raises(UserError) as caught:
        follow_ups.begin(
            original=northmoor, framework=northmoor.framework_version, by=people["programme_manager"]
        )
    messages = [f.what for f in caught.value.faults]
    assert messages[0] == "its report isn't published yet"
    assert "isn't for follow-up inspections" in messages[1]
    with pytest.raises(PermissionDenied):
        follow_ups.begin(original=northmoor, framework=follow_up_version(), by=people["lead_inspector"])


def test_an_area_inspects_itself_and_keeps_its_results_apart(inspection: Inspection, people: People) -> None:
    area = people["area_liaison"]
    internal = follow_ups.begin_internal(original=inspection, framework=inspection.framework_version, by=area)
    assert internal.internal
    who = Rights(area)
    assert who.can("inspection.sign_off", internal)
    assert who.can("caseload.import", internal)
    assert not who.can("inspection.see", inspection)
    assert internal.slug is None
    with pytest.raises(PermissionDenied):
        follow_ups.begin_internal(
            original=inspection, framework=inspection.framework_version, by=people["inspector"]
        )
