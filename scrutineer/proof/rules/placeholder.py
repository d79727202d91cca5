"""Placeholders that no one filled in: {AREA}, [NAME], XX, a percentage without its number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scrutineer.proof.basis.context import Context
from scrutineer.proof.basis.finding import Finding

NEEDS_FRAMEWORK = False

# Marks such as XX and TBC, and a percentage or count without its number, as in "in % of cases".
_PLACEHOLDER = re.compile(
    r"\{[A-Z][A-Z0-9 _]*\}|\[[A-Z][A-Z0-9 _]{2,}\]|<<[^<>]{1,40}>>|(?<![A-Za-z0-9])X{2,}(?![A-Za-z0-9])(?!\s?[a-z]*rated)"
    r"|(?<![A-Za-z])(?:TBC|TBA)(?![A-Za-z])|(?<!_)_{3,}(?!_)|\b(?:in|only|of|for)\s+%(?=\s|$)|\(\s*%\)|\(\s+(?:of|out of|from)\s+\d+\)"
    r"|\b\d+\s+out of\s+(?:cases|the cases)\b"
)


def check(context: Context) -> Iterator[Finding]:
    """Every place that was left open."""
    for n, text in enumerate(context.report.clean, 1):
        if _may_hold_one(text):
            for match in _PLACEHOLDER.finditer(text):
                if match.group(0).startswith("(") and "\t" in text:
                    continue  # a column title, not a sentence
                message = f"“{match.group(0)}” was never filled in."
                yield Finding(
                    rule="placeholder",
                    severity="note",
                    line=n,
                    quote=match.group(0),
                    message=message,
                    published=match.group(0),
                )


def _may_hold_one(text: str) -> bool:
    """A quick look, since most lines hold nothing of the kind."""
    brackets = "{" in text or "[" in text or "( " in text or "(%" in text or "<<" in text
    return brackets or "XX" in text or "TB" in text or "___" in text or " %" in text or " out of " in text
