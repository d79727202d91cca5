"""A table of ratings: a row for each area, a column for each criterion or section."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.model import Criterion, Framework, Section
from scrutineer.frameworks.parts import make_exact
from scrutineer.frameworks.rating_methods import RatingScale
from scrutineer.tables.limits import GENERAL, Limits
from scrutineer.tables.names import normalise_name, suggest_nearest, write_spoken
from scrutineer.tables.read_table import read_table
from scrutineer.tables.table import ROW, DataTable

BLANKS = frozenset(
    "|-|–|n/a|na|none|not rated|no rating|unrated|not inspected|not applicable|insufficient evidence to rate".split(
        "|"
    )
)
"""What people write where something isn't rated."""


@dataclass(frozen=True)
class RatingTable:
    """Ratings by area.

    Attributes:
        areas: by the area's name, the keys of ratings by code.
        notes: what was left out or noticed, in sentences without their full stop.
    """

    areas: dict[str, dict[str, str]]
    notes: tuple[str, ...]


def read_rating_table(path: Path, framework: Framework, limits: Limits = GENERAL) -> RatingTable:
    """Ratings from a table.

    Args:
        path: the table. The first column that isn't a criterion or a section has the area's name. Headings are codes,
            titles, or both. Values are the ratings' keys, titles or points; blank where something isn't rated.
        framework: whose criteria, sections and scales they are.
        limits: the most that is read.

    Raises:
        UserError: with every fault, each with its rows.
    """
    names, scales = _list_headings(framework), _list_scales(framework)
    table = read_table(path, expected=list(names), limits=limits)
    columns = {h: code for h in table.columns if (code := _find_code(h, names)) is not None}
    rest = [heading for heading in table.columns if heading not in columns]
    if not columns:
        what = "no column is a criterion or a section of the framework"
        raise UserError(Fault(table.head, what, f"Use their codes as headings: {', '.join(scales)}"))
    if not rest:
        what, do = "no column has the names of the areas", "Add one, as the first column"
        raise UserError(Fault(table.head, what, do))
    faults = [
        *_find_twice(table, columns),
        *table.find_unfit(rest[0], "text"),
        *(fault for heading in columns for fault in table.find_unfit(heading, "choice")),
    ]
    areas: dict[str, dict[str, str]] = {}
    for row in table.frame.iter_rows(named=True):
        name = (row[rest[0]] or "").strip()
        if not name or normalise_name(name) in map(normalise_name, areas):
            what = f"'{name}' appears twice" if name else "the area's name is missing"
            faults.append(table.make_fault([row[ROW]], what, "Give each row an area of its own"))
            continue
        areas[name], wrong = _read_row(row, columns, scales)
        faults += [table.make_fault([row[ROW]], what) for what in wrong]
    if not areas and not faults:
        faults.append(Fault(table.where, "the table has no areas", "Add a row for each area"))
    if faults:
        raise UserError(faults)
    notes = [
        f"the column '{heading}' isn't a criterion or a section, and was left out" for heading in rest[1:]
    ]
    return RatingTable(areas, (*table.notes, *notes))


def _read_row(
    row: Mapping[str, Any], columns: Mapping[str, str], scales: Mapping[str, RatingScale]
) -> tuple[dict[str, str], list[str]]:
    """The keys of a row's ratings by code, and what is wrong with it."""
    keys: dict[str, str] = {}
    wrong = list[str]()
    for heading, code in columns.items():
        try:
            key = _read_rating(row[heading], scales[code])
        except ValueError as error:
            wrong.append(f"'{heading}': {error}")
        else:
            keys |= {} if key is None else {code: key}
    return keys, wrong


def _list_scales(framework: Framework) -> dict[str, RatingScale]:
    """The scale of everything that a table can rate, by code."""
    parts: list[Criterion | Section] = [*framework.criteria.values(), *framework.sections]
    return {
        part.code: framework.find_rating_scale(method.scale)
        for part in parts
        if (method := framework.find_method(part)) is not None
    }


def _list_headings(framework: Framework) -> dict[str, str]:
    """What the heading of each code may be: the code, its title where only one has it, or both."""
    titles: dict[str, str] = {c.code: c.title for c in framework.criteria.values()}
    titles = {s.code: s.title for s in framework.sections} | titles
    known = _list_scales(framework)
    spoken = [normalise_name(titles[code]) for code in known]
    names: dict[str, str] = {}
    for code in known:
        title = normalise_name(titles[code])
        names |= {
            normalise_name(f"{code}{between}{title}"): code for between in (" ", ". ", ": ", " - ", " – ")
        }
        if spoken.count(title) == 1:
            names[title] = names[_list_words(title)] = code
    return names | {normalise_name(code): code for code in known}


def _find_code(heading: str, names: Mapping[str, str]) -> str | None:
    return (
        names.get(normalise_name(heading))
        or names.get(write_spoken(heading))
        or names.get(_list_words(heading))
    )


_SMALL = {"and", "of", "the", "in", "to", "for"}


def _list_words(title: str) -> str:
    """What a title is about, whatever the order of its words, its small words and its plurals."""
    words = set(re.findall(r"\w+", title.casefold())) - _SMALL
    return " ".join(sorted(word.removesuffix("s") for word in words))


def _find_twice(table: DataTable, columns: Mapping[str, str]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for heading, code in columns.items():
        if code in seen:
            yield Fault(
                table.head, f"'{seen[code]}' and '{heading}' are both about {code}", "Remove one of them"
            )
        seen[code] = heading


def _read_rating(text: str | None, scale: RatingScale) -> str | None:
    """The key of a rating; None if there is none.

    Raises:
        ValueError: it's none of the scale's ratings.
    """
    written = normalise_name(text or "")
    if written in BLANKS:
        return None
    for rating in scale.ratings:
        if written in {normalise_name(rating.key), write_spoken(rating.key), normalise_name(rating.title)}:
            return rating.key
    number = written.removesuffix(".0")
    for rating in scale.ratings:
        if rating.points is not None and number == f"{float(make_exact(rating.points)):g}":
            return rating.key
    titles = [rating.title for rating in scale.ratings]
    nearest = suggest_nearest(text, titles)
    raise ValueError(f"there is no rating '{text}'. {nearest or 'Choose from ' + ', '.join(titles)}")
