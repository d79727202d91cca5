"""Abbreviations: each is in the glossary, each in the glossary is used, and each has one meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz import fuzz

from scrutineer.frameworks.reading_hints import simplify
from scrutineer.proof.basis.context import Context
from scrutineer.proof.basis.finding import Finding

NEEDS_FRAMEWORK = False

_TOKEN = re.compile(
    r"(?<![A-Za-z0-9£])[A-Za-z]*[A-Z][A-Za-z]*[A-Z]+[A-Za-z]*\d?(?:-[A-Z]+\d?)?(?![A-Za-z0-9])"
)
_IN_FULL = re.compile(
    r"((?:[A-Z][\w'’-]+\s+(?:(?:and|of|the|for|to)\s+)?){2,7})\(([A-Z][A-Za-z]*[A-Z]\d?)s?\)"
)
# No glossary explains these, and Roman numerals only look like abbreviations.
_EVERYDAY = {"UK", "HM", "TV", "II", "III", "IV", "VI", "OK", "USA", "EU", "SW", "PDF", "CD", "DVD", "NB"}
_WORD = re.compile(r"[A-Za-z0-9]+")
_LONGEST = 7
_NAMES = {"acknowledgements", "foreword", "role", "contents", "glossary"}
_SMALL = "abcdefghijklmnopqrstuvwxyz"


def check(context: Context) -> Iterator[Finding]:
    """Every abbreviation that is not explained, not used, or explained in two ways."""
    report = context.report
    # Without a glossary, the reader isn't promised that abbreviations are explained in one.
    if not report.glossary:
        return
    known = {
        _strip_plural(form)
        for term in report.glossary
        for form in re.split(r"[/ ]", term.abbreviation)
        if form
    }
    for form, n in _find_used(context).items():
        if not known & {form, form.rstrip(_SMALL)} and form not in _EVERYDAY:
            message = f"“{form}” is used (first on line {n}) but is not in the glossary."
            yield Finding(
                rule="abbreviation", severity="note", line=n, quote=form, message=message, published=form
            )
    texts = (text for text, zone in zip(report.clean, report.zones, strict=True) if zone != "glossary")
    whole = "\n".join(texts)
    words = set(_WORD.findall(whole))
    for term in report.glossary:
        if not any(
            _has_word(form, whole, words) for form in (term.abbreviation, *term.abbreviation.split("/"))
        ):
            message = f"“{term.abbreviation}” is in the glossary but is never used."
            yield Finding(
                rule="abbreviation",
                severity="note",
                line=term.line,
                quote=term.abbreviation,
                message=message,
                published=term.abbreviation,
            )
    yield from _find_two_ways(context)


def _find_used(context: Context) -> dict[str, int]:
    """Each abbreviation in the report's sentences, with the line of its first use."""
    used: dict[str, int] = {}
    for n, text in context.find_prose():
        # Headings may be in capitals, where any word looks like an abbreviation.
        heading = len(text) < 90 and text[-1] not in ".!?"
        if heading or context.report.zones[n - 1] in _NAMES:
            continue
        for match in _TOKEN.finditer(text):
            form = _strip_plural(match.group(0))
            if form not in used and _is_like_one(form) and not _is_in_heading(text, match):
                used[form] = n
    return used


def _is_like_one(form: str) -> bool:
    # At least half of it in capitals: OASys is an abbreviation, and McDonald isn't.
    return len(form) <= _LONGEST and 2 * sum(letter.isupper() for letter in form) >= len(form)


def _is_in_heading(text: str, match: re.Match[str]) -> bool:
    """A word in capitals next to others in capitals is part of a heading, not an abbreviation."""
    before, after = text[max(0, match.start() - 20) : match.start()], text[match.end() : match.end() + 20]
    return _is_shouted(before) or _is_shouted(after)


def _is_shouted(side: str) -> bool:
    letters = [letter for letter in side if letter.isalpha()]
    return len(letters) > 3 and sum(letter.isupper() for letter in letters) > 0.7 * len(letters)


def _strip_plural(word: str) -> str:
    """An abbreviation without its plural."""
    return word[:-1] if len(word) > 2 and word.endswith("s") and word[-2].isupper() else word


def _has_word(form: str, whole: str, words: set[str]) -> bool:
    return form in words or f"{form}s" in words or (not form.isalnum() and form in whole)


def _find_two_ways(context: Context) -> Iterator[Finding]:
    first: dict[str, tuple[str, int]] = {}
    for term in context.report.glossary:
        if term.abbreviation in first and simplify(first[term.abbreviation][0]) != simplify(term.meaning):
            yield _make_clash(term.abbreviation, first[term.abbreviation], (term.meaning, term.line))
        first.setdefault(term.abbreviation, (term.meaning, term.line))
    for n, text in context.find_prose():
        for match in _IN_FULL.finditer(text) if "(" in text else ():
            words, abbreviation = match.group(1).strip(), match.group(2)
            meaning = first.get(abbreviation)
            # Words before a bracket are only its meaning if their initials spell it.
            spelled = _make_initials(words) == abbreviation.lower()
            # Partial: the glossary may say more than the text does, or less.
            if meaning and spelled and fuzz.partial_ratio(simplify(words), simplify(meaning[0])) < 85:
                yield _make_clash(abbreviation, meaning, (words, n))


def _make_initials(words: str) -> str:
    """The first letters of the words that begin with a capital."""
    return "".join(word[0].lower() for word in words.split() if word[0].isupper())


def _make_clash(abbreviation: str, first: tuple[str, int], second: tuple[str, int]) -> Finding:
    message = f"“{abbreviation}” stands for “{first[0]}” on line {first[1]} and for “{second[0]}” on line {second[1]}."
    return Finding(
        rule="abbreviation",
        severity="note",
        line=second[1],
        quote=abbreviation,
        message=message,
        published=second[0],
        expected=first[0],
        also=(first[1],),
    )
