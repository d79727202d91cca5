"""`area.yaml`: the inspected area's profile and its performance against targets."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from scrutineer.frameworks.model import Framework, Key, Measure, Part, Sentence

Mark = Literal["met", "near miss", "missed"]


Value = Annotated[float, Field(ge=-1e9, le=1e9)]


class Fact(Part):
    """One fact about the area, with where it comes from."""

    text: Sentence
    source: Sentence


class Performance(Part):
    """How the area did on one measure; a benchmark always says of which period."""

    value: Value
    period: Sentence
    average: Value | None = None
    average_period: str = ""


class Area(Part):
    """What is known of the area beside its cases."""

    facts: tuple[Fact, ...] = ()
    performance: dict[Key, Performance] = Field(default_factory=dict)
    average_of: Sentence = "National average"


@dataclass(frozen=True)
class Marked:
    """One row of the table of targets: the measure, what was reached, and the mark of the one rule."""

    measure: Measure
    performance: Performance
    mark: Mark


def marked(framework: Framework, area: Area) -> tuple[Marked, ...]:
    """Every measure for which the area has a figure, in the framework's order."""
    near = framework.targets.near_miss_percent
    return tuple(
        Marked(m, area.performance[m.key], mark(m, area.performance[m.key].value, near))
        for m in framework.targets.measures
        if m.key in area.performance
    )


def mark(measure: Measure, value: float, near_miss_percent: int) -> Mark:
    """Whether a target was met, nearly met (within so many percent of the target) or missed.

    Decimals as written: 86.4 against a target of 90 is a near miss at 4 percent, since 90 × 0.96 = 86.4.
    """
    target, reached = Fraction(str(measure.target)), Fraction(str(value))
    short = target - reached if measure.better == "higher" else reached - target
    if short <= 0:
        return "met"
    return "near miss" if short <= abs(target) * near_miss_percent / 100 else "missed"
