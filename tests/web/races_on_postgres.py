"""What may happen between a save's assessment and its writing. Run on a real PostgreSQL by `test_races.py`.

A save reads without holding anything and writes in one statement. Each test here lets somebody else be faster.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from scrutineer.errors import UserError
from scrutineer_web.actions.fieldwork import answers
from scrutineer_web.actions.operations import accounts
from scrutineer_web.audit.events import tell
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.kit import form_ids
from scrutineer_web.queries.fieldwork import answer_checks
from scrutineer_web.queries.fieldwork.answer_checks import SentAnswer
from scrutineer_web.queries.operations.accounts import list_administrators
from scrutineer_web.records.answer import Answer
from scrutineer_web.records.appointment import Appointment
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.event import Event
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.participant import Participant
from scrutineer_web.records.piece import Piece
from scrutineer_web.records.user import User
from tests.web import village
from tests.web.conftest import make_answer

pytestmark = pytest.mark.django_db(transaction=True)

People = dict[str, User]


@pytest.fixture
def people(transactional_db: None) -> People:
    return village.make_people()


@pytest.fixture
def me(people: People, inspection: Inspection) -> User:
    return people["inspector"]


def elsewhere(work: Callable[[], Any]) -> None:
    """Do it on a connection of its own, to its end."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 told in the test's own thread
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    if failed:
        raise failed[0]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Let something happen after the next save has read, and before it writes."""

    def happens(work: Callable[[], Any]) -> None:
        plain = answer_checks.check_answer

        def value(assessment: Assessment, answer: SentAnswer) -> Any:
            monkeypatch.setattr(answer_checks, "check_answer", plain)
            elsewhere(work)
            return plain(assessment, answer)

        monkeypatch.setattr(answer_checks, "check_answer", value)

    return happens


def consistent(assessment: Assessment) -> Assessment:
    """The assessment as it stands: its events, its answers and its bytes say the same."""
    assessment.refresh_from_db()
    events = list(Event.objects.filter(chain=f"assessment:{assessment.pk}").order_by("number"))
    assert [e.number for e in events] == list(range(1, assessment.events + 1))
    assert events[-1].hash == assessment.head
    assert list(list_broken()) == []
    last = {e.details["question"]: e.details for e in events if e.kind == "answer.saved"}
    answers_by_question = {
        a.question: a for a in Answer.objects.filter(assessment=assessment, retired_at=None)
    }
    codes = answers.frames.read_answers(assessment.framework_version.framework, bytes(assessment.codes))
    for question, answer in answers_by_question.items():
        assert (answer.value, answer.rev) == (last[question]["value"], last[question]["rev"])
        fact = {True: "yes", False: "no"}.get(assessment.facts.get(question))
        assert codes.get(question, fact) == answer.value
    assert assessment.answered == answer_checks.count_progress(assessment)[1]
    return assessment


def save(assessment: Assessment, answer: SentAnswer, by: User) -> answers.Saved:
    return answers.save(assessment=assessment.pk, sent=answer, by=by)


def test_it_runs_on_postgres_outside_a_transaction() -> None:
    assert connection.vendor == "postgresql"
    assert not connection.in_atomic_block


def test_a_plain_save_is_two_statements_and_the_same_as_under_a_lock(
    assessment: Assessment, me: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with CaptureQueriesContext(connection) as queries:
        first = save(assessment, make_answer("b2_score", "poor", note="as it is"), me)
    assert len(queries.captured_queries) == 2
    assert (first.rev, first.assessment.state if first.assessment else "") == (1, "in_progress")
    consistent(assessment)
    second = save(assessment, make_answer("b2_score", None, 1), me)
    assert second.rev == 2
    at_once = consistent(assessment)
    monkeypatch.setattr(answers, "_save_at_once", lambda *_: None)
    other = Assessment.objects.filter(assessor__user=me).exclude(pk=assessment.pk).first()
    assert other is not None
    with CaptureQueriesContext(connection) as queries:
        save(other, make_answer("b2_score", "poor", note="as it is"), me)
        save(other, make_answer("b2_score", None, 1), me)
    assert len(queries.captured_queries) > 4
    consistent(other)
    # How many are asked differs from case to case.
    for name in ("codes", "facts", "answered", "state", "events"):
        assert getattr(at_once, name) == getattr(other, name), name
    first_answer, two = (Answer.objects.get(assessment=r) for r in (at_once, other))
    assert [(getattr(a, f)) for a in (first_answer,) for f in ("value", "note", "rev", "saved_by")] == [
        (getattr(a, f)) for a in (two,) for f in ("value", "note", "rev", "saved_by")
    ]


def test_somebody_answered_the_same_question(
    assessment: Assessment, me: User, meanwhile: Callable[..., None]
) -> None:
    meanwhile(lambda: save(assessment, make_answer("b2_score", "excellent"), me))
    met = save(assessment, make_answer("b2_score", "poor"), me)
    assert met.conflict is not None
    assert (met.standing or {})["value"] == "excellent"
    assert Conflict.objects.get().content["value"] == "poor"
    assert Answer.objects.get(assessment=assessment).rev == 1
    consistent(assessment)


def test_the_same_answer_arrived_by_another_way(
    assessment: Assessment, me: User, meanwhile: Callable[..., None]
) -> None:
    answer = make_answer("b2_score", "poor")
    meanwhile(lambda: save(assessment, answer, me))
    assert save(assessment, answer, me).rev == 1
    assert not Conflict.objects.exists()
    assert Event.objects.filter(kind="answer.saved").count() == 1
    consistent(assessment)


def test_somebody_answered_another_question_of_the_assessment(
    assessment: Assessment, me: User, meanwhile: Callable[..., None]
) -> None:
    meanwhile(lambda: save(assessment, make_answer("breach_required", "yes"), me))
    assert save(assessment, make_answer("b2_score", "poor"), me).rev == 1
    state = consistent(assessment)
    assert state.facts["breach_required"] is True
    assert Event.objects.filter(kind="answer.saved").count() == 2


def test_the_assessment_was_completed(
    assessment: Assessment, me: User, meanwhile: Callable[..., None]
) -> None:
    def complete() -> None:
        current = Assessment.objects.get(pk=assessment.pk)
        current.state = "complete"
        current.completed_at, current.completed_by = answers.timezone.now(), me
        with answers.transaction.atomic():
            answers.tell_of(answers.lock_assessment(assessment=current.pk), "assessment.completed", by=me)
            current.save(update_fields=["state", "completed_at", "completed_by"])

    meanwhile(complete)
    saved = save(assessment, make_answer("b2_score", "poor"), me)
    assert saved.closed
    assert saved.conflict is not None
    assert not Answer.objects.exists()
    consistent(assessment)


def test_the_state_alone_moved(assessment: Assessment, me: User, meanwhile: Callable[..., None]) -> None:
    """Even if nothing were told of it."""
    meanwhile(lambda: Assessment.objects.filter(pk=assessment.pk).update(state="signed_off"))
    assert save(assessment, make_answer("b2_score", "poor"), me).closed
    assert not Answer.objects.exists()


def test_the_assessment_was_withdrawn(
    assessment: Assessment, me: User, people: People, meanwhile: Callable[..., None]
) -> None:
    from scrutineer_web.actions.preparation import allocation

    meanwhile(lambda: allocation.withdraw(assessment=assessment, by=people["lead_inspector"]))
    with pytest.raises(PermissionDenied):
        save(assessment, make_answer("b2_score", "poor"), me)
    assert not Answer.objects.exists()
    consistent(assessment)


def test_the_assessment_was_given_to_somebody_else(
    assessment: Assessment, me: User, people: People, meanwhile: Callable[..., None]
) -> None:
    other = Participant.objects.get(user=people["second_inspector"])
    meanwhile(lambda: Assessment.objects.filter(pk=assessment.pk).update(assessor=other))
    with pytest.raises(PermissionDenied):
        save(assessment, make_answer("b2_score", "poor"), me)
    assert not Answer.objects.exists()


def test_the_assessment_got_another_framework(
    assessment: Assessment, me: User, meanwhile: Callable[..., None]
) -> None:
    """An answer goes into the bytes of the framework that the assessment has when it is written, or nowhere."""
    other = FrameworkVersion.objects.get(framework_id="omi-2006")
    blank = answers.frames.make_blank_codes(other.framework)
    assert "b2_score" not in other.framework.questions
    meanwhile(
        lambda: Assessment.objects.filter(pk=assessment.pk).update(framework_version=other, codes=blank)
    )
    with pytest.raises(UserError, match="doesn't have this question"):
        save(assessment, make_answer("b2_score", "poor"), me)
    assessment.refresh_from_db()
    assert bytes(assessment.codes) == bytes(blank)
    assert not Answer.objects.exists()


def test_a_retired_answer_counts_on(assessment: Assessment, me: User) -> None:
    save(assessment, make_answer("b2_score", "poor"), me)
    Answer.objects.filter(assessment=assessment).update(retired_at=answers.timezone.now(), rev=5)
    assert save(assessment, make_answer("b2_score", "excellent", 5), me).rev == 6
    consistent(assessment)


def test_a_uid_is_used_once(assessment: Assessment, me: User) -> None:
    uid = uuid4()
    save(assessment, SentAnswer("b2_score", "poor", 0, uid), me)
    with pytest.raises(UserError, match="uid was used"):
        save(assessment, SentAnswer("b1_fit", "poor", 0, uid), me)
    assert Answer.objects.filter(assessment=assessment).count() == 1
    consistent(assessment)


def test_eight_people_save_into_one_assessment_at_once(assessment: Assessment, me: User) -> None:
    framework = assessment.framework_version.framework
    free = [q.key for q in framework.questions.values() if q.when is None][:40]
    together = threading.Barrier(8)
    failed: list[BaseException] = []

    def work(mine: list[str]) -> None:
        try:
            together.wait(10)
            for turn in range(3):
                for question in mine:
                    value = ("poor", "excellent", "sufficient")[turn]
                    assert save(assessment, make_answer(question, value, turn), me).rev == turn + 1
        except BaseException as error:  # noqa: BLE001 told in the test's own thread
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(free[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failed == []
    state = consistent(assessment)
    assert (
        state.events - 3 * len(free)
        == Event.objects.filter(chain=f"assessment:{assessment.pk}").exclude(kind="answer.saved").count()
    )
    assert not Conflict.objects.exists()


def test_two_people_save_one_question_over_and_over(assessment: Assessment, me: User) -> None:
    """Of two answers on one revision one is saved and the other is a conflict: never both, never none."""
    together = threading.Barrier(2)
    outcomes: list[list[answers.Saved]] = [[], []]
    failed: list[BaseException] = []

    def work(n: int) -> None:
        try:
            for turn in range(12):
                together.wait(20)
                outcomes[n].append(
                    save(
                        assessment,
                        make_answer("b2_score", ("poor", "excellent")[n], turn, note=f"{turn}"),
                        me,
                    )
                )
                together.wait(20)
        except BaseException as error:  # noqa: BLE001 told in the test's own thread
            failed.append(error)
            together.abort()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failed == []
    for turn, (a, b) in enumerate(zip(*outcomes, strict=True)):
        assert sorted([a.conflict is None, b.conflict is None]) == [False, True], turn
        assert a.rev == b.rev == turn + 1
    assert Conflict.objects.count() == 12
    consistent(assessment)


def test_a_form_that_is_sent_twice_at_once_makes_one(
    people: People, me: User, inspection: Inspection
) -> None:
    """Both requests have looked before either has written: the database lets one of them take the form's id."""
    client = Client()
    client.force_login(me)
    item = inspection.framework.criteria["A1"].items[0].key
    sent = {
        "kind": "document", "title": "Plan", "source": "The board", "base": "0", f"grade__{item}": "good",
        form_ids.FIELD: form_ids.make_id(me.pk),
    }  # fmt: skip
    places: list[str] = []
    gate = threading.Barrier(4)

    def send() -> None:
        own = Client()
        own.cookies = client.cookies
        try:
            gate.wait(10)
            places.append(own.post(reverse("piece_new", args=[inspection.pk]), sent)["Location"])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Piece.objects.count() == 1
    assert places == [reverse("piece", args=[Piece.objects.get().pk])] * 4
    assert Event.objects.filter(kind="piece.saved").count() <= 1
    assert list(list_broken()) == []


