"""What `fieldwork/room.json` may hold: read strictly, since it may have been written by anybody."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from scrutineer.inspection.people import Role
from scrutineer_web.states import ASSESSMENT, CASE, INSPECTION

Moment = tuple[datetime, Annotated[str, Field(max_length=150)]]
Name = Annotated[str, Field(max_length=150)]
Key = Annotated[str, Field(max_length=100)]


def _state(states: Any) -> Any:
    return Annotated[str, Field(pattern="^(" + "|".join(s.key for s in states.states) + ")$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Version(_Part):
    """A framework version that a reading keeps."""

    content: dict[str, Any]
    source: str


class Person(_Part):
    """Somebody who takes part."""

    name: Name
    role: Role
    team: Name
    manages_as: Name
    base: Name
    listed: bool
    account: str | None
    retired: Moment | None


class Case(_Part):
    """A case, in the sample or no longer."""

    case: Key
    state: _state(CASE)  # type: ignore[valid-type]
    particulars: dict[str, Any]
    first: bool


class Answer(_Part):
    """An answer as it stands, or one that is asked no more."""

    question: Key
    value: str | None
    from_file: str
    from_manager: str
    from_offender: str
    note: str
    rev: Annotated[int, Field(ge=1, le=2**31 - 1)]
    saved: Moment
    retired_at: datetime | None


class Comment(_Part):
    """A comment."""

    question: Key
    text: str
    written: Moment
    resolved: Moment | None


class Conflict(_Part):
    """An answer that waits, or waited, for somebody's choice."""

    question: Key
    uid: UUID
    content: dict[str, str | None]
    why: Literal["stale", "closed"]
    kept: bool | None
    raised: Moment
    settled: Moment | None


class Reading(_Part):
    """A reading; `assessor` is a place in the list of people."""

    case: Key
    reading: Literal[1, 2]
    assessor: Annotated[int, Field(ge=0)] | None
    framework: Annotated[str, Field(max_length=80)]
    state: _state(ASSESSMENT)  # type: ignore[valid-type]
    codes: Annotated[str, Field(pattern="^([0-9a-f]{2})*$")]
    facts: dict[str, Any]
    seal: Annotated[str, Field(max_length=64)]
    day: Annotated[str, Field(max_length=10)]
    slot: Annotated[str, Field(max_length=11)]
    locked: bool
    completed: Moment | None
    signed_off: Moment | None
    retired: Moment | None
    answers: tuple[Answer, ...]
    comments: tuple[Comment, ...]
    conflicts: tuple[Conflict, ...]


class Adjudication(_Part):
    """What was settled on where two readings differ."""

    case: Key
    question: Key
    value: Key
    reason: str
    settled: Moment
    retired: Moment | None


class Room(_Part):
    """The whole file."""

    format: Literal[1]
    kind: Literal["room"]
    beside: dict[str, str]
    state: _state(INSPECTION)  # type: ignore[valid-type]
    signed_off: Moment | None
    scores: dict[str, Any] | None
    frameworks: dict[str, Version]
    participants: tuple[Person, ...]
    cases: tuple[Case, ...]
    readings: tuple[Reading, ...]
    adjudications: tuple[Adjudication, ...]
