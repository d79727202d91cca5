"""What reports on many inspections are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.frameworks.house import NumberRules
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.dates import format_day
from scrutineer.programme.across import AcrossRow, compare_across
from scrutineer.programme.apart import Standing, adjust_together, place_by_counts, place_by_scores
from scrutineer.programme.periods import Yearly, compare_years
from scrutineer.report.parts.collected import NOT_YET, Closing, Named, OfArea
from scrutineer.scoring.comparison.read_results import Side
from scrutineer_web.queries.programme.standings import (
    Level,
    list_measures,
    list_places,
    pair_sides,
    read_sides,
    select_results,
)
from scrutineer_web.queries.shelf import read_library
from scrutineer_web.records.action_plan import Response
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.programme import PlannedInspection, Programme
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.states import RECOMMENDATION

ELEMENT = "element:"
"""Before the id of a thematic element, where its own results are kept."""


@dataclass(frozen=True)
class GroupMaterial:
    """A group across areas: each area, and every question and score that can be published."""

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
    differences: tuple[Named, ...]


@dataclass(frozen=True)
class PeriodMaterial:
    """A period: what was inspected, the means, where areas stand, and the recommendations."""

    areas: tuple[OfArea, ...]
    yearly: tuple[Yearly, ...]
    standing: tuple[Named, ...]
    closing: Closing


def read_titles(programme: Programme) -> dict[str, str]:
    """The titles of questions and scores by key or code."""
    return {name: title for _, name, title in list_measures(programme.framework)}


def gather_group(programme: Programme, group: str, title: str) -> GroupMaterial:
    """A group across the areas of a programme."""
    families = {p.area.name: p.area.family.name if p.area.family else "" for p in list_places(programme)}
    pairs = pair_sides(programme, group)
    areas = tuple(
        OfArea(
            area,
            families.get(area, ""),
            "",
            pair.cases,
            pair.scores.get("overall"),
            other.scores.get("overall"),
        )
        for area, (pair, other) in pairs
    )
    framework = programme.framework
    least = read_number_rules(framework).publish_from
    return GroupMaterial(
        title, areas, compare_across([pair for _, pair in pairs], framework), read_titles(programme), least
    )


def read_number_rules(framework: Framework) -> NumberRules:
    """From which numbers on figures of a framework are printed: its house style's rules, or the common ones."""
    shelf = read_library()
    return shelf.load_house(framework.id).numbers if framework.id in shelf.ids else NumberRules()


def list_themes(programme: Programme) -> list[tuple[str, str, int]]:
    """The thematic elements that any inspection of a programme looked at: key, title, in how many areas."""
    rows = select_results(programme).filter(level="group", group__startswith=ELEMENT)
    names = rows.values("group", "name").annotate(areas=Count("id")).order_by("name")
    return [(row["group"], row["name"], row["areas"]) for row in names]


def gather_theme(programme: Programme, key: str, title: str) -> ThemeMaterial:
    """A thematic element across the areas that looked at it."""
    framework = read_library().load_framework(key.removeprefix(ELEMENT))
    sides = read_sides(programme, key)
    families = {p.area.name: p.area.family.name if p.area.family else "" for p in list_places(programme)}
    areas = tuple(
        OfArea(s.label, families.get(s.label, ""), "", s.cases, s.scores.get("overall")) for s in sides
    )
    return ThemeMaterial(title, areas, tuple(_list_standings(sides, list(list_measures(framework)))))


def _list_standings(sides: Sequence[Side], names: Sequence[tuple[Level, str, str]]) -> list[Named]:
    """Where areas stand on everything, as one family of tests: they are in one report, or on one page."""
    standings: list[tuple[str, Level, Standing]] = []
    for level, name, title in names:
        standing: Standing | None
        if level == "question":
            standing = place_by_counts([(s.label, s.questions[name]) for s in sides if name in s.questions])
        else:
            standing = place_by_scores([(s.label, s.scores[name]) for s in sides if name in s.scores])
        if standing is not None:
            standings.append((title, level, standing))
    settled_ones = adjust_together([standing for _, _, standing in standings])
    return [
        Named(title, standing, level)
        for (title, level, _), standing in zip(standings, settled_ones, strict=True)
    ]


def find_publication_days(programme: Programme) -> dict[int, date]:
    """The day on which each of a programme's inspections was first published, by the inspection's number."""
    seen = Issue.objects.filter(
        inspection__planned__programme=programme, kind="issue", published_at__lte=timezone.now()
    ).exclude(approved_at=None)
    rows = seen.values_list("inspection").annotate(Min("published_at"))
    return {pk: timezone.localtime(at).date() for pk, at in rows}


def gather_period(programme: Programme, first: date, last: date) -> PeriodMaterial:
    """The inspections of a programme whose fieldwork began in a period and whose scores are signed off."""
    places = [p for p in list_places(programme) if p.inspection_id]
    now = [p for p in places if first <= p.begins <= last]
    length = (last - first) + timedelta(days=1)
    then = [p for p in places if first - length <= p.begins < first]
    sides, before = _read_sides_at(programme, now), _read_sides_at(programme, then)
    days = find_publication_days(programme)
    by_area = {s.label: s for s in sides}
    areas = tuple(
        OfArea(
            p.area.name,
            p.area.family.name if p.area.family else "",
            format_day(days[p.inspection_id]) if p.inspection_id in days else NOT_YET,
            by_area[p.area.name].cases,
            by_area[p.area.name].scores.get("overall"),
        )
        for p in now
        if p.area.name in by_area
    )
    names = [n for n in list_measures(programme.framework) if n[0] == "score"]
    return PeriodMaterial(
        areas,
        compare_years(sides, before, [(name, title) for _, name, title in names]),
        tuple(_list_standings(sides, names)),
        _make_closing([p.inspection_id for p in now if p.inspection_id]),
    )


def _read_sides_at(programme: Programme, places: Sequence[PlannedInspection]) -> list[Side]:
    inspections = [p.inspection_id for p in places if p.inspection_id]
    return read_sides(programme, "all", inspections) if inspections else []


def _make_closing(inspections: Sequence[int]) -> Closing:
    recommendations = Recommendation.objects.filter(inspection__in=inspections, retired_at=None)
    states = dict(recommendations.values_list("state").annotate(Count("id")))
    answers = dict(
        Response.objects.filter(recommendation__in=recommendations)
        .values_list("answer")
        .annotate(Count("id"))
    )
    titles = {"agreed": _("Agreed"), "partly": _("Agreed in part"), "not": _("Not agreed")}
    return Closing(
        sum(states.values()),
        {RECOMMENDATION.find_title(state): n for state, n in states.items()},
        {titles[key]: answers[key] for key in titles if key in answers},
    )
