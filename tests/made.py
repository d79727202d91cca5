"""The demonstration's inspections, made once for all tests that look at them."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from scrutineer.tasks.demonstrating import list_inspections, make_inspection
from scrutineer.tasks.files import open_library


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `esi`, `follow-up` and `omi`; several test processes share it. Copy before changing anything."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if worker else base) / "inspections"
    try:
        place.mkdir()
    except FileExistsError:
        return _waited(place)
    first, second, third = (replace(work, seconds=0) for work in list_inspections(open_library(None)))
    original = make_inspection(first, place / "esi", None)
    make_inspection(second, place / "follow-up", None, original)
    make_inspection(third, place / "omi", None)
    (place / "done").touch()
    return place


def _waited(place: Path) -> Path:
    for _ in range(600):
        if (place / "done").exists():
            return place
        time.sleep(0.2)
    raise TimeoutError("the other process did not make the inspections")
