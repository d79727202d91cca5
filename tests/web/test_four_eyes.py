"""Nobody signs off, adjudicates, approves, publishes or appoints their own work or person."""

from __future__ import annotations

import ast
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scrutineer.errors import UserError
from scrutineer.inspection.fingerprint import hash_data
from scrutineer_web.actions.follow_up import plans
from scrutineer_web.actions.moderation import adjudications
from scrutineer_web.actions.moderation import assessments as assessments
from scrutineer_web.actions.operations import accounts
from scrutineer_web.actions.preparation import inspections
from scrutineer_web.actions.publication import publication
from scrutineer_web.actions.report import accuracy, recommendations, texts
from scrutineer_web.audit.events import tell
from scrutineer_web.audit.kinds import ALTERS, LEAVES
from scrutineer_web.queries.report import bound
from scrutineer_web.queries.report.reports import hash_texts
from scrutineer_web.records.accuracy import AccuracyCheck
from scrutineer_web.records.action_plan import PlannedAction
from scrutineer_web.records.appointment import APPOINTMENTS
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.user import User
from scrutineer_web.safeguards import four_eyes
from tests.conftest import ROOT

People = dict[str, User]


def make_issue(inspection: Inspection, by: User) -> Issue:
    """A version of the report as it stands, as the background would make it, without its files."""
    now = bound.bind_inspection(inspection).inspection
    with transaction.atomic():
        issue = Issue.objects.create(
            inspection=inspection, kind="issue", number=inspection.issues.count() + 1, state="ready", asked_at=timezone.now(),
            asked_by=by, texts=hash_texts(now), stamp={"Data hash": hash_data(now)},
        )  # fmt: skip
        tell("issue.asked", by=by, inspection=inspection, issue=issue.pk, what="issue", number=issue.number)
    return issue


@pytest.fixture
def issued(inspection: Inspection, people: People) -> Issue:
    """A version that nobody has approved yet, of a small inspection whose people did none of its work but the lead's."""
    Inspection.objects.filter(pk=inspection.pk).update(state="final")
    inspection.refresh_from_db()
    return make_issue(inspection, people["lead_inspector"])


def write(inspection: Inspection, by: User) -> None:
    """Change a text of the report."""
    texts.save(inspection=inspection, path="findings/B2.md", content=f"By {by}.\n", base=0, by=by)


COMPUTED = {
    ("inspections.py", "_replace"): {"inspection.profile", "inspection.dates", "inspection.surveys"},
    ("texts.py", "_write"): {"text.saved", "text.drafted"},
}
"""Calls whose kind of event is not written at the call."""


def list_kinds() -> tuple[set[str], set[tuple[str, str]]]:
    """The kinds of event that the code tells of, and the functions in which the kind is computed."""
    kinds, computed = set[str](), set[tuple[str, str]]()
    for path in (ROOT / "scrutineer_web").rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in ast.walk(function):
                name = getattr(getattr(call, "func", None), "id", "")
                if not isinstance(call, ast.Call) or name not in ("tell", "tell_of"):
                    continue
                kind = call.args[0 if name == "tell" else 1]
                either = [kind.body, kind.orelse] if isinstance(kind, ast.IfExp) else [kind]
                if all(isinstance(side, ast.Constant) for side in either):
                    kinds |= {side.value for side in either}  # type: ignore[attr-defined]
                else:
                    computed.add((path.name, function.name))
    return kinds, computed


def test_every_kind_of_event_says_whether_it_alters_a_report() -> None:
    kinds, computed = list_kinds()
    assert len(kinds) > 80
    assert computed == set(COMPUTED)
    every = kinds | {kind for some in COMPUTED.values() for kind in some}
    assert every - set(ALTERS) - LEAVES == set(), "say in audit/kinds.py whether it alters what a report says"
    assert not set(ALTERS) & LEAVES
    assert set(ALTERS) <= every


