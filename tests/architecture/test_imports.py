"""The order of the core: a module imports only what stands before it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

ORDER = (
    {"errors"},
    {"statistics", "frameworks", "tables"},
    {"cases"},
    {"sampling", "scoring", "timetabling", "workbook"},
    {"follow_up", "comparison"},
    {"inspection"},
    {"programme"},
    {"figures"},
    {"document"},
    {"narrative"},
    {"findings", "composing"},
    {"published"},
    {"proof", "simulation"},
    {"reporting"},
    {"main"},
    {"commands"},
    {"__main__"},
)
STAGE = {name: n for n, names in enumerate(ORDER) for name in names}
MODULES = sorted((ROOT / "scrutineer").rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part(module: str) -> str | None:
    steps = module.split(".")
    return steps[1] if len(steps) > 1 and steps[0] == "scrutineer" and steps[1] in STAGE else None


def own_part(path: Path) -> str | None:
    steps = path.relative_to(ROOT / "scrutineer").with_suffix("").parts
    return steps[0] if steps[0] != "__init__" else None


def test_every_part_of_the_core_has_its_place() -> None:
    parts = {own_part(path) for path in MODULES} - {None}
    assert parts <= set(STAGE)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_only_what_stands_before(path: Path) -> None:
    own = own_part(path)
    for module in imported(path):
        other = part(module)
        if own is None or other is None or other == own:
            continue
        assert STAGE[other] < STAGE[own], f"{path.name} ({own}) imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_core_knows_no_web_no_clock_no_chance(path: Path) -> None:
    barred = {"django", "scrutineer_web", "random", "time", "secrets", "uuid"}
    assert not {module.split(".")[0] for module in imported(path)} & barred


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_core_asks_no_clock_and_no_global_generator(path: Path) -> None:
    """A day may be read from a file; what day it is now is for the caller to say. Chance comes from a generator that is given."""
    calls = {
        ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
    }
    assert not {c for c in calls if c.split(".")[-1] in {"now", "today", "utcnow", "localtime"}}
    assert not {
        c
        for c in calls
        if c.startswith(("np.random.", "numpy.random.")) and c.split(".")[-1] not in {"Generator", "PCG64"}
    }


def test_statistics_know_nothing_of_inspections() -> None:
    for path in (ROOT / "scrutineer" / "statistics").glob("*.py"):
        own = {m for m in imported(path) if m.startswith("scrutineer.")}
        assert all(m.startswith("scrutineer.statistics") for m in own), path


def test_python_knows_no_framework_by_name() -> None:
    ids = [path.parent.name for path in (ROOT / "frameworks").glob("*/framework.yaml")]
    assert len(ids) >= 7
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert not [name for name in ids if name in text], path


WEB = sorted((ROOT / "scrutineer_web").rglob("*.py"))
WEB_ORDER = (
    {"states"},
    {"records"},
    {"permissions"},
    {"audit"},
    {"exchange"},
    {"actions"},
    {"kit", "templatetags"},
    {"api"},
    {
        "programme",
        "sampling",
        "fieldwork",
        "moderation",
        "evidence",
        "scores",
        "report",
        "follow_up",
        "library",
        "administration",
    },
    {"accuracy", "publication", "areas"},
    {"comparison", "operations"},
    {"demonstration", "fictional", "urls", "settings", "apps", "wsgi"},
    {"server", "commands", "backup", "checks"},
)
WEB_STAGE = {name: n for n, names in enumerate(WEB_ORDER) for name in names}
APART = {
    ("exchange", "actions"),  # the folder's rows are told from those that the room would write
    ("templatetags", "demonstration"),  # the sign-in page of the demonstration names its people
}


REPORTED_TO = "scrutineer_web.audit.written"
"""Where the manager of every record reports what it wrote, so that no action can forget to."""


@pytest.mark.parametrize("path", WEB, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_room_imports_only_what_stands_before(path: Path) -> None:
    own = path.relative_to(ROOT / "scrutineer_web").with_suffix("").parts[0]
    for module in imported(path):
        steps = module.split(".")
        if len(steps) < 2 or steps[0] != "scrutineer_web" or own == "__init__":
            continue
        other = steps[1]
        if other == own or (own, other) in APART or module.startswith(REPORTED_TO):
            continue
        assert WEB_STAGE[other] <= WEB_STAGE[own], f"{path.name} ({own}) imports {module}"


def test_only_frames_and_the_folder_translate_to_the_core() -> None:
    """Records know frames, answers and results of the core nowhere but in `frames`."""
    barred = ("scrutineer.cases.answers", "scrutineer.scoring.inspect", "polars")
    for path in (ROOT / "scrutineer_web" / "records").glob("*.py"):
        if path.name != "frames.py":
            assert not [m for m in imported(path) if m.startswith(barred)], path
