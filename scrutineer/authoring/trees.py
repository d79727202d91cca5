"""Conditions as rows: a row for each fact, and for each condition within another one that names it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scrutineer.authoring.cells import Cell, is_list, read_list, read_number, write_cell, write_list
from scrutineer.authoring.layout import Row
from scrutineer.frameworks.conditions import AnswerCount, Bounds, Condition, Nearness
from scrutineer.frameworks.model import Framework

SHEET = "Conditions"
HEADINGS = (
    "condition",
    "part",
    "fact",
    "value",
    "at least",
    "at most",
    "on or after",
    "on or before",
    "within",
    "unit",
    "after",
    "before",
    "place",
    "of",
    "answered",
    "every",
)
ANY, NOT, HOW_MANY = "any", "not", "how many"
PARTS = (ANY, NOT, HOW_MANY)
SAMPLE = "sample"


def list_named(framework: Framework) -> Iterator[tuple[str, Condition]]:
    """Every condition with the name by which its rows are called."""
    for key, question in framework.questions.items():
        if question.when is not None:
            yield f"question {key}", question.when
        for number, rule in enumerate(question.derived, 1):
            if rule.when is not None:
                yield f"rule {number} of {key}", rule.when
    for group in framework.groups:
        yield f"group {group.key}", group.when
    if framework.sample.only is not None:
        yield SAMPLE, framework.sample.only


def write_condition(name: str, condition: Condition) -> Iterator[dict[str, Cell]]:
    """The rows of one condition, and of those within it."""
    for fact, expected in condition.facts.items():
        yield {"condition": name, "fact": fact, **_write_test(expected)}
    if condition.how_many is not None:
        yield {"condition": name, "part": HOW_MANY, **_write_count(condition.how_many)}
    for number, inner in enumerate(condition.any, 1):
        own = f"{name}: choice {number}"
        yield {"condition": name, "part": ANY, "value": own}
        yield from write_condition(own, inner)
    if condition.not_ is not None:
        own = f"{name}: exception"
        yield {"condition": name, "part": NOT, "value": own}
        yield from write_condition(own, condition.not_)


def _write_test(expected: Any) -> dict[str, Cell]:
    if isinstance(expected, Bounds | Nearness):
        stated = expected.model_dump(exclude_defaults=True)
        return {name.replace("_", " "): write_cell(value) for name, value in stated.items()}
    return {"value": write_list(expected) if isinstance(expected, tuple) else _write_plain(expected)}


def _write_plain(value: Any) -> Cell:
    """One value; a text with a comma in quotes, so that it isn't read as a list."""
    if isinstance(value, str) and any(sign in value for sign in ',"'):
        escaped = value.replace('"', '""')
        return f'"{escaped}"'
    return write_cell(value)


def _write_count(count: AnswerCount) -> dict[str, Cell]:
    return {
        "of": write_list(count.of),
        "answered": write_list(count.answered),
        "at least": count.at_least,
        "at most": count.at_most,
        "every": write_cell(count.every) if count.every else None,
    }


Truths = frozenset[str]
"""The facts that are true or false; others are words or numbers."""


def read_conditions(
    rows: Sequence[Row], truths: Truths, numbers: frozenset[str]
) -> tuple[dict[str, dict[str, Any]], dict[tuple[str, str], int]]:
    """Every condition by its name as a file would hold it, without those that are only parts of others.

    Args:
        rows: of the sheet, in order.
        truths: attributes that are yes or no, and groups.
        numbers: attributes that are numbers.

    Returns:
        The conditions by name, and the place of the row of each fact.
    """
    by_name: dict[str, list[tuple[int, Row]]] = {}
    for place, row in enumerate(rows):
        by_name.setdefault(str(row.get("condition") or "").strip(), []).append((place, row))
    places: dict[tuple[str, str], int] = {}

    def build(name: str, around: frozenset[str]) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for place, row in by_name.get(name, ()):
            part = str(row.get("part") or "").strip().lower()
            fact = str(row.get("fact") or "").strip()
            places[name, fact or part] = place
            if part == HOW_MANY:
                content["how_many"] = _read_count(row)
            elif part in {ANY, NOT}:
                inner = str(row.get("value") or "").strip()
                # A condition within itself would never end; as a value of its own it's refused with a sentence.
                own: Any = inner if inner in around | {name} else build(inner, around | {name})
                if part == ANY:
                    content.setdefault("any", []).append(own)
                else:
                    content["not"] = own
            else:
                content[fact] = _read_test(row, fact in truths, fact in numbers)
        return content

    inner = {
        str(row.get("value") or "").strip()
        for row in rows
        if str(row.get("part") or "").strip().lower() in {ANY, NOT}
    }
    return {name: build(name, frozenset()) for name in by_name if name not in inner}, places


def _read_count(row: Row) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for heading in ("of", "answered"):
        if row.get(heading) is not None:
            content[heading] = read_list(str(row[heading]))
    for heading in ("at least", "at most"):
        if row.get(heading) is not None:
            content[heading.replace(" ", "_")] = read_number(row[heading])
    if str(row.get("every") or "").strip().lower() == "yes":
        content["every"] = True
    return content


_TESTS: Mapping[str, bool] = {
    "at least": True,
    "at most": True,
    "on or after": False,
    "on or before": False,
    "within": True,
    "unit": False,
    "after": False,
    "before": False,
    "place": False,
}
"""The columns of tests, and whether each is a number."""


def _read_test(row: Row, is_truth: bool, is_number: bool) -> Any:
    stated = {
        heading.replace(" ", "_"): read_number(row[heading]) if is_numeric else str(row[heading]).strip()
        for heading, is_numeric in _TESTS.items()
        if row.get(heading) is not None
    }
    if stated:
        return stated
    cell = row.get("value")
    text = str(cell).strip() if cell is not None else ""
    if is_list(text):
        return [_read_value(part, is_truth, is_number) for part in read_list(text)]
    if isinstance(cell, str):
        values = read_list(text)
        return _read_value(values[0] if values else "", is_truth, is_number)
    return _read_value(cell, is_truth, is_number)


def _read_value(cell: Cell, is_truth: bool, is_number: bool) -> Any:
    text = str(cell).strip().lower()
    if is_truth and text in {"yes", "no"}:
        return text == "yes"
    if is_number:
        return read_number(cell)
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
