"""The room's PostgreSQL address, as PostgreSQL's own client library understands it.

The room, `pg_dump` and `pg_restore` must reach the same database in the same way: with every option of the address, not
with host and name alone. Managed servers refuse a connection without theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dj_database_url

from scrutineer.errors import Fault, UserError

_FIELDS = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
"""Django's names of what an address says, and the library's."""

_HIDDEN = b"*"
"""The library's mark of an option that nobody may see."""


def collect_options(database: str) -> dict[str, str]:
    """Every option of the client library that an address gives, by the library's own name.

    Args:
        database: the address, as it is set.
    """
    parsed: Mapping[str, Any] = dj_database_url.parse(database)
    known = {option.keyword.decode() for option in _find_known()}
    # As Django does: what comes before the question mark wins over what comes after it, but for the name.
    extra = {name: str(value) for name, value in parsed.get("OPTIONS", {}).items() if name in known}
    named = {ours: str(parsed[theirs]) for theirs, ours in _FIELDS.items() if parsed.get(theirs)}
    return {**named, **extra, **{k: v for k, v in named.items() if k != "dbname"}}


def _find_known() -> Any:
    try:
        from psycopg.pq import Conninfo
    except ImportError:
        do = "Install the extra 'postgres'"
        raise UserError(Fault("the PostgreSQL client library", "it isn't installed", do)) from None
    return Conninfo.get_defaults()


def prepare_for_tools(options: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The options as one of PostgreSQL's own programs takes them.

    Returns:
        what its `--dbname` says, and the environment in which it runs: secrets go there, where other users of the
        machine can't see them.

    Raises:
        UserError: a secret that these programs take on their command line alone.
    """
    from psycopg.conninfo import make_conninfo

    variables = {
        o.keyword.decode(): o.envvar.decode() for o in _find_known() if o.dispchar == _HIDDEN and o.envvar
    }
    hidden = {o.keyword.decode() for o in _find_known() if o.dispchar == _HIDDEN}
    # Such as sslpassword, which has no environment variable.
    bare = sorted(name for name in options if name in hidden and name not in variables)
    if bare:
        what = f"PostgreSQL's programs would show its '{bare[0]}' to everyone on this machine"
        raise UserError(Fault("SCRUTINEER_DATABASE", what, "Put it in a service file, and name the service"))
    connection = make_conninfo("", **{k: v for k, v in options.items() if k not in hidden})
    return connection, {variables[name]: options[name] for name in variables if name in options}


def find_role(database: str) -> str:
    """The role that the room takes on once it is connected; empty where none."""
    return str(dj_database_url.parse(database).get("OPTIONS", {}).get("assume_role", ""))


def list_applied(database: str) -> set[str]:
    """The migrations of the room's records that a server's database has; none where it holds no room.

    Raises:
        UserError: the database can't be reached.
    """
    if not _ask(database, "SELECT 1 WHERE to_regclass('django_migrations') IS NOT NULL"):
        return set()
    return _ask(database, "SELECT name FROM django_migrations WHERE app = 'records'")


def list_tables(database: str) -> set[str]:
    """The tables of a server's database.

    Raises:
        UserError: the database can't be reached.
    """
    return _ask(
        database,
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind IN ('r', 'p')"
        " AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'"
        " AND pg_table_is_visible(c.oid)",
    )


def _ask(database: str, question: str) -> set[str]:
    """The first column of what a question gives; nothing is changed by it."""
    # Ten seconds unless the address says otherwise: without a limit, the
    # library waits as long as the system does.
    options: dict[str, Any] = {"connect_timeout": "10", **collect_options(database)}
    import psycopg

    try:
        with psycopg.connect(**options) as connection:
            connection.read_only = True
            rows = connection.execute(question.encode()).fetchall()
    except psycopg.Error as error:
        raise UserError(make_unreachable(error)) from None
    return {str(row[0]) for row in rows}


def make_unreachable(error: Exception) -> Fault:
    """That the database can't be reached, in the server's or the library's first line."""
    lines = str(error).strip().splitlines() or ["it can't be reached"]
    do = "Check SCRUTINEER_DATABASE, and that the database runs and lets this user in"
    return Fault("the database", lines[0].rstrip("."), do)
