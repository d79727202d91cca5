"""What `fieldwork/room.json` may hold: read strictly, since it may have been written by anybody."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from scrutineer.inspection.people import Role
from scrutineer_web.states import ASSESSMENT, CASE, INSPECTION, RECOMMENDATION
from scrutineer_web.states.machine import States

Instant = Annotated[
    AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))
]
Moment = tuple[Instant, Annotated[str, Field(max_length=150)]]
# Lengths are those of the database's columns, so that a longer value is
# a fault of the file and has a place.
Name = Annotated[str, Field(max_length=150)]
Key = Annotated[str, Field(max_length=100)]


def _make_pattern(states: States) -> str:
    return "^(" + "|".join(s.key for s in states.states) + ")$"


CaseState = Annotated[str, Field(pattern=_make_pattern(CASE))]
AssessmentState = Annotated[str, Field(pattern=_make_pattern(ASSESSMENT))]
RecommendationState = Annotated[str, Field(pattern=_make_pattern(RECOMMENDATION))]
InspectionState = Annotated[str, Field(pattern=_make_pattern(INSPECTION))]


class _Part(BaseModel):
    # A field that isn't known may be from a newer version. Leaving it out
    # in silence would lose what it holds.
    model_config = ConfigDict(extra="forbid")


class VersionEntry(_Part):
    """A framework version that an assessment keeps."""

    content: dict[str, Any]
    source: str


class PersonEntry(_Part):
    """Somebody who takes part."""

    name: Name
    role: Role
    team: Name
    manages_as: Name
    base: Name
    listed: bool
    account: str | None
    retired: Moment | None


class OutcomeEntry(_Part):
    """What became of a case."""

    reconvicted: bool | None
    predicted: Annotated[float, Field(ge=0, le=1)] | None
    score_at_start: Annotated[float, Field(ge=-1e9, le=1e9)] | None
    score_at_end: Annotated[float, Field(ge=-1e9, le=1e9)] | None


class CaseEntry(_Part):
    """A case, in the sample or no longer."""

    case: Key
    state: CaseState
    particulars: dict[str, Any]
    first: bool
    pseudonym: Annotated[str, Field(pattern="^P-[0-9a-f]{20}$")] | None = None
    outcome: OutcomeEntry | None = None


class AnswerEntry(_Part):
    """A current answer, or one whose question no longer applies."""

    question: Key
    value: str | None
    from_file: str
    from_manager: str
    from_offender: str
    note: str
    rev: Annotated[int, Field(ge=1, le=2**31 - 1)]
    saved: Moment
    retired_at: datetime | None


class CommentEntry(_Part):
    """A comment."""

    question: Key
    text: str
    written: Moment
    resolved: Moment | None


class ConflictEntry(_Part):
    """An answer that waits, or waited, for somebody's choice."""

    question: Key
    uid: UUID
    content: dict[str, str | None]
    why: Literal["stale", "closed"]
    kept: bool | None
    raised: Moment
    settled: Moment | None


class AssessmentEntry(_Part):
    """An assessment; `assessor` is a place in the list of people."""

    case: Key
    reading: Literal[1, 2]
    # Whether the list is long enough is checked by the import, which has the whole file.
    assessor: Annotated[int, Field(ge=0)] | None
    framework: Annotated[str, Field(max_length=80)]
    state: AssessmentState
    # Bytes as pairs of hexadecimal digits.
    codes: Annotated[str, Field(pattern="^([0-9a-f]{2})*$")]
    facts: dict[str, Any]
    seal: Annotated[str, Field(max_length=64)]
    day: Annotated[str, Field(max_length=10)]
    slot: Annotated[str, Field(max_length=11)]
    locked: bool
    completed: Moment | None
    signed_off: Moment | None
    retired: Moment | None
    answers: tuple[AnswerEntry, ...]
    comments: tuple[CommentEntry, ...]
    conflicts: tuple[ConflictEntry, ...]


class AdjudicationEntry(_Part):
    """What was settled on where two assessments differ."""

    case: Key
    question: Key
    value: Key
    reason: str
    settled: Moment
    retired: Moment | None


Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
# The database keeps these as 32-bit integers.
Rev = Annotated[int, Field(ge=1, le=2**31 - 1)]


Place = Annotated[str, Field(pattern=r"^[\w.-]+$", max_length=150)]


class ChangeEntry(_Part):
    """A figure that a correction changed."""

    figure: str
    was: str | None
    now: str | None


class FileEntry(_Part):
    """A file that was sent in; its bytes lie under their hash."""

    name: Name
    kind: Annotated[str, Field(max_length=10)]
    hash: Hash
    uploaded: Moment
    retired: Moment | None


class PieceEntry(_Part):
    """A piece of evidence, current or removed."""

    element: Annotated[str, Field(max_length=60)]
    key: Key
    kind: Literal["document", "meeting", "interview", "observation"]
    title: Annotated[str, Field(max_length=300)]
    source: Annotated[str, Field(max_length=300)]
    on: date | None
    bears: dict[str, str]
    note: str
    says: dict[str, str]
    rev: Rev
    saved: Moment
    retired: Moment | None
    files: tuple[FileEntry, ...]


