"""Comparing what the events say of every row with what the database holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import DatabaseError, models

from scrutineer_web.audit.stated import Stated
from scrutineer_web.audit.unprotected import (
    collect_columns,
    list_protected_models,
    name_row,
    state_results,
    state_row,
)
from scrutineer_web.records.blob import Blob


@dataclass(frozen=True)
class Discrepancy:
    """Something that the database holds otherwise than the log says.

    Attributes:
        model: of which table.
        row: by the name that the log gives it.
        column: the attribute; empty where it is the whole row.
        what: added, removed, changed, unstated or unreadable.
        logged: what the log states of it: a plain value, or a keyed hash.
        held: what the database holds.
    """

    model: type[models.Model]
    row: str
    column: str
    what: str
    logged: Any = None
    held: Any = None


SLACK = timedelta(minutes=1)
"""By how much clocks may differ."""


@dataclass
class ReplayedState:
    """What the events state, taken in one after another.

    Attributes:
        tables: by table and row.
    """

    tables: Stated = field(default_factory=dict)
    _last: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)

    def take_in(self, rows: Stated, chain: str, at: datetime) -> str | None:
        """Take what a later event states over what earlier ones did.

        Returns:
            the other chain, where an event of it that comes earlier in the table was written later.
        """
        disorder = None
        for table, listed in rows.items():
            known = self.tables.setdefault(table, {})
            for row, columns in listed.items():
                before = known.get(row)
                # An event states only the columns that it wrote. Results are the exception: they are always stated whole.
                if isinstance(columns, dict) and isinstance(before, dict) and table != "records_result":
                    before.update(columns)
                else:
                    known[row] = columns
                # Answers are left out because their events are all in the chain of one assessment, whose numbers give the order.
                if table != "records_answer":
                    other, then = self._last.get((table, row), (chain, at))
                    # Numbers order events within a chain. Across chains only the time can, so a small difference between clocks is allowed.
                    disorder = other if other != chain and then - at > SLACK else disorder
                    self._last[table, row] = chain, at
        return disorder


def compare(state: ReplayedState, only: type[models.Model] | None = None) -> Iterator[Discrepancy]:
    """Every difference between the log and the tables that it states, or one of them alone."""
    for model in list_protected_models() if only is None else [only]:
        logged = state.tables.get(model._meta.db_table, {})
        results = model._meta.label == "records.Result"
        try:
            yield from _compare_results(model, logged) if results else _compare_rows(model, logged)
        except (ValueError, TypeError, DatabaseError):  # what no column of this kind ever holds
            yield Discrepancy(model, "", "", "unreadable")
    if only is None:
        yield from _compare_files(state.tables)


def _compare_rows(model: type[models.Model], logged: dict[str, Any]) -> Iterator[Discrepancy]:
    names = list(dict.fromkeys([model._meta.pk.attname, *collect_columns(model)]))
    seen = set()
    for values in model._base_manager.order_by("pk").values(*names).iterator(chunk_size=2000):
        row = name_row(model, values)
        seen.add(row)
        said = logged.get(row)
        if said is None:
            yield Discrepancy(model, row, "", "added", held=values)
            continue
        # The log holds words as hashes, so that they can be deleted later. What the database holds is hashed the same way.
        held = state_row(model, row, values)
        if held == said:
            continue
        if isinstance(held, str):  # one hash for the whole row
            yield Discrepancy(model, row, "", "changed", said, values)
            continue
        for name in collect_columns(model):
            if name not in said:
                yield Discrepancy(model, row, name, "unstated", None, values[name])
            elif said[name] != held[name]:
                yield Discrepancy(model, row, name, "changed", said[name], values[name])
    for row, said in logged.items():
        if said is not None and row not in seen:
            yield Discrepancy(model, row, "", "removed", said)


def _compare_results(model: type[models.Model], logged: dict[str, Any]) -> Iterator[Discrepancy]:
    inspections = set(model._base_manager.values_list("inspection", flat=True).distinct())
    for row in sorted({*map(str, inspections), *logged}, key=int):
        held = state_results(int(row), model._base_manager.filter(inspection=int(row)).values())
        said = logged.get(row) or {}
        for group in sorted({*held, *said}):
            if held.get(group) != said.get(group):
                what = (
                    "changed" if group in held and group in said else "added" if group in held else "removed"
                )
                yield Discrepancy(model, row, group, what)


def _compare_files(tables: Stated) -> Iterator[Discrepancy]:
    """Bytes that are not those whose hash they are kept under, and files that are stated and not there."""
    # One file at a time: the contents of all files together may be larger than the memory.
    there = set()
    for pk in Blob.objects.order_by("pk").values_list("pk", flat=True):
        hash_, size, content = Blob.objects.filter(pk=pk).values_list("hash", "size", "content").get()
        there.add(hash_)
        if hashlib.sha256(bytes(content)).hexdigest() != hash_:
            yield Discrepancy(Blob, hash_, "content", "changed", hash_, len(bytes(content)))
        elif size != len(bytes(content)):
            yield Discrepancy(Blob, hash_, "size", "changed", len(bytes(content)), size)
    for label in _add_files():
        for row, said in tables.get(apps.get_model(label)._meta.db_table, {}).items():
            if isinstance(said, dict) and said.get("blob_id") not in (None, *there):
                yield Discrepancy(apps.get_model(label), row, "blob_id", "removed", said["blob_id"])


def _add_files() -> Iterable[str]:
    for model in list_protected_models():
        if any(f.is_relation and f.related_model is Blob for f in model._meta.concrete_fields):
            yield model._meta.label
