"""People in the demonstration, one for every role."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Somebody:
    """A person of the demonstration: an account, a role everywhere, a part in the inspections."""

    username: str
    name: str
    role: str = ""
    part: str = ""
    team: str = ""


PEOPLE = (
    Somebody("programme", "T. Holme", "programme_manager"),
    Somebody("information", "K. Garth", "information_manager"),
    Somebody("lead", "C. Birchall", part="lead_inspector"),
    Somebody("inspector", "A. Corran", part="inspector"),
    Somebody("inspector2", "J. Dunmore", part="inspector"),
    Somebody("inspector3", "P. Ellery", part="inspector"),
    Somebody("practice", "S. Farrow", part="practice_assessor"),
    Somebody("area", "L. Ingleby", part="area_assessor", team="Team C"),
    Somebody("area2", "R. Jessop", part="area_assessor", team="Team F"),
    Somebody("area3", "D. Kershaw", part="area_assessor", team="Team I"),
    Somebody("liaison", "N. Lomas", part="area_liaison"),
    Somebody("chief", "M. Ashdown", "chief_inspector", part="chief_inspector"),
    Somebody("publications", "O. Quayle", part="publications"),
    Somebody("analyst", "V. Marsh", "analyst"),
    Somebody("methodologist", "B. Noble", "methodologist"),
    Somebody("auditor", "E. Orrell", "auditor"),
    Somebody("admin", "H. Pryor", "administrator"),
)


def list_people() -> list[tuple[str, str]]:
    """Sign-in names, and who each is."""
    return [(p.username, f"{p.name}, {(p.role or p.part).replace('_', ' ')}") for p in PEOPLE]
