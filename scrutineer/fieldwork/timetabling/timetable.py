"""A timetable as data: what was placed where, what could not be, and how good the plan is known to be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from scrutineer.errors import Fault, UserError, make_fault, shorten_path


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Placed(_Part):
    """An assessment that has a place: who, when and where.

    Attributes:
        sequence: how often it has changed since it first had a place.
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
    """An assessment that has no place, and why."""

    case: str
    reading: Literal[1, 2]
    reason: str


class Stage(_Part):
    """How far the solver got in one stage.

    Attributes:
        name: the stage's name.
        objective: what the plan costs, if there is one.
        bound: no plan can cost less than this.
        proved: whether the plan is proved to be the best of this stage.
        first_plan_seconds: when the first plan was found.
        seconds: how long the search took.
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
        # Without a bound, nothing can be said about how good the plan is.
        if self.objective is None or self.bound is None:
            return None
        return (
            # A proved plan has no gap, whatever rounding left between cost and
            # bound. A cost of 0 can't be divided by.
            0.0
            if self.proved or self.objective == 0
            else max(0.0, (self.objective - self.bound) / abs(self.objective))
        )


class TimetablePlan(_Part):
    """A timetable.

    Attributes:
        cases: how many cases it's for.
        placed: assessments with a place, by day, slot and assessor.
        unplaced: assessments without a place, with reasons.
        stages: how far each stage got.
        kinds: the kind of each assessor.
        moved: cases whose assessor, day or slot differs from the plan before. A first plan has none.
        travel_minutes: between offices within each day, for all assessors.
        synthetic: whether the cases are made up.
        inspection: what identifies this inspection, so that its visits keep their identity when you plan again.
        revision: how often it was planned again.
        begun: the first day of the first plan, or empty for plans made before this was recorded.
        cancelled: visits of earlier plans that no longer take place with that person.
        time_zone: the time zone of the times, as an IANA name.
        remarks: what people should know about the days and people, as sentences without a full stop.
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

    def find_placed(self, assessor: str) -> tuple[Placed, ...]:
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
        raise UserError(make_fault(error, shorten_path(path))) from None
    # Any other JSON file, and any other version of this one, ends here too.
    except (ValidationError, UnicodeDecodeError):
        what = "this is not a plan written by scrutineer timetable"
        raise UserError(
            Fault(shorten_path(path), what, "Use the timetable.json from the plan's folder")
        ) from None
