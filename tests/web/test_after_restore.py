"""After a restore to an earlier moment: what only devices still hold comes back, and nothing that was saved since is lost."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scrutineer_web.actions.fieldwork import answers, devices
from scrutineer_web.actions.operations import generations
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.queries.fieldwork.answer_checks import SentAnswer
from scrutineer_web.records import current_generation
from scrutineer_web.records.answer import Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.current_generation import make_identity
from scrutineer_web.records.device import Device, Held
from scrutineer_web.records.event import Event
from scrutineer_web.records.generation import Generation
from scrutineer_web.records.user import User
from tests.browser import START, browser, needs_browser
from tests.conftest import ROOT
from tests.web.served import environment, served, sign_in, until

People = dict[str, User]
QUESTION = "b2_score"


@pytest.fixture(autouse=True)
def _read_again() -> Any:
    current_generation.forget()
    yield
    current_generation.forget()


@pytest.fixture
def first(assessment: Assessment) -> Generation:
    """The stretch in which the room was made."""
    generations.begin_first(by=None)
    return Generation.objects.get()


def restored() -> Generation:
    return generations.begin_after_restore(backup_of=timezone.now() - timedelta(minutes=5), by=None)


def sent(
    assessment: Assessment, room: Generation | None, value: str, base: int, case: str | None = None
) -> SentAnswer:
    return SentAnswer(
        QUESTION, value, base, uuid4(), {}, room=room.pk if room else None, case=make_identity(assessment) if case is None else case
    )  # fmt: skip


def standing() -> tuple[str | None, int] | None:
    return Answer.objects.filter(question=QUESTION).values_list("value", "rev").first()


def test_an_answer_that_the_restored_room_lacks_is_saved(
    assessment: Assessment, first: Generation, people: People
) -> None:
    by = people["inspector"]
    assert answers.save(assessment=assessment.pk, sent=sent(assessment, first, "poor", 0), by=by).rev == 1
    restored()  # revisions 2 to 4 were saved after the backup, and are gone
    saved = answers.save(assessment=assessment.pk, sent=sent(assessment, first, "sufficient", 4), by=by)
    assert (saved.conflict, standing()) == (None, ("sufficient", 2))
    assert list(list_broken()) == []


def test_a_question_that_the_restored_room_has_no_answer_to_is_answered(
    assessment: Assessment, first: Generation, people: People
) -> None:
    restored()
    assert (
        answers.save(
            assessment=assessment.pk, sent=sent(assessment, first, "poor", 2), by=people["inspector"]
        ).conflict
        is None
    )
    assert standing() == ("poor", 1)


def test_what_the_restored_room_still_has_is_not_saved_twice(
    assessment: Assessment, first: Generation, people: People
) -> None:
    answer = sent(assessment, first, "poor", 0)
    answers.save(assessment=assessment.pk, sent=answer, by=people["inspector"])
    answers.save(
        assessment=assessment.pk, sent=sent(assessment, first, "sufficient", 1), by=people["inspector"]
    )
    restored()
    number = Event.objects.count()
    assert answers.save(assessment=assessment.pk, sent=answer, by=people["inspector"]).rev == 1
    assert (Event.objects.count(), standing()) == (number, ("sufficient", 2))


@pytest.mark.parametrize("base", [0, 1, 3])
def test_what_was_saved_since_the_restore_never_gives_way(
    assessment: Assessment, first: Generation, people: People, base: int
) -> None:
    """Also where its number is by chance the one that the device's answer was based on."""
    again = restored()
    answers.save(assessment=assessment.pk, sent=sent(assessment, again, "poor", 0), by=people["inspector"])
    saved = answers.save(
        assessment=assessment.pk, sent=sent(assessment, first, "sufficient", base), by=people["inspector"]
    )
    assert saved.conflict is not None
    assert standing() == ("poor", 1)
    assert Conflict.objects.get().content["value"] == "sufficient"


def test_a_stretch_that_this_history_does_not_have_overwrites_nothing(
    assessment: Assessment, first: Generation, people: People
) -> None:
    """Restored twice: the stretch between isn't in the older backup."""
    answers.save(assessment=assessment.pk, sent=sent(assessment, first, "poor", 0), by=people["inspector"])
    restored()
    answer = sent(assessment, None, "sufficient", 5)
    strange = SentAnswer(
        answer.question,
        answer.value,
        answer.base,
        answer.uid,
        {},
        room=uuid4(),
        case=make_identity(assessment),
    )
    assert answers.save(assessment=assessment.pk, sent=strange, by=people["inspector"]).conflict is not None
    assert standing() == ("poor", 1)


def test_after_two_restores_the_first_history_gives_way_to_what_came_between(
    assessment: Assessment, first: Generation, people: People
) -> None:
    second = restored()
    answers.save(assessment=assessment.pk, sent=sent(assessment, second, "poor", 0), by=people["inspector"])
    restored()
    assert answers.save(
        assessment=assessment.pk, sent=sent(assessment, first, "sufficient", 4), by=people["inspector"]
    ).conflict
    saved = answers.save(
        assessment=assessment.pk, sent=sent(assessment, second, "excellent", 3), by=people["inspector"]
    )
    assert (saved.conflict, standing()) == (None, ("excellent", 2))


