"""References within the report: "see Strength (c)" must lead to an item, and to the right one.

The rule looks up a lettered reference in the lists of the same criterion. If the sentence and the item it
points to have no significant word in common, but another item of the list does, the letter is
probably wrong. A table, chart or appendix that the text refers to must exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrutineer.frameworks.reading_hints import simplify
from scrutineer.proof.basis.context import Context
from scrutineer.proof.basis.finding import Finding
from scrutineer.proof.reading.report import PrintedFinding as Item

NEEDS_FRAMEWORK = False

_ITEM = re.compile(
    r"\bsee\s+(?:also\s+)?['‘\"“]?(?P<kind>strengths?|areas? for improvement)\s*\(?(?P<label>[a-z]{1,2})\)?['’\"”]?",
    re.IGNORECASE,
)
_THING = re.compile(
    r"\b(?:see|in|of|from)\s+(?P<kind>Table|Chart|Figure|Appendix|Annex)\s+(?P<label>[A-Z]|\d{1,2})\b"
)
_NAMED = re.compile(
    r"^(?P<kind>table|chart|figure|appendix|annex)\s+(?P<label>[a-z]|\d{1,2})\b", re.IGNORECASE
)
# Nearly every finding has these, so sharing one says nothing about what it's about.
_EMPTY = frozenset(
    "the a an of in on to and or for with was were had has been be is are it this that these those which who as at by from not no only"
    " case cases relevant work offender offenders manager managers process although above below see there were required appropriate"
    " where when their they also area out action taken made more most all".split()
)


def check(context: Context) -> Iterator[Finding]:
    """Every reference that leads nowhere, or to something else."""
    yield from _check_items(context)
    yield from _check_things(context)


def _check_items(context: Context) -> Iterator[Finding]:
    for part in context.report.parts:
        for criterion in part.criteria.values():
            for item in criterion.findings:
                for match in _ITEM.finditer(item.text) if "see" in item.text.lower() else ():
                    kind = (
                        "strength" if match.group("kind").lower().startswith("s") else "area_for_improvement"
                    )
                    listed = [f for f in criterion.findings if f.kind == kind and f.label]
                    yield from _check_reference(item, match, listed)


def _check_reference(item: Item, match: re.Match[str], listed: list[Item]) -> Iterator[Finding]:
    label = match.group("label").lower()
    target = next((f for f in listed if f.label == label), None)
    quote = match.group(0)
    if target is None:
        if listed:
            labels = ", ".join(f.label for f in listed)
            yield Finding(
                rule="reference",
                severity="warning",
                line=item.line,
                quote=quote,
                message=f"There is no ({label}) in that list; it has {labels}.",
                published=label,
            )
        return
    about = _list_words(item.text[: match.start()])
    # One shared word is enough. A wrong accusation costs more than
    # a wrong letter that goes unnoticed.
    if not about or about & _list_words(target.text):
        return
    better = [f for f in listed if f is not item and about & _list_words(f.text)]
    if better:
        best = max(better, key=lambda f: len(about & _list_words(f.text)))
        shared = ", ".join(sorted(about & _list_words(best.text)))
        message = f"({label}) is not about what the sentence says; ({best.label}) is ({shared})."
        yield Finding(
            rule="reference",
            severity="warning",
            line=item.line,
            quote=quote,
            message=message,
            published=label,
            expected=best.label,
            also=(target.line, best.line),
        )


def _list_words(text: str) -> set[str]:
    return {word.rstrip("s") for word in simplify(text).split() if len(word) > 3 and word not in _EMPTY}


def _check_things(context: Context) -> Iterator[Finding]:
    clean = context.report.clean
    named = {
        (m.group("kind").lower(), m.group("label").lower()) for text in clean if (m := _NAMED.match(text))
    }
    # If no heading names any table, they may have been lost in extraction, and none can be missed.
    kinds = {kind for kind, _ in named}
    if not kinds:
        return
    for n, text in context.find_prose():
        for match in _THING.finditer(text):
            kind, label = match.group("kind").lower(), match.group("label").lower()
            if kind in kinds and (kind, label) not in named:
                yield Finding(
                    rule="reference",
                    severity="note",
                    line=n,
                    quote=match.group(0),
                    message=f"There is no {match.group('kind')} {match.group('label')} in the report.",
                )
