"""The columns of a file of cases: those of the framework, and those that Scrutineer adds on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from scrutineer.frameworks.model import Framework
from scrutineer.tables.names import write_spoken

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
    Column(
        key="selected_as",
        title="Selected as",
        kind="choice",
        options=("main", "reserve", "substitute", "additional"),
    ),
    Column("place", "Place in the draw", "number"),
    Column("stratum", "Stratum", "text"),
    Column("inclusion_probability", "Probability of inclusion", "number"),
    Column("weight", "Weight", "number"),
    Column("assessor", "Assessor", "text"),
    Column(
        key="assessor_kind", title="Kind of assessor", kind="choice", options=("inspector", "area_assessor")
    ),
    Column("second_assessor", "Second assessor", "text"),
    Column("elements", "Thematic elements", "text"),
    Column("synthetic", "Synthetic", "yes_no"),
)
"""The columns that sampling, the timetable and simulation add to the framework's own attributes."""


def collect_columns(framework: Framework) -> dict[str, Column]:
    """Every column that a file of cases may have, by key: the case's own reference first."""
    first = Column(
        key=CASE,
        title="Case",
        kind="text",
        options=(),
        other_names=("case id", "case reference", "case number", "reference", "crn", "id"),
    )
    own = [Column(key=a.key, title=a.title, kind=a.kind, options=a.options) for a in framework.attributes]
    names = {c.key for c in own}
    return {c.key: c for c in (first, *own, *(c for c in ADDED if c.key not in names))}


def list_names(column: Column) -> tuple[str, ...]:
    """Every heading that is known for a column."""
    return (column.key, column.title, *column.other_names)


def match_headings(
    headings: Iterable[str], known: Mapping[str, Column], asked: Mapping[str, str]
) -> tuple[dict[str, str], list[tuple[str, tuple[str, ...]]]]:
    """Match the headings of a file to columns.

    Headings match after trimming, case-folding and reading underscores as blanks; nothing else is overlooked.

    Args:
        headings: as the file has them.
        known: the columns that are looked for.
        asked: heading by column key, where a person says so; these come first.

    Returns:
        Heading by column key, in the order of `known`; and the columns that several headings match, with those headings.
    """
    there = list(headings)
    taken = {key: heading for key, heading in asked.items() if key in known and heading in there}
    free = [h for h in there if h not in taken.values()]
    doubtful: list[tuple[str, tuple[str, ...]]] = []
    for key, column in known.items():
        names = {write_spoken(name): n for n, name in reversed(list(enumerate(list_names(column))))}
        fits = sorted((names[write_spoken(h)], h) for h in free if write_spoken(h) in names)
        if key in taken or not fits:
            continue
        own = tuple(h for rank, h in fits if rank < _OWN)
        if len(own) > 1:
            doubtful.append((key, own))
        taken[key] = fits[0][1]
        free.remove(fits[0][1])
    return {key: taken[key] for key in known if key in taken}, doubtful


_OWN = 2
"""The key and the title are a column's own names; others, such as `id` for the case, may mean something else."""
