"""One inspection from its caseload to signed-off scores, by everybody who takes part, in a real browser.

The pictures of the tutorial are taken on the way: SCRUTINEER_PICTURES names the folder they go to.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
import requests

from tests.browser import needs_browser
from tests.conftest import FULL
from tests.web.seats import picture, press
from tests.web.served import Room, served, until
from tests.web.village import CASES

pytestmark = [needs_browser, pytest.mark.unmeasured]


@pytest.fixture(params=["sqlite", "postgres"] if FULL else ["postgres"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    database = request.getfixturevalue("postgres")() if request.param == "postgres" else ""
    with served(tmp_path / "data", database, kind="bare") as served_room:
        yield served_room


def test_everybody_takes_an_inspection_to_its_scores(
    room: Room, seat: Callable[[str], Any], tmp_path: Path
) -> None:
    begin(seat, room)
    prepare(seat("information_manager"), room)
    plan(seat("information_manager"), room)
    for name in ("inspector", "second_inspector", "area_assessor"):
        fieldwork(seat(name), room, name)
    moderate(seat, room)
    settle(seat, room)
    scores(room, tmp_path)
    others(seat, room)


def begin(seat: Callable[[str], Any], room: Room) -> None:
    page = seat("programme_manager")
    page.goto(f"{room.address}/inspections/")
    page.get_by_role("button", name="Start an inspection").click()
    page.get_by_label("Area").fill("Farfield")
    page.get_by_label("Framework").select_option(
        label="Effective Supervision Inspection, version 1.0 (esi-2003)"
    )
    page.get_by_label("This is fictional").check()
    picture(page, "begin")
    press(page, "Start the inspection")
    page.get_by_role("heading", name="Farfield").wait_for()


def prepare(page: Any, room: Room) -> None:
    """People, caseload with its faults first, sample."""
    for name, role, team in (
        ("Lead Inspector (lead_inspector)", "Lead inspector", ""),
        ("Inspector (inspector)", "Inspector", ""),
        ("Second Inspector (second_inspector)", "Inspector", ""),
        ("Area Assessor (area_assessor)", "Area assessor", "Team A"),
        ("Area Liaison (area_liaison)", "Area liaison", ""),
    ):
        page.goto(f"{room.address}/inspections/1/people/add/")
        page.get_by_label("Account").select_option(label=name)
        page.get_by_label("Role").select_option(label=role)
        page.get_by_label("Team").fill(team)
        press(page, "Add")
    page.goto(f"{room.address}/inspections/1/caseload/")
    wrong = CASES.replace("F-2,community_rehabilitation,low", "F-2,community_rehabilitation,lowish").replace(
        "2005-01-12", "the 12th"
    )
    page.set_input_files(
        "input[type=file]", {"name": "farfield.csv", "mimeType": "text/csv", "buffer": wrong.encode()}
    )
    press(page, "Import")
    summary = page.locator(".govuk-error-summary").inner_text()
    assert "farfield.csv row 3: 'risk_of_harm' is 'lowish'" in summary
    assert "farfield.csv row 4: 'started' is 'the 12th'" in summary
    picture(page, "caseload-faults")
    page.set_input_files(
        "input[type=file]", {"name": "farfield.csv", "mimeType": "text/csv", "buffer": CASES.encode()}
    )
    press(page, "Import")
    page.get_by_text("6 cases imported").wait_for()
    page.get_by_role("button", name="Draw the sample").click()
    page.get_by_label("Seed").fill("7")
    page.get_by_label("First day of fieldwork").fill("2005-10-31")
    page.get_by_label("Completed months").fill("6-12")
    page.get_by_label("Cases", exact=True).fill("4")
    page.get_by_label("Reserves").fill("50")
    press(page, "Draw")
    page.get_by_text("4 cases drawn").wait_for()
    picture(page, "sample")


def plan(page: Any, room: Room) -> None:
    """A timetable is searched for and adopted, a case is moved, another one substituted; fieldwork begins."""
    page.goto(f"{room.address}/inspections/1/timetable/plan/")
    page.get_by_label("Days").fill("2005-10-31\n2005-11-01")
    page.get_by_label("Percentage of cases assessed twice").fill("25")
    page.get_by_label("Search time in seconds").fill("2")
    press(page, "Search")
    until(page, "document.body?.innerText.includes('Use this plan')", seconds=40)
    picture(page, "search")
    press(page, "Use this plan")
    page.get_by_text("Cases allocated as planned").wait_for()
    picture(page, "timetable")
    page.locator("a[aria-label^='Move case']").first.click()
    page.get_by_label("Day").select_option("2005-11-01")
    page.get_by_label("Slot").select_option("15:00-16:30")
    press(page, "Move and lock")
    page.get_by_text("moved and locked").wait_for()
    page.goto(f"{room.address}/inspections/1/sample/")
    page.get_by_text("Cases in the sample").click()
    # One that is not of high risk of harm, so that no quota stands against it.
    page.locator("li").filter(has_text=re.compile(r"F-[256]\s")).locator(
        "a[href$='/substitute/']"
    ).first.click()
    page.get_by_role("radio").first.check()
    page.get_by_role("textbox", name="Note").fill("the file is in another area")
    press(page, "Substitute")
    page.get_by_text("replaced by case").wait_for(timeout=8000)
    page.goto(f"{room.address}/inspections/1/timetable/")
    for link in page.locator("a[href*='/allocate/']").all():
        link.click()
        page.get_by_label("Assessor").select_option(label="Inspector (inspector)")
        press(page, "Allocate")
        break
    page.goto(f"{room.address}/inspections/1/")
    press(page, "Start the fieldwork")
    page.get_by_text("Inspection moved to its next phase").wait_for()
    picture(page, "home")


def fieldwork(page: Any, room: Room, name: str) -> None:
    """Each case is opened from one's own work; some answers by hand, the others as the API takes them."""
    session = room.signed_in(name)
    for number in session.get(f"{room.address}/api/v1/assessments", timeout=30).json():
        page.goto(f"{room.address}/")
        picture(page, f"my-work-{name}")
        page.locator(f"a[href='/assessments/{number}/']").first.click()
        until(page, "document.querySelector('[data-unsent]')?.textContent.length > 0")
        for box in page.locator("[data-part=case] [data-question]").all():
            tick(box.locator("input[value=no]"))
        until(page, "document.querySelector('[data-unsent]').textContent === 'Everything is saved'")
        page.locator("[data-criterion=B2]").click()
        score = page.locator('[data-question="b2_score"]')
        tick(
            score.locator(
                "input[value=insufficient]" if name != "second_inspector" else "input[value=sufficient]"
            )
        )
        score.locator("[data-evidence]").evaluate("e => e.open = true")
        score.locator("textarea[name$=from_file]").fill("The score is not on the file.")
        score.locator("textarea[name$=__note]").fill("No score could be shown.")
        until(page, "document.querySelector('[data-question=b2_score]').dataset.state === 'saved'")
        page.wait_for_timeout(900)
        until(page, "document.querySelector('[data-unsent]').textContent === 'Everything is saved'")
        page.evaluate("scrollTo(0, 0)")
        picture(page, f"case-{name}")
        answer_the_rest(session, room, number, OWN_VIEW[name])
        page.reload()
        until(page, "document.querySelector('[data-unsent]')?.textContent.length > 0")
        completed(page, room)


