"""`inspection.yaml`: which area is inspected, by which framework to the letter, and what belongs to it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.model import Framework, FrameworkPart, Identifier, Sentence

FORMAT = 1
"""The version of the folder's format that this program writes; it reads every one up to it."""


class Pin(FrameworkPart):
    """A framework to the letter."""

    id: Identifier
    version: str
    hash: str

    @classmethod
    def of(cls, framework: Framework) -> Pin:
        """The pin of a framework as it stands."""
        return cls(id=framework.id, version=framework.version, hash=hash_framework(framework))


class Original(FrameworkPart):
    """The inspection that a follow-up returns to.

    Attributes:
        title: what its report is called.
        results: where its results lie in this folder, as `scrutineer score --format json` or an issued report gives
            them.
        group: the group of its cases that is compared.
        concerns: what it found, and why a follow-up was made.
        recommendations: the recommendations that the follow-up checks.
    """

    title: Sentence
    published: Sentence
    results: str = "original/results.json"
    group: str = "all"
    concerns: tuple[Sentence, ...] = ()
    recommendations: tuple[Sentence, ...] = ()


class Inspectorate(FrameworkPart):
    """Who inspects, as the report names it."""

    name: Sentence = "The Inspectorate"
    chief: str = ""
    address: tuple[Sentence, ...] = ()
    website: str = ""


class Manifest(FrameworkPart):
    """What an inspection is.

    Attributes:
        area: the inspected body.
        title: what the report is about, where the framework's title does not say it.
        population: eligible cases that the sample stands for; the sample's record says so where there is one.
        sampled_by: the framework that the sample was drawn by, where the inspection has moved to another version since.
        caseload: the content hash of the caseload that the sample was drawn from.
        concern: whether there is serious concern, which calls for a follow-up.
        synthetic: whether it was made up.
    """

    format: Annotated[int, Field(ge=1, le=FORMAT)]
    kind: Literal["inspection"]
    area: Sentence
    title: str = ""
    framework: Pin
    elements: tuple[Pin, ...] = ()
    original: Original | None = None
    inspectorate: Inspectorate = Inspectorate()
    population: Annotated[int, Field(ge=1)] | None = None
    sampled_by: Pin | None = None
    caseload: str | None = None
    concern: bool = False
    synthetic: bool = False

    @model_validator(mode="after")
    def _each_element_once(self) -> Manifest:
        ids = [pin.id for pin in self.elements]
        if len(set(ids)) < len(ids):
            raise ValueError("an element stands twice under `elements`; name each once")
        return self
