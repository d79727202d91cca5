"""What whoever runs the room needs: health, numbers, logs, settings that are looked at, reminders."""

from __future__ import annotations

import json
import logging
import os
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scrutineer_web.actions.follow_up import plans
from scrutineer_web.actions.operations import accounts, reminders
from scrutineer_web.kit import logs
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.beat import Beat
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.reminder import Reminder
from scrutineer_web.records.user import User
from scrutineer_web.running import clock, health, system_checks
from scrutineer_web.safeguards import beats
from tests.conftest import ROOT
from tests.web import village
from tests.web.served import served

People = dict[str, User]
WORD = "a long word for whoever watches"


# -- health and numbers ------------------------------------------------------------------


def test_a_room_that_works_is_well(db: None) -> None:
    beats.beat(name=beats.CLOCK)
    beats.beat(name=beats.JOBS)
    answer = Client().get(reverse("health"))
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert {"database", "schema", "clock", "jobs"} <= set(answer.json()["parts"])


def test_a_part_that_is_silent_is_told(db: None) -> None:
    beats.beat(name=beats.CLOCK)
    Beat.objects.create(name=beats.JOBS, at=timezone.now() - timedelta(minutes=20))
    answer = Client().get(reverse("health"))
    assert answer.status_code == 503
    assert answer.json()["parts"]["jobs"] == "silent"
    assert answer.json()["parts"]["clock"] == "ok"


def test_a_database_that_is_away_is_told_and_nothing_else(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise DatabaseError("could not connect to host secret.example.org")

    with monkeypatch.context() as patch:
        patch.setattr(health.connection, "cursor", away)
        answer = Client().get(reverse("health"))
    assert answer.status_code == 503
    assert answer.json()["parts"] == {"database": "cannot be reached"}
    assert b"secret.example.org" not in answer.content


def test_a_served_room_beats_measures_and_logs_no_case_content(tmp_path: Path) -> None:
    """A real server: its clock and background are heard of, its numbers add up over processes, its log is JSON."""
    from prometheus_client.parser import text_string_to_metric_families

    more = {"SCRUTINEER_METRICS": WORD, "SCRUTINEER_LOG": "json"}
    with served(tmp_path / "data", more=more, workers=2) as room:
        session = room.signed_in("inspector")
        assessment = session.get(f"{room.address}/api/v1/assessments", timeout=30).json()[0]
        body = {
            "value": "poor",
            "base": 0,
            "uid": "8d3f6f0e-6f63-4a53-9d0c-54b1d7d0c001",
            "note": "Elm Street, number nine",
        }
        session.put(f"{room.address}/api/v1/assessments/{assessment}/answers/b2_score", json=body, timeout=30)
        for _ in range(5):
            session.get(f"{room.address}/inspections/", timeout=30)
        for _ in range(120):
            parts = session.get(f"{room.address}/health/", timeout=30).json()["parts"]
            headers = session.get(
                f"{room.address}/metrics/", headers={"Authorization": f"Bearer {WORD}"}, timeout=30
            )
            if 'beat_age_seconds{part="jobs"' in headers.text and 'part="clock"' in headers.text:
                break
            import time

            time.sleep(0.25)
        assert parts["clock"] == parts["jobs"] == "ok"
        assert session.get(f"{room.address}/metrics/", timeout=30).status_code == 404
        families = {f.name: f for f in text_string_to_metric_families(headers.text)}
    counted = {
        s.labels["route"]: s.value
        for s in families["scrutineer_answer_seconds"].samples
        if s.name.endswith("_count") and s.labels["method"] == "GET" and s.labels["status"] == "2xx"
    }
    assert counted["inspections"] == 5
    assert any(
        s.value == 1 for s in families["scrutineer_inspections"].samples if s.labels["phase"] == "fieldwork"
    )
    lines = [json.loads(line) for line in room.log.splitlines() if line.startswith("{")]
    routes = [line["route"] for line in lines if line["message"] == "answered"]
    assert routes.count("inspections") == 5
    assert {"milliseconds", "status", "method", "account"} <= set(lines[-1])
    assert "Elm Street" not in room.log
    assert "F-1" not in room.log


def test_a_log_line_tells_an_error_and_no_word_of_a_case() -> None:
    record = logging.LogRecord(
        "django.request", logging.ERROR, "", 0, "Internal Server Error: %s", ("/assessments/1/",), None
    )
    try:
        raise ValueError("the neighbour in Elm Street said so")
    except ValueError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    record.request = object()
    logs.Bare().filter(record)
    line = json.loads(logs.Json().format(record))
    assert line["message"].startswith(
        "Internal Server Error: /assessments/1/ (ValueError at tests/web/test_operations.py:"
    )
    assert "Elm Street" not in json.dumps(line)


def test_work_that_goes_well_is_not_logged_and_a_fault_of_it_is() -> None:
    def is_logged(name: str, level: int) -> bool:
        return logs.Quiet().filter(logging.LogRecord(name, level, "", 0, "", (), None))

    assert [is_logged("django_tasks", logging.INFO), is_logged("django_tasks_db", logging.DEBUG)] == [
        False,
        False,
    ]
    assert is_logged("django_tasks", logging.ERROR)
    assert is_logged("scrutineer_web.requests", logging.INFO)


# -- settings ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({"SCRUTINEER_HOST": "a"}, "The nearest setting is SCRUTINEER_HOSTS"),
        ({"SCRUTINEER_HTTPS": "yes"}, "neither 1 nor 0"),
        ({"SCRUTINEER_LOG": "xml"}, "isn't a log format"),
        ({"SCRUTINEER_DATABASE": "mysql://u:secretword@h/n"}, "isn't an address that Scrutineer can use"),
        ({"SCRUTINEER_MAIL": "smtp://u:secretword@h:many"}, "isn't an address that Scrutineer can use"),
        ({"SCRUTINEER_ADDRESS": "room.example.org"}, "isn't an address that Scrutineer can use"),
        ({"SCRUTINEER_HOSTS": "a.example.org, b.example.org"}, "isn't a host name"),
        ({"SCRUTINEER_SECRET": "short"}, "it has 5 characters"),
        ({"SCRUTINEER_METRICS": "short"}, "it has 5 characters"),
        ({"SCRUTINEER_FRAMEWORKS": "/nowhere/at/all"}, "isn't a folder"),
        ({"SCRUTINEER_OIDC": "https://id.example.org"}, "SCRUTINEER_OIDC is set but this isn't"),
        ({"SCRUTINEER_TRUSTED_PROXIES": "two"}, "isn't a number of proxies"),
        ({"SCRUTINEER_IDLE_HOURS": "0"}, "isn't a number of hours"),
        ({"SCRUTINEER_JOB_MEMORY": "0"}, "is not a whole number above 0"),
    ],
)
def test_a_setting_that_cannot_be_is_said_with_what_to_do(
    tmp_path: Path, setting: dict[str, str], expected: str
) -> None:
    faults = system_checks.find_wrong(setting, tmp_path)
    text = " ".join(str(f) for f in faults)
    assert expected in text
    assert "secretword" not in text  # a password is not repeated
    assert all(f.do for f in faults)
    assert len(faults) == len(set(map(str, faults)))


