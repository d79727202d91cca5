"""What the core scores: the same as it has after reading the exported files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.groups import GroupOf
from scrutineer.tasks.files import library
from scrutineer.tasks.inputs import elements_of
from scrutineer.tasks.scoring import Loaded, Scored, ScoreRequest, score_loaded
from scrutineer_web.records.frames.cases import Read
from scrutineer_web.records.inspection import Inspection


def loaded(inspection: Inspection, read: Read) -> Loaded:
    """The same as `scrutineer score` has it after reading the exported files."""
    return Loaded(
        inspection.framework, elements(inspection.framework), read.cases.caseload, read.cases.answers
    )


def scored(inspection: Inspection, read: Read, groups: Sequence[GroupOf] | None = None) -> Scored:
    """The results of an inspection as they stand, of every group or those given, and what is still open."""
    return score_loaded(loaded(inspection, read), ScoreRequest(label=inspection.area), groups)


def elements(framework: Framework) -> tuple[Framework, ...]:
    """The thematic elements that look at part of a framework's cases; read once."""
    known = framework.__dict__.get("_elements")
    if known is None:
        known = framework.__dict__["_elements"] = tuple(elements_of(framework, shelf()))
    return known


@lru_cache(maxsize=1)
def shelf() -> Library:
    """The folder of frameworks that are offered."""
    return library(Path(settings.FRAMEWORKS) if settings.FRAMEWORKS else None)
