"""What an allocation must cost at least: a small integer programme that leaves days, interviews and pairs of readers out.

Assessments of one office that may go to the same assessors are alike, and the days of one assessor are nearly alike: how
many assessments of each kind an assessor has, and how often they visit each office, says almost all of the cost.
The search over single assessments and days proves little in half a minute, because it has to look at the same plan under
many names. Every allocation is a solution of this programme at the same or a lower cost, so its bound holds for all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

Loads: TypeAlias = dict[tuple[int, "Kind"], int]
"""How many assessments of a kind each assessor has."""

_ENOUGH = 1e-6
"""A programme solved to within so much of its value, of which the places of all assessments are by far the most."""


@dataclass(frozen=True)
class Kind:
    """Assessments that are alike to the programme.

    Attributes:
        office: where they are; empty if that isn't known.
        first: whether they are first assessments, of which area assessors have a share.
        urgent: whether they should go to inspectors.
        allowed: the assessors whom they may go to.
    """

    office: str
    first: bool
    urgent: bool
    allowed: tuple[int, ...]


@dataclass(frozen=True)
class Workload:
    """What the programme knows of an assessor.

    Attributes:
        is_area: whether they are an area assessor.
        most: assessments at most.
        daily: assessments in a day at most.
        days: days on which they have a slot.
        visits: what a visit to each office costs.
        is_full: whether no one of the kind has more free slots.
    """

    is_area: bool
    most: int
    daily: int
    days: int
    visits: Mapping[str, int]
    is_full: bool


@dataclass(frozen=True)
class Prices:
    """What is paid for an assessment without a place, off the area assessors' share, urgent but not with an inspector, uneven."""

    unplaced: int
    share: int
    urgent: int
    uneven: int


