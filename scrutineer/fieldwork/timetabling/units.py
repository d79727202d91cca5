"""What is to be placed: a first assessment with its interview for every case, and second assessments of some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import polars as pl

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.columns import CASE
from scrutineer.fieldwork.cases.membership import collect_groups
from scrutineer.fieldwork.cases.order import order_randomly
from scrutineer.fieldwork.timetabling.arrangements import Arrangements, Assessor
from scrutineer.frameworks.model import Framework
from scrutineer.statistics.printed import round_half_up


@dataclass(frozen=True)
class Unit:
    """One assessment of one case.

    Attributes:
        case: its reference.
        reading: 1 with the manager's interview, 2 blind and without it.
        office, team, manager: of the case; empty if not known.
        inspectors_first: whether it goes to area assessors only where inspectors have no room.
    """

    case: str
    reading: Literal[1, 2]
    office: str
    team: str
    manager: str
    inspectors_first: bool

    @property
    def interviewed(self) -> str:
        """The manager who must be there; empty for a second assessment, or where none is known."""
        return self.manager if self.reading == 1 else ""

    def may_go_to(self, assessor: Assessor) -> bool:
        """Whether an assessor may take it: area assessors take none of their own team's or their own cases."""
        if assessor.kind == "inspector":
            return True
        # A blank team is not a team: two blanks must not count as the same.
        own_team = bool(self.team) and assessor.team == self.team
        # Caseload systems often write staff by a code, so an assessor can give the name under which they manage cases.
        own_case = bool(self.manager) and self.manager in {assessor.manages_as, assessor.name}
        return not (own_team or own_case)


def make_units(
    framework: Framework, cases: pl.DataFrame, arrangements: Arrangements, seed: int
) -> list[Unit]:
    """Every assessment to be placed; which cases are read twice is drawn.

    Args:
        framework: gives the shares, the group that goes to inspectors first, and the roles of attributes.
        cases: the sample.
        arrangements: may give the share read twice in the framework's place.
        seed: of the draw of cases read twice.

    Raises:
        UserError: the cases do not say their office or manager.
    """
    roles = {role: framework.find_attribute(role) for role in ("office", "team", "manager")}
    lost = [role for role in ("office", "manager") if not roles[role] or roles[role] not in cases.columns]
    if lost:
        raise UserError(
            [
                Fault(
                    "the cases",
                    f"they have no column for the {role}",
                    "Add the column: the timetable needs it",
                )
                for role in lost
            ]
        )
    texts = {role: _list_texts(cases, key) for role, key in roles.items()}
    first = framework.sample.inspectors_first
    # A case whose group isn't known counts as outside it, so it isn't kept for inspectors.
    urgent = (
        (collect_groups(framework, cases, [first])[first] == 1).tolist() if first else [False] * cases.height
    )
    units = [
        Unit(
            case=case,
            reading=1,
            office=texts["office"][n],
            team=texts["team"][n],
            manager=texts["manager"][n],
            inspectors_first=urgent[n],
        )
        for n, case in enumerate(cases[CASE].to_list())
    ]
    return units + [_make_second(units[n]) for n in _draw_twice_read(framework, cases, arrangements, seed)]


def _list_texts(cases: pl.DataFrame, key: str | None) -> list[str]:
    if key is None or key not in cases.columns:
        return [""] * cases.height
    values: list[Any] = cases[key].to_list()
    return ["" if value is None else str(value) for value in values]


def _make_second(unit: Unit) -> Unit:
    return Unit(
        case=unit.case,
        reading=2,
        office=unit.office,
        team=unit.team,
        manager=unit.manager,
        inspectors_first=unit.inspectors_first,
    )


def _draw_twice_read(
    framework: Framework, cases: pl.DataFrame, arrangements: Arrangements, seed: int
) -> Sequence[int]:
    share = arrangements.read_twice_percent
    percent = framework.sample.read_twice_percent if share is None else share
    # Halves are rounded up: 10% of 25 cases are three.
    number = round_half_up(Fraction(cases.height * percent, 100))
    # The draw depends on references and seed alone, so anyone can repeat it and row order does not matter.
    return sorted(order_randomly(cases[CASE], seed)[:number].tolist())
