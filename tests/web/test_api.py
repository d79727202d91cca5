"""The API: its examples run, keys hold to their scopes, and nothing that anybody sends makes it fail."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from django.test import Client
from django.utils import timezone

from scrutineer_web.actions.operations import accounts
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.token import Token
from scrutineer_web.records.user import User
from tests.conftest import FULL, ROOT
from tests.web.served import Room, served

People = dict[str, User]
CALLS = (
    "inspections",
    "inspections/1",
    "inspections/1/scores",
    "inspections/1/cases",
    "frameworks",
    "inspections/1/events",
)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with served(tmp_path_factory.mktemp("api") / "data") as served_room:
        yield served_room


EXAMPLES = "50" if FULL else "5"
"""Calls that are made up for each operation, besides those that reach each limit of its description."""


def key_of(room: Room, name: str) -> str:
    """A key as a person makes it, on the own account page."""
    session = room.signed_in(name)
    page = session.get(f"{room.address}/me/", timeout=30).text
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[-1]
    data = {"name": "test", "scopes": list(accounts.SCOPES), "days": 30, "csrfmiddlewaretoken": token}
    reply = session.post(f"{room.address}/me/", data=data, headers={"Referer": room.address}, timeout=30).text
    return re.findall(r"scr_[A-Za-z0-9_-]{20,}", reply)[0]


def test_the_examples_of_the_guide_run(room: Room) -> None:
    text = (ROOT / "docs" / "how-to" / "use-the-api.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    env = {**os.environ, "ROOM": room.address, "KEY": key_of(room, "inspector")}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("Farfield fieldwork")
    assert done.stdout.splitlines()[-1] == "200 1"


@pytest.mark.parametrize("name", ["inspector", "auditor"])
def test_nothing_that_anybody_sends_makes_it_fail(room: Room, name: str, tmp_path: Path) -> None:
    """Schemathesis makes calls from the API's own description, right ones and wrong ones."""
    program = Path(sys.executable).parent / "schemathesis"
    done = subprocess.run(
        [str(program), "run", f"{room.address}/api/v1/openapi.json", "-H", f"Authorization: Bearer {key_of(room, name)}",
         "--checks", "not_a_server_error", "--max-examples", EXAMPLES, "--phases", "examples,coverage,fuzzing", "--seed", "1", "--no-color"],
        capture_output=True, text=True, check=False, cwd=tmp_path, timeout=400 if not FULL else 4000,
        env={name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")},
    )  # fmt: skip
    assert "not_a_server_error" not in done.stdout.partition("FAILURES")[2], done.stdout[-4000:]
    assert "Server error" not in done.stdout, done.stdout[-4000:]
    assert re.search(r"[1-9][0-9]* test cases?|generated", done.stdout), done.stdout[-2000:]
    assert "Traceback" not in room.log


def make_key(user: User, **changes: object) -> dict[str, str]:
    token, secret = accounts.make_token(name="test", scopes=["scores"], days=30, by=user)
    Token.objects.filter(pk=token.pk).update(**changes)
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}


def test_a_key_is_good_for_its_scopes_alone(assessment: Assessment, people: People) -> None:
    number = assessment.case.inspection_id
    key = make_key(people["analyst"])
    assert Client().get(f"/api/v1/inspections/{number}/scores", **key).status_code == 200
    for call in CALLS:
        if "scores" not in call:
            assert Client().get(f"/api/v1/{call.replace('/1', f'/{number}')}", **key).status_code == 403, call
    body = {"value": "poor", "base": 0, "uid": str(uuid4())}
    address = f"/api/v1/assessments/{assessment.pk}/answers/b2_score"
    assert Client().put(address, body, "application/json", **make_key(people["inspector"])).status_code == 403


def test_a_key_ends(assessment: Assessment, people: People) -> None:
    address = f"/api/v1/inspections/{assessment.case.inspection_id}/scores"
    analyst = people["analyst"]
    assert (
        Client()
        .get(address, **make_key(analyst, expires_at=timezone.now() - timedelta(seconds=1)))
        .status_code
        == 401
    )
    assert (
        Client().get(address, **make_key(analyst, retired_at=timezone.now(), retired_by=analyst)).status_code
        == 401
    )
    key = make_key(analyst)
    accounts.retire(user=analyst, by=people["administrator"])
    assert Client().get(address, **key).status_code == 401


def test_what_changes_anything_needs_the_forms_token_from_a_browser(
    assessment: Assessment, people: People
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people["inspector"])
    body = {"value": "poor", "base": 0, "uid": str(uuid4())}
    assert (
        client.put(
            f"/api/v1/assessments/{assessment.pk}/answers/b2_score", body, "application/json"
        ).status_code
        == 403
    )


def test_the_description_is_there_for_everybody(room: Room) -> None:
    description = requests.get(f"{room.address}/api/v1/openapi.json", timeout=30).json()
    assert description["info"]["title"] == "Scrutineer"
    assert len(description["paths"]) > 15
