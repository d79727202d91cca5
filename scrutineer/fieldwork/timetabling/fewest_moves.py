"""A revised plan: the fewest visits that must move, before anything else is considered.

First everything that can stay is left where it was, and only what lost its place looks for another: if all of it finds one,
nothing less could have moved, and that is proved. Only where it does not is every visit free to move, at one point each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scrutineer.fieldwork.timetabling.allocate import Spot
from scrutineer.fieldwork.timetabling.arrangements import Arrangements
from scrutineer.fieldwork.timetabling.search import Progress, import_solver, solve
from scrutineer.fieldwork.timetabling.timetable import Placed, Stage
from scrutineer.fieldwork.timetabling.units import Unit

CHANGES: Final = "changes"
"""The name of this stage."""

Place = tuple[int, int, int]
"""Numbers of an assessor, a day and a slot."""


@dataclass(frozen=True)
class KeptPlan:
    """What a revised plan leaves where it was.

    Attributes:
        stay: the place of each visit that stays, by its place in the list of units.
        others: a place for each that moves or is new, as far as there is one: any will do.
        stage: how far the search got; its objective is the number of visits that move or lose their place.
    """

    stay: dict[int, Place]
    others: dict[int, Place]
    stage: Stage


def keep_most(
    units: Sequence[Unit],
    arrangements: Arrangements,
    before: Mapping[tuple[str, int], Placed],
    fixed: Mapping[int, Spot | None],
    slots: Mapping[int, int],
    seconds: float,
    seed: int,
    progress: Progress,
) -> KeptPlan:
    """Which visits stay where they were, so that as few as possible lose their place or move.

    Args:
        units: what is to be placed.
        arrangements: people, days, slots as they are now.
        before: the earlier plan.
        fixed: visits that a person locked, with assessor and day; None if their place no longer exists.
        slots: and their slots.
        seconds: how long to search at most.
        seed: of the search.
        progress: called with every better plan.
    """
    # First try the cheap question: can everything that may stay, stay? Only if not is the large model needed.
    old = _collect_old_places(units, arrangements, before)
    open_places = [_open(units, arrangements, u, old, fixed, slots) for u in range(len(units))]
    stay = {u: place for u, place in old.items() if place in open_places[u]}
    if _is_within_limits(arrangements, stay):
        first = [[stay[u]] if u in stay else open_places[u] for u in range(len(units))]
        # A third of the time at most, because the large model may need the rest.
        plan = _search(units, arrangements, first, old, seconds / 3, seed, progress)
        lost = {u for u in old if u not in stay}
        # One visit without a place is enough to doubt the shortcut: moving
        # another visit might make room for it.
        if plan is not None and all(u in plan.others or u in plan.stay for u in range(len(units))):
            # Those that lost their place must move in any plan: nothing can move fewer.
            number = float(len(lost))
            stage = plan.stage.model_copy(update={"objective": number, "bound": number, "proved": True})
            return KeptPlan(plan.stay, plan.others, stage)
    plan = _search(units, arrangements, open_places, old, seconds, seed, progress)
    if plan is not None:
        return plan
    empty = Stage(
        name=CHANGES, objective=None, bound=None, proved=False, first_plan_seconds=None, seconds=seconds
    )
    return KeptPlan({}, {}, empty)


def _collect_old_places(
    units: Sequence[Unit], arrangements: Arrangements, before: Mapping[tuple[str, int], Placed]
) -> dict[int, Place]:
    """The places of the earlier plan, with -1 for an assessor, day or slot that no longer exists."""
    names = {a.name: n for n, a in enumerate(arrangements.assessors)}
    days = {day: n for n, day in enumerate(arrangements.days)}
    hours = {slot: n for n, slot in enumerate(arrangements.slots)}
    places: dict[int, Place] = {}
    for u, unit in enumerate(units):
        was = before.get((unit.case, unit.reading))
        # A new case has no old place and can't count as moved.
        if was is None:
            continue
        # The visit's old place no longer exists, but moving it still counts as a change.
        # -1 matches no real assessor, day or slot, so such a visit can never stay.
        places[u] = (names.get(was.assessor, -1), days.get(was.day, -1), hours.get(was.slot, -1))
    return places


def _open(
    units: Sequence[Unit],
    arrangements: Arrangements,
    u: int,
    old: Mapping[int, Place],
    fixed: Mapping[int, Spot | None],
    slots: Mapping[int, int],
) -> list[Place]:
    """Where a visit may go: everyone it needs is there, and nothing new goes to a day that is locked."""
    unit = units[u]
    spot = fixed.get(u)
    locked = (*spot, slots[u]) if spot is not None and u in slots else None
    away = next((m.away for m in arrangements.managers if m.name == unit.interviewed), ())
    present = arrangements.list_free_slots(away) if unit.interviewed else arrangements.list_free_slots(())
    return [
        (a, d, s)
        for a, assessor in enumerate(arrangements.assessors)
        if unit.may_go_to(assessor)
        for d, s in sorted(arrangements.list_free_slots(assessor.away) & present)
        if arrangements.days[d] not in arrangements.locked.days or old.get(u) == (a, d, s)
        # A locked visit that can't keep its place has nowhere to go: it is listed, never moved.
        if u not in fixed or (a, d, s) == locked
    ]


def _is_within_limits(arrangements: Arrangements, stay: Mapping[int, Place]) -> bool:
    loads: dict[int, int] = defaultdict(int)
    for a, _, _ in stay.values():
        loads[a] += 1
    return all(a.most is None or loads[n] <= a.most for n, a in enumerate(arrangements.assessors))


def _search(
    units: Sequence[Unit],
    arrangements: Arrangements,
    places: Sequence[Sequence[Place]],
    old: Mapping[int, Place],
    seconds: float,
    seed: int,
    progress: Progress,
) -> KeptPlan | None:
    """The fewest visits without a place, then the fewest that move."""
    model: Any = import_solver().CpModel()
    x = {(u, place): model.new_bool_var(f"x{u}_{place}") for u, here in enumerate(places) for place in here}
    _keep_apart(model, x, units, arrangements)
    cost = []
    for u, here in enumerate(places):
        own = [x[u, place] for place in here]
        model.add_at_most_one(own)
        # One without a place weighs more than all that could move to make room for it.
        cost.append((len(units) + 1) * (1 - sum(own)))
        if u in old:
            # 1 if the visit has a place other than its old one, 0 if it stays or has none.
            cost.append(sum(own) - x.get((u, old[u]), 0))
    # Leaving every visit where it was is nearly always close to the best plan, so the search starts there.
    for (u, place), v in x.items():
        model.add_hint(v, old.get(u) == place)
    model.minimize(sum(cost))
    solver, stage = solve(model, CHANGES, seconds, seed, progress)
    if stage.objective is None:
        return None
    chosen = {u: place for (u, place), v in x.items() if solver.value(v)}
    stay = {u: place for u, place in chosen.items() if old.get(u) == place}
    # Visits that lost their place count as well: they aren't where people expect them either.
    # The solver's cost mixes visits without a place and visits that move; people want the number that changed.
    moved = float(len(old) - len(stay))
    bound = moved if stage.proved else None
    return KeptPlan(
        stay,
        {u: place for u, place in chosen.items() if u not in stay},
        stage.model_copy(update={"objective": moved, "bound": bound}),
    )


def _keep_apart(
    model: Any, x: Mapping[tuple[int, Place], Any], units: Sequence[Unit], arrangements: Arrangements
) -> None:
    """Assessors, managers and case files are in one place at a time; no assessor assesses a case twice, or takes more than their limit."""
    held: dict[tuple[object, ...], list[Any]] = defaultdict(list)
    loads: dict[int, list[Any]] = defaultdict(list)
    for (u, (a, d, s)), v in x.items():
        held["assessor", a, d, s].append(v)
        held["file", units[u].case, d, s].append(v)
        # Without day and slot in the key, an assessor can have at most one of a case's two assessments.
        held["reader", units[u].case, a].append(v)
        if units[u].interviewed:
            held["manager", units[u].interviewed, d, s].append(v)
        loads[a].append(v)
    for both in held.values():
        if len(both) > 1:
            model.add_at_most_one(both)
    for a, assessor in enumerate(arrangements.assessors):
        if assessor.most is not None:
            model.add(sum(loads[a]) <= assessor.most)
