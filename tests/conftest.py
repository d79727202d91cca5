"""What several tests share: the frameworks, the synthetic report, the published reports where they are to hand."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from types import ModuleType
from typing import ParamSpec, TypeVar

import pytest
import rich.style  # draws a number when it is first imported, which no test is to answer for
from coverage import Coverage
from hypothesis import settings

from scrutineer.frameworks import yaml_source
from scrutineer.frameworks.library import Library
from scrutineer.proof.examples import FRAMEWORKS
from scrutineer.report.render import pdf
from scrutineer.tasks.files import find_data_folder
from tests.made import VILLAGES, Inspections

assert rich.style

settings.register_profile("tests", deadline=None)  # how long an example takes says something of the machine
settings.load_profile("tests")

P, R = ParamSpec("P"), TypeVar("R")


def untraced(function: Callable[P, R]) -> Callable[P, R]:
    """Measure nothing of what a library does in a function: tracing takes half as long again, and covers nothing of ours."""

    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        tracer = sys.gettrace()
        sys.settrace(None)
        try:
            return function(*args, **kwargs)
        finally:
            sys.settrace(tracer)

    return inner


# Frameworks and inspections are read from their files several hundred times in a run, and what is in a file takes longest.
yaml_source._compose = lru_cache(maxsize=512)(untraced(yaml_source._compose))


def import_engine() -> ModuleType:
    """What lays out a PDF, which takes several seconds of a report."""
    engine = IMPORT_ENGINE()
    if not hasattr(engine.HTML.write_pdf, "__wrapped__"):
        engine.HTML.write_pdf = untraced(engine.HTML.write_pdf)
    return engine


IMPORT_ENGINE = pdf._import_engine
pdf._import_engine = import_engine

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
REPORTS = SHARED / "reports"
FULL = os.environ.get("SCRUTINEER_TESTS") == "full"
"""Whether made-up examples and faults are tried many times over: `./run test --full`."""

NORTHMOOR = ROOT / "tests" / "data" / "northmoor-2005-esi.md"

needs_reports = pytest.mark.skipif(
    not REPORTS.is_dir(), reason="the five published reports are not beside this checkout (../shared/reports)"
)
needs_methodology = pytest.mark.skipif(
    not (SHARED / "methodology").is_dir(),
    reason="the hand-made tables are not beside this checkout (../shared/methodology)",
)

LONGEST = (
    "test_faults",
    "test_docs",
    "test_journey_report",
    "test_journey",
    "test_in_the_browser",
    "test_reports",
    "test_short_forms",
    "test_nonsense",
    "test_screens",
    "test_accuracy",
    "test_report",
    "test_every_link",
    "test_permissions",
    "test_backup",
    "test_races",
    "test_publication",
    "test_calibration",
    "test_api",
    "test_programme",
    "test_room_commands",
    "test_which_room",
    "test_operations",
    "test_serve",
    "test_plans",
    "test_recovery",
)
"""Begun first, so that one processor does not end long after the other.

A file's tests stay in one process (`--dist loadfile`), which makes once what they begin from.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: n for n, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(LONGEST)))


def pytest_configure(config: pytest.Config) -> None:
    """A folder for what the processes of a run share (`tests/web/served.py`): whoever begins the run makes it."""
    config.addinivalue_line(
        "markers", "unmeasured: takes long, and goes through nothing that others don't go through"
    )
    config.addinivalue_line("markers", "repeats: as `unmeasured`, but what it begins from is measured")
    if not hasattr(config, "workerinput"):
        os.environ[VILLAGES] = mkdtemp(prefix="scrutineer-villages-")
        if config.getoption("numprocesses", None) and (measured := Coverage.current()):
            measured.stop()  # this process only hands the tests out


def pytest_unconfigure(config: pytest.Config) -> None:
    """And takes it away."""
    if not hasattr(config, "workerinput"):
        rmtree(os.environ.pop(VILLAGES, ""), ignore_errors=True)


@contextmanager
def measure(is_measured: bool) -> Iterator[None]:
    """Measure what is covered meanwhile, or do not; nothing changes where a run measures nothing."""
    measured = Coverage.current()
    if measured is None or is_measured:
        yield
        return
    measured.stop()
    children = os.environ.pop("COVERAGE_PROCESS_START", None)
    try:
        yield
    finally:
        os.environ |= {"COVERAGE_PROCESS_START": children} if children else {}
        measured.start()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """What simulates, or tries the same with many examples, is not measured: that would take half as long again.

    Nor is what looks through a browser: its library switches between greenlets, after which nothing more would be traced.
    """
    with measure(item.get_closest_marker("unmeasured") is None):
        yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test that only repeats isn't measured either; what others begin from as well is."""
    with measure(item.get_closest_marker("repeats") is None):
        yield


@pytest.fixture(scope="session")
def demo_folders() -> Inspections:
    """The demonstration's inspections; several test processes share them. Copy before changing anything."""
    return Inspections()


@pytest.fixture(scope="session")
def library() -> Library:
    return Library(find_data_folder("frameworks"))


@pytest.fixture(scope="session")
def village() -> Library:
    """The made-up frameworks of the rules' examples: none of them is a probation framework."""
    return Library(FRAMEWORKS)


@pytest.fixture(scope="session")
def northmoor() -> list[str]:
    return NORTHMOOR.read_text(encoding="utf-8").split("\n")


@pytest.fixture(autouse=True)
def _no_global_randomness() -> object:
    """The core never draws from the global generator: a test that does so by way of it fails."""
    before = random.getstate()
    yield
    assert random.getstate() == before, "global randomness was used"
