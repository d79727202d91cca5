"""Rows that were written in the transaction at hand and that no event states yet.

Every record's manager and Django's own signals report here what they write; the next event of the transaction takes it
and states what the rows hold. Rows that are written where nothing is told of stay unstated, and `audit verify` names them:
that is what a change behind the room's back looks like.

The rows wait among the transaction's commit hooks, so that a savepoint that is rolled back takes its rows with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db import connection, models, transaction

from scrutineer_web.records.statements import find_column

_Row = TypeVar("_Row", bound=models.Model)
Values = dict[str, Any]
RESULTS = "records.Result"
"""Rows that are written all at once for an inspection, by one action, which reports them itself."""


class Batch:
    """Rows written one after another at one level of savepoints.

    Attributes:
        rows: by model and primary key, the values of the columns that were written; None where they must be read again.
        follows: whether an event was added in the transaction before: what is left at its end belongs to that.
    """

    def __init__(self, follows: bool):
        self.rows: dict[type[models.Model], dict[Any, Values | None]] = {}
        self.follows = follows

    def add(self, model: type[models.Model], rows: Mapping[Any, Values | None]) -> None:
        """Take rows in; a later value of a column replaces an earlier one."""
        known = self.rows.setdefault(model, {})
        for pk, values in rows.items():
            before = known.get(pk, {})
            # Once a value is only known to the database, the whole row has to be read again at the end.
            known[pk] = None if before is None or values is None else {**before, **values}

    def __call__(self) -> None:
        """At the end of the transaction, of rows that were written after its last event."""
        # This runs after the commit. If the process ends in between, the rows stay
        # unstated, and verification names them.
        from scrutineer_web.audit.events import state_rows
        from scrutineer_web.audit.unprotected import WRITTEN_BY_OTHERS

        left = {
            model: rows
            for model, rows in self.rows.items()
            if self.follows or model._meta.label in WRITTEN_BY_OTHERS
        }
        if left:
            state_rows(left)


class BatchTaken:
    """That a batch from outside this savepoint is stated within it."""

    def __init__(self, batch: Batch):
        self.batch = batch

    def __call__(self) -> None:
        """Nothing is left to do."""


class Added:
    """That an event was added."""

    def __call__(self) -> None:
        """Nothing is left to do."""


def note_rows(model: type[models.Model], rows: Mapping[Any, Values | None]) -> None:
    """Report rows as written.

    Args:
        model: of which table.
        rows: by primary key, what each column holds now; None where that is only known to the database.
    """
    if not rows:
        return
    # run_on_commit and savepoint_ids are Django's own and undocumented: each hook
    # comes with the savepoints open then.
    hooks, level = connection.run_on_commit, set(connection.savepoint_ids)
    last = hooks[-1] if hooks else None
    # Django drops hooks together with a savepoint that is rolled back. Keeping the rows in hooks means that
    # rows that were never written disappear from the log by themselves.
    if last is not None and isinstance(last[1], Batch) and last[0] == level:
        last[1].add(model, rows)
        return
    batch = Batch(follows=any(isinstance(hook[1], Added) for hook in hooks))
    batch.add(model, rows)
    transaction.on_commit(batch)


def note_event() -> None:
    """Note that an event was added in this transaction."""
    level = set(connection.savepoint_ids)
    if not any(isinstance(hook[1], Added) and hook[0] <= level for hook in connection.run_on_commit):
        transaction.on_commit(Added())


def take_rows() -> list[Batch]:
    """What was written and not stated so far; it counts as stated from now on."""
    hooks, level = connection.run_on_commit, set(connection.savepoint_ids)
    if not any(isinstance(hook[1], Batch) for hook in hooks):
        return []
    done = {id(hook[1].batch) for hook in hooks if isinstance(hook[1], BatchTaken)}
    taken = [(hook[0], hook[1]) for hook in hooks if isinstance(hook[1], Batch) and id(hook[1]) not in done]
    # Batches of this savepoint can be removed. One from outside has to stay, since its event may yet be rolled back.
    own = {id(batch) for savepoints, batch in taken if savepoints >= level}
    connection.run_on_commit = [hook for hook in hooks if id(hook[1]) not in own]
    for _, batch in taken:
        if id(batch) not in own:
            transaction.on_commit(BatchTaken(batch))
    return [batch for _, batch in taken]


# -- who reports ---------------------------------------------------------------------------


class Reporting(models.QuerySet[_Row]):
    """A query that reports the rows it writes."""

    def update(self, **kwargs: Any) -> int:
        """As Django's, and report."""
        # Outside a transaction no event follows that could state the rows.
        if not connection.in_atomic_block or not _is_protected(self.model, kwargs):
            return super().update(**kwargs)
        # Read before the update, because afterwards the same condition may match other rows.
        keys = list(self.values_list("pk", flat=True))
        count = super().update(**kwargs)
        # Values that the database computes are not known here, so such rows are read again when they are stated.
        plain = not any(hasattr(value, "resolve_expression") for value in kwargs.values())
        values = {find_column(self.model, k).attname: getattr(v, "pk", v) for k, v in kwargs.items()}
        note_rows(self.model, {key: dict(values) if plain else None for key in keys})
        return count

    update.alters_data = True  # type: ignore[attr-defined]  # Django's mark: no template may call it

    def bulk_create(self, objs: Iterable[_Row], *args: Any, **kwargs: Any) -> list[_Row]:
        """As Django's, and report."""
        created = super().bulk_create(objs, *args, **kwargs)
        note_made(created, exact=not kwargs.get("update_conflicts"))
        return created


