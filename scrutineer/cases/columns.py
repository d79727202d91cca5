"""The columns of a file of cases: those of the framework, and those that Scrutineer adds on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from scrutineer.frameworks.model import Framework

Kind = Literal["choice", "yes_no", "number", "date", "text"]
CASE = "case"


@dataclass(frozen=True)
class Column:
    """One column that a file of cases may have.

    Attributes:
        key: its name in the frame.
        title: what people call it.
        kind: of its values.
        options: the values of a choice.
        other_names: further headings that are known for it.
    """

    key: str
    title: str
    kind: Kind
    options: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()


ADDED = (
    Column("selected_as", "Selected as", "choice", ("main", "reserve", "substitute", "additional")),
    Column("place", "Place in the draw", "number"),
    Column("stratum", "Stratum", "text"),
    Column("inclusion_probability", "Probability of inclusion", "number"),
    Column("weight", "Weight", "number"),
    Column("assessor", "Assessor", "text"),
    Column("assessor_kind", "Kind of assessor", "choice", ("inspector", "area_assessor")),
    Column("second_assessor", "Second assessor", "text"),
    Column("elements", "Thematic elements", "text"),
    Column("synthetic", "Synthetic", "yes_no"),
)
"""What sampling, the timetable and simulation write beside the framework's own attributes."""


def columns(framework: Framework) -> dict[str, Column]:
    """Every column that a file of cases may have, by key: the case's own reference first."""
    first = Column(
        CASE, "Case", "text", (), ("case id", "case reference", "case number", "reference", "crn", "id")
    )
    own = [Column(a.key, a.title, a.kind, a.options) for a in framework.attributes]
    names = {c.key for c in own}
    return {c.key: c for c in (first, *own, *(c for c in ADDED if c.key not in names))}


def code(text: str) -> str:
    """A heading or value as a code: lower case, everything else than letters and digits as one underscore."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def match(headings: Iterable[str], known: dict[str, Column], asked: dict[str, str]) -> dict[str, str]:
    """Which heading of a file stands for which column.

    Args:
        headings: as the file has them.
        known: the columns to be found.
        asked: heading by column key, where a person says so; these come first.

    Returns:
        Heading by column key, in the order of `known`.
    """
    there = list(headings)
    by_code = {code(h): h for h in reversed(there)}
    found = {key: heading for key, heading in asked.items() if key in known and heading in there}
    taken = set(found.values())
    for key, column in known.items():
        names = (key, column.title, *column.other_names)
        heading = next((h for name in names if (h := by_code.get(code(name))) and h not in taken), None)
        if key not in found and heading is not None:
            found[key] = heading
            taken.add(heading)
    return {key: found[key] for key in known if key in found}
