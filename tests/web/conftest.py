"""A room with people of every role, and an inspection in it."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from scrutineer_web.actions import accounts, allocation, inspections
from scrutineer_web.actions.answers import Given
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.user import User

EVERYWHERE = ("programme_manager", "information_manager", "analyst", "methodologist", "auditor", "administrator")
PASSWORD = "a long word for tests"


def person(name: str) -> User:
    made = User(username=name, name=name.replace("_", " ").title())
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def people(db: None) -> dict[str, User]:
    """An account for every role that is held everywhere, and one for each part in an inspection."""
    found = {role: person(role) for role in EVERYWHERE}
    for role, user in found.items():
        accounts.appoint(user=user, role=role, by=None)
    parts = ("lead_inspector", "inspector", "second_inspector", "area_assessor", "area_liaison", "nobody")
    return {**found, **{name: person(name) for name in parts}}


VILLAGE_CASES = """case,order_type,risk_of_harm,sex,ethnicity,office,team,manager,started,synthetic
F-1,licence,high,male,white,North,Team A,Manager 1,2005-01-10,yes
F-2,community_rehabilitation,low,female,white,North,Team A,Manager 2,2005-01-11,yes
F-3,community_punishment,medium,male,minority_ethnic,South,Team B,Manager 3,2005-01-12,yes
F-4,licence,very_high,male,white,South,Team B,Manager 4,2005-01-13,yes
F-5,community_rehabilitation,medium,female,white,South,Team B,Manager 5,2005-01-14,yes
F-6,community_rehabilitation,low,male,white,North,Team C,Manager 6,2005-01-15,yes
"""


@pytest.fixture
def inspection(people: dict[str, User]) -> Inspection:
    """A small inspection of a fictional area in its fieldwork: five cases, one reserve, one read twice."""
    from scrutineer_web.actions import frameworks, samples
    from scrutineer_web.records.framework_version import FrameworkVersion

    frameworks.hold_offered()
    version = FrameworkVersion.objects.filter(framework_id="esi-2003").latest("id")
    manager = people["information_manager"]
    made = inspections.create(area="Farfield", framework=version, synthetic=True, by=manager)
    samples.import_caseload(inspection=made, name="caseload.csv", content=VILLAGE_CASES.encode(), by=manager)
    wanted = samples.Wanted(seed=7, on="2005-10-31", months=(6, 12), size=5, reserves=20)
    samples.draw(inspection=made, wanted=wanted, by=manager)
    for name, role in (
        ("lead_inspector", "lead_inspector"),
        ("inspector", "inspector"),
        ("second_inspector", "inspector"),
        ("area_assessor", "area_assessor"),
        ("area_liaison", "area_liaison"),
    ):
        team = "Team A" if role == "area_assessor" else ""
        inspections.add_participant(
            inspection=made, name=people[name].name, role=role, team=team, user=people[name], by=manager
        )
    parts = {p.user.username: p for p in made.participants.all()}
    cases = list(made.cases.filter(state="sampled"))
    foreign = next(c for c in cases if c.team != "Team A")
    allocation.allocate(case=foreign, reading=1, assessor=parts["area_assessor"], by=manager)
    for case in cases:
        if case != foreign:
            allocation.allocate(case=case, reading=1, assessor=parts["inspector"], by=manager)
    twice = next(c for c in cases if c != foreign)
    allocation.allocate(case=twice, reading=2, assessor=parts["second_inspector"], by=manager)
    inspections.move(inspection=made, to="start_fieldwork", by=manager)
    return made


@pytest.fixture
def reading(inspection: Inspection) -> Assessment:
    """A first reading of the inspector's."""
    return Assessment.objects.filter(case__inspection=inspection, reading=1, assessor__name="Inspector").order_by("case__position").first()


@pytest.fixture
def northmoor_folder(made: Path) -> Path:
    """The folder of a whole inspection."""
    return made / "esi"


def given(question: str, value: str | None, base: int = 0, **texts: str) -> Given:
    return Given(question, value, base, uuid4(), texts)