class SettledEntry(_Part):
    """When a judgement was settled."""

    element: Annotated[str, Field(max_length=60)]
    criterion: Annotated[str, Field(max_length=20)]
    rev: Rev
    settled: Moment


class WrittenTextEntry(_Part):
    """A text of the report."""

    path: Annotated[str, Field(max_length=200)]
    content: str
    rev: Rev
    drafted: Annotated[str, Field(pattern="^([0-9a-f]{64})?$")]
    saved: Moment
    retired: Moment | None


class ResponseEntry(_Part):
    """The area's response to a recommendation."""

    answer: Literal["agreed", "partly", "not"]
    reason: str
    rev: Rev
    given: Moment


class ProgressEntry(_Part):
    """Progress of an action."""

    text: str
    done: bool
    told: Moment
    files: tuple[FileEntry, ...]


class PlannedEntry(_Part):
    """An action of the area's plan."""

    text: str
    owner: Name
    due: date
    rev: Rev
    done: Moment | None
    saved: Moment
    retired: Moment | None
    reports: tuple[ProgressEntry, ...]


class VerifiedEntry(_Part):
    """What the inspectorate found of a recommendation."""

    outcome: Literal["met", "partly met", "not met"]
    reason: str
    verified: Moment


class RecommendationEntry(_Part):
    """A recommendation, and what became of it."""

    text: str
    criteria: tuple[Key, ...]
    progress: Literal["", "met", "partly met", "not met"]
    rev: Rev
    saved: Moment
    retired: Moment | None
    state: RecommendationState
    response: ResponseEntry | None
    actions: tuple[PlannedEntry, ...]
    verifications: tuple[VerifiedEntry, ...]


class PassageEntry(_Part):
    """A passage of a made report."""

    place: Place
    part: str
    text: str
    heading: bool
    figures: tuple[tuple[str, str], ...]


class MadeReportEntry(_Part):
    """A report as it was made; its files lie in the folder."""

    kind: Literal["draft", "issue"]
    number: Annotated[int, Field(ge=1, le=10_000)]
    formats: tuple[Key, ...]
    told: str
    proof: dict[str, Any]
    texts: dict[str, str]
    figures: dict[str, str]
    passages: tuple[PassageEntry, ...]
    stamp: dict[str, str]
    asked: Moment
    made_at: Instant | None
    notice: str
    approved: Moment | None
    embargo_until: Instant | None
    published: Moment | None

    @model_validator(mode="after")
    def _check_publication(self) -> MadeReportEntry:
        if (self.approved or self.published) and self.kind != "issue":
            raise ValueError(_("a draft can't be approved or published"))
        if self.published and not self.approved:
            raise ValueError(_("it is published, but nobody has approved it"))
        # This catches a file that contradicts the rules. One that keeps
        # to them still approves nothing here.
        if self.approved and self.approved[1] == self.asked[1]:
            raise ValueError(_("the person who issued it also approved it"))
        if self.published and self.embargo_until and self.published[0] < self.embargo_until:
            raise ValueError(_("it was published before its embargo ended"))
        return self


class CorrectedEntry(_Part):
    """One answer that was opened again."""

    case: Key
    reading: Literal[1, 2]
    question: Key
    reason: str
    was: Annotated[str, Field(max_length=100)] | None
    now: Annotated[str, Field(max_length=100)] | None
    note: str
    changed: tuple[ChangeEntry, ...]
    opened: Moment
    answered: Moment | None


class AreaCommentEntry(_Part):
    """A comment of the area on its draft."""

    place: Place
    figure: Annotated[str, Field(max_length=200)]
    quote: str
    text: str
    written: Moment
    decision: Literal["", "accepted", "partly", "not"]
    reason: str
    decided: Moment | None
    files: tuple[FileEntry, ...]
    corrections: tuple[CorrectedEntry, ...]


class CheckEntry(_Part):
    """A factual accuracy check."""

    draft: Annotated[int, Field(ge=1)]
    due: date
    sent: Moment
    ended: Moment | None
    comments: tuple[AreaCommentEntry, ...]


class ReportEntry(_Part):
    """Evidence, texts, drafts and the factual accuracy check."""

    pieces: tuple[PieceEntry, ...] = ()
    judgements: tuple[SettledEntry, ...] = ()
    texts: tuple[WrittenTextEntry, ...] = ()
    recommendations: tuple[RecommendationEntry, ...] = ()
    issues: tuple[MadeReportEntry, ...] = ()
    checks: tuple[CheckEntry, ...] = ()
    correction: str = ""
    internal: bool = False


class RoomEntry(_Part):
    """The whole file."""

    format: Literal[1]
    kind: Literal["room"]
    # The hashes of cases.csv and answers.csv as they were exported with this file.
    beside: dict[str, str]
    state: InspectionState
    signed_off: Moment | None
    # Parts with a default came into the format later, and earlier files lack them.
    pseudonymised: Moment | None = None
    purged: Moment | None = None
    scores: dict[str, Any] | None
    frameworks: dict[str, VersionEntry]
    participants: tuple[PersonEntry, ...]
    cases: tuple[CaseEntry, ...]
    readings: tuple[AssessmentEntry, ...]
    adjudications: tuple[AdjudicationEntry, ...]
    report: ReportEntry = ReportEntry()
