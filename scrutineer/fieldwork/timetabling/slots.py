"""The second stage: the assessments of one day to slots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

from scrutineer.fieldwork.timetabling.allocate import UNPLACED, Spot
from scrutineer.fieldwork.timetabling.arrangements import Arrangements
from scrutineer.fieldwork.timetabling.search import Progress, import_solver, solve
from scrutineer.fieldwork.timetabling.timetable import Placed, Stage
from scrutineer.fieldwork.timetabling.units import Unit

NEW_SLOT = 30
"""Each assessment that changes only its slot when a plan is made again."""
WAY = 5
"""Each way from one office to another within a day, and its minutes on top."""


def place_day(
    units: Sequence[Unit],
    spots: Mapping[int, Spot],
    day: int,
    arrangements: Arrangements,
    before: Mapping[tuple[str, int], Placed],
    fixed: Mapping[int, int],
    seconds: float,
    seed: int,
    progress: Progress,
) -> tuple[dict[int, int], Stage]:
    """Give every assessment of a day a slot: one at a time for assessors, managers and case files; least travel.

    Args:
        units: all assessments.
        spots: their assessor and day.
        day: the number of the day.
        arrangements: slots, absences, travel.
        before: the earlier plan.
        fixed: assessments that must keep a slot.
        seconds: how long to search.
        seed: of the search.
        progress: called with every better plan.

    Returns:
        The slot of each assessment that has one, by its place in the list; and how far the search got.
    """
    here = [u for u, (_, d) in spots.items() if d == day]
    model = import_solver().CpModel()
    x = _collect_unknowns(model, units, spots, here, day, arrangements, fixed)
    for key in (
        # The case file counts too, because a second assessor can't have it while the first one does.
        lambda u: ("assessor", spots[u][0]),
        lambda u: ("manager", units[u].interviewed),
        lambda u: ("file", units[u].case),
    ):
        _keep_apart(model, x, key)
    cost = _price_places(model, x, units, here, day, arrangements, before)
    cost += _model_travel(model, x, units, spots, arrangements)
    model.minimize(sum(cost))
    solver, stage = solve(model, f"slots of {arrangements.days[day]}", seconds, seed, progress)
    if stage.objective is None:
        # Only if time ran out: leaving every assessment out is always a solution.
        return {}, stage
    return {u: s for (u, s), v in x.items() if solver.value(v)}, stage


def _price_places(
    model: Any,
    x: Mapping[tuple[int, int], Any],
    units: Sequence[Unit],
    here: Sequence[int],
    day: int,
    arrangements: Arrangements,
    before: Mapping[tuple[str, int], Placed],
) -> list[Any]:
    """One slot or none for each assessment, and what it costs to have none or another one than before."""
    cost: list[Any] = []
    for u in here:
        own = [v for (w, _), v in x.items() if w == u]
        model.add_at_most_one(own)
        cost.append(UNPLACED * (1 - sum(own)))
        # Only a change of slot within the same day is priced here; a change of day was priced in the first stage.
        old = before.get((units[u].case, units[u].reading))
        if old is not None and old.day == arrangements.days[day] and old.slot in arrangements.slots:
            cost += [NEW_SLOT * v for (w, s), v in x.items() if w == u and arrangements.slots[s] != old.slot]
    return cost


def _collect_unknowns(
    model: Any,
    units: Sequence[Unit],
    spots: Mapping[int, Spot],
    here: Sequence[int],
    day: int,
    arrangements: Arrangements,
    fixed: Mapping[int, int],
) -> dict[tuple[int, int], Any]:
    """A yes-or-no variable for each assessment of the day and each slot in which everyone it needs is free."""
    managers = {m.name: arrangements.list_free_slots(m.away) for m in arrangements.managers}
    everything = arrangements.list_free_slots(())
    x: dict[tuple[int, int], Any] = {}
    for u in here:
        free = arrangements.list_free_slots(arrangements.assessors[spots[u][0]].away)
        if units[u].interviewed:
            free &= managers.get(units[u].interviewed, everything)
        # A fixed slot in which someone is away leaves no variable at all, so the
        # visit gets no place and isn't moved.
        allowed = {s for d, s in free if d == day}
        for s in {fixed[u]} & allowed if u in fixed else allowed:
            x[u, s] = model.new_bool_var(f"x{u}_{s}")
    return x


def _keep_apart(model: Any, x: Mapping[tuple[int, int], Any], key: Any) -> None:
    """The person or thing that the key names is in only one place in each slot."""
    held: dict[tuple[Any, int], list[Any]] = defaultdict(list)
    for (u, s), v in x.items():
        # An assessment without an interview has no manager, and blanks must not be taken for one busy person.
        if key(u)[1] != "":
            held[key(u), s].append(v)
    for both in held.values():
        if len(both) > 1:
            model.add_at_most_one(both)


def _model_travel(
    model: Any,
    x: Mapping[tuple[int, int], Any],
    units: Sequence[Unit],
    spots: Mapping[int, Spot],
    arrangements: Arrangements,
) -> list[Any]:
    """The ways between offices from each slot to the next one that an assessor uses.

    An assessor's place in a slot is carried over slots without an assessment, so that going away and coming
    back is seen as two ways.
    """
    by_assessor: dict[int, list[int]] = defaultdict(list)
    for u in {u for u, _ in x}:
        by_assessor[spots[u][0]].append(u)
    cost: list[Any] = []
    for a, mine in by_assessor.items():
        # An office that isn't known is no place to travel to: the first stage charges nothing for it either.
        mine = [u for u in mine if units[u].office]
        offices = sorted({units[u].office for u in mine})
        # With one office there is nothing to travel between.
        if len(offices) > 1:
            at = _collect_whereabouts(model, x, units, set(mine), a, offices, arrangements)
            cost += _list_ways(model, at, a, offices, arrangements)
    return cost


def _collect_whereabouts(
    model: Any,
    x: Mapping[tuple[int, int], Any],
    units: Sequence[Unit],
    mine: set[int],
    a: int,
    offices: Sequence[str],
    arrangements: Arrangements,
) -> dict[tuple[str, int], Any]:
    """The office at which an assessor is in each slot: where an assessment is, or wherever suits."""
    slots = range(len(arrangements.slots))
    at = {(o, s): model.new_bool_var(f"at{a}_{o}_{s}") for o in offices for s in slots}
    for s in slots:
        model.add_exactly_one(at[o, s] for o in offices)
    for (u, s), v in x.items():
        if u in mine:
            model.add_implication(v, at[units[u].office, s])
    return at


def _list_ways(
    model: Any, at: Mapping[tuple[str, int], Any], a: int, offices: Sequence[str], arrangements: Arrangements
) -> list[Any]:
    """What each way from one office to another costs."""
    cost = []
    # The way between two slots is counted once, at the later one.
    for s in range(1, len(arrangements.slots)):
        for route, other in permutations(offices, 2):
            way = model.new_bool_var(f"way{a}_{route}_{other}_{s}")
            # "Not there before, or not here now, or a way between": the cost keeps `way` false unless both places force it.
            model.add_bool_or([at[route, s - 1].negated(), at[other, s].negated(), way])
            cost.append((WAY + arrangements.find_travel_minutes(route, other)) * way)
    return cost
