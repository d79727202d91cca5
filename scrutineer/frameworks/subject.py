"""What a framework calls those it is about: the person of a case, who works with them, and the body that is inspected.

They come from the framework's `words`. They change no question and no score, so they're no part of the content hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from scrutineer.frameworks.model import Framework

SUBJECT_WORDS: Final = frozenset(
    {"person", "people", "a_person", "worker", "body", "bodies", "supervised", "source_file"}
)
"""The words of a framework that say what its subject is called."""


@dataclass(frozen=True)
class Subject:
    """The words of the subject, each as it stands within a sentence.

    Attributes:
        person: whom a case is about: offender, patient, child.
        people: several of them.
        a_person: one with its article: an offender.
        worker: who works with the person and is asked about the case; empty if the assessor asks nobody.
        body: what is inspected: area, hospital, council.
        bodies: several of them.
        supervised: how a case stands to the service: under supervision.
        file: what the assessor reads: file, notes.
    """

    person: str
    people: str
    a_person: str
    worker: str
    body: str
    bodies: str
    supervised: str
    file: str

    @classmethod
    def from_framework(cls, framework: Framework) -> Subject:
        """The words of a framework, with plain ones where it has none."""
        words = framework.words
        person, body = words.get("person", "person"), words.get("body", "area")
        return cls(
            person=person,
            people=words.get("people", "people" if person == "person" else f"{person}s"),
            a_person=words.get("a_person", add_article(person)),
            worker=words.get("worker", ""),
            body=body,
            bodies=words.get("bodies", f"{body}s"),
            supervised=words.get("supervised", "with the service"),
            file=words.get("source_file", "file"),
        )

    @property
    def manager(self) -> str:
        """Who works with the person, in the label of a field."""
        return self.worker or "person responsible"


def add_article(noun: str) -> str:
    """A noun with its indefinite article: an offender, a child."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
