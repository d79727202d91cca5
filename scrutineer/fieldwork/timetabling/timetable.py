"""A timetable as data: what was placed where, what could not be, and how good the plan is known to be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from scrutineer.errors import Fault, UserError, shorten_path


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Placed(_Part):
    """One assessment of a case: who, when, where.

    Attributes:
        sequence: how often it was changed since it was first placed.
        revision: the plan (counted from 0) that last changed it.
    """

    case: str
    reading: Literal[1, 2]
    assessor: str
    day: str
    slot: str
    office: str
    manager: str
    locked: bool = False
    sequence: int = 0
    revision: int = 0


class Unplaced(_Part):
    """One assessment of a case that has no place, and why."""

    case: str
    reading: Literal[1, 2]
    reason: str


class Stage(_Part):
    """How far the solver got in one stage.

    Attributes:
        name: of the stage.
        objective: what the plan costs; None where no plan was found.
        bound: what no plan can cost less than.
        proved: whether the plan is proved to be the best of this stage.
        first_plan_seconds: when the first plan was found.
        seconds: how long was searched.
    """

    name: str
    objective: float | None
    bound: float | None
    proved: bool
    first_plan_seconds: float | None
    seconds: float

    @property
    def gap(self) -> float | None:
        """How much cheaper a plan could at most be, as a share of this one's cost."""
        if self.objective is None or self.bound is None:
            return None
        return (
            0.0
            if self.proved or self.objective == 0
            else max(0.0, (self.objective - self.bound) / abs(self.objective))
        )


class TimetablePlan(_Part):
    """A timetable.

    Attributes:
        cases: how many cases it is for.
        placed: in order of day, slot and assessor.
        unplaced: with reasons.
        stages: how far each stage got.
        kinds: the kind of each assessor.
        moved: cases whose assessor, day or slot differs from the plan before; None for a first plan.
        travel_minutes: between offices within days, of all assessors.
        synthetic: whether the cases are made up.
        inspection: what tells this inspection from every other: its visits keep their identity when planned again.
        revision: how often it was planned again.
        begun: the first day of the first plan; empty for plans made before this was kept.
        cancelled: visits of earlier plans that no longer take place with that person, as they were.
        time_zone: that the clock times are of, by its IANA name.
        remarks: what a person should know of the days and people, in sentences without their full stop.
    """

    format: Literal[1] = 1
    kind: Literal["timetable"] = "timetable"
    framework: str
    days: tuple[str, ...]
    slots: tuple[str, ...]
    cases: int
    placed: tuple[Placed, ...]
    unplaced: tuple[Unplaced, ...]
    stages: tuple[Stage, ...]
    kinds: dict[str, str]
    moved: tuple[str, ...] | None = None
    travel_minutes: int = 0
    synthetic: bool = False
    inspection: str = ""
    revision: int = 0
    begun: str = ""
    cancelled: tuple[Placed, ...] = ()
    time_zone: str = "Europe/London"
    remarks: tuple[str, ...] = ()

    def of(self, assessor: str) -> tuple[Placed, ...]:
        """What one assessor does."""
        return tuple(p for p in self.placed if p.assessor == assessor)


def to_json(plan: TimetablePlan) -> str:
    """The plan as it is written to disk."""
    return json.dumps(plan.model_dump(), indent=1, ensure_ascii=False) + "\n"


def read_plan(path: Path) -> TimetablePlan:
    """A plan from its file.

    Raises:
        UserError: the file cannot be read or holds something else.
    """
    try:
        return TimetablePlan.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            Fault(shorten_path(path), f"the plan cannot be read ({error.strerror})", "Check the name")
        ) from None
    except (ValidationError, UnicodeDecodeError):
        what = "this is not a plan that scrutineer timetable wrote"
        raise UserError(Fault(shorten_path(path), what, "Name its timetable.json")) from None
