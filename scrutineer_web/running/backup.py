"""A backup of the whole room in one file, taken while people work, and a room made of one.

The file is a tar archive: the database as its own tool copies it at one moment, the room's secret (devices hold data that
only it opens), and what was in it, so that a restore can say whether everything came back.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrutineer.errors import Fault, UserError
from scrutineer_web.audit import in_backup, keys
from scrutineer_web.kit import private
from scrutineer_web.running import archive, libpq, room_places

if TYPE_CHECKING:
    from scrutineer_web.running.room_places import RoomPlace

FORMAT = 1
FILES = {"sqlite": "room.sqlite3", "postgresql": "room.dump"}
SAID, SECRET = "backup.json", "secret-key"
"""What the backup says of itself, and the room's secret."""

MOST: dict[str, int | None] = {
    **dict.fromkeys((SECRET, keys.NAME), archive.SMALL),
    **dict.fromkeys((SAID, *FILES.values())),
}
"""The members that a backup may have, with the most bytes of each; None: any number."""


@dataclass(frozen=True)
class BackupSummary:
    """What a backup holds: how many events, the schema's last migration, and its size in bytes."""

    events: int
    schema: str
    size: int


def take(
    path: Path, secret: Path | None, now: datetime, step: Callable[[str], None] = lambda _: None
) -> BackupSummary:
    """Take a backup of the room that is open, while it works.

    Args:
        path: the file that is written; nothing is there before it is whole.
        secret: the file with the room's secret; None where it is set in the environment.
        now: here and now.
        step: is called with what is done next.

    Raises:
        UserError: the file is there already, can't be written, or the database's own tool is missing or fails.
    """
    try:
        return _take(path, secret, now, step)
    except FileExistsError:
        raise UserError(
            Fault(str(path), "it already exists", "Choose another name, or move it away")
        ) from None
    except OSError as error:
        refused = private.make_fault(error)
        raise UserError(Fault(str(path), f"no backup is written: {refused.what}", refused.do)) from None


def _take(path: Path, secret: Path | None, now: datetime, step: Callable[[str], None]) -> BackupSummary:
    from django.db import connection

    if path.exists():
        raise FileExistsError
    vendor = connection.vendor
    path.parent.mkdir(parents=True, exist_ok=True)
    # Next to the backup, because the system's temporary folder may be too small for a whole database.
    with tempfile.TemporaryDirectory(prefix=".scrutineer-", dir=path.parent) as folder:
        copy = Path(folder) / FILES[vendor]
        step("The database")
        # Counted before the copy begins: the copy may hold more events than this, but never fewer.
        before, anchor = _count_events(), in_backup.make_anchor_now(now)
        _copy_sqlite(copy) if vendor == "sqlite" else _dump(copy)
        statement = in_backup.seal(_describe_backup(vendor, copy, before, now) | {"anchor": anchor})
        step("The file")
        members = {
            SAID: (json.dumps(statement, indent=1) + "\n").encode(),
            copy.name: copy,
            **_collect_keys(secret),
        }
        with private.write_whole(path) as file:
            archive.pack(file, members)
    return BackupSummary(statement["events"], statement["schema"], path.stat().st_size)


def _collect_keys(secret: Path | None) -> dict[str, bytes | Path]:
    """What of a room is kept next to its database and must come back with it."""
    key = in_backup.find_key_path()
    named = {SECRET: secret, keys.NAME: key}
    return {name: path for name, path in named.items() if path is not None}


def _copy_sqlite(copy: Path) -> None:
    """SQLite's own online copy: of one moment, without stopping those who write."""
    from django.db import connection

    try:
        with (
            closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
            # With a write-ahead log, part of the data would be in a second file that the backup does not contain.
            target.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.DatabaseError as error:
        raise UserError(private.make_database_fault(error)) from None


def _dump(copy: Path) -> None:
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")


def _run(tool: str, *arguments: str) -> None:
    """One of PostgreSQL's own tools, on the room's database, reached with every option that the room reaches it with.

    Raises:
        UserError: it is missing, or fails.
    """
    place = shutil.which(tool)
    if place is None:
        do = "Install PostgreSQL's client programs of the server's version"
        raise UserError(Fault(tool, "it is not installed on this machine", do))
    database = os.environ["SCRUTINEER_DATABASE"]
    # Passwords go through the environment, because other users of the machine can see a command's arguments.
    connection, secrets = libpq.prepare_for_tools(libpq.collect_options(database))
    command = [place, f"--dbname={connection}", *_find_role(database), *arguments]
    done = subprocess.run(command, env={**os.environ, **secrets}, capture_output=True, check=False)
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        what = lines[-1].rstrip(".") if lines else "the system stopped it, as it does when the disk is full"
        raise UserError(Fault(tool, what, "Check the disk here and the database's own log"))


def _find_role(database: str) -> tuple[str, ...]:
    role = libpq.find_role(database)
    return (f"--role={role}",) if role else ()


def _describe_backup(vendor: str, copy: Path, before: int, now: datetime) -> dict[str, Any]:
    from importlib.metadata import version

    from django.db.migrations.recorder import MigrationRecorder

    # What was there before the copy began is in it for certain; more may be.
    events = _count_events_in(copy) if vendor == "sqlite" else before
    applied = [
        name
        for app, name in MigrationRecorder.Migration.objects.values_list("app", "name")
        if app == "records"
    ]
    return {
        "format": FORMAT,
        "kind": "room backup",
        "vendor": vendor,
        "version": version("scrutineer"),
        # Names of migrations begin with their number, so the greatest is the latest.
        "schema": max(applied),
        "events": events,
        "taken_at": now.astimezone(UTC).isoformat(),
        "sha256": _hash_file(copy),
    }


def _count_events() -> int:
    from scrutineer_web.records.event import Event

    return Event.objects.count()


def _count_events_in(copy: Path) -> int:
    with closing(sqlite3.connect(copy)) as database:
        return int(database.execute("SELECT count(*) FROM records_event").fetchone()[0])


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# -- and back ----------------------------------------------------------------------------


def restore(path: Path, place: RoomPlace) -> dict[str, Any]:
    """Make a room of a backup, in a folder and a database that hold none; its tables are still those of the backup.

    Args:
        path: the backup.
        place: where the room will be.

    Returns:
        what the backup says of itself.

    Raises:
        UserError: it is no backup or a damaged one, a room is there already, or the disk is full: then nothing is there.
    """
    # A restore never replaces a room, so restoring the wrong backup destroys nothing.
    _refuse_another(path, place)
    place.data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".scrutineer-", dir=place.data) as beside:
        folder = Path(beside)
        statement = unpack(path, folder)
        # The signature is checked before anything is put in place, because restoring a forged backup would make it the room.
        in_backup.refuse_altered(statement, folder, place.data, path)
        put_back(folder, statement, place)
        # Last: where a restore stops before this, the room lacks its log's key and refuses to open.
        in_backup.put_key_back(folder, place.data)
    return statement


