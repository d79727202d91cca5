"""The plan that the search starts from: whole, quickly made, and near the least cost where good loads are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from scrutineer.fieldwork.timetabling.arrangements import Arrangements
from scrutineer.fieldwork.timetabling.least_cost import Kind, Loads
from scrutineer.fieldwork.timetabling.units import Unit

Spot = tuple[int, int]
Slots = set[tuple[int, int]]


class FirstPlan:
    """A plan as it is put together; it keeps every hard rule at every step."""

    def __init__(
        self,
        units: Sequence[Unit],
        arrangements: Arrangements,
        allowed: Sequence[Sequence[Spot]],
        free: Sequence[Slots],
        present: Mapping[str, Slots],
        price: Callable[[Unit, int, bool], int],
    ):
        """Begin with no one placed.

        Args:
            units: the assessments.
            arrangements: people and days.
            allowed: the assessors and days of each assessment.
            free: each assessor's days and slots.
            present: each manager's.
            price: what an assessment costs with an assessor, who is at its office that day anyway or is not.
        """
        self.units, self.allowed, self.price = units, allowed, price
        self.room = {
            (a, d): sum(1 for day, _ in slots if day == d)
            for a, slots in enumerate(free)
            for d in range(len(arrangements.days))
        }
        self.left = [
            len(free[a]) if assessor.most is None else assessor.most
            for a, assessor in enumerate(arrangements.assessors)
        ]
        # Managers' slots are only counted for each day. Which slot an
        # interview gets is for the second stage.
        self.present = {
            (m, d): sum(1 for day, _ in slots if day == d)
            for m, slots in present.items()
            for d in range(len(arrangements.days))
        }
        self.visits: set[tuple[int, int, str]] = set()
        self.readers: dict[str, set[int]] = defaultdict(set)
        self.spots: dict[int, Spot] = {}

    def follow(self, loads: Loads, kinds: Sequence[Kind]) -> None:
        """Give assessors their loads, and fill their days office by office."""
        due = dict(loads)
        mine: dict[int, list[int]] = defaultdict(list)
        readers: dict[str, int] = {}
        twice = {unit.case for unit in self.units if unit.reading == 2}
        # Cases that are read twice first, while there is still a choice of two readers.
        for u in sorted(
            range(len(self.units)), key=lambda u: (self.units[u].case not in twice, kinds[u].office)
        ):
            case = self.units[u].case
            # The loads know nothing of pairs of readers, so an assessment can be
            # left over here. place_rest takes it.
            those = [a for a in kinds[u].allowed if due.get((a, kinds[u]), 0) and readers.get(case) != a]
            if those:
                a = max(those, key=lambda a: due[a, kinds[u]])
                due[a, kinds[u]] -= 1
                readers[case] = a
                mine[a].append(u)
        for a, own in mine.items():
            self._fill_days(a, own)

    def _fill_days(self, a: int, own: Sequence[int]) -> None:
        """Whole days at one office first, then what is left of each office, the most first."""
        by_office: dict[str, list[int]] = defaultdict(list)
        for u in own:
            by_office[self.units[u].office].append(u)
        days = sorted({d for who, d in self.room if who == a})
        daily = max((self.room[a, d] for d in days), default=0)
        parts = [
            here[n : n + daily] for here in by_office.values() for n in range(0, len(here), max(daily, 1))
        ]
        # Largest first, as in bin packing (first-fit decreasing): small
        # parts fit into what is left of a day.
        for part in sorted(parts, key=len, reverse=True):
            # The day with the least room that takes them all, else the one with the most.
            day = min(days, key=lambda d: (self.room[a, d] < len(part), abs(self.room[a, d] - len(part)), d))
            for u in part:
                if self._is_possible(u, (a, day)):
                    self._place(u, (a, day))

    def place_rest(self) -> None:
        """Each other assessment where its office is visited already, else where most is free."""
        for u in sorted(range(len(self.units)), key=lambda u: (self.units[u].reading, self.units[u].office)):
            spots = [] if u in self.spots else [s for s in self.allowed[u] if self._is_possible(u, s)]
            if spots:
                self._place(u, min(spots, key=lambda spot: self._rate_spot(u, spot)))

    def _is_possible(self, u: int, spot: Spot) -> bool:
        unit, (a, d) = self.units[u], spot
        return bool(
            spot in self.allowed[u]
            and self.room[spot]
            and self.left[a]
            and a not in self.readers[unit.case]
            # A second assessment has no entry, since no manager has to be there.
            and self.present.get((unit.interviewed, d), 1)
        )

    def _place(self, u: int, spot: Spot) -> None:
        unit, (a, d) = self.units[u], spot
        self.spots[u] = spot
        self.readers[unit.case].add(a)
        self.room[spot] -= 1
        self.left[a] -= 1
        self.visits.add((a, d, unit.office))
        if unit.interviewed:
            self.present[unit.interviewed, d] -= 1

    def _rate_spot(self, u: int, spot: Spot) -> tuple[int, int, int]:
        unit, (a, d) = self.units[u], spot
        return self.price(unit, a, (a, d, unit.office) in self.visits), -self.left[a], d