def completed(page: Any, room: Room) -> None:
    press(page, "Mark the case as complete")
    page.wait_for_url(f"{room.address}/")
    page.get_by_role("status").filter(has_text="completed").wait_for()


def tick(box: Any) -> None:
    """Choose an answer with the keyboard alone; a page that has just moved on may still be moving the focus."""
    for _ in range(20):
        box.focus()
        box.press("Space")
        if box.is_checked():
            return
        box.page.wait_for_timeout(100)
    raise AssertionError("the answer cannot be chosen with the keyboard")


OWN_VIEW = {"inspector": (), "second_inspector": (0,), "area_assessor": (1,)}
"""Of the questions still open, those on which each person sees a case in their own way: any two of them differ."""


def answer_the_rest(session: requests.Session, room: Room, number: int, own_view: tuple[int, ...]) -> None:
    assessment = session.get(f"{room.address}/api/v1/assessments/{number}", timeout=30).json()
    answered = {a["question"] for a in assessment["answers"] if a["value"]}
    open_still = [
        q for q, applies in assessment["applies"].items() if applies is not False and q not in answered
    ]
    for place, question in enumerate(open_still):
        value = "excellent" if place in own_view else "sufficient"
        body = {"value": value, "base": 0, "uid": str(uuid4())}
        answer = session.put(
            f"{room.address}/api/v1/assessments/{number}/answers/{question}", json=body, timeout=30
        )
        assert answer.status_code == 200, (question, answer.text)


