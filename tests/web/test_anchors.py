"""Anchors outside the database, the log's key, and the seal of a backup."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from scrutineer.errors import UserError
from scrutineer_web.audit import anchors, in_backup, keys
from scrutineer_web.audit.events import tell
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.audit.written import take_rows
from scrutineer_web.records.area import Family
from scrutineer_web.records.event import Event
from scrutineer_web.records.user import User
from scrutineer_web.running import backup

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A folder of the room's own data, with a key of its own."""
    settings.DATA = tmp_path / "data"
    keys.forget_key()
    yield settings.DATA
    keys.forget_key()


def family(name: str, who: User) -> Family:
    return Family.objects.create(name=name, saved_at=NOW, saved_by=who)


@pytest.fixture
def who(data: Path, db: None) -> User:
    return User.objects.create(username="keeper", name="Keeper")


# -- what is stated -------------------------------------------------------------------------


def stated(event: Event) -> str:
    return str(Event.objects.filter(pk=event.pk).values_list("rows", flat=True).get())


def test_an_event_states_what_its_transaction_wrote(who: User) -> None:
    with transaction.atomic():
        created = family("Coast", who)
        Family.objects.filter(pk=created.pk).update(description="By the sea")
        event = tell("family.saved", by=who)
    rows = json.loads(stated(event))["records_family"][str(created.pk)]
    assert rows["saved_at"] == "2026-11-28T10:00:00.000000+00:00"
    assert rows["saved_by_id"] == who.pk
    # Words stand in it as keyed hashes alone.
    assert rows["name"].startswith("~")
    assert "Coast" not in stated(event)
    assert list(list_broken()) == []


def test_what_a_savepoint_takes_back_is_not_stated(who: User) -> None:
    with transaction.atomic():
        created = family("Coast", who)
        with transaction.atomic():
            family("Hills", who)
            Family.objects.filter(pk=created.pk).update(name="Hills and coast")
            transaction.set_rollback(True)
        tell("family.saved", by=who)
    assert list(list_broken()) == []


def test_what_an_event_stated_that_was_taken_back_is_stated_again(who: User) -> None:
    with transaction.atomic():
        family("Coast", who)
        with transaction.atomic():
            tell("family.saved", by=who)
            transaction.set_rollback(True)
        tell("family.saved", by=who)
    assert take_rows() == []
    assert list(list_broken()) == []


def test_a_change_that_nothing_tells_of_is_named(who: User) -> None:
    with transaction.atomic():
        created = family("Coast", who)
        tell("family.saved", by=who)
    Family.objects.filter(pk=created.pk).update(description="As nobody wrote")
    (broken,) = list_broken()
    assert broken == (
        "The family group Coast: for the description the log says nothing, but the database says 'As nobody wrote'."
    )


# -- anchors --------------------------------------------------------------------------------


def test_the_days_anchor_is_written_once_and_read_by_nobody_else(who: User, data: Path) -> None:
    with transaction.atomic():
        tell("test.one", by=who)
    path = anchors.keep_daily()
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert anchors.keep_daily() is None
    day_anchors, faults = anchors.read_kept()
    assert faults == []
    assert [a.ends for a in day_anchors] == [anchors.find_ends()]
    assert list(list_broken()) == []


def test_a_log_that_was_cut_is_found_by_the_anchors_that_lie_there(who: User) -> None:
    with transaction.atomic():
        tell("test.one", by=who)
        last = tell("test.two", by=who)
    anchors.keep_daily()
    cut(last)
    message = "\n".join(list_broken())
    assert f"Scrutineer's own log ends at event {last.number - 1}" in message
    assert f"names its event {last.number}" in message


def test_a_log_and_its_anchors_written_again_with_the_key_are_found_by_one_from_elsewhere(who: User) -> None:
    """Decision 37: the anchors next to the data agree with the log that replaced the first; the copy sent away doesn't."""
    with transaction.atomic():
        last = tell("test.one", by=who)
    anchors.keep_daily()
    sent_away = anchors.read_anchor(anchors.make_anchor("day", {"room": (last.number, "a" * 64)}, NOW))
    (result,) = list_broken([sent_away])
    assert result.startswith(
        f"Event {last.number} of Scrutineer's own log isn't the one that the daily anchor of"
    )