def test_whoever_did_any_of_the_work_neither_approves_nor_publishes_it(issued: Issue, people: People) -> None:
    """Every kind that alters a report, and one that nobody declared; no kind that leaves it as it is."""
    by, press = people["chief_inspector"], people["publications"]
    for kind in [*ALTERS, "something.nobody_declared"]:
        with transaction.atomic():
            tell(kind, by=by, inspection=issued.inspection)
            tell(kind, by=press, inspection=issued.inspection)
            approval, publishing = (
                four_eyes.find_against_approval(issued, by),
                four_eyes.find_against_publication(issued, press),
            )
            transaction.set_rollback(True)
        assert ["you wrote part of it" in f.what for f in (*approval, *publishing)] == [True, True], kind
    with transaction.atomic():
        for kind in sorted(LEAVES - {"issue.asked", "issue.published", "issue.approved"}):
            tell(kind, by=by, inspection=issued.inspection)
    assert four_eyes.find_against_approval(issued, by) == []
    publication.approve(issue=issued, by=by)
    with transaction.atomic():
        tell("text.saved", by=press, inspection=issued.inspection)
    with pytest.raises(UserError, match="you wrote part of it: you wrote its texts"):
        publication.publish(issue=issued, by=press)
    assert Issue.objects.get(pk=issued.pk).published_at is None


def test_an_event_of_an_assessments_own_chain_counts_too(issued: Issue, people: People) -> None:
    from scrutineer_web.audit.events import tell_of

    chief = people["chief_inspector"]
    assessment = Assessment.objects.filter(case__inspection=issued.inspection).select_related("case").first()
    assert assessment is not None
    with transaction.atomic():
        tell_of(assessment, "answer.corrected", by=chief)
    with pytest.raises(UserError, match="corrected an answer"):
        publication.approve(issue=issued, by=chief)


def test_work_under_an_embargo_counts_for_the_next_version(issued: Issue, people: People) -> None:
    """By the number of the event: the clock says that the version before is published later than the work was done."""
    chief, manager = people["chief_inspector"], people["programme_manager"]
    publication.approve(issue=issued, by=chief)
    publication.publish(
        issue=issued, embargo_until=timezone.now() + timedelta(days=5), by=people["publications"]
    )
    inspection = Inspection.objects.get(pk=issued.inspection_id)
    publication.correct(inspection=inspection, notice="A name was wrong.", by=people["lead_inspector"])
    write(inspection, chief)
    inspection.refresh_from_db()
    second = make_issue(inspection, people["lead_inspector"])
    with pytest.raises(UserError, match=r"you wrote its texts.*Ask Programme Manager \(programme manager\)"):
        publication.approve(issue=second, by=chief)
    publication.approve(issue=second, by=manager)
    with pytest.raises(UserError, match="you wrote its texts"):
        publication.publish(issue=second, by=chief)


def test_work_of_the_version_before_keeps_nobody_from_approving_the_next(
    issued: Issue, people: People
) -> None:
    chief, manager = people["chief_inspector"], people["programme_manager"]
    write(issued.inspection, chief)
    first = make_issue(issued.inspection, people["lead_inspector"])
    publication.approve(issue=first, by=manager)
    publication.publish(issue=first, by=people["publications"])
    inspection = Inspection.objects.get(pk=issued.inspection_id)
    publication.correct(inspection=inspection, notice="A name was wrong.", by=people["lead_inspector"])
    inspection.refresh_from_db()
    second = make_issue(inspection, people["lead_inspector"])
    publication.approve(issue=second, by=chief)


def test_where_nobody_else_can_the_sentence_says_what_makes_it_possible(
    issued: Issue, people: People
) -> None:
    """A small inspectorate is not locked for good."""
    accounts.retire(user=people["programme_manager"], by=people["administrator"])
    with transaction.atomic():
        tell("text.saved", by=people["chief_inspector"], inspection=issued.inspection)
    with pytest.raises(
        UserError, match=r"Nobody else here can approve it. Ask .*name another chief inspector"
    ):
        publication.approve(issue=issued, by=people["chief_inspector"])
    inspections.add_participant(
        inspection=issued.inspection, name="Another", role="chief_inspector", user=people["nobody"], by=people["lead_inspector"],
    )  # fmt: skip
    issue = make_issue(Inspection.objects.get(pk=issued.inspection_id), people["lead_inspector"])
    publication.approve(issue=issue, by=people["nobody"])


