"""What somebody who writes into the database behind the room's back can't hide: every table, column by column."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

from scrutineer_web.actions.fieldwork import answers
from scrutineer_web.audit import anchors, begin, triggers
from scrutineer_web.audit.chain import FIELDS, hash_event
from scrutineer_web.audit.events import tell
from scrutineer_web.audit.replay import ReplayedState, compare
from scrutineer_web.audit.sentences import RowNames
from scrutineer_web.audit.unprotected import (
    GUARDED_OTHERWISE,
    UNPROTECTED,
    collect_columns,
    list_protected_models,
)
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.records.answer import Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.event import Chain, Event
from scrutineer_web.records.issue import Issue, IssueFile
from scrutineer_web.records.record import AuditedModel
from scrutineer_web.records.user import User
from tests.conftest import ROOT
from tests.web import village
from tests.web.conftest import make_answer

WHEN = "2005-11-02T10:00:00Z"
SQL = connection.ops.quote_name


@pytest.fixture(scope="module")
def _room(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A room with a row in every table, made once; whatever it wrote is told of."""
    with django_db_blocker.unblock(), transaction.atomic():
        people = village.make_people()
        inspection = village.make_inspection(people)
        assessment = Assessment.objects.filter(number=1, assessor__user=people["inspector"]).earliest("pk")
        for question in ("b2_score", "b1_score"):
            if question in inspection.framework.questions:
                saved = make_answer(question, "poor", note="as the file shows")
                answers.save(assessment=assessment.pk, sent=saved, by=people["inspector"])
        village.make_report(inspection, assessment, people)
        village.make_programme(people, inspection)
        furnish(people, assessment)
        tell("test.furnished", by=None)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def room(_room: None, db: None) -> dict[str, User]:
    """The room with a row in every table."""
    return {user.username: user for user in User.objects.all()}


def furnish(people: dict[str, User], assessment: Assessment) -> None:
    """A row in every table that the village leaves empty."""
    who, case = people["lead_inspector"], assessment.case
    inspection = case.inspection
    recommendation = inspection.recommendations.get()
    action = recommendation.actions.get()
    tables: dict[str, dict[str, Any]] = {
        "Adjudication": {"case": case, "question": "b2_score", "value": "poor", "reason": "x", "settled_at": WHEN, "settled_by": who},
        "Comment": {"assessment": assessment, "question": "b2_score", "text": "Why?", "written_at": WHEN, "written_by": who},
        "Conflict": {
            "assessment": assessment, "question": "b2_score", "uid": uuid4(), "content": {"value": "fair"}, "why": "stale",
            "raised_at": WHEN, "raised_by": who,
        },
        "Device": {"id": uuid4(), "user": who, "key": "wrapped", "name": "A laptop", "made_at": WHEN, "heard_at": WHEN},
        "Document": {"inspection": inspection, "path": "notes.txt", "content": b"notes", "says": ""},
        "Generation": {"began_at": WHEN},
        "Judgement": {
            "inspection": inspection, "criterion": "A1", "grades": {}, "rating": "x", "settled_at": WHEN, "settled_by": who,
        },
        "NamedElsewhere": {"inspection": inspection, "table": "Issue", "row": 1, "parts": {"approved": ["", "x"]}},
        "Outcome": {"case": case, "reconvicted": False, "predicted": 0.25, "imported_at": WHEN, "imported_by": who},
        "ProgressReport": {"action": action, "text": "Begun", "reported_at": WHEN, "reported_by": who},
        "Response": {"recommendation": recommendation, "answer": "agreed", "given_at": WHEN, "given_by": who},
        "Text": {"inspection": inspection, "path": "findings/B2.md", "content": "B2", "saved_at": WHEN, "saved_by": who},
        "Timetable": {"inspection": inspection, "arrangements": {"days": []}, "asked_at": WHEN, "asked_by": who},
        "Token": {
            "user": who, "name": "Script", "hash": "0" * 64, "scopes": "cases", "made_at": WHEN, "expires_at": WHEN,
        },
        "Verification": {
            "recommendation": recommendation, "outcome": "met", "reason": "Seen", "verified_at": WHEN, "verified_by": who,
        },
    }  # fmt: skip
    for name, values in tables.items():
        apps.get_model("records", name).objects.create(**values)
    apps.get_model("mfa", "Authenticator").objects.create(user=who, type="totp", data={"secret": "x"})
    apps.get_model("socialaccount", "SocialAccount").objects.create(user=who, provider="oidc", uid="who-1")
    from scrutineer_web.audit.written import note_rows

    rows = [
        {"group": g, "level": "score", "name": "B2", "score": 0.5, "cases": None} for g in ("all", "women")
    ]
    model = apps.get_model("records", "Result")
    model.objects.bulk_create([model(inspection=inspection, **row) for row in rows])
    note_rows(model, {inspection.pk: {"rows": rows}})


