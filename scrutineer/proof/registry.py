"""The rules, each under its id: one module of `list_rules`, one function, one docs page, one pair of examples."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from scrutineer.proof import rules as _rules
from scrutineer.proof.basis.context import Context
from scrutineer.proof.basis.finding import Finding

Check = Callable[[Context], Iterator[Finding]]


@dataclass(frozen=True)
class Rule:
    """One proof rule.

    Attributes:
        id: as findings name it: the module's name with hyphens.
        check: yields the findings in a report.
        needs_framework: whether the rule has nothing to say of a report of no known framework.
        title, text: the rule in a line, and in full, from the module's docstring.
    """

    id: str
    check: Check
    needs_framework: bool
    title: str
    text: str


@cache
def list_rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the alphabet."""
    rules = []
    for module_info in sorted(pkgutil.iter_modules(_rules.__path__), key=lambda m: m.name):
        module = importlib.import_module(f"{_rules.__name__}.{module_info.name}")
        title, _, text = (module.__doc__ or "").strip().partition("\n")
        name = module_info.name.replace("_", "-")
        rules.append(
            Rule(
                id=name,
                check=module.check,
                needs_framework=module.NEEDS_FRAMEWORK,
                title=title.rstrip("."),
                text=text.strip(),
            )
        )
    return tuple(rules)