def test_the_page_says_who_can_approve_before_anybody_presses(issued: Issue, people: People) -> None:
    client = Client()
    client.force_login(people["chief_inspector"])
    place = reverse("publication", args=[issued.inspection_id])
    assert "Approve version 1" in client.get(place).content.decode()
    with transaction.atomic():
        tell("text.saved", by=people["chief_inspector"], inspection=issued.inspection)
    page = client.get(place).content.decode()
    assert "Approve version 1" not in page
    assert "Ask Programme Manager (programme manager) to approve it" in page


# -- assessments -----------------------------------------------------------------------------


def complete(assessment: Assessment, by: User) -> Assessment:
    Assessment.objects.filter(pk=assessment.pk).update(
        state="complete", completed_at=timezone.now(), completed_by=by
    )
    assessment.refresh_from_db()
    return assessment


@pytest.fixture
def alone(assessment: Assessment, people: People, monkeypatch: pytest.MonkeyPatch) -> Assessment:
    """A complete assessment of a case that is read once, by the inspector; nothing but the rule stands in the way."""
    monkeypatch.setattr(assessments, "list_obstacles", lambda _: iter(()))
    once = Assessment.objects.filter(assessor=assessment.assessor).exclude(case__assessments__number=2)
    return complete(
        once.select_related("case", "assessor", "framework_version").earliest("pk"), people["inspector"]
    )


def test_a_lead_does_not_sign_off_an_assessment_of_their_own(
    alone: Assessment, inspection: Inspection, people: People
) -> None:
    lead = people["lead_inspector"]
    Assessment.objects.filter(pk=alone.pk).update(assessor=inspection.participants.get(user=lead))
    with pytest.raises(
        UserError, match=r"you are its assessor.*Nobody else here can sign it off.*another lead inspector"
    ):
        assessments.sign_off(assessment=alone, by=lead)
    inspections.add_participant(
        inspection=inspection, name="Other Lead", role="lead_inspector", user=people["nobody"], by=lead
    )
    with pytest.raises(UserError, match=r"Ask Nobody \(lead inspector\) to sign it off"):
        assessments.sign_off(assessment=alone, by=lead)
    assessments.sign_off(assessment=alone, by=people["nobody"])


def test_nor_one_in_which_they_answered_before_it_was_somebody_elses(
    alone: Assessment, inspection: Inspection, people: People
) -> None:
    from scrutineer_web.audit.events import tell_of

    lead = people["lead_inspector"]
    with transaction.atomic():
        tell_of(Assessment.objects.select_related("case").get(pk=alone.pk), "answer.saved", by=lead)
    with pytest.raises(UserError, match="you answered questions"):
        assessments.sign_off(assessment=alone, by=lead)


def test_a_kind_of_event_that_nobody_declared_is_work_in_an_assessment(
    alone: Assessment, people: People
) -> None:
    from scrutineer_web.audit.events import tell_of

    lead, item = (
        people["lead_inspector"],
        Assessment.objects.select_related("case", "assessor").get(pk=alone.pk),
    )
    assert four_eyes.work_in_assessment(item, lead) == []
    with transaction.atomic():
        tell_of(item, "something.nobody_declared", by=lead)
        tell_of(item, "answer.saved", by=lead)
    assert four_eyes.work_in_assessment(item, lead) == ["answered questions about its cases", "changed it"]
    (fault,) = four_eyes.find_against_sign_off(item, lead)
    assert fault.what == (
        "the assessment is your own work: you answered questions about its cases and changed it"
    )


def test_where_nobody_names_people_an_administrator_can(issued: Issue, people: People) -> None:
    chief = people["chief_inspector"]
    with transaction.atomic():
        tell("text.saved", by=chief, inspection=issued.inspection)
    named = ("programme_manager", "information_manager", "lead_inspector")
    User.objects.filter(username__in=named).update(is_active=False)
    (fault,) = four_eyes.find_against_approval(issued, chief)
    assert fault.do == (
        "Nobody else here can approve it. Ask an administrator to appoint somebody who can do it to name another chief inspector"
    )


