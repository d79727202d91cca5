"""A whole inspection as values: everything that its folder holds, read and checked."""

from __future__ import annotations

from dataclasses import dataclass

from scrutineer.fieldwork.cases.answers import Answers
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.sampling.record import SampleRecord
from scrutineer.frameworks.house import House
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.area import AreaProfile
from scrutineer.inspection.dates import Dates
from scrutineer.inspection.evidence import Evidence
from scrutineer.inspection.manifest import Manifest
from scrutineer.inspection.needs import Need
from scrutineer.inspection.people import People
from scrutineer.inspection.recommendations import Recommendations
from scrutineer.inspection.surveys import Surveys
from scrutineer.inspection.texts import Text
from scrutineer.scoring.comparison.read_results import ResultsFile


@dataclass(frozen=True)
class Cases:
    """The inspected cases with their answers."""

    caseload: Caseload
    answers: Answers


@dataclass(frozen=True)
class Element:
    """A thematic element.

    Attributes:
        cases: its own sample; None if it is inspected on part of the main sample.
    """

    framework: Framework
    house: House
    evidence: Evidence
    texts: dict[str, Text]
    cases: Cases | None = None


@dataclass(frozen=True)
class Inspection:
    """Everything that an inspection's folder holds.

    Attributes:
        where: the folder as a person would write it.
        cases: None while nothing is sampled or answered yet.
        record: of the sample.
        original: the results of the inspection that this one follows up.
        notes: what was skipped or left out of its tables, each sentence with its file.
    """

    where: str
    manifest: Manifest
    framework: Framework
    house: House
    area: AreaProfile
    people: People
    dates: Dates
    evidence: Evidence
    surveys: Surveys
    recommendations: Recommendations
    needs: tuple[Need, ...]
    texts: dict[str, Text]
    elements: tuple[Element, ...]
    cases: Cases | None = None
    record: SampleRecord | None = None
    original: ResultsFile | None = None
    notes: tuple[str, ...] = ()

    @property
    def synthetic(self) -> bool:
        """Whether it was made up."""
        return self.manifest.synthetic or (self.cases is not None and self.cases.caseload.synthetic)

    @property
    def population(self) -> int | None:
        """How many eligible cases the sample represents."""
        return self.manifest.population or (self.record.eligible if self.record else None)
