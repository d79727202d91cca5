"""Positions over time: a position given as the later one can't have an earlier date.

"Sixth in the third quarter of 2004/2005, compared with 42nd at the end of 2004/2005" puts the
outcome before the starting point. Years with a slash run from April to March.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scrutineer.proof.basis.context import Context
from scrutineer.proof.basis.finding import Finding

NEEDS_FRAMEWORK = False

_MONTHS = "january february march april may june july august september october november december".split()
_PERIOD = re.compile(
    r"(?P<quarter>first|second|third|fourth|last)\s+quarter\s+of\s+(?P<y1>\d{4})/(?:\d{2})?(?P<e1>\d{2})"
    r"|first\s+(?P<months>six|nine|three)\s+months\s+of\s+(?P<y2>\d{4})/(?:\d{2})?(?P<e2>\d{2})"
    r"|(?<![\d/])(?P<y3>\d{4})/(?:\d{2})?(?P<e3>\d{2})(?![\d/])"
    rf"|(?P<month>{'|'.join(_MONTHS)})\s+(?P<y4>(?:19|20)\d{{2}})(?!/)",
    re.IGNORECASE | re.ASCII,
)
_RANK = re.compile(r"\b(?:position|placed|ranked|ranking|rank|risen to|rose to)\b", re.IGNORECASE)
_FROM = re.compile(
    r"\b(?:compared (?:with|to)|improvement (?:on|from|over)|from a position|up from|an improvement on)\b",
    re.IGNORECASE | re.ASCII,
)
_QUARTER = {"first": 3, "second": 6, "third": 9, "fourth": 12, "last": 12}
_FIRST = {"three": 3, "six": 6, "nine": 9}


@dataclass(frozen=True)
class _Period:
    """A period by its last month, counted from year 0."""

    end: int
    text: str


def check(context: Context) -> Iterator[Finding]:
    """Every comparison of positions whose later one ends before its earlier one."""
    for n, text in context.find_prose():
        if "/" not in text and not any(m in text.lower() for m in ("compared", "improvement")):
            continue
        for turn in _FROM.finditer(text):
            before, after = _find_around(text, turn)
            if not (_RANK.search(before) and _RANK.search(after)):
                continue
            # Of several periods, the one next to the comparison on either side is compared.
            now, then = _list_periods(before), _list_periods(after)
            if now and then and now[-1].end < then[0].end:
                message = f"The position of {now[-1].text} is reported as following that of {then[0].text}, which ends later."
                yield Finding(
                    rule="period-order",
                    severity="warning",
                    line=n,
                    quote=f"{now[-1].text} … {then[0].text}",
                    message=message,
                    published=now[-1].text,
                    expected=f"after {then[0].text}",
                )


def _find_around(text: str, turn: re.Match[str]) -> tuple[str, str]:
    """The sentence of the comparison and the one before it, and what the comparison is with."""
    starts = [0, *(m.end() for m in re.finditer(r"[.!?]\s+(?=[A-Z])", text[: turn.start()]))]
    end = text.find(". ", turn.end())
    # "This compares with …" speaks of the sentence before.
    begin = (
        starts[-2] if len(starts) > 1 and re.match(r"(?:This|That|It)\b", text[starts[-1] :]) else starts[-1]
    )
    return text[begin : turn.start()], text[turn.end() : end if end > 0 else len(text)]


def _list_periods(text: str) -> list[_Period]:
    return [_read_period(match) for match in _PERIOD.finditer(text)]


def _read_period(match: re.Match[str]) -> _Period:
    if match.group("quarter"):
        # January is 0, so 2 is March, after which the year begins: the first quarter ends in June.
        end = int(match.group("y1")) * 12 + 2 + _QUARTER[match.group("quarter").lower()]
    elif match.group("months"):
        end = int(match.group("y2")) * 12 + 2 + _FIRST[match.group("months").lower()]
    elif match.group("y3"):
        # To the end of March in the following year.
        end = int(match.group("y3")) * 12 + 14
    else:
        end = int(match.group("y4")) * 12 + _MONTHS.index(match.group("month").lower())
    return _Period(end, match.group(0))
