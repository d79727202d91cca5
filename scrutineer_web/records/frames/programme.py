"""A programme as the core has it: its calendar, and the settled results of its inspections beside one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from scrutineer.frameworks.model import Framework
from scrutineer.inspection.area import Area as Profile
from scrutineer.programme.across import Pair
from scrutineer.programme.apart import Standing, of_counts, of_scores
from scrutineer.programme.capacity import Planned, Tranche, fieldwork_weeks, weeks_apart
from scrutineer.scoring.comparison.read import Counted, Scored, Side
from scrutineer.statistics.differences import Analytic
from scrutineer_web.records.area import Area
from scrutineer_web.records.frames.scores import shelf
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.programme import PlannedInspection, Programme
from scrutineer_web.records.result import Result


def elements_offered() -> tuple[str, ...]:
    """The ids of the thematic elements that an inspection can look at, too."""
    library = shelf()
    return tuple(name for name in library.ids if library.framework(name).kind == "element")


def planned_of(programme: Programme) -> list[PlannedInspection]:
    """Every place of a programme that stands, with its area, tranche and inspection, in the order of the fieldwork."""
    found = programme.planned.filter(retired_at=None).select_related("area__family", "tranche", "inspection")
    return list(found.defer("area__profile", *Inspection.heavy("inspection")))


def calendar_of(
    programme: Programme, places: list[PlannedInspection]
) -> tuple[tuple[Tranche, ...], tuple[Planned, ...]]:
    """The tranches of a programme and its planned inspections, as the core's values."""
    framework = programme.framework
    tranches = tuple(
        Tranche(t.title, t.begins, t.ends, t.inspectors, tuple(t.elements)) for t in programme.tranches.all()
    )
    number, apart = framework.calendar.fieldwork_weeks, weeks_apart(framework)
    return tranches, tuple(
        Planned(
            p.area.name, p.area.family.name if p.area.family else "", p.tranche.title,
            fieldwork_weeks(p.begins, number, apart), p.inspectors,
        )
        for p in places
    )  # fmt: skip


def profile_for(area: Area, framework: Framework) -> dict[str, Any]:
    """An area's profile as an inspection by a framework has it: without figures on measures that it has not."""
    known = {m.key for m in framework.targets.measures}
    performance = {k: v for k, v in area.profile.get("performance", {}).items() if k in known}
    return {**area.profile, **({"performance": performance} if "performance" in area.profile else {})}


def profile_of_area(area: Area) -> Profile:
    """An area's profile."""
    return Profile.model_validate(area.profile)


def settled(programme: Programme) -> Any:
    """The rows of results of a programme's inspections: none of an area's own, none that is retired."""
    return Result.objects.filter(
        inspection__planned__programme=programme, inspection__planned__retired_at=None, inspection__internal=False,
        inspection__retired_at=None,
    )  # fmt: skip


def standing(programme: Programme, level: str, name: str, group: str = "all") -> Standing | None:
    """The programme's areas beside one another on one question or score; None where fewer than two have it.

    Args:
        programme: whose areas.
        level: question or score.
        name: the question's key, or the score's code or `overall`.
        group: of which cases.
    """
    rows = settled(programme).filter(level=level, name=name, group=group)
    if level == "question":
        found = rows.values_list("inspection__area", "above", "cases").order_by("inspection__area")
        return of_counts([(area, Counted(above, cases)) for area, above, cases in found])
    known = rows.exclude(low=None).values_list("inspection__area", *SCORE).order_by("inspection__area")
    return of_scores([(area, scored(numbers)) for area, *numbers in known])


SCORE = ("score", "low", "high", "error", "freedom", "analytic_low", "analytic_high", "analytic_error")
"""The columns of a score with its two errors."""


def scored(numbers: Sequence[Any]) -> Scored:
    """A score from the values of its columns, in the order of `SCORE`."""
    *descriptive, low, high, error = numbers
    return Scored(*descriptive, None if error is None else Analytic(low, high, error))


def groups_of(programme: Programme) -> list[tuple[str, str, int, int]]:
    """The groups that any inspection of a programme has: key, title, in how many areas, with how many cases."""
    found: dict[str, list[Any]] = {}
    rows = settled(programme).filter(level="group").values_list("group", "name", "cases")
    for key, title, cases in rows.order_by("inspection", "id"):
        if not key.startswith("not:"):
            entry = found.setdefault(key, [title, 0, 0])
            entry[1] += 1
            entry[2] += cases
    return [(key, title, areas, cases) for key, (title, areas, cases) in found.items()]


def sides_of(programme: Programme, group: str, only: Sequence[int] | None = None) -> list[Side]:
    """One group of every area as the core has it, by area.

    Args:
        programme: whose areas.
        group: its key.
        only: the inspections that are wanted; all where None.
    """
    rows = settled(programme).filter(group=group)
    if only is not None:
        rows = rows.filter(inspection__in=only)
    told: dict[str, dict[str, Any]] = {}
    columns = ("level", "name", "cases", "above", *SCORE)
    for area, synthetic, level, name, cases, above, *numbers in rows.values_list(
        "inspection__area", "inspection__synthetic", *columns
    ).order_by("inspection__area"):
        one = told.setdefault(area, {"cases": 0, "questions": {}, "scores": {}, "synthetic": synthetic})
        if level == "group":
            one["cases"] = cases
        elif level == "question":
            one["questions"][name] = Counted(above, cases)
        elif numbers[1] is not None:
            one["scores"][name] = scored(numbers)
    version = programme.framework_version
    return [
        Side(area, version.framework_id, version.hash, group, one["cases"], one["questions"], one["scores"], one["synthetic"])
        for area, one in told.items()
    ]  # fmt: skip


def pairs_of(programme: Programme, group: str) -> list[tuple[str, Pair]]:
    """For each area that has a group, the group and everyone else; where nobody else is known, the area is left out."""
    others = {side.label: side for side in sides_of(programme, f"not:{group}")}
    return [(s.label, (s, others[s.label])) for s in sides_of(programme, group) if s.label in others]


def names_of(framework: Framework) -> Iterator[tuple[str, str, str]]:
    """Everything that areas can be held against each other on: level, name and title."""
    if framework.has_overall:
        yield "score", "overall", "Overall"
    for section in framework.sections:
        cases = [c for c in section.criteria if c.kind == "case"]
        if cases:
            yield "score", section.code, f"{section.code} {section.title}"
        for criterion in cases:
            yield "score", criterion.code, f"{criterion.code} {criterion.title}"
            for question in criterion.questions:
                if not question.context:
                    yield "question", question.key, question.text
    for thread in framework.threads:
        yield "score", thread.key, thread.title
