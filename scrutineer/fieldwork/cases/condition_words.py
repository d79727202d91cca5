"""A framework's conditions in words, for forms, pages and messages."""

from __future__ import annotations

from collections.abc import Sequence

from scrutineer.fieldwork.cases.columns import collect_columns
from scrutineer.frameworks.conditions import AnswerCount, Bounds, Condition, Nearness
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.question_kinds import NO_EVIDENCE, NOT_APPLICABLE

_NAMED = 3
"""Questions of a test that are named; more are counted."""


def format_condition(framework: Framework, condition: Condition | None) -> str:
    """A condition in words: for whom a question is asked, or when a rule applies. Nothing where it always holds."""
    if condition is None:
        return ""
    parts = [_format_fact(framework, name, expected) for name, expected in condition.facts.items()]
    if condition.any:
        parts.append(" or ".join(format_condition(framework, inner) for inner in condition.any))
    if condition.not_ is not None:
        parts.append(f"not: {format_condition(framework, condition.not_)}")
    if condition.how_many is not None:
        parts.append(_format_count(framework, condition.how_many))
    return "; ".join(parts)


def format_label(code: str) -> str:
    """A code as people read it: `very_high` as Very high."""
    return code.replace("_", " ").capitalize()


def _format_fact(framework: Framework, name: str, expected: object) -> str:
    title = _find_title(framework, name).rstrip("?")
    if expected is True:
        return title[:1].upper() + title[1:]
    if expected is False:
        return f"not {title}"
    if isinstance(expected, Bounds):
        return f"{title}: {_format_bounds(expected)}"
    if isinstance(expected, Nearness):
        return f"{title}: {_format_nearness(framework, expected)}"
    choices = expected if isinstance(expected, tuple) else (expected,)
    return f"{title}: {' or '.join(_format_answer(framework, name, str(choice)) for choice in choices)}"


def _find_title(framework: Framework, name: str) -> str:
    titles = {g.key: g.title for g in framework.groups} | {
        c.key: c.title for c in collect_columns(framework).values()
    }
    return titles.get(name) or (framework.questions[name].text if name in framework.questions else name)


def _format_answer(framework: Framework, name: str, code: str) -> str:
    """An answer as its scale words it; a value of an attribute as people read it."""
    if name in framework.questions:
        for option in framework.scale_of[name].options:
            if option.code == code:
                return option.label.lower()
    return format_label(code).lower()


def _format_bounds(bounds: Bounds) -> str:
    words = {
        "at least": bounds.at_least,
        "at most": bounds.at_most,
        "on or after": bounds.on_or_after,
        "on or before": bounds.on_or_before,
    }
    return " and ".join(f"{word} {limit}" for word, limit in words.items() if limit is not None)


def _format_nearness(framework: Framework, nearness: Nearness) -> str:
    unit = nearness.unit.replace("_", " ")
    unit = unit.removesuffix("s") if nearness.within == 1 else unit
    side = "after" if nearness.after is not None else "before"
    if not nearness.within:
        return f"on the day of {_find_title(framework, nearness.other)}"
    return f"within {nearness.within} {unit} {side} {_find_title(framework, nearness.other)}"


def _format_count(framework: Framework, count: AnswerCount) -> str:
    parts = []
    if count.every:
        parts.append("every one that applies")
    if count.at_least is not None:
        parts.append(f"at least {count.at_least}")
    if count.at_most is not None:
        parts.append(f"at most {count.at_most}")
    named = [_find_title(framework, name).rstrip("?") for name in count.of]
    of = _list(named, "and") if len(named) <= _NAMED else f"{len(named)} questions"
    answered = _list([_format_counted(framework, count, code) for code in count.answered], "or")
    return f"{' and '.join(parts)} of {of} answered {answered}"


def _format_counted(framework: Framework, count: AnswerCount, code: str) -> str:
    if code in {NOT_APPLICABLE, NO_EVIDENCE}:
        return format_label(code).lower()
    first = next((name for name in count.of if name in framework.questions), "")
    return _format_answer(framework, first, code)


def _list(parts: Sequence[str], last: str) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"
