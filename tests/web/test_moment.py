"""An embargo ends when its day has come, not when somebody or something sets the server's clock ahead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from scrutineer.errors import UserError
from scrutineer_web.actions.publication import publication
from scrutineer_web.records.event import Event
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.user import User
from scrutineer_web.running.clock import has_leapt
from scrutineer_web.safeguards import beats, moment

People = dict[str, User]


@pytest.mark.parametrize(
    ("wall", "steady", "leapt"),
    [
        (60, 60, False),
        (660, 60, False),
        (661, 60, True),
        (86_400, 86_400, False),
        (31_536_000, 60, True),
        (-9_999, 60, False),
    ],
)
def test_the_clock_falls_silent_when_the_systems_leaps_ahead(wall: float, steady: float, leapt: bool) -> None:
    assert has_leapt((1000.0, 50.0), (1000.0 + wall, 50.0 + steady)) is leapt


def test_an_embargo_holds_while_the_clock_is_far_ahead(
    issued: Issue, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats.beat(name=beats.CLOCK)
    publication.approve(issue=issued, by=people["chief_inspector"])
    now = timezone.now()
    publication.publish(issue=issued, embargo_until=now + timedelta(days=3), by=people["publications"])
    issued.inspection.refresh_from_db()
    page = f"/reports/{issued.inspection.slug}/"
    assert Client().get(page).status_code == 404
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=4))
    assert Client().get(page).status_code == 404
    beats.beat(name=beats.CLOCK)  # four days have really passed
    assert Client().get(page).status_code == 200


@pytest.mark.parametrize(("hours", "word"), [(2, "own clock was last right"), (-1, "something was recorded")])
def test_nothing_is_published_by_a_clock_that_is_wrong(
    issued: Issue, people: People, monkeypatch: pytest.MonkeyPatch, hours: int, word: str
) -> None:
    beats.beat(name=beats.CLOCK)
    publication.approve(issue=issued, by=people["chief_inspector"])
    assert Event.objects.exists()
    now: Any = timezone.now()
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: now + timedelta(hours=hours))
        with pytest.raises(UserError, match=word):
            publication.publish(issue=issued, by=people["publications"])
    assert moment.find_trusted_now() >= now
    publication.publish(issue=issued, by=people["publications"])
