"""Whether the room can do its work, part by part."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from secrets import token_hex

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from scrutineer_web.safeguards import beats

LEAST_FREE = 200_000_000
"""Bytes that should be free where the room keeps its data."""


# Less would fit into a page that the database has already, even on a full disk.
TRIAL = 16_384
"""Bytes that are written to see whether the database takes them: about what an answer with its event needs."""


def collect_parts(now: datetime | None = None) -> dict[str, str]:
    """Every part with `ok`, or with what is wrong in a word or two; nothing of what the room holds."""
    parts = {"database": _check_database()}
    if parts["database"] != "ok":
        return parts
    parts["schema"] = _check_schema()
    well = parts["schema"] == "ok"
    parts["writing"] = _check_writing() if well else "not tried"
    parts |= _check_heard(now or timezone.now()) if well else {}
    # A database server keeps its data on a disk that can't be seen from here.
    if connection.vendor == "sqlite":
        free = shutil.disk_usage(settings.DATA).free
        parts["disk"] = "ok" if free > LEAST_FREE else "nearly full"
    return parts


def _check_database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "cannot be reached"
    return "ok"


def _check_writing() -> str:
    """Whether the database takes what is written: one that only reads answers every other question as if all was well."""
    try:
        # Random bytes, because PostgreSQL compresses what repeats.
        beats.write_and_take_away(name=f"{beats.TRIAL}{token_hex(8)}", filler=os.urandom(TRIAL))
    except DatabaseError:
        return "refused"
    return "ok"


def _check_heard(now: datetime) -> dict[str, str]:
    try:
        silent = beats.list_silent(now=now)
    except DatabaseError:
        return dict.fromkeys((beats.CLOCK, beats.JOBS), "not known")
    return {name: "silent" if name in silent else "ok" for name in (beats.CLOCK, beats.JOBS)}


def _check_schema() -> str:
    executor = MigrationExecutor(connection)
    return "not migrated" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"
