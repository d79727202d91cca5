"""A word printed twice in a row."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from operator import eq

from scrutineer.proof.basis.context import Context
from scrutineer.proof.basis.finding import Finding

NEEDS_FRAMEWORK = False

# "Had had", "that that" and "what it is is" can be right.
_FINE = {"had", "that", "is"}
_POINTS = str.maketrans("", "", ".,;:!?)")


def check(context: Context) -> Iterator[Finding]:
    """Every word that is repeated."""
    for n, text in context.find_prose():
        words = text.split(" ")
        bare = text.translate(_POINTS).split(" ")
        if not any(map(eq, words, islice(bare, 1, None))):
            continue
        # Only the second word loses its punctuation: "that, that" isn't a slip, but "the the." is.
        for word, after in zip(words, bare[1:], strict=False):
            if (
                word == after
                and word.isalpha()
                and word.lower() not in _FINE
                # Other single letters are labels and initials.
                and (len(word) > 1 or word == "a")
            ):
                quote = f"{word} {after}"
                yield Finding(
                    rule="repeated-word",
                    severity="note",
                    line=n,
                    quote=quote,
                    message=f"“{word}” is repeated.",
                    published=quote,
                    expected=word,
                )
