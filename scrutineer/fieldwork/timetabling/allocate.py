"""The first stage: every assessment to an assessor and a day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import ceil
from typing import Any

from scrutineer.fieldwork.timetabling.arrangements import Arrangements
from scrutineer.fieldwork.timetabling.first_plan import FirstPlan
from scrutineer.fieldwork.timetabling.least_cost import Kind, Loads, Prices, Workload, find_least_cost
from scrutineer.fieldwork.timetabling.search import Progress, import_solver, solve_from
from scrutineer.fieldwork.timetabling.timetable import Placed, Stage
from scrutineer.fieldwork.timetabling.units import Unit
from scrutineer.statistics.printed import round_half_up

UNPLACED = 10_000
"""What an assessment without a place costs: more than everything else together that could make room for it."""
SHARE = 300
"""Each case that area assessors have more or fewer than their share."""
URGENT = 400
"""Each case that should go to an inspector and goes to an area assessor."""
UNEVEN = 60
"""Each case by which the most loaded assessor of a kind is above the least loaded."""
OFFICE_DAY = 40
"""Each office that an assessor goes to on one day, and the minutes from the base on top."""
NEW_ASSESSOR, NEW_DAY = 200, 80
"""Each assessment that changes hands, or only its day, when a plan is made again."""

_ROUNDING = 1e-7
"""How far the solver of the bound may be off, as a part of what it adds up."""

_BOUND_STAGE = 0.5
"""The part of the time in which the least that any allocation costs is looked for."""

Spot = tuple[int, int]
"""Numbers of an assessor and a day."""


@dataclass(frozen=True)
class Allocation:
    """Where each assessment goes, by its place in the list of units; an assessment that is not there has no place."""

    spots: dict[int, Spot]
    stage: Stage


def allocate(
    units: Sequence[Unit],
    arrangements: Arrangements,
    percent: int,
    before: Mapping[tuple[str, int], Placed],
    fixed: Mapping[int, Spot | None],
    seconds: float,
    seed: int,
    progress: Progress,
) -> Allocation:
    """Give every assessment an assessor and a day, at the least cost.

    Args:
        units: what is to be placed.
        arrangements: people, days, slots, travel.
        percent: the share of cases that goes to area assessors.
        before: the earlier plan, by case and assessment; empty for a first plan.
        fixed: assessments that must stay with their assessor on their day; None if either no longer exists.
        seconds: how long to search.
        seed: of the search.
        progress: called with every better plan.
    """
    build = _Build(units, arrangements, fixed)
    # Hard rules first; everything that people may trade against each other has a cost.
    build.limit_capacity()
    build.limit_managers()
    build.separate_readers()
    cost = [
        *build.place_each(),
        *build.share(percent),
        *build.prefer_urgent(),
        *build.balance_loads(),
        *build.limit_offices(),
        *build.limit_changes(before),
    ]
    build.model.minimize(sum(cost))
    progress("the least that it can cost", 0.0, None)
    bound, loads = build.find_least_cost(percent, seconds * _BOUND_STAGE)
    # Every price is a whole number, so the bound can be rounded up. The other solver's rounding must not cut off the
    # cheapest plan. It grows with what that solver adds up, of which the places of all assessments are by far the most.
    build.model.add(sum(cost) >= ceil(bound - _ROUNDING * UNPLACED * len(units)))
    build.hint(before, loads)
    solver, stage = solve_from(
        build.model, sum(cost), "allocation", seconds * (1 - _BOUND_STAGE), seed, progress
    )
    # The stage has no bound of its own if the result is the plan that the search started from.
    stage = stage.model_copy(update={"bound": max(stage.bound or 0.0, bound)})
    if stage.objective is None:
        return Allocation({}, stage)
    return Allocation({u: (a, d) for (u, a, d), x in build.x.items() if solver.value(x)}, stage)


def _list_loads(plan: Mapping[int, Spot], people: Sequence[int]) -> list[int]:
    """How many assessments each of some assessors has in a plan."""
    return [sum(1 for a, _ in plan.values() if a == person) for person in people]


def _find_greatest(people: Sequence[int], plan: Mapping[int, Spot]) -> int:
    return max(_list_loads(plan, people))


def _find_least(people: Sequence[int], plan: Mapping[int, Spot]) -> int:
    return min(_list_loads(plan, people))


class _Build:
    """The model as it is built: a yes-or-no variable for each possible combination of assessment, assessor and day."""

    def __init__(self, units: Sequence[Unit], arrangements: Arrangements, fixed: Mapping[int, Spot | None]):
        self.units, self.arrangements, self.fixed = units, arrangements, fixed
        self.model: Any = import_solver().CpModel()
        self.free = [arrangements.list_free_slots(a.away) for a in arrangements.assessors]
        self.x: dict[tuple[int, int, int], Any] = {}
        # What each further unknown is worth in a given plan, so that the search can start from a whole one.
        self.worth: list[tuple[Any, Callable[[Mapping[int, Spot]], int]]] = []
        away = {m.name: arrangements.list_free_slots(m.away) for m in arrangements.managers}
        everything = arrangements.list_free_slots(())
        self.present = {m: away.get(m, everything) for m in {u.interviewed for u in units} if m}
        # Only combinations that are possible become unknowns, which keeps a model of hundreds of cases small.
        for u in range(len(units)):
            for a, d in self._list_spots(u):
                self.x[u, a, d] = self.model.new_bool_var(f"x{u}_{a}_{d}")
        self.by_unit: dict[int, list[Any]] = defaultdict(list)
        self.by_spot: dict[Spot, list[tuple[int, Any]]] = defaultdict(list)
        for (u, a, d), x in self.x.items():
            self.by_unit[u].append(x)
            self.by_spot[a, d].append((u, x))

    def _list_spots(self, u: int) -> list[Spot]:
        """The assessors and days that an assessment may go to: both must have a slot in common with the manager."""
        unit = self.units[u]
        # Kept even where someone is now away: the limits of either stage then
        # leave it out, and the plan says so.
        if u in self.fixed:
            spot = self.fixed[u]
            return [] if spot is None else [spot]
        spots = []
        for a, assessor in enumerate(self.arrangements.assessors):
            if not unit.may_go_to(assessor):
                continue
            # The interview needs the assessor and the manager in the same slot, not just on the same day.
            both = self.free[a] & self.present[unit.interviewed] if unit.interviewed else self.free[a]
            spots += [
                (a, d)
                for d in sorted({d for d, _ in both})
                if self.arrangements.days[d] not in self.arrangements.locked.days
            ]
        return spots

    def place_each(self) -> list[Any]:
        """An assessment has one place or none."""
        cost = []
        for u in range(len(self.units)):
            here = self.by_unit[u]
            self.model.add_at_most_one(here)
            # Leaving an assessment out is allowed but costs most, so the solver always has a plan to give, and says what did not fit.
            cost.append(UNPLACED * (1 - sum(here)))
        return cost

    def limit_capacity(self) -> None:
        """No more assessments on a day than an assessor has slots, and no more in all than they take."""
        for a, assessor in enumerate(self.arrangements.assessors):
            for d in range(len(self.arrangements.days)):
                slots = sum(1 for day, _ in self.free[a] if day == d)
                self.model.add(sum(x for _, x in self.by_spot[a, d]) <= slots)
            if assessor.most is not None:
                self.model.add(self._load(a) <= assessor.most)

    def _load(self, a: int) -> Any:
        return sum(x for d in range(len(self.arrangements.days)) for _, x in self.by_spot[a, d])

    def limit_managers(self) -> None:
        """No more interviews of a manager on a day than they have slots."""
        of: dict[tuple[str, int], list[Any]] = defaultdict(list)
        for (u, _, d), x in self.x.items():
            if self.units[u].interviewed:
                of[self.units[u].interviewed, d].append(x)
        for (manager, d), here in of.items():
            self.model.add(sum(here) <= sum(1 for day, _ in self.present[manager] if day == d))

    def separate_readers(self) -> None:
        """No assessor makes both assessments of a case."""
        pairs: dict[str, list[int]] = defaultdict(list)
        for u, unit in enumerate(self.units):
            pairs[unit.case].append(u)
        for both in pairs.values():
            if len(both) > 1:
                for a in range(len(self.arrangements.assessors)):
                    days = range(len(self.arrangements.days))
                    self.model.add_at_most_one(
                        self.x[u, a, d] for u in both for d in days if (u, a, d) in self.x
                    )

    def _list_assessors(self, kind: str) -> list[int]:
        return [a for a, assessor in enumerate(self.arrangements.assessors) if assessor.kind == kind]

    def share(self, percent: int) -> list[Any]:
        """Area assessors have about their share of first assessments."""
        area = set(self._list_assessors("area_assessor"))
        if not area or len(area) == len(self.arrangements.assessors):
            return []
        first = [u for u, unit in enumerate(self.units) if unit.reading == 1]
        target = self._find_target(percent) or 0
        # Second assessments don't count: the share is of cases, and
        # each case has one first assessment.
        first_assessments = sum(
            x for (u, a, _), x in self.x.items() if a in area and self.units[u].reading == 1
        )
        # Two inequalities make `off` the absolute difference, because the solver minimises it.
        off = self.model.new_int_var(0, len(first), "off_share")
        self.model.add(off >= first_assessments - target)
        self.model.add(off >= target - first_assessments)
        self.worth.append(
            (off, lambda plan: abs(target - sum(1 for u in first if u in plan and plan[u][0] in area)))
        )
        return [SHARE * off]

    def _find_target(self, percent: int) -> int | None:
        """First assessments that area assessors should have; None if there are none, or no inspectors."""
        area = self._list_assessors("area_assessor")
        if not area or len(area) == len(self.arrangements.assessors):
            return None
        first = sum(unit.reading == 1 for unit in self.units)
        return round_half_up(Fraction(first * percent, 100))

    def _find_kind(self, u: int) -> Kind:
        unit = self.units[u]
        allowed = tuple(sorted({a for a, _ in self._list_spots(u)}))
        return Kind(unit.office, unit.reading == 1, unit.inspectors_first, allowed)

    def find_least_cost(self, percent: int, seconds: float) -> tuple[float, Loads]:
        """What any allocation costs at least, and how many of each kind each assessor has where it costs little more."""
        kinds = Counter(self._find_kind(u) for u in range(len(self.units)))
        prices = Prices(unplaced=UNPLACED, share=SHARE, urgent=URGENT, uneven=UNEVEN)
        people = [self._describe(a) for a in range(len(self.arrangements.assessors))]
        return find_least_cost(kinds, people, self._find_target(percent), prices, seconds)

    def _describe(self, a: int) -> Workload:
        assessor, free = self.arrangements.assessors[a], self.free[a]
        by_day = Counter(day for day, _ in free)
        same = [b for b in self._list_assessors(assessor.kind) if self.free[b]]
        return Workload(
            is_area=assessor.kind == "area_assessor",
            most=len(free) if assessor.most is None else min(len(free), assessor.most),
            daily=max(by_day.values(), default=0),
            days=len(by_day),
            # The same prices as in `offices`. With higher ones the
            # bound wouldn't hold for this model.
            visits={
                office: OFFICE_DAY
                + (self.arrangements.find_travel_minutes(assessor.base, office) if assessor.base else 0)
                for office in {unit.office for unit in self.units if unit.office}
            },
            is_full=len(free) == max((len(self.free[b]) for b in same), default=0),
        )

    def prefer_urgent(self) -> list[Any]:
        """Cases that go to inspectors first."""
        area = set(self._list_assessors("area_assessor"))
        return [URGENT * x for (u, a, _), x in self.x.items() if a in area and self.units[u].inspectors_first]

    def balance_loads(self) -> list[Any]:
        """Load is even among inspectors, and among area assessors, by the slots that each has."""
        cost = []
        most = len(self.arrangements.days) * len(self.arrangements.slots)
        for kind in ("inspector", "area_assessor"):
            people = [a for a in self._list_assessors(kind) if self.free[a]]
            if len(people) < 2:
                continue
            top, bottom = (self.model.new_int_var(0, most, f"{end}_{kind}") for end in ("top", "bottom"))
            # An assessor who is away half of the time can't reach the others' load, so only those with all slots set the bottom.
            most_free = max(len(self.free[a]) for a in people)
            full = [a for a in people if len(self.free[a]) == most_free]
            for a in people:
                self.model.add(top >= self._load(a))
            for a in full:
                self.model.add(bottom <= self._load(a))
            self.worth.append((top, partial(_find_greatest, people)))
            self.worth.append((bottom, partial(_find_least, full)))
            cost.append(UNEVEN * (top - bottom))
        return cost

    def limit_offices(self) -> list[Any]:
        """As few offices as can be for one assessor on one day, near the base."""
        cost = []
        names = sorted({unit.office for unit in self.units if unit.office})
        seen: dict[str, list[Any]] = defaultdict(list)
        for (a, d), here in self.by_spot.items():
            base = self.arrangements.assessors[a].base
            for office in names:
                inside = [x for u, x in here if self.units[u].office == office]
                if not inside:
                    continue
                there = self.model.new_bool_var(f"o{a}_{d}_{office}")
                for x in inside:
                    # One direction is enough: the solver would set a visit that no assessment needs to false, to save its cost.
                    self.model.add_implication(x, there)
                seen[office].append(there)
                self.worth.append((there, partial(self._count_visit, (a, d), office)))
                # Minutes and penalties are on one scale, so an hour's journey weighs a little more than another office on the day.
                way = self.arrangements.find_travel_minutes(base, office) if base else 0
                cost.append((OFFICE_DAY + way) * there)
        self._require_visits(seen)
        return cost

    def _count_visit(self, spot: Spot, office: str, plan: Mapping[int, Spot]) -> int:
        return int(any(where == spot and self.units[u].office == office for u, where in plan.items()))

    def _count_needed_visits(self, office: str, plan: Mapping[int, Spot]) -> int:
        return -(-sum(self.units[u].office == office for u in plan) // len(self.arrangements.slots))

    def _require_visits(self, seen: Mapping[str, Sequence[Any]]) -> None:
        """An office's assessments need a minimum number of visits: this rules nothing out, but it lets the solver prove more."""
        slots = len(self.arrangements.slots)
        of: dict[str, list[Any]] = defaultdict(list)
        for (u, _, _), x in self.x.items():
            of[self.units[u].office].append(x)
        for office, visits in seen.items():
            self.model.add(slots * sum(visits) >= sum(of[office]))
            # Whole visits: the relaxed problem would otherwise count a third of a visit, and its bound would prove little.
            number = sum(1 for unit in self.units if unit.office == office)
            whole = self.model.new_int_var(0, -(-number // slots), f"visits_{office}")
            self.model.add(slots * whole >= sum(of[office]))
            self.model.add(sum(visits) >= whole)
            self.worth.append((whole, partial(self._count_needed_visits, office)))

    def limit_changes(self, before: Mapping[tuple[str, int], Placed]) -> list[Any]:
        """What differs from the plan before."""
        cost = []
        names = [a.name for a in self.arrangements.assessors]
        for (u, a, d), x in self.x.items():
            old = before.get((self.units[u].case, self.units[u].reading))
            # An assessment that is new, or whose day no longer exists, has to be placed somewhere: that is not a change to avoid.
            if old is None or old.day not in self.arrangements.days:
                continue
            if names[a] != old.assessor:
                cost.append(NEW_ASSESSOR * x)
            elif self.arrangements.days[d] != old.day:
                cost.append(NEW_DAY * x)
        return cost

    def hint(self, before: Mapping[tuple[str, int], Placed], loads: Loads) -> None:
        """Start the search from the plan before, or from one put together office by office with loads that cost little."""
        start = self._as_before(before) if before else self._plan_by_office(loads)
        for (u, a, d), x in self.x.items():
            self.model.add_hint(x, start.get(u) == (a, d))
        for variable, value in self.worth:
            self.model.add_hint(variable, value(start))

    def _as_before(self, before: Mapping[tuple[str, int], Placed]) -> dict[int, Spot]:
        names = {a.name: n for n, a in enumerate(self.arrangements.assessors)}
        days = {day: n for n, day in enumerate(self.arrangements.days)}
        spots = {}
        for u, unit in enumerate(self.units):
            old = before.get((unit.case, unit.reading))
            if old is not None and old.assessor in names and old.day in days:
                spots[u] = (names[old.assessor], days[old.day])
        return spots

    def _plan_by_office(self, loads: Loads) -> dict[int, Spot]:
        """A plan that keeps every hard rule, with loads that cost little."""
        plan = FirstPlan(
            units=self.units,
            arrangements=self.arrangements,
            allowed=[self._list_spots(u) for u in range(len(self.units))],
            free=self.free,
            present=self.present,
            price=self._price,
        )
        plan.follow(loads, [self._find_kind(u) for u in range(len(self.units))])
        plan.place_rest()
        return plan.spots

    def _price(self, unit: Unit, a: int, is_there: bool) -> int:
        """What an assessment costs with an assessor, who is at its office that day anyway or is not."""
        assessor = self.arrangements.assessors[a]
        way = self.arrangements.find_travel_minutes(assessor.base, unit.office) if assessor.base else 0
        urgent = URGENT if unit.inspectors_first and assessor.kind == "area_assessor" else 0
        return (0 if is_there else OFFICE_DAY + way) + urgent
