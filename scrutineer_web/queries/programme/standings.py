"""The settled results of a programme's inspections, next to one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from scrutineer.frameworks.model import Framework
from scrutineer.programme.across import Pair
from scrutineer.programme.apart import Standing, place_by_counts, place_by_scores
from scrutineer.scoring.comparison.read_results import Counted, Side
from scrutineer_web.records.frames.programme import make_scored
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.programme import PlannedInspection, Programme
from scrutineer_web.records.result import Result


def list_places(programme: Programme) -> list[PlannedInspection]:
    """Every current place of a programme, with its area, tranche and inspection, in the order of the fieldwork."""
    places = programme.planned.filter(retired_at=None).select_related("area__family", "tranche", "inspection")
    return list(places.defer("area__profile", *Inspection.list_heavy("inspection")))


def select_results(programme: Programme) -> QuerySet[Result]:
    """The rows of results of a programme's inspections: none of an area's own, none that is retired."""
    return Result.objects.filter(
        inspection__planned__programme=programme,
        inspection__planned__retired_at=None,
        inspection__internal=False,
        inspection__retired_at=None,
    )


def compare_areas(programme: Programme, level: str, name: str, group: str = "all") -> Standing | None:
    """The programme's areas side by side on one question or score; None where fewer than two have it.

    Args:
        programme: whose areas.
        level: question or score.
        name: the question's key, or the score's code or `overall`.
        group: of which cases.
    """
    rows = select_results(programme).filter(level=level, name=name, group=group)
    if level == "question":
        results = rows.values_list("inspection__area", "above", "cases").order_by("inspection__area")
        return place_by_counts(
            [
                (area, Counted(above, cases))
                for area, above, cases in results
                if above is not None and cases is not None
            ]
        )
    known = rows.exclude(low=None).values_list("inspection__area", *SCORE).order_by("inspection__area")
    return place_by_scores([(area, make_scored(numbers)) for area, *numbers in known])


Level = Literal["question", "score"]
"""What a settled figure may be of, where areas are compared."""

SCORE = ("score", "low", "high", "error", "freedom", "analytic_low", "analytic_high", "analytic_error")
"""The columns of a score with its two errors."""


def list_groups(programme: Programme) -> list[tuple[str, str, int, int]]:
    """The groups that any inspection of a programme has: key, title, in how many areas, with how many cases."""
    groups: dict[str, list[Any]] = {}
    rows = select_results(programme).filter(level="group").values_list("group", "name", "cases")
    for key, title, cases in rows.order_by("inspection", "id"):
        if not key.startswith("not:"):
            entry = groups.setdefault(key, [title, 0, 0])
            entry[1] += 1
            entry[2] += cases
    return [(key, title, areas, cases) for key, (title, areas, cases) in groups.items()]


def read_sides(programme: Programme, group: str, only: Sequence[int] | None = None) -> list[Side]:
    """One group of every area as the core has it, by area.

    Args:
        programme: whose areas.
        group: its key.
        only: the inspections that are wanted; all where None.
    """
    rows = select_results(programme).filter(group=group)
    if only is not None:
        rows = rows.filter(inspection__in=only)
    sides: dict[str, dict[str, Any]] = {}
    columns = ("level", "name", "cases", "above", *SCORE)
    for area, synthetic, level, name, cases, above, *numbers in rows.values_list(
        "inspection__area", "inspection__synthetic", *columns
    ).order_by("inspection__area"):
        side = sides.setdefault(area, {"cases": 0, "questions": {}, "scores": {}, "synthetic": synthetic})
        if level == "group":
            side["cases"] = cases
        elif level == "question":
            side["questions"][name] = Counted(above, cases)
        elif numbers[1] is not None:
            side["scores"][name] = make_scored(numbers)
    version = programme.framework_version
    return [
        Side(
            area,
            version.framework_id,
            version.hash,
            group,
            side["cases"],
            side["questions"],
            side["scores"],
            side["synthetic"],
        )
        for area, side in sides.items()
    ]


def pair_sides(programme: Programme, group: str) -> list[tuple[str, Pair]]:
    """For each area that has a group, the group and everyone else; where nobody else is known, the area is left out."""
    others = {side.label: side for side in read_sides(programme, f"not:{group}")}
    return [(s.label, (s, others[s.label])) for s in read_sides(programme, group) if s.label in others]


def list_measures(framework: Framework) -> Iterator[tuple[Level, str, str]]:
    """Everything that areas can be compared on: level, name and title."""
    if framework.has_overall:
        yield "score", "overall", _("Overall")
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
