"""The report made in the room: the same as from the exported folder; texts that nobody loses."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from hypothesis import given as given_by
from hypothesis import settings
from hypothesis import strategies as st

from scrutineer.errors import UserError
from scrutineer.frameworks.library import Library
from scrutineer.inspection.fingerprint import hash_data
from scrutineer.inspection.load import load
from scrutineer.report.figures.offered import list_offers
from scrutineer.report.texts.parse import parse
from scrutineer.tasks.reporting import list_files, prepare
from scrutineer_web.actions.importing import folders
from scrutineer_web.actions.preparation import inspections
from scrutineer_web.actions.report import recommendations, reports, texts
from scrutineer_web.exchange.export import make_folder
from scrutineer_web.kit.text_changes import list_lines
from scrutineer_web.queries.report import bound
from scrutineer_web.queries.report.reports import prove_report
from scrutineer_web.queries.report.texts import read_version
from scrutineer_web.queries.report.whole import read_inspection, read_text
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.text import Text
from scrutineer_web.records.user import User
from tests.web.test_folders import written

People = dict[str, User]
B2 = "findings/B2.md"


def stand(inspection: Inspection, path: str) -> Text:
    return Text.objects.get(inspection=inspection, path=path)


# -- the same as from the folder -----------------------------------------------------------


@pytest.mark.repeats
@pytest.mark.parametrize("name", ["esi", "follow-up", "omi"])
def test_the_room_has_what_the_core_reads_from_the_exported_folder(
    demo_folders: Path, people: People, library: Library, tmp_path: Path, name: str
) -> None:
    inspection = folders.import_folder(folder=demo_folders / name, by=people["information_manager"])
    read = load(written(make_folder(inspection), tmp_path), library)
    whole = read_inspection(inspection)
    assert hash_data(whole) == hash_data(read)
    assert {n: t.lines for n, t in whole.texts.items()} == {n: t.lines for n, t in read.texts.items()}
    for part in (
        "manifest",
        "area",
        "people",
        "dates",
        "evidence",
        "surveys",
        "recommendations",
        "needs",
        "record",
    ):
        assert getattr(whole, part) == getattr(read, part), part
    assert [(e.framework.id, e.evidence, sorted(e.texts)) for e in whole.elements] == [
        (e.framework.id, e.evidence, sorted(e.texts)) for e in read.elements
    ]


@pytest.mark.repeats
@pytest.mark.parametrize("name", ["esi", "follow-up", "omi"])
def test_a_report_made_in_the_room_is_the_same_byte_for_byte(
    demo_folders: Path, people: People, tmp_path: Path, name: str
) -> None:
    inspection = folders.import_folder(folder=demo_folders / name, by=people["information_manager"])
    by = people["information_manager"]
    inspections.add_participant(
        inspection=inspection, name="Lead", role="lead_inspector", user=people["inspector"], by=by
    )
    folder = written(make_folder(inspection), tmp_path)
    asked = reports.ask(inspection=inspection, kind="draft", formats=("html", "data"), by=people["inspector"])
    reports.make(issue=asked)
    asked.refresh_from_db()
    assert (asked.state, asked.progress) == ("ready", 100)
    expected, _ = list_files(prepare(folder, None), ("html", "data"))
    got = {f.path: bytes(f.blob.content) for f in asked.files.select_related("blob")}
    assert set(got) == set(expected)
    for path, content in expected.items():
        assert got[path] == (content.encode() if isinstance(content, str) else content), path


def test_the_figures_of_a_text_are_those_of_today_and_nothing_is_scored_twice(
    northmoor: Inspection, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    plain = bound.bind
    monkeypatch.setattr(bound, "bind", lambda *arguments: calls.append(1) or plain(*arguments))
    first = bound.preview_text(northmoor, B2, 'It was {{ score("B2") }}.')
    bound.preview_text(northmoor, B2, 'It was {{ score("B1") }}.')
    texts.save(inspection=northmoor, path=B2, content="x", base=1, by=people["inspector"])
    bound.preview_text(northmoor, B2, 'It was {{ score("B2") }}.')
    assert len(calls) == 1
    exact = bound.bind_inspection(northmoor).figures.score("B2").text
    assert f">{exact}</span>." in first.html
    survey = {"key": "x", "of": "courts", "kind": "questionnaire", "sent": 30, "returned": 20}
    inspections.put_survey(
        inspection=northmoor, part="surveys", survey=survey, place=None, by=people["information_manager"]
    )
    assert "20" in bound.preview_text(northmoor, B2, 'Of them {{ returned("x") }} answered.').html
    assert len(calls) == 2


def test_every_offered_figure_prints_what_it_says(northmoor: Inspection) -> None:
    figures = bound.bind_inspection(northmoor).figures
    offers = list(list_offers(figures))
    assert len(offers) > 400
    assert len({o.code for o in offers}) == len(offers)
    for offer in offers[:: len(offers) // 150]:
        parsed = parse(read_text(B2, f"So {offer.code} it is.", "x"), figures)
        assert [s.figure.text for s in parsed.spots] == [offer.text], offer.code
        assert parsed.remarks == ()


# -- several editors -------------------------------------------------------------------


def test_two_people_who_write_in_different_places_both_stand(northmoor: Inspection, people: People) -> None:
    me, other = people["inspector"], people["second_inspector"]
    start = "First part.\n\nMiddle part.\n\nLast part.\n"
    texts.save(inspection=northmoor, path=B2, content=start, base=1, by=me)
    rev = stand(northmoor, B2).rev
    texts.save(inspection=northmoor, path=B2, content=start.replace("First", "My first"), base=rev, by=me)
    saved = texts.save(
        inspection=northmoor, path=B2, content=start.replace("Last", "Their last"), base=rev, by=other
    )
    assert (saved.merged, saved.conflict) == (True, False)
    assert (
        stand(northmoor, B2).content
        == saved.content
        == "My first part.\n\nMiddle part.\n\nTheir last part.\n"
    )
    assert read_version(northmoor, B2, rev + 1) == start.replace("First", "My first")


def test_two_people_who_write_in_one_line_lose_nothing(northmoor: Inspection, people: People) -> None:
    rev = stand(northmoor, B2).rev
    texts.save(inspection=northmoor, path=B2, content="Mine.\n", base=rev, by=people["inspector"])
    saved = texts.save(
        inspection=northmoor, path=B2, content="Theirs.\n", base=rev, by=people["second_inspector"]
    )
    assert (saved.conflict, saved.content, saved.rev) == (True, "Mine.\n", rev + 1)
    assert stand(northmoor, B2).content == "Mine.\n"
    aside = Event.objects.get(kind="text.set_aside")
    assert (aside.actor, aside.details["content"]) == ("Second Inspector", "Theirs.\n")


def test_the_same_text_twice_is_one_version(northmoor: Inspection, people: People) -> None:
    rev = stand(northmoor, B2).rev
    saved = texts.save(inspection=northmoor, path=B2, content="Mine.\n", base=rev, by=people["inspector"])
    two = texts.save(inspection=northmoor, path=B2, content="Mine.\r\n", base=rev, by=people["inspector"])
    assert (saved.rev, two.rev, two.conflict) == (rev + 1, rev + 1, False)


@settings(max_examples=60, deadline=None)
@given_by(st.lists(st.sampled_from("abc"), max_size=6), st.data())
def test_changes_shown_are_the_two_texts(old: list[str], data: st.DataObject) -> None:
    """What only the old one has and what both have is the old text; the same of the new one."""
    new = data.draw(st.lists(st.sampled_from("abcd"), max_size=6))
    before, after = "\n".join(old), "\n".join(new)
    lines = list_lines(before, after, around=100)
    if before == after:
        assert lines == []
        return
    for kind, text in (("old", before), ("new", after)):
        messages = [
            "".join(s.text for s in line if s.kind in ("both", kind))
            for line in lines
            if any(s.kind in ("both", kind) for s in line)
        ]
        assert "\n".join(messages).split() == text.split()


def test_a_text_that_the_report_has_no_place_for_is_refused(northmoor: Inspection, people: People) -> None:
    for path in (
        "findings/Z9.md",
        "narrative/other.md",
        "../room.sqlite3",
        "findings/../x.md",
        "practice/B2-0.md",
        "evidence.yaml",
    ):
        with pytest.raises(UserError, match="the report has no part of this name"):
            texts.save(inspection=northmoor, path=path, content="x", base=0, by=people["inspector"])
    texts.save(
        inspection=northmoor, path="practice/B2-2.md", content="# A title\n", base=0, by=people["inspector"]
    )
    with pytest.raises(PermissionDenied):
        texts.save(inspection=northmoor, path=B2, content="x", base=0, by=people["auditor"])


def test_drafting_leaves_alone_what_a_person_wrote(northmoor: Inspection, people: People) -> None:
    me = people["lead_inspector"]
    texts.save(inspection=northmoor, path=B2, content="My own words.\n", base=stand(northmoor, B2).rev, by=me)
    drafted, saved = texts.draft(inspection=northmoor, by=me)
    assert drafted == []  # every other finding is the draft that the folder brought
    assert saved == [B2]
    drafted, saved = texts.draft(inspection=northmoor, again=[B2], by=me)
    assert (drafted, saved) == ([B2], [])
    assert read_version(northmoor, B2, stand(northmoor, B2).rev - 1) == "My own words.\n"


# -- proof, drafts, issues -----------------------------------------------------------------


def test_a_typed_number_stands_against_issuing(northmoor: Inspection, people: People) -> None:
    _, before = prove_report(northmoor)
    content = stand(northmoor, B2).content + "\nIt was done in 37% of cases.\n"
    texts.save(
        inspection=northmoor, path=B2, content=content, base=stand(northmoor, B2).rev, by=people["inspector"]
    )
    _, after = prove_report(northmoor)
    assert after.errors == before.errors + 1
    remarks = [r for r in after.remarks if r.rule == "unbound-number"]
    assert len(remarks) == 1
    assert "37%" in remarks[0].quote
    assert remarks[0].line == content.split("\n").index("It was done in 37% of cases.") + 1


def test_an_issue_waits_for_the_factual_accuracy_check(northmoor: Inspection, people: People) -> None:
    with pytest.raises(UserError, match="Issue it when the factual accuracy check is over"):
        reports.ask(inspection=northmoor, kind="issue", by=people["lead_inspector"])
    Inspection.objects.filter(pk=northmoor.pk).update(state="final")
    northmoor.refresh_from_db()
    with pytest.raises(PermissionDenied):
        reports.ask(inspection=northmoor, kind="issue", by=people["inspector"])
    texts.save(
        inspection=northmoor,
        path=B2,
        content="In 37% of cases.",
        base=stand(northmoor, B2).rev,
        by=people["inspector"],
    )
    with pytest.raises(UserError) as caught:
        reports.ask(inspection=northmoor, kind="issue", by=people["lead_inspector"])
    assert any("37%" in str(f) for f in caught.value.faults)
    assert not Issue.objects.exists()


@pytest.mark.repeats
def test_an_issue_is_what_the_command_issues_from_the_exported_folder(
    northmoor: Inspection, people: People, tmp_path: Path
) -> None:
    Inspection.objects.filter(pk=northmoor.pk).update(state="final")
    northmoor.refresh_from_db()
    asked = reports.ask(inspection=northmoor, kind="issue", by=people["lead_inspector"])
    Issue.objects.filter(pk=asked.pk).update(
        formats=["html", "data"]
    )  # PDF and Word take long, and are the core's own
    asked.refresh_from_db()
    reports.make(issue=asked)
    expected, _ = list_files(prepare(written(make_folder(northmoor), tmp_path), None, 1), ("html", "data"))
    got = {f.path: bytes(f.blob.content) for f in asked.files.select_related("blob")}
    assert got == {k: v.encode() if isinstance(v, str) else v for k, v in expected.items()}
    files = make_folder(northmoor)
    assert files["issued/v1/report.html"] == got["report.html"]
    again = folders.import_folder(folder=written(files, tmp_path / "again"), by=people["information_manager"])
    back = again.issues.get(kind="issue_elsewhere")
    assert {f.path: bytes(f.blob.content) for f in back.files.select_related("blob")} == got
    asked.refresh_from_db()
    for name in ("stamp", "figures", "texts", "passages", "proof"):
        assert getattr(back, name) == getattr(asked, name), name


def test_data_that_change_while_an_issue_waits_stop_it(northmoor: Inspection, people: People) -> None:
    Inspection.objects.filter(pk=northmoor.pk).update(state="final")
    northmoor.refresh_from_db()
    asked = reports.ask(inspection=northmoor, kind="issue", by=people["lead_inspector"])
    survey = {"key": "x", "of": "courts", "kind": "questionnaire", "sent": 30, "returned": 20}
    Inspection.objects.filter(pk=northmoor.pk).update(state="moderation")
    inspections.put_survey(
        inspection=northmoor, part="surveys", survey=survey, place=None, by=people["information_manager"]
    )
    asked.inspection.refresh_from_db()
    with pytest.raises(UserError, match="data changed"):
        reports.make(issue=asked)
    reports.give_up_report(issue=asked, why="its data changed")
    asked.refresh_from_db()
    assert (asked.state, asked.files.count()) == ("failed", 0)


def test_recommendations_have_an_order_and_stay_when_taken_out(northmoor: Inspection, people: People) -> None:
    me = people["lead_inspector"]
    before = [r.text for r in northmoor.recommendations.filter(retired_at=None)]
    recommendation = recommendations.put(
        inspection=northmoor, text="plans are  reviewed", criteria=["B2"], by=me
    )
    assert recommendation.text == "plans are reviewed"
    recommendations.move(recommendation=recommendation, up=True, by=me)
    now = list(northmoor.recommendations.filter(retired_at=None))
    assert [r.text for r in now] == [*before[:-1], "plans are reviewed", before[-1]]
    recommendations.retire(recommendation=now[0], by=me)
    assert [r.text for r in northmoor.recommendations.filter(retired_at=None)] == [
        *before[1:-1],
        "plans are reviewed",
        before[-1],
    ]
    with pytest.raises(UserError, match="no criterion 'Z9'"):
        recommendations.put(inspection=northmoor, text="x", criteria=["Z9"], by=me)
    with pytest.raises(UserError, match="nothing was overwritten"):
        recommendations.put(
            inspection=northmoor, text="x", criteria=[], recommendation=recommendation, base=7, by=me
        )


def test_the_editor_saves_offers_and_tells(northmoor: Inspection, people: People) -> None:
    client = Client()
    client.force_login(people["inspector"])
    rev = stand(northmoor, B2).rev
    place = reverse("text_save", args=[northmoor.pk, B2])
    reply = client.post(place, {"content": 'So {{ score("B2") }}, and 12% of cases.', "base": rev}).json()
    assert (reply["rev"], reply["conflict"]) == (rev + 1, False)
    assert [r["rule"] for r in reply["remarks"] if r["severity"] == "error"] == ["unbound-number"]
    assert 'data-figure="score:B2"' in reply["html"]
    figures = client.get(reverse("report_figures", args=[northmoor.pk]), {"q": "overall score"}).json()[
        "figures"
    ]
    assert '{{ score("overall") }}' in [f["code"] for f in figures]
    assert (
        client.post(
            reverse("text_save", args=[northmoor.pk, "findings/Z9.md"]), {"content": "x", "base": 0}
        ).status_code
        == 404
    )
