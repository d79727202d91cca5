"""Columns that look as if they named persons: an inspection needs none of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import polars as pl

from scrutineer.cases.columns import code
from scrutineer.cases.tables import Table
from scrutineer.errors import Fault

_HEADINGS = re.compile(
    r"(?:^|_)(?:(?:sur|fore|first|last|middle|family|given|full|maiden|nick)_?names?|names?|alias(?:es)?|address(?:es)?|"
    r"post_?code|d_?o_?b|date_of_birth|birth_?date|phone|telephone|mobile|e_?mail|national_insurance|nino?|nhs_number|passport)(?:_|$)"
)
_NAMES_OF_THINGS = re.compile(
    r"(?:office|team|unit|area|court|file|sheet|scheme|programme|provider|district|cluster)_names?$"
)
_PERSON = re.compile(r"^(?:(?:Mr|Mrs|Ms|Miss|Dr)\.? )?[A-Z][a-z'’-]+(?:, | )(?:[A-Z]\.? )?[A-Z][A-Za-z'’-]+$")
_LEAST = 5


def faults(table: Table, mapped: Iterable[str], keep: Iterable[str]) -> Iterator[Fault]:
    """A fault for every column that looks like names of persons, or else points to one.

    Args:
        table: the file as read.
        mapped: headings that stand for a column of the framework: judged by their heading alone, since an
            office may well look like a person.
        keep: headings that a person has asked to keep.
    """
    known, kept = set(mapped), set(keep)
    for heading in table.columns:
        if heading in kept:
            continue
        if looks_personal(heading) or (heading not in known and _holds_names(table.frame[heading])):
            what = f"column '{heading}' looks as if it held names of persons or led to them; an inspection needs none"
            yield Fault(f"{table.where} row 1", what, "Take the column out, or ask for it with --keep")


def looks_personal(heading: str) -> bool:
    """Whether a heading by itself says that a column names persons."""
    name = code(heading)
    return bool(_HEADINGS.search(name)) and not _NAMES_OF_THINGS.search(name)


def _holds_names(values: pl.Series) -> bool:
    """Whether most different values are written as a person's name is."""
    different = values.drop_nulls().unique().to_list()
    return len(different) >= _LEAST and sum(bool(_PERSON.match(v)) for v in different) > 0.8 * len(different)