def execute(sql: str, *values: Any) -> int:
    """A statement past everything that the room does; how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


@contextmanager
def tampered(sql: str = "", *values: Any) -> Iterator[None]:
    """The database with a change that is taken back afterwards."""
    point = transaction.savepoint()
    if connection.vendor == "sqlite":
        execute("PRAGMA ignore_check_constraints = ON")
    try:
        if sql:
            assert execute(sql, *values) >= 1, sql
        yield
    finally:
        transaction.savepoint_rollback(point)
        if connection.vendor == "sqlite":
            execute("PRAGMA ignore_check_constraints = OFF")


def setting(model: type[models.Model], column: str) -> str:
    """The statement that gives a column of one row another value."""
    key = SQL(model._meta.pk.column)
    return f"UPDATE {SQL(model._meta.db_table)} SET {SQL(column)} = %s WHERE {key} = %s"  # noqa: S608 our own tables


def state() -> ReplayedState:
    """What the events state."""
    state = ReplayedState()
    for event in Event.objects.order_by("id").values("rows", "chain", "happened_at"):
        if event["rows"]:
            state.take_in(json.loads(event["rows"]), event["chain"], event["happened_at"])
    return state


def other(field: models.Field[Any, Any], value: Any) -> Any:
    """Another value that a column can hold, as the database's own driver takes it."""
    if field.is_relation:
        field = field.target_field
    kind = field.get_internal_type()
    if kind == "BooleanField":
        return not value
    if kind == "BinaryField":
        return bytes(value or b"") + b"\x01"
    if kind == "JSONField":
        return json.dumps({"another": 1})
    if kind == "FloatField":
        return (value or 0.0) + 0.5
    if kind == "UUIDField":
        return uuid4().hex
    if kind == "DateTimeField":
        moment = (value or timezone.now()) + timedelta(seconds=1)
        return connection.ops.adapt_datetimefield_value(moment)
    if kind == "DateField":
        return ((value or date(2006, 1, 1)) + timedelta(days=1)).isoformat()
    if "Integer" in kind or "Auto" in kind:
        return (value or 0) + 1_000_000
    return f"{value or ''}x"


