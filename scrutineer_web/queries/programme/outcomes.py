"""What became of the cases of each area of a programme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from scrutineer.statistics.funnel import FunnelOfUnits, Standardised, make_beside
from scrutineer.statistics.means import calculate_mean_interval
from scrutineer_web.queries.programme.standings import list_places
from scrutineer_web.records.outcome import Outcome
from scrutineer_web.records.programme import Programme


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


def gather_outcomes(programme: Programme) -> tuple[list[AreaOutcomes], FunnelOfUnits]:
    """What became of the cases of each area of a programme, the area's own inspections left out; and all areas in one funnel."""
    places = {p.inspection_id: p.area.name for p in list_places(programme) if p.inspection_id}
    rows: dict[int, list[tuple[Any, ...]]] = {}
    outcomes = Outcome.objects.filter(case__inspection__in=places, retired_at=None)
    for pk, *values in outcomes.values_list(
        "case__inspection", "reconvicted", "predicted", "score_at_start", "score_at_end"
    ):
        rows.setdefault(pk, []).append(tuple(values))
    cases = dict(
        programme.planned.filter(retired_at=None, inspection__in=places)
        .values_list("inspection")
        .annotate(n=Count("inspection__cases"))
    )
    by_name = {
        name: [(int(r), p) for r, p, _, _ in rows[pk] if r is not None and p is not None]
        for pk, name in places.items()
        if pk in rows
    }
    together_now = make_beside(
        [
            (name, [r for r, _ in both], [p for _, p in both])
            for name, both in by_name.items()
            if sum(p for _, p in both) > 0
        ]
    )
    by_area = {unit.unit: unit for unit in together_now.units}
    areas = [
        _make_outcomes(name, rows[pk], cases.get(pk, 0), by_area.get(name))
        for pk, name in places.items()
        if pk in rows
    ]
    return areas, together_now


def _make_outcomes(
    area: str, rows: Sequence[tuple[Any, ...]], of: int, standardised: Standardised | None
) -> AreaOutcomes:
    changes = [end - start for _, _, start, end in rows if start is not None and end is not None]
    return AreaOutcomes(area, len(rows), of, standardised, calculate_mean_interval(changes), len(changes))
