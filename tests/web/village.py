"""A small fictional inspection with people of every role: for tests in one process, and for a room that is served.

python -m tests.web.village FOLDER PORT [bare]     makes it in FOLDER, and serves it
"""

from __future__ import annotations

import sys
from pathlib import Path

EVERYWHERE = (
    "programme_manager",
    "information_manager",
    "analyst",
    "methodologist",
    "auditor",
    "administrator",
)
PARTS = (
    ("lead_inspector", "lead_inspector", ""),
    ("inspector", "inspector", ""),
    ("second_inspector", "inspector", ""),
    ("area_assessor", "area_assessor", "Team A"),
    ("area_liaison", "area_liaison", ""),
    ("chief_inspector", "chief_inspector", ""),
    ("publications", "publications", ""),
)
PASSWORD = "a long word for tests"

CASES = """case,order_type,risk_of_harm,sex,ethnicity,office,team,manager,started,synthetic
F-1,licence,high,male,white,North,Team A,Manager 1,2005-01-10,yes
F-2,community_rehabilitation,low,female,white,North,Team A,Manager 2,2005-01-11,yes
F-3,community_punishment,medium,male,minority_ethnic,South,Team B,Manager 3,2005-01-12,yes
F-4,licence,very_high,male,white,South,Team B,Manager 4,2005-01-13,yes
F-5,community_rehabilitation,medium,female,white,South,Team B,Manager 5,2005-01-14,yes
F-6,community_rehabilitation,low,male,white,North,Team C,Manager 6,2005-01-15,yes
"""


def make_people():
    """An account for every role that is held everywhere, for each part in an inspection, and for nobody."""
    from scrutineer_web.actions import accounts
    from scrutineer_web.records.user import User

    found = {}
    for name in (*EVERYWHERE, *(name for name, _, _ in PARTS), "nobody"):
        made = User(username=name, name=name.replace("_", " ").title())
        made.set_password(PASSWORD)
        made.save()
        found[name] = made
        if name in EVERYWHERE:
            accounts.appoint(user=made, role=name, by=None)
    return found


def make_inspection(people):
    """An inspection in its fieldwork: five cases, one reserve, one case read twice."""
    from scrutineer_web.actions import allocation, frameworks, inspections, samples
    from scrutineer_web.records.framework_version import FrameworkVersion

    frameworks.hold_offered()
    version = FrameworkVersion.objects.filter(framework_id="esi-2003").latest("id")
    manager = people["information_manager"]
    made = inspections.create(area="Farfield", framework=version, synthetic=True, by=manager)
    samples.import_caseload(inspection=made, name="caseload.csv", content=CASES.encode(), by=manager)
    wanted = samples.Wanted(seed=7, on="2005-10-31", months=(6, 12), size=5, reserves=20)
    samples.draw(inspection=made, wanted=wanted, by=manager)
    for name, role, team in PARTS:
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


def make(folder: Path, bare: bool) -> None:
    """Make the village in a folder; bare: people and frameworks alone."""
    from scrutineer_web.commands import _open

    _open(folder)
    people = make_people()
    if not bare:
        make_inspection(people)


if __name__ == "__main__":
    make(Path(sys.argv[1]), "bare" in sys.argv[2:])
