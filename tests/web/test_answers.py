"""Saving an answer: what is kept, what is refused, and what two people's answers to one question come to."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scrutineer.errors import UserError
from scrutineer_web.actions.fieldwork import answers
from scrutineer_web.actions.moderation import assessments
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.queries.fieldwork.answer_checks import SentAnswer
from scrutineer_web.records.answer import Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.event import Event
from scrutineer_web.records.user import User
from tests.web.conftest import make_answer

People = dict[str, User]


def standing(assessment: Assessment, question: str) -> Answer:
    return Answer.objects.get(assessment=assessment, question=question)


def test_an_answer_is_kept_with_its_evidence_and_told(assessment: Assessment, people: People) -> None:
    answer = make_answer("b2_score", "poor", from_file="nothing on the file", note="no score anywhere")
    saved = answers.save(assessment=assessment.pk, sent=answer, by=people["inspector"])
    current = standing(assessment, "b2_score")
    assert (saved.rev, current.value, current.from_file, current.note) == (
        1,
        "poor",
        "nothing on the file",
        "no score anywhere",
    )
    event = Event.objects.get(uid=answer.uid)
    assert (event.kind, event.actor, event.details["value"]) == ("answer.saved", "Inspector", "poor")
    assert list(list_broken()) == []


def test_one_answer_takes_at_most_four_queries_beside_session_and_person(
    assessment: Assessment, people: People
) -> None:
    for question, value, base in (
        ("b2_score", "poor", 0),
        ("b2_score", "excellent", 1),
        ("b2_score", None, 2),
        ("breach_required", "yes", 0),
    ):
        with CaptureQueriesContext(connection) as seen:
            answers.save(
                assessment=assessment.pk, sent=make_answer(question, value, base), by=people["inspector"]
            )
        statements = [q["sql"] for q in seen.captured_queries]
        assert (
            len(
                [sql for sql in statements if not sql.startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
            )
            <= 4
        )


def test_what_is_sent_twice_is_saved_once(assessment: Assessment, people: People) -> None:
    answer = make_answer("b2_score", "poor")
    first = answers.save(assessment=assessment.pk, sent=answer, by=people["inspector"])
    again = answers.save(assessment=assessment.pk, sent=answer, by=people["inspector"])
    assert first.rev == again.rev == standing(assessment, "b2_score").rev == 1
    assert Event.objects.filter(chain=f"assessment:{assessment.pk}", kind="answer.saved").count() == 1
    assert not Conflict.objects.exists()


def test_two_answers_on_one_base_are_a_conflict_until_somebody_chooses(
    assessment: Assessment, people: People
) -> None:
    me = people["inspector"]
    answers.save(assessment=assessment.pk, sent=make_answer("b2_score", "poor"), by=me)
    late = make_answer("b2_score", "excellent", 0, note="seen on paper")
    met = answers.save(assessment=assessment.pk, sent=late, by=me)
    assert met.conflict is not None
    assert (met.standing or {})["value"] == "poor"
    assert standing(assessment, "b2_score").value == "poor"
    assert answers.save(assessment=assessment.pk, sent=late, by=me).conflict == met.conflict
    answers.settle(conflict=Conflict.objects.get(), take=True, by=me)
    assert (standing(assessment, "b2_score").value, standing(assessment, "b2_score").note) == (
        "excellent",
        "seen on paper",
    )
    with pytest.raises(UserError, match="somebody else has already chosen an answer"):
        answers.settle(conflict=Conflict.objects.get(), take=False, by=me)
    assert list(list_broken()) == []


def test_the_same_answer_twice_is_no_conflict(assessment: Assessment, people: People) -> None:
    answers.save(
        assessment=assessment.pk, sent=make_answer("b2_score", "poor", note="x"), by=people["inspector"]
    )
    saved = answers.save(
        assessment=assessment.pk, sent=make_answer("b2_score", "poor", note="x"), by=people["inspector"]
    )
    assert (saved.rev, saved.conflict) == (1, None)


@pytest.mark.parametrize(
    ("question", "value", "says"),
    [
        ("b2_score", "splendid", "excellent, sufficient"),
        ("b2_score", "not_applicable", "applies to this case"),
        ("no_such", "poor", "doesn't have this question"),
        ("breach_required", "perhaps", "yes or no"),
        ("risk_of_harm", "low", "doesn't have this question"),
    ],
)
def test_what_no_question_takes_is_refused(
    assessment: Assessment, people: People, question: str, value: str, says: str
) -> None:
    with pytest.raises(UserError, match=says):
        answers.save(assessment=assessment.pk, sent=make_answer(question, value), by=people["inspector"])
    assert not Answer.objects.exists()


def test_texts_have_an_end(assessment: Assessment, people: People) -> None:
    with pytest.raises(UserError, match="20,001 characters"):
        answers.save(
            assessment=assessment.pk,
            sent=make_answer("b2_score", "poor", note="x" * 20_001),
            by=people["inspector"],
        )


@pytest.mark.parametrize(
    "name", ["lead_inspector", "second_inspector", "area_assessor", "auditor", "information_manager"]
)
def test_nobody_answers_for_somebody_else(assessment: Assessment, people: People, name: str) -> None:
    with pytest.raises(PermissionDenied):
        answers.save(assessment=assessment.pk, sent=make_answer("b2_score", "poor"), by=people[name])


def test_an_answer_to_a_closed_assessment_is_kept_as_a_late_one(
    assessment: Assessment, people: People
) -> None:
    Assessment.objects.filter(pk=assessment.pk).update(
        state="complete", completed_at="2005-10-07T10:00Z", completed_by=people["inspector"]
    )
    saved = answers.save(
        assessment=assessment.pk, sent=make_answer("b2_score", "poor"), by=people["inspector"]
    )
    assert saved.closed
    assert Conflict.objects.get().content["value"] == "poor"
    assert not Answer.objects.exists()
    with pytest.raises(UserError, match="takes no more answers"):
        answers.settle(conflict=Conflict.objects.get(), take=True, by=people["inspector"])


def test_an_assessment_is_complete_only_when_nothing_is_open(assessment: Assessment, people: People) -> None:
    with pytest.raises(UserError) as caught:
        assessments.complete(assessment=assessment, by=people["inspector"])
    messages = [str(f) for f in caught.value.faults]
    assert any("b2_score: not yet answered" in s for s in messages)
    assert any("breach_required: not yet answered" in s for s in messages)
    assert len(messages) > 40


def test_a_clock_set_wrong_changes_nothing(assessment: Assessment, people: People) -> None:
    """What the device's clock says is told, and orders nothing."""
    first = SentAnswer("b2_score", "poor", 0, uuid4(), {}, "d", "2099-01-01T00:00:00Z")
    second = SentAnswer("b2_score", "excellent", 1, uuid4(), {}, "d", "1970-01-01T00:00:00Z")
    answers.save(assessment=assessment.pk, sent=first, by=people["inspector"])
    answers.save(assessment=assessment.pk, sent=second, by=people["inspector"])
    assert standing(assessment, "b2_score").value == "excellent"
    assert (
        Event.objects.get(uid=first.uid).happened_at.year
        == Event.objects.get(uid=second.uid).happened_at.year
    )
