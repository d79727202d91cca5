"""The case assessment form in a real browser: saved at once, kept without a network, merged question by question."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from scrutineer.fieldwork.cases.settled import settle_case
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.load import load
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.yaml_source import read_yaml
from scrutineer_web.queries.fieldwork.case_form import collect_rules
from tests.browser import START_WHOLE, browser, needs_browser
from tests.conftest import ROOT
from tests.random_cases import CHILDREN, NOTES, make_random_case
from tests.web.served import Room, served, sign_in, until

pytestmark = [needs_browser, pytest.mark.unmeasured]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with served(tmp_path_factory.mktemp("room") / "data") as served_room:
        yield served_room


@pytest.fixture(scope="module")
def kind() -> Iterator[Any]:
    with browser() as browser_page:
        yield browser_page


@pytest.fixture(scope="module")
def chromium(kind: Any) -> Any:
    return kind.launch(**START_WHOLE)


@pytest.fixture
def page(chromium: Any, room: Room) -> Iterator[Any]:
    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, room, "inspector")
    yield page
    context.set_offline(False)
    context.close()


_SIGNED_IN: dict[tuple[str, str], Any] = {}


def looker(room: Room, name: str) -> Any:
    """Somebody signed in who looks often: signing in each time would soon be too many attempts."""
    if (room.address, name) not in _SIGNED_IN:
        _SIGNED_IN[room.address, name] = room.signed_in(name)
    return _SIGNED_IN[room.address, name]


def assessments(room: Room, name: str = "inspector") -> list[int]:
    return looker(room, name).get(f"{room.address}/api/v1/assessments", timeout=30).json()


def stored(room: Room, assessment: int, question: str) -> dict[str, Any] | None:
    asked_of = (
        looker(room, "inspector")
        .get(f"{room.address}/api/v1/assessments/{assessment}", timeout=30)
        .json()["answers"]
    )
    return next((a for a in asked_of if a["question"] == question), None)


def await_stored(
    page: Any, room: Room, assessment: int, question: str, is_there: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """What the room has of a question, once it is as it must become."""
    for _ in range(300):
        answer = stored(room, assessment, question)
        if answer is not None and is_there(answer):
            return answer
        page.wait_for_timeout(200)
    raise AssertionError(f"{question} stays {stored(room, assessment, question)}")


def opened(page: Any, room: Room, assessment: int, question: str = "b2_assessed") -> Any:
    page.goto(f"{room.address}/assessments/{assessment}/#q-{question}")
    place = page.locator(f'[data-question="{question}"]')
    place.wait_for()
    until(page, "document.querySelector('[data-unsent]')?.textContent.length > 0")
    return place


def choose(place: Any, code: str) -> None:
    place.locator(f'input[value="{code}"]').check(force=True)


def state(place: Any, name: str) -> None:
    until(
        place.page,
        "([key, name]) => document.querySelector(`[data-question='${key}']`).dataset.state === name",
        arg=[place.get_attribute("data-question"), name],
    )


def test_an_answer_is_saved_without_a_button(page: Any, room: Room) -> None:
    assessment = assessments(room)[0]
    place = opened(page, room, assessment)
    choose(place, "insufficient")
    state(place, "saved")
    assert page.locator("[data-phase]").inner_text() == "In progress"
    place.locator("textarea[name$=__note]").fill("nothing shows it")
    until(page, "document.querySelector('[data-unsent]').textContent === 'Everything is saved'")
    page.wait_for_timeout(1200)
    state(place, "saved")
    answer = stored(room, assessment, "b2_assessed")
    assert answer is not None
    assert (answer["value"], answer["note"]) == ("insufficient", "nothing shows it")


def test_a_case_stays_open_without_network_through_reload_and_restart(
    kind: Any, room: Room, tmp_path: Path
) -> None:
    """Loss of network, reload, restart of the browser, restart of the server: answers are there, and go out afterwards."""
    assessment = assessments(room)[1]
    with _profile(kind, tmp_path) as again:
        context = again()
        page = context.new_page()
        sign_in(page, room, "inspector")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        opened(page, room, assessment)
        page.reload()
        until(page, "navigator.serviceWorker.controller !== null")
        context.set_offline(True)
        place = opened(page, room, assessment)
        choose(place, "excellent")
        state(place, "device")
        until(page, "document.querySelector('[data-unsent]').textContent === '1 answer not sent yet'")
        context.close()

        room.kill()  # the server is gone, too
        context = again()
        page = context.new_page()
        place = opened(page, room, assessment)
        assert place.locator('input[value="excellent"]').is_checked()
        state(place, "device")
        page.reload()
        place = opened(page, room, assessment)
        assert place.locator('input[value="excellent"]').is_checked()

        room.start()
        page.evaluate("dispatchEvent(new Event('online'))")
        state(place, "saved")
        assert (stored(room, assessment, "b2_assessed") or {})["value"] == "excellent"
        # The key leaves with the session, and what is left on the device cannot be read.
        page.goto(f"{room.address}/")
        page.click("[data-sign-out] button")
        page.wait_for_url("**/account/login/**")
        result = page.evaluate(
            """async () => { const db = await new Promise((done) => { const r = indexedDB.open('scrutineer'); r.onsuccess = () => done(r.result); });
            const all = (name) => new Promise((done) => { const r = db.transaction(name).objectStore(name).getAll(); r.onsuccess = () => done(r.result); });
            const rows = await all('assessments');
            return { keys: (await all('keys')).length, rows: rows.length, fields: Object.keys(rows[0]).sort(), text: new TextDecoder().decode(rows[0].data) }; }"""
        )
        assert result["keys"] == 0
        assert result["rows"] >= 1
        assert result["fields"] == ["assessment", "at", "data", "iv", "person"]
        assert "excellent" not in result["text"]
        assert "Farfield" not in result["text"]
        context.close()


@contextmanager
def _profile(kind: Any, place: Path) -> Iterator[Any]:
    """A browser that remembers: each call starts it again on the same profile."""
    yield lambda: kind.launch_persistent_context(str(place / "profile"), **START_WHOLE)


def test_the_network_is_cut_in_the_middle_of_a_save(page: Any, room: Room) -> None:
    """The room has it, the answer never arrives: it is sent again, and saved once."""
    assessment = assessments(room)[2]
    place = opened(page, room, assessment)
    cut = {"done": False}

    def lost(route: Any) -> None:
        if not cut["done"]:
            cut["done"] = True
            route.fetch()  # the room gets it, and answers ...
            route.abort()  # ... into the void
        else:
            route.continue_()

    page.route("**/api/v1/assessments/*/answers/*", lost)
    choose(place, "poor")
    state(place, "device")
    page.evaluate("dispatchEvent(new Event('online'))")
    state(place, "saved")
    answer = stored(room, assessment, "b2_assessed")
    assert answer is not None
    assert (answer["value"], answer["rev"]) == ("poor", 1)


def test_a_change_of_mind_while_the_network_is_cut_is_no_conflict(page: Any, room: Room) -> None:
    assessment = assessments(room)[2]
    place = opened(page, room, assessment, "b2_score")
    cut = {"done": False}

    def lost(route: Any) -> None:
        if not cut["done"]:
            cut["done"] = True
            route.fetch()
        route.abort()

    page.route("**/api/v1/assessments/*/answers/*", lost)
    choose(place, "poor")
    state(place, "device")
    choose(place, "sufficient")
    page.wait_for_timeout(300)
    page.unroute("**/api/v1/assessments/*/answers/*")
    page.evaluate("dispatchEvent(new Event('online'))")
    state(place, "saved")
    answer = stored(room, assessment, "b2_score")
    assert answer is not None
    assert (answer["value"], answer["rev"]) == ("sufficient", 2)


def test_a_case_that_was_taken_away_keeps_no_other_answer_from_being_sent(page: Any, room: Room) -> None:
    """The room refuses the one for good; once that stopped everything that waited behind it on the device."""
    first, second = assessments(room)[2:4]
    body = {"value": "poor", "base": 0, "uid": str(uuid4())}
    refusal = room.signed_in("analyst").put(
        f"{room.address}/api/v1/assessments/{first}/answers/d2_links", json=body, timeout=30
    )
    assert refusal.status_code == 403
    page.route(
        f"**/api/v1/assessments/{first}/answers/*",
        lambda route: route.fulfill(status=403, body=refusal.text, content_type="application/json"),
    )
    place = opened(page, room, first, "d2_links")
    choose(place, "poor")
    until(
        page,
        "document.querySelector('[data-question=d2_links]').innerText.includes('no longer allocated to you')",
    )
    other = opened(page, room, second, "d2_links")
    choose(other, "poor")
    state(other, "saved")
    answer = stored(room, second, "d2_links")
    assert answer is not None
    assert answer["value"] == "poor"


def test_two_tabs_of_one_person_go_together(page: Any, room: Room) -> None:
    assessment = assessments(room)[3]
    first = opened(page, room, assessment)
    other = page.context.new_page()
    second = opened(other, room, assessment)
    choose(first, "poor")
    state(first, "saved")
    until(other, "document.querySelector('[data-question=b2_assessed] input[value=poor]').checked")
    choose(second, "excellent")
    state(second, "saved")
    until(page, "document.querySelector('[data-question=b2_assessed] input[value=excellent]').checked")
    assert (stored(room, assessment, "b2_assessed") or {})["rev"] == 2


def test_two_devices_see_a_conflict_with_both_values_and_choose(page: Any, room: Room, chromium: Any) -> None:
    assessment = assessments(room)[3]
    elsewhere = chromium.new_context()
    other = elsewhere.new_page()
    sign_in(other, room, "inspector")
    mine, theirs = opened(page, room, assessment, "b2_score"), opened(other, room, assessment, "b2_score")
    choose(mine, "poor")
    state(mine, "saved")
    choose(theirs, "excellent")
    state(theirs, "conflict")
    box = theirs.locator(".room-conflict")
    assert "Poor" in box.inner_text()
    assert "Excellent" in box.inner_text()
    assert (stored(room, assessment, "b2_score") or {})["value"] == "poor"
    box.get_by_role("button", name="Use the other answer").click()
    state(theirs, "saved")
    assert (stored(room, assessment, "b2_score") or {})["value"] == "excellent"
    elsewhere.close()


def test_the_lead_inspector_sees_what_a_device_has_not_sent(page: Any, room: Room) -> None:
    assessment = assessments(room)[0]
    place = opened(page, room, assessment, "b3_smart")
    page.route(
        "**/api/v1/assessments/*/answers/*",
        lambda route: route.fulfill(status=422, json={"faults": [{"where": "x", "what": "no", "do": "yes"}]}),
    )
    choose(place, "poor")
    place.get_by_text("Refused").wait_for()
    lead = room.signed_in("lead_inspector")
    text = lead.get(f"{room.address}/inspections/1/devices/", timeout=30).text
    assert "Chrome on Linux" in text
    assert "<strong>1</strong>" in text


def settle_in_browser(
    page: Any, framework: Framework, cases: list[tuple[dict[str, Any], dict[str, Any]]]
) -> Any:
    """What the browser makes of cases: of each question whether it applies, the answer that counts, and the rule."""
    return page.evaluate(
        """async ([rules, cases]) => { const { settleCase } = await import('/static/room/applicability.js');
        return cases.map(([facts, answers]) => Object.entries(settleCase(rules, facts, answers))
            .map(([key, { applies, answer, rule }]) => [key, applies, answer, rule])); }""",
        [collect_rules(framework), json.loads(json.dumps(cases, default=str))],
    )


def settle_here(framework: Framework, facts: dict[str, Any], answers: dict[str, Any]) -> list[list[Any]]:
    """The same by the core."""
    settled = settle_case(framework, facts, answers)
    return [[key, own.applies, own.answer, own.rule] for key, own in settled.items()]


def test_what_applies_is_the_same_in_the_browser(page: Any, room: Room, library: Library) -> None:
    """Every worked example of every framework, and every combination of facts that they name, in both evaluators."""
    page.goto(f"{room.address}/offline/")
    checked = 0
    for name in library.ids:
        framework = library.load_framework(name)
        examples = read_yaml(ROOT / "frameworks" / name / "examples.yaml").value
        facts = [dict(example.get("facts", {})) for example in examples.get("applicability", [])]
        merged = {k: v for case_facts in facts for k, v in case_facts.items()}
        facts += [{k: v for k, v in merged.items() if k != left} for left in merged] + [merged, {}]
        cases = [(known, {}) for known in facts]
        cases += [(e.get("facts", {}), e.get("answers", {})) for e in examples.get("cases", [])]
        for (known, answers), got in zip(cases, settle_in_browser(page, framework, cases), strict=True):
            assert got == settle_here(framework, known, answers), (name, known, answers)
            checked += len(got)
    assert checked > 1000


WORKING_DAYS = """
format: 2
id: days
version: "1.0"
title: Days
scales:
  - {key: yes_no, title: Yes or no, options: [{code: "yes", label: "Yes", above: true}, {code: "no", label: "No", above: false}]}
  - {key: day, title: A day, kind: date}
  - {key: number, title: A number, kind: number}
