"""A programme as the core has it: its calendar, and the settled results of its inspections side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scrutineer.frameworks.model import Framework
from scrutineer.inspection.area import AreaProfile as Profile
from scrutineer.programme.capacity import PlannedArea, Tranche, count_weeks_apart, list_fieldwork_weeks
from scrutineer.scoring.comparison.read_results import ScoreWithErrors
from scrutineer.statistics.differences import Analytic
from scrutineer_web.records.area import Area
from scrutineer_web.records.programme import PlannedInspection, Programme


def make_calendar(
    programme: Programme, places: list[PlannedInspection]
) -> tuple[tuple[Tranche, ...], tuple[PlannedArea, ...]]:
    """The tranches of a programme and its planned inspections, as the core's values."""
    framework = programme.framework
    tranches = tuple(
        Tranche(t.title, t.begins, t.ends, t.inspectors, tuple(t.elements)) for t in programme.tranches.all()
    )
    number, apart = framework.calendar.fieldwork_weeks, count_weeks_apart(framework)
    return tranches, tuple(
        PlannedArea(
            p.area.name,
            p.area.family.name if p.area.family else "",
            p.tranche.title,
            list_fieldwork_weeks(p.begins, number, apart),
            p.inspectors,
        )
        for p in places
    )


def make_profile_for(area: Area, framework: Framework) -> dict[str, Any]:
    """An area's profile as an inspection by a framework has it: without figures on measures that it has not."""
    known = {m.key for m in framework.targets.measures}
    performance = {k: v for k, v in area.profile.get("performance", {}).items() if k in known}
    return {**area.profile, **({"performance": performance} if "performance" in area.profile else {})}


def read_area_profile(area: Area) -> Profile:
    """An area's profile."""
    return Profile.model_validate(area.profile)


def make_scored(numbers: Sequence[Any]) -> ScoreWithErrors:
    """A score from the values of its columns, in the order of `SCORE`."""
    score, low, high, error, freedom, analytic_low, analytic_high, analytic_error = numbers
    analytic = None if analytic_error is None else Analytic(analytic_low, analytic_high, analytic_error)
    return ScoreWithErrors(score, low, high, error, freedom, analytic)
