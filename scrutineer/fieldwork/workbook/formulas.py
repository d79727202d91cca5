"""A framework's conditions and rules as spreadsheet formulas, three-valued like the evaluator they must agree with.

Each condition gives two formulas: one that is true where it surely holds, one where it surely does not.
Neither is where a cell it looks at is still blank and the rest does not decide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from scrutineer.fieldwork.cases.condition_words import format_label
from scrutineer.fieldwork.workbook.form import NOT_APPLICABLE_LABEL
from scrutineer.frameworks.conditions import AnswerCount, Bounds, Condition, Nearness
from scrutineer.frameworks.model import Framework, Question
from scrutineer.frameworks.question_kinds import NOT_APPLICABLE

Cell = Callable[[str], str | None]
"""The address of the cell that holds an attribute or an answer; None if there is none."""

_LONGEST = 8_000
"""Spreadsheets take formulas of up to 8,192 characters."""


@dataclass(frozen=True)
class Truths:
    """Formulas without their equals sign: when a condition is certainly true, and when it is certainly not."""

    holds: str
    fails: str


_ALWAYS, _NEVER, _OPEN = Truths("TRUE", "FALSE"), Truths("FALSE", "TRUE"), Truths("FALSE", "FALSE")


def make_truths(framework: Framework, condition: Condition | None, cell: Cell) -> Truths:
    """The formulas of a condition.

    A test on working days stays open: spreadsheets don't know the public holidays.

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
    if condition.how_many is not None:
        parts.append(_make_count_truths(framework, condition.how_many, cell))
    return Truths(_join("AND", [t.holds for t in parts]), _join("OR", [t.fails for t in parts]))


def make_answer_formula(framework: Framework, question: Question, cell: Cell) -> str:
    """The formula of an answer that follows from others, as the form shows it; empty if it would be too long.

    A rule that may still come to apply leaves the cell blank, and so does one that the spreadsheet can't decide.
    """
    labels = {option.code: option.label for option in framework.scale_of[question.key].options}
    formula = '""'
    for rule in reversed(question.derived):
        truths = make_truths(framework, rule.when, cell)
        answer = _quote(labels.get(rule.answer, format_label(rule.answer)))
        rest = formula if truths.fails == "TRUE" else f'IF({truths.fails},{formula},"")'
        formula = answer if truths.holds == "TRUE" else f"IF({truths.holds},{answer},{rest})"
    if question.when is not None:
        applies = make_truths(framework, question.when, cell)
        formula = f'IF({applies.fails},{_quote(NOT_APPLICABLE_LABEL)},IF({applies.holds},{formula},""))'
    return f"={formula}" if len(formula) <= _LONGEST else ""


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
    decided = f'{place}<>""'
    if isinstance(expected, Nearness):
        other = cell(expected.other)
        if other is None or expected.unit == "working_days":
            return _OPEN
        decided = f"AND(ISNUMBER({_read_day(place)}),ISNUMBER({_read_day(other)}))"
        # Every part of AND is worked out, so a blank date would make an error of the whole.
        match = f"IFERROR({_write_near(expected, _read_day(place), _read_day(other))},FALSE)"
    else:
        match = _write_match(framework, name, expected, place)
    truths = Truths(f"AND({decided},{match})", f"AND({decided},NOT({match}))")
    never = _write_never(framework, name, cell)
    return truths if never == "FALSE" else _set_aside(truths, expected, never)


def _set_aside(truths: Truths, expected: object, never: str) -> Truths:
    """A question that surely doesn't apply is known, whatever its cell holds."""
    wanted = expected if isinstance(expected, tuple) else (expected,)
    if NOT_APPLICABLE in wanted:
        return Truths(f"OR({never},{truths.holds})", f"AND(NOT({never}),{truths.fails})")
    return Truths(f"AND(NOT({never}),{truths.holds})", f"OR({never},{truths.fails})")


def _write_never(framework: Framework, name: str, cell: Cell) -> str:
    """When a question surely doesn't apply."""
    question = framework.questions.get(name)
    if question is None or question.when is None or question.derived:
        return "FALSE"
    return make_truths(framework, question.when, cell).fails


def _make_count_truths(framework: Framework, count: AnswerCount, cell: Cell) -> Truths:
    matched, unknown, others = [], [], []
    for name in count.of:
        place = cell(name)
        if place is None:
            unknown.append("1")
            continue
        never = _write_never(framework, name, cell)
        hit = "+".join(f"({place}={_write_literal(framework, name, answer)})" for answer in count.answered)
        other = f'({place}<>"")*({place}<>{_quote(NOT_APPLICABLE_LABEL)})*(1-({hit}))'
        blank = f'({place}="")'
        if never == "FALSE":
            matched.append(hit)
            unknown.append(blank)
            others.append(other)
            continue
        own = f"NOT({never})"
        matched.append(f"({hit})*{own}")
        if NOT_APPLICABLE in count.answered:
            matched.append(f"({never})*1")
        unknown.append(f"{blank}*{own}")
        others.append(f"{other}*{own}")
    yes, open_, no = ("+".join(parts) or "0" for parts in (matched, unknown, others))
    parts = []
    if count.at_least is not None:
        parts.append(Truths(f"{yes}>={count.at_least}", f"{yes}+{open_}<{count.at_least}"))
    if count.at_most is not None:
        parts.append(Truths(f"{yes}+{open_}<={count.at_most}", f"{yes}>{count.at_most}"))
    if count.every:
        parts.append(Truths(f"AND({yes}>0,{no}=0,{open_}=0)", f"OR({no}>0,{yes}+{open_}=0)"))
    return Truths(_join("AND", [t.holds for t in parts]), _join("OR", [t.fails for t in parts]))


def _write_match(framework: Framework, name: str, expected: object, place: str) -> str:
    if isinstance(expected, Bounds):
        ends = [f"{place}>={expected.at_least}"] if expected.at_least is not None else []
        ends += [f"{place}<={expected.at_most}"] if expected.at_most is not None else []
        day = _read_day(place)
        days = [f"{day}>={_write_day(expected.on_or_after)}"] if expected.on_or_after else []
        days += [f"{day}<={_write_day(expected.on_or_before)}"] if expected.on_or_before else []
        return _join("AND", [f"ISNUMBER({day if days else place})", *ends, *days])
    values = expected if isinstance(expected, tuple) else (expected,)
    return _join("OR", [f"{place}={_write_literal(framework, name, value)}" for value in values])


def _read_day(place: str) -> str:
    """A cell as a day number: dates that the caseload gave are texts such as 2006-03-31."""
    return f'IF(ISNUMBER({place}),{place},IFERROR(DATEVALUE({place}),""))'


def _write_day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"DATE({day.year},{day.month},{day.day})"


def _write_near(nearness: Nearness, day: str, start: str) -> str:
    number = nearness.within if nearness.after is not None else -nearness.within
    days = number * 7 if nearness.unit == "weeks" else number
    end = f"EDATE({start},{number})" if nearness.unit == "months" else f"{start}+{days}"
    return (
        f"AND({day}>={start},{day}<={end})"
        if nearness.after is not None
        else f"AND({day}<={start},{day}>={end})"
    )


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
    return _quote(text)


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