def columns() -> Iterator[tuple[type[models.Model], models.Field[Any, Any]]]:
    """Every column of every model of the room's database."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:
            yield model, field


def is_listed(model: type[models.Model], field: models.Field[Any, Any]) -> bool:
    table = model._meta.db_table
    return table in UNPROTECTED or f"{table}.{field.column}" in UNPROTECTED


def is_guarded(model: type[models.Model], field: models.Field[Any, Any]) -> bool:
    table = model._meta.db_table
    return table in GUARDED_OTHERWISE or f"{table}.{field.column}" in GUARDED_OTHERWISE


# -- every column ---------------------------------------------------------------------------


def test_every_column_is_protected_or_said_to_be_not() -> None:
    """A new column stands in one of the two sets, or this fails."""
    neither = [
        f"{model._meta.db_table}.{field.column}"
        for model, field in columns()
        if not is_listed(model, field)
        and not is_guarded(model, field)
        and field.attname not in collect_columns(model)
        and not (field.primary_key and collect_columns(model))  # its key is what a row is found by
    ]
    assert neither == []


def test_every_protected_record_reports_what_is_written() -> None:
    """By its manager: an update of many rows sends no signal. An account's is Django's own, by which nothing is updated."""
    apart = [
        m.__name__
        for m in list_protected_models()
        if m._meta.app_label == "records" and not issubclass(m, AuditedModel)
    ]
    assert apart == ["User"]


def test_every_table_of_the_database_is_known(room: dict[str, User]) -> None:
    """Those that no model stands for, too: the cache, what the database keeps of itself."""
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert set(connection.introspection.table_names()) - known - set(UNPROTECTED) == set()


def test_what_is_said_to_be_unprotected_is_there() -> None:
    tables = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    without_model = {"cache", "sqlite_sequence", "django_migrations"}
    for entry, why in (*UNPROTECTED.items(), *GUARDED_OTHERWISE.items()):
        table, _, column = entry.partition(".")
        assert why.endswith(".")
        if table in without_model:
            continue
        assert table in tables, entry
        assert not column or column in {f.column for f in tables[table]._meta.concrete_fields}, entry


def test_the_explanation_says_what_cannot_be_protected() -> None:
    page = (ROOT / "docs" / "reference" / "audit-log.md").read_text(encoding="utf-8")
    for entry, why in UNPROTECTED.items():
        assert f"| `{entry.removeprefix('records_')}` | {why} |" in page, entry


def test_the_untouched_room_holds(room: dict[str, User]) -> None:
    assert list(list_broken()) == []


@pytest.mark.parametrize("model", list_protected_models(), ids=lambda m: m.__name__)
def test_every_column_that_is_edited_is_found_and_named(
    room: dict[str, User], model: type[models.Model]
) -> None:
    logged, names = state(), RowNames()
    row = model._base_manager.order_by("pk").first()
    assert row is not None, "the room has no row of it"
    table, key = model._meta.db_table, model._meta.pk.get_db_prep_value(row.pk, connection)
    assert list(compare(logged, model)) == []
    for field in model._meta.concrete_fields:
        if is_listed(model, field) or is_guarded(model, field):
            continue
        value = other(field, getattr(row, field.attname))
        with tampered(setting(model, field.column), value, key):
            differences = list(compare(logged, model))
            if model._meta.label not in ("records.Answer", "records.Result") and not field.primary_key:
                assert [(d.column, d.row) for d in differences] == [(field.attname, str(row.pk))], field.name
            assert differences, field.name
            for difference in differences:
                sentence = RowNames().say(difference)
                assert sentence.endswith("."), sentence
                assert "~" not in sentence, sentence
    gone = f"DELETE FROM {SQL(table)} WHERE {SQL(model._meta.pk.column)} = %s"  # noqa: S608 our own tables
    with tampered(gone, key):
        differences = list(compare(logged, model))
        assert differences, "a row that was removed"
        assert all(names.say(d).endswith(".") for d in differences)


@pytest.mark.parametrize("model", [Event, Chain, apps.get_model("records.Blob")], ids=lambda m: m.__name__)
def test_every_column_of_the_log_itself_is_found(room: dict[str, User], model: type[models.Model]) -> None:
    row = model._base_manager.order_by("pk").last()
    assert row is not None
    for field in model._meta.concrete_fields:
        if is_listed(model, field):
            continue
        with tampered():
            drop_triggers()
            value = other(field, getattr(row, field.attname))
            assert execute(setting(model, field.column), value, row.pk) == 1
            put_triggers()
            assert list(list_broken()), field.name
    for name in ("events", "head"):
        assessment = Assessment.objects.exclude(events=0).earliest("pk")
        value = other(Assessment._meta.get_field(name), getattr(assessment, name))
        with tampered(setting(Assessment, name), value, assessment.pk):
            assert any("its end was written as event" in text for text in list_broken())


def drop_triggers() -> None:
    for statement in (
        [f"DROP TRIGGER {name}" for name in triggers.SQLITE]
        if connection.vendor == "sqlite"
        else [f"ALTER TABLE records_event DISABLE TRIGGER {triggers.POSTGRES}"]
    ):
        execute(statement)


def put_triggers() -> None:
    for statement in (
        list(triggers.SQLITE.values())
        if connection.vendor == "sqlite"
        else [f"ALTER TABLE records_event ENABLE TRIGGER {triggers.POSTGRES}"]
    ):
        execute(statement)


# -- the twelve ways ------------------------------------------------------------------------


def sentences() -> str:
    return "\n".join(list_broken())


@contextmanager
def changed_event(change: Callable[[dict[str, Any]], dict[str, Any]], **which: Any) -> Iterator[Event]:
    """An event with other details, as somebody leaves it who may do everything in the database."""
    event = Event.objects.filter(**which).order_by("-id").first()
    assert event is not None
    with tampered():
        drop_triggers()
        execute(
            "UPDATE records_event SET details = %s WHERE id = %s",
            json.dumps(change(dict(event.details))),
            event.pk,
        )
        put_triggers()
        yield event


def test_1_an_event_of_the_room_passed_off_as_redacted_is_found(room: dict[str, User]) -> None:
    for mark in (True, "0" * 64, 1, {"why": "purge"}):
        with changed_event(
            lambda d, mark=mark: {**d, "role": "chief_inspector", "redacted": mark}, kind="appointment.given"
        ) as event:
            messages = sentences()
            assert f"Event {event.number} of Scrutineer's own log isn't what was written" in messages, mark
            assert "Words were removed from an event of Scrutineer's own log" in messages


def test_1_an_event_of_an_inspection_passed_off_as_redacted_is_found(room: dict[str, User]) -> None:
    with changed_event(
        lambda d: {**d, "now": "published", "redacted": True}, kind="inspection.moved"
    ) as event:
        messages = sentences()
        assert f"Event {event.number} of the log of the inspection of Farfield" in messages
        assert "none that records it" in messages


def test_2_answers_that_are_changed_are_named_with_case_and_question(room: dict[str, User]) -> None:
    answer = Answer.objects.get(question="b2_score")
    with tampered("UPDATE records_answer SET value = %s WHERE id = %s", "excellent", answer.pk):
        (message,) = [text for text in list_broken() if text.startswith("The answer to")]
    assert f"case {answer.assessment.case.reference} of the inspection of Farfield" in message
    assert "the log says 'poor', but the database says 'excellent'" in message
    assert "by Inspector" in message
    with tampered("UPDATE records_answer SET note = %s WHERE id = %s", "as nobody wrote", answer.pk):
        assert "the log says 'as the file shows', but the database says 'as nobody wrote'" in sentences()


def test_3_answer_bytes_that_are_zeroed_are_named(room: dict[str, User]) -> None:
    assessment = Answer.objects.get(question="b2_score").assessment
    with tampered(
        "UPDATE records_assessment SET codes = %s WHERE id = %s",
        bytes(len(bytes(assessment.codes))),
        assessment.pk,
    ):
        messages = sentences()
    assert (
        f"The first assessment of case {assessment.case.reference} of the inspection of Farfield" in messages
    )
    assert "the answers of its scale" in messages


def test_4_an_appointment_that_is_inserted_is_named(room: dict[str, User]) -> None:
    nobody = room["nobody"].pk
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with tampered(
        "INSERT INTO records_appointment (user_id, role, given_at, given_by_id) VALUES (%s, %s, %s, %s)",
        nobody, "administrator", now, nobody,
    ):  # fmt: skip
        messages = sentences()
    assert "appointment of the account of Nobody as Administrator is in the database" in messages
    assert "the log has no record of anyone adding it" in messages


def test_5_report_bytes_that_are_replaced_are_named(room: dict[str, User]) -> None:
    file = IssueFile.objects.get(issue__kind="issue", path="report.html")
    with tampered("UPDATE records_blob SET content = %s WHERE hash = %s", b"<p>Another</p>", file.blob_id):
        assert "The file report.html of version 1 of the report of the inspection of Farfield" in sentences()
    another = IssueFile.objects.get(issue__kind="draft").blob_id
    with tampered("UPDATE records_issuefile SET blob_id = %s WHERE id = %s", another, file.pk):
        assert "The file report.html of version 1 of the report" in sentences()


@pytest.mark.parametrize(
    ("column", "label"),
    [("approved_by_id", "who approved it"), ("embargo_until", "the end of the embargo"), ("published_at", "when it was published")],
)  # fmt: skip
def test_6_and_7_approver_and_embargo_that_are_replaced_are_named(
    room: dict[str, User], column: str, label: str
) -> None:
    issue = Issue.objects.get(kind="issue")
    value = (
        room["nobody"].pk
        if column == "approved_by_id"
        else other(Issue._meta.get_field(column), getattr(issue, column))
    )
    with tampered(setting(Issue, column), value, issue.pk):
        (message,) = [text for text in list_broken() if text.startswith("Version 1 of the report")]
    assert f"for {label} the log says" in message
    if column == "approved_by_id":
        assert "the account of Chief Inspector, but the database says the account of Nobody" in message


def test_8_stored_scores_that_are_replaced_are_named(room: dict[str, User]) -> None:
    with tampered("UPDATE records_inspection SET scores = %s", json.dumps({"groups": {}})):
        assert "for the stored scores the log says" in sentences()
    with tampered("UPDATE records_result SET score = 1.0 WHERE \"group\" = 'women'"):
        assert "the stored results for the group 'women' don't match those" in sentences()


def test_9_the_last_event_deleted_with_its_head_adjusted_is_found(room: dict[str, User]) -> None:
    """By an anchor; where the event stated rows, by those, too."""
    anchor = anchors.read_anchor(anchors.make_anchor("day", anchors.find_ends(), timezone.now()))
    answer = Answer.objects.get(question="b2_score")
    chain = f"assessment:{answer.assessment_id}"
    with tampered():
        cut(chain)
        message = "\n".join(list_broken([anchor]))
        assert "names its event" in message
        assert "the daily anchor of" in message
        assert sentences(), "without any anchor: what it stated is not in the log any longer"
    # An event that states nothing is found by the anchor alone.
    with transaction.atomic():
        tell("test.says_nothing", by=None)
        anchor = anchors.read_anchor(anchors.make_anchor("backup", anchors.find_ends(), timezone.now()))
    with tampered():
        cut("room")
        assert sentences() == ""
        assert "the backup anchor of" in "\n".join(list_broken([anchor]))


def cut(chain: str) -> None:
    """Delete a chain's last event, and write the one before as its end."""
    last, before = Event.objects.filter(chain=chain).order_by("-number")[:2]
    drop_triggers()
    execute("DELETE FROM records_event WHERE id = %s", last.pk)
    put_triggers()
    set_end(chain, before.number, before.hash)


