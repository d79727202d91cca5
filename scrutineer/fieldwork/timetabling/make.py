"""A timetable in two stages: assessor and day first, then slots within each day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import polars as pl

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.columns import CASE
from scrutineer.fieldwork.timetabling.allocate import Allocation, Spot, allocate
from scrutineer.fieldwork.timetabling.arrangements import Arrangements
from scrutineer.fieldwork.timetabling.fewest_moves import keep_most
from scrutineer.fieldwork.timetabling.history import add_history, describe_place, make_identity
from scrutineer.fieldwork.timetabling.search import Progress
from scrutineer.fieldwork.timetabling.slots import place_day
from scrutineer.fieldwork.timetabling.timetable import Placed, Stage, TimetablePlan, Unplaced
from scrutineer.fieldwork.timetabling.units import Unit, make_units
from scrutineer.frameworks.holidays import list_day_remarks
from scrutineer.frameworks.model import Framework

_FIRST_STAGE = 0.85
"""The share of the time that goes to the first stage."""

_CHANGES_STAGE = 0.4
"""The share of the time that the fewest changes may take, where a plan is made again."""

Before = Mapping[tuple[str, int], Placed]


def make_timetable(
    framework: Framework,
    cases: pl.DataFrame,
    arrangements: Arrangements,
    *,
    seconds: float = 30,
    seed: int = 0,
    before: TimetablePlan | None = None,
    progress: Progress = lambda _what, _seconds, _gap: None,
) -> TimetablePlan:
    """Allocate and timetable the cases of a sample.

    Args:
        framework: shares, roles, the group that goes to inspectors first.
        cases: the sample; office and manager of each case.
        arrangements: people, days, slots, absences, travel, locks.
        seconds: how long to search in all.
        seed: of the search, and of which cases are read twice.
        before: the plan that this one takes the place of, with the fewest changes.
        progress: called with every better plan.

    Raises:
        UserError: the cases lack office or manager, or a lock names no case of the plan before.
    """
    units = _list_units(framework, cases, arrangements, seed, before)
    old: Before = {(p.case, p.reading): p for p in before.placed} if before else {}
    locked, slots = _list_locks(units, arrangements, old, before)
    share = _find_share(framework, arrangements)
    pinned, hours, plan_kept = dict(locked), dict(slots), None
    if before is not None:
        plan_kept = keep_most(
            units, arrangements, old, locked, slots, seconds * _CHANGES_STAGE, seed, progress
        )
        # Time that the first search did not use goes to the later ones.
        seconds = max(seconds * (1 - _CHANGES_STAGE), seconds - plan_kept.stage.seconds)
        pinned |= {u: (a, d) for u, (a, d, _) in plan_kept.stay.items()}
        hours |= {u: s for u, (_, _, s) in plan_kept.stay.items()}
    first = allocate(units, arrangements, share, old, pinned, seconds * _FIRST_STAGE, seed, progress)
    chosen, stages = _place_days(
        units, first, arrangements, old, hours, seconds * (1 - _FIRST_STAGE), seed, progress
    )
    # The two stages decide separately, so a day can turn out too full for its slots although another day has room.
    # Pinned, not only locked: what the fewest moves left in place must not move here either.
    _fill_in(units, arrangements, chosen, pinned)
    if plan_kept is not None:
        stages.append(plan_kept.stage)
        # Weighing the rest must not cost anybody a place that was found when only changes were weighed.
        # max() returns the first of two that are equally long, so the weighed plan wins a tie.
        chosen = max(chosen, {**plan_kept.stay, **plan_kept.others}, key=len)
    return _make_plan(framework, cases, units, arrangements, chosen, locked, first.spots, stages, old, before)


def _find_share(framework: Framework, arrangements: Arrangements) -> int:
    """Percent of the cases that area assessors take: as arranged, or as the framework has it."""
    percent = arrangements.area_assessor_percent
    return framework.sample.area_assessor_percent if percent is None else percent


def _fill_in(
    units: Sequence[Unit],
    arrangements: Arrangements,
    chosen: dict[int, tuple[int, int, int]],
    locked: Mapping[int, Spot | None],
) -> None:
    """Assessments that found no slot on their day go wherever everyone they need is free, near other visits to the same office."""
    managers = {m.name: arrangements.list_free_slots(m.away) for m in arrangements.managers}
    everything = arrangements.list_free_slots(())
    for u, unit in enumerate(units):
        # A locked assessment never moves: a person has to decide what happens to it.
        if u in chosen or u in locked:
            continue
        places = [
            (a, d, s)
            for a, assessor in enumerate(arrangements.assessors)
            if unit.may_go_to(assessor) and _has_room(chosen, a, assessor.most)
            for d, s in sorted(arrangements.list_free_slots(assessor.away))
            if arrangements.days[d] not in arrangements.locked.days
            if not unit.interviewed or (d, s) in managers.get(unit.interviewed, everything)
            if not _has_clash(units, chosen, unit, (a, d, s))
        ]
        if places:
            there = {(*chosen[v][:2], units[v].office) for v in chosen}
            # The place itself breaks ties, so the same input always gives the same plan.
            chosen[u] = min(places, key=lambda place: ((*place[:2], unit.office) not in there, place))


def _has_room(chosen: Mapping[int, tuple[int, int, int]], a: int, most: int | None) -> bool:
    return most is None or sum(1 for place in chosen.values() if place[0] == a) < most


def _has_clash(
    units: Sequence[Unit], chosen: Mapping[int, tuple[int, int, int]], unit: Unit, place: tuple[int, int, int]
) -> bool:
    """Whether the assessor, the manager or the case file is taken then, or the assessor has read the case."""
    a, d, s = place
    for v, (b, e, t) in chosen.items():
        if units[v].case == unit.case and b == a:
            return True
        if (e, t) == (d, s) and (
            b == a
            or units[v].case == unit.case
            or (unit.interviewed and units[v].interviewed == unit.interviewed)
        ):
            return True
    return False


def _list_units(
    framework: Framework,
    cases: pl.DataFrame,
    arrangements: Arrangements,
    seed: int,
    before: TimetablePlan | None,
) -> list[Unit]:
    """The assessments to be placed; a revised plan has second assessments of the same cases as the one before."""
    units = make_units(framework, cases, arrangements, seed)
    if before is None:
        return units
    # Drawing again would choose other cases for a second assessment, and people may already have prepared for the first choice.
    twice = {p.case for p in before.placed if p.reading == 2}
    twice |= {p.case for p in before.unplaced if p.reading == 2}
    first = [u for u in units if u.reading == 1]
    second = [
        Unit(
            case=u.case,
            reading=2,
            office=u.office,
            team=u.team,
            manager=u.manager,
            inspectors_first=u.inspectors_first,
        )
        for u in first
        if u.case in twice
    ]
    return first + second


def _list_locks(
    units: Sequence[Unit], arrangements: Arrangements, old: Before, before: TimetablePlan | None
) -> tuple[dict[int, Spot | None], dict[int, int]]:
    """Assessments that keep their assessor and day, and their slot; None for a place that no longer exists."""
    locks = arrangements.locked
    unknown = [case for case in locks.cases if (case, 1) not in old]
    # A lock keeps a visit where it was; without an earlier place there is nothing to keep.
    if (locks.cases or locks.days) and (before is None or unknown):
        named = ", ".join(unknown) or "something"
        what = f"{named} is locked, but has no place in an earlier plan"
        raise UserError(Fault("the timetable", what, "Use the earlier plan, or remove the lock"))
    names = [a.name for a in arrangements.assessors]
    spots: dict[int, Spot | None] = {}
    slots: dict[int, int] = {}
    for u, unit in enumerate(units):
        place = old.get((unit.case, unit.reading))
        # The arrangements alone say what is locked now: a lock of the plan before may have been removed since.
        if place is None or not (unit.case in locks.cases or place.day in locks.days):
            continue
        if place.assessor in names and place.day in arrangements.days and place.slot in arrangements.slots:
            spots[u] = (names.index(place.assessor), arrangements.days.index(place.day))
            slots[u] = arrangements.slots.index(place.slot)
        else:
            # Still locked, so that it is listed and not moved without anyone noticing.
            spots[u] = None
    return spots, slots


def _place_days(
    units: Sequence[Unit],
    first: Allocation,
    arrangements: Arrangements,
    old: Before,
    hours: Mapping[int, int],
    seconds: float,
    seed: int,
    progress: Progress,
) -> tuple[dict[int, tuple[int, int, int]], list[Stage]]:
    """The slots of each day in turn, each with its share of the time."""
    chosen: dict[int, tuple[int, int, int]] = {}
    stages = [first.stage]
    # Days are independent once assessors and days are fixed, so each is a small problem of its own.
    each = seconds / len(arrangements.days)
    for day in range(len(arrangements.days)):
        placed, stage = place_day(units, first.spots, day, arrangements, old, hours, each, seed, progress)
        stages.append(stage)
        chosen |= {u: (*first.spots[u], s) for u, s in placed.items()}
    return chosen, stages


def _make_placed(unit: Unit, arrangements: Arrangements, spot: tuple[int, int, int], locked: bool) -> Placed:
    assessor, day, slot = spot
    return Placed(
        case=unit.case,
        reading=unit.reading,
        assessor=arrangements.assessors[assessor].name,
        day=arrangements.days[day],
        slot=arrangements.slots[slot],
        office=unit.office,
        manager=unit.interviewed,
        locked=locked,
    )


def _make_plan(
    framework: Framework,
    cases: pl.DataFrame,
    units: Sequence[Unit],
    arrangements: Arrangements,
    chosen: Mapping[int, tuple[int, int, int]],
    locked: Mapping[int, Spot | None],
    spots: Mapping[int, Spot],
    stages: Sequence[Stage],
    old: Before,
    before: TimetablePlan | None,
) -> TimetablePlan:
    placed = [_make_placed(units[u], arrangements, spot, u in locked) for u, spot in chosen.items()]
    # Sorted, because the solver's order means nothing and files should not change without reason.
    placed.sort(key=lambda p: (p.day, p.slot, p.assessor))
    visits, cancelled, revision = add_history(placed, before)
    unplaced = (
        Unplaced(
            case=unit.case,
            reading=unit.reading,
            reason=explain_unplaced(units, arrangements, u, u in spots, u in locked),
        )
        for u, unit in enumerate(units)
        if u not in chosen
    )
    return TimetablePlan(
        framework=framework.id,
        days=arrangements.days,
        slots=arrangements.slots,
        cases=cases[CASE].n_unique(),
        placed=visits,
        unplaced=tuple(unplaced),
        stages=tuple(stages),
        kinds={a.name: a.kind for a in arrangements.assessors},
        moved=_list_moved(placed, old) if before else None,
        travel_minutes=calculate_travel(placed, arrangements),
        synthetic="synthetic" in cases.columns and bool(cases["synthetic"].any()),
        inspection=make_identity(framework.id, cases, arrangements, before),
        revision=revision,
        begun=(before.begun or before.days[0]) if before else arrangements.days[0],
        cancelled=cancelled,
        time_zone=arrangements.time_zone,
        remarks=tuple(_list_remarks(arrangements, visits)),
    )


def _list_remarks(arrangements: Arrangements, visits: Sequence[Placed]) -> Iterator[str]:
    """Remarks on the days, and on people without visits."""
    yield from list_day_remarks(arrangements.days, arrangements.holidays)
    busy = {visit.assessor for visit in visits}
    for assessor in arrangements.assessors:
        if not arrangements.list_free_slots(assessor.away):
            yield f"{assessor.name} has no free day or slot, so has no visits"
        elif assessor.name not in busy:
            yield f"{assessor.name} has no visits"


def _list_moved(placed: Sequence[Placed], old: Before) -> tuple[str, ...]:
    """Cases of which an assessment has another assessor, day or slot than before."""
    moved = {}
    for p in placed:
        place = old.get((p.case, p.reading))
        if place is None or describe_place(place)[:3] != describe_place(p)[:3]:
            moved[p.case] = True
    return tuple(moved)


def calculate_travel(placed: Sequence[Placed], arrangements: Arrangements) -> int:
    """Minutes between offices within days, of all assessors; nothing to or from an office that isn't known."""
    total = 0
    for name in {p.assessor for p in placed}:
        mine = sorted((p.day, p.slot, p.office) for p in placed if p.assessor == name and p.office)
        # From the base and back isn't travel within the day. The first stage
        # prices it with each visit to an office.
        for (day, _, here), (other_day, _, there) in pairwise(mine):
            total += arrangements.find_travel_minutes(here, there) if day == other_day else 0
    return total


