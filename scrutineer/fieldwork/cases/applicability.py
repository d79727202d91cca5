"""Whether something applies to a case: the one evaluator of a framework's conditions.

Three-valued (Kleene 1938): a condition on something not yet known is itself not known, unless
the rest of it decides. "Not known" is never taken for "does not apply".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from scrutineer.frameworks.model import Bounds, Condition, Framework

Facts = Mapping[str, object]


def is_met(condition: Condition | None, facts: Facts) -> bool | None:
    """Whether a condition is true for a case.

    Args:
        condition: None always holds.
        facts: attributes, groups and earlier answers by name; None or absence means not known.

    Returns:
        True, False, or None if the facts known so far do not decide.
    """
    if condition is None:
        return True
    parts: list[bool | None] = [
        _evaluate_fact(expected, facts.get(name)) for name, expected in condition.facts.items()
    ]
    if condition.any:
        parts.append(_evaluate_any(is_met(inner, facts) for inner in condition.any))
    if condition.not_ is not None:
        inner = is_met(condition.not_, facts)
        parts.append(None if inner is None else not inner)
    return _evaluate_all(parts)


def _evaluate_fact(expected: object, value: object) -> bool | None:
    if value is None:
        return None
    if isinstance(expected, Bounds):
        return _is_within(expected, value)
    if isinstance(expected, tuple):
        return any(_is_same(choice, value) for choice in expected)
    return _is_same(expected, value)


def _is_same(expected: object, value: object) -> bool:
    return isinstance(expected, bool) == isinstance(value, bool) and expected == value


def _is_within(bounds: Bounds, value: object) -> bool | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    above = bounds.at_least is None or value >= bounds.at_least
    return above and (bounds.at_most is None or value <= bounds.at_most)


def _evaluate_all(parts: Iterable[bool | None]) -> bool | None:
    values = list(parts)
    if False in values:
        return False
    return None if None in values else True


def _evaluate_any(parts: Iterable[bool | None]) -> bool | None:
    values = list(parts)
    if True in values:
        return True
    return None if None in values else False


def add_groups(framework: Framework, facts: Facts) -> dict[str, object]:
    """The facts of a case, and whether it belongs to each group of the framework."""
    known = dict(facts)
    for group in framework.groups:
        known[group.key] = is_met(group.when, known)
    return known