def _refuse_another(path: Path, place: RoomPlace) -> None:
    """Refuse before anything is written, so that what can't be restored leaves no folder behind."""
    if not path.is_file():
        raise UserError(Fault(str(path), "there is no such file", "Check the name"))
    if not place.on_server and place.file.exists():
        raise UserError(
            Fault(str(place.file), "there is already a room there", "Name an empty folder with --data")
        )


def unpack(path: Path, folder: Path) -> dict[str, Any]:
    """Take a backup apart into a folder.

    Returns:
        what it says of itself.

    Raises:
        UserError: it is none, is damaged, or of a newer program.
    """
    names = archive.unpack(path, folder, MOST)
    statement = _read_statement(folder / SAID) if SAID in names else None
    if statement is None or FILES[statement["vendor"]] not in names:
        raise UserError(
            Fault(str(path), "this isn't a backup of a room, or it is damaged", "Use another backup")
        )
    # Checked before the damage: a newer program may describe its backups in ways that only look damaged to this one.
    if statement["format"] > FORMAT or statement["schema"] not in room_places.list_released():
        raise UserError(
            Fault(str(path), "it was made by a newer version of this program", "Update the program first")
        )
    if statement["sha256"] != _hash_file(folder / FILES[statement["vendor"]]):
        raise UserError(
            Fault(str(path), "it is damaged: its database isn't what was backed up", "Use another backup")
        )
    return statement


_FIELDS = {
    "kind": str,
    "format": int,
    "vendor": str,
    "schema": str,
    "events": int,
    "taken_at": str,
    "sha256": str,
}


def _read_statement(path: Path) -> dict[str, Any] | None:
    """What a backup says of itself; None where that can't be read or lacks anything."""
    try:
        statement = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None
    if (
        not isinstance(statement, dict)
        or statement.get("kind") != "room backup"
        or statement.get("vendor") not in FILES
    ):
        return None
    return statement if all(isinstance(statement.get(name), kind) for name, kind in _FIELDS.items()) else None


def put_back(folder: Path, statement: Mapping[str, Any], place: RoomPlace) -> None:
    """Make a room of a backup that was taken apart: in a folder and a database that hold none.

    Args:
        folder: with the parts, on the disk of the room's folder.
        statement: what the backup says of itself.
        place: where the room will be.

    Raises:
        UserError: a room is there already, or the database is of another kind.
    """
    vendor = "postgresql" if place.on_server else "sqlite"
    if statement["vendor"] != vendor:
        what = f"the backup is of {statement['vendor']}, and this database is {vendor}"
        do = "Restore where the room came from, and export its inspections from there"
        raise UserError(Fault("SCRUTINEER_DATABASE", what, do))
    secret, key = folder / SECRET, place.data / SECRET
    # Replacing the secret would sign everybody out and make answers on their devices unreadable.
    if secret.exists() and key.exists() and key.read_bytes() != secret.read_bytes():
        raise UserError(
            Fault(str(key), "there is already another secret there", "Name an empty folder with --data")
        )
    if place.secret is not None and not secret.exists() and not key.exists():
        do = "Set SCRUTINEER_SECRET to the one that the room had"
        raise UserError(
            Fault(
                "the backup",
                "the room's secret was set in its environment, so the backup doesn't contain it",
                do,
            )
        )
    if place.on_server:
        _refuse_full(place)
        _run(
            "pg_restore",
            "--no-owner",
            "--no-privileges",
            "--exit-on-error",
            "--single-transaction",
            str(folder / FILES["postgresql"]),
        )
    else:
        place.file.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / FILES["sqlite"], place.file)
    if secret.exists() and not key.exists():
        private.put(secret, key)
    private.settle(place.data)


def _refuse_full(place: RoomPlace) -> None:
    if libpq.list_tables(place.database):
        raise UserError(
            Fault("SCRUTINEER_DATABASE", "the database already has tables", "Name an empty database")
        )
