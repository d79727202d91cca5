"""A timetable to print: the whole on one page, a sheet per person, a sheet per office."""

from __future__ import annotations

from collections.abc import Sequence

from scrutineer.fieldwork.timetabling.fewest_moves import CHANGES
from scrutineer.fieldwork.timetabling.timetable import Stage, TimetablePlan
from scrutineer.report.pages.environment import render


def write_timetable_page(plan: TimetablePlan) -> str:
    """The whole fieldwork: days and slots across, assessors down; what has no place; how good the plan is."""
    return render(
        "timetable.html.j2",
        plan=plan,
        grid={(p.assessor, p.day, p.slot): p for p in plan.placed},
        loads=[(name, kind, len(plan.find_placed(name))) for name, kind in plan.kinds.items()],
        area_share=_calculate_area_share(plan),
        quality=describe_quality(plan),
    )


def write_people_page(plan: TimetablePlan) -> str:
    """A sheet per assessor: where to be, when, and for which case. Second assessments do not say who read first."""
    sheets = [
        (name, plan.kinds[name], plan.find_placed(name)) for name in plan.kinds if plan.find_placed(name)
    ]
    return render(
        "timetable_sheets.html.j2", plan=plan, title="Timetables of assessors", sheets=sheets, of="person"
    )


def write_offices_page(plan: TimetablePlan) -> str:
    """A sheet per office: which files must lie ready, and who is interviewed when."""
    offices = sorted({p.office for p in plan.placed})
    sheets = [(name, "", tuple(p for p in plan.placed if p.office == name)) for name in offices]
    return render(
        "timetable_sheets.html.j2", plan=plan, title="Timetables of offices", sheets=sheets, of="office"
    )


def _calculate_area_share(plan: TimetablePlan) -> float:
    first = [p for p in plan.placed if p.reading == 1]
    return 100 * sum(plan.kinds[p.assessor] == "area_assessor" for p in first) / len(first) if first else 0.0


def describe_quality(plan: TimetablePlan) -> list[str]:
    """How good the plan is known to be: never called the best without proof, and never as a whole."""
    changes = [stage for stage in plan.stages if stage.name == CHANGES]
    first, *rest = [stage for stage in plan.stages if stage.name != CHANGES]
    return [_describe_stage(first), *_list_days(rest), *map(_describe_changes, changes)]


def _describe_changes(stage: Stage) -> str:
    if stage.objective is None:
        return "Changes: Scrutineer did not find the fewest possible in the time allowed."
    number = int(stage.objective)
    visits = f"{number} visit{'' if number == 1 else 's'} moved or lost their slot"
    if stage.proved:
        return f"Changes: {visits}. No plan can change fewer."
    return f"Changes: {visits}. This may not be the fewest possible."


def _describe_stage(stage: Stage) -> str:
    if stage.objective is None:
        return "Assessors and days: Scrutineer found no plan in the time allowed."
    if stage.proved:
        return "Assessors and days: no plan can be better at this stage."
    gap = stage.gap
    bound = "how much better is not known" if gap is None else f"by at most {100 * gap:.0f}%"
    seconds = f"{stage.seconds:.0f} second{'' if round(stage.seconds) == 1 else 's'}"
    return f"Assessors and days: plan found after {seconds}. Another plan may be better, {bound}."


def _list_days(stages: Sequence[Stage]) -> list[str]:
    proved = sum(stage.proved for stage in stages)
    return (
        [
            f"Slots: no plan can be better on {proved} of {len(stages)} days, given who works where on each day."
        ]
        if stages
        else []
    )
