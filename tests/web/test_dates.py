"""Dates, times and names, as people write them."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from django.test import Client
from django.urls import reverse

from scrutineer_web.kit.date_fields import (
    NotReadError,
    read_date,
    read_moment,
    read_time,
    suggest_nearest,
    write_date,
)
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.timetable import Timetable
from scrutineer_web.records.user import User

People = dict[str, User]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-08", "8/11/2026", "08/11/2026", "8.11.2026", "8 11 2026", "8-11-2026", "8 November 2026", "8 nov 2026", "8th November 2026",
        "8 November, 2026", "November 8, 2026", "Sunday 8 November 2026", "Sun, 8 Nov 2026", " 8  November  2026 ", "8th of November 2026", "2026/11/08",
    ],
)  # fmt: skip
def test_a_date_is_read_as_people_write_it(text: str) -> None:
    assert read_date(text) == date(2026, 11, 8)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("8 November", "Enter the date with its year, as 31 1 2027"), ("8/11", "Enter the date with its year, as 31 1 2027"),
        ("8/11/26", "Enter the year in full, as 31 1 2027"), ("31/2/2026", "Enter a date that exists, as 31 1 2027"),
        ("11/28/2026", "Enter a date that exists, as 31 1 2027"), ("tomorrow", "Enter the date as 31 1 2027"),
        ("", "Enter the date as 31 1 2027"), ("1e9", "Enter the date as 31 1 2027"), ("8 Nonember 2026", "Enter the date as 31 1 2027"),
        ("1 1 1800", "Enter a year between 1901 and 2199"), ("९ ११ २०२६", "Enter the date as 31 1 2027"),
    ],
)  # fmt: skip
def test_what_is_no_date_is_answered_with_what_to_write(text: str, sentence: str) -> None:
    with pytest.raises(NotReadError) as caught:
        read_date(text)
    assert str(caught.value) == sentence


def test_every_day_is_read_back_as_it_is_shown() -> None:
    for day in range(730000, 731000):
        assert read_date(write_date(date.fromordinal(day))) == date.fromordinal(day)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9:30", time(9, 30)),
        ("09.30", time(9, 30)),
        ("9.30am", time(9, 30)),
        ("2pm", time(14)),
        ("12 am", time(0)),
        ("12pm", time(12)),
    ],
)
def test_a_time_is_read_as_people_write_it(text: str, expected: time) -> None:
    assert read_time(text) == expected


@pytest.mark.parametrize("text", ["9", "25:00", "13pm", "noon", "", "9:75"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(NotReadError):
        read_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "2006-03-01T00:01",
        "2006-03-01 00:01",
        "1 March 2006 00:01",
        "1/3/2006 0:01",
        "1 3 2006 12:01 am",
        "1 March 2006, 00.01",
    ],
)
def test_a_moment_is_read_as_people_write_it(text: str) -> None:
    assert read_moment(text) == datetime(2006, 3, 1, 0, 1)  # noqa: DTZ001 a moment of the room's own zone


def test_the_nearest_name_is_offered() -> None:
    assert suggest_nearest("A Corran", ["A. Corran", "B. Moss"]) == "Did you mean A. Corran?"
    assert suggest_nearest("Zzz", ["A. Corran", "B. Moss"]) == "Choose from: A. Corran, B. Moss."


def arrangements(**fields: str) -> dict[str, str]:
    return {
        "days": "31 10 2005\n1 November 2005", "slots": "9:00 to 10:30\n10:45-12:15", "away": "", "travel_minutes": "45",
        "area_percent": "0", "twice_percent": "0", "seconds": "5", **fields,
    }  # fmt: skip


def test_arrangements_are_read_as_people_write_them(inspection: Inspection, people: People) -> None:
    client = Client()
    client.force_login(people["information_manager"])
    page = reverse("plan", args=[inspection.pk])
    sent = arrangements(away="inspector | 31/10/2005\nManager 3 | 1 Nov 2005 9:00 to 10:30")
    assert client.post(page, sent).status_code == 302
    stored = Timetable.objects.latest("id").arrangements
    assert stored["days"] == ["2005-10-31", "2005-11-01"]
    assert stored["slots"] == ["09:00-10:30", "10:45-12:15"]
    assert {a["name"]: a.get("away") for a in stored["assessors"]}["Inspector"] == ["2005-10-31"]
    assert stored["managers"] == [{"name": "Manager 3", "away": ["2005-11-01 09:00-10:30"]}]
    assert "31 October 2005" in client.get(page).content.decode()


def test_an_unknown_name_is_refused_with_the_nearest_and_no_pattern_is_shown(
    inspection: Inspection, people: People
) -> None:
    """ "Inspektor" and "8 November" were ignored, and answered with a regular expression."""
    client = Client()
    client.force_login(people["information_manager"])
    sent = arrangements(
        away="Inspektor | 31 10 2005\nManger 3 | 31 10 2005\nManager 3",
        days="31 10 2005\n8 November",
        slots="morning",
    )
    response = client.post(reverse("plan", args=[inspection.pk]), sent)
    shown = response.content.decode()
    assert response.status_code == 200
    assert "nobody here is called Inspektor. Did you mean Inspector?" in shown
    assert "nobody here is called Manger 3. Did you mean Manager 3?" in shown
    assert "Line 3, Manager 3: enter a name, a vertical bar and a date, as Manager 3 | 31 1 2027." in shown
    assert "Line 2, 8 November: enter the date with its year, as 31 1 2027." in shown
    assert "Line 1, morning: enter a slot as 09:00 to 10:30." in shown
    assert not [sign for sign in (r"\d", "^", "pattern", "regex") if sign in shown.partition("<main")[2]]


def test_a_team_that_nobody_has_is_refused_with_the_nearest(inspection: Inspection, people: People) -> None:
    client = Client()
    client.force_login(people["information_manager"])
    sent = {"name": "A. Corran", "role": "area_assessor", "team": "Taem A"}
    shown = client.post(reverse("person_add", args=[inspection.pk]), sent).content.decode()
    assert "There is no team Taem A in the caseload. Did you mean Team A?" in shown
