"""`inspection.yaml`: the area to be inspected, the exact framework, and what belongs to the inspection."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.parts import FrameworkPart, Identifier, Sentence

FORMAT = 1
"""The version of the folder's format that this program writes; it reads every one up to it."""


class Pin(FrameworkPart):
    """The exact version of a framework."""

    id: Identifier
    version: str
    hash: str

    @classmethod
    def from_framework(cls, framework: Framework) -> Pin:
        """The pin of a framework as it is now."""
        return cls(id=framework.id, version=framework.version, hash=hash_framework(framework))


class Original(FrameworkPart):
    """The inspection that a follow-up returns to.

    Attributes:
        title: the title of its report.
        results: where its results are in this folder, as `scrutineer score --format json` or an issued report gives them.
        group: the group of its cases to compare.
        concerns: what it found, and why there's a follow-up.
        recommendations: the recommendations that the follow-up checks.
    """

    title: Sentence
    published: Sentence
    results: str = "original/results.json"
    group: str = "all"
    concerns: tuple[Sentence, ...] = ()
    recommendations: tuple[Sentence, ...] = ()


class Inspectorate(FrameworkPart):
    """The inspectorate, as the report names it."""

    name: Sentence = "The Inspectorate"
    chief: str = ""
    address: tuple[Sentence, ...] = ()
    website: str = ""


class Manifest(FrameworkPart):
    """What the inspection is.

    Attributes:
        area: the body that's inspected.
        title: what the report is about, if the framework's title doesn't say it.
        population: how many eligible cases the sample represents. If there's a record of the sample, it says so.
        sampled_by: the framework version that the sample was drawn by, if the inspection has moved to another one since.
        caseload: the content hash of the caseload that the sample was drawn from.
        concern: whether there's serious concern, which calls for a follow-up.
        synthetic: whether the inspection is made up.
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
    def _refuse_repeated_elements(self) -> Manifest:
        ids = [pin.id for pin in self.elements]
        if len(set(ids)) < len(ids):
            raise ValueError("an element is listed twice under `elements`; list each one once")
        return self