def test_scores_are_not_signed_off_over_an_assessment_signed_by_its_assessor(
    alone: Assessment, inspection: Inspection, people: People
) -> None:
    now = timezone.now()
    Assessment.objects.filter(pk=alone.pk).update(
        state="signed_off", signed_off_at=now, signed_off_by=people["lead_inspector"]
    )
    assert list(four_eyes.find_signed_by_their_own(inspection)) == []
    Assessment.objects.filter(pk=alone.pk).update(signed_off_by=people["inspector"])
    (fault,) = four_eyes.find_signed_by_their_own(inspection)
    assert alone.case.reference in fault.what
    Inspection.objects.filter(pk=inspection.pk).update(state="moderation")
    with pytest.raises(UserError, match="signed off by the assessor"):
        inspections.sign_off(inspection=inspection, by=people["lead_inspector"])


def test_several_assessments_signed_by_their_assessor_are_counted_and_three_are_named(
    inspection: Inspection, people: People
) -> None:
    """Of an assessment whose answers somebody else wrote, that person is taken for an assessor, too."""
    from scrutineer_web.audit.events import tell_of

    me, lead = people["inspector"], people["lead_inspector"]
    own = list(
        Assessment.objects.filter(case__inspection=inspection, assessor__user=me).select_related("case")
    )
    signed = {"state": "signed_off", "signed_off_at": timezone.now()}
    for number, assessment in enumerate(own, 1):
        Assessment.objects.filter(pk=assessment.pk).update(**signed, signed_off_by=me)
        (fault,) = four_eyes.find_signed_by_their_own(inspection)
        were = "1 assessment was" if number == 1 else f"{number} assessments were"
        assert fault.what.startswith(f"{were} signed off by the assessor: case{'s' if number > 1 else ''} ")
        assert sum(a.case.reference in fault.what for a in own) == min(number, 3)
        assert fault.what.endswith(" and others") is (number > 3)
    assert len(own) > 3
    Assessment.objects.filter(pk__in=[a.pk for a in own]).update(signed_off_by=lead)
    assert list(four_eyes.find_signed_by_their_own(inspection)) == []
    with transaction.atomic():
        tell_of(own[0], "assessment.allocated", by=lead)
    assert list(four_eyes.find_signed_by_their_own(inspection)) == [], "allocating it answers nothing"
    with transaction.atomic():
        tell_of(own[0], "answer.saved", by=lead)
    (fault,) = four_eyes.find_signed_by_their_own(inspection)
    assert own[0].case.reference in fault.what
    Assessment.objects.filter(pk=own[0].pk).update(retired_at=timezone.now(), retired_by=lead)
    assert list(four_eyes.find_signed_by_their_own(inspection)) == [], "a withdrawn assessment is not scored"


def test_whoever_imported_an_assessment_with_its_inspection_may_have_written_its_answers(
    alone: Assessment, inspection: Inspection, people: People
) -> None:
    """One that was allocated here came empty: the import says nothing about its answers."""
    manager = people["programme_manager"]
    item = Assessment.objects.select_related("case", "assessor").get(pk=alone.pk)
    with transaction.atomic():
        tell("inspection.imported", by=manager, inspection=inspection)
    assert four_eyes.work_in_assessment(item, manager) == []
    brought = Assessment.objects.create(
        case=item.case, number=2, framework_version=inspection.framework_version, codes=b""
    )
    assert four_eyes.work_in_assessment(brought, manager) == ["imported the inspection"]
    assert four_eyes.work_in_assessment(brought, people["lead_inspector"]) == []


