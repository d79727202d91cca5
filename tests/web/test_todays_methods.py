"""Today's methods in the room: an inspection without cases from its beginning to its report, and answers by rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from scrutineer.authoring.workbook import write_framework_book
from scrutineer.errors import UserError
from scrutineer.tasks.files import find_data_folder
from scrutineer_web.actions.fieldwork import answers, evidence
from scrutineer_web.actions.frameworks import frameworks
from scrutineer_web.actions.operations import accounts
from scrutineer_web.actions.preparation import allocation, inspections, samples
from scrutineer_web.actions.report import reports
from scrutineer_web.exchange.export import make_folder
from scrutineer_web.queries.moderation.sign_off import list_open_points
from scrutineer_web.queries.preparation.samples import SampleChoices
from scrutineer_web.queries.report.reports import prove_report
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.user import User
from tests.random_cases import SHIPPED
from tests.web.conftest import make_answer
from tests.web.test_folders import written

People = dict[str, User]

GIVEN = {
    "1.1": "good", "1.2": "good", "1.3": "some_shortfalls", "2.1": "good", "2.2": "exceptional", "3.1": "good",
    "3.2": "some_shortfalls", "4.1": "good", "4.2": "good",
}  # fmt: skip
"""Ratings worth 26 of 36 points, which are 72.2%: Good."""


def begin(people: People, framework: str) -> Inspection:
    """A fictional inspection by a framework that ships, with a lead inspector and an inspector."""
    frameworks.hold_offered()
    version = FrameworkVersion.objects.get(framework_id=framework)
    begun = inspections.create(
        area="Northmoor", framework=version, synthetic=True, by=people["programme_manager"]
    )
    for role in ("lead_inspector", "inspector"):
        inspections.add_participant(
            inspection=begun, name=role.title(), role=role, user=people[role], by=people["programme_manager"]
        )
    return begun


def rate(inspection: Inspection, people: People, code: str, rating: str, reason: str = "Seen") -> None:
    evidence.judge(
        inspection=inspection,
        criterion=code,
        grades={},
        rating=rating,
        reason=reason,
        base=0,
        by=people["lead_inspector"],
    )


@pytest.fixture
def council(people: People) -> Inspection:
    """An inspection of nine statements, in its fieldwork."""
    begun = begin(people, "cqc-local-authority-2023")
    inspections.move(inspection=begun, to="start_fieldwork", by=people["lead_inspector"])
    return begun


def test_an_inspection_without_cases_runs_to_its_report(
    council: Inspection, people: People, client: Client
) -> None:
    client.force_login(people["lead_inspector"])
    assert "Rate 9 criteria" in client.get(reverse("inspection", args=[council.pk])).content.decode()
    for code, rating in GIVEN.items():
        address = reverse("rating", args=[council.pk, code])
        page = client.get(address).content.decode()
        assert "Exceptional standard" in page
        done = client.post(address, {"rating": rating, "reason": f"What we saw of {code}", "base": 0})
        assert done.status_code == 302, done.content.decode()
    sheet = client.get(reverse("scores", args=[council.pk])).content.decode()
    assert "Good" in sheet.partition("Overall rating:")[2][:80]
    assert "72% (26 of 36 points): Good from 63%" in sheet
    _, secret = accounts.make_token(name="t", scopes=["scores"], days=1, by=people["lead_inspector"])
    got = Client().get(f"/api/v1/inspections/{council.pk}/scores", HTTP_AUTHORIZATION=f"Bearer {secret}")
    whole = got.json()["groups"]["all"]["overall"]
    assert (whole["rating"], whole["total"], whole["out_of"]) == ("Good", 26, 36)
    inspections.move(inspection=council, to="start_moderation", by=people["lead_inspector"])
    assert not list(list_open_points(council))
    inspections.sign_off(inspection=council, by=people["lead_inspector"])
    council.refresh_from_db()
    assert council.scores["groups"]["all"]["overall"]["rating"] == "Good"
    # The exported folder holds the same ratings.
    assert b"rating: exceptional" in make_folder(council)["evidence.yaml"]
    report = reports.ask(inspection=council, kind="draft", by=people["lead_inspector"])
    reports.make(issue=report)


def test_what_is_not_rated_keeps_the_scores_open(council: Inspection, people: People) -> None:
    for code, rating in list(GIVEN.items())[:-1]:
        rate(council, people, code, rating)
    inspections.move(inspection=council, to="start_moderation", by=people["lead_inspector"])
    assert [fault.what for fault in list_open_points(council)] == [
        "4.2 Learning, improvement and innovation has no rating"
    ]
    with pytest.raises(UserError, match="has no rating"):
        inspections.sign_off(inspection=council, by=people["lead_inspector"])


def test_a_direct_rating_needs_its_reason_and_a_rating_that_there_is(
    council: Inspection, people: People
) -> None:
    with pytest.raises(UserError, match=r"criterion 1\.1 is rated without a reason"):
        rate(council, people, "1.1", "good", reason=" ")
    with pytest.raises(UserError, match="there is no rating 'outstanding'"):
        rate(council, people, "1.1", "outstanding")
    with pytest.raises(UserError, match="there is no judgement criterion 'overall'"):
        rate(council, people, "overall", "good")


def test_the_panel_sets_a_rating_near_its_boundary_and_none_further(people: People, client: Client) -> None:
    folder = find_data_folder("frameworks") / "cqc-local-authority-2023" / "framework.yaml"
    text = folder.read_text("utf-8").replace('version: "2.0"', 'version: "2.1"')
    text = text.replace(
        "    missing: not_rated\n", "    missing: not_rated\n    discretion: {by: The panel, within: 10}\n"
    )
    version = frameworks.add(name="framework.yaml", content=text.encode(), by=people["methodologist"])
    begun = inspections.create(
        area="Northmoor", framework=version, synthetic=True, by=people["programme_manager"]
    )
    inspections.add_participant(
        inspection=begun, name="Lead", role="lead_inspector", user=people["lead_inspector"],
        by=people["programme_manager"],
    )  # fmt: skip
    inspections.move(inspection=begun, to="start_fieldwork", by=people["lead_inspector"])
    for code, rating in GIVEN.items():
        rate(begun, people, code, rating)
    with pytest.raises(UserError, match=r"another rating can be set only within 10 of its band"):
        rate(begun, people, "overall", "inadequate")
    client.force_login(people["lead_inspector"])
    sheet = client.get(reverse("scores", args=[begun.pk])).content.decode()
    address = reverse("rating", args=[begun.pk, "overall"])
    assert address in sheet
    assert "As calculated (Good)" in client.get(address).content.decode()
    done = client.post(
        address, {"rating": "requires_improvement", "reason": "Safeguarding is weak", "base": 0}
    )
    assert done.status_code == 302
    sheet = client.get(reverse("scores", args=[begun.pk])).content.decode()
    assert "The rules give Good" in sheet
    assert "Safeguarding is weak" in sheet


# -- answers by rules ------------------------------------------------------------------

CASES = "case,admission,admitted,synthetic\nN-1,emergency,2026-03-02,yes\nN-2,planned,2026-03-02,yes\n"


@pytest.fixture
def notes(people: People) -> Assessment:
    """The first assessment of a review of notes: an emergency admission."""
    begun = begin(people, "case-note-review")
    samples.import_caseload(
        inspection=begun, name="caseload.csv", content=CASES.encode(), by=people["information_manager"]
    )
    choices = SampleChoices(seed=1, size=2, reserves=0)
    samples.draw(inspection=begun, choices=choices, by=people["information_manager"])
    inspector = begun.participants.get(role="inspector")
    for case in begun.cases.all():
        allocation.allocate(case=case, number=1, assessor=inspector, by=people["information_manager"])
    inspections.move(inspection=begun, to="start_fieldwork", by=people["information_manager"])
    return Assessment.objects.get(case__inspection=begun, case__reference="N-1", number=1)


ENTRIES = ("identified", "allergies", "consent", "signed", "dated", "legible", "in_order", "discharge_letter")


def test_the_form_shows_an_answer_by_rules_and_refuses_to_take_one(
    notes: Assessment, people: People, client: Client
) -> None:
    client.force_login(people["inspector"])
    address = reverse("assessment", args=[notes.pk])
    page = client.get(address).content.decode()
    assert "Open until the questions that it follows from are answered" in page
    for entry in ENTRIES:
        value = "no" if entry == "allergies" else "yes"
        answers.save(assessment=notes.pk, sent=make_answer(entry, value), by=people["inspector"])
    page = " ".join(client.get(address).content.decode().split())
    assert "<output data-derived> Fail </output>" in page
    assert "A critical entry is missing" in page
    with pytest.raises(UserError, match="The answer follows from others by the framework's rules"):
        answers.save(assessment=notes.pk, sent=make_answer("audit", "pass"), by=people["inspector"])


def test_an_answer_by_rules_is_scored_and_no_gap(notes: Assessment, people: People) -> None:
    from scrutineer_web.queries.fieldwork.answer_checks import list_gaps
    from scrutineer_web.queries.scores import scored
    from scrutineer_web.records import frames

    for entry in ENTRIES:
        answers.save(assessment=notes.pk, sent=make_answer(entry, "yes"), by=people["inspector"])
    answers.save(assessment=notes.pk, sent=make_answer("first_review", "2026-03-03"), by=people["inspector"])
    notes.refresh_from_db()
    assert not {"audit", "reviewed_in_time"} & {fault.where for fault in list_gaps(notes, None)}
    inspection = notes.case.inspection
    group = scored.score_inspection(inspection, frames.read_cases_of(inspection)).results.groups["all"]
    counts: Any = {key: (q.counts.above, q.counts.relevant) for key, q in group.questions.items()}
    assert counts["audit"] == (1, 1)
    assert counts["reviewed_in_time"] == (1, 1)


def test_what_the_room_exports_comes_back(notes: Assessment, people: People, tmp_path: Path) -> None:
    """Answers by rules are in the exported table, and are worked out again when it's read."""
    for entry in ENTRIES:
        answers.save(assessment=notes.pk, sent=make_answer(entry, "yes"), by=people["inspector"])
    written(make_folder(notes.case.inspection), tmp_path / "folder")
    from scrutineer.inspection.load import load
    from scrutineer_web.queries import shelf

    whole = load(tmp_path / "folder", shelf.read_library())
    assert whole.cases is not None
    place = whole.cases.answers.cases.index("N-1")
    assert whole.cases.answers.decode_column(whole.framework, "audit")[place] == "pass"


