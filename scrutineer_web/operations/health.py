"""Whether the room can do its work, part by part."""

from __future__ import annotations

import shutil

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from scrutineer_web.actions import beats

LEAST_FREE = 200_000_000
"""Bytes that should be free where the room keeps its data."""


def parts() -> dict[str, str]:
    """Every part with `ok`, or with what is wrong in a word or two; nothing of what the room holds."""
    found = {"database": _database()}
    if found["database"] != "ok":
        return found
    found["schema"] = _schema()
    silent = beats.silent(now=timezone.now()) if found["schema"] == "ok" else []
    found |= {name: "silent" if name in silent else "ok" for name in (beats.CLOCK, beats.JOBS)}
    if connection.vendor == "sqlite":
        free = shutil.disk_usage(settings.DATA).free
        found["disk"] = "ok" if free > LEAST_FREE else "nearly full"
    return found


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "cannot be reached"
    return "ok"


def _schema() -> str:
    executor = MigrationExecutor(connection)
    return "not migrated" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"
