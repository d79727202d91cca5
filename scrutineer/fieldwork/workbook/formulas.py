"""A framework's conditions as spreadsheet formulas, three-valued like the evaluator they must agree with.

Each condition gives two formulas: one that is true where it surely holds, one where it surely does not.
Neither is where a cell it looks at is still blank and the rest does not decide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scrutineer.fieldwork.workbook.form import format_label
from scrutineer.frameworks.model import Bounds, Condition, Framework

Cell = Callable[[str], str | None]
"""The address of the cell that holds an attribute or an answer; None if there is none."""


@dataclass(frozen=True)
class Truths:
    """Formulas without their equals sign: when a condition is certainly true, and when it is certainly not."""

    holds: str
    fails: str


_ALWAYS, _NEVER, _OPEN = Truths("TRUE", "FALSE"), Truths("FALSE", "TRUE"), Truths("FALSE", "FALSE")


def make_truths(framework: Framework, condition: Condition | None, cell: Cell) -> Truths:
    """The formulas of a condition.

    Args:
        framework: gives the conditions of groups and the labels of answers.
        condition: None always holds.
        cell: where each attribute and answer is.
    """
    if condition is None:
        return _ALWAYS
    parts = [_make_fact_truths(framework, name, expected, cell) for name, expected in condition.facts.items()]
    if condition.any:
        inner = [make_truths(framework, alternative, cell) for alternative in condition.any]
        parts.append(Truths(_join("OR", [t.holds for t in inner]), _join("AND", [t.fails for t in inner])))
    if condition.not_ is not None:
        turned = make_truths(framework, condition.not_, cell)
        parts.append(Truths(turned.fails, turned.holds))
    return Truths(_join("AND", [t.holds for t in parts]), _join("OR", [t.fails for t in parts]))


def _join(word: str, formulas: list[str]) -> str:
    if not formulas:
        return "TRUE" if word == "AND" else "FALSE"
    return formulas[0] if len(formulas) == 1 else f"{word}({','.join(formulas)})"


def _make_fact_truths(framework: Framework, name: str, expected: object, cell: Cell) -> Truths:
    group = next((g for g in framework.groups if g.key == name), None)
    if group is not None:
        inner = make_truths(framework, group.when, cell)
        return inner if expected is True else Truths(inner.fails, inner.holds)
    place = cell(name)
    if place is None:
        return _OPEN
    match = _write_match(framework, name, expected, place)
    return Truths(f'AND({place}<>"",{match})', f'AND({place}<>"",NOT({match}))')


def _write_match(framework: Framework, name: str, expected: object, place: str) -> str:
    if isinstance(expected, Bounds):
        ends = [f"{place}>={expected.at_least}"] if expected.at_least is not None else []
        ends += [f"{place}<={expected.at_most}"] if expected.at_most is not None else []
        return _join("AND", [f"ISNUMBER({place})", *ends])
    values = expected if isinstance(expected, tuple) else (expected,)
    return _join("OR", [f"{place}={_write_literal(framework, name, value)}" for value in values])


def _write_literal(framework: Framework, name: str, value: object) -> str:
    """A value as the form shows it."""
    if isinstance(value, bool):
        return '"Yes"' if value else '"No"'
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if name in framework.questions:
        labels = {o.code: o.label for o in framework.scale_of[name].options}
        text = labels.get(text, format_label(text))
    elif any(a.key == name and a.kind == "choice" for a in framework.attributes):
        text = format_label(text)
    return '"' + text.replace('"', '""') + '"'
