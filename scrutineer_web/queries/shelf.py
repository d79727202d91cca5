"""The frameworks that are offered, read once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from scrutineer.frameworks.house import House
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.tasks.files import open_library
from scrutineer.tasks.inputs import list_elements_of
from scrutineer_web.records.frames.stored import make_manifest
from scrutineer_web.records.framework_version import FrameworkVersion, read
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


class Pinned(Library):
    """The offered frameworks; where the room holds a version with a pinned hash, that one.

    Args:
        hashes: that are pinned.
    """

    def __init__(self, hashes: Iterable[str]):
        offered = read_library()
        super().__init__(offered.folder)
        # Files that ship are read once. What is derived from a pinned version stays here.
        self._houses, self._readings = offered._houses, dict(offered._readings)
        self._loaded, self._raw = offered._loaded, offered._raw
        held = FrameworkVersion.objects.filter(hash__in=list(hashes)).values_list("framework_id", "hash")
        self._pinned = {name: read(hash_) for name, hash_ in held}

    def load_framework(self, name: str) -> Framework:
        """The framework of an id: the pinned version where there is one.

        Raises:
            UserError: no such framework.
        """
        return self._pinned.get(name) or super().load_framework(name)


def read_library_of(inspection: Inspection) -> Library:
    """The frameworks as an inspection has them: in the versions that it pins, whether they're offered or were added."""
    pins = make_manifest(inspection).elements
    return Pinned([inspection.framework_version.hash, *(pin.hash for pin in pins)])


def list_elements() -> tuple[str, ...]:
    """The ids of the thematic elements that an inspection can look at, too."""
    library = read_library()
    return tuple(name for name in library.ids if library.load_framework(name).kind == "element")


def read_house(inspection: Inspection) -> House:
    """The house style of an inspection's framework."""
    return read_library_of(inspection).load_house(inspection.framework.id)
