"""Two people who approve, publish and edit at once. Run on a real PostgreSQL by `test_races.py`.

On SQLite there is one writer at a time: a transaction begins by taking the whole database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from scrutineer.errors import UserError
from scrutineer.inspection.fingerprint import hash_data
from scrutineer_web.actions.publication import publication
from scrutineer_web.actions.report import recommendations
from scrutineer_web.audit.events import tell
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.queries.publication import published
from scrutineer_web.queries.report import bound
from scrutineer_web.queries.report.reports import hash_texts
from scrutineer_web.records.event import Event
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.user import User
from tests.web import village

pytestmark = pytest.mark.django_db(transaction=True)

People = dict[str, User]


@pytest.fixture
def people(transactional_db: None) -> People:
    return village.make_people()


def ready(inspection: Inspection, people: People) -> Issue:
    """An issue of an inspection as it stands, which nobody has approved yet."""
    lead = people["lead_inspector"]
    with transaction.atomic():
        Inspection.objects.filter(pk=inspection.pk).update(state="final")
        now = bound.bind_inspection(inspection).inspection
        issue = Issue.objects.create(
            inspection=inspection, kind="issue", number=1, state="ready", asked_at=timezone.now(), asked_by=lead,
            texts=hash_texts(now), stamp={"Data hash": hash_data(now)},
        )  # fmt: skip
        tell("inspection.moved", by=lead, inspection=inspection, was="moderation", now="final")
    return issue


def at_once(*works: Callable[[], Any]) -> list[BaseException | None]:
    """Do several things at the same moment, each on a connection of its own; what each of them raised."""
    barrier, raised = threading.Barrier(len(works)), [None] * len(works)

    def run(n: int) -> None:
        try:
            barrier.wait(20)
            works[n]()
        except BaseException as error:  # noqa: BLE001 looked at in the test's own thread
            raised[n] = error  # type: ignore[call-overload]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return raised  # type: ignore[return-value]


def test_an_edit_while_a_report_is_approved_waits_and_is_refused(
    inspection: Inspection, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text that was read is the text that is approved."""
    assert connection.vendor == "postgresql"
    issue, plain, started = ready(inspection, people), publication.hash_texts, threading.Event()

    def slowly(now: Any) -> dict[str, str]:
        duties = plain(now)
        started.set()
        threading.Event().wait(1.5)  # the other one tries meanwhile
        return duties

    monkeypatch.setattr(publication, "hash_texts", slowly)

    def edit() -> None:
        started.wait(20)
        recommendations.put(
            inspection=inspection, text="plans are kept", criteria=["B2"], by=people["lead_inspector"]
        )

    raised = at_once(lambda: publication.approve(issue=issue, by=people["chief_inspector"]), edit)
    assert raised[0] is None
    assert isinstance(raised[1], UserError)
    assert "approved" in str(raised[1])
    assert not inspection.recommendations.exists()
    assert Inspection.objects.get(pk=inspection.pk).state == "approved"
    assert list(list_broken()) == []


def test_of_two_who_approve_or_publish_at_once_one_does(inspection: Inspection, people: People) -> None:
    issue, chief = ready(inspection, people), people["chief_inspector"]
    both = at_once(
        lambda: publication.approve(issue=issue, by=chief),
        lambda: publication.approve(issue=issue, by=people["programme_manager"]),
    )
    assert sorted(type(r).__name__ for r in both) == ["NoneType", "UserError"]
    both = at_once(
        lambda: publication.publish(issue=issue, by=chief),
        lambda: publication.publish(
            issue=issue, embargo_until=timezone.now() + timedelta(days=3), by=people["publications"]
        ),
    )
    assert sorted(type(r).__name__ for r in both) == ["NoneType", "UserError"]
    kinds = list(
        Event.objects.filter(kind__startswith="issue.").order_by("id").values_list("kind", flat=True)
    )
    assert kinds == ["issue.approved", "issue.published"]
    assert list(list_broken()) == []


def test_two_reports_of_one_area_that_are_published_at_once_get_an_address_each(
    inspection: Inspection, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = village.make_inspection(people)
    issues = [ready(i, people) for i in (inspection, other)]
    for issue in issues:
        publication.approve(issue=issue, by=people["chief_inspector"])
    plain, barrier = published.make_slug, threading.Barrier(2)
    first = set[int]()

    def together(subject: Inspection, at: Any) -> str:
        duties = plain(subject, at)
        if subject.pk not in first:
            first.add(subject.pk)
            barrier.wait(20)  # both have looked, and see the same address free
        return duties

    monkeypatch.setattr(publication, "make_slug", together)
    raised = at_once(*(lambda i=i: publication.publish(issue=i, by=people["publications"]) for i in issues))
    assert raised == [None, None]
    slugs = set(Inspection.objects.values_list("slug", flat=True))
    assert len(slugs) == 2
    assert None not in slugs
    assert list(list_broken()) == []