# -- frameworks that a person adds ------------------------------------------------------


def test_a_framework_from_a_workbook_runs_to_a_report_that_could_be_issued(people: People) -> None:
    """A framework that doesn't ship, added as a workbook: ratings, report and proof are by the version that is pinned."""
    own = SHIPPED.load_framework("cqc-local-authority-2023").model_copy(
        update={"id": "school-inspection", "title": "School inspection", "version": "1.0"}
    )
    version = frameworks.add(
        name="school.xlsx", content=write_framework_book(own), by=people["methodologist"]
    )
    assert version.framework == own
    begun = inspections.create(
        area="Northmoor", framework=version, synthetic=True, by=people["programme_manager"]
    )
    inspections.add_participant(
        inspection=begun, name="Lead", role="lead_inspector", user=people["lead_inspector"],
        by=people["programme_manager"],
    )  # fmt: skip
    inspections.move(inspection=begun, to="start_fieldwork", by=people["lead_inspector"])
    for code, rating in GIVEN.items():
        rate(begun, people, code, rating)
    _, proof = prove_report(begun)
    assert proof.unfaithful == ()
    assert proof.proof.errors == 0


def test_a_faulty_workbook_is_refused_by_its_cell(people: People) -> None:
    own = SHIPPED.load_framework("cqc-local-authority-2023")
    content = write_framework_book(own.model_copy(update={"rating_scales": own.rating_scales[:1]}))
    with pytest.raises(UserError) as error:
        frameworks.add(name="school.xlsx", content=content, by=people["methodologist"])
    assert "sheet 'Rating methods'" in str(error.value.faults[0])