def test_a_number_that_names_another_case_now_takes_nothing(
    assessment: Assessment, first: Generation, people: People
) -> None:
    restored()
    with pytest.raises(Assessment.DoesNotExist):
        answers.save(
            assessment=assessment.pk,
            sent=sent(assessment, first, "poor", 1, case="0" * 32),
            by=people["inspector"],
        )
    assert standing() is None


def test_a_closed_case_keeps_the_answer_for_the_lead_inspector(
    assessment: Assessment, first: Generation, people: People
) -> None:
    restored()
    Assessment.objects.filter(pk=assessment.pk).update(state="signed_off")
    saved = answers.save(
        assessment=assessment.pk, sent=sent(assessment, first, "poor", 1), by=people["inspector"]
    )
    assert (saved.closed, standing()) == (True, None)


def test_the_room_says_which_it_is_and_the_lead_sees_who_has_not_come_back(
    assessment: Assessment, first: Generation, people: People
) -> None:
    device = uuid4()
    client = Client()
    client.force_login(people["inspector"])
    key = client.post(f"/api/v1/devices/{device}/key", {"name": "Firefox"}, "application/json").json()["key"]
    asked = {"unsent": {str(assessment.pk): 0}}
    heard = client.post(f"/api/v1/devices/{device}/heard", asked, "application/json").json()
    assert heard == {"unsent": 0, "room": str(first.pk)}
    again = restored()
    lead = Client()
    lead.force_login(people["lead_inspector"])
    page = reverse("devices", args=[assessment.case.inspection_id])
    assert "Not since the restore" in lead.get(page).content.decode()
    # The backup was taken before the device came: it gets the same key again, and what it keeps can be opened.
    Held.objects.all().delete()
    Device.objects.all().delete()
    assert client.post(f"/api/v1/devices/{device}/heard", asked, "application/json").status_code == 404
    assert devices.issue_key(device=device, name="Firefox", by=people["inspector"]) == key
    assert devices.issue_key(device=uuid4(), name="Firefox", by=people["inspector"]) != key
    assert client.post(f"/api/v1/devices/{device}/heard", asked, "application/json").json()["room"] == str(
        again.pk
    )
    assert "Not since the restore" not in lead.get(page).content.decode()


def scrutineer(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "scrutineer", "room", *arguments, "--data", str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(folder, ""), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@needs_browser
@pytest.mark.unmeasured
def test_acknowledged_answers_that_only_a_device_holds_come_back(tmp_path: Path) -> None:
    """A real browser: three answers are saved after the backup; the room is restored; its owner signs in again."""
    with served(tmp_path / "data") as room, browser() as kind:
        page = kind.launch(**START).new_page()
        sign_in(page, room, "inspector")
        number = room.signed_in("inspector").get(f"{room.address}/api/v1/assessments", timeout=30).json()[0]
        page.goto(f"{room.address}/assessments/{number}/")
        until(page, "document.querySelector('[data-unsent]')?.textContent === 'Everything is saved'")
        keys = page.evaluate(
            "[...document.querySelectorAll('[data-question][data-field=radios]')].map((q) => q.dataset.question)"
        )
        first_key, two, three = keys[:3]

        def choose(key: str, place: int) -> None:
            page.evaluate(
                "([key, n]) => document.querySelectorAll(`[data-question='${key}'] input[type=radio]`)[n].click()",
                [key, place],
            )
            until(
                page,
                "(key) => document.querySelector(`[data-question='${key}']`).dataset.state === 'saved'",
                key,
            )

        def held() -> dict[str, str]:
            asked = room.signed_in("inspector").get(f"{room.address}/api/v1/assessments/{number}", timeout=30)
            return {a["question"]: a["value"] for a in asked.json()["answers"]}

        choose(first_key, 0)
        scrutineer(room.folder, "backup", str(tmp_path / "room.tar"))
        choose(first_key, 1)
        choose(first_key, 2)
        choose(two, 1)
        choose(three, 0)
        before = held()
        assert len(before) == 3
        room.kill()
        scrutineer(tmp_path / "elsewhere", "restore", str(tmp_path / "room.tar"))
        room.folder = tmp_path / "elsewhere"
        room.start()
        assert len(held()) == 1
        sign_in(page, room, "inspector")
        until(page, "document.querySelector('[data-device-text]').textContent.startsWith('All answers')")
        assert held() == before
        page.goto(f"{room.address}/assessments/{number}/")
        until(page, "document.querySelector('[data-unsent]')?.textContent === 'Everything is saved'")
        assert page.locator(".room-conflict").count() == 0
        choose(first_key, 0)  # and the work goes on
        assert page.locator(".room-conflict").count() == 0
        assert held() == before | {first_key: held()[first_key]}
