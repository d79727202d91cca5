"""Abbreviations: each is in the glossary, each in the glossary is used, and each stands for one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz import fuzz

from scrutineer.frameworks.reading import plain
from scrutineer.proof.context import Context
from scrutineer.proof.finding import Finding

NEEDS_FRAMEWORK = False

_TOKEN = re.compile(
    r"(?<![A-Za-z0-9£])[A-Za-z]*[A-Z][A-Za-z]*[A-Z]+[A-Za-z]*\d?(?:-[A-Z]+\d?)?(?![A-Za-z0-9])"
)
_IN_FULL = re.compile(
    r"((?:[A-Z][\w'’-]+\s+(?:(?:and|of|the|for|to)\s+)?){2,7})\(([A-Z][A-Za-z]*[A-Z]\d?)s?\)"
)
_EVERYDAY = {"UK", "HM", "TV", "II", "III", "IV", "VI", "OK", "USA", "EU", "SW", "PDF", "CD", "DVD", "NB"}
_NAMES = {"acknowledgements", "foreword", "role", "contents", "glossary"}


def check(context: Context) -> Iterator[Finding]:
    """Every abbreviation that is not explained, not used, or explained in two ways."""
    report = context.report
    if not report.glossary:
        return
    known = {
        _bare(form): term for term in report.glossary for form in re.split(r"[/ ]", term.abbreviation) if form
    }
    used = _used(context)
    for form, n in used.items():
        if form not in known and form not in _EVERYDAY:
            message = f"“{form}” is used (first on line {n}) and not in the glossary."
            yield Finding("abbreviation", "note", n, form, message, form)
    told = (text for text, zone in zip(report.clean, report.zones, strict=True) if zone != "glossary")
    whole = plain("\n".join(told))
    for term in report.glossary:
        if not any(f" {word} " in whole or f" {word}s " in whole for word in _written(term.abbreviation)):
            message = f"“{term.abbreviation}” is in the glossary and never used."
            yield Finding("abbreviation", "note", term.line, term.abbreviation, message, term.abbreviation)
    yield from _two_ways(context)


def _used(context: Context) -> dict[str, int]:
    """Each abbreviation in the report's sentences, with the line of its first use."""
    used: dict[str, int] = {}
    for n, text in context.prose():
        if context.report.zones[n - 1] in _NAMES or text.upper() == text:
            continue
        for match in _TOKEN.finditer(text):
            word = match.group(0)
            form = _bare(word)
            capitals = sum(letter.isupper() for letter in form)
            if (
                form not in used
                and 2 * capitals >= len(form)
                and len(form) <= 9
                and not _shouted(text, match)
            ):
                used[form] = n
    return used


def _shouted(text: str, match: re.Match[str]) -> bool:
    """A word in capitals among others in capitals is a heading, not an abbreviation."""
    around = text[max(0, match.start() - 20) : match.start()] + text[match.end() : match.end() + 20]
    letters = [letter for letter in around if letter.isalpha()]
    return len(letters) > 3 and sum(letter.isupper() for letter in letters) > 0.7 * len(letters)


def _bare(word: str) -> str:
    """An abbreviation without its plural."""
    return word[:-1] if len(word) > 2 and word.endswith("s") and word[-2].isupper() else word


def _written(abbreviation: str) -> list[str]:
    return [plain(form).strip() for form in (abbreviation, *abbreviation.split("/")) if plain(form).strip()]


def _two_ways(context: Context) -> Iterator[Finding]:
    first: dict[str, tuple[str, int]] = {}
    for term in context.report.glossary:
        if term.abbreviation in first and plain(first[term.abbreviation][0]) != plain(term.meaning):
            yield _clash(term.abbreviation, first[term.abbreviation], (term.meaning, term.line))
        first.setdefault(term.abbreviation, (term.meaning, term.line))
    for n, text in context.prose():
        if "(" not in text:
            continue
        for match in _IN_FULL.finditer(text):
            given = first.get(match.group(2))
            if given and fuzz.partial_ratio(plain(match.group(1)), plain(given[0])) < 85:
                yield _clash(match.group(2), given, (match.group(1).strip(), n))


def _clash(abbreviation: str, first: tuple[str, int], second: tuple[str, int]) -> Finding:
    message = f"“{abbreviation}” stands for “{first[0]}” on line {first[1]} and for “{second[0]}” on line {second[1]}."
    return Finding("abbreviation", "note", second[1], abbreviation, message, second[0], first[0], (first[1],))
