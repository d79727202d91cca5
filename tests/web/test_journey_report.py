"""The inspection carried on from its scores to publication, response, plan and follow-up, by everybody who takes part.

The pictures of the tutorial are taken on the way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.browser import needs_browser
from tests.conftest import FULL
from tests.web.seats import picture, press
from tests.web.served import Room, served, until

pytestmark = [needs_browser, pytest.mark.unmeasured]
Seat = Callable[[str], Any]
SAVED = "document.querySelector('[data-said]').textContent === 'Saved.'"
MERGED = "document.querySelector('[data-said]').textContent.includes('together with somebody else')"


@pytest.fixture(params=["sqlite", "postgres"] if FULL else ["sqlite"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Room]:
    database = request.getfixturevalue("postgres")() if request.param == "postgres" else ""
    with served(tmp_path / "data", database, kind="signed_off") as served_room:
        yield served_room


def test_everybody_takes_the_inspection_to_its_follow_up(room: Room, seat: Seat, tmp_path: Path) -> None:
    evidence(seat("lead_inspector"), room, tmp_path)
    write(seat, room)
    draft(seat("lead_inspector"), room)
    comment(seat("area_liaison"), room, tmp_path)
    decide(seat("lead_inspector"), room)
    issue(seat("lead_inspector"), room)
    publish(seat, room)
    the_public(seat("analyst"), room)
    plan(seat, room)
    follow_up(seat("programme_manager"), room)


def evidence(page: Any, room: Room, tmp_path: Path) -> None:
    page.goto(f"{room.address}/inspections/1/evidence/")
    picture(page, "evidence")
    page.get_by_role("button", name="Add evidence").first.click()
    page.get_by_label("Title", exact=True).fill("Minutes of the board")
    page.get_by_label("Source", exact=True).fill("The clerk of the board")
    page.get_by_label("Meeting", exact=True).check()
    box = page.locator("details", has_text="A1 ").first
    box.locator("summary").click()
    box.locator("select").first.select_option("strong")
    picture(page, "evidence-new")
    press(page, "Save")
    (tmp_path / "minutes.txt").write_text("The board met.")
    page.get_by_label("File", exact=True).set_input_files(str(tmp_path / "minutes.txt"))
    press(page, "Attach")
    page.get_by_role("link", name="minutes.txt").wait_for()
    (tmp_path / "run.exe").write_bytes(b"MZ")
    page.get_by_label("File", exact=True).set_input_files(str(tmp_path / "run.exe"))
    press(page, "Attach")
    page.get_by_text("Scrutineer doesn't accept").wait_for()
    (tmp_path / "large.txt").write_bytes(b"x" * 25_000_001)
    page.get_by_label("File", exact=True).set_input_files(str(tmp_path / "large.txt"))
    press(page, "Attach")
    page.get_by_text("large.txt is larger than 25 MB").wait_for()
    # The minutes disagree with what else there is on this item: the lead inspector settles its grade.
    page.goto(f"{room.address}/inspections/1/ratings/A1/")
    page.locator("select[name^=grade__]").first.select_option("strong")
    page.get_by_label("Reason", exact=True).fill("The plan was used all year.")
    picture(page, "rating")
    press(page, "Save the rating")
    page.get_by_text("Rating of A1 saved").wait_for()


def write(seat: Seat, room: Room) -> None:
    """Two people in one text: a figure is offered while one types, and the other's change is put to it."""
    page, other = seat("lead_inspector"), seat("inspector")
    page.goto(f"{room.address}/inspections/1/report/")
    picture(page, "report")
    place = f"{room.address}/inspections/1/report/texts/narrative/overview.md/"
    page.goto(place)
    other.goto(place)
    area = page.locator("#content")
    before = area.input_value()
    area.evaluate("(a) => { a.focus(); a.setSelectionRange(a.value.length, a.value.length); }")
    page.keyboard.type("\nOverall it came to {{ overall score")
    page.locator("#offers [role=option]").first.wait_for()
    picture(page, "report-figures")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type(".")
    until(page, SAVED)
    assert '{{ score("overall") }}.' in area.input_value()
    page.locator('[data-preview] [data-figure="score:overall"]').wait_for()
    their = other.locator("#content")
    their.evaluate("(a) => { a.focus(); a.setSelectionRange(0, 0); }")
    other.keyboard.type("First of all:\n\n")
    until(other, MERGED)
    assert their.input_value().startswith("First of all:")
    assert their.input_value().endswith('{{ score("overall") }}.')
    other.keyboard.type("in 37% of cases ")
    other.locator(".room-remark--error").first.wait_for()
    picture(other, "report-text")
    other.goto(f"{place}versions/")
    other.get_by_role("heading", name="Versions").wait_for()
    page.goto(place)
    page.locator("#content").fill(before.rstrip("\n") + '\n\nOverall it came to {{ score("overall") }}.\n')
    until(page, SAVED)