def cut(event: Event) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER event_not_deleted")
        cursor.execute("DELETE FROM records_event WHERE id = %s", [event.pk])
        end = [event.number - 1, event.previous]
        cursor.execute("UPDATE records_chain SET events = %s, head = %s WHERE name = 'room'", end)


def test_an_anchor_that_was_altered_is_named_and_says_nothing(who: User) -> None:
    with transaction.atomic():
        tell("test.one", by=who)
    path = anchors.keep_daily()
    assert path is not None
    content = json.loads(path.read_text(encoding="utf-8"))
    content["ends"]["room"] = [99, "0" * 64]
    path.write_text(json.dumps(content) + "\nnot an anchor\n{}\n", encoding="utf-8")
    broken = list(list_broken())
    assert [text for text in broken if "wasn't written here, or was altered" in text]
    assert len([text for text in broken if "can't be read" in text]) == 2
    assert len(broken) == 3


def test_an_anchor_is_kept_at_sign_off_approval_and_publication(
    who: User, django_capture_on_commit_callbacks: Any
) -> None:
    for kind in ("inspection.signed_off", "issue.approved", "issue.published"):
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            tell(kind, by=who)
    day_anchors, _ = anchors.read_kept()
    assert [a.why for a in day_anchors] == ["sign-off", "approval", "publication"]
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        tell("test.other", by=who)
    assert len(anchors.read_kept()[0]) == 3


@pytest.mark.parametrize("cut_at", [1, -1, -30])
def test_an_anchor_after_one_that_was_cut_off_by_a_power_cut_is_kept(
    who: User, data: Path, cut_at: int
) -> None:
    """A line without its end belongs to no one's forgery: the next anchor is read, and verification finds nothing wrong."""
    with transaction.atomic():
        tell("test.one", by=who)
    path = anchors.keep("day")
    path.write_bytes(path.read_bytes()[:cut_at])
    anchors.keep("sign-off")
    anchors.keep("approval")
    stored, faults = anchors.read_kept()
    # Without its last character alone, which is the line's end, the first anchor is whole.
    assert [a.why for a in stored] == [*(["day"] if cut_at == -1 else []), "sign-off", "approval"]
    assert all(a.genuine for a in stored)
    assert faults == []
    assert list(list_broken()) == []
    # The day's file is what an administrator sends elsewhere.
    assert anchors.read_file(path) == stored


