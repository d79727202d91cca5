"""Numbers in words, counts of cases in the house style, and the words that may replace a figure."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from scrutineer.frameworks.house import WordRule
from scrutineer.statistics.printed import round_half_up

_WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def spell_number(number: int) -> str:
    """A number below ten in words, others in figures: seven, 12."""
    return _WORDS[number] if 0 < number < len(_WORDS) else str(number)


def format_whole(percent: Fraction | float) -> str:
    """A percentage as printed: whole, halves up."""
    return f"{round_half_up(percent)}%"


def format_fraction(part: int, of: int, noun: str = "") -> str:
    """A count of few in words: seven of the 12 cases, all nine cases, both cases, none of the three cases.

    It reads after "in", so that of one case it is "the one case" or "none of the cases (one)".
    """
    tail = f" {noun}" if noun else ""
    if of == 1:
        return f"the one{_make_singular(noun)}" if part else f"none of the{tail} (one)".replace("  ", " ")
    if part == of:
        return f"both{tail}" if of == 2 else f"all {spell_number(of)}{tail}"
    return f"{spell_number(part) if part else 'none'} of the {spell_number(of)}{tail}"


def _make_singular(noun: str) -> str:
    """The noun of one: case for cases."""
    return f" {noun.replace('cases', 'case', 1)}" if noun else ""


def capitalise(text: str) -> str:
    """A text with its first letter a capital; the rest as it is."""
    return text[:1].upper() + text[1:]


def find_word(rules: Sequence[WordRule], percent: Fraction | float, significant: bool = False) -> str | None:
    """The first word whose rule allows it in place of a figure; None if none does."""
    return next((rule.word for rule in rules if rule.allows(percent, significant)), None)
