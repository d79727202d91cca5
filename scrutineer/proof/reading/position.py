"""The reader's position in a report, from line to line."""

from __future__ import annotations

from dataclasses import dataclass, field

from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.reading_hints import Reading
from scrutineer.proof.reading.headings import Headings
from scrutineer.proof.reading.report import FindingKind, PrintedFinding, ReportCriterion, ReportPart


@dataclass
class ReadingPosition:
    """The reader's position in the report."""

    zone: str = "front"
    part: ReportPart | None = None
    framework: Framework | None = None
    reading: Reading | None = None
    criterion: ReportCriterion | None = None
    kind: FindingKind | None = None
    before: FindingKind | None = None
    described: bool = False
    awaits_description: bool = False
    improved: bool = False
    awaits_value: bool = False
    valued: bool = False
    bare_code: str | None = None
    finding: PrintedFinding | None = None
    headings: Headings = field(default_factory=Headings)
    headed: set[str] = field(default_factory=set)
    rows: set[str] = field(default_factory=set)
    criterion_at: list[str | None] = field(default_factory=list)
    part_at: list[int] = field(default_factory=list)
