"""Ratings counted in words: the count must match the printed ratings.

The rule compares a sentence such as "Of the six criteria (A1-A5 and D3), four were well met and two satisfactorily
met" with the ratings that the same part of the report prints for those criteria.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from scrutineer.frameworks.reading_hints import simplify
from scrutineer.proof.basis.context import Context, Governed
from scrutineer.proof.basis.finding import Finding
from scrutineer.proof.reading.wording import FLAGS, NUMBER, read_number

NEEDS_FRAMEWORK = True

_TALLY = re.compile(
    rf"\bof the (?P<n>{NUMBER})\s[^.()]*?criteria\s*\((?P<codes>[^)]*)\)(?P<rest>[^.]*)", FLAGS
)
# A1-A5, A1-5, or a single code.
_RANGE = re.compile(r"([A-Z]?)(\d+(?:\.\d+)?)\s*[-–—]\s*\1?(\d+(?:\.\d+)?)|([A-Z]?\d+(?:\.\d+)?)")


def check(context: Context) -> Iterator[Finding]:
    """Every tally in words that differs from the printed ratings."""
    for governed in context.governed:
        start = governed.part.line
        end = min(
            (p.line for p in context.report.parts if p.line > start), default=len(context.report.clean) + 1
        )
        for n, text in context.find_prose():
            if start <= n < end and "criteria" in text:
                for match in _TALLY.finditer(text):
                    yield from _check_tally(governed, n, match)


def _check_tally(governed: Governed, n: int, match: re.Match[str]) -> Iterator[Finding]:
    titles = [rule.title for rule in governed.framework.ratings.rules] if governed.framework.ratings else []
    counts = _count_in_words(match.group("rest"), titles, read_number(match.group("n")))
    codes = set(_list_codes(match.group("codes"), governed))
    printed = {v.code: (v.rating, v.line) for v in governed.part.values if v.rating and v.code in codes}
    # A rating that the reader didn't find would make a correct tally look wrong, and so would a criterion that isn't
    # one of the framework's.
    if not counts or not codes or len(printed) < len(codes):
        return
    counted = Counter(rating for rating, _ in printed.values() if rating)
    if counted == counts:
        return
    lines = tuple(sorted(line for _, line in printed.values()))
    message = f"The text says: {_write_tally(counts)}. The ratings printed for {', '.join(sorted(codes))} give: {_write_tally(counted)}."
    yield Finding(
        rule="rating-tally",
        severity="warning",
        line=n,
        quote=match.group(0).strip(),
        message=message,
        published=_write_tally(counts),
        expected=_write_tally(counted),
        also=lines,
    )


def _count_in_words(text: str, titles: list[str], total: int) -> Counter[str]:
    """The ratings that the words count: "four were found to be well met and two satisfactorily met"."""
    counts: Counter[str] = Counter()
    for piece in re.split(r",|\band\b|;", text):
        words = simplify(piece)
        # Longest first, or a title within another one would be counted instead.
        title = next((t for t in sorted(titles, key=len, reverse=True) if simplify(t) in words), None)
        # "Four were well and two satisfactorily met" names the shared second word once.
        title = title or next(
            (t for t in titles if len(t.split()) == 2 and f" {t.split()[0].lower()} " in words), None
        )
        match = re.search(rf"\b(?:all|both|{NUMBER})", piece, FLAGS)
        if title and match:
            count = match.group(0).lower()
            counts[title] += total if count in {"all", "both"} else read_number(count)
    return counts


def _list_codes(text: str, governed: Governed) -> Iterator[str]:
    for letter, first, last, single in _RANGE.findall(text):
        if single:
            yield from [single] if single in governed.framework.criteria else []
        else:
            known = [c for c in governed.framework.criteria if c.startswith(letter)]
            yield from (
                known[known.index(letter + first) : known.index(letter + last) + 1]
                if letter + first in known and letter + last in known
                else []
            )


def _write_tally(counts: Counter[str]) -> str:
    return ", ".join(
        f"{n} {rating.lower()}" for rating, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )
