"""Statements that are made once do what the records' own ways do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from scrutineer_web.actions.fieldwork import answers
from scrutineer_web.actions.moderation import assessments
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.records.answer import Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.participant import Participant
from scrutineer_web.records.statements import write_rows
from scrutineer_web.records.user import User
from tests.conftest import ROOT
from tests.web.conftest import make_answer
from tests.web.village import PASSWORD

People = dict[str, User]


def test_an_assessment_is_read_as_the_records_read_it(inspection: Inspection, people: People) -> None:
    assessment = Assessment.objects.filter(number=1, assessor__user=people["inspector"]).earliest("pk")
    answers.save(
        assessment=assessment.pk,
        sent=make_answer("b2_score", "poor", note="as it is"),
        by=people["inspector"],
    )
    Participant.objects.filter(pk=assessment.assessor_id).update(
        team="North", retired_at=timezone.now(), retired_by=people["inspector"]
    )
    locked = answers.lock_assessment(assessment=assessment.pk)
    plain = Assessment.objects.select_related("case__inspection", "assessor", "framework_version").get(
        pk=assessment.pk
    )
    for read, expected in (
        (locked, plain), (locked.case, plain.case), (locked.case.inspection, plain.case.inspection),
        (locked.assessor, plain.assessor), (locked.framework_version, plain.framework_version),
    ):  # fmt: skip
        names = {name for name in read.__dict__ if not name.startswith("_")}
        assert len(names) > 1
        for name in names:
            assert getattr(read, name) == getattr(expected, name), name
        # What was not read is read when it is used.
        for field in type(read)._meta.concrete_fields:
            assert getattr(read, field.attname) == getattr(expected, field.attname)


def test_an_assessment_without_an_assessor_has_none(inspection: Inspection) -> None:
    assessment = Assessment.objects.filter(case__inspection=inspection).earliest("pk")
    Assessment.objects.filter(pk=assessment.pk).update(assessor=None)
    assert answers.lock_assessment(assessment=assessment.pk).assessor is None
    with pytest.raises(Assessment.DoesNotExist):
        answers.lock_assessment(assessment=10_000_000)


def test_an_event_and_its_assessments_end_stand_together(inspection: Inspection, people: People) -> None:
    assessment = Assessment.objects.filter(number=1, assessor__user=people["inspector"]).earliest("pk")
    answers.save(
        assessment=assessment.pk,
        sent=make_answer("b2_score", "poor", note="as it is"),
        by=people["inspector"],
    )
    assessments.reply(assessment=assessment, text="Looked at twice", by=people["inspector"])
    assessment.refresh_from_db()
    last = Event.objects.filter(chain=f"assessment:{assessment.pk}").earliest("-number")
    assert (assessment.events, assessment.head) == (last.number, last.hash)
    assert last.kind == "comment.written"
    assert last.details["text"] == "Looked at twice"
    assert Answer.objects.get(assessment=assessment).value == "poor"
    assert list(list_broken()) == []


def test_a_session_ends_on_its_day_and_with_its_account(people: People) -> None:
    client = Client()
    client.post(reverse("account_login"), {"login": "inspector", "password": PASSWORD})
    assert client.get(reverse("my_work")).status_code == 200
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get(reverse("my_work")).status_code == 302
    client.post(reverse("account_login"), {"login": "inspector", "password": PASSWORD})
    assert client.get(reverse("my_work")).status_code == 200
    User.objects.filter(username="inspector").update(is_active=False)
    assert client.get(reverse("my_work")).status_code == 302


def importing(*names: str) -> list[str]:
    """Which files of the room take such a statement."""
    statements = []
    for path in sorted((ROOT / "scrutineer_web").rglob("*.py")):
        line = path.read_text(encoding="utf-8").partition("statements import")[2].partition("\n")[0]
        if set(names) & {name.strip() for name in line.split(",")}:
            statements.append(path.relative_to(ROOT).as_posix())
    return statements


def test_only_the_audit_writes_by_such_statements() -> None:
    assert importing("write", "write_after") == ["scrutineer_web/audit/events.py"]
    # Many new rows at once: answers of an imported folder, and what follows from settled scores.
    assert importing("write_rows") == [
        "scrutineer_web/actions/importing/imported_answers.py",
        "scrutineer_web/actions/moderation/results.py",
    ]


def test_many_rows_are_written_as_the_records_write_them(assessment: Assessment, people: People) -> None:
    def columns(question: str) -> dict[str, Any]:
        return {
            "assessment_id": assessment.pk, "question": question, "value": "poor", "note": "as é the file", "rev": 3,
            "saved_at": timezone.now(), "saved_by_id": people["inspector"].pk,
        }  # fmt: skip

    write_rows(Answer, [])
    write_rows(Answer, [columns("one"), columns("two")])
    Answer(**columns("three")).save()
    names = [
        f.attname for f in Answer._meta.concrete_fields if f.attname not in ("id", "question", "saved_at")
    ]
    first, two, three = (Answer.objects.values(*names).get(question=q) for q in ("one", "two", "three"))
    assert first == two == three


def test_the_queries_of_one_save(inspection: Inspection, people: People, client: Client) -> None:
    """Session, account, assessment, answer, event, the assessment's end; savepoints stand in for the transaction here."""
    assessment = Assessment.objects.filter(number=1, assessor__user=people["inspector"]).earliest("pk")
    client.force_login(people["inspector"])
    body = {"value": "poor", "base": 0, "uid": "0c1f3c0e-7d3d-4d2a-9e5e-1f0f5a4f7a10", "note": "as it is"}
    with CaptureQueriesContext(connection) as queries:
        address = f"/api/v1/assessments/{assessment.pk}/answers/b2_score"
        assert client.put(address, body, "application/json").status_code == 200
    asked = [q["sql"] for q in queries.captured_queries if "SAVEPOINT" not in q["sql"]]
    assert len(asked) <= 6, asked
