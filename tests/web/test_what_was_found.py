"""What a hostile reader found, so that it stays mended."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from scrutineer.errors import UserError
from scrutineer_web.actions.fieldwork import answers, devices
from scrutineer_web.actions.frameworks import frameworks
from scrutineer_web.actions.importing import folders
from scrutineer_web.actions.moderation import adjudications
from scrutineer_web.actions.moderation import assessments as assessments
from scrutineer_web.actions.preparation import allocation, inspections, samples
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.exchange.export import make_folder, write_cases_csv
from scrutineer_web.queries.fieldwork.answer_checks import SentAnswer
from scrutineer_web.queries.moderation import sign_off
from scrutineer_web.queries.moderation.assessments import list_open_points
from scrutineer_web.queries.scores import scored
from scrutineer_web.records import frames
from scrutineer_web.records.adjudication import Adjudication
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.device import Device, Held
from scrutineer_web.records.event import Event
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.user import User
from tests.web.conftest import make_answer
from tests.web.test_assessments import done, twice
from tests.web.test_folders import written
from tests.web.test_frameworks import newer

People = dict[str, User]
assert newer
assert twice


def settled(inspection: Inspection, people: People) -> None:
    """Everything read, signed off, and the scores, too."""
    lead = people["lead_inspector"]
    for assessment in Assessment.objects.filter(case__inspection=inspection).select_related(
        "case", "assessor__user", "framework_version"
    ):
        done(assessment)
    inspections.move(inspection=inspection, to="start_moderation", by=lead)
    for assessment in Assessment.objects.filter(case__inspection=inspection):
        assessments.sign_off(assessment=assessment, by=lead)
    inspections.sign_off(inspection=inspection, by=lead)


@pytest.mark.parametrize("to", ["sign_off", "reopen", "sample", "nonsense"])
def test_the_phase_form_takes_phases_alone(inspection: Inspection, people: People, to: str) -> None:
    inspections.move(inspection=inspection, to="start_moderation", by=people["information_manager"])
    with pytest.raises(UserError, match="the inspection can't be moved to"):
        inspections.move(inspection=inspection, to=to, by=people["information_manager"])


def test_after_sign_off_nothing_changes(inspection: Inspection, people: People) -> None:
    settled(inspection, people)
    lead, manager = people["lead_inspector"], people["information_manager"]
    assessment = (
        Assessment.objects.filter(case__inspection=inspection, number=1)
        .select_related("case__inspection")
        .first()
    )
    part = inspection.participants.get(name="Area Assessor")
    for work in (
        lambda: inspections.edit_profile(inspection=inspection, content={}, by=lead),
        lambda: inspections.edit_dates(inspection=inspection, content={"events": {}}, by=lead),
        lambda: inspections.put_survey(
            inspection=inspection, part="focus_groups", survey={"of": "x", "people": 1}, place=None, by=lead
        ),
        lambda: inspections.add_participant(inspection=inspection, name="New", role="inspector", by=lead),
        lambda: inspections.retire_participant(participant=part, by=lead),
        lambda: inspections.link_participant(participant=part, user=None, by=lead),
        lambda: allocation.allocate(case=assessment.case, number=2, assessor=part, by=manager),
        lambda: allocation.lock(assessment=assessment, on=False, by=manager),
        lambda: allocation.withdraw(assessment=assessment, by=manager),
        lambda: assessments.reply(assessment=assessment, text="one more thing", by=lead),
        lambda: samples.substitute(case=assessment.case, reason="other", note="x", by=lead),
    ):
        with pytest.raises(UserError, match="signed off"):
            work()
    assert list(list_broken()) == []


def test_a_complete_case_is_not_substituted(twice: tuple[Assessment, Assessment], people: People) -> None:
    first = done(twice[0])
    with pytest.raises(UserError, match="its assessment is complete"):
        samples.substitute(case=first.case, reason="other", note="x", by=people["lead_inspector"])


def test_weights_follow_from_the_cases_that_are_in_the_sample_now(
    assessment: Assessment, people: People
) -> None:
    """A substitution changes the weights of the other cases, too: once theirs stayed, and the sum was another."""
    inspection = assessment.case.inspection
    eligible = inspection.sample["eligible"]

    def total() -> float:
        return float(frames.read_cases_of(inspection).cases.caseload.frame["weight"].sum())

    assert total() == pytest.approx(eligible)
    samples.substitute(case=assessment.case, reason="other", note="x", by=people["lead_inspector"])
    inspection.refresh_from_db()
    assert total() == pytest.approx(eligible)
    assert (
        scored.score_inspection(inspection, frames.read_cases_of(inspection)).results.population == eligible
    )
    rows = csv_text(inspection)
    assert sum(float(row["weight"]) for row in rows) == pytest.approx(eligible)


def csv_text(inspection: Inspection) -> list[dict[str, str]]:
    """The cases as the folder holds them."""
    text = write_cases_csv(inspection, frames.read_cases_of(inspection)).lstrip("\ufeff")
    return list(csv.DictReader(text.splitlines()))


def test_a_retry_is_told_what_was_saved_then(assessment: Assessment, people: People) -> None:
    me = people["inspector"]
    mine = make_answer("b2_score", "poor")
    answers.save(assessment=assessment.pk, sent=mine, by=me)
    answers.save(assessment=assessment.pk, sent=make_answer("b2_score", "excellent", 1), by=me)
    assert answers.save(assessment=assessment.pk, sent=mine, by=me).rev == 1
    late = answers.save(assessment=assessment.pk, sent=make_answer("b2_score", "insufficient", 1), by=me)
    assert late.conflict is not None
    with pytest.raises(UserError, match="used for another answer"):
        answers.save(assessment=assessment.pk, sent=SentAnswer("b2_score", "sufficient", 2, mine.uid), by=me)


def test_an_answer_that_was_retired_is_given_again_after_a_way_back(
    inspection: Inspection, assessment: Assessment, newer: FrameworkVersion, people: People
) -> None:
    old = inspection.framework_version
    answers.save(
        assessment=assessment.pk, sent=make_answer("b4_organised", "excellent"), by=people["inspector"]
    )
    frameworks.migrate(inspection=inspection, to=newer, by=people["methodologist"])
    frameworks.migrate(inspection=inspection, to=old, by=people["methodologist"])
    answers.save(
        assessment=assessment.pk, sent=make_answer("b4_organised", "excellent"), by=people["inspector"]
    )
    now = Assessment.objects.get(pk=assessment.pk)
    assert frames.read_answers(old.framework, bytes(now.codes))["b4_organised"] == "excellent"
    assert now.answers.get(question="b4_organised").retired_at is None


def test_an_adjudication_ends_with_what_it_decided(
    twice: tuple[Assessment, Assessment], people: People
) -> None:
    lead = people["lead_inspector"]
    assessment = done(twice[0])
    done(twice[1], b2_score="excellent")
    adjudications.settle(case=assessment.case, question="b2_score", value="poor", reason="neither", by=lead)
    assessments.query(assessment=assessment, text="look again", by=lead)
    assert not Adjudication.objects.filter(retired_at=None).exists()
    assert Adjudication.objects.count() == 1


def test_nobody_who_reads_a_case_blind_hears_of_the_other_assessment(
    twice: tuple[Assessment, Assessment], people: People
) -> None:
    first, second = twice
    answers.save(assessment=first.pk, sent=make_answer("b2_score", "poor"), by=people["inspector"])
    client = Client()
    client.force_login(people["second_inspector"])
    question = client.get(f"/api/v1/inspections/{first.case.inspection_id}/scores/b2_score").json()[
        "questions"
    ][0]
    assert question["below_the_line"] == []
    page = client.get(reverse("score", args=[first.case.inspection_id, "b2_score"])).content.decode()
    assert f"/cases/{first.case_id}/" not in page
    del second


def test_the_lead_inspector_reads_no_case_twice_read(inspection: Inspection, people: People) -> None:
    case = Assessment.objects.get(case__inspection=inspection, number=2).case
    lead = inspection.participants.get(name="Lead Inspector")
    with pytest.raises(UserError, match="decides between two assessments"):
        allocation.allocate(case=case, number=2, assessor=lead, by=people["information_manager"])


def test_a_migrated_inspection_comes_back_with_the_versions_it_was_read_by(
    inspection: Inspection, newer: FrameworkVersion, people: People, tmp_path: Path
) -> None:
    area = (
        Assessment.objects.filter(case__inspection=inspection, assessor__name="Area Assessor")
        .select_related("case", "assessor__user", "framework_version")
        .get()
    )
    assessments.sign_off(assessment=done(area), by=people["lead_inspector"])
    frameworks.migrate(inspection=inspection, to=newer, by=people["methodologist"])
    files = make_folder(inspection)
    again = folders.import_folder(folder=written(files, tmp_path / "a"), by=people["information_manager"])
    # Signed off there, complete here: the sign-off is made again by somebody here, by the version it was read by.
    got = Assessment.objects.get(case__inspection=again, state="complete")
    assert got.framework_version_id == area.framework_version_id
    assert not Assessment.objects.filter(case__inspection=again, state="signed_off").exists()
    room = json.loads(files["fieldwork/room.json"])
    sealed = next(r for r in room["readings"] if r["state"] == "signed_off")
    sealed["answers"][0]["note"] = "something else"
    changed = {**files, "fieldwork/room.json": json.dumps(room).encode()}
    with pytest.raises(UserError, match="was changed after it was signed off"):
        folders.import_folder(folder=written(changed, tmp_path / "b"), by=people["information_manager"])


@pytest.mark.parametrize("text", ["[]", '{"format": 1}', "{", '{"format":1,"state":"bogus"}', "[" * 5000])
def test_a_room_file_of_anybodys_is_told_with_sentences(
    inspection: Inspection, people: People, tmp_path: Path, text: str
) -> None:
    files = {**make_folder(inspection), "fieldwork/room.json": text.encode()}
    with pytest.raises(UserError, match=r"fieldwork/room\.json"):
        folders.import_folder(folder=written(files, tmp_path), by=people["information_manager"])


def test_a_signed_off_answer_that_was_altered_is_seen(assessment: Assessment, people: People) -> None:
    complete = Assessment.objects.filter(assessor=assessment.assessor).exclude(case__assessments__number=2)
    assessed = done(complete.select_related("case", "assessor__user", "framework_version").first())
    assessments.sign_off(assessment=assessed, by=people["lead_inspector"])
    assert list(list_broken()) == []
    assessed.answers.filter(question="b2_score").update(note="what nobody wrote")
    assert any("was changed after it was signed off" in text for text in list_broken())


@pytest.mark.parametrize(
    "path",
    [
        "scores/b2_score/?line=1e99999999",
        "scores/b2_score/?line=²",
        "audit/?page=²",
        "audit/?page=99999999999",
        "focus-groups/99999999999999999999/",
    ],
)
def test_odd_numbers_in_addresses_are_no_error(inspection: Inspection, people: People, path: str) -> None:
    client = Client()
    client.force_login(people["lead_inspector"])
    assert client.get(f"/inspections/{inspection.pk}/{path}").status_code in (200, 404)


def test_what_waits_on_the_device_of_somebody_else_by_now_holds_nobody_up(
    assessment: Assessment, people: People
) -> None:
    device = uuid4()
    devices.issue_key(device=device, name="x", by=people["inspector"])
    devices.note_unsent(device=device, unsent={assessment.pk: 3}, by=people["inspector"])
    alone = assessment.case.inspection.participants.get(name="Second Inspector")
    if assessment.case.assessments.filter(number=2).exists():
        allocation.withdraw(
            assessment=assessment.case.assessments.get(number=2), by=people["information_manager"]
        )
    assert any("3 answers on a device" in str(f) for f in list_open_points(assessment))
    allocation.allocate(case=assessment.case, number=1, assessor=alone, by=people["information_manager"])
    now = Assessment.objects.select_related("case", "framework_version").get(pk=assessment.pk)
    assert not any("on a device" in str(f) for f in list_open_points(now))


def test_a_device_counts_only_what_is_still_its_owners(assessment: Assessment, people: People) -> None:
    """It may say late what it holds of an assessment that is somebody else's by now; what it says of the others counts."""
    others = Assessment.objects.filter(case__inspection=assessment.case.inspection).exclude(
        assessor=assessment.assessor
    )
    device = uuid4()
    devices.issue_key(device=device, name="x", by=people["inspector"])
    unsent = {assessment.pk: 3, others[0].pk: 40}
    devices.note_unsent(device=device, unsent=unsent, by=people["inspector"])
    assert Device.objects.get(pk=device).unsent == 3
    assert list(Held.objects.values_list("assessment", "unsent")) == [(assessment.pk, 3)]


