"""Retention, and requests of data subjects: what goes, what stays, and that the chains verify all the same."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scrutineer.errors import UserError
from scrutineer_web.actions.fieldwork import answers
from scrutineer_web.actions.follow_up import outcomes
from scrutineer_web.actions.importing import folders
from scrutineer_web.actions.moderation import assessments
from scrutineer_web.actions.operations import retention, subjects
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.exchange.export import make_folder
from scrutineer_web.queries.operations.subjects import find_cases, write_json
from scrutineer_web.queries.scores.scored import score_inspection
from scrutineer_web.records import frames
from scrutineer_web.records.answer import Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.case import Case
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.job import Job
from scrutineer_web.records.outcome import Outcome
from scrutineer_web.records.user import User
from tests.web import village
from tests.web.conftest import make_answer
from tests.web.test_folders import written

People = dict[str, User]
WORDS = "the neighbour in Elm Street said so"


@pytest.fixture
def over(inspection: Inspection, assessment: Assessment, people: People) -> Inspection:
    """A small inspection whose report was published long ago, with words about a case in every place that takes some."""
    me, lead = people["inspector"], people["lead_inspector"]
    reference = assessment.case.reference
    answers.save(
        assessment=assessment.pk,
        sent=make_answer("b2_score", "poor", note=WORDS, from_file=f"see {reference}"),
        by=me,
    )
    answers.save(
        assessment=assessment.pk, sent=make_answer("b2_score", "excellent", note=WORDS), by=me
    )  # a conflict
    assessments.reply(assessment=assessment, text=WORDS, by=me)
    village.make_report(inspection, assessment, people)
    village.sign_off_everything(inspection, lead, timezone.now())
    long_ago = timezone.now() - timedelta(days=365 * 4)
    Issue.objects.filter(kind="issue").update(published_at=long_ago)
    Inspection.objects.filter(pk=inspection.pk).update(
        state="published", scores={"groups": {}}, signed_off_at=long_ago, signed_off_by=lead
    )
    inspection.refresh_from_db()
    return inspection


def live(inspection: Inspection) -> tuple[object, object]:
    """The live results of all cases, and how many they stand for."""
    results = score_inspection(inspection, frames.read_cases_of(inspection)).results
    return results.as_dict()["groups"]["all"], results.population


def everything_written(inspection: Inspection) -> str:
    """Every byte of an inspection that leaves the room, and every event of it."""
    files = b"\n".join(make_folder(inspection).values()).decode("utf-8", "replace")
    events = " ".join(
        json.dumps(e.details, ensure_ascii=False) for e in Event.objects.filter(inspection=inspection)
    )
    return files + events


def test_cases_are_pseudonymised_and_every_chain_still_holds(over: Inspection, people: People) -> None:
    references = list(over.cases.values_list("reference", flat=True))
    scored = list(Assessment.objects.filter(case__inspection=over).order_by("pk").values_list("pk", "codes"))
    before = everything_written(over)
    assert all(reference in before for reference in references)
    Case.objects.filter(inspection=over, reference=references[0]).update(
        particulars={**over.cases.get(reference=references[0]).particulars, "selected_as": "additional"}
    )
    figures = live(over)
    Job.objects.create(
        kind="export", title="The folder", state="done", asked_by=people["analyst"], asked_at=timezone.now(), inspection=over,
        file=before.encode(), file_name="x.zip",
    )  # fmt: skip
    assert retention.pseudonymise(inspection=over, by=people["information_manager"]) == len(references)
    after = everything_written(over)
    assert not Job.objects.filter(inspection=over).exists(), "what was made in the background goes, too"
    assert [after[max(after.index(r) - 60, 0) : after.index(r) + 40] for r in references if r in after] == []
    assert "Manager 1" not in after
    assert "Team B" not in json.dumps(list(over.cases.values_list("particulars", flat=True)))
    assert {c.reference for c in over.cases.all()} == {c.pseudonym for c in over.cases.all()}
    assert all(c.particulars["started"].endswith("-01") for c in over.cases.all())
    same = list(Assessment.objects.filter(case__inspection=over).order_by("pk").values_list("pk", "codes"))
    assert [(pk, bytes(codes)) for pk, codes in same] == [(pk, bytes(codes)) for pk, codes in scored]
    assert live(over) == figures  # how a case was sampled stays: an added one still enters no score
    assert WORDS in after  # words go later
    assert list(list_broken()) == []
    details = Event.objects.get(kind="retention.pseudonymised").details
    assert details["cases"] == len(references)


def test_words_are_purged_and_answers_stay(over: Inspection, people: People) -> None:
    by = people["information_manager"]
    retention.pseudonymise(inspection=over, by=by)
    values = list(
        Answer.objects.filter(assessment__case__inspection=over).order_by("pk").values_list("pk", "value")
    )
    assert retention.purge(inspection=over, by=by) > 0
    assert WORDS not in everything_written(over)
    assert (
        list(
            Answer.objects.filter(assessment__case__inspection=over).order_by("pk").values_list("pk", "value")
        )
        == values
    )
    assert list(list_broken()) == []
    event = Event.objects.get(kind="retention.purged")
    assert event.happened_by == by
    assert event.details["events"] > 0


def test_who_changes_an_event_behind_a_purge_is_found(over: Inspection, people: People) -> None:
    """Neither a changed word in a redacted event nor an event passed off as redacted goes unseen."""
    from scrutineer_web.audit import redact

    by = people["information_manager"]
    retention.pseudonymise(inspection=over, by=by)
    retention.purge(inspection=over, by=by)
    changed = next(redact.list_redacted(over.pk))
    whole = Event.objects.filter(inspection=over).exclude(kind__startswith="retention.")
    untouched = whole.exclude(details__has_key=redact.MARK).earliest("id")
    for chain, number in ((changed["chain"], changed["number"]), (untouched.chain, untouched.number)):
        with transaction.atomic():
            point = transaction.savepoint()
            _forge(chain, number)
            assert any("has been changed" in text for text in list_broken())
            transaction.savepoint_rollback(point)
    assert list(list_broken()) == []


def _forge(chain: str, number: int) -> None:
    """Change an event as somebody could who has the database itself."""
    from scrutineer_web.audit.redact import _OFF, MARK

    event = Event.objects.get(chain=chain, number=number)
    with connection.cursor() as cursor:
        for sql in _OFF[connection.vendor]:
            cursor.execute(sql)
    Event.objects.filter(pk=event.pk).update(details=event.details | {MARK: True, "question": "another"})


def test_the_database_refuses_again_once_words_are_out(over: Inspection, people: People) -> None:
    retention.pseudonymise(inspection=over, by=people["information_manager"])
    event = Event.objects.filter(inspection=over).earliest("pk")
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(kind="another")


def test_retention_waits_for_its_day_and_its_order(over: Inspection, people: People) -> None:
    by = people["information_manager"]
    with pytest.raises(PermissionDenied):
        retention.pseudonymise(inspection=over, by=people["lead_inspector"])
    with pytest.raises(UserError, match="haven't been pseudonymised yet"):
        retention.purge(inspection=over, by=by)
    Issue.objects.filter(kind="issue").update(published_at=timezone.now() - timedelta(days=30))
    with pytest.raises(UserError, match="it is due on"):
        retention.pseudonymise(inspection=over, by=by)
    Inspection.objects.filter(pk=over.pk).update(state="accuracy")
    with pytest.raises(UserError, match="factual accuracy check"):
        retention.pseudonymise(inspection=over, by=by)
    assert not Event.objects.filter(kind__startswith="retention.").exists()
    over.refresh_from_db()
    assert over.pseudonymised_at is None


def test_it_is_done_once(over: Inspection, people: People) -> None:
    by = people["information_manager"]
    retention.pseudonymise(inspection=over, by=by)
    with pytest.raises(UserError, match="it was already done on"):
        retention.pseudonymise(inspection=over, by=by)


def test_what_fails_half_way_changes_nothing(
    over: Inspection, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything_written(over)

    def fails(_: int) -> str:
        raise OSError("the disk is full")

    monkeypatch.setattr(retention, "make_digest", fails)
    with pytest.raises(OSError, match="disk is full"):
        retention.pseudonymise(inspection=over, by=people["information_manager"])
    assert everything_written(over) == before


def test_outcomes_still_find_cases_that_nobody_else_finds(over: Inspection, people: People) -> None:
    by = people["information_manager"]
    retention.pseudonymise(inspection=over, by=by)
    case = over.cases.first()
    assert case is not None
    content = f"pseudonym,reconvicted\n{case.pseudonym},no\n".encode()
    assert outcomes.bring_in(name="o.csv", content=content, by=by).new == 1
    assert Outcome.objects.get(case=case).reconvicted is False


def test_what_was_done_travels_with_the_folder(over: Inspection, people: People, tmp_path: Path) -> None:
    by = people["information_manager"]
    case = over.cases.first()
    assert case is not None
    retention.pseudonymise(inspection=over, by=by)
    retention.purge(inspection=over, by=by)
    Inspection.objects.filter(pk=over.pk).update(
        scores=None, signed_off_at=None, signed_off_by=None, state="moderation"
    )
    over.refresh_from_db()
    folder = written(make_folder(over), tmp_path / "folder")
    again = folders.import_folder(folder=folder, by=by)
    assert (again.pseudonymised_at, again.purged_at) == (over.pseudonymised_at, over.purged_at)
    assert set(again.cases.values_list("reference", flat=True)) == set(
        over.cases.values_list("pseudonym", flat=True)
    )
    # The same room has these pseudonyms already: the copies get others.
    assert not set(again.cases.values_list("pseudonym", flat=True)) & set(
        over.cases.values_list("pseudonym", flat=True)
    )
    assert list(list_broken()) == []


def test_the_screen_shows_what_is_due_and_does_it(over: Inspection, people: People) -> None:
    client = Client()
    client.force_login(people["information_manager"])
    assert "Pseudonymise<span" in client.get(reverse("retention")).content.decode()
    client.post(reverse("pseudonymise", args=[over.pk]))
    client.post(reverse("purge", args=[over.pk]))
    over.refresh_from_db()
    assert over.pseudonymised_at is not None
    assert over.purged_at is not None
    assert client.get(reverse("retention")).content.decode().count(">done<") == 2


# -- requests of data subjects ---------------------------------------------------------------


def test_a_data_subject_gets_everything_that_is_held(
    over: Inspection, assessment: Assessment, people: People
) -> None:
    by = people["information_manager"]
    cases = find_cases(reference=assessment.case.reference.lower(), by=by)
    assert [c.pk for c in cases] == [assessment.case_id]
    exported = write_json(subjects.export(cases=cases, by=by)).decode()
    assert exported.count(WORDS) >= 3  # the answer, the conflict, the remark
    content = json.loads(exported)["cases"][0]
    assert content["reference"] == assessment.case.reference
    assert len(content["assessments"]) == Assessment.objects.filter(case=assessment.case).count()
    assert (
        len(content["assessments"][0]["history"])
        == Event.objects.filter(chain=f"assessment:{assessment.pk}").count()
    )
    others = Case.objects.exclude(pk=assessment.case_id).values_list("reference", flat=True)
    assert not any(f'"{other}"' in exported for other in others)
    taken = Event.objects.filter(kind="subject.exported").latest("id")
    assert taken.details == {"case": assessment.case_id}  # the log names no reference
    with pytest.raises(PermissionDenied):
        find_cases(reference="F-1", by=people["auditor"])


def test_a_request_is_answered_on_the_screen(
    over: Inspection, assessment: Assessment, people: People
) -> None:
    client = Client()
    client.force_login(people["information_manager"])
    page = client.post(reverse("subject"), {"reference": "nobody"}).content.decode()
    assert "No case has this reference" in page
    page = client.post(reverse("subject"), {"reference": assessment.case.reference}).content.decode()
    assert "Download everything as a file" in page
    answer = client.post(reverse("subject"), {"reference": assessment.case.reference, "take": "1"})
    assert answer["Content-Disposition"] == 'attachment; filename="data-subject.json"'
    assert json.loads(answer.content)["cases"]


def test_everybody_may_take_what_is_held_about_the_own_account(over: Inspection, people: People) -> None:
    client = Client()
    client.force_login(people["inspector"])
    content = json.loads(client.post(reverse("own_export")).content)
    assert content["account"]["sign_in_name"] == "inspector"
    assert (
        len(content["events"]) == Event.objects.filter(happened_by=people["inspector"]).count() - 1
    )  # taking it is one
    assert WORDS not in json.dumps(content)