def set_end(chain: str, number: int, head: str) -> None:
    kind, _, key = chain.partition(":")
    if kind == "assessment":
        execute("UPDATE records_assessment SET events = %s, head = %s WHERE id = %s", number, head, int(key))
    else:
        execute("UPDATE records_chain SET events = %s, head = %s WHERE name = %s", number, head, chain)


def test_10_a_chain_that_is_hashed_again_without_the_key_is_found(room: dict[str, User]) -> None:
    with tampered():
        drop_triggers()
        head = ""
        events = list(Event.objects.filter(chain="room").order_by("number").values(*FIELDS, "id"))
        for event in events:
            event["previous"] = head
            head = hash_event(event)
            execute(
                "UPDATE records_event SET previous = %s, hash = %s WHERE id = %s",
                event["previous"],
                head,
                event["id"],
            )
        set_end("room", len(events), head)
        put_triggers()
        messages = sentences()
    assert "Event 1 of Scrutineer's own log isn't what was written" in messages
    assert f"The same is true of {len(events) - 3} more events of Scrutineer's own log." in messages


def test_11_triggers_that_are_dropped_or_replaced_are_named(room: dict[str, User]) -> None:
    with tampered():
        drop_triggers()
        assert "The database no longer refuses to have events changed" in sentences()
    if connection.vendor == "sqlite":
        with tampered():
            drop_triggers()
            for name, sql in triggers.SQLITE.items():
                execute(sql.replace("BEGIN SELECT", "WHEN 0 BEGIN SELECT"))
                assert name in sql
            assert "was altered" in sentences()
    assert sentences() == ""


