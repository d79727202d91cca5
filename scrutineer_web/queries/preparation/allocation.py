"""What a timetable is made from, and the one that is in force."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.timetabling.arrangements import Arrangements
from scrutineer.fieldwork.timetabling.timetable import Placed, TimetablePlan
from scrutineer.inspection.dates import format_day
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.inspection import Inspection


def describe_day(day: str) -> str:
    """A day of the fieldwork as people read it: 31 October 2005."""
    return format_day(date.fromisoformat(day)) if day else ""


def describe_slot(slot: str) -> str:
    """A slot as people read it: 09:00 to 10:30."""
    return slot.replace("-", " to ")


def describe_time(day: str, slot: str) -> str:
    """When an assessment is made: 31 October 2005, 09:00 to 10:30."""
    return ", ".join(part for part in (describe_day(day), describe_slot(slot)) if part)


def check_arrangements(content: dict[str, Any]) -> Arrangements:
    """Arrangements from what a person entered.

    Raises:
        UserError: with everything that is wrong.
    """
    try:
        return Arrangements.model_validate(content)
    except ValidationError as error:
        places = {".".join(map(str, f["loc"])): str(f["msg"]) for f in error.errors()}
        raise UserError(
            [
                Fault(_("the arrangements, %(where)s") % {"where": where}, what)
                for where, what in places.items()
            ]
        ) from None


def read_current_plan(inspection: Inspection, arrangements: Arrangements) -> TimetablePlan | None:
    """The plan as the assessments stand now, moved ones where they were moved to; None where nothing has a day."""
    assessments = Assessment.objects.filter(case__inspection=inspection, retired_at=None).exclude(day="")
    placed = tuple(
        Placed(
            case=r.case.reference,
            reading=1 if r.number == 1 else 2,
            assessor=r.assessor.name,
            day=r.day,
            slot=r.slot,
            office=r.case.office,
            manager=r.case.manager if r.number == 1 else "",
            locked=r.locked,
        )
        for r in assessments.select_related("case", "assessor").order_by("day", "slot", "pk")
        # On a day or in a slot that no longer exists too: a locked one is listed, and any other counts as moved.
        if r.assessor is not None
    )
    if not placed:
        return None
    return TimetablePlan(
        framework=inspection.framework.id,
        days=arrangements.days,
        slots=arrangements.slots,
        cases=len({p.case for p in placed}),
        placed=placed,
        unplaced=(),
        stages=(),
        kinds={a.name: a.kind for a in arrangements.assessors},
        synthetic=inspection.synthetic,
    )