def test_every_setting_is_told_at_once(tmp_path: Path) -> None:
    assert (
        len(
            system_checks.find_wrong(
                {"SCRUTINEER_HTTPS": "2", "SCRUTINEER_LOG": "x", "SCRUTINEER_FOO": "1"}, tmp_path
            )
        )
        == 3
    )


def test_good_settings_are_not_spoken_against(tmp_path: Path) -> None:
    good = {
        "SCRUTINEER_DATABASE": "postgres://room@db.example.org/room", "SCRUTINEER_HOSTS": "room.example.org",
        "SCRUTINEER_HTTPS": "1", "SCRUTINEER_MAIL": "smtp://u:p@mail.example.org:587", "SCRUTINEER_ADDRESS": "https://room.example.org",
        "SCRUTINEER_SECRET": "x" * 50, "SCRUTINEER_LOG": "json", "PATH": "/bin",
        "SCRUTINEER_TRUSTED_PROXIES": "1",
    }  # fmt: skip
    assert system_checks.find_wrong(good, tmp_path) == []
    about_engines = {"the PDF engine", "the Word converter"}
    assert [h for h in system_checks.find_hints(good) if h.where not in about_engines] == []


def test_a_room_for_others_without_tls_or_mail_gets_hints() -> None:
    message = " ".join(str(h) for h in system_checks.find_hints({"SCRUTINEER_HOSTS": "room.example.org"}))
    for text in ("SCRUTINEER_HTTPS", "SCRUTINEER_DATABASE", "SCRUTINEER_MAIL"):
        assert text in message


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "secret-key"
    key.write_text("x" * 50, encoding="utf-8")
    key.chmod(0o644)
    assert "others can read it" in str(system_checks.find_wrong({}, tmp_path)[0])
    key.chmod(0o600)
    assert system_checks.find_wrong({}, tmp_path) == []


