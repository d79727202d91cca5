"""What reports on many inspections are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Min
from django.utils import timezone

from scrutineer.inspection.dates import day_text
from scrutineer.programme.across import AcrossRow, across
from scrutineer.programme.apart import Standing, of_counts, of_scores, together
from scrutineer.programme.periods import Yearly, yearly
from scrutineer.report.parts.collected import NOT_YET, Closing, Named, OfArea
from scrutineer.scoring.comparison.read import Side
from scrutineer.statistics.funnel import Beside, Standardised, beside
from scrutineer.statistics.means import mean_interval
from scrutineer_web.records.frames.programme import names_of, pairs_of, planned_of, settled, sides_of
from scrutineer_web.records.frames.scores import shelf
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.outcome import Outcome
from scrutineer_web.records.plan import Response
from scrutineer_web.records.programme import PlannedInspection, Programme
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.states import RECOMMENDATION

ELEMENT = "element:"
"""Before the id of a thematic element, where its own results are kept."""


@dataclass(frozen=True)
class GroupMaterial:
    """A group across areas: each area, and every question and score that can be told."""

    title: str
    areas: tuple[OfArea, ...]
    rows: tuple[AcrossRow, ...]
    titles: Mapping[str, str]
    publish_from: int


@dataclass(frozen=True)
class ThemeMaterial:
    """A thematic element across areas."""

    title: str
    areas: tuple[OfArea, ...]
    found: tuple[Named, ...]


@dataclass(frozen=True)
class PeriodMaterial:
    """A period: what was inspected, the means, where areas stand, and the recommendations."""

    areas: tuple[OfArea, ...]
    yearly: tuple[Yearly, ...]
    standing: tuple[Named, ...]
    closing: Closing


def titles_of(programme: Programme) -> dict[str, str]:
    """The titles of questions and scores by key or code."""
    return {name: title for _, name, title in names_of(programme.framework)}


def group_material(programme: Programme, group: str, title: str) -> GroupMaterial:
    """A group across the areas of a programme."""
    families = {p.area.name: p.area.family.name if p.area.family else "" for p in planned_of(programme)}
    pairs = pairs_of(programme, group)
    areas = tuple(
        OfArea(
            area,
            families.get(area, ""),
            "",
            one.cases,
            one.scores.get("overall"),
            other.scores.get("overall"),
        )
        for area, (one, other) in pairs
    )
    framework = programme.framework
    least = shelf().house(framework.id).numbers.publish_from if framework.id in shelf().ids else 3
    return GroupMaterial(
        title, areas, across([pair for _, pair in pairs], framework), titles_of(programme), least
    )


def themes_of(programme: Programme) -> list[tuple[str, str, int]]:
    """The thematic elements that any inspection of a programme looked at: key, title, in how many areas."""
    rows = settled(programme).filter(level="group", group__startswith=ELEMENT)
    told = rows.values("group", "name").annotate(areas=Count("id")).order_by("name")
    return [(row["group"], row["name"], row["areas"]) for row in told]


def theme_material(programme: Programme, key: str, title: str) -> ThemeMaterial:
    """A thematic element across the areas that looked at it."""
    framework = shelf().framework(key.removeprefix(ELEMENT))
    sides = sides_of(programme, key)
    families = {p.area.name: p.area.family.name if p.area.family else "" for p in planned_of(programme)}
    areas = tuple(
        OfArea(s.label, families.get(s.label, ""), "", s.cases, s.scores.get("overall")) for s in sides
    )
    return ThemeMaterial(title, areas, tuple(_standings(sides, list(names_of(framework)))))


def _standings(sides: Sequence[Side], names: Sequence[tuple[str, str, str]]) -> list[Named]:
    """Where areas stand on everything, as one family of tests: they stand in one report, or on one page."""
    found: list[tuple[str, str, Standing]] = []
    for level, name, title in names:
        standing: Standing | None
        if level == "question":
            standing = of_counts([(s.label, s.questions[name]) for s in sides if name in s.questions])
        else:
            standing = of_scores([(s.label, s.scores[name]) for s in sides if name in s.scores])
        if standing is not None:
            found.append((title, level, standing))
    settled_ones = together([standing for _, _, standing in found])
    return [Named(title, one, level) for (title, level, _), one in zip(found, settled_ones, strict=True)]


def published_days(programme: Programme) -> dict[int, date]:
    """The day on which each of a programme's inspections was first published, by the inspection's number."""
    seen = Issue.objects.filter(
        inspection__planned__programme=programme, kind="issue", published_at__lte=timezone.now()
    ).exclude(approved_at=None)
    rows = seen.values_list("inspection").annotate(Min("published_at"))
    return {pk: timezone.localtime(at).date() for pk, at in rows}


def period_material(programme: Programme, first: date, last: date) -> PeriodMaterial:
    """The inspections of a programme whose fieldwork began in a period and whose scores are settled."""
    places = [p for p in planned_of(programme) if p.inspection_id]
    now = [p for p in places if first <= p.begins <= last]
    length = (last - first) + timedelta(days=1)
    then = [p for p in places if first - length <= p.begins < first]
    sides, before = _sides_at(programme, now), _sides_at(programme, then)
    days = published_days(programme)
    by_area = {s.label: s for s in sides}
    areas = tuple(
        OfArea(
            p.area.name, p.area.family.name if p.area.family else "",
            day_text(days[p.inspection_id]) if p.inspection_id in days else NOT_YET,
            by_area[p.area.name].cases, by_area[p.area.name].scores.get("overall"),
        )
        for p in now
        if p.area.name in by_area
    )  # fmt: skip
    names = [n for n in names_of(programme.framework) if n[0] == "score"]
    return PeriodMaterial(
        areas, yearly(sides, before, [(name, title) for _, name, title in names]), tuple(_standings(sides, names)),
        _closing([p.inspection_id for p in now]),
    )  # fmt: skip


def _sides_at(programme: Programme, places: Sequence[PlannedInspection]) -> list[Side]:
    return sides_of(programme, "all", [p.inspection_id for p in places]) if places else []


def _closing(inspections: Sequence[int]) -> Closing:
    made = Recommendation.objects.filter(inspection__in=inspections, retired_at=None)
    states = dict(made.values_list("state").annotate(Count("id")))
    answers = dict(
        Response.objects.filter(recommendation__in=made).values_list("answer").annotate(Count("id"))
    )
    titles = {"agreed": "Agreed", "partly": "Agreed in part", "not": "Not agreed"}
    return Closing(
        sum(states.values()),
        {RECOMMENDATION.title(state): n for state, n in states.items()},
        {titles[key]: answers[key] for key in titles if key in answers},
    )


@dataclass(frozen=True)
class AreaOutcomes:
    """What became of one area's cases.

    Attributes:
        area: its name.
        known: cases of which any outcome is known.
        of: all its standing cases.
        reconviction: actual against predicted, over the cases with both; None without any.
        change: mean change of the assessment score from start to end, with its interval; None with fewer than two.
        pairs: cases with both scores.
    """

    area: str
    known: int
    of: int
    reconviction: Standardised | None
    change: tuple[float, float, float] | None
    pairs: int


def outcomes_of(programme: Programme) -> tuple[list[AreaOutcomes], Beside]:
    """What became of the cases of each area of a programme, the area's own inspections left out; and all areas in one funnel."""
    places = {p.inspection_id: p.area.name for p in planned_of(programme) if p.inspection_id}
    rows: dict[int, list[tuple[Any, ...]]] = {}
    found = Outcome.objects.filter(case__inspection__in=places, retired_at=None)
    for pk, *told in found.values_list(
        "case__inspection", "reconvicted", "predicted", "score_at_start", "score_at_end"
    ):
        rows.setdefault(pk, []).append(tuple(told))
    cases = dict(
        programme.planned.filter(retired_at=None, inspection__in=places)
        .values_list("inspection").annotate(n=Count("inspection__cases"))
    )  # fmt: skip
    told = {
        name: [(int(r), p) for r, p, _, _ in rows[pk] if r is not None and p is not None]
        for pk, name in places.items()
        if pk in rows
    }
    together_now = beside(
        [
            (name, [r for r, _ in both], [p for _, p in both])
            for name, both in told.items()
            if sum(p for _, p in both) > 0
        ]
    )
    by_area = {unit.unit: unit for unit in together_now.units}
    areas = [
        _outcomes(name, rows[pk], cases.get(pk, 0), by_area.get(name))
        for pk, name in places.items()
        if pk in rows
    ]
    return areas, together_now


def _outcomes(
    area: str, rows: Sequence[tuple[Any, ...]], of: int, found: Standardised | None
) -> AreaOutcomes:
    changes = [end - start for _, _, start, end in rows if start is not None and end is not None]
    return AreaOutcomes(area, len(rows), of, found, mean_interval(changes), len(changes))