def draft(page: Any, room: Room) -> None:
    page.goto(f"{room.address}/inspections/1/report/")
    page.locator("summary", has_text="Create a draft").click()
    for name in ("PDF", "Word"):
        page.get_by_label(name, exact=True).uncheck()
    press(page, "Create the draft")
    page.get_by_role("link", name="report.html").wait_for(timeout=120_000)
    page.goto(f"{room.address}/inspections/1/accuracy/")
    page.get_by_role("button", name="Send a draft to the area").click()
    picture(page, "draft-send")
    press(page, "Send the draft to the area")
    page.get_by_text("Draft sent to the area").wait_for()


def comment(page: Any, room: Room, tmp_path: Path) -> None:
    page.goto(room.address)
    page.get_by_role("link", name="comment on the draft report").click()
    page.locator("summary", has_text="Scoring sheet").first.click()
    passage = page.locator("details[open] .room-passage", has_text="B2").first
    picture(page, "check")
    passage.get_by_role("link", name="Comment").click()
    page.get_by_label("What is wrong").fill("One plan was on the file all the time.")
    page.get_by_label("Documents").set_input_files(
        files=[{"name": "plan.txt", "mimeType": "text/plain", "buffer": b"the plan"}]
    )
    picture(page, "check-comment")
    press(page, "Send the comment")
    page.get_by_text("One plan was on the file all the time.").first.wait_for()
    press(page, "Finish commenting")
    page.get_by_text("Comments closed").wait_for()


def decide(page: Any, room: Room) -> None:
    """The comment is accepted, one answer is opened, given, and what it changes is told."""
    page.goto(f"{room.address}/inspections/1/accuracy/")
    page.get_by_role("link", name="Decide").click()
    page.get_by_label("Accept", exact=True).check()
    page.get_by_label("Reason", exact=True).fill("The plan was there.")
    press(page, "Save the decision")
    page.get_by_role("link", name="Reopen an answer").click()
    case, question = poor(page, room)
    page.get_by_label("Case", exact=True).fill(case)
    page.get_by_label("Question").select_option(question)
    page.get_by_label("Reason", exact=True).fill("See the plan.")
    press(page, "Reopen this answer")
    page.get_by_role("link", name="Answer the question").click()
    page.locator("input[name=value]").first.check()
    page.get_by_label("Evidence", exact=True).fill("page 3 of the plan")
    press(page, "Save the answer")
    page.get_by_role("heading", name="Figures and words").wait_for()
    assert page.get_by_text("score:B2", exact=True).count() == 1
    picture(page, "correction")
    page.goto(f"{room.address}/inspections/1/accuracy/")
    picture(page, "accuracy")
    press(page, "End the check and write")
    page.get_by_text("You can now write the final report").wait_for()


def poor(page: Any, room: Room) -> tuple[str, str]:
    """A case with an answer below the line to a question of B2."""
    cases = page.request.get(f"{room.address}/api/v1/inspections/1/cases?limit=1000").json()["cases"]
    for case in cases:
        for assessment in case["assessments"][:1]:
            record = page.request.get(f"{room.address}/api/v1/assessments/{assessment}").json()
            for answer in record["answers"]:
                if answer["question"] == "b2_score" and answer["value"] in ("poor", "insufficient"):
                    return case["reference"], "b2_score"
    raise AssertionError("no case is below the line")