def explain_unplaced(
    units: Sequence[Unit], arrangements: Arrangements, u: int, had_day: bool, locked: bool
) -> str:
    """Why an assessment has no slot: everything that prevents it by itself, or else what the other assessments use up."""
    unit = units[u]
    people = [a for a in arrangements.assessors if unit.may_go_to(a)]
    if locked:
        # Said first: nothing else matters for a visit that may not move.
        return "it is locked to an assessor, day and slot that are no longer available"
    away = next((m.away for m in arrangements.managers if m.name == unit.interviewed), ())
    present = arrangements.list_free_slots(away)
    alone = []
    if not people:
        alone.append("every assessor works in the case's own team or manages the case")
    elif not any(arrangements.list_free_slots(a.away) for a in people):
        alone.append("no assessor who can take it has a free day")
    if unit.interviewed and not present:
        alone.append(f"{unit.interviewed} is away every day")
    # Reasons that hold whatever else is planned come first: people can act on them without looking at other cases.
    if alone:
        return "; ".join(alone)
    if not any(arrangements.list_free_slots(a.away) & present for a in people):
        return f"no assessor who can take it is free when {unit.interviewed or 'it could be read'} is"
    crowded = list(_explain_crowding(units, arrangements, unit, len(present)))
    if crowded:
        return "; ".join(crowded)
    if had_day:
        return "no slot on its day was free for everyone it needs"
    return "no slot was left for everyone it needs"


def _explain_crowding(
    units: Sequence[Unit], arrangements: Arrangements, unit: Unit, present: int
) -> Iterator[str]:
    """Where there is less room than there are assessments."""
    room = sum(
        min(len(arrangements.list_free_slots(a.away)), a.most if a.most is not None else 10**9)
        for a in arrangements.assessors
    )
    if room < len(units):
        yield f"there are {len(units)} assessments and only {room} slots"
    # Second assessments have no interview, and their blanks must not count as one manager's.
    asked = sum(1 for other in units if other.interviewed == unit.interviewed and other.interviewed)
    # A manager's interviews can exceed their own free slots although there is room for everything else.
    if unit.interviewed and asked > present:
        yield f"{unit.interviewed} has {asked} interviews and {present} free slots"
