"""Surveys as an imported table: a row for each statement, with the survey's own details in the same row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.columns import Column
from scrutineer.fieldwork.cases.declared import Declared, read_declared
from scrutineer.inspection.surveys import Survey, SurveyItem, Surveys, find_faults
from scrutineer.tables.limits import GENERAL, Limits
from scrutineer.tables.names import normalise_name

COLUMNS = (
    Column("survey", "Survey", "text"),
    Column("of", "Of whom", "text"),
    Column(key="kind", title="Kind", kind="choice", options=("questionnaire", "interview")),
    Column(key="sent", title="Sent", kind="number", options=(), other_names=("asked",)),
    Column(key="returned", title="Returned", kind="number", options=(), other_names=("interviewed",)),
    Column("how", "How it was done", "text"),
    Column(key="statement", title="Statement", kind="text", options=(), other_names=("question", "text")),
    Column("agreed", "Agreed", "number"),
    Column("answered", "Answered", "number"),
)
"""A survey's own columns may be blank after its first row."""

_OWN = ("of", "kind", "sent", "returned", "how")
_COUNTS = ("sent", "returned", "agreed", "answered")

Row = Mapping[str, Any]
_NUMBER = "row"


def read_survey_table(path: Path, limits: Limits = GENERAL) -> tuple[tuple[Survey, ...], tuple[str, ...]]:
    """The surveys of a table with a row per statement: survey, of, kind, sent, returned, how, statement, agreed, answered.

    Args:
        path: the table.
        limits: the most that is read.

    Returns:
        The surveys in the order of their first rows, and what was skipped or left out.

    Raises:
        UserError: with every fault, each with its rows.
    """
    needed = ("survey", "sent", "returned")
    read = read_declared(path, COLUMNS, needed=("survey",), present=needed, limits=limits)
    rows: list[Row] = [
        {_NUMBER: number, **{c.key: read.values[c.key][n] for c in COLUMNS}}
        for n, number in enumerate(read.rows)
    ]
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        if row["survey"]:
            grouped.setdefault(normalise_name(row["survey"]), []).append(row)
    wrong = [*read.faults, *_find_no_counts(read, rows)]
    for of_one in grouped.values():
        wrong += [
            *_find_different(read, of_one),
            *_find_without(read, of_one),
            *_find_statements(read, of_one),
        ]
    if not grouped and not wrong:
        wrong.append(Fault(read.table.where, "the file has no surveys", "Add a row for each statement"))
    if wrong:
        raise UserError(wrong)
    surveys = tuple(_make_survey(key, of_one) for key, of_one in _key_rows(grouped))
    impossible = [
        read.table.make_fault(_list_rows(place, grouped), what, do)
        for place, what, do in find_faults(Surveys(surveys=surveys))
    ]
    if impossible:
        raise UserError(impossible)
    return surveys, read.notes


def make_key(text: str, taken: set[str]) -> str:
    """A unique key made from words, such as a statement's; figures in the report refer to it."""
    base = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:30].strip("_") or "item"
    base = base if base[0].isalpha() else f"x_{base}"
    key, n = base, 1
    while key in taken:
        n += 1
        key = f"{base}_{n}"
    return key


def _find_no_counts(read: Declared, rows: list[Row]) -> Iterator[Fault]:
    for name in _COUNTS:
        odd = [
            row[_NUMBER]
            for row in rows
            if row[name] is not None and (row[name] < 0 or row[name] != int(row[name]))
        ]
        if odd:
            yield read.table.make_fault(
                odd,
                f"'{read.headings[name]}' is not a whole number of people",
                "Enter a number of people, with no decimals",
            )
    nobody = [row[_NUMBER] for row in rows if row["sent"] == 0]
    if nobody:
        what = f"'{read.headings['sent']}' is 0"
        yield read.table.make_fault(nobody, what, "Enter how many people were asked, or remove the survey")


def _find_different(read: Declared, rows: list[Row]) -> Iterator[Fault]:
    """Rows of one survey that say different things of it."""
    for name in _OWN:
        said: dict[Any, int] = {}
        for row in rows:
            if row[name] is not None:
                said.setdefault(row[name], row[_NUMBER])
        if len(said) > 1:
            values = " and ".join(f"'{v:g}'" if isinstance(v, float) else f"'{v}'" for v in said)
            what = f"survey '{rows[0]['survey']}' has {values} as '{read.headings[name]}'"
            yield read.table.make_fault(list(said.values()), what, "Enter it once, or the same in each row")


def _find_without(read: Declared, rows: list[Row]) -> Iterator[Fault]:
    for name in ("sent", "returned"):
        if all(row[name] is None for row in rows):
            what = f"survey '{rows[0]['survey']}' has no number as '{name}'"
            yield read.table.make_fault([rows[0][_NUMBER]], what, "Enter it in the survey's first row")


def _find_statements(read: Declared, rows: list[Row]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for row in rows:
        if row["statement"] is None:
            if row["agreed"] is not None or row["answered"] is not None:
                yield read.table.make_fault(
                    [row[_NUMBER]], "there are answers but no statement", "Enter the statement"
                )
            continue
        if row["agreed"] is None:
            yield read.table.make_fault([row[_NUMBER]], "'agreed' is blank", "Enter how many agreed")
        name = normalise_name(row["statement"])
        if name in first:
            what = f"survey '{row['survey']}' has the statement '{row['statement']}' twice"
            yield read.table.make_fault([first[name], row[_NUMBER]], what, "Remove one of them")
        first[name] = row[_NUMBER]


def _key_rows(grouped: Mapping[str, list[Row]]) -> Iterator[tuple[str, list[Row]]]:
    taken: set[str] = set()
    for rows in grouped.values():
        key = make_key(rows[0]["survey"], taken)
        taken.add(key)
        yield key, rows


def _make_survey(key: str, rows: list[Row]) -> Survey:
    own: dict[str, Any] = {
        name: next((row[name] for row in rows if row[name] is not None), None) for name in _OWN
    }
    items: list[SurveyItem] = []
    for row in rows:
        if row["statement"] is not None:
            answered = None if row["answered"] is None else int(row["answered"])
            item_key = make_key(row["statement"], {item.key for item in items})
            items.append(
                SurveyItem(key=item_key, text=row["statement"], agreed=int(row["agreed"]), answered=answered)
            )
    return Survey(
        key=key,
        of=own["of"] or rows[0]["survey"],
        kind=own["kind"] or "questionnaire",
        sent=int(own["sent"]),
        returned=int(own["returned"]),
        how=own["how"] or "",
        items=tuple(items),
    )


def _list_rows(place: tuple[Any, ...], grouped: Mapping[str, list[Row]]) -> list[int]:
    """The rows to name for a fault of a survey or of one of its statements."""
    rows = list(grouped.values())[place[1]]
    if len(place) > 3:
        return [[row for row in rows if row["statement"] is not None][place[3]][_NUMBER]]
    return [rows[0][_NUMBER]]