def moderate(seat: Callable[[str], Any], room: Room) -> None:
    """The lead inspector asks, the assessor answers, two assessments are adjudicated, every case is signed off."""
    lead = seat("lead_inspector")
    lead.goto(f"{room.address}/inspections/1/")
    press(lead, "End the fieldwork and start moderation")
    lead.goto(f"{room.address}/inspections/1/moderation/")
    picture(lead, "moderation")
    lead.locator("th a[href*='/moderate/']").first.click()
    box = lead.locator("#q-b2_score")
    box.get_by_text("Ask about this answer").click()
    box.get_by_label("What should the assessor look at?").fill("Was the electronic record looked at, too?")
    box.get_by_role("button", name="Send the question to the assessor").click()
    lead.get_by_text("Question sent to the assessor").wait_for()
    number = int(re.search(r"/assessments/(\d+)/", lead.url)[1])  # type: ignore[index]
    who = {"Inspector": "inspector", "Second Inspector": "second_inspector", "Area Assessor": "area_assessor"}
    name = who[lead.locator(".govuk-caption-l").inner_text().rpartition(" by ")[2]]
    page = seat(name)
    page.goto(f"{room.address}/assessments/{number}/#criterion-B2")
    until(page, "document.querySelector('[data-unsent]')?.textContent.length > 0")
    assert "electronic record" in page.locator(".room-comment").inner_text()
    page.get_by_text("Reply", exact=True).first.click()
    page.get_by_label("Reply").fill("Yes: it is not there either.")
    press(page, "Reply")
    page.goto(f"{room.address}/assessments/{number}/")
    completed(page, room)
    lead.goto(f"{room.address}/assessments/{number}/moderate/")
    picture(lead, "moderate")
    while lead.get_by_role("button", name="Resolved").count():
        with lead.expect_navigation():
            press(lead, "Resolved")
    lead.goto(f"{room.address}/inspections/1/cases/")
    adjudicated = 0
    for href in [a.get_attribute("href") for a in lead.locator("th a[href^='/cases/']").all()]:
        lead.goto(f"{room.address}{href}adjudicate/")
        if lead.get_by_label("Reason").count():
            picture(lead, "adjudicate")
        while lead.locator("details[open] textarea").count():
            detail = lead.locator("details[open]").first
            detail.locator("select").select_option(index=1)
            detail.locator("textarea").fill("The file shows none.")
            # The sentence may still be that of the decision before, and half a page holds no further one to take.
            with lead.expect_navigation():
                detail.locator("button").click()
            lead.get_by_text("1 decision saved").wait_for()
            adjudicated += 1
    assert adjudicated
    signed = 0
    while True:
        lead.goto(f"{room.address}/inspections/1/moderation/")
        waiting = (
            lead.locator("section, div")
            .filter(has_text="Complete: ready to moderate")
            .locator("th a[href*='/moderate/']")
        )
        if not lead.get_by_text("Complete: ready to moderate").count() or not waiting.count():
            break
        waiting.first.click()
        press(lead, "Sign off")
        lead.get_by_text(re.compile(r"Case \S+ signed off")).first.wait_for()
        signed += 1
    assert signed == 5


