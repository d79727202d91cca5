"""A backup of the whole room in one file, taken while people work, and a room made of one.

The file is a tar archive: the database as its own tool copies it at one moment, the room's secret (devices hold data that
only it opens), and what was in it, so that a restore can say whether everything came back.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrutineer.errors import Fault, UserError

FORMAT = 1
FILES = {"sqlite": "room.sqlite3", "postgresql": "room.dump"}


@dataclass(frozen=True)
class Taken:
    """What a backup holds: how many events, the schema's last migration, and its size in bytes."""

    events: int
    schema: str
    size: int


def take(
    path: Path, secret: Path | None, now: datetime, step: Callable[[str], None] = lambda _: None
) -> Taken:
    """Take a backup of the room that is open, while it works.

    Args:
        path: the file that is written; nothing is there before it is whole.
        secret: the file with the room's secret; None where it is set in the environment.
        now: here and now.
        step: is told what is done next.

    Raises:
        UserError: the file is there already, or the database's own tool is missing or fails.
    """
    from django.db import connection

    if path.exists():
        raise UserError(Fault(str(path), "it is there already", "Give another name, or move it away"))
    vendor = connection.vendor
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".scrutineer-", dir=path.parent) as folder:
        copy = Path(folder) / FILES[vendor]
        step("The database")
        before = _events()
        _copy_sqlite(copy) if vendor == "sqlite" else _dump(copy)
        told = _told(vendor, copy, before, now)
        step("The file")
        whole = Path(folder) / "whole.tar"
        handle = os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
            content = (json.dumps(told, indent=1) + "\n").encode()
            info = tarfile.TarInfo("backup.json")
            info.size, info.mode = len(content), 0o600
            archive.addfile(info, io.BytesIO(content))
            archive.add(copy, copy.name)
            if secret is not None and secret.exists():
                archive.add(secret, "secret-key")
            archive.close()
            file.flush()
            os.fsync(file.fileno())
        whole.replace(path)
    return Taken(told["events"], told["schema"], path.stat().st_size)


def _copy_sqlite(copy: Path) -> None:
    """SQLite's own online copy: of one moment, without stopping those who write."""
    from django.db import connection

    with (
        closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")


def _dump(copy: Path) -> None:
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}")


def _run(tool: str, *arguments: str) -> None:
    """One of PostgreSQL's own tools, on the room's database.

    Raises:
        UserError: it is missing, or fails.
    """
    from django.db import connection

    found = connection.settings_dict
    options = found.get("OPTIONS", {})
    told = {
        "PGHOST": found["HOST"] or str(options.get("host", "")), "PGPORT": str(found["PORT"] or ""), "PGUSER": found["USER"],
        "PGPASSWORD": found["PASSWORD"], "PGDATABASE": found["NAME"], "PGSSLMODE": str(options.get("sslmode", "")),
    }  # fmt: skip
    place = shutil.which(tool)
    if place is None:
        raise UserError(
            Fault(
                tool,
                "it is not installed on this machine",
                "Install PostgreSQL's client programs of the server's version",
            )
        )
    made = subprocess.run(
        [place, *arguments], env={**os.environ, **{k: v for k, v in told.items() if v}}, capture_output=True, check=False
    )  # fmt: skip
    if made.returncode:
        lines = made.stderr.decode(errors="replace").strip().splitlines()
        raise UserError(Fault(tool, lines[-1] if lines else "it failed", "Look at the database's own log"))


def _told(vendor: str, copy: Path, before: int, now: datetime) -> dict[str, Any]:
    from importlib.metadata import version

    from django.db.migrations.recorder import MigrationRecorder

    # What was there before the copy began is in it for certain; more may be.
    events = _events_in(copy) if vendor == "sqlite" else before
    applied = [
        name
        for app, name in MigrationRecorder.Migration.objects.values_list("app", "name")
        if app == "records"
    ]
    return {
        "format": FORMAT, "kind": "room backup", "vendor": vendor, "version": version("scrutineer"), "schema": max(applied),
        "events": events, "taken_at": now.astimezone(UTC).isoformat(), "sha256": _hash(copy),
    }  # fmt: skip


