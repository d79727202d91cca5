"""How published reports of a framework are read: `reading.yaml`, kept apart from the method.

Nothing here can alter a score, so nothing here enters the framework's content hash. A *cue* is
a few words that a sentence must hold to be about a question: `review* 16|sixteen` asks for a
word that starts with "review" and for one of "16" and "sixteen"; `!original` forbids a word;
a leading `-` says that the cue describes work below the line ("-further conviction*").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from scrutineer.errors import Fault
from scrutineer.frameworks.load import parse
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.parts import Code, FrameworkPart, Identifier, Key, Sentence
from scrutineer.frameworks.yaml_source import read_yaml


@dataclass(frozen=True)
class Cue:
    """A prepared cue: `needed` and one of each of `choices` must be in the text, and none of `barred`."""

    needed: tuple[str, ...]
    choices: tuple[tuple[str, ...], ...]
    barred: tuple[str, ...]
    below: bool

    @classmethod
    def parse(cls, text: str) -> Cue:
        """A cue from its words."""
        words = text.removeprefix("-").lower().split()
        groups = [tuple(map(_make_needle, word.split("|"))) for word in words if not word.startswith("!")]
        return cls(
            tuple(group[0] for group in groups if len(group) == 1),
            tuple(group for group in groups if len(group) > 1),
            tuple(_make_needle(word[1:]) for word in words if word.startswith("!")),
            text.startswith("-"),
        )

    @classmethod
    def parse_phrase(cls, text: str) -> Cue:
        """A cue for an exact phrase, which is stronger evidence than any loose words."""
        whole = simplify(text)
        return cls((whole, *(f" {word} " for word in whole.split())), (), (), below=False)

    def fits(self, text: str) -> bool:
        """Whether the cue fits a text made ready by `simplify`."""
        for needle in self.needed:
            if needle not in text:
                return False
        for group in self.choices:
            if not any(needle in text for needle in group):
                return False
        return not self.barred or not any(needle in text for needle in self.barred)

    @property
    def weight(self) -> int:
        """How much a match says: the number of words it needs."""
        return len(self.needed) + len(self.choices)


def _make_needle(word: str) -> str:
    stem = word.replace("_", " ")
    return f" {stem[:-1]}" if stem.endswith("*") else f" {stem} "


_KEPT = frozenset("abcdefghijklmnopqrstuvwxyz0123456789%")
_SPACES = {n: " " for n in range(0x2100) if chr(n) not in _KEPT}


def simplify(text: str) -> str:
    """A text in lower case, its words apart by single spaces, with a space at each end."""
    return f" {' '.join(text.lower().translate(_SPACES).split())} "


class Reading(FrameworkPart):
    """The reading hints of one framework."""

    format: Annotated[int, Field(ge=1, le=1)] = 1
    framework: Identifier
    extends: Identifier | None = None
    titles: tuple[Sentence, ...] = ()
    absent: tuple[Sentence, ...] = ()
    favours: tuple[Sentence, ...] = ()
    annex: Sentence | None = None
    base_group: Key = "all"
    groups: dict[Key, tuple[Sentence, ...]] = Field(default_factory=dict)
    main_sample: tuple[Sentence, ...] = ()
    criterion_titles: dict[Code, tuple[Sentence, ...]] = Field(default_factory=dict)
    described_by: dict[Code, Sentence] = Field(default_factory=dict)
    thread_phrases: dict[Key, Sentence] = Field(default_factory=dict)
    thread_cues: dict[Key, tuple[Sentence, ...]] = Field(default_factory=dict)
    cues: dict[Key, tuple[Sentence, ...]] = Field(default_factory=dict)


_MERGED = ("groups", "criterion_titles", "described_by", "thread_phrases", "thread_cues", "cues")


def read_reading(path: Path, find: Callable[[str], Reading | None]) -> Reading | None:
    """The reading hints of a file, on top of those that it extends; None if there is no file.

    Raises:
        UserError: with every fault of the file, each with file and line.
    """
    if not path.exists():
        return None
    reading = parse(Reading, read_yaml(path))
    below = find(reading.extends) if reading.extends else None
    if below is None:
        return reading
    merged = {name: {**getattr(below, name), **getattr(reading, name)} for name in _MERGED}
    return reading.model_copy(update=merged)


def make_plain_reading(framework: Framework) -> Reading:
    """The hints for a framework without a file of its own: its title, and its threads by theirs."""
    threads = {thread.key: f"{simplify(thread.title).strip()} thread" for thread in framework.threads}
    return Reading(framework=framework.id, titles=(framework.title,), thread_phrases=threads)


def find_unknown_names(path: Path, framework: Framework) -> list[Fault]:
    """Every question, criterion and thread that a framework's own reading hints name and it does not have."""
    if not path.exists():
        return []
    source = read_yaml(path)
    reading = parse(Reading, source)
    known: dict[str, Iterable[str]] = {
        "cues": framework.questions,
        "criterion_titles": framework.criteria,
        "described_by": framework.criteria,
        "thread_phrases": [thread.key for thread in framework.threads],
        "thread_cues": [thread.key for thread in framework.threads],
    }
    return [
        source.make_fault(
            (part, name),
            f"`{part}` names '{name}', which framework '{framework.id}' does not have",
            "Check its spelling",
        )
        for part, names in known.items()
        for name in getattr(reading, part)
        if name not in set(names)
    ]