def test_an_older_chain_is_sealed_with_its_end_when_the_log_gets_its_key(room: dict[str, User]) -> None:
    """Events that were hashed without a key are checked as they were, and nothing can be changed before the seal."""
    with tampered():
        drop_triggers()
        ends: dict[str, tuple[int, str]] = {}
        for event in Event.objects.order_by("chain", "number").values(*FIELDS, "id"):
            event["previous"] = ends.get(event["chain"], (0, ""))[1]
            ends[event["chain"]] = event["number"], hash_event(event)
            sql = "UPDATE records_event SET previous = %s, hash = %s, rows = NULL WHERE id = %s"
            execute(sql, event["previous"], ends[event["chain"]][1], event["id"])
        for chain, end in ends.items():
            set_end(chain, *end)
        put_triggers()
        assert begin.begin() > 1
        assert begin.begin() == 0
        assert sentences() == ""
        with tampered("UPDATE records_appointment SET role = 'auditor' WHERE role = 'administrator'"):
            assert "the log says 'Administrator', but the database says 'Auditor'" in sentences()
        second = Event.objects.get(chain="room", number=2)
        with tampered():
            drop_triggers()
            execute("UPDATE records_event SET actor = 'Nobody' WHERE id = %s", second.pk)
            put_triggers()
            assert "Event 2 of Scrutineer's own log isn't what was written" in sentences()


def test_a_room_is_not_opened_with_another_key(
    room: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    from scrutineer.errors import UserError
    from scrutineer_web.audit import keys

    with tampered():
        begin.begin()
        monkeypatch.setenv(keys.VARIABLE, "another key than the room's own")
        keys.forget_key()
        try:
            with pytest.raises(UserError, match="a different key"):
                begin.begin()
        finally:
            monkeypatch.delenv(keys.VARIABLE)
            keys.forget_key()


def test_events_put_into_another_order_are_found(room: dict[str, User]) -> None:
    first, second = Event.objects.filter(chain="room").order_by("number")[:2]
    with tampered():
        drop_triggers()
        for event, number in ((first, -1), (second, first.pk), (first, second.pk)):
            old = -1 if (event, number) == (first, second.pk) else event.pk
            execute("UPDATE records_event SET id = %s WHERE id = %s", number, old)
        put_triggers()
        assert "their order was changed" in sentences() or "missing" in sentences()
