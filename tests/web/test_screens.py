"""Every screen in a real browser: accessible, within a phone's width, without an error; and of use without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.urls import resolve

from tests.browser import START, browser, list_violations, needs_browser
from tests.web.served import Room, served, sign_in
from tests.web.test_permissions import PUBLIC, SCREENS, screens
from tests.web.village import PASSWORD

pytestmark = [needs_browser, pytest.mark.unmeasured]

SEATS = {
    "lead_inspector": """/ /inspections/ /inspections/1/ /inspections/1/profile/ /inspections/1/profile/edit/ /inspections/1/calendar/
        /inspections/1/profile/import/ /inspections/1/surveys/import/ /inspections/1/people/ /inspections/1/people/add/ /inspections/1/sample/ /inspections/1/timetable/ /inspections/1/timetable/plan/
        /inspections/1/cases/ /cases/1/ /cases/1/allocate/1/ /cases/1/substitute/ /cases/1/adjudicate/ /assessments/2/place/
        /inspections/1/devices/ /inspections/1/surveys/ /inspections/1/surveys/new/ /inspections/1/needs/ /inspections/1/focus-groups/new/
        /inspections/1/moderation/ /assessments/2/moderate/ /assessments/2/reopen/ /assessments/2/ /inspections/1/sign-off/
        /inspections/1/scores/ /inspections/1/scores/B2/ /inspections/1/agreement/ /inspections/1/audit/ /me/ /api-guide/
        /account/password/ /account/second-factor/ /account/second-factor/app/ /nothing/
        /inspections/1/evidence/ /inspections/1/evidence/new/ /evidence/1/ /evidence/1/change/ /inspections/1/ratings/A1/
        /inspections/1/report/ /inspections/1/report/texts/findings/B2.md/ /inspections/1/report/texts/findings/B2.md/versions/
        /inspections/1/report/proof/ /inspections/1/report/compare/ /inspections/1/report/recommendations/
        /inspections/1/report/recommendations/new/ /recommendations/1/ /issues/1/ /inspections/1/accuracy/ /inspections/1/accuracy/send/
        /checks/1/ /comments/1/decide/ /comments/1/open/ /corrections/1/ /inspections/1/publication/ /inspections/1/plan/
        /recommendations/1/verify/""",
    "inspector": "/ /assessments/{own}/",
    "information_manager": "/inspections/new/ /inspections/import/ /inspections/1/caseload/ /inspections/1/sample/draw/ /outcomes/import/ /retention/ /retention/subject/",
    "methodologist": "/frameworks/ /frameworks/1/ /frameworks/diff/?old=1&new=2 /frameworks/add/ /inspections/1/migrate/",
    "auditor": "/audit/?check=1 /accounts/",
    "administrator": "/accounts/new/ /accounts/2/",
    "area_liaison": """/ /inspections/1/accuracy/ /checks/1/ /checks/1/comment/scores-1/ /inspections/1/plan/ /recommendations/1/respond/
        /recommendations/1/actions/new/ /actions/1/ /actions/1/progress/ /inspections/1/internal/begin/""",
    "programme_manager": """/inspections/1/follow-up/begin/ /programmes/ /programmes/new/ /programmes/1/ /programmes/1/tranches/new/
        /tranches/1/ /programmes/1/places/new/ /places/2/ /places/2/attach/ /programmes/1/progress/ /programmes/1/areas/
        /programmes/1/families/ /programmes/1/across/ /programmes/1/period/ /programmes/1/period/?first=x&last=y
        /programmes/1/scorecard/ /programmes/1/scorecard/weights/ /programmes/1/outcomes/ /programmes/1/reports/ /collected/1/
        /areas/ /areas/new/ /areas/2/ /areas/2/change/ /families/new/ /families/1/""",
    "": "/account/login/ /offline/ /no-account/ /reports/ /reports/?q=farfield /reports/farfield-2005/",
}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with served(tmp_path_factory.mktemp("screens") / "data", kind="report") as served_room:
        session = served_room.signed_in("inspector")
        first = session.get(f"{served_room.address}/api/v1/assessments", timeout=30).json()[0]
        for base, value in ((0, "poor"), (0, "excellent")):  # the second one is a conflict
            body = {"value": value, "base": base, "uid": str(uuid4()), "note": "as the file shows"}
            session.put(
                f"{served_room.address}/api/v1/assessments/{first}/answers/b2_score", json=body, timeout=30
            )
        yield served_room


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as kind:
        yield kind.launch(**START)


def paths(room: Room, name: str) -> list[str]:
    text = SEATS[name]
    if "{own}" in text:
        text = text.format(
            own=room.signed_in(name).get(f"{room.address}/api/v1/assessments", timeout=30).json()[0]
        )
    return text.split()


def test_every_screen_that_shows_something_is_looked_at() -> None:
    """The list above is whole: what only takes a form's content, a file or JSON is not in it."""
    sent = {
        "phase", "inspection_export", "person_change", "lock", "withdraw", "save", "complete", "reply", "resolve", "settle_conflict",
        "query", "device_lost", "assessment_sign_off", "unsettle", "account_change", "token_retire", "worker", "piece_retire", "attach",
        "upload", "upload_retire", "report_draft", "report_figures", "practice_new", "recommendation_move", "report_make_draft",
        "report_make_issue", "text_save", "text_look", "text_refresh", "text_retire", "issue_file", "accuracy_conclude", "check_end",
        "check_file", "approve", "approval_withdraw", "publish", "embargo", "correct", "feed", "public_file", "inspection_close", "action_retire",
        "place_retire", "place_start", "pseudonyms", "collected_make", "collected_file", "area_retire", "pseudonymise", "purge",
        "own_export", "own_mail", "health", "metrics", "job", "job_file",
    }  # fmt: skip
    searched = {
        "timetable_search",
        "kept_form",
    }  # the journey looks at the one; the other is a form looked at elsewhere
    # These show something only with email, a sign-in provider or news: test_signing_in has them.
    conditional = {"own_news", "provider_link", "ask_for_link", "password_by_link"}
    addresses = {address.partition("?")[0] for text in SEATS.values() for address in text.split()}
    looked = {resolve(address.replace("{own}", "1")).url_name for address in addresses - {"/nothing/"}}
    assert set(SCREENS) | PUBLIC == set(screens())
    assert set(screens()) - sent - searched - conditional - looked == set()