def note_made(rows: Iterable[models.Model], exact: bool = True) -> None:
    """Report new rows of one model.

    Args:
        rows: as they were written.
        exact: whether they hold what is in the database; a row that was there before may hold more.
    """
    rows = list(rows)
    if rows and connection.in_atomic_block and type(rows[0])._meta.label != RESULTS:
        note_rows(type(rows[0]), {row.pk: _make_values(row) if exact else None for row in rows})


def note_answers(model: type[models.Model], rows: Iterable[Values]) -> None:
    """Report new answers, whose keys are not known: the log finds an answer by its assessment and its question.

    Args:
        model: the record of an answer.
        rows: the values of all its columns but its key.
    """
    from scrutineer_web.audit.unprotected import name_row

    if connection.in_atomic_block:
        note_rows(model, {name_row(model, values): values for values in rows})


def _is_protected(model: type[models.Model], names: Iterable[str]) -> bool:
    from scrutineer_web.audit.unprotected import collect_columns

    known = collect_columns(model) if model._meta.label != RESULTS else {}
    return any(find_column(model, name).attname in known for name in names)


def _make_values(row: models.Model, names: Iterable[str] | None = None) -> Values:
    # A deferred field was not written, and reading it here would cost a query.
    deferred = row.get_deferred_fields()
    chosen = None if names is None else set(names)
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in deferred
        and (chosen is None or field.name in chosen or field.attname in chosen)
    }


def _note_saved(
    sender: Any, instance: models.Model, update_fields: Any = None, created: bool = False, **_: Any
) -> None:
    del created
    if update_fields is not None and not _is_protected(sender, update_fields):
        return
    values = _make_values(instance, update_fields)
    plain = not any(hasattr(value, "resolve_expression") for value in values.values())
    note_rows(sender, {instance.pk: values if plain else None})


def _note_deleted(sender: Any, instance: models.Model, **_: Any) -> None:
    note_rows(sender, {instance.pk: None})


def listen() -> None:
    """Listen to what is saved, in tables of the room and in those that are written for it."""
    from django.apps import apps
    from django.db.models.signals import post_delete, post_save

    from scrutineer_web.audit.unprotected import WRITTEN_BY_OTHERS, list_protected_models

    for model in list_protected_models():
        if model._meta.label == RESULTS:
            continue
        post_save.connect(_note_saved, sender=model, dispatch_uid=f"written {model._meta.label}")
    # The room retires its own rows. Only these tables lose rows in Django's own way.
    for label in WRITTEN_BY_OTHERS:
        post_delete.connect(_note_deleted, sender=apps.get_model(label), dispatch_uid=f"deleted {label}")
