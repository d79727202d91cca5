"""`area.yaml`: the inspected area's profile and its performance against targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field

from scrutineer.fieldwork.cases.columns import Column
from scrutineer.frameworks.model import Framework, Measure
from scrutineer.frameworks.parts import FrameworkPart, Key, Sentence
from scrutineer.frameworks.yaml_source import Place
from scrutineer.tables.limits import LARGEST

Mark = Literal["met", "near miss", "missed"]


Value = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]


class Fact(FrameworkPart):
    """A fact about the area, and its source."""

    text: Sentence
    source: Sentence


PERFORMANCE_COLUMNS = (
    Column(key="value", title="Value", kind="number", options=(), other_names=("performance",)),
    Column("period", "Period", "text"),
    Column(key="average", title="Average", kind="number", options=(), other_names=("national average",)),
    Column("average_period", "Period of the average", "text"),
)
"""What people give of each measure, the fields of `Performance`: columns of a table, fields of a form, keys of the file."""


class Performance(FrameworkPart):
    """How the area did on one measure. An average always needs its period."""

    value: Value
    period: Sentence
    average: Value | None = None
    average_period: str = ""


class AreaProfile(FrameworkPart):
    """What's known about the area, apart from its cases."""

    facts: tuple[Fact, ...] = ()
    performance: dict[Key, Performance] = Field(default_factory=dict)
    average_of: Sentence = "National average"


def list_faults(framework: Framework, area: AreaProfile) -> Iterator[tuple[Place, str, str]]:
    """Measures that the framework does not know, and values that no measure of its unit can have."""
    known = {m.key: m for m in framework.targets.measures}
    for key, performance in area.performance.items():
        measure = known.get(key)
        if measure is None:
            yield ("performance", key), f"there is no measure '{key}'", f"Choose from {', '.join(known)}"
            continue
        for problem in find_problems(measure, performance.model_dump()):
            yield ("performance", key, problem.column), f"'{measure.title}': {problem.what}", problem.do


@dataclass(frozen=True)
class PerformanceProblem:
    """What can't be of one measure: the key of its column, what is wrong, and what to do."""

    column: str
    what: str
    do: str


_IN_UNIT = tuple(column.key for column in PERFORMANCE_COLUMNS if column.kind == "number")
"""The columns that hold figures, each in the measure's own unit."""


def find_problems(measure: Measure, figures: Mapping[str, Any]) -> Iterator[PerformanceProblem]:
    """What can't be of one measure, whether it comes from a file, a table or a form.

    Args:
        measure: the framework's.
        figures: what was entered of it, by the keys of `PERFORMANCE_COLUMNS`.
    """
    for column in _IN_UNIT:
        value = figures.get(column)
        reason = "" if value is None else _explain_outside(measure, value)
        if reason:
            yield PerformanceProblem(column, f"{value:g} isn't possible: {reason}", "Correct the figure")
    if figures.get("average") is not None and not figures.get("average_period"):
        yield PerformanceProblem("average_period", "the average has no period", "Enter the period it covers")


def _explain_outside(measure: Measure, value: float) -> str:
    """Why a value cannot be one of a measure; empty if it can."""
    if value < 0:
        return "it can't be below zero"
    if measure.unit == "percent" and value > 100:
        return "a share is at most 100%"
    return ""


@dataclass(frozen=True)
class Marked:
    """One row of the table of targets: the measure, what was reached, and the mark of the one rule."""

    measure: Measure
    performance: Performance
    mark: Mark


def mark_performance(framework: Framework, area: AreaProfile) -> tuple[Marked, ...]:
    """Every measure for which the area has a figure, in the framework's order."""
    near = framework.targets.near_miss_percent
    return tuple(
        Marked(m, area.performance[m.key], mark(m, area.performance[m.key].value, near))
        for m in framework.targets.measures
        if m.key in area.performance
    )


def mark(measure: Measure, value: float, near_miss_percent: int) -> Mark:
    """Whether a target was met, nearly met (within a percentage of the target) or missed.

    Decimals as written: 86.4 against a target of 90 is a near miss at 4 percent, since 90 × 0.96 = 86.4.
    """
    target, reached = Fraction(str(measure.target)), Fraction(str(value))
    short = target - reached if measure.better == "higher" else reached - target
    if short <= 0:
        return "met"
    return "near miss" if short <= abs(target) * near_miss_percent / 100 else "missed"
