"""The draw itself: cases in random order, with strata, a cap per manager, quotas and reserves.

1. Cases are taken in random order while their stratum has room and their manager is below the cap.
2. While a quota is short, the next case in random order that belongs to a group still short comes in, and the
   last case taken in its stratum that no quota needs goes out. Quotas that chance has met change nothing.
3. Reserves are drawn in the same way from the cases that follow, with a share of every quota, and are put in random order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scrutineer.statistics.printed import round_half_up

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Frame:
    """What the draw looks at, by place in the eligible cases.

    Attributes:
        stratum: the number of each case's stratum.
        sizes: how many cases each stratum gives.
        groups: the members of each group with a quota.
        quotas: the least number of each.
        manager: the number of each case's manager; None if there is no cap.
        cap: most cases of one manager.
    """

    stratum: npt.NDArray[np.int64]
    sizes: Sequence[int]
    groups: Mapping[str, Mask] = field(default_factory=dict)
    quotas: Mapping[str, int] = field(default_factory=dict)
    manager: npt.NDArray[np.int64] | None = None
    cap: int | None = None

    @cached_property
    def members(self) -> tuple[int, ...]:
        """How many eligible cases each stratum has."""
        if len(self.sizes) == 1:
            return (len(self.stratum),)
        return tuple(count_each(self.stratum, len(self.sizes)).tolist())


_FEW = 16
"""So few numbers are counted sooner one after the other than all at once."""


def count_each(numbers: npt.NDArray[np.integer], possible: int) -> npt.NDArray[np.int64]:
    """How often each number from 0 occurs, of so many that are possible."""
    if possible > _FEW:
        return np.bincount(numbers, minlength=possible)
    return np.array([np.count_nonzero(numbers == n) for n in range(possible)], dtype=np.int64)


@dataclass
class Draw:
    """The places of the cases taken, in the order in which they were taken; and what could not be met.

    Attributes:
        taken: places of the sample.
        swapped: how many cases came in for a quota.
        short: by group, how many cases a quota lacks.
        unfilled: by stratum, how many cases a stratum lacks because of the cap.
    """

    taken: list[int]
    swapped: int = 0
    short: dict[str, int] = field(default_factory=dict)
    unfilled: dict[int, int] = field(default_factory=dict)


def draw(frame: Frame, order: Places) -> Draw:
    """Draw a sample in a given random order."""
    room = Counter(dict(enumerate(frame.sizes)))
    managers: Counter[int] = Counter()
    result = Draw(_take_first(frame, order, room, managers))
    if frame.quotas:
        _fill_quotas(frame, order, result, managers)
    # Only the cap can leave room: without it, a stratum never gives more cases than it has.
    result.unfilled = {h: n for h, n in room.items() if n > 0}
    return result


def _take_first(frame: Frame, order: Places, room: Counter[int], managers: Counter[int]) -> list[int]:
    """Cases in random order while there is room for them."""
    # Without strata or a cap the first cases in random order are the sample; this avoids a loop over large caseloads.
    if len(frame.sizes) == 1 and frame.cap is None:
        taken: list[int] = order[: frame.sizes[0]].tolist()
        room[0] -= len(taken)
        return taken
    drawn: list[int] = []
    total = sum(frame.sizes)
    for place in order.tolist():
        if len(drawn) == total:
            break
        stratum = int(frame.stratum[place])
        if room[stratum] > 0 and _is_below_cap(frame, place, managers):
            drawn.append(place)
            room[stratum] -= 1
            _count(frame, place, managers, 1)
    return drawn


def _is_below_cap(frame: Frame, place: int, managers: Counter[int]) -> bool:
    return frame.cap is None or frame.manager is None or managers[int(frame.manager[place])] < frame.cap


def _count(frame: Frame, place: int, managers: Counter[int], step: int) -> None:
    if frame.manager is not None:
        managers[int(frame.manager[place])] += step


def _fill_quotas(frame: Frame, order: Places, result: Draw, managers: Counter[int]) -> None:
    """Add cases for quotas that chance has not met, and remove cases that no quota needs."""
    have = {g: int(frame.groups[g][result.taken].sum()) for g in frame.quotas}
    short = {g: n - have[g] for g, n in frame.quotas.items() if have[g] < n}
    if not short:
        return
    inside = set(result.taken)
    # Only members of a group that is short can help, and walking past all other cases would dominate the running time.
    needed = np.any([frame.groups[g] for g in short], axis=0)
    for place in order[needed[order]].tolist():
        if not any(short.values()):
            break
        # The list of shortfalls changes with every swap, so a case that would have helped at the start may no longer do so.
        helps = [g for g, n in short.items() if n > 0 and frame.groups[g][place]]
        if place in inside or not helps:
            continue
        leaving = _find_dispensable(frame, result.taken, have, place, managers)
        if leaving is None:
            continue
        _swap(frame, result, have, managers, leaving, place)
        # A case that left may come in again later for another quota, so both changes are recorded.
        inside.add(place)
        inside.discard(leaving)
        short = {g: n - have[g] for g, n in frame.quotas.items() if have[g] < n}
    result.short = short


def _find_dispensable(
    frame: Frame, taken: list[int], have: dict[str, int], coming: int, managers: Counter[int]
) -> int | None:
    """The last case taken in the same stratum that can be swapped for the new one so that the quotas are nearer."""
    # The last case taken has the least claim to its place. Searching from the end keeps the draw as near as possible to the
    # random order, and the choice depends on nothing that a person could influence.
    for place in reversed(taken):
        # Swaps stay within a stratum, so that quotas never change how strata share the sample.
        if frame.stratum[place] != frame.stratum[coming] or not _cap_allows(frame, place, coming, managers):
            continue
        if _is_nearer(frame, have, place, coming):
            return place
    return None


def _cap_allows(frame: Frame, leaving: int, coming: int, managers: Counter[int]) -> bool:
    if frame.manager is None or frame.cap is None or frame.manager[leaving] == frame.manager[coming]:
        return True
    return managers[int(frame.manager[coming])] < frame.cap


def _is_nearer(frame: Frame, have: dict[str, int], leaving: int, coming: int) -> bool:
    """Whether no quota gets shorter and all together get less short."""
    gain = 0
    for group, least in frame.quotas.items():
        then = have[group] + int(frame.groups[group][coming]) - int(frame.groups[group][leaving])
        step = max(least - have[group], 0) - max(least - then, 0)
        # Meeting one quota at the cost of another could go round in circles.
        if step < 0:
            return False
        gain += step
    return gain > 0


def _swap(
    frame: Frame, result: Draw, have: dict[str, int], managers: Counter[int], leaving: int, coming: int
) -> None:
    result.taken.remove(leaving)
    result.taken.append(coming)
    result.swapped += 1
    for group in frame.quotas:
        have[group] += int(frame.groups[group][coming]) - int(frame.groups[group][leaving])
    _count(frame, leaving, managers, -1)
    _count(frame, coming, managers, 1)


def calculate_reserve_quotas(frame: Frame, taken: Sequence[int], percent: int, number: int) -> dict[str, int]:
    """How many reserves each group with a quota must have: a percentage of the quota, as far as there are cases left.

    Where all of a group are in the sample for its quota, none of the next cases could otherwise replace one
    for one of them.
    """
    reserved = {}
    for group, least in frame.quotas.items():
        left = int(frame.groups[group].sum()) - int(frame.groups[group][list(taken)].sum())
        # A fraction, because halves must round upwards and floats would sometimes miss them.
        share = min(round_half_up(Fraction(least * percent, 100)), left, number)
        if share:
            reserved[group] = share
    return reserved


def list_reserves(
    frame: Frame,
    order: Places,
    taken: Sequence[int],
    numbers: Sequence[int],
    quotas: Mapping[str, int] | None = None,
) -> list[int]:
    """The reserves of each stratum: the cases that follow in random order, with their share of every quota.

    Args:
        frame: what the draw looked at.
        order: the random order.
        taken: the sample.
        numbers: reserves by stratum.
        quotas: what they must hold (see `calculate_reserve_quotas`).
    """
    inside = np.zeros(len(frame.stratum), dtype=np.bool_)
    inside[list(taken)] = True
    rest = order[~inside[order]]
    drawn = draw(
        Frame(stratum=frame.stratum, sizes=numbers, groups=frame.groups, quotas=quotas or {}), rest
    ).taken
    # Quota cases are appended at the end of a draw; put back in random order, none is used early or late.
    inside[:] = False
    inside[drawn] = True
    reserves: list[int] = rest[inside[rest]].tolist()
    return reserves
