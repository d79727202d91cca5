"""The demonstration's inspections, made once for all tests that look at them."""

from __future__ import annotations

import fcntl
import os
from dataclasses import replace
from pathlib import Path
from shutil import rmtree

VILLAGES = "VILLAGES_OF_TESTS"


def shared() -> Path:
    """A folder that every process of this run has."""
    return Path(os.environ[VILLAGES])


class Inspections:
    """A folder with `esi`, `follow-up` and `omi`, each made by the first process of a run that asks for it.

    Copy one before changing anything.
    """

    NAMES = ("esi", "follow-up", "omi")

    def __truediv__(self, name: str) -> Path:
        """The folder of one of them."""
        place = shared() / "inspections" / name
        place.parent.mkdir(exist_ok=True)
        with place.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not place.with_suffix(".whole").exists():
                rmtree(place, ignore_errors=True)
                self._make(name, place)
                place.with_suffix(".whole").touch()
        return place

    def _make(self, name: str, place: Path) -> None:
        from scrutineer.tasks.demonstrating import list_inspections, make_inspection
        from scrutineer.tasks.files import open_library

        work = list_inspections(open_library(None))[self.NAMES.index(name)]
        original = self / "esi" if name == "follow-up" else None
        make_inspection(replace(work, seconds=0), place, None, original)
