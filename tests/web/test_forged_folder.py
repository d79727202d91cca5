"""What a file may say: an inspection whose folder was edited grants nothing, and nothing of it is published."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from scrutineer.errors import UserError
from scrutineer_web.actions.fieldwork import answers
from scrutineer_web.actions.importing import folders
from scrutineer_web.actions.moderation import assessments
from scrutineer_web.actions.preparation import inspections
from scrutineer_web.actions.publication import publication
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.exchange.export import make_folder, zip_folder
from scrutineer_web.permissions import Rights
from scrutineer_web.queries.publication import published
from scrutineer_web.records.accuracy import AccuracyCheck, AccuracyComment, Correction
from scrutineer_web.records.action_plan import PlannedAction, ProgressReport, Response, Verification
from scrutineer_web.records.adjudication import Adjudication
from scrutineer_web.records.answer import Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.comment import Comment
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.judgement import Judgement
from scrutineer_web.records.participant import Participant
from scrutineer_web.records.piece import Piece
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.records.text import Text
from scrutineer_web.records.upload import Upload
from scrutineer_web.records.user import User
from scrutineer_web.states import INSPECTION
from tests.web import village
from tests.web.conftest import make_answer

People = dict[str, User]
WHEN = "2005-11-30T10:00:00+00:00"
PAGE = b"<!DOCTYPE html><meta http-equiv=refresh content='0;url=https://example.org/'><h1>All is well</h1>"


def forge(files: dict[str, bytes], by: str) -> dict[str, bytes]:
    """The folder with everything in it that whoever edits it could wish for."""
    room: dict[str, Any] = json.loads(files["fieldwork/room.json"])
    room["state"] = "approved"
    for name in ("chief_inspector", "lead_inspector", "publications"):
        room["participants"].append(
            {"name": f"Forged {name}", "role": name, "team": "", "manages_as": "", "base": "", "listed": True, "account": by,
             "retired": None}
        )  # fmt: skip
    for assessment in room["readings"]:
        assessment |= {"state": "complete", "completed": [WHEN, "inspector"]}
    room["report"]["issues"] = [
        {
            "kind": "issue", "number": 1, "formats": ["html"], "told": "", "proof": {}, "texts": {}, "figures": {}, "passages": [],
            "stamp": {"Data hash": "0" * 64}, "asked": [WHEN, "lead_inspector"], "made_at": WHEN, "notice": "",
            "approved": [WHEN, "chief_inspector"], "embargo_until": None, "published": None,
        }
    ]  # fmt: skip
    events = json.dumps(
        {"chain": "inspection:1", "number": 1, "kind": "issue.approved", "actor": "Chief Inspector"}
    )
    return {
        **files,
        "fieldwork/room.json": json.dumps(room).encode(),
        "fieldwork/events.jsonl": events.encode(),
        "issued/v1/report.html": PAGE,
        "issued/v1/issue.json": b'{"files": {}}',
    }


@pytest.fixture
def forged(inspection: Inspection, people: People) -> Inspection:
    """The forged folder as the information manager brings it in."""
    files = forge(make_folder(inspection), "information_manager")
    return folders.import_zip(
        name="farfield.zip", content=zip_folder("farfield", files), by=people["information_manager"]
    )


def test_a_forged_folder_grants_no_part(forged: Inspection, people: People) -> None:
    assert not Participant.objects.filter(inspection=forged).exclude(user=None).exists()
    me = Rights(people["information_manager"])
    for name in (
        "report.approve",
        "report.publish",
        "inspection.sign_off",
        "assessment.sign_off",
        "rating.set",
    ):
        assert not me.can(name, forged), name
    with pytest.raises(UserError, match="can't appoint themselves"):
        inspections.link_participant(
            participant=forged.participants.get(name="Forged chief_inspector"),
            user=people["information_manager"], by=people["information_manager"],
        )  # fmt: skip


def test_a_forged_folder_reaches_no_state_past_moderation(forged: Inspection) -> None:
    assert forged.state == "moderation"
    assert (forged.signed_off_at, forged.scores, forged.slug, forged.public_at) == (None, None, None, None)
    assert not Assessment.objects.filter(case__inspection=forged, state="signed_off").exists()
    assert not forged.cases.filter(state="signed_off").exists()


def test_a_forged_approval_publishes_nothing(forged: Inspection, people: People) -> None:
    issue = forged.issues.get(kind="issue_elsewhere")
    assert (issue.approved_at, issue.approved_by, issue.published_at) == (None, None, None)
    assert published.find_latest_issue(forged) is None
    with pytest.raises(PermissionDenied):
        publication.publish(issue=issue, by=people["information_manager"])
    inspections.link_participant(
        participant=forged.participants.get(name="Forged publications"), user=people["publications"],
        by=people["information_manager"],
    )  # fmt: skip
    for state in ("moderation", "final", "approved"):  # even where somebody here brings the inspection there
        Inspection.objects.filter(pk=forged.pk).update(state=state)
        with pytest.raises(UserError):
            publication.publish(issue=issue, by=people["publications"])
    forged.refresh_from_db()
    assert forged.slug is None
    for place in (reverse("reports"), reverse("feed")):
        assert "Farfield" not in Client().get(place).content.decode()


def test_no_page_that_was_written_elsewhere_is_shown_here(forged: Inspection, people: People) -> None:
    issue = forged.issues.get(kind="issue_elsewhere")
    client = Client()
    client.force_login(people["information_manager"])
    got = client.get(reverse("issue_file", args=[issue.pk, "report.html"]))
    assert got.content == PAGE  # nothing is lost
    assert got["Content-Type"] == "application/octet-stream"
    assert got["Content-Disposition"].startswith("attachment")
    assert got["Content-Security-Policy"].startswith("sandbox")
    assert got["X-Content-Type-Options"] == "nosniff"
    page = client.get(reverse("issue", args=[issue.pk])).content.decode()
    assert "named in the file as chief_inspector" in page
    # Somebody without a part in the inspection doesn't see that it is there.
    client.force_login(people["lead_inspector"])
    assert client.get(reverse("issue", args=[issue.pk])).status_code == 404
    assert client.get(reverse("issue_file", args=[issue.pk, "report.html"])).status_code == 404
    assert Client().get(reverse("issue_file", args=[issue.pk, "report.html"])).status_code == 302


ROWS = {
    Answer: "assessment__case__inspection", Comment: "assessment__case__inspection", Conflict: "assessment__case__inspection",
    Assessment: "case__inspection", Adjudication: "case__inspection", Participant: "inspection", Piece: "inspection",
    Judgement: "inspection", Text: "inspection", Upload: "inspection", Recommendation: "inspection", Issue: "inspection",
    AccuracyCheck: "inspection", AccuracyComment: "check_of__inspection", Correction: "comment__check_of__inspection",
    PlannedAction: "recommendation__inspection", Response: "recommendation__inspection",
    Verification: "recommendation__inspection", ProgressReport: "action__recommendation__inspection",
}  # fmt: skip


def actors(inspection: Inspection) -> set[int]:
    """Everybody whom any row of an inspection names as having done something."""
    matches = {
        inspection.created_by_id,
        inspection.signed_off_by_id,
        inspection.pseudonymised_by_id,
        inspection.purged_by_id,
    }
    for model, place in ROWS.items():
        for field in model._meta.get_fields():
            if field.many_to_one and field.related_model is User:
                matches |= set(model.objects.filter(**{place: inspection}).values_list(field.name, flat=True))  # type: ignore[attr-defined]
    return matches - {None}  # type: ignore[return-value]


def test_the_walk_over_rows_leaves_no_table_out() -> None:
    """A new table that names people, and that an import fills, belongs into the walk."""
    from django.apps import apps

    elsewhere = {
        "Appointment", "Token", "Device", "Event", "Inspection", "Area", "Family", "Programme", "Tranche", "PlannedInspection",
        "FrameworkVersion", "CollectedReport", "Outcome", "CaseloadFile", "Timetable", "Reminder", "Submission", "KeptForm", "Job",
    }  # fmt: skip
    naming = {
        model.__name__
        for model in apps.get_app_config("records").get_models()
        if any(f.many_to_one and f.related_model is User for f in model._meta.get_fields())
    }
    assert naming - elsewhere == {model.__name__ for model in ROWS}


def test_nobody_but_the_importer_did_anything_by_a_folder(
    inspection: Inspection, assessment: Assessment, people: People
) -> None:
    """A folder with every kind of row, in a room that has every account that it names."""
    answers.save(assessment=assessment.pk, sent=make_answer("b2_score", "poor"), by=people["inspector"])
    answers.save(assessment=assessment.pk, sent=make_answer("b2_score", "excellent"), by=people["inspector"])
    assessments.reply(assessment=assessment, text="see here", by=people["inspector"])
    village.make_report(inspection, assessment, people)
    inspection.refresh_from_db()
    assert len(actors(inspection)) > 2
    me = people["information_manager"]
    files = make_folder(inspection)
    again = folders.import_zip(name="n.zip", content=zip_folder("n", files), by=me)
    assert actors(again) == {me.pk}
    assert set(Event.objects.filter(inspection=again).values_list("happened_by", flat=True)) == {me.pk}
    assert list(list_broken()) == []


def test_events_of_a_folder_are_a_file_and_never_this_rooms_events(forged: Inspection) -> None:
    assert set(Event.objects.filter(inspection=forged).values_list("kind", flat=True)) == {
        "inspection.imported"
    }
    document = forged.documents.get(path="fieldwork/events-1.jsonl")
    assert b"issue.approved" in bytes(document.content)


@pytest.mark.repeats
@pytest.mark.parametrize("state", [s.key for s in INSPECTION.states])
def test_no_state_that_a_folder_says_goes_past_moderation(
    inspection: Inspection, people: People, state: str
) -> None:
    files = make_folder(inspection)
    room = json.loads(files["fieldwork/room.json"])
    room["state"] = state
    files["fieldwork/room.json"] = json.dumps(room).encode()
    again = folders.import_zip(name="n.zip", content=zip_folder("n", files), by=people["information_manager"])
    keys = [s.key for s in INSPECTION.states]
    assert keys.index(again.state) <= keys.index("moderation")
    assert again.state == state or keys.index(state) > keys.index("moderation")


def test_a_sign_off_that_a_folder_says_is_made_again_here(
    forged: Inspection, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not by whoever brought the folder in: who writes a file may have written its answers."""
    me, lead = people["information_manager"], people["lead_inspector"]
    for user, by in ((me, people["programme_manager"]), (lead, me)):
        inspections.add_participant(
            inspection=forged, name=f"{user} here", role="lead_inspector", user=user, by=by
        )
    assessment = Assessment.objects.filter(case__inspection=forged, state="complete", number=1).first()
    assert assessment is not None
    with pytest.raises(
        UserError, match=r"you imported the inspection. Ask Lead Inspector \(lead inspector\)"
    ):
        assessments.sign_off(assessment=assessment, by=me)
    monkeypatch.setattr(assessments, "list_obstacles", lambda _: iter(()))  # its answers are not all there
    assessments.sign_off(assessment=assessment, by=lead)