def test_an_anchor_is_never_written_over_another(data: Path, db: None, tmp_path: Path) -> None:
    path = tmp_path / "anchors.jsonl"
    anchors.write(path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        anchors.write(path)
    assert path.read_bytes() == before


def test_a_file_sent_elsewhere_is_read_up_to_a_line_that_was_cut_off(data: Path, db: None) -> None:
    path = anchors.keep("day")
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    assert [a.why for a in anchors.read_file(path)] == ["day"]


def test_a_full_disk_stops_no_sign_off(
    who: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(anchors, "keep", full)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        tell("inspection.signed_off", by=who)


@pytest.mark.parametrize("content", ["", "a letter", "[]", "{}", '{"ends": 1}', '{"ends": {"room": 3}}'])
def test_a_file_that_holds_no_anchors_is_refused(data: Path, tmp_path: Path, content: str) -> None:
    path = tmp_path / "anchors.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match="this isn't a file of the audit log's anchors"):
        anchors.read_file(path)
    with pytest.raises(UserError, match="it can't be read"):
        anchors.read_file(tmp_path / "none")


def test_the_clock_has_the_day_anchored(db: None, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scrutineer_web.running import clock, jobs

    asked: list[str] = []
    monkeypatch.setattr(type(jobs.remind), "enqueue", lambda self: asked.append(self.func.__name__))
    clock.tick(datetime(2026, 11, 28, 9, 0, tzinfo=UTC), None)
    assert asked.count("anchor") == 1
    jobs.anchor.func()
    assert [a.why for a in anchors.read_kept()[0]] == ["day"]


# -- the key --------------------------------------------------------------------------------


def test_the_key_is_made_once_outside_the_database(data: Path) -> None:
    first = keys.load_key()
    path = data / keys.NAME
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(first) >= 48
    keys.forget_key()
    assert keys.load_key() == first
    assert [p.name for p in data.iterdir()] == [keys.NAME]


# -- backups --------------------------------------------------------------------------------


@pytest.fixture
def taken(data: Path, tmp_path: Path) -> Path:
    """A backup as the room writes it, of a small database."""
    parts = tmp_path / "parts"
    parts.mkdir()
    with sqlite3.connect(parts / "room.sqlite3") as database:
        database.execute("CREATE TABLE answer (value)")
        database.execute("INSERT INTO answer VALUES ('poor')")
    database.close()
    description = {
        "format": 1, "kind": "room backup", "vendor": "sqlite", "version": "1", "schema": "0001_first", "events": 1,
        "taken_at": NOW.isoformat(), "sha256": backup._hash_file(parts / "room.sqlite3"),
    }  # fmt: skip
    anchor = anchors.make_anchor("backup", {"room": (1, "a" * 64)}, NOW)
    (parts / "backup.json").write_text(
        json.dumps(in_backup.seal(description | {"anchor": anchor})), encoding="utf-8"
    )
    (parts / keys.NAME).write_bytes(keys.load_key())
    return packed(parts, tmp_path / "room.tar")


def packed(parts: Path, path: Path) -> Path:
    with tarfile.open(path, "w") as archive:
        for part in sorted(parts.iterdir()):
            info = tarfile.TarInfo(part.name)
            info.size = part.stat().st_size
            archive.addfile(info, io.BytesIO(part.read_bytes()))
    return path


def unpacked(path: Path, folder: Path, data: Path) -> dict[str, Any]:
    """As `room restore` takes it apart."""
    folder.mkdir()
    description = backup.unpack(path, folder)
    in_backup.refuse_altered(description, folder, data, path)
    return description


def test_a_backup_that_nobody_touched_is_taken(taken: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    description = unpacked(taken, tmp_path / "a", elsewhere)
    assert anchors.read_anchor(description["anchor"]).genuine
    in_backup.put_key_back(tmp_path / "a", elsewhere)
    assert (elsewhere / keys.NAME).read_bytes() == keys.load_key()
    assert (elsewhere / keys.NAME).stat().st_mode & 0o777 == 0o600


def test_12_a_tampered_backup_is_refused(taken: Path, tmp_path: Path) -> None:
    """Its database altered, and everything that needs no key made to fit: it is found by the seal."""
    parts = tmp_path / "a"
    unpacked(taken, parts, tmp_path / "elsewhere")
    with sqlite3.connect(parts / "room.sqlite3") as database:
        database.execute("UPDATE answer SET value = 'excellent'")
    database.close()
    description = json.loads((parts / "backup.json").read_text(encoding="utf-8"))
    description["sha256"] = backup._hash_file(parts / "room.sqlite3")
    for altered in (description, {k: v for k, v in description.items() if k != "seal"}):
        (parts / "backup.json").write_text(json.dumps(altered), encoding="utf-8")
        again = packed(parts, tmp_path / "again.tar")
        with pytest.raises(UserError, match="somebody has altered it"):
            unpacked(again, tmp_path / f"b{len(altered)}", tmp_path / "elsewhere")


def test_a_backup_without_its_key_asks_for_it(taken: Path, tmp_path: Path) -> None:
    parts = tmp_path / "a"
    unpacked(taken, parts, tmp_path / "elsewhere")
    (parts / keys.NAME).unlink()
    again = packed(parts, tmp_path / "again.tar")
    with pytest.raises(UserError, match="the audit key that it was sealed with is neither in it nor here"):
        unpacked(again, tmp_path / "b", tmp_path / "elsewhere")
    # With the key in its place it is taken.
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / keys.NAME).write_bytes(keys.load_key())
    unpacked(again, tmp_path / "c", tmp_path / "elsewhere")
