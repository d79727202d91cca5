"""What the API takes and gives."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from scrutineer_web.records import text_lengths
from scrutineer_web.records.outcome import Outcome
from scrutineer_web.records.programme import PlannedInspection, Programme
from scrutineer_web.records.result import Result

Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
Text = Annotated[str, Field(max_length=text_lengths.NOTE, pattern=r"^[^\x00]*$")]


class FaultOut(Schema):
    """One thing wrong: where, what, and what to do."""

    where: str
    what: str
    do: str


class FaultsOut(Schema):
    """Everything that is wrong with a call."""

    faults: list[FaultOut]


class InspectionOut(Schema):
    """An inspection."""

    id: int
    area: str
    framework: str
    version: str
    hash: str
    phase: str
    synthetic: bool


class PersonOut(Schema):
    """Somebody who takes part."""

    id: int
    name: str
    role: str
    team: str


class CaseOut(Schema):
    """A case of the sample."""

    id: int
    reference: str
    state: str
    office: str
    team: str
    manager: str
    particulars: dict[str, Any]
    assessments: list[int]


class CasesOut(Schema):
    """A page of cases."""

    total: int
    cases: list[CaseOut]


class AnswerOut(Schema):
    """An answer as it is now."""

    question: str
    value: str | None
    from_file: str
    from_manager: str
    from_offender: str
    note: str
    rev: int
    saved_at: datetime


class ReadingOut(Schema):
    """An assessment with its answers, and which questions apply (null where it isn't known yet)."""

    id: int
    case: str
    assessment: int
    assessor: str | None
    state: str
    framework: str
    asked: int
    answered: int
    applies: dict[str, bool | None]
    answers: list[AnswerOut]


class AnswerIn(Schema):
    """An answer to save.

    `base` is the revision that it is based on, 0 where there was none; `uid` is made by the sender and the same for
    every attempt. `instead_of` names earlier attempts of which the sender does not know what came. `room` is the room's
    number when that revision was seen, and `case` the case's own: after the room was restored from a backup they say
    whether the answer belongs to its history.
    """

    value: Annotated[str, Field(max_length=text_lengths.VALUE, pattern=r"^[^\x00]*$")] | None
    base: Annotated[int, Field(ge=0, le=2**31 - 1)]
    uid: UUID
    from_file: Text = ""
    from_manager: Text = ""
    from_offender: Text = ""
    note: Text = ""
    instead_of: Annotated[tuple[UUID, ...], Field(max_length=20)] = ()
    room: UUID | None = None
    case: Annotated[str, Field(max_length=64, pattern=r"^[0-9a-f]*$")] = ""
    device: Annotated[str, Field(max_length=60, pattern=r"^[^\x00]*$")] = ""
    device_at: Annotated[str, Field(max_length=40, pattern=r"^[^\x00]*$")] = ""


class TallyOut(Schema):
    """One criterion of the case: answers above the line, of relevant ones."""

    above: int
    relevant: int


class SavedOut(Schema):
    """What is saved now, and the case's own score so far by criterion."""

    rev: int
    state: str
    phase: str
    asked: int
    answered: int
    room: UUID | None
    criteria: dict[str, TallyOut]


class ConflictOut(Schema):
    """Another answer was saved before: both are kept until somebody chooses."""

    conflict: int
    rev: int
    room: UUID | None
    closed: bool
    standing: dict[str, Any] | None


class Choice(Schema):
    """Whether the later answer replaces the current one."""

    take: bool


class SettledOut(Schema):
    """The current revision."""

    rev: int
    room: UUID | None


class DeviceIn(Schema):
    """What a device calls itself."""

    name: Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")] = ""


class DeviceKey(Schema):
    """The key of what a device keeps, and for how many seconds it may hold it."""

    key: str
    seconds: int


class Heard(Schema):
    """Answers not sent yet, by assessment."""

    unsent: Annotated[dict[Number, Annotated[int, Field(ge=0, le=100_000)]], Field(max_length=2000)]


class HeardOut(Schema):
    """How many answers the device has not sent, and the room's number: it is another one once the room was restored."""

    unsent: int
    room: UUID | None


class EventOut(Schema):
    """One event of the audit log."""

    chain: str
    number: int
    kind: str
    happened_at: datetime
    actor: str
    details: dict[str, Any]
    previous: str
    hash: str


class TextOut(Schema):
    """A text of the report."""

    path: str
    content: str
    rev: int
    saved_at: datetime


class IssueOut(Schema):
    """A report that was made."""

    id: int
    kind: str
    number: int
    state: str
    formats: list[str]
    stamp: dict[str, str]
    notice: str
    made_at: datetime | None
    approved_at: datetime | None
    published_at: datetime | None


class FrameworkOut(Schema):
    """A version of a framework."""

    id: int
    framework: str
    version: str
    title: str
    kind: str
    hash: str


class ProgrammeOut(Schema):
    """A programme."""

    id: int
    title: str
    framework: str
    begins: date
    years: int
    synthetic: bool

    @staticmethod
    def resolve_framework(row: Programme) -> str:
        """The pin of its framework."""
        return str(row.framework_version.hash)


class PlaceOut(Schema):
    """An area's place in a programme."""

    area: str
    family: str | None
    tranche: str
    elements: list[str]
    begins: date
    inspectors: int
    inspection: int | None
    phase: str | None

    @staticmethod
    def resolve_area(row: PlannedInspection) -> str:
        """Its name."""
        return str(row.area)

    @staticmethod
    def resolve_family(row: PlannedInspection) -> str | None:
        """Of its family group."""
        return row.area.family.name if row.area.family else None

    @staticmethod
    def resolve_tranche(row: PlannedInspection) -> str:
        """Its title."""
        return str(row.tranche)

    @staticmethod
    def resolve_elements(row: PlannedInspection) -> list[str]:
        """The ids of the tranche's thematic elements."""
        return list(row.tranche.elements)

    @staticmethod
    def resolve_inspection(row: PlannedInspection) -> int | None:
        """Its number."""
        return row.inspection_id

    @staticmethod
    def resolve_phase(row: PlannedInspection) -> str | None:
        """Of the inspection."""
        return row.inspection.state if row.inspection else None


class ResultOut(Schema):
    """One settled figure of one group of an inspection's cases."""

    id: int
    inspection: int
    area: str
    group: str
    level: str
    name: str
    cases: int | None
    above: int | None
    score: float | None
    low: float | None
    high: float | None
    error: float | None
    freedom: float | None

    @staticmethod
    def resolve_inspection(row: Result) -> int:
        """Its number."""
        return row.inspection_id

    @staticmethod
    def resolve_area(row: Result) -> str:
        """Its name."""
        return str(row.inspection.area)


class OutcomeOut(Schema):
    """What became of a case."""

    id: int
    pseudonym: str
    inspection: int
    reconvicted: bool | None
    predicted: float | None
    score_at_start: float | None
    score_at_end: float | None

    @staticmethod
    def resolve_pseudonym(row: Outcome) -> str:
        """Of the case."""
        return str(row.case.pseudonym)

    @staticmethod
    def resolve_inspection(row: Outcome) -> int:
        """Its number."""
        return row.case.inspection_id
