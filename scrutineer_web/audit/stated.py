"""What an event states of the rows that were written with it, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import models

from scrutineer_web.audit.chain import dump
from scrutineer_web.audit.unprotected import collect_columns, is_whole, name_row, state_results, state_row
from scrutineer_web.audit.written import Batch, Values

Stated = dict[str, dict[str, Any]]
"""By table and row: the columns with their values, one hash for the whole row, or None where the row went."""

# Keys in one query. An event that states a whole table has ten times as many rows.
AT_ONCE = 500


def write_rows_text(stated: Stated) -> str | None:
    """What is kept with an event; None where it states no rows."""
    return dump(stated) if stated else None


def merge(into: Stated, more: Stated) -> None:
    """Take what was stated later over what was stated before."""
    for table, rows in more.items():
        known = into.setdefault(table, {})
        for row, columns in rows.items():
            before = known.get(row)
            # Columns of one row are collected from several writes. A hash of a whole row, or its removal, replaces them all.
            if isinstance(columns, dict) and isinstance(before, dict) and table != "records_result":
                known[row] = {**before, **columns}
            else:
                known[row] = columns


def state_batches(batches: Iterable[Batch]) -> Stated:
    """What there is to state of rows that were written; rows whose values are not known are read."""
    stated: Stated = {}
    for batch in batches:
        for model, rows in batch.rows.items():
            merge(stated, state_rows_of(model, rows))
    return stated


def state_rows_of(model: type[models.Model], rows: Mapping[Any, Values | None]) -> Stated:
    """What there is to state of some rows of a model.

    Args:
        model: which.
        rows: the columns that were written, by primary key; by name of the row, where all are given of one that is stated
            whole. None: they are read, and where there is no such row, it went.
    """
    if model._meta.label == "records.Result":
        return {
            # Results are written and stated for a whole inspection, so the key is the inspection's.
            "records_result": {str(k): state_results(k, v["rows"]) if v else None for k, v in rows.items()}
        }
    if not collect_columns(model):
        return {}
    statements: dict[str, Any] = {}
    unknown = [
        key
        for key, values in rows.items()
        # A row that is hashed as a whole must be read again, because a partial write does not give all of its values.
        if values is None or (is_whole(model) and not isinstance(key, str))
    ]
    left = set(unknown)
    for key, values in rows.items():
        if key not in left and values is not None:
            stated = state_row(model, str(key), values)
            if stated:
                statements[str(key)] = stated
    statements |= _read(model, unknown)
    return {model._meta.db_table: statements} if statements else {}


def _read(model: type[models.Model], keys: list[Any]) -> dict[str, Any]:
    names = list(dict.fromkeys([model._meta.pk.attname, *collect_columns(model)]))
    rows: dict[str, Any] = {}
    for n in range(0, len(keys), AT_ONCE):
        part = keys[n : n + AT_ONCE]
        there = model._base_manager.filter(pk__in=part).values(*names)
        # Rows that are not found below stay None in the log, which means that they were deleted.
        if not is_whole(model):
            rows |= dict.fromkeys(map(str, part))
        for values in there:
            row = name_row(model, values)
            rows[row] = state_row(model, row, values)
    return rows


def state_tables(columns: Mapping[str, list[str]]) -> Iterator[Stated]:
    """Some columns of tables as they are now, in parts of some thousand rows.

    Args:
        columns: by label of a model, the columns.
    """
    for label, names in columns.items():
        model: type[models.Model] = apps.get_model(label)
        if label == "records.Result":
            keys = list(
                model._base_manager.values_list("inspection", flat=True).order_by("inspection").distinct()
            )
            for key in keys:
                listed = model._base_manager.filter(inspection=key).values()
                yield {"records_result": {str(key): state_results(key, listed)}}
            continue
        attnames = list(
            # One hash covers the whole row, so a column that is new changes the hash of every row.
            dict.fromkeys([model._meta.pk.attname, *(collect_columns(model) if is_whole(model) else names)])
        )
        rows = model._base_manager.order_by("pk").values(*attnames).iterator(chunk_size=2000)
        while part := list(islice(rows, 10 * AT_ONCE)):
            yield {
                model._meta.db_table: {(row := name_row(model, v)): state_row(model, row, v) for v in part}
            }