def test_at_most_three_people_and_three_deeds_are_named(issued: Issue, people: People) -> None:
    """The latest deed first; people of the whole inspectorate before those of this inspection, nobody twice."""
    chief, manager = people["chief_inspector"], people["information_manager"]
    for kind in ("sample.drawn", "text.saved", "evidence.saved", "rating.settled", "text.saved"):
        with transaction.atomic():
            tell(kind, by=chief, inspection=issued.inspection)
    inspection = issued.inspection

    def suggest() -> tuple[str, str]:
        (fault,) = four_eyes.find_against_approval(issued, chief)
        return fault.what, fault.do

    what, do = suggest()
    assert what == "you wrote part of it: you wrote its texts, set a rating and entered evidence"
    assert do == "Ask Programme Manager (programme manager) to approve it"
    for name in ("auditor", "analyst", "nobody"):
        inspections.add_participant(
            inspection=inspection, name=name, role="chief_inspector", user=people[name], by=manager
        )
    inspections.add_participant(
        inspection=inspection,
        name="Again",
        role="chief_inspector",
        user=people["programme_manager"],
        by=manager,
    )
    assert suggest()[1] == (
        "Ask Programme Manager (programme manager), Auditor (chief inspector) or Analyst (chief inspector) to approve it"
    )
    with transaction.atomic():
        tell("text.saved", by=people["auditor"], inspection=inspection)
    User.objects.filter(pk=people["analyst"].pk).update(is_active=False)
    assert suggest()[1] == (
        "Ask Programme Manager (programme manager) or Nobody (chief inspector) to approve it"
    )
    inspection.participants.filter(user=people["nobody"]).update(
        retired_at=timezone.now(), retired_by=manager
    )
    assert suggest()[1] == "Ask Programme Manager (programme manager) to approve it"


def test_whoever_issued_a_version_neither_approves_nor_publishes_it(issued: Issue, people: People) -> None:
    """By the version's own record, or by the event where the record was written by somebody else."""
    lead, manager = people["lead_inspector"], people["programme_manager"]
    for find in (four_eyes.find_against_approval, four_eyes.find_against_publication):
        (fault,) = find(issued, lead)
        assert fault.what == "you issued it yourself"
        assert find(issued, manager) == []
    with transaction.atomic():
        tell("issue.asked", by=manager, inspection=issued.inspection, issue=issued.pk, what="issue", number=1)
    assert four_eyes.has_issued(issued, manager)
    other = make_issue(issued.inspection, people["information_manager"])
    assert not four_eyes.has_issued(other, manager)
    assert not four_eyes.has_issued(other, lead)


def test_nobody_adjudicates_between_their_own_assessment_and_anothers(
    inspection: Inspection, people: People
) -> None:
    second = Assessment.objects.select_related("case").get(case__inspection=inspection, number=2)
    lead = people["lead_inspector"]
    Assessment.objects.filter(pk=second.pk).update(assessor=inspection.participants.get(user=lead))
    (fault,) = four_eyes.find_against_adjudication(second.case, lead)
    assert fault.what == "one of the assessments is your own work: you are its assessor"
    assert fault.do.startswith("Nobody else here can adjudicate. ")
    inspections.add_participant(
        inspection=inspection, name="Other Lead", role="lead_inspector", user=people["nobody"], by=lead
    )
    assert (
        four_eyes.find_against_adjudication(second.case, lead)[0].do
        == "Ask Nobody (lead inspector) to adjudicate"
    )
    assert four_eyes.find_against_adjudication(second.case, people["nobody"]) == []
    with pytest.raises(UserError):
        adjudications.settle(case=second.case, question="b2_score", value="poor", reason="so", by=lead)


