"""Columns that seem to identify people, which an inspection does not need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import polars as pl

from scrutineer.errors import Fault
from scrutineer.tables.table import DataTable

_HEADINGS = re.compile(
    r"(?:^|_)(?:(?:sur|fore|first|last|middle|family|given|full|maiden|nick)_?names?|names?|alias(?:es)?|address(?:es)?|"
    r"post_?code|d_?o_?b|date_of_birth|birth_?date|phone|tel|telephone|mobile|e_?mail|national_insurance|ni_number|nino?|"
    r"nhs_n(?:o|umber)|passport|pnc|aka|known_as|next_of_kin|initials)(?:_|$)"
)
_NAMES_OF_THINGS = re.compile(
    r"(?:office|team|unit|area|court|file|sheet|scheme|programme|provider|district|cluster)_names?$"
)
_WORD = r"[^\W\d_][^\W\d_'’.-]*"
_PERSON = re.compile(
    rf"(?:(?:Mr|Mrs|Ms|Miss|Dr)\.? )?{_WORD}(?:['’-]{_WORD})*\.?(?:,? {_WORD}(?:['’-]{_WORD})*\.?){{1,3}}"
)
_THINGS = re.compile(
    r"\b(?:office|house|court|street|road|centre|unit|team|manager|officer|area|project|hostel|group|order|licence|assessor)\b",
    re.IGNORECASE,
)
_LEAST, _MOST_CHOICES = 5, 30


def find_faults(table: DataTable, mapped: Iterable[str], keep: Iterable[str]) -> Iterator[Fault]:
    """A fault for every column that seems to contain people's names or to identify them in another way.

    Args:
        table: the file as read.
        mapped: headings that match a column of the framework: judged by their heading alone, since an
            office may well look like a person.
        keep: headings that a person has asked to keep.
    """
    known, allowed = set(mapped), set(keep)
    for heading in table.columns:
        if heading in allowed:
            continue
        if is_personal(heading) or (heading not in known and _has_names(table.frame[heading])):
            what = f"column '{heading}' seems to contain people's names or other details that identify them, which an inspection does not need"
            yield Fault(table.head, what, "Remove the column, or confirm that it should be kept")


def is_personal(heading: str) -> bool:
    """Whether a heading by itself says that a column identifies people."""
    # What a heading may point to is looked for widely: signs between its words do not matter here.
    name = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", heading).lower()).strip("_")
    return bool(_HEADINGS.search(name)) and not _NAMES_OF_THINGS.search(name)


def _has_names(values: pl.Series) -> bool:
    """Whether most of the different values look like people's names, and there are too many to be choices."""
    there = values.drop_nulls()
    different = there.unique().to_list()
    if len(different) < _LEAST or not (len(different) > 0.5 * len(there) or len(different) > _MOST_CHOICES):
        return False
    people = sum(bool(_PERSON.fullmatch(v)) and not _THINGS.search(v) for v in different)
    return people > 0.7 * len(different)
