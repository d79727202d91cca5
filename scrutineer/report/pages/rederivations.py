"""Re-derivations of one inspection, counted and ready to be shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.proof.reading.printed_figures import Dataset, list_inspections
from scrutineer.scoring.rederive import Derivation, as_printed, rederive
from scrutineer.statistics.shares import format_interval


@dataclass(frozen=True)
class Rederivation:
    """All printed scores of one group of cases of one inspection."""

    area: str
    date: str
    framework: Framework
    group: str
    cases: int | None
    derivations: tuple[Derivation, ...]

    def count(self, level: str, verdict: str | None = None) -> int:
        """How many scores of a level are printed, or come out with a verdict."""
        return sum(d.level == level and verdict in {None, d.verdict} for d in self.derivations)

    def tally(self, level: str) -> str:
        """How many scores of a level come out, of how many printed; a dash where none is printed."""
        printed = self.count(level)
        return f"{self.count(level, 'consistent')} of {printed}" if printed else "–"

    @property
    def disproved(self) -> tuple[Derivation, ...]:
        """The scores that their parts cannot give."""
        return tuple(d for d in self.derivations if d.verdict == "inconsistent")

    def as_dict(self) -> dict[str, Any]:
        """The re-derivation as plain JSON values."""
        return {
            "area": self.area,
            "date": self.date,
            "framework": self.framework.id,
            "group": self.group,
            "cases": self.cases,
            "scores": [_describe_derivation(d) for d in self.derivations],
        }


def list_rederivations(dataset: Dataset, library: Library) -> Iterator[Rederivation]:
    """The re-derivations of every group of every inspection that prints a score."""
    for figures, _ in list_inspections(dataset):
        framework = library.load_framework(figures.framework)
        for group, printed in figures.groups.items():
            derivations = rederive(framework, figures.groups, group)
            if derivations:
                yield Rederivation(
                    area=dataset.area,
                    date=dataset.date,
                    framework=framework,
                    group=group,
                    cases=printed.cases,
                    derivations=tuple(derivations),
                )


def _describe_derivation(derivation: Derivation) -> dict[str, Any]:
    return {
        "level": derivation.level,
        "code": derivation.code,
        "title": derivation.title,
        "printed": str(derivation.printed),
        "line": derivation.printed.line,
        "verdict": derivation.verdict,
        "attainable": format_interval(derivation.attainable),
        "unprinted": list(derivation.unprinted),
        "needed": format_needed(derivation),
        "alternatives": [
            {"name": a.name, "printed": str(a.printed), "low": a.low, "high": a.high}
            for a in derivation.alternatives
        ],
    }


def format_needed(derivation: Derivation) -> str:
    """What the unprinted questions would have to be, in whole percentages; empty if nothing is missing."""
    if derivation.needed is None:
        return ""
    low, high = as_printed(derivation.needed)
    values = _format_range(low, high)
    mean = "a mean of " if len(derivation.unprinted) > 1 else ""
    return f"{derivation.note} would need {mean}{values}"


def explain_verdict(derivation: Derivation) -> str:
    """The verdict in a sentence."""
    if derivation.verdict == "consistent":
        return f"follows from its parts: {format_interval(derivation.attainable)}"
    if derivation.verdict == "not printed":
        return f"not recalculated: {derivation.note}"
    if derivation.verdict == "open":
        return format_needed(derivation) or derivation.note
    if derivation.needed is not None:
        return f"cannot be right: {format_needed(derivation)}"
    tried = "; or ".join(f"{a.name} {_format_range(a.low, a.high)}" for a in derivation.alternatives)
    return f"cannot be right: its parts give {format_interval(derivation.attainable)}" + (
        f". If only one figure is wrong, it should be {tried}" if tried else ""
    )


def _format_range(low: int, high: int) -> str:
    return f"{low}%" if low == high else f"{low}% to {high}%"