def test_nobody_decides_on_a_comment_of_their_own(issued: Issue, people: People) -> None:
    Issue.objects.filter(pk=issued.pk).update(kind="draft")
    Inspection.objects.filter(pk=issued.inspection_id).update(state="accuracy")
    sent = AccuracyCheck.objects.create(
        inspection=Inspection.objects.get(pk=issued.inspection_id), issue=issued, due="2099-01-01", sent_at=timezone.now(),
        sent_by=people["lead_inspector"],
    )  # fmt: skip
    lead, manager = people["lead_inspector"], people["information_manager"]
    inspections.add_participant(
        inspection=sent.inspection, name="Both", role="area_liaison", user=lead, by=manager
    )
    comment = accuracy.comment(check_of=sent, place="scores-1", text="not so", by=lead)
    with pytest.raises(UserError, match="you wrote the comment yourself"):
        accuracy.decide(comment=comment, decision="accepted", reason="so it is", by=lead)
    assert four_eyes.find_against_decision(comment, lead)[0].do.startswith(
        "Nobody else here can decide on it. "
    )
    inspections.add_participant(
        inspection=sent.inspection,
        name="Other Lead",
        role="lead_inspector",
        user=people["nobody"],
        by=manager,
    )
    assert (
        four_eyes.find_against_decision(comment, lead)[0].do == "Ask Nobody (lead inspector) to decide on it"
    )
    assert four_eyes.find_against_decision(comment, people["nobody"]) == []
    other = accuracy.comment(check_of=sent, place="scores-1", text="not so", by=people["area_liaison"])
    accuracy.decide(comment=other, decision="accepted", reason="so it is", by=lead)


def test_nobody_checks_what_they_answered_for_the_area(inspection: Inspection, people: People) -> None:
    lead = people["lead_inspector"]
    recommendation = recommendations.put(
        inspection=inspection, text="plans are kept", criteria=["B2"], by=lead
    )
    assert four_eyes.find_against_verification(recommendation, lead) == []
    with transaction.atomic():
        tell("plan.responded", by=lead, inspection=inspection, recommendation=recommendation.pk)
    with pytest.raises(
        UserError, match=r"for the area.*Ask Programme Manager \(programme manager\) to check it"
    ):
        plans.verify(recommendation=recommendation, outcome="met", reason="seen", by=lead)


@pytest.mark.parametrize("kind", ["plan.responded", "plan.action", "plan.progress"])
def test_nor_what_they_planned_or_reported_on_for_the_area(
    kind: str, inspection: Inspection, people: People
) -> None:
    """An event names the recommendation or one of its actions; what was said of another recommendation bars nobody."""
    lead, manager = people["lead_inspector"], people["programme_manager"]
    item, other = (
        recommendations.put(inspection=inspection, text=text, criteria=["B2"], by=lead)
        for text in ("plans are kept", "plans are read")
    )
    action = PlannedAction.objects.create(
        recommendation=item,
        text="train",
        owner="The board",
        due="2006-10-01",
        saved_at=timezone.now(),
        saved_by=manager,
    )
    with transaction.atomic():
        tell(kind, by=manager, inspection=inspection, recommendation=other.pk)
    assert four_eyes.find_against_verification(item, manager) == []
    with transaction.atomic():
        tell(kind, by=manager, inspection=inspection, action=action.pk)
    (fault,) = four_eyes.find_against_verification(item, manager)
    assert fault.what == "you responded to it, or reported on it, for the area"
    assert fault.do == "Ask Lead Inspector (lead inspector) to check it"
    assert four_eyes.find_against_verification(item, lead) == []
    with transaction.atomic():
        tell(kind, by=lead, inspection=inspection, action=action.pk)
    assert four_eyes.find_against_verification(item, lead)[0].do.startswith("Nobody else here can check it. ")


# -- appointments ----------------------------------------------------------------------------


@pytest.mark.parametrize("role", [key for key, _ in APPOINTMENTS])
def test_an_administrator_appoints_themselves_to_nothing(people: People, role: str) -> None:
    admin = people["administrator"]
    with pytest.raises(UserError, match="can't appoint themselves"):
        accounts.appoint(user=admin, role=role, by=admin)
    if role != "administrator":
        accounts.appoint(user=people["nobody"], role=role, by=admin)


def test_the_only_administrator_hears_how_to_be_appointed(people: People) -> None:
    admin = people["administrator"]
    with pytest.raises(UserError, match="Make somebody else an administrator"):
        accounts.appoint(user=admin, role="auditor", by=admin)
    accounts.appoint(user=people["nobody"], role="administrator", by=admin)
    with pytest.raises(UserError, match=r"Ask Nobody \(administrator\)"):
        accounts.appoint(user=admin, role="auditor", by=admin)
    accounts.appoint(user=admin, role="auditor", by=people["nobody"])