def test_every_setting_is_documented_and_known() -> None:
    """What the settings read, what they say of themselves, the guide, and the list that is looked at agree."""
    import re

    text = (ROOT / "scrutineer_web" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'"(SCRUTINEER_[A-Z_]+)"', text))
    guide = (ROOT / "docs" / "how-to" / "run-in-production.md").read_text(encoding="utf-8")
    assert read <= set(system_checks.KNOWN)
    assert [name for name in sorted(read) if name not in guide] == []


def test_a_room_with_a_wrong_setting_does_not_start(tmp_path: Path) -> None:
    import subprocess
    import sys

    env = {k: v for k, v in os.environ.items() if not k.startswith("SCRUTINEER_")} | {
        "SCRUTINEER_HTTPS": "on"
    }
    done = subprocess.run(
        [sys.executable, "-m", "scrutineer", "room", "check", "--data", str(tmp_path / "data")], cwd=ROOT, env=env,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "SCRUTINEER_HTTPS" in done.stdout
    assert not (tmp_path / "data").exists()


# -- reminders ---------------------------------------------------------------------------

MONDAY = date(2005, 11, 28)


@pytest.fixture
def waiting(
    inspection: Inspection, assessment: Assessment, people: People, settings: object
) -> Iterator[User]:
    """An area liaison for whom a draft, a recommendation and nothing overdue wait; with a mail address."""
    settings.MAIL = "smtp://localhost"  # type: ignore[attr-defined]
    settings.ADDRESS = "https://room.example.org"  # type: ignore[attr-defined]
    village.make_report(inspection, assessment, people)
    Inspection.objects.filter(pk=inspection.pk).update(state="published")
    accounts.set_mail(user=people["area_liaison"], mail="liaison@example.org", by=people["area_liaison"])
    state = random.getstate()
    yield people["area_liaison"]
    random.setstate(state)  # the library that writes mails draws their numbers


def test_whoever_something_waits_for_is_reminded_and_learns_nothing_else(waiting: User) -> None:
    assert reminders.send_due(today=MONDAY) == 1
    (sent,) = mail.outbox
    assert sent.to == ["liaison@example.org"]
    assert "tasks in Scrutineer" in sent.subject
    assert "https://room.example.org/" in sent.body
    for word in ("Farfield", "F-1", "plans are kept", "train"):
        assert word not in sent.subject + sent.body
    event = Event.objects.filter(kind="reminder.sent").latest("id")
    assert set(event.details) == {"account", "waiting", "overdue"}


def test_nobody_is_reminded_twice_a_day_nor_on_a_weekend_nor_daily_of_the_same(waiting: User) -> None:
    assert reminders.send_due(today=MONDAY) == 1
    assert reminders.send_due(today=MONDAY) == 0
    assert reminders.send_due(today=MONDAY + timedelta(days=1)) == 0
    assert reminders.send_due(today=MONDAY + timedelta(days=5)) == 0
    assert reminders.send_due(today=MONDAY + timedelta(days=7)) == 1
    assert Reminder.objects.count() == 2


def test_something_newly_overdue_is_told_at_once(
    waiting: User, inspection: Inspection, people: People
) -> None:
    reminders.send_due(today=MONDAY)
    Issue.objects.filter(kind="issue").update(shown=True)
    recommendation = inspection.recommendations.get()
    plans.respond(recommendation=recommendation, answer="agreed", reason="", by=waiting)
    plans.plan(
        recommendation=recommendation, text="check plans", owner="The board", due_on=MONDAY, by=waiting
    )
    assert reminders.send_due(today=MONDAY + timedelta(days=1)) == 1
    assert "overdue" in mail.outbox[-1].subject


def test_a_mail_that_could_not_be_sent_is_tried_again(waiting: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(reminders, "send_mail", fails)
        assert reminders.send_due(today=MONDAY) == 0
    assert Reminder.objects.get().sent_at is None
    assert reminders.send_due(today=MONDAY) == 1
    assert Reminder.objects.get().sent_at is not None


def test_nobody_without_an_address_is_reminded_and_nobody_where_no_server_is_set(
    waiting: User, settings: object
) -> None:
    accounts.set_mail(user=waiting, mail="", by=waiting)
    assert reminders.send_due(today=MONDAY) == 0
    accounts.set_mail(user=waiting, mail="liaison@example.org", by=waiting)
    settings.MAIL = ""  # type: ignore[attr-defined]
    assert reminders.send_due(today=MONDAY) == 0


def test_a_mail_address_is_ones_own_to_set_or_the_administrators(people: People) -> None:
    from django.core.exceptions import PermissionDenied

    from scrutineer.errors import UserError

    with pytest.raises(PermissionDenied):
        accounts.set_mail(user=people["inspector"], mail="a@example.org", by=people["lead_inspector"])
    with pytest.raises(UserError, match="'nonsense' isn't an email address"):
        accounts.set_mail(user=people["inspector"], mail="nonsense", by=people["inspector"])
    accounts.set_mail(user=people["inspector"], mail="a@example.org", by=people["administrator"])
    people["inspector"].refresh_from_db()
    assert people["inspector"].email == "a@example.org"


def test_a_trial_that_a_crash_left_behind_is_forgotten(db: None) -> None:
    now = timezone.now()
    for name in (f"{beats.TRIAL}0f", f"{beats.HOLDER}box-1-2", beats.CLOCK):
        Beat.objects.create(name=name, at=now - timedelta(days=30), filler=b"x")
    Beat.objects.create(name=f"{beats.TRIAL}1f", at=now, filler=b"x")
    beats.forget(before=now - timedelta(days=1))
    # One of just now may still be under way, and the clock's silence has to stay visible.
    assert set(Beat.objects.values_list("name", flat=True)) == {beats.CLOCK, f"{beats.TRIAL}1f"}


def test_the_clock_asks_for_reminders_once_an_hour_by_day(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from scrutineer_web.running import jobs

    asked: list[str] = []
    monkeypatch.setattr(type(jobs.remind), "enqueue", lambda self: asked.append(self.func.__name__))
    at = datetime(2005, 11, 28, 6, 59, tzinfo=ZoneInfo("Europe/London"))
    done = clock.tick(at, None)
    assert asked == ["heard"]
    done = clock.tick(at + timedelta(minutes=1), done)
    done = clock.tick(at + timedelta(minutes=2), done)
    assert asked.count("remind") == 1
    done = clock.tick(at + timedelta(minutes=61), done)
    assert asked.count("remind") == 2
    assert Beat.objects.filter(name=beats.CLOCK).exists()


# -- work that was interrupted -----------------------------------------------------------


def under_way(task: object, pk: int, attempts: int) -> None:
    """A task as the worker leaves it when the power goes."""
    from django_tasks_db.models import DBTaskResult

    asked = task.enqueue(pk)  # type: ignore[attr-defined]
    DBTaskResult.objects.filter(pk=asked.id).update(
        status="RUNNING", started_at=timezone.now(), worker_ids=[str(n) for n in range(attempts)]
    )


def test_work_that_was_under_way_waits_again_and_is_given_up_in_the_end(
    inspection: Inspection, assessment: Assessment, people: People
) -> None:
    from django_tasks_db.models import DBTaskResult

    from scrutineer_web.actions.operations import background
    from scrutineer_web.report.jobs import make_report

    lead = people["lead_inspector"]
    first, second = (
        Issue.objects.create(inspection=inspection, kind="draft", number=n, asked_at=timezone.now(), asked_by=lead) for n in (1, 2)
    )  # fmt: skip
    under_way(make_report, first.pk, 1)
    under_way(make_report, second.pk, background.ATTEMPTS)
    assert background.take_up() == (1, 1)
    assert sorted(DBTaskResult.objects.values_list("status", flat=True)) == ["FAILED", "READY"]
    second.refresh_from_db()
    assert second.state == "failed"
    assert "The server stopped each time" in second.progress_note
    assert background.take_up() == (0, 0)


def test_finished_work_is_forgotten_and_waiting_work_is_not(db: None) -> None:
    from django_tasks_db.models import DBTaskResult

    from scrutineer_web.actions.operations import background
    from scrutineer_web.running import jobs

    old, new, waiting = (jobs.heard.enqueue().id for _ in range(3))
    DBTaskResult.objects.filter(pk__in=(old, new)).update(status="SUCCESSFUL", finished_at=timezone.now())
    DBTaskResult.objects.filter(pk=old).update(finished_at=timezone.now() - timedelta(days=9))
    background.tidy()
    assert set(map(str, DBTaskResult.objects.values_list("pk", flat=True))) == {str(new), str(waiting)}
