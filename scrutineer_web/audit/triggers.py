"""The database's own refusal to change or delete an event, and whether it is still in place."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from django.utils.translation import gettext as _

SQLITE = {
    "event_not_changed": "CREATE TRIGGER event_not_changed BEFORE UPDATE ON records_event BEGIN"
    " SELECT RAISE(ABORT, 'events are only ever added'); END",
    "event_not_deleted": "CREATE TRIGGER event_not_deleted BEFORE DELETE ON records_event BEGIN"
    " SELECT RAISE(ABORT, 'events are only ever added'); END",
}
POSTGRES = "event_stays"
_TYPE = 27
"""A row-level trigger before update and delete, as PostgreSQL counts: 1 + 2 + 8 + 16."""
_BODY = "BEGIN RAISE EXCEPTION 'events are only ever added'; END"


def find_missing() -> Iterator[str]:
    """What of it is missing, as sentences; none where the database refuses as it should."""
    yield from _list_missing_in_sqlite() if connection.vendor == "sqlite" else _list_missing_in_postgres()


def _simplify(text: str | None) -> str:
    return " ".join((text or "").split())


def _say_missing(what: str, name: str) -> str:
    sentence = _("The database no longer refuses to have events %(what)s: its trigger %(name)s is missing.")
    return sentence % {"what": what, "name": name}


def _say_altered(what: str, name: str) -> str:
    sentence = _(
        "The database no longer refuses to have events %(what)s as it should: its trigger %(name)s was altered."
    )
    return sentence % {"what": what, "name": name}


def _list_missing_in_sqlite() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'records_event'"
        )
        there = {str(name): _simplify(sql) for name, sql in cursor.fetchall()}
    for name, sql in SQLITE.items():
        what = _("changed") if "UPDATE" in sql else _("deleted")
        if name not in there:
            yield _say_missing(what, name)
        # SQLite keeps a trigger's statement as it was written, so it can be compared as text.
        elif there[name] != _simplify(sql):
            yield _say_altered(what, name)


def _list_missing_in_postgres() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT t.tgname, t.tgtype, t.tgenabled, t.tgqual IS NULL, t.tgattr::text, p.prosrc FROM pg_trigger t
            JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
            WHERE c.relname = 'records_event' AND NOT t.tgisinternal AND pg_table_is_visible(c.oid)"""
        )
        there = {str(row[0]): row[1:] for row in cursor.fetchall()}
    what = _("changed or deleted")
    if POSTGRES not in there:
        yield _say_missing(what, POSTGRES)
        return
    type_, enabled, always, columns, body = there[POSTGRES]
    state = enabled.decode() if isinstance(enabled, bytes) else str(enabled)
    # O fires in normal operation and A always. D is switched off, and R
    # fires only on a replica (pg_trigger).
    if state not in ("O", "A"):
        off = _(
            "The database no longer refuses to have events %(what)s: its trigger %(name)s is switched off."
        )
        yield off % {"what": what, "name": POSTGRES}
    # A condition (WHEN), a list of columns or an empty body would leave a
    # trigger that's there but refuses nothing.
    elif (int(type_), bool(always), columns, _simplify(body).rstrip("; ")) != (_TYPE, True, "", _BODY):
        yield _say_altered(what, POSTGRES)
