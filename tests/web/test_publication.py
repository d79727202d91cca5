"""Approval by a second person, embargo, publication, correction; and what the public sees."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scrutineer.errors import UserError
from scrutineer_web.actions.importing import folders
from scrutineer_web.actions.publication import publication
from scrutineer_web.actions.report import recommendations, reports, texts
from scrutineer_web.exchange.export import make_folder
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.text import Text
from scrutineer_web.records.user import User
from tests.web.conftest import make_issue, make_issued
from tests.web.test_folders import written

People = dict[str, User]


@pytest.fixture(scope="module")
def issued_once(furnished: int, django_db_blocker: Any) -> Iterator[int]:
    """An issue that nobody has approved yet, made once: every test here begins from it."""
    with django_db_blocker.unblock(), transaction.atomic():
        people = {user.username: user for user in User.objects.all()}
        yield make_issued(Inspection.objects.get(pk=furnished), people).pk
        transaction.set_rollback(True)


@pytest.fixture
def issued(issued_once: int, people: People) -> Issue:
    return Issue.objects.get(pk=issued_once)


@pytest.mark.repeats
def test_a_second_person_approves(issued: Issue, people: People) -> None:
    with pytest.raises(PermissionDenied):
        publication.approve(issue=issued, by=people["lead_inspector"])
    Issue.objects.filter(pk=issued.pk).update(asked_by=people["chief_inspector"])
    with pytest.raises(UserError, match="you issued it yourself"):
        publication.approve(issue=issued, by=people["chief_inspector"])
    Issue.objects.filter(pk=issued.pk).update(asked_by=people["lead_inspector"])
    publication.approve(issue=issued, by=people["programme_manager"])
    issued.refresh_from_db()
    assert issued.approved_by == people["programme_manager"]


def test_who_wrote_part_of_it_does_not_approve_it(issued: Issue, people: People) -> None:
    """Even where somebody else wrote last, and where it was a recommendation."""
    inspection, chief = issued.inspection, people["chief_inspector"]
    recommendations.put(inspection=inspection, text="plans are kept", criteria=["B2"], by=chief)
    again = make_issue(inspection, people["lead_inspector"])
    with pytest.raises(UserError, match="you wrote part of it"):
        publication.approve(issue=again, by=chief)
    publication.approve(issue=again, by=people["programme_manager"])


def test_a_recommendation_that_changed_is_not_approved_with_the_issue(issued: Issue, people: People) -> None:
    recommendation = issued.inspection.recommendations.filter(retired_at=None).first()
    assert recommendation is not None
    recommendations.put(
        inspection=issued.inspection,
        text="otherwise",
        criteria=[],
        recommendation=recommendation,
        base=recommendation.rev,
        by=people["lead_inspector"],
    )
    with pytest.raises(UserError, match="changed since it was issued"):
        publication.approve(issue=issued, by=people["chief_inspector"])


def test_a_text_saved_while_an_issue_waits_is_proved_again(issued: Issue, people: People) -> None:
    inspection = issued.inspection
    asked = reports.ask(inspection=inspection, kind="issue", by=people["lead_inspector"])
    text = Text.objects.get(inspection=inspection, path="findings/B2.md")
    texts.save(
        inspection=inspection,
        path=text.path,
        content=text.content + "\nIn 37% of cases.\n",
        base=text.rev,
        by=people["inspector"],
    )
    with pytest.raises(UserError, match="37%"):
        reports.make(issue=asked)
    assert not asked.files.exists()


def test_a_later_version_is_not_seen_before_an_earlier_ones_embargo_ends(
    issued: Issue, people: People
) -> None:
    chief, lead, press = people["chief_inspector"], people["lead_inspector"], people["publications"]
    publication.approve(issue=issued, by=chief)
    until = timezone.now() + timedelta(days=5)
    publication.publish(issue=issued, embargo_until=until, by=press)
    inspection = Inspection.objects.get(pk=issued.inspection_id)
    publication.correct(inspection=inspection, notice="A name\x0b was wrong.", by=lead)
    inspection.refresh_from_db()
    assert inspection.correction == "A name was wrong."
    second = make_issue(inspection, lead)
    publication.approve(issue=second, by=chief)
    publication.publish(issue=second, by=press)
    second.refresh_from_db()
    assert second.published_at == until
    assert Client().get(reverse("public_report", args=[inspection.slug])).status_code == 404


def test_what_changed_after_the_issue_is_not_approved_with_it(issued: Issue, people: People) -> None:
    inspection = issued.inspection
    rev = Text.objects.get(inspection=inspection, path="findings/B2.md").rev
    texts.save(
        inspection=inspection, path="findings/B2.md", content="Otherwise.\n", base=rev, by=people["inspector"]
    )
    with pytest.raises(UserError, match="changed since it was issued"):
        publication.approve(issue=issued, by=people["chief_inspector"])


def test_nothing_is_written_between_approval_and_publication(issued: Issue, people: People) -> None:
    publication.approve(issue=issued, by=people["chief_inspector"])
    with pytest.raises(UserError, match="approved"):
        texts.save(
            inspection=issued.inspection, path="findings/B2.md", content="x", base=1, by=people["inspector"]
        )
    with pytest.raises(UserError, match="it is empty"):
        publication.withdraw(inspection=issued.inspection, reason=" ", by=people["chief_inspector"])
    publication.withdraw(inspection=issued.inspection, reason="a name is wrong", by=people["chief_inspector"])
    issued.refresh_from_db()
    assert (issued.approved_at, issued.inspection.state) == (None, "final")
    with pytest.raises(UserError):
        publication.publish(issue=issued, by=people["publications"])


def test_before_the_embargo_ends_the_public_sees_nothing(issued: Issue, people: People) -> None:
    publication.approve(issue=issued, by=people["chief_inspector"])
    until = timezone.now() + timedelta(days=2)
    publication.publish(issue=issued, embargo_until=until, by=people["publications"])
    slug = Inspection.objects.get(pk=issued.inspection_id).slug
    client = Client()
    places = [reverse("public_report", args=[slug]), reverse("public_file", args=[slug, 1, "report.html"])]
    assert [client.get(p).status_code for p in places] == [404, 404]
    assert "Northmoor" not in client.get(reverse("reports")).content.decode()
    assert "Northmoor" not in client.get(reverse("feed")).content.decode()
    ended = timezone.now() - timedelta(seconds=1)
    Issue.objects.filter(pk=issued.pk).update(published_at=ended, embargo_until=ended)
    assert [client.get(p).status_code for p in places] == [200, 200]
    assert "Northmoor" in client.get(reverse("reports")).content.decode()


def test_the_public_reads_searches_and_verifies(published: Issue) -> None:
    client = Client()
    slug = Inspection.objects.get(pk=published.inspection_id).slug
    page = client.get(reverse("public_report", args=[slug]))
    page_text = page.content.decode()
    assert "Synthetic data" in page_text
    stamp = json.loads(client.get(reverse("public_file", args=[slug, 1, "issue.json"])).content)
    assert len(stamp["files"]) > 10
    for path, hash_ in stamp["files"].items():
        got = client.get(reverse("public_file", args=[slug, 1, path]))
        assert hashlib.sha256(got.content).hexdigest() == hash_, path
        assert hash_ in page_text
        assert "script-src" not in got["Content-Security-Policy"]
        assert "default-src 'none'" in got["Content-Security-Policy"]
    for query, is_there in (("northmoor", True), ("risk of harm", True), ("nowhere at all", False)):
        assert (
            "Northmoor</a>" in client.get(reverse("reports"), {"q": query}).content.decode()
        ) is is_there, query
    feed = client.get(reverse("feed")).content.decode()
    assert "<feed" in feed
    assert "Northmoor" in feed
    assert client.get(reverse("public_file", args=[slug, 2, "report.html"])).status_code == 404
    assert client.get(reverse("public_file", args=[slug, 1, "nothing.html"])).status_code == 404
    assert client.get("/reports/nothing/").status_code == 404


def test_a_correction_keeps_the_version_before_with_a_notice_beside_the_next(
    published: Issue, people: People
) -> None:
    inspection = Inspection.objects.get(pk=published.inspection_id)
    client, slug = Client(), inspection.slug
    before = client.get(reverse("public_file", args=[slug, 1, "report.html"])).content
    with pytest.raises(UserError, match="it is empty"):
        publication.correct(inspection=inspection, notice=" ", by=people["lead_inspector"])
    publication.correct(
        inspection=inspection, notice="The name of the board was wrong.", by=people["lead_inspector"]
    )
    inspection.refresh_from_db()
    assert client.get(reverse("public_report", args=[slug])).status_code == 200  # it stays where it is
    rev = Text.objects.get(inspection=inspection, path="findings/B2.md")
    texts.save(
        inspection=inspection, path="findings/B2.md", content=rev.content + "\nThe board was told.\n", base=rev.rev,
        by=people["inspector"],
    )  # fmt: skip
    with pytest.raises(UserError, match="already published"):
        publication.approve(issue=published, by=people["chief_inspector"])
    second = make_issue(inspection, people["lead_inspector"])
    publication.approve(issue=second, by=people["chief_inspector"])
    publication.publish(issue=second, by=people["publications"])
    page = client.get(reverse("public_report", args=[slug])).content.decode()
    assert "Corrected: The name of the board was wrong." in page
    assert "Version 1" in page
    assert client.get(reverse("public_file", args=[slug, 1, "report.html"])).content == before
    after = client.get(reverse("public_file", args=[slug, 2, "report.html"])).content
    assert b"The board was told." in after
    assert b"The board was told." not in before
    assert "Correction: The name of the board was wrong." in client.get(reverse("feed")).content.decode()


def test_the_published_figures_are_those_of_the_exported_folder(published: Issue, tmp_path: Path) -> None:
    """And the published page passes the proof."""
    from scrutineer.tasks.reporting import prepare, prove_draft

    inspection = Inspection.objects.get(pk=published.inspection_id)
    place = written(make_folder(inspection), tmp_path)
    ready = prepare(place, None, 1)
    assert prove_draft(ready).errors == 0
    assert {f.key: f.text for f in ready.document.list_figures()} == published.figures
    figures = json.loads((place / "issued/v1/data/figures.json").read_text())["figures"]
    assert figures == published.figures


def test_what_was_published_goes_out_and_comes_in_as_issued_elsewhere(
    published: Issue, people: People, tmp_path: Path
) -> None:
    """It is there to be kept; nobody here approved or published it, and no act shows it to the public."""
    inspection = Inspection.objects.get(pk=published.inspection_id)
    files = make_folder(inspection)
    again = folders.import_folder(folder=written(files, tmp_path), by=people["information_manager"])
    back = again.issues.get(kind="issue_elsewhere")
    for name in ("number", "stamp", "figures", "notice"):
        assert getattr(back, name) == getattr(published, name), name
    assert (back.approved_at, back.published_at, back.shown) == (None, None, False)
    assert (again.state, again.slug, again.public_at) == ("moderation", None, None)
    # What the folder says of it goes out again as what a folder says.
    out = make_folder(again)
    issues = [json.loads(f["fieldwork/room.json"])["report"]["issues"] for f in (files, out)]
    assert issues[0] == issues[1]
    assert out["issued/v1/report.html"] == files["issued/v1/report.html"]


def test_a_folder_cannot_say_that_a_draft_is_published_or_that_nobody_approved(
    published: Issue, people: People, tmp_path: Path
) -> None:
    files = make_folder(Inspection.objects.get(pk=published.inspection_id))
    for n, change in enumerate(
        ({"approved": None}, {"kind": "draft"}, {"embargo_until": "2099-01-01T00:00:00+00:00"})
    ):
        room = json.loads(files["fieldwork/room.json"])
        room["report"]["issues"][0] |= change
        place = written({**files, "fieldwork/room.json": json.dumps(room).encode()}, tmp_path / str(n))
        with pytest.raises(UserError, match="room"):
            folders.import_folder(folder=place, by=people["information_manager"])


def test_an_area_does_not_publish_its_own_inspection(issued: Issue, people: People) -> None:
    Inspection.objects.filter(pk=issued.inspection_id).update(internal=True)
    publication.approve(issue=issued, by=people["chief_inspector"])
    with pytest.raises(UserError, match="the area's own inspection of itself"):
        publication.publish(issue=issued, by=people["publications"])
