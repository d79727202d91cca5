"""The groups that results are given for: all cases, the framework's groups, and values of attributes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.membership import collect_groups, evaluate, number_values
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.tally import Mask
from scrutineer.tables.names import NOT_RECORDED

ALL = "all"


@dataclass(frozen=True)
class GroupOf:
    """One group of cases.

    Attributes:
        key: `all`, a group's key, or `attribute=value`; with `not:` before it, everyone else of whom it is known;
            `attribute=` for cases of which the attribute is not recorded.
        title: as people read it.
        members: a truth per case.
        attribute: where it is one value of an attribute, which: those values share all cases among them.
    """

    key: str
    title: str
    members: Mask
    attribute: str = ""


class AttributeValues(NamedTuple):
    """The values of an attribute, and whether it isn't recorded of every case."""

    values: tuple[Any, ...]
    has_blanks: bool


def count_members(framework: Framework, frame: pl.DataFrame) -> Mask:
    """Which cases the scores of the main sample count: not those that were added for a thematic element alone.

    They were not drawn for the main sample and would draw its scores towards the element's kind of case.
    """
    if "selected_as" not in frame.columns or framework.sample.additional_in_scores:
        return np.ones(frame.height, dtype=np.bool_)
    # Additional cases of an element are chosen for what they are, so they would bias the scores of the main sample.
    return np.asarray(
        (frame["selected_as"].cast(pl.String).fill_null("") != "additional").to_numpy(), dtype=np.bool_
    )


def find_counted(element: Framework, framework: Framework, frame: pl.DataFrame) -> Mask:
    """Which cases a thematic element on part of the sample may count: the main sample's, and those added for it."""
    main = count_members(framework, frame)
    if "elements" not in frame.columns:
        return main
    # The column lists the elements of a case, separated by spaces.
    named = [element.id in (text or "").split() for text in frame["elements"].to_list()]
    return np.asarray(main | np.array(named, dtype=np.bool_), dtype=np.bool_)


def list_added(
    elements: Iterable[Framework], framework: Framework, frame: pl.DataFrame, keep_empty: bool = False
) -> list[GroupOf]:
    """The cases that were added for each thematic element alone: they are shown to no one, and no one must be able to work them out."""
    known, main = collect_groups(framework, frame), count_members(framework, frame)
    groups = []
    for e in elements:
        if e.sample.only is not None:
            inside = (evaluate(e.sample.only, frame, known) == 1) & find_counted(e, framework, frame) & ~main
            groups.append(GroupOf(f"added:{e.id}", f"Added for {e.title}", inside))
    return groups if keep_empty else [group for group in groups if group.members.any()]


def list_reported_groups(
    framework: Framework,
    frame: pl.DataFrame,
    by: Sequence[str] = (),
    elements: Iterable[Framework] = (),
    complements: bool = False,
) -> list[GroupOf]:
    """Every group that results are given for; those without a case are left out.

    Args:
        framework: declares groups and attributes.
        frame: a row per case.
        by: attributes (or `assessor`, `assessor_kind`, `stratum`) whose values are groups too, in addition to the
            diversity attributes and inspectors against area assessors.
        elements: thematic elements that are inspected on part of these cases.
        complements: also everyone else, for each group.

    Raises:
        UserError: an attribute that the cases do not have (all at once).
    """
    values = collect_values(framework, frame, by)
    groups = mark_groups(framework, frame, values, elements, complements)
    # All cases are always reported, even if there are none, so that every result has at least one group.
    return [group for group in groups if group.key == ALL or group.members.any()]


