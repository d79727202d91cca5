"""What every rule may look at: the report as read, and its figures by framework."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.proof.reading.layout import list_pieces
from scrutineer.proof.reading.printed_figures import list_inspections, take_from_report
from scrutineer.proof.reading.report import Claim, PublishedReport, ReportPart
from scrutineer.scoring.figures import InspectionFigures
from scrutineer.scoring.rederive import Derivation, Level, rederive

# Characters. The time of some patterns grows with the square of a line's length.
_LONGEST = 3000


@dataclass
class Governed:
    """One part of the report with the framework that governs it and the figures that it prints."""

    part: ReportPart
    framework: Framework
    figures: InspectionFigures
    base: str

    @cached_property
    def derivations(self) -> dict[str, list[Derivation]]:
        """Every printed score re-derived, by group of cases."""
        return {group: rederive(self.framework, self.figures.groups, group) for group in self.figures.groups}


@dataclass
class Context:
    """A report under proof."""

    report: PublishedReport
    library: Library

    @cached_property
    def governed(self) -> list[Governed]:
        """The parts of the report that a framework governs, in order."""
        parts = [part for part in self.report.parts if part.framework]
        if not parts:
            return []
        figures = list_inspections(take_from_report(self.report, self.library))
        return [
            Governed(
                part=part, framework=self.library.load_framework(figure.framework), figures=figure, base=base
            )
            for part, (figure, base) in zip(parts, figures, strict=True)
        ]

    def find_disproved(self, level: Level) -> Iterator[tuple[Governed, str, Derivation]]:
        """Every score of a level that its parts cannot give, with its part of the report and group of cases."""
        for governed in self.governed:
            for group, derivations in governed.derivations.items():
                for derivation in derivations:
                    if derivation.level == level and derivation.verdict == "inconsistent":
                        yield governed, group, derivation

    def find_prose(self) -> list[tuple[int, str]]:
        """The lines that hold sentences: number and text, without tables, contents and glossary."""
        return self._prose

    @cached_property
    def _prose(self) -> list[tuple[int, str]]:
        skipped = {"contents", "glossary"}
        lines = enumerate(zip(self.report.clean, self.report.zones, strict=True), 1)
        prose = ((n, text) for n, (text, zone) in lines if text and zone not in skipped and "\t" not in text)
        return [(n, piece) for n, text in prose for piece in list_pieces(text, _LONGEST)]

    def share_claims(self) -> Iterator[Claim]:
        """Exact claims of a share, printed in figures."""
        for claim in self.report.claims:
            if (
                claim.kind in {"percentage", "fraction"}
                and claim.exact
                and (claim.kind == "percentage" or claim.denominator)
            ):
                yield claim

    def list_sizes(self, part: ReportPart) -> list[int]:
        """Every stated number of cases of a part; what the programme aims at is not among them."""
        return [sample.size for sample in part.samples if not sample.design]
