"""The frameworks that are offered, read once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from scrutineer.frameworks.house import House
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.tasks.files import open_library
from scrutineer.tasks.inputs import list_elements_of
from scrutineer_web.records.inspection import Inspection


def list_elements_on(framework: Framework) -> tuple[Framework, ...]:
    """The thematic elements that look at part of a framework's cases; read once."""
    known = framework.__dict__.get("_elements")
    if known is None:
        known = framework.__dict__["_elements"] = tuple(list_elements_of(framework, read_library()))
    return known


@lru_cache(maxsize=1)
def read_library() -> Library:
    """The folder of frameworks that are offered."""
    return open_library(Path(settings.FRAMEWORKS) if settings.FRAMEWORKS else None)


def list_elements() -> tuple[str, ...]:
    """The ids of the thematic elements that an inspection can look at, too."""
    library = read_library()
    return tuple(name for name in library.ids if library.load_framework(name).kind == "element")


def read_house(inspection: Inspection) -> House:
    """The house style of an inspection's framework."""
    return read_library().load_house(inspection.framework.id)
