"""Tables of questions: the same questions about several things, which become ordinary questions before anything else sees them.

A table has rows (the things) and columns (the questions). Row `drugs` and column `progress` make the question
`drugs_progress`. Conditions and rules of a column name other columns of its own row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import Field, ValidationError

from scrutineer.frameworks.model import Question
from scrutineer.frameworks.parts import FrameworkPart, Key, Sentence
from scrutineer.frameworks.yaml_source import ContentSource, Place

ROW = "{row}"
"""In the text of a column, the place of the row's text; without it, the row's text stands before."""


class TableRow(FrameworkPart):
    """One of the things that a table of questions asks about."""

    key: Key
    text: Sentence


class QuestionTable(FrameworkPart):
    """The same questions about several things, in the place of a question: each row and column make one.

    Attributes:
        rows: what's asked about.
        columns: the questions. A condition that names another column looks at the same row. `{row}` in a text is replaced by
            the row's text.
    """

    rows: tuple[TableRow, ...] = Field(min_length=1)
    columns: tuple[Question, ...] = Field(min_length=1)


@dataclass(frozen=True)
class TableError(Exception):
    """A table that can't be read, with the place of the table in the file."""

    error: ValidationError
    place: Place


def expand_tables(source: ContentSource) -> ContentSource:
    """The content of a file with the questions of its tables in their place; every question keeps the line it's from.

    Raises:
        TableError: a table that can't be read.
    """
    places = list(_list_tables(source.value, ()))
    if not places:
        return source
    value, lines = source.value, dict(source.lines)
    # From the last table to the first, so that the places of those before stay right.
    for place in reversed(places):
        around, number = place[:-1], int(place[-1])
        questions = _look_up(value, around)
        table = questions[number]["table"]
        expanded = _expand(table, (*place, "table"))
        lines = _move_lines(lines, around, number, table)
        value = _put(value, around, [*questions[:number], *expanded, *questions[number + 1 :]])
    moved: Any = source
    whole: ContentSource = replace(moved, value=value, lines=lines)
    return whole


def _list_tables(value: Any, place: Place) -> Iterator[Place]:
    """The places of tables, in their order in the file."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "questions" and isinstance(inner, list):
                for number, question in enumerate(inner):
                    if isinstance(question, dict) and question.keys() == {"table"}:
                        yield (*place, name, number)
            else:
                yield from _list_tables(inner, (*place, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _list_tables(inner, (*place, number))


def _expand(table: Any, place: Place) -> list[dict[str, Any]]:
    try:
        checked = QuestionTable.model_validate(table)
    except ValidationError as error:
        raise TableError(error, place) from None
    columns = frozenset(column.key for column in checked.columns)
    return [_make_question(written, row, columns) for row in checked.rows for written in table["columns"]]


def _make_question(written: Mapping[str, Any], row: TableRow, columns: frozenset[str]) -> dict[str, Any]:
    text = str(written["text"])
    question = {
        **written,
        "key": f"{row.key}_{written['key']}",
        "text": text.replace(ROW, row.text) if ROW in text else f"{row.text}: {text}",
    }
    if written.get("when"):
        question["when"] = _name_row(written["when"], row.key, columns)
    if written.get("derived"):
        question["derived"] = [
            {**rule, "when": _name_row(rule["when"], row.key, columns)} if rule.get("when") else rule
            for rule in written["derived"]
        ]
    if written.get("from"):
        question["from"] = [f"{row.key}_{name}" for name in written["from"]]
    return question


def _name_row(condition: Mapping[str, Any], row: str, columns: frozenset[str]) -> dict[str, Any]:
    """A condition whose columns are those of one row."""

    def name(key: Any) -> Any:
        return f"{row}_{key}" if key in columns else key

    named: dict[str, Any] = {}
    for key, expected in condition.items():
        if key == "any":
            named[key] = [_name_row(inner, row, columns) for inner in expected]
        elif key == "not":
            named[key] = _name_row(expected, row, columns)
        elif key == "how_many":
            named[key] = {**expected, "of": [name(question) for question in expected["of"]]}
        elif isinstance(expected, dict):
            named[name(key)] = {
                part: name(other) if part in {"after", "before"} else other
                for part, other in expected.items()
            }
        else:
            named[name(key)] = expected
    return named


def _move_lines(lines: dict[Place, int], around: Place, number: int, table: Any) -> dict[Place, int]:
    """The lines of a list of questions in which one table has become its questions."""
    depth, columns = len(around), len(table["columns"])
    more = columns * len(table["rows"]) - 1
    moved: dict[Place, int] = {}
    for place, line in lines.items():
        inside = place[:depth] == around and len(place) > depth
        own = int(place[depth]) if inside else -1
        if own < number:
            moved[place] = line
        elif own > number:
            moved[(*around, own + more, *place[depth + 1 :])] = line
        elif place[depth + 1 : depth + 3] == ("table", "columns") and len(place) > depth + 3:
            for row in range(len(table["rows"])):
                question = number + row * columns + int(place[depth + 3])
                moved[(*around, question, *place[depth + 4 :])] = line
    return moved


def _look_up(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def _put(value: Any, place: Place, new: Any) -> Any:
    """The same values with others at one place; what was read stays as it is."""
    if not place:
        return new
    step, *rest = place
    if isinstance(value, list):
        return [_put(inner, tuple(rest), new) if n == step else inner for n, inner in enumerate(value)]
    return {key: _put(inner, tuple(rest), new) if key == step else inner for key, inner in value.items()}
