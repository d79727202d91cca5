"""A word printed twice in a row."""

from __future__ import annotations

from collections.abc import Iterator

from scrutineer.proof.context import Context
from scrutineer.proof.finding import Finding

NEEDS_FRAMEWORK = False

_FINE = {"had", "that", "is"}


def check(context: Context) -> Iterator[Finding]:
    """Every word that stands twice."""
    for n, text in context.prose():
        words = text.split(" ")
        for one, other in zip(words, words[1:], strict=False):
            bare = other.rstrip(".,;:!?)")
            if one == bare and one.isalpha() and one.lower() not in _FINE and (len(one) > 1 or one == "a"):
                quote = f"{one} {bare}"
                yield Finding("repeated-word", "note", n, quote, f"“{one}” stands twice.", quote, one)
