"""Two versions of a text, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Stretch:
    """A stretch of text that both have, that only the old one has, or only the new one."""

    kind: str
    text: str


def list_lines(old: str, new: str, around: int = 2) -> list[list[Stretch]]:
    """Every paragraph that differs, as stretches, with what is around it; an empty list between those far apart."""
    before, after = old.split("\n"), new.split("\n")
    changes: list[list[Stretch]] = []
    for group in SequenceMatcher(None, before, after, autojunk=len(before) > 400).get_grouped_opcodes(around):
        if changes:
            changes.append([])
        for tag, a, b, c, d in group:
            if tag == "equal":
                changes += [[Stretch("both", line)] for line in before[a:b]]
            elif tag == "replace" and b - a == d - c:
                changes += [list(list_words(x, y)) for x, y in zip(before[a:b], after[c:d], strict=True)]
            else:
                changes += [[Stretch("old", line)] for line in before[a:b]]
                changes += [[Stretch("new", line)] for line in after[c:d]]
    return changes


def list_words(old: str, new: str) -> Iterator[Stretch]:
    """One line against another, word by word."""
    before, after = _split(old), _split(new)
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Stretch("both", "".join(before[a:b]))
            continue
        if b > a:
            yield Stretch("old", "".join(before[a:b]))
        if d > c:
            yield Stretch("new", "".join(after[c:d]))


def _split(line: str) -> list[str]:
    return re.findall(r"\s+|\{\{.*?\}\}|[\w'’-]+|[^\w\s]", line)
