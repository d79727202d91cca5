"""A framework as tables, and tables as the content of a framework file, each value with the cell that it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scrutineer.authoring import methods, settings_rows, trees
from scrutineer.authoring.cells import Cell, read_cell
from scrutineer.authoring.layout import SHEETS, Row, Sheet, write_row
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.yaml_source import Place

Tables = Mapping[str, Sequence[Row]]
"""Rows by sheet; each is its cells by heading."""

WORDS, AWARDS = "Words", "Points for ratings"


def list_headings() -> dict[str, tuple[str, ...]]:
    """The columns of every sheet, in the order of the workbook."""
    sheets: dict[str, tuple[str, ...]] = {settings_rows.SHEET: settings_rows.HEADINGS}
    sheets |= {sheet.name: sheet.headings for sheet in SHEETS}
    sheets |= {trees.SHEET: trees.HEADINGS, **methods.SHEETS}
    return {**sheets, AWARDS: ("rating", "points"), WORDS: ("word", "text")}


def make_tables(framework: Framework) -> dict[str, list[dict[str, Cell]]]:
    """Everything that a framework says, by sheet."""
    tables: dict[str, list[dict[str, Cell]]] = {
        settings_rows.SHEET: list(settings_rows.write_settings(framework))
    }
    for sheet in SHEETS:
        tables[sheet.name] = [write_row(sheet, entry) for entry in sheet.entries(framework)]
    tables[trees.SHEET] = [
        row
        for name, condition in trees.list_named(framework)
        for row in trees.write_condition(name, condition)
    ]
    tables |= methods.write_methods(framework)
    points = framework.scoring.points
    tables[AWARDS] = [{"rating": r, "points": p} for r, p in (points.awards if points else {}).items()]
    tables[WORDS] = [{"word": word, "text": text} for word, text in framework.words.items()]
    return tables


@dataclass
class ReadTables:
    """Tables as a framework file would hold them.

    Attributes:
        content: the values.
        cells: for each place in them, the sheet, the number of the row (from 0) and the heading; empty for a whole row.
        faults: rows that belong nowhere: sheet, number of the row, heading, and what is wrong.
    """

    content: dict[str, Any] = field(default_factory=dict)
    cells: dict[Place, tuple[str, int, str]] = field(default_factory=dict)
    faults: list[tuple[str, int, str, str]] = field(default_factory=list)


def read_tables(tables: Tables) -> ReadTables:
    """The content of a framework file that tables hold."""
    read = ReadTables()
    _read_settings(read, tables.get(settings_rows.SHEET, ()))
    for sheet in SHEETS:
        for number, row in enumerate(tables.get(sheet.name, ())):
            _read_row(read, sheet, number, row)
    for number, row in enumerate(tables.get(AWARDS, ())):
        place = ("scoring", "points", "awards", str(row.get("rating") or ""))
        _put(read, place, row.get("points"), (AWARDS, number, "points"))
    for number, row in enumerate(tables.get(WORDS, ())):
        _put(read, ("words", str(row.get("word") or "")), str(row.get("text") or ""), (WORDS, number, "text"))
    _add_conditions(read, tables)
    _add_methods(read, tables)
    return read


def _read_settings(read: ReadTables, rows: Sequence[Row]) -> None:
    known = settings_rows.list_settings()
    for number, row in enumerate(rows):
        name, cell = str(row.get("setting") or "").strip(), row.get("value")
        if name not in known:
            read.faults.append((settings_rows.SHEET, number, "setting", f"there is no setting '{name}'"))
        elif cell is not None:
            place = tuple(name.split("."))
            _put(read, place, read_cell(cell, known[name]), (settings_rows.SHEET, number, "value"))


def _read_row(read: ReadTables, sheet: Sheet, number: int, row: Row) -> None:
    where = _find_parent(read, sheet, number, row)
    if where is None:
        return
    content, place = where
    for step in sheet.path[:-1]:
        content, place = content.setdefault(step, {}), (*place, step)
    entries = content.setdefault(sheet.path[-1], [])
    place = (*place, sheet.path[-1], len(entries))
    values: dict[str, Any] = {}
    read.cells[place] = (sheet.name, number, "")
    for heading, name in sheet.fields.items():
        cell = row.get(heading)
        if cell is not None:
            key = sheet.model.model_fields[name].alias or name
            values[key] = read_cell(cell, sheet.model.model_fields[name])
            read.cells[(*place, key)] = (sheet.name, number, heading)
    entries.append(values)


def _find_parent(
    read: ReadTables, sheet: Sheet, number: int, row: Row
) -> tuple[dict[str, Any], Place] | None:
    """The part that a row belongs to, and its place; None, with a fault, where there is none."""
    content: dict[str, Any] = read.content
    place: Place = ()
    for heading, path, name in sheet.parents:
        named = str(row.get(heading) if row.get(heading) is not None else "").strip()
        entries: Any = content
        for step in path:
            entries = entries.get(step, {}) if isinstance(entries, dict) else {}
        position = next(
            (n for n, e in enumerate(entries or ()) if isinstance(e, dict) and str(e.get(name)) == named),
            None,
        )
        if position is None:
            read.faults.append((sheet.name, number, heading, f"there is no {heading} '{named}'"))
            return None
        content, place = entries[position], (*place, *path, position)
    return content, place


def _put(read: ReadTables, place: Place, value: Any, cell: tuple[str, int, str]) -> None:
    content: Any = read.content
    for step in place[:-1]:
        content = content.setdefault(step, {})
    content[place[-1]] = value
    read.cells[place] = cell


def _list_questions(content: dict[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    for s, section in enumerate(content.get("sections", ())):
        for c, criterion in enumerate(section.get("criteria", ())):
            for q, question in enumerate(criterion.get("questions", ())):
                yield ("sections", s, "criteria", c, "questions", q), question


def _add_conditions(read: ReadTables, tables: Tables) -> None:
    """Put conditions where they belong: with their question, rule or group, or with the sample."""
    attributes = read.content.get("attributes", ())
    truths = {str(a.get("key")) for a in attributes if a.get("kind") == "yes_no"}
    truths |= {str(g.get("key")) for g in read.content.get("groups", ())}
    numbers = {str(a.get("key")) for a in attributes if a.get("kind") == "number"}
    rows = tables.get(trees.SHEET, ())
    conditions, places = trees.read_conditions(rows, frozenset(truths), frozenset(numbers))
    owners: dict[str, tuple[Place, dict[str, Any], str]] = {}
    for place, question in _list_questions(read.content):
        key = question.get("key")
        owners[f"question {key}"] = ((*place, "when"), question, "when")
        for n, rule in enumerate(question.get("derived", ())):
            owners[f"rule {n + 1} of {key}"] = ((*place, "derived", n, "when"), rule, "when")
    for n, group in enumerate(read.content.get("groups", ())):
        owners[f"group {group.get('key')}"] = (("groups", n, "when"), group, "when")
    if trees.SAMPLE in conditions:
        owners[trees.SAMPLE] = (("sample", "only"), read.content.setdefault("sample", {}), "only")
    for name, condition in conditions.items():
        first = next(place for (owner, _), place in places.items() if owner == name)
        if name not in owners:
            what = f"there is nothing called '{name}' that has a condition"
            read.faults.append((trees.SHEET, first, "condition", what))
            continue
        place, content, key = owners[name]
        content[key] = condition
        read.cells[place] = (trees.SHEET, first, "")
        for (owner, fact), row in places.items():
            if owner == name:
                read.cells[(*place, fact.replace(" ", "_"))] = (trees.SHEET, row, "fact")


def _add_methods(read: ReadTables, tables: Tables) -> None:
    """Put methods of rating where they belong: to a level, or to one criterion or section."""
    rows = tables.get(methods.METHODS, ())
    first = {str(row.get("rated") or "").strip(): n for n, row in reversed(list(enumerate(rows)))}
    parts: dict[str, tuple[Place, dict[str, Any]]] = {}
    for s, section in enumerate(read.content.get("sections", ())):
        parts[f"section {section.get('code')}"] = (("sections", s), section)
        for c, criterion in enumerate(section.get("criteria", ())):
            parts[f"criterion {criterion.get('code')}"] = (("sections", s, "criteria", c), criterion)
    for name, method in methods.read_methods(tables).items():
        if name in {"criteria", "sections", "overall"}:
            place: Place = ("rated", name)
            read.content.setdefault("rated", {})[name] = method
        elif name in parts:
            place = (*parts[name][0], "rated")
            parts[name][1]["rated"] = method
        else:
            read.faults.append(
                (methods.METHODS, first.get(name, 0), "rated", f"there is nothing called '{name}'")
            )
            continue
        read.cells[place] = (methods.METHODS, first.get(name, 0), "")