attributes:
  - {key: started, title: Start, kind: date}
sections:
  - code: A
    title: All
    criteria:
      - code: A1
        title: One
        kind: case
        questions:
          - {key: seen, text: Seen, scale: day, context: true}
          - {key: hours, text: Hours, scale: number, context: true, when: {seen: {on_or_after: "2026-03-10"}}}
          - key: in_time
            text: In time
            scale: yes_no
            derived:
              - {answer: "yes", when: {seen: {within: 3, unit: working_days, after: started}}}
              - {answer: "yes", when: {seen: {within: 4, unit: working_days, before: started, place: GB-SCT}}}
              - {answer: "no", when: {not: {seen: {within: 1, unit: months, after: started}}}}
              - {answer: not_enough_evidence, when: {any: [{hours: {at_least: 2.5}}, {seen: {within: 1, unit: weeks, after: started}}]}}
              - {answer: "no"}
"""


def test_answers_by_rules_are_the_same_in_the_browser(page: Any, room: Room, tmp_path: Path) -> None:
    """10,000 random cases of every framework with rules, and of one with working days, are settled alike."""
    page.goto(f"{room.address}/offline/")
    (tmp_path / "framework.yaml").write_text(WORKING_DAYS, "utf-8")
    days = load(tmp_path / "framework.yaml", lambda _: pytest.fail("nothing is extended"))
    random, by_rule = Random(11), 0
    for framework, number in ((NOTES, 4_000), (CHILDREN, 3_000), (days, 3_000)):
        cases = [make_random_case(framework, random) for _ in range(number)]
        for (facts, answers), got in zip(cases, settle_in_browser(page, framework, cases), strict=True):
            assert got == settle_here(framework, facts, answers), (framework.id, facts, answers)
            by_rule += sum(rule is not None for *_, rule in got)
    assert by_rule > 10_000


def test_a_question_that_applies_appears_as_the_file_is_read(page: Any, room: Room) -> None:
    assessment = assessments(room)[1]
    opened(page, room, assessment, "breach_required")
    c1 = page.locator('[data-question="c1_breach"]')
    page.locator('[data-question="breach_required"] input[value="no"]').check(force=True)
    assert c1.get_attribute("data-applies") == "no"
    assert c1.get_attribute("hidden") is not None
    page.locator('[data-question="breach_required"] input[value="yes"]').check(force=True)
    assert c1.get_attribute("data-applies") == "yes"
    assert c1.get_attribute("hidden") is None


def test_a_case_is_answered_with_the_keyboard_alone(page: Any, room: Room) -> None:
    """From the address to a saved answer with its reason, and on to the next question, without a pointer."""
    assessment = assessments(room)[-1]
    page.goto(f"{room.address}/assessments/{assessment}/")
    until(page, "document.querySelector('[data-unsent]')?.textContent.length > 0")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    page.keyboard.press("Enter")

    def on_to(target: str) -> None:
        for _ in range(80):
            if page.evaluate("(wanted) => document.activeElement.matches(wanted)", target):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard never came to {target}")

    on_to("a[data-criterion='B2']")
    page.keyboard.press("Enter")
    on_to("#q-b2_score input[type=radio]")
    for _ in range(6):
        page.keyboard.press("ArrowDown")
        if page.evaluate("document.activeElement.value") == "poor":
            break
    on_to("#q-b2_score textarea[name$=__note]")
    page.keyboard.type("The file shows none.")
    until(page, "document.querySelector('#q-b2_score').dataset.state === 'saved'")
    on_to("[data-next]")
    page.keyboard.press("Enter")
    until(page, "document.activeElement.closest('[data-question]') !== null")
    # The page said "Saved" of the choice already; the reason that was typed after it is sent a moment later.
    answer = await_stored(page, room, assessment, "b2_score", lambda there: bool(there["note"]))
    assert (answer["value"], answer["note"]) == ("poor", "The file shows none.")


def saved_values(room: Room, assessment: int, question: str) -> list[str]:
    """Every answer to a question that the room has taken, in its order."""
    events = looker(room, "lead_inspector").get(
        f"{room.address}/api/v1/inspections/1/events", params={"limit": 2000}, timeout=30
    ).json()  # fmt: skip
    return [
        e["details"]["value"]
        for e in events
        if e["kind"] == "answer.saved" and e["chain"] == f"assessment:{assessment}" and e["details"]["question"] == question
    ]  # fmt: skip


def test_arrow_keys_send_the_answer_that_they_rest_on(page: Any, room: Room) -> None:
    """Space, down, down, down stored four answers, of which nobody had given two."""
    assessment = assessments(room)[0]
    place = opened(page, room, assessment, "b2_assessed")
    question = place.get_attribute("data-question")
    radios = [
        r.get_attribute("value") for r in place.locator("input[type=radio][value]:not([value=''])").all()
    ]
    before = saved_values(room, assessment, question)
    place.locator(f'input[value="{radios[0]}"]').focus()
    page.keyboard.press("Space")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    until(
        page,
        "(key) => document.querySelector(`[data-question='${key}'] [data-said]`).textContent === 'Saved'",
        arg=question,
    )
    until(page, "() => document.querySelector('[data-unsent]').textContent === 'Everything is saved'")
    await_stored(page, room, assessment, question, lambda there: there["value"] == radios[2])
    page.wait_for_timeout(1500)  # nothing comes after it
    assert saved_values(room, assessment, question)[len(before) :] == [radios[0], radios[2]]

    # Left with the tab key, it is sent at once; and if the whole page is left, too.
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    await_stored(page, room, assessment, question, lambda there: there["value"] == radios[1])
    # Once the page has heard that, so that the next answer is not taken for one that did not know of it.
    until(page, "() => document.querySelector('[data-unsent]').textContent === 'Everything is saved'")
    place.locator(f'input[value="{radios[1]}"]').focus()
    page.keyboard.press("ArrowUp")
    page.goto(f"{room.address}/reports/")
    await_stored(page, room, assessment, question, lambda there: there["value"] == radios[0])


def arrived(room: Room, assessment: int, question: str) -> list[str]:
    """Every answer to a question that came to the room: saved, or kept as a conflict where another was saved meanwhile."""
    events = looker(room, "lead_inspector").get(
        f"{room.address}/api/v1/inspections/1/events", params={"limit": 2000}, timeout=30
    ).json()  # fmt: skip
    details = [e["details"] for e in events if e["chain"] == f"assessment:{assessment}"]
    return [d["value"] for d in details if d.get("question") == question and "value" in d]


def test_an_answer_that_is_on_its_way_when_the_page_is_left_arrives(page: Any, room: Room) -> None:
    """It was neither on the disk nor sent yet: the page went before its first step was done.

    Sent through the worker of the page, it went with the page in one of thirteen cases on a busy machine.
    """
    assessment = assessments(room)[1]
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    for answer in ("poor", "excellent", "insufficient"):
        place = opened(page, room, assessment, "d4_efficient")
        until(page, "navigator.serviceWorker.controller !== null")
        choose(place, answer)
        page.goto(f"{room.address}/reports/")
        for _ in range(150):
            if answer in arrived(room, assessment, "d4_efficient"):
                break
            page.wait_for_timeout(200)
        assert answer in arrived(room, assessment, "d4_efficient")


def test_what_is_typed_stays_until_it_is_saved_and_is_saved_once(page: Any, room: Room) -> None:
    address = f"{room.address}/inspections/1/evidence/new/"
    page.goto(address)
    page.get_by_label("Title", exact=True).fill("Business plan")
    page.get_by_label("Source", exact=True).fill("x" * 301)
    assert "You have 1 character too many" in page.locator("[data-count]").inner_text()
    page.get_by_label("Source", exact=True).fill("The board")
    page.goto(f"{room.address}/reports/")
    page.go_back()
    assert page.get_by_label("Title", exact=True).input_value() == "Business plan"
    assert "It isn't saved yet" in page.locator(".room-draft").inner_text()
    page.locator("details summary").first.click()
    page.locator("select[name^=grade__]").first.select_option(index=1)

    # Twice at once, and again after going back.
    page.evaluate(
        "() => { const b = document.querySelector('main form [data-module=govuk-button]'); b.click(); b.click(); }"
    )
    page.wait_for_url(re.compile(r"/evidence/\d+/"))
    page.go_back()
    page.wait_for_url("**/evidence/new/")
    assert page.get_by_label("Title", exact=True).input_value() == "Business plan"
    page.locator("main form [data-module=govuk-button]").click()
    page.wait_for_url(re.compile(r"/evidence/\d+/"))
    page.goto(f"{room.address}/inspections/1/evidence/")
    assert (
        page.get_by_role("link", name="Business plan").count() <= 2
    )  # among the evidence, and beside its item
    numbers = {a.get_attribute("href") for a in page.locator("a[href^='/evidence/']").all()}
    assert len(numbers) == 1

    # A form that is opened anew is empty.
    page.goto(address)
    assert page.get_by_label("Title", exact=True).input_value() == ""