# -- the last administrator --------------------------------------------------------------


@pytest.mark.parametrize("how", [("dismiss", "dismiss"), ("retire", "retire"), ("dismiss", "retire")])
def test_two_who_take_each_other_away_at_once_leave_one(people: People, how: tuple[str, str]) -> None:
    first, second = people["administrator"], people["inspector"]

    def take_away(what: str, user: User, by: User) -> None:
        ready.wait(10)
        try:
            if what == "retire":
                accounts.retire(user=user, by=by)
            else:
                held = user.appointments.get(role="administrator", retired_at=None)
                accounts.dismiss(appointment=held, by=by)
        except (UserError, PermissionDenied, Appointment.DoesNotExist):
            pass
        finally:
            connections.close_all()

    for _ in range(3):
        with transaction.atomic():
            for user in (first, second):
                # One by one: an update of many rows would be stated by no event.
                user.is_active, user.retired_at = True, None
                user.save(update_fields=["is_active", "retired_at"])
                if not user.appointments.filter(role="administrator", retired_at=None).exists():
                    Appointment.objects.create(
                        user=user, role="administrator", given_at=timezone.now(), given_by=first
                    )
            tell("appointment.given", by=first, account=second.username, role="administrator")
        ready = threading.Barrier(2)
        pairs = [(how[0], first, second), (how[1], second, first)]
        threads = [threading.Thread(target=take_away, args=args) for args in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert list_administrators().count() == 1
    assert list(list_broken()) == []