@pytest.mark.parametrize("name", ["programme_manager", "information_manager", "lead_inspector"])
def test_nobody_gives_themselves_a_part(inspection: Inspection, people: People, name: str) -> None:
    me = people[name]
    with pytest.raises(UserError, match="can't appoint themselves"):
        inspections.add_participant(inspection=inspection, name="Me", role="chief_inspector", user=me, by=me)
    (fault,) = four_eyes.find_against_part(me, inspection, me)
    others = [n for n in ("programme_manager", "information_manager", "lead_inspector") if n != name]
    names = [f"{n.replace('_', ' ').title()} ({n.replace('_', ' ')})" for n in others]
    assert fault.do == f"Ask {' or '.join(names)} to appoint you"
    assert four_eyes.find_against_part(people["nobody"], inspection, me) == []
    assert four_eyes.find_against_part(None, inspection, me) == []
    part = inspections.add_participant(inspection=inspection, name="Me", role="chief_inspector", by=me)
    with pytest.raises(UserError, match="can't appoint themselves"):
        inspections.link_participant(participant=part, user=me, by=me)


@pytest.mark.parametrize(
    "role", ["area_liaison", "chief_inspector", "publications", "lead_inspector", "programme_manager"]
)
def test_parts_that_touch_no_score_are_given_after_the_sign_off(
    inspection: Inspection, people: People, role: str
) -> None:
    Inspection.objects.filter(pk=inspection.pk).update(state="signed_off", scores={"all": 1})
    settled = Inspection.objects.get(pk=inspection.pk)
    manager = people["information_manager"]
    scores = Inspection.objects.get(pk=settled.pk).scores
    part = inspections.add_participant(inspection=settled, name="Late", role=role, by=manager)
    inspections.link_participant(participant=part, user=people["nobody"], by=manager)
    inspections.retire_participant(participant=part, by=manager)
    now = Inspection.objects.get(pk=settled.pk)
    assert (now.state, now.scores) == ("signed_off", scores)
    with pytest.raises(UserError, match="signed off"):
        inspections.add_participant(inspection=settled, name="Late", role="inspector", by=manager)


def test_a_liaison_who_is_named_late_leaves_an_issue_as_it_is(issued: Issue, people: People) -> None:
    inspections.add_participant(
        inspection=issued.inspection, name="Another Liaison", role="area_liaison", by=people["lead_inspector"]
    )
    publication.approve(issue=issued, by=people["chief_inspector"])


# -- the embargo -----------------------------------------------------------------------------


@pytest.fixture
def embargoed(issued: Issue, people: People) -> Issue:
    publication.approve(issue=issued, by=people["chief_inspector"])
    until = timezone.now() + timedelta(days=20)
    publication.publish(issue=issued, embargo_until=until, by=people["publications"])
    issued.refresh_from_db()
    return issued


def seen(issue: Issue) -> bool:
    slug = Inspection.objects.get(pk=issue.inspection_id).slug
    return Client().get(reverse("public_report", args=[slug])).status_code == 200


def test_an_embargo_is_changed_and_lifted(embargoed: Issue, people: People) -> None:
    press, inspection = people["publications"], embargoed.inspection
    until = timezone.now() + timedelta(days=30)
    publication.change_embargo(issue=embargoed, embargo_until=until, by=press)
    embargoed.refresh_from_db()
    inspection.refresh_from_db()
    assert embargoed.published_at == embargoed.embargo_until == inspection.public_at == until
    assert not seen(embargoed)
    publication.change_embargo(issue=embargoed, embargo_until=None, by=press)
    assert seen(embargoed)
    with pytest.raises(UserError, match="this version is already public"):
        publication.change_embargo(issue=embargoed, embargo_until=until, by=press)


