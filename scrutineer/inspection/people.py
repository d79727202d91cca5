"""`people.yaml`: who takes part, and in which role."""

from __future__ import annotations

from typing import Literal

from scrutineer.frameworks.parts import FrameworkPart, Sentence

Role = Literal[
    "chief_inspector",
    "lead_inspector",
    "inspector",
    "practice_assessor",
    "area_assessor",
    "information_manager",
    "programme_manager",
    "publications",
    "area_liaison",
]

ROLES: dict[str, tuple[str, str]] = {
    "chief_inspector": ("Chief inspector", "Chief inspectors"),
    "lead_inspector": ("Lead inspector", "Lead inspectors"),
    "inspector": ("Inspector", "Inspectors"),
    "practice_assessor": ("Practice assessor", "Practice assessors"),
    "area_assessor": ("Area assessor", "Area assessors"),
    "information_manager": ("Information manager", "Information managers"),
    "programme_manager": ("Programme manager", "Programme managers"),
    "publications": ("Publications officer", "Publications officers"),
    "area_liaison": ("Area liaison", "Area liaison"),
}
"""What each role is called: one person, several."""


class Person(FrameworkPart):
    """Someone with a role.

    Attributes:
        team: an area assessor's own team, whose cases they never assess.
    """

    name: Sentence
    role: Role
    team: str = ""


class People(FrameworkPart):
    """Everyone who takes part."""

    people: tuple[Person, ...] = ()

    def find_by_role(self, role: str) -> list[Person]:
        """The people of a role, in the order of the file."""
        return [person for person in self.people if person.role == role]
