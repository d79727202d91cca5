"""The frameworks that are offered, with the versions that an inspection pins in their place."""

from __future__ import annotations

from collections.abc import Iterable

from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer_web.queries.shelf import read_library
from scrutineer_web.records.framework_version import FrameworkVersion, read


class Pinned(Library):
    """The offered frameworks; where the room holds a version with a pinned hash, that one.

    Args:
        hashes: that are pinned.
    """

    def __init__(self, hashes: Iterable[str]):
        offered = read_library()
        super().__init__(offered.folder)
        self._houses = offered._houses  # files that ship: read once for all imports
        held = FrameworkVersion.objects.filter(hash__in=list(hashes)).values_list("framework_id", "hash")
        self._pinned = {name: read(hash_) for name, hash_ in held}

    def load_framework(self, name: str) -> Framework:
        """The framework of an id: the pinned version where there is one.

        Raises:
            UserError: no such framework.
        """
        return self._pinned.get(name) or super().load_framework(name)
