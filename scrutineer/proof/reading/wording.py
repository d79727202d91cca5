"""The English that reports count in: numbers as words, parts of a whole, and signs of "not"."""

from __future__ import annotations

import re

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
)
_ONES += "sixteen seventeen eighteen nineteen".split()
_TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
NUMBER_WORDS: dict[str, int] = {word: n for n, word in enumerate(_ONES)}
NUMBER_WORDS |= _TENS
NUMBER_WORDS |= {
    f"{ten}{mark}{word}": v + n
    for ten, v in _TENS.items()
    for n, word in enumerate(_ONES[:10])
    if n
    for mark in "- "
}

_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_WORDS = (
    # Words are grouped by their first letters, so that the pattern fails early on most text.
    rf"(?:t(?:wenty|hirty)|f(?:orty|ifty)|s(?:ixty|eventy)|eighty|ninety)(?:[- ](?:{_UNITS}))?"
    r"|t(?:en|welve|hirteen|wo|hree)|f(?:ourteen|ifteen|our|ive)|s(?:ixteen|eventeen|ix|even)|e(?:ighteen|leven|ight)"
    r"|n(?:ineteen|ine)|one|zero"
)
FLAGS = re.IGNORECASE | re.ASCII  # ASCII, lest a long s pass for an s
# "Two hundred" isn't two.
_MORE = r"(?!\s+(?:hundred|thousand|million|dozen|score)\b)"
NUMBER = (
    r"(?<![\d.,/])(?<!hundred and )(?<!thousand and )(?<!hundred )(?<!thousand )"
    rf"(?:\d{{1,3}}(?:,\d{{3}}){{1,2}}(?![\d,])|\d{{1,6}}(?![\d%/]|\.\d|,\d)|(?:{_WORDS})\b){_MORE}"
)
"""A whole number in figures or words, alone: no piece of a decimal, a date or "one hundred and five"."""

PARTS: dict[str, tuple[int, int]] = {
    "half": (1, 2),
    "one-third": (1, 3),
    "a third": (1, 3),
    "two-thirds": (2, 3),
    "two thirds": (2, 3),
    "a quarter": (1, 4),
    "one-quarter": (1, 4),
    "three-quarters": (3, 4),
    "three quarters": (3, 4),
}

# "Not only" and "not surprising" deny nothing. "Outstanding" is work still to be done.
NEGATIVE = re.compile(
    r"\b(?:not(?! only| more| wholly| surprising| sustained)|insufficient(?:ly)?|inappropriate(?:ly)?|unsatisfactory|inadequate(?:ly)?"
    r"|poor(?:ly)?|fail(?:ed|s|ing)?|lack(?:ed|ing|s)?|missing|without|absen(?:t|ce)|unclear|never|unacceptabl[ey]"
    r"|needed (?:further|more)|could have been done|should have been|more attention|ignored|did little|no (?=evidence|appropriate|clear|acceptable"
    r"|assessment|review)|cannot|were hindered|deteriorat\w+|outstanding)\b",
    re.IGNORECASE,
)

APPROXIMATE = re.compile(
    r"(?:\b(?:about|around|approximately|approx|nearly|almost|over|under|more than|less than|fewer than|just over"
    r"|just under|some|up to|at most|at least|roughly|well over|in excess of|above|below|close to|exceed(?:s|ed|ing)?"
    r"|between|target of|score of|increase of|reduction of|growth of|rise of|fall of|drop of|decrease of|decline of"
    r"|scores of|rate of|by|maximum of|minimum of|from)\s+(?:a\s+)?|[<>~≤≥]\s?"
    r"|\b(?:c|ca|circa)\.?\s|\d%?[-–—]|\d\s[-–—]\s|\d\s?%?\s(?:to|and|or)\s)$",
    re.IGNORECASE,
)
"""What comes before a quantity that is a bound, an end of a range, a target or a change."""
OR_MORE = re.compile(
    r"^\s?(?:or|and)\s+(?:more|less|over|above|under|below|fewer)\b|^[-–—]\d|^\s[-–—]\s\d+\s?%|^\+"
)
"""What comes after a quantity that is a bound or the start of a range."""


def read_number(text: str) -> int:
    """The value of a number in figures or words, as `NUMBER` finds them.

    Raises:
        ValueError: the text is neither.
    """
    plain = text.lower().replace(",", "")
    return NUMBER_WORDS[plain] if plain in NUMBER_WORDS else int(plain)


# Reversed, so that of several spellings the first one in `NUMBER_WORDS` is kept.
_IN_WORDS = {value: word for word, value in reversed(NUMBER_WORDS.items()) if " " not in word}


def spell_number(value: int) -> str:
    """A count as reports write it: in words up to ten, in figures above."""
    return _IN_WORDS[value] if 0 <= value <= 10 else str(value)