def issue(page: Any, room: Room) -> None:
    """Figures that changed stand against the issue until somebody has read their sentences."""
    page.goto(f"{room.address}/inspections/1/report/")
    press(page, "Draft the findings")
    for _ in range(12):
        page.goto(f"{room.address}/inspections/1/report/proof/")
        # The proof is made in the background, and its page takes the place of the one that says how far it is.
        page.locator("progress").wait_for(state="detached", timeout=120_000)
        if page.get_by_text("Nothing must be fixed before you issue the report").count():
            break
        stale = page.locator("main h2 a")
        picture(page, "proof")
        assert stale.count(), page.locator("main").inner_text()[:2000]
        stale.first.click()
        press(page, "Confirm you have read its figures")
        page.get_by_text("You have confirmed the figures").wait_for()
    page.goto(f"{room.address}/inspections/1/report/")
    press(page, "Issue the report")
    page.get_by_role("link", name="report.docx").wait_for(timeout=240_000)
    picture(page, "issue")


def publish(seat: Seat, room: Room) -> None:
    page = seat("chief_inspector")
    page.goto(f"{room.address}/inspections/1/publication/")
    press(page, "Approve version 1")
    page.get_by_text("Report approved").wait_for()
    page = seat("publications")
    page.goto(f"{room.address}/inspections/1/publication/")
    picture(page, "publication")
    press(page, "Publish version 1")
    page.get_by_text("Version 1 published").wait_for()


def the_public(page: Any, room: Room) -> None:
    """Without an account: list, search, page, report, feed; and the report itself in a browser, without a message."""
    session = requests.Session()
    listed = session.get(f"{room.address}/reports/", params={"q": "northmoor"}, timeout=30).text
    address = re.search(r'href="(/reports/northmoor-[^"]+)"', listed)
    assert address is not None
    page_text = session.get(f"{room.address}{address[1]}", timeout=30).text
    assert "Synthetic data" in page_text
    for name in ("report.html", "report.pdf", "report.docx", "data/figures.json", "issue.json"):
        got = session.get(f"{room.address}{address[1]}v1/{name}", timeout=30)
        assert got.status_code == 200, name
        assert len(got.content) > 500, name
    assert "Northmoor" in session.get(f"{room.address}/reports/feed/", timeout=30).text
    page.goto(f"{room.address}{address[1]}")
    picture(page, "published")
    page.get_by_role("button", name="Read the report").click()
    page.get_by_role("heading", name="Scoring sheet").first.wait_for()
    assert page.locator("svg").count() > 3
    assert session.get(f"{room.address}/inspections/1/", timeout=30).url.startswith(
        f"{room.address}/account/login"
    )


def plan(seat: Seat, room: Room) -> None:
    page = seat("area_liaison")
    page.goto(room.address)
    page.get_by_role("link", name="respond to").click()
    page.get_by_role("link", name="Respond").first.click()
    page.get_by_label("Agreed", exact=True).check()
    press(page, "Save the response")
    page.get_by_role("link", name="Plan an action").first.click()
    page.get_by_label("What will be done").fill("Every plan is read by a second manager.")
    page.get_by_label("Person responsible").fill("The head of practice")
    page.get_by_label("Complete by", exact=True).fill("2030-01-31")
    press(page, "Save the action")
    page.get_by_role("link", name="Update progress").first.click()
    page.get_by_label("What has been done").fill("All plans of three months were read.")
    page.get_by_label("This action is complete").check()
    page.get_by_label("Evidence", exact=True).set_input_files(
        files=[{"name": "list.csv", "mimeType": "text/csv", "buffer": b"plan\n1\n"}]
    )
    press(page, "Update progress")
    page.get_by_text("Reported complete").first.wait_for()
    picture(page, "plan")
    page = seat("lead_inspector")
    page.goto(f"{room.address}/inspections/1/plan/")
    page.get_by_role("link", name="Verify").first.click()
    page.get_by_label("Met", exact=True).check()
    page.get_by_label("What you saw").fill("Twenty plans were looked at.")
    press(page, "Save the verification")
    page.get_by_text("Closed").first.wait_for()


def follow_up(page: Any, room: Room) -> None:
    page.goto(f"{room.address}/inspections/1/plan/")
    page.get_by_role("button", name="Start the follow-up").click()
    press(page, "Start the inspection")
    page.get_by_role("heading", name="Northmoor").wait_for()
    page.goto(f"{room.address}/inspections/2/report/recommendations/")
    assert page.locator("main ol > li").count() >= 3
    picture(page, "follow-up")