def mark_groups(
    framework: Framework,
    frame: pl.DataFrame,
    values: Mapping[str, AttributeValues],
    elements: Iterable[Framework] = (),
    complements: bool = False,
) -> list[GroupOf]:
    """Which of some cases belong to each group, also to groups of which none of them is.

    Args:
        framework: declares groups and attributes.
        frame: a row per case: all of them, or a part.
        values: of all cases, the values of the attributes that make groups.
        elements: thematic elements that are inspected on part of these cases.
        complements: also everyone else, for each group.
    """
    known, main = collect_groups(framework, frame), count_members(framework, frame)
    groups = [GroupOf(ALL, "All cases", main)]
    truths = [(g.key, g.title, known[g.key], main) for g in framework.groups]
    truths += [
        (e.id, e.title, evaluate(e.sample.only, frame, known), find_counted(e, framework, frame))
        for e in elements
        if e.sample.only is not None
    ]
    for key, title, truth, inside in truths:
        groups.append(GroupOf(key, title, (truth == 1) & inside))
        if complements:
            # Cases for which the group is not known are in neither the group nor its complement.
            groups.append(GroupOf(f"not:{key}", f"Not {title}", (truth == 0) & main))
    for attribute, own in values.items():
        groups += [
            replace(group, members=group.members & main)
            for group in _list_values(framework, frame, attribute, own, complements)
        ]
    return groups


def collect_values(
    framework: Framework, frame: pl.DataFrame, by: Sequence[str] = ()
) -> dict[str, AttributeValues]:
    """The values of every attribute that makes groups.

    Raises:
        UserError: an attribute that the cases do not have (all at once).
    """
    return {name: list_values(frame[name]) for name in list_attributes(framework, frame.columns, by)}


def list_values(column: pl.Series) -> AttributeValues:
    """The values of an attribute, in the order in which results are given."""
    there = column.drop_nulls().unique().to_list()
    if isinstance(column.dtype, pl.Enum):
        # An enumeration keeps the framework's order, such as low, medium, high, which sorting would destroy.
        known = set(there)
        values = [v for v in column.dtype.categories.to_list() if v in known]
    else:
        values = sorted(there)
    return AttributeValues(tuple(values), column.null_count() > 0)


def list_attributes(framework: Framework, columns: Sequence[str], by: Sequence[str]) -> list[str]:
    """The attributes whose values are groups.

    Raises:
        UserError: an attribute that the cases do not have (all at once).
    """
    missing = [name for name in by if name not in columns]
    if missing:
        there = ", ".join(name for name in columns if name not in {"case", "row_in_file"})
        raise UserError(
            [
                Fault(
                    "the cases",
                    f"there is no column '{name}' to break results down by",
                    f"The columns are {there}",
                )
                for name in missing
            ]
        )
    # Diversity is always reported, so that no one has to ask for it; `by` adds to it.
    own = [a.key for a in framework.attributes if a.diversity] + ["assessor_kind"]
    return list(dict.fromkeys(name for name in (*own, *by) if name in columns))


def _list_values(
    framework: Framework, frame: pl.DataFrame, attribute: str, values: AttributeValues, complements: bool
) -> list[GroupOf]:
    column = frame[attribute]
    title = next(
        (a.title for a in framework.attributes if a.key == attribute),
        attribute.replace("_", " ").capitalize(),
    )
    codes, known = number_values(column)
    there_at = np.array([value is not None for value in known])[codes]
    groups = []
    for value in values.values:
        name = _format_value(value)
        same = codes == (known.index(value) if value in known else -1)
        groups.append(
            GroupOf(
                key=f"{attribute}={name}",
                title=f"{title}: {name.replace('_', ' ')}",
                members=same,
                attribute=attribute,
            )
        )
        # With a single value, there is no one else.
        if complements and len(values.values) > 1:
            others = there_at & ~same
            groups.append(
                GroupOf(f"not:{attribute}={name}", f"{title}: not {name.replace('_', ' ')}", others)
            )
    # Cases without a recorded value are a group of their own, so the values of an attribute always add up to all cases.
    if values.values and values.has_blanks:
        groups.append(
            GroupOf(
                key=f"{attribute}=", title=f"{title}: {NOT_RECORDED}", members=~there_at, attribute=attribute
            )
        )
    return groups


def _format_value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
