"""Statements that are made once and run often: saving an answer would spend half its time making them again.

They do what a model's own `get`, `save(force_insert=True)` and `save(update_fields=…)` do; values go through its fields
all the same, but for plain words and numbers, which fields leave as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import CharField, Field, FloatField, ForeignKey, IntegerField, Model, TextField

Row = Mapping[str, tuple[type[Model], Sequence[str]]]
"""Models by the name that their table has in a statement, each with the fields that are needed, its key first."""

Convert = Callable[[Any], Any]


class Joined:
    """A statement that reads one row of several tables, as a model's row each.

    Args:
        row: what is read.
        source: the tables, joined, and which row; values as `%s`.
        held: the table whose row is held until the transaction is over, where the database holds rows; none where "".
    """

    def __init__(self, row: Row, source: str, held: str = ""):
        self._row, self._source, self._held = row, source, held
        self._made: dict[str, tuple[str, list[tuple[type[Model], list[str], list[Convert | None]]]]] = {}

    def get(self, *values: Any) -> list[Any] | None:
        """The row's models, None in the place of one that is joined to nothing; None where there is no such row.

        What was not read of a model is read when it is used.
        """
        if connection.vendor not in self._made:
            self._made[connection.vendor] = self._make()
        sql, parts = self._made[connection.vendor]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            row = cursor.fetchone()
        if row is None:
            return None
        rows_and_count, at = list[Any](), 0
        for model, names, converters in parts:
            converted = [c(v) if c else v for c, v in zip(converters, row[at:], strict=False)]
            at += len(names)
            rows_and_count.append(
                None if converted[0] is None else model.from_db(connection.alias, names, converted)
            )
        return rows_and_count

    def _make(self) -> tuple[str, list[tuple[type[Model], list[str], list[Convert | None]]]]:
        columns, parts = list[str](), []
        for table, (model, names) in self._row.items():
            # A model takes its fields in their own order.
            fields = sorted((find_column(model, name) for name in names), key=model._meta.fields.index)
            columns += [f'{table}."{field.column}"' for field in fields]
            parts.append((model, [field.attname for field in fields], [_find_converter(f) for f in fields]))
        hold = self._held and connection.features.has_select_for_update_of
        lock = f" FOR UPDATE OF {self._held}" if hold else ""
        return f"SELECT {', '.join(columns)} FROM {self._source}{lock}", parts  # noqa: S608 names of our own tables


def find_column(model: type[Model], name: str) -> Field[Any, Any]:
    """The field of a model that is a column of its table.

    Raises:
        TypeError: what has the name is another table's field that points here.
    """
    field = model._meta.get_field(name)
    if not isinstance(field, Field):
        raise TypeError(f"{model.__name__} has no column {name}")
    return field


def _find_converter(field: Field[Any, Any]) -> Convert | None:
    """What makes a field's value of what the database gives."""
    column = field.get_col(field.model._meta.db_table)
    steps = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
    if not steps:
        return None

    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, column, connection)
        return value

    return convert


def write(new: Model, changed: Model, names: tuple[str, ...]) -> None:
    """Write a new row, whose key is not known beforehand, and some fields of one that is there.

    Where the database takes both in one statement, it gets them so: on the way there and back most of the time goes.
    """
    add, fields = _insert(type(new))
    change, altered = _update(type(changed), names)
    first, second = _list_values(new, fields), [*_list_values(changed, altered), changed.pk]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"WITH added AS ({add}) {change}", [*first, *second])
        else:
            cursor.execute(add, first)
            cursor.execute(change, second)


def write_rows(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write many new rows of one model without making a record of each: in a fifth of the time of `bulk_create`.

    Args:
        model: of which table.
        rows: values by column ("assessment_id"); a column that is left out gets its field's default, the key its own.
    """
    if rows:
        sql, fields = _insert(model)
        columns = [(field, field.attname, field.get_default()) for field in fields]
        with connection.cursor() as cursor:
            cursor.executemany(
                sql,
                [
                    [_prepare_value(field, row.get(name, default)) for field, name, default in columns]
                    for row in rows
                ],
            )


def write_after(
    condition: str, values: Sequence[Any], new: Model, changed: Model, names: tuple[str, ...]
) -> bool:
    """Write as `write` does, in one statement that is a transaction of its own, if the statement before gives a row.

    Only where the database takes a statement within another one.

    Args:
        condition: a statement that writes and returns one row, or does nothing and returns none.
        values: of its marks.
        new, changed, names: as of `write`.

    Returns:
        whether anything was written.
    """
    add, fields = _insert(type(new))
    names_, _, marks = add.partition(" VALUES ")
    change, altered = _update(type(changed), names)
    set_, _, where = change.partition(" WHERE ")
    sql = f"""
        WITH first AS ({condition}), added AS ({names_} SELECT {marks.strip("()")} FROM first)
        {set_} FROM first WHERE {changed._meta.db_table}.{where}
    """  # noqa: S608 names of our own tables
    with connection.cursor() as cursor:
        cursor.execute(
            sql, [*values, *_list_values(new, fields), *_list_values(changed, altered), changed.pk]
        )
        return bool(cursor.rowcount)


def _list_values(row: Model, fields: Sequence[Field[Any, Any]]) -> list[Any]:
    return [_prepare_value(field, getattr(row, field.attname)) for field in fields]


_PLAIN = (CharField, TextField, IntegerField, FloatField, ForeignKey)
_AS_IT_IS = frozenset({str, int, float, type(None)})
"""What every database takes as it is from a field of words or numbers: nine tenths of what many rows hold."""


def _prepare_value(field: Field[Any, Any], value: Any) -> Any:
    if type(value) in _AS_IT_IS and isinstance(field, _PLAIN):
        return value
    return field.get_db_prep_save(value, connection)


@cache
def _insert(model: type[Model]) -> tuple[str, list[Field[Any, Any]]]:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    names = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks})", fields  # noqa: S608 names of our own tables


@cache
def _update(model: type[Model], names: tuple[str, ...]) -> tuple[str, list[Field[Any, Any]]]:
    fields = [find_column(model, name) for name in names]
    assignments = ", ".join(f'"{field.column}" = %s' for field in fields)
    return f"UPDATE {model._meta.db_table} SET {assignments} WHERE id = %s", fields  # noqa: S608 names of our own tables