def test_two_first_requests_of_a_device_get_one_key(
    assessment: Assessment, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The later one looked before the earlier one's row was there."""
    device, me = uuid4(), people["inspector"]
    first = devices.issue_key(device=device, name="x", by=me)
    for name, missed in (("get", Device.DoesNotExist), ("first", None)):
        monkeypatch.setattr(QuerySet, name, _miss_once(getattr(QuerySet, name), missed))
    assert devices.issue_key(device=device, name="x", by=me) == first
    assert Event.objects.filter(kind="device.added").count() == 1
    assert list(list_broken()) == []


def _miss_once(look: Any, missed: type[Exception] | None) -> Any:
    """A look that finds no device the first time."""
    looked: list[bool] = []

    def looks(rows: QuerySet[Any], *args: Any, **more: Any) -> Any:
        if rows.model is not Device or looked:
            return look(rows, *args, **more)
        looked.append(True)
        if missed is not None:
            raise missed
        return None

    return looks


def test_a_lost_device_is_given_up_by_the_lead_inspector(assessment: Assessment, people: People) -> None:
    device = uuid4()
    devices.issue_key(device=device, name="x", by=people["inspector"])
    devices.note_unsent(device=device, unsent={assessment.pk: 3}, by=people["inspector"])
    client = Client()
    client.force_login(people["lead_inspector"])
    client.post(reverse("device_lost", args=[assessment.case.inspection_id, device]))
    assert not any("on a device" in str(f) for f in list_open_points(assessment))


def test_a_case_that_nobody_reads_holds_the_scores_back(inspection: Inspection, people: People) -> None:
    alone = (
        Assessment.objects.filter(case__inspection=inspection, number=1)
        .exclude(case__assessments__number=2)
        .first()
    )
    allocation.withdraw(assessment=alone, by=people["information_manager"])
    assert any("1 case has no assessment" in str(f) for f in sign_off.list_open_points(inspection))


def test_a_team_is_the_same_however_it_is_written(inspection: Inspection, people: People) -> None:
    part = inspection.participants.get(name="Area Assessor")
    part.team = " team  b "
    part.save()
    case = inspection.cases.filter(team="Team B", state="allocated").first()
    with pytest.raises(UserError, match="from their own team"):
        allocation.allocate(case=case, number=1, assessor=part, by=people["information_manager"])


def test_a_late_answer_is_not_taken_before_fieldwork(
    inspection: Inspection, assessment: Assessment, people: People
) -> None:
    Inspection.objects.filter(pk=inspection.pk).update(state="sampled")
    answers.save(assessment=assessment.pk, sent=make_answer("b2_score", "poor"), by=people["inspector"])
    with pytest.raises(UserError, match="takes no more answers"):
        answers.settle(conflict=Conflict.objects.get(), take=True, by=people["inspector"])


def test_nobody_takes_a_part_for_the_own_account(inspection: Inspection, people: People) -> None:
    manager = people["programme_manager"]
    with pytest.raises(UserError, match="can't appoint themselves"):
        inspections.add_participant(
            inspection=inspection, name="Me", role="lead_inspector", user=manager, by=manager
        )


def test_two_people_who_add_a_survey_at_once_both_keep_it(inspection: Inspection, people: People) -> None:
    for name in ("offenders", "victims"):
        stale = Inspection.objects.get(pk=inspection.pk)
        stale.surveys = {}
        survey = {"key": name, "of": name, "sent": 10, "returned": 5}
        inspections.put_survey(
            inspection=stale, part="surveys", survey=survey, place=None, by=people["lead_inspector"]
        )
    assert [s.key for s in frames.make_surveys(Inspection.objects.get(pk=inspection.pk)).surveys] == [
        "offenders",
        "victims",
    ]