def test_an_embargo_is_changed_by_nobody_who_wrote_the_report(embargoed: Issue, people: People) -> None:
    from django.core.exceptions import PermissionDenied

    for name in ("lead_inspector", "programme_manager", "area_liaison"):
        with pytest.raises(PermissionDenied):
            publication.change_embargo(issue=embargoed, embargo_until=None, by=people[name])
    with transaction.atomic():
        tell("evidence.saved", by=people["chief_inspector"], inspection=embargoed.inspection)
    with pytest.raises(UserError, match="entered evidence"):
        publication.change_embargo(issue=embargoed, embargo_until=None, by=people["chief_inspector"])
    assert not seen(embargoed)


def test_a_later_version_moves_with_the_embargo_of_the_one_before(embargoed: Issue, people: People) -> None:
    inspection, press = Inspection.objects.get(pk=embargoed.inspection_id), people["publications"]
    publication.correct(inspection=inspection, notice="A name was wrong.", by=people["lead_inspector"])
    inspection.refresh_from_db()
    second = make_issue(inspection, people["lead_inspector"])
    publication.approve(issue=second, by=people["chief_inspector"])
    publication.publish(issue=second, by=press)
    for days in (40, 3):
        until = timezone.now() + timedelta(days=days)
        publication.change_embargo(issue=embargoed, embargo_until=until, by=press)
        second.refresh_from_db()
        assert second.published_at == until
    publication.change_embargo(issue=embargoed, embargo_until=None, by=press)
    second.refresh_from_db()
    assert second.published_at is not None
    assert second.published_at <= timezone.now()


def test_a_moment_that_is_over_or_far_off_is_asked_about(issued: Issue, people: People) -> None:
    publication.approve(issue=issued, by=people["chief_inspector"])
    client = Client()
    client.force_login(people["publications"])
    place = reverse("publish", args=[issued.pk])
    year = timezone.now().year
    for text, answer in (
        (f"1 3 {year - 1} 00:01", f"1 March {year - 1}, 00:01 is in the past"),
        ("soon", "Enter the date and time"),
        (f"31 2 {year + 1} 00:01", "Enter the date and time"),
        (f"1 march {year + 2} 00:01", "more than three months away"),
    ):
        page = client.post(place, {"until": text}).content.decode()
        assert answer in page, text
        assert f'value="{text}"' in page  # nothing typed is lost
        assert Issue.objects.get(pk=issued.pk).published_at is None
    assert "Yes, the embargo ends on this date" in page
    client.post(place, {"until": f"1 March {year + 1} 00:01", "sure": "on"})
    at = Issue.objects.get(pk=issued.pk).published_at
    assert at is not None
    assert (at.year, at.month, at.day) == (year + 1, 3, 1)


def test_while_the_public_sees_nothing_no_page_says_that_it_is_published(
    embargoed: Issue, people: People
) -> None:
    client = Client()
    client.force_login(people["publications"])
    assert embargoed.published_at is not None
    day = f"{timezone.localtime(embargoed.published_at):%-d %B %Y}"
    inspection = Inspection.objects.get(pk=embargoed.inspection_id)
    address = reverse("public_report", args=[inspection.slug])
    for name in ("inspection", "publication"):
        page = client.get(reverse(name, args=[inspection.pk])).content.decode()
        assert "will be published on" in page, name
        assert day in page, name
        assert f'href="{address}"' not in page, name
    listed = client.get(reverse("inspections")).content.decode()
    assert "Under embargo" in listed
    assert ">Published<" not in listed
    reply = client.post(reverse("embargo", args=[embargoed.pk]), {"until": ""}, follow=True).content.decode()
    assert "Version 1 published" in reply
    assert f'href="{address}"' in reply


def test_the_banner_says_when_it_will_be_published(issued: Issue, people: People) -> None:
    publication.approve(issue=issued, by=people["chief_inspector"])
    client = Client()
    client.force_login(people["publications"])
    until = timezone.localtime(timezone.now() + timedelta(days=9))
    text = f"{until.day} {until.month} {until.year} 00:01"
    page = client.post(reverse("publish", args=[issued.pk]), {"until": text}, follow=True).content.decode()
    assert f"Version 1 will be published on {until:%-d %B %Y}, 00:01" in page
    assert "is published<" not in page
