"""Numbers typed by hand: what an inspector wrote as a figure without binding it to the data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import normalize

_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_NUMBER = (
    rf"(?:\d+|(?:{_TENS})(?:-(?:{_UNITS}))?|{_UNITS}|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    r"|nineteen|a hundred|all but one|none|half)"
)
_CASES = (
    r"(?:of (?:the )?)?(?:\w+ ){0,3}?(?:cases|files|offenders|victims|respondents|people|staff|responses)"
)

_SHARES = re.compile(rf"\b(?:\d{{1,3}}(?:\.\d+)?|{_NUMBER})\s?(?:%|per ?cent\b)", re.IGNORECASE)
_PARTS = re.compile(
    r"\b(?:a|one|two|three|four)[ -](?:third|quarter|fifth|tenth)s?\b|\b(?:a dozen|dozens)\b", re.IGNORECASE
)
_FRACTIONS = re.compile(rf"\b{_NUMBER}\s+(?:out )?of\s+(?:the\s+|those\s+|all\s+)?{_NUMBER}\b", re.IGNORECASE)
_COUNTED = re.compile(rf"\b{_NUMBER}\s+{_CASES}\b", re.IGNORECASE)
_IN = re.compile(rf"\b{_NUMBER} in (?:every )?{_NUMBER}\b", re.IGNORECASE)
_PLAIN = re.compile(r"(?<![\w.,/-])\d[\d,]*(?:\.\d+)?(?![\w/-])")

_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_HARMLESS = re.compile(
    rf"\b\d{{1,2}} (?:{_MONTH})(?: \d{{4}})?\b|\b(?:{_MONTH}) \d{{4}}\b|\b(?:19|20)\d\d(?:/(?:\d\d|\d{{4}}))?\b"
    r"|\b(?:level|levels|tier|tiers|section|table|chart|appendix|criterion|item|question|standard|statement|outcome|domain|step|stage|week|page|recommendations?)\s+"
    r"(?:\d+(?:\.\d)?|[A-Z]\d)(?![\d%])(?!\s?(?:%|per ?cent))(?:(?:,| and| or| to)\s+(?:\d+(?:\.\d)?|[A-Z]\d))*\b"
    r"|\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve)[- ](?:working[- ])?(?:minute|hour|day|week|month|year)s?\b"
    r"|\b[A-Z]\d\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^\s*(?:\d{1,2}[.)]|\([a-z]\))\s+")
_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Typed:
    """One number typed by hand: its place in the line, and whether it speaks of cases or shares."""

    start: int
    text: str
    counts: bool


def list_typed_numbers(line: str) -> Iterator[Typed]:
    """Every number of a line that is not bound; dates, durations, levels and codes are none.

    Args:
        line: as a reader sees it, without its bound figures.
    """
    line = "".join(c if len(n := normalize("NFKC", c)) != 1 else n for c in line)
    line = _LABEL.sub(lambda m: " " * len(m.group(0)), line)
    line = _ADDRESS.sub(lambda m: " " * len(m.group(0)), line)
    taken = [(m.start(), m.end()) for m in _HARMLESS.finditer(line)]
    for pattern, counts in (
        (_SHARES, True),
        (_IN, True),
        (_PARTS, True),
        (_FRACTIONS, True),
        (_COUNTED, True),
        (_PLAIN, False),
    ):
        for match in pattern.finditer(line):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append((match.start(), match.end()))
                yield Typed(match.start(), match.group(0), counts)