def settle(seat: Callable[[str], Any], room: Room) -> None:
    lead = seat("lead_inspector")
    lead.goto(f"{room.address}/inspections/1/scores/")
    picture(lead, "scores")
    lead.goto(f"{room.address}/inspections/1/scores/B2/")
    lead.get_by_label("What would change the score to this percentage").fill("50")
    press(lead, "Show")
    picture(lead, "score")
    lead.goto(f"{room.address}/inspections/1/sign-off/")
    press(lead, "Sign off the scores")
    lead.get_by_text("Scores signed off").wait_for()
    lead.goto(f"{room.address}/inspections/1/scores/")
    assert "Signed off" in lead.locator("main").inner_text()
    picture(lead, "signed-off")


def exported(session: Any, room: Room) -> bytes:
    """The folder of the first inspection, which is packed in the background."""
    address = f"{room.address}/inspections/1/export/"
    for _ in range(120):
        page = session.get(address, timeout=60)
        link = re.search(r'href="(/jobs/\d+/file/)"', page.text)
        if link:
            return bytes(session.get(f"{room.address}{link[1]}", timeout=60).content)
        address = page.url
        time.sleep(1)
    raise AssertionError(f"nothing came of the export: {page.text[:2000]}")


def scores(room: Room, tmp_path: Path) -> None:
    """The sheet on screen is, figure by figure, what `scrutineer score` gives on the exported folder."""
    analyst = room.signed_in("analyst")
    place = tmp_path / "exported"
    ZipFile(BytesIO(exported(analyst, room))).extractall(place)
    done = subprocess.run(
        [str(Path(sys.executable).parent / "scrutineer"), "score", "--framework", "esi-2003", "--cases", str(place / "farfield" / "cases.csv"),
         "--answers", str(place / "farfield" / "answers.csv"), "--format", "json", "--label", "Farfield"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    answers = json.loads(done.stdout)
    assert analyst.get(f"{room.address}/api/v1/inspections/1/scores", timeout=60).json() == answers
    groups = answers["groups"]
    assert len(groups) > 3
    for key, group in groups.items():
        page = analyst.get(f"{room.address}/inspections/1/scores/", params={"group": key}, timeout=60).text
        shown = dict(re.findall(r'data-name="([^"]+)".*?data-score="([^"]*)"', page, re.DOTALL))
        told_scores = {
            **group["criteria"],
            **group["sections"],
            **group["threads"],
            "overall": group["overall"],
        }
        assert {n: float(v) for n, v in shown.items() if v} == {
            n: s["score"] for n, s in told_scores.items() if s["score"] is not None
        }
    checked = subprocess.run(
        [str(Path(sys.executable).parent / "scrutineer"), "check", str(place / "farfield")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "no answer yet" not in checked.stdout + checked.stderr


def others(seat: Callable[[str], Any], room: Room) -> None:
    """Those who look on: each sees what the role is for."""
    analyst = seat("analyst")
    analyst.goto(f"{room.address}/inspections/1/agreement/")
    assert "Assessed twice" in analyst.locator("main").inner_text()
    picture(analyst, "agreement")
    method = seat("methodologist")
    method.goto(f"{room.address}/frameworks/")
    picture(method, "frameworks")
    auditor = seat("auditor")
    auditor.goto(f"{room.address}/inspections/1/audit/?check=1")
    auditor.get_by_text("Every chain of events is intact").wait_for()
    picture(auditor, "audit")
    admin = seat("administrator")
    admin.goto(f"{room.address}/accounts/new/")
    admin.get_by_label("Username").fill("newcomer")
    admin.get_by_label("Name", exact=True).fill("New Comer")
    admin.get_by_label("Password").fill("a long enough word")
    press(admin, "Add the account")
    admin.get_by_text("Account added for New Comer").wait_for()
    liaison = seat("area_liaison")
    liaison.goto(f"{room.address}/")
    assert "once the lead inspector has sent the draft report" in liaison.locator("main").inner_text()
    home = room.signed_in("area_liaison").get(f"{room.address}/inspections/1/", timeout=30)
    assert home.status_code == 404  # nothing before the draft is sent