@pytest.mark.parametrize("name", SEATS)
def test_every_screen_is_accessible_at_both_widths(room: Room, chromium: Any, name: str) -> None:
    page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
    messages: list[str] = []
    page.on("console", lambda m: messages.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: messages.append(str(e)))
    if name:
        sign_in(page, room, name)
    wrong = []
    for path in paths(room, name):
        page.set_viewport_size({"width": 1280, "height": 900})
        messages.clear()
        status = page.goto(f"{room.address}{path}").status
        page.wait_for_timeout(150)
        # A page that waits for the worker reloads itself each second: what it shows in the end is what is looked at.
        page.locator("body:not(:has([data-refresh])) > footer").wait_for(state="attached", timeout=60_000)
        wrong += [(path, m) for m in messages if path != "/nothing/"]
        wrong += [(path, status)] if status >= 400 and path != "/nothing/" else []
        assert page.locator("h1").count() == 1, path
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 900})
            wrong += [(path, width, v["id"], v["nodes"][0]["html"][:120]) for v in list_violations(page)]
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            wrong += [(path, width, f"{over} pixels too wide")] if over > 0 else []
    page.context.close()
    assert wrong == []


def test_everything_but_offline_work_goes_without_scripts(room: Room, chromium: Any) -> None:
    """Signing in, an answer saved by a button, a conflict chosen, a case that is not complete told so."""
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{room.address}/account/login/")
    page.fill("#id_login", "inspector")
    page.fill("#id_password", PASSWORD)
    page.click("main button")
    number = paths(room, "inspector")[1]
    page.goto(f"{room.address}{number}")
    box = page.locator('[data-question="b2_assessed"]')
    box.locator("input[value=insufficient]").check()
    page.locator("#criterion-B2").get_by_role("button", name="Save B2").click()
    assert "Answers to B2 saved" in page.locator("main").inner_text()
    assert page.locator('[data-question="b2_assessed"] input[type=radio][value=insufficient]').is_checked()
    page.get_by_role("button", name="Use “Excellent”").click()
    assert "Conflict resolved" in page.locator("main").inner_text()
    assert page.locator('[data-question="b2_score"] input[type=radio][value=excellent]').is_checked()
    page.get_by_role("button", name="Mark the case as complete").click()
    assert "still open" in page.locator(".govuk-error-summary").inner_text()


def test_the_built_styles_hold_nothing_of_the_brand() -> None:
    folder = Path(__file__).resolve().parents[2] / "scrutineer_web" / "static" / "room"
    css = (folder / "room.css").read_text(encoding="utf-8-sig")
    assert len(css) > 50_000
    for word in ("GDS Transport", "@font-face", "crest", "crown", "url("):
        assert word not in css, word
    for path in folder.glob("*.js"):
        assert "sourceMappingURL" not in path.read_text(encoding="utf-8"), path


def test_failed_sign_ins_are_throttled(room: Room) -> None:
    import requests

    session = requests.Session()
    messages = []
    for _ in range(8):
        page = session.get(f"{room.address}/account/login/", timeout=30)
        token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        data = {"login": "nobody", "password": "wrong", "csrfmiddlewaretoken": token}
        answer = session.post(f"{room.address}/account/login/", data=data, timeout=30)
        messages.append(answer.status_code == 429 or "There were too many attempts" in answer.text)
    assert messages[0] is False
    assert messages[-1] is True