def _events() -> int:
    from scrutineer_web.records.event import Event

    return Event.objects.count()


def _events_in(copy: Path) -> int:
    with closing(sqlite3.connect(copy)) as database:
        return int(database.execute("SELECT count(*) FROM records_event").fetchone()[0])


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# -- and back ----------------------------------------------------------------------------


def unpack(path: Path, folder: Path) -> dict[str, Any]:
    """Take a backup apart into a folder.

    Returns:
        what it says of itself.

    Raises:
        UserError: it is none, is damaged, or of a newer program.
    """
    try:
        with tarfile.open(path) as archive:
            known = {m.name: m for m in archive.getmembers() if m.isfile()}
            strange = set(known) - {"backup.json", "secret-key", *FILES.values()}
            if "backup.json" not in known or strange or len(known) != len(archive.getmembers()):
                raise tarfile.TarError
            archive.extractall(folder, filter="data")
        told: dict[str, Any] = json.loads((folder / "backup.json").read_text(encoding="utf-8"))
        whole = told["kind"] == "room backup" and told["sha256"] == _hash(folder / FILES[told["vendor"]])
    except OSError as error:
        raise UserError(
            Fault(str(path), f"it cannot be read ({error.strerror or error})", "Check the name")
        ) from None
    except (tarfile.TarError, ValueError, KeyError, TypeError):
        raise UserError(
            Fault(str(path), "this is no backup of a room, or it is damaged", "Take another one")
        ) from None
    if not whole:
        raise UserError(
            Fault(str(path), "it is damaged: its database is not what was written", "Take another one")
        )
    schemas = {p.stem for p in (Path(__file__).parent / "records" / "migrations").glob("0*.py")}
    if told["format"] > FORMAT or told["schema"] not in schemas:
        raise UserError(
            Fault(str(path), "it is of a newer version of this program", "Update the program first")
        )
    return told


def put_back(folder: Path, told: dict[str, Any], data: Path, database: str) -> None:
    """Make a room of a backup that was taken apart: in a folder and a database that hold none.

    Args:
        folder: with the parts.
        told: what the backup says of itself.
        data: where the room will keep its data.
        database: the address of its database; empty for SQLite in `data`.

    Raises:
        UserError: a room is there already, or the database is of another kind.
    """
    vendor = "postgresql" if database.startswith("postgres") else "sqlite"
    if told["vendor"] != vendor:
        what = f"the backup is of {told['vendor']}, and this database is {vendor}"
        raise UserError(
            Fault(
                "SCRUTINEER_DATABASE",
                what,
                "Restore where the room came from, and export its inspections from there",
            )
        )
    target, key = data / FILES["sqlite"], data / "secret-key"
    if target.exists():
        raise UserError(Fault(str(target), "a room is there already", "Name an empty folder with --data"))
    kept = folder / "secret-key"
    if kept.exists() and key.exists() and key.read_bytes() != kept.read_bytes():
        raise UserError(
            Fault(str(key), "another secret is there already", "Name an empty folder with --data")
        )
    data.mkdir(parents=True, exist_ok=True)
    if vendor == "sqlite":
        shutil.move(folder / FILES["sqlite"], target)
        target.chmod(0o600)
    else:
        _refuse_full()
        _run("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
             f"--dbname={_name()}", str(folder / FILES["postgresql"]))  # fmt: skip
    if kept.exists() and not key.exists():
        shutil.move(kept, key)
        key.chmod(0o600)


def _name() -> str:
    from django.db import connection

    return str(connection.settings_dict["NAME"])


def _refuse_full() -> None:
    from django.db import connection

    if connection.introspection.table_names():
        raise UserError(Fault("SCRUTINEER_DATABASE", "the database has tables already", "Name an empty one"))