@dataclass
class _Programme:
    """Unknowns with their costs and bounds, and constraints, as they are put together."""

    costs: list[float] = field(default_factory=list)
    tops: list[float] = field(default_factory=list)
    rows: list[dict[int, float]] = field(default_factory=list)
    ends: list[tuple[float, float]] = field(default_factory=list)

    def add_unknown(self, cost: float, top: float) -> int:
        self.costs.append(cost)
        self.tops.append(top)
        return len(self.costs) - 1

    def keep(self, row: Mapping[int, float], low: float = -np.inf, high: float = np.inf) -> None:
        self.rows.append(dict(row))
        self.ends.append((low, high))

    def solve(self, seconds: float) -> OptimizeResult:
        """The best whole numbers that are found in so many seconds, and a bound on the cost of all."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        shape = (len(self.rows), len(self.costs))
        entries = [(value, n, place) for n, row in enumerate(self.rows) for place, value in row.items()]
        values, rows, places = (np.array(part) for part in zip(*entries, strict=True))
        ends: npt.NDArray[np.float64] = np.array(self.ends)
        return milp(
            np.array(self.costs),
            integrality=np.ones(shape[1], dtype=np.int64),
            bounds=Bounds(0, np.array(self.tops)),
            constraints=LinearConstraint(
                csr_array((values, (rows, places)), shape=shape), ends[:, 0], ends[:, 1]
            ),
            options={"time_limit": seconds, "mip_rel_gap": _ENOUGH},
        )


def find_least_cost(
    kinds: Mapping[Kind, int], people: Sequence[Workload], target: int | None, prices: Prices, seconds: float
) -> tuple[float, Loads]:
    """The least that any allocation costs, and loads that cost little more.

    Args:
        kinds: how many assessments there are of each kind.
        people: the assessors, by their numbers.
        target: first assessments that area assessors should have; None if they have no share.
        prices: of what is not as it should be.
        seconds: how long to search.

    Returns:
        A bound that no allocation is below; and loads, empty if none were found in time.
    """
    total = sum(kinds.values())
    if not any(kind.allowed for kind in kinds):
        return float(prices.unplaced * total), {}
    programme = _Programme()
    # A placed assessment saves the price of leaving it out. `always` adds that for all of them.
    loads = {
        (a, kind): programme.add_unknown(
            (prices.urgent if kind.urgent and people[a].is_area else 0) - prices.unplaced, size
        )
        for kind, size in kinds.items()
        for a in kind.allowed
    }
    for kind, size in kinds.items():
        programme.keep({loads[a, kind]: 1 for a in kind.allowed}, high=size)
    _add_visits(programme, loads, people)
    _add_evenness(programme, loads, people, prices, total)
    _add_share(programme, loads, people, prices, target)
    solved = programme.solve(seconds)
    always = prices.unplaced * total
    bound = -np.inf if solved.mip_dual_bound is None else float(solved.mip_dual_bound) + always
    # No allocation costs less than nothing, so zero is a bound
    # even where the solver has found none.
    if solved.x is None:
        return max(bound, 0.0), {}
    return max(bound, 0.0), {key: round(solved.x[n]) for key, n in loads.items() if round(solved.x[n])}


def _add_visits(
    programme: _Programme, loads: Mapping[tuple[int, Kind], int], people: Sequence[Workload]
) -> None:
    """A visit is a day at an office; in a day there is room for so many assessments, and an office needs its visits."""
    of: dict[tuple[int, str], list[int]] = defaultdict(list)
    visits: dict[str, list[int]] = defaultdict(list)
    of_visits: dict[tuple[int, str], int] = {}
    for (a, kind), n in loads.items():
        of[a, kind.office].append(n)
    for (a, office), here in of.items():
        # The allocation charges no visit for an assessment of
        # unknown office, so the bound can't either.
        if not office:
            continue
        # One visit a day at most: the allocation charges for an office once a
        # day, however much is assessed there.
        visit = programme.add_unknown(people[a].visits[office], people[a].days)
        visits[office].append(visit)
        of_visits[a, office] = visit
        programme.keep({visit: people[a].daily, **dict.fromkeys(here, -1.0)}, low=0)
    most = max(person.daily for person in people)
    for office, there in visits.items():
        # If everyone is away throughout, nothing can be placed, and the above says so already.
        if not most:
            break
        # Nothing new, but stronger than the sum of the above: visits are whole.
        everyone = [n for (_, place), here in of.items() if place == office for n in here]
        whole = programme.add_unknown(0, ceil(sum(programme.tops[n] for n in everyone) / most))
        programme.keep({whole: most, **dict.fromkeys(everyone, -1.0)}, low=0)
        programme.keep({**dict.fromkeys(there, 1.0), whole: -1.0}, low=0)
    for a, person in enumerate(people):
        mine = {n: 1.0 for (who, _), n in loads.items() if who == a}
        programme.keep(mine, high=person.most)
        seen = {visit: 1.0 for (who, _), visit in of_visits.items() if who == a}
        # Assessments of unknown office fill days without a visit, so a
        # day needs one only if there are none.
        if person.days and not any(kind.office == "" for who, kind in loads if who == a):
            # Nine assessments of four a day take three days, and each day at least one visit.
            days = programme.add_unknown(0, person.days)
            programme.keep({days: person.daily, **dict.fromkeys(mine, -1.0)}, low=0)
            programme.keep({**seen, days: -1.0}, low=0)


def _add_evenness(
    programme: _Programme,
    loads: Mapping[tuple[int, Kind], int],
    people: Sequence[Workload],
    prices: Prices,
    total: int,
) -> None:
    """Of each kind of assessor, the greatest load is so much above the least of those with most time."""
    for is_area in (False, True):
        those = [a for a, person in enumerate(people) if person.is_area is is_area and person.days]
        if len(those) < 2:
            continue
        # The costs pull the top down and the bottom up, so each needs a limit on one side only.
        top, bottom = (
            programme.add_unknown(prices.uneven, total),
            programme.add_unknown(-prices.uneven, total),
        )
        for a in those:
            load = {n: 1.0 for (who, _), n in loads.items() if who == a}
            programme.keep({top: 1.0, **dict.fromkeys(load, -1.0)}, low=0)
            if people[a].is_full:
                programme.keep({**load, bottom: -1.0}, low=0)


def _add_share(
    programme: _Programme,
    loads: Mapping[tuple[int, Kind], int],
    people: Sequence[Workload],
    prices: Prices,
    target: int | None,
) -> None:
    """First assessments of area assessors, off their target either way."""
    if target is None:
        return
    off = programme.add_unknown(prices.share, np.inf)
    first = [n for (a, kind), n in loads.items() if people[a].is_area and kind.first]
    # Together: off >= first - target and off >= target - first, so it is the absolute difference.
    programme.keep({off: 1.0, **dict.fromkeys(first, -1.0)}, low=-target)
    programme.keep({off: 1.0, **dict.fromkeys(first, 1.0)}, low=target)
