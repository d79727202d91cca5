"""References of cases: two that a reader takes for the same are never two different cases.

A reference is trimmed and brought into Unicode's composed form (NFC). Invisible characters are refused. Two references
that differ only in case, in normal form or in letters that look alike across alphabets are one fault that names both:
only a person can say which is right. Digits and letters of one alphabet (0 and O, 1 and l) are left apart, since
references use both.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

import polars as pl

from scrutineer.errors import Fault
from scrutineer.tables.table import ROW, DataTable

_UNSEEN: Final = {"Cf", "Cc", "Cn", "Co", "Cs", "Zl", "Zp"}
_SELECTORS: Final = re.compile("[\ufe00-\ufe0f\u034f\u115f\u1160\u3164\uffa0]")
_TOTAL: Final = re.compile(r"(?:(?:grand|sub)[ -]?)?totals?\b", re.IGNORECASE)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?|[0-9]{1,2}/[0-9]{1,2}/(?:[0-9]{2}|[0-9]{4})")


def tidy(text: str) -> str:
    """A reference trimmed and in composed form; kinds of blanks that look like a space are one."""
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in text)
    return unicodedata.normalize("NFC", spaced).strip()


def tidy_column(values: pl.Series) -> pl.Series:
    """A column of references, each tidied; plain ones, which are nearly all, are left as they are."""
    odd = values.drop_nulls().unique()
    odd = odd.filter(odd.str.contains(r"[^\x21-\x7e]"))
    changed = {text: tidy(text) for text in odd.to_list() if tidy(text) != text}
    return values.replace(changed) if changed else values


def find_unseen(text: str) -> str | None:
    """The name of the first invisible character in a reference; None if there is none."""
    for sign in text:
        if unicodedata.category(sign) in _UNSEEN or _SELECTORS.match(sign):
            return f"U+{ord(sign):04X} {unicodedata.name(sign, 'a control sign').lower()}"
    return None


def make_skeleton(text: str) -> str:
    """What a reader sees of a reference, whatever its case, normal form and alphabet: equal ones look alike.

    After Unicode Technical Standard 39, section 4, with the confusable letters of other alphabets read as Latin ones.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split()).casefold()
    folded = unicodedata.normalize("NFKC", text)
    # Blanks first, since tabs and line breaks are control characters too, which a reader does not see.
    folded = "".join(" " if sign.isspace() else sign for sign in folded)
    folded = "".join(sign for sign in folded if not unicodedata.category(sign).startswith("C"))
    latin = "".join(sign if sign.isascii() else _find_latin(sign) for sign in folded)
    return unicodedata.normalize("NFC", " ".join(latin.split()).casefold())


@cache
def _find_latin(sign: str) -> str:
    """The Latin letter that a letter of another alphabet looks like; the letter itself if there is none."""
    from confusable_homoglyphs.confusables import confusables_data

    if unicodedata.name(sign, "").startswith("LATIN"):
        return sign
    for other in confusables_data.get(sign, ()):
        if len(other["c"]) == 1 and other["c"].isascii() and other["c"].isalpha():
            return str(other["c"])
    return sign


def find_alphabet(sign: str) -> str:
    """The alphabet of a letter, as Unicode names it: Latin, Cyrillic, Greek."""
    return unicodedata.name(sign, "unknown").split()[0].capitalize()


def describe_difference(text: str, other: str) -> str:
    """How two references that look alike differ, in words."""
    if unicodedata.normalize("NFKC", text) == unicodedata.normalize("NFKC", other):
        return "only in how an accented letter is encoded"
    if text.casefold() == other.casefold():
        return "only in upper and lower case"
    for a, b in zip(text, other, strict=False):
        if a != b and find_alphabet(a) != find_alphabet(b):
            return (
                f"only in letters that look alike: {find_alphabet(a)} in one, {find_alphabet(b)} in the other"
            )
    return "only in invisible characters"


def find_faults(table: DataTable, heading: str) -> Iterator[Fault]:
    """What is wrong with the references of a table.

    Args:
        table: as read.
        heading: of the column that holds them.
    """
    yield from table.find_unfit(heading, "text")
    texts, rows = tidy_column(table.frame[heading]).to_list(), table.frame[ROW].to_list()
    unfit = table.find_unfit_rows(heading, "text")
    places: dict[str, list[int]] = defaultdict(list)
    for text, row in zip(texts, rows, strict=True):
        if text is not None and row not in unfit:
            places[text].append(row)
    for text, at in places.items():
        if (sign := find_unseen(text)) is not None:
            what = f"'{show_unseen(text)}' contains an invisible character ({sign})"
            yield table.make_fault(at, what, "Type the reference again")
        elif _DAY.fullmatch(text):
            what = f"'{text}' is a date, which a spreadsheet may have converted from a reference"
            yield table.make_fault(at, what, "Format the column as text, then type the reference again")
        elif _TOTAL.match(text):
            yield table.make_fault(at, f"'{text}' is a total, not a case", "Remove the row")
    yield from find_alike(table, places)


def show_unseen(text: str) -> str:
    """A text with a mark in place of each invisible character."""
    return "".join("\ufffd" if find_unseen(sign) else sign for sign in text)


def find_alike(table: DataTable, places: dict[str, list[int]]) -> Iterator[Fault]:
    """A fault for each set of references that look alike and are not the same."""
    for same in look_alikes(places):
        at = sorted(row for text in same for row in places[text])
        names = " and ".join(f"'{text}'" for text in same)
        yield table.make_fault(
            at,
            f"{names} differ {describe_difference(same[0], same[1])}",
            "Write each case's reference the same way throughout",
        )


def look_alikes(references: Iterable[str]) -> list[tuple[str, ...]]:
    """The references that look alike and are not the same, together."""
    by_look: dict[str, list[str]] = defaultdict(list)
    for text in references:
        if find_unseen(text) is None:
            by_look[make_skeleton(text)].append(text)
    return [tuple(same) for same in by_look.values() if len(same) > 1]


def suggest_known(text: str, known: Iterable[str]) -> str:
    """A known reference that looks like an unknown one, as a sentence without its full stop; it is only suggested, never used."""
    look = make_skeleton(text)
    twin = next((other for other in known if make_skeleton(other) == look), None)
    return (
        f"'{twin}' is a known reference, and differs {describe_difference(text, twin)}"
        if twin is not None
        else ""
    )
