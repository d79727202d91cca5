"""What a published report says, as plain values: the reader fills these, everything else reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ClaimKind = Literal["percentage", "fraction", "count", "rating", "score"]
FindingKind = Literal["strength", "area_for_improvement", "good_practice", "conclusion", "text"]
Polarity = Literal["above", "below"]
Level = Literal["criterion", "section", "overall", "thread"]
TableKind = Literal["targets", "issues", "quality_ratings"]


@dataclass(slots=True)
class Claim:
    """One quantity that a report states.

    Attributes:
        line: from 1; `start` and `end` are the quantity's place in the line as cleaned.
        quote: the quantity as printed; `sentence` is the sentence around it.
        value: in percent for shares and scores, the number itself for counts.
        numerator, denominator: where a count of a whole is stated.
        framework: the framework that this part of the report follows.
        question: the key of the question that it answers, where the words say so.
        group: the group of cases that it is about.
        polarity: whether it counts work above or below the line.
        tail: what follows it in its sentence, as far as a noun phrase can reach.
        exact: False for bounds, ranges, targets, "about" and parts in words, which disprove nothing.
    """

    line: int
    quote: str
    kind: ClaimKind
    value: float | None = None
    numerator: int | None = None
    denominator: int | None = None
    framework: str | None = None
    criterion: str | None = None
    question: str | None = None
    group: str = "all"
    polarity: Polarity = "above"
    sentence: str = ""
    tail: str = ""
    start: int = 0
    end: int = 0
    zone: str = ""
    exact: bool = True
    rating: str | None = None
    section: str | None = None

    @property
    def above(self) -> float | None:
        """The share above the line in percent, whichever way it was stated."""
        if self.value is None or self.kind == "count":
            return None
        return self.value if self.polarity == "above" else 100 - self.value


@dataclass(slots=True)
class PrintedFinding:
    """A strength, area for improvement, good practice example or conclusion, with its label if it has one."""

    kind: FindingKind
    line: int
    text: str
    label: str = ""


@dataclass(slots=True)
class ListedCriterion:
    """A criterion as one list of the report names it: contents, scoring sheet, approach or body."""

    where: str
    code: str
    title: str
    line: int


@dataclass(slots=True)
class ReportCriterion:
    """A criterion as the report treats it; scores and ratings with their lines."""

    code: str
    title: str
    line: int
    recovered: bool = False
    findings: list[PrintedFinding] = field(default_factory=list)


@dataclass(slots=True)
class PrintedValue:
    """A score or rating printed in one place of the report."""

    level: Level
    code: str
    group: str
    line: int
    where: str
    percent: int | None = None
    rating: str | None = None
    quote: str = ""


@dataclass(slots=True)
class SampleSize:
    """A statement of how many cases were inspected; `design` where it is what the programme aims at."""

    group: str
    size: int
    line: int
    quote: str
    design: bool = False


@dataclass(slots=True)
class TableRow:
    """One row of a table: its label and its other cells."""

    label: str
    cells: list[str]
    line: int


@dataclass(slots=True)
class PrintedTable:
    """A table of the report, by what it is about; `header` holds the column titles after the label's."""

    kind: TableKind
    title: str
    line: int
    header: list[str]
    rows: list[TableRow] = field(default_factory=list)
    notes: list[TableRow] = field(default_factory=list)


@dataclass(slots=True)
class ReportPart:
    """The part of a report that one framework governs: the main report, or a thematic element's annex."""

    framework: str | None
    title: str
    line: int
    criteria: dict[str, ReportCriterion] = field(default_factory=dict)
    values: list[PrintedValue] = field(default_factory=list)
    samples: list[SampleSize] = field(default_factory=list)
    recommendations: list[PrintedFinding] = field(default_factory=list)


@dataclass(slots=True)
class Term:
    """An entry of the report's glossary."""

    abbreviation: str
    meaning: str
    line: int


@dataclass(slots=True)
class PublishedReport:
    """A whole published report.

    `lines` are as read, `clean` the same without marks of layout, `zones` what part of the
    report each line belongs to. `unknown` says why no framework was recognised, if none was.
    """

    file: str
    lines: list[str]
    clean: list[str]
    zones: list[str]
    framework: str | None
    area: str | None = None
    date: str | None = None
    parts: list[ReportPart] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    pairs: list[tuple[Claim, Claim]] = field(default_factory=list)
    probable_pairs: list[tuple[Claim, Claim]] = field(default_factory=list)
    tables: list[PrintedTable] = field(default_factory=list)
    glossary: list[Term] = field(default_factory=list)
    listed: list[ListedCriterion] = field(default_factory=list)

    @property
    def main(self) -> ReportPart:
        """The main part."""
        return self.parts[0]

    def find_part(self, line: int) -> ReportPart:
        """The part that a line stands in: the one that began last."""
        return [part for part in self.parts if part.line <= line][-1]
