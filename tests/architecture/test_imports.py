"""The order of the house: every folder imports only what stands on a lower floor, and no module goes round in a circle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import ROOT

CORE = (
    {"errors"},
    {"statistics", "tables"},
    {"frameworks"},
    {"fieldwork.cases", "authoring"},
    {"fieldwork.sampling", "fieldwork.timetabling", "fieldwork.workbook", "scoring"},
    {"scoring.comparison"},
    {"inspection"},
    {"programme", "simulation", "proof.reading"},
    {"proof.basis"},
    {"proof.rules", "proof.examples"},
    {"proof"},
    {"report.figures"},
    {"report.document"},
    {"report.texts"},
    {"report.drafting", "report.parts"},
    {"report.pages"},
    {"report.render"},
    {"report"},
    {"tasks"},
    {"cli"},
    {"__main__"},
)
"""The floors of the core, the lowest first; folders of one floor know nothing of each other."""

WEB = (
    {"states"},
    {"records"},
    {"permissions"},
    {"audit"},
    {"safeguards"},
    {"queries"},
    {"exchange"},
    {"actions"},
    {"kit"},
    {"components"},
    {"templatetags", "api", "running"},
    {
        "inspections",
        "preparation",
        "fieldwork",
        "moderation",
        "scores",
        "report",
        "publication",
        "follow_up",
        "programme",
        "frameworks",
        "operations",
    },
    {"demonstration", "fictional"},
    {"urls", "settings", "apps", "wsgi"},
    {"commands"},
)
"""The floors of the room; the screens are one floor, so that none borrows from another."""

FLOOR = {
    f"{package}.{name}": floor
    for package, floors in (("scrutineer", CORE), ("scrutineer_web", WEB))
    for floor, names in enumerate(floors)
    for name in names
}
MODULES = {package: sorted((ROOT / package).rglob("*.py")) for package in ("scrutineer", "scrutineer_web")}
REPORTED_TO = "scrutineer_web.audit.written"
"""Where the manager of every record reports what it wrote, so that no action can forget to."""


def dotted(path: Path) -> str:
    steps = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(steps[:-1] if steps[-1] == "__init__" else steps)


NAMES = {dotted(path) for paths in MODULES.values() for path in paths}


def imports(tree: ast.AST) -> Iterator[str]:
    """The modules that are imported anywhere below a node, functions' own imports included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in NAMES else node.module


def imports_at_start(tree: ast.Module) -> Iterator[str]:
    """The modules that must be there before this one is: not those of functions, nor those for types alone."""
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imports(ast.Module([node], []))


def folder(module: str) -> str | None:
    """The folder, with its package's name, that has a floor of its own; None for a package itself."""
    steps = module.split(".")
    names = [".".join(steps[:n]) for n in range(len(steps), 1, -1)]
    return next((name for name in names if name in FLOOR), None)


ALL = [path for paths in MODULES.values() for path in paths]
EACH = pytest.mark.parametrize("path", ALL, ids=lambda p: str(p.relative_to(ROOT)))
EACH_OF_CORE = pytest.mark.parametrize("path", MODULES["scrutineer"], ids=lambda p: str(p.relative_to(ROOT)))


def test_every_folder_has_its_floor_and_every_floor_its_folder() -> None:
    assert {name for name in FLOOR if name not in NAMES} == set()
    assert {name for name in NAMES if "." in name and folder(name) is None} - _above() == set()


def _above() -> set[str]:
    """Folders that only hold folders."""
    return {name.rpartition(".")[0] for name in FLOOR} - {"scrutineer", "scrutineer_web"}


@pytest.mark.repeats
@EACH
def test_imports_only_what_stands_on_a_lower_floor(path: Path) -> None:
    own = folder(dotted(path))
    if own is None:
        return
    for module in imports(ast.parse(path.read_text(encoding="utf-8"))):
        other = folder(module)
        if other is None or other == own or module.startswith(REPORTED_TO):
            continue
        if own.startswith("scrutineer_web.") and other.startswith("scrutineer."):
            continue
        assert other.partition(".")[0] == own.partition(".")[0], f"{path.name} imports {module}"
        assert FLOOR[other] < FLOOR[own], f"{path.name} ({own}) imports {module}"


@pytest.mark.parametrize("package", MODULES)
def test_no_module_imports_itself_by_way_of_others(package: str) -> None:
    graph = {}
    for path in MODULES[package]:
        if path.name != "__init__.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            graph[dotted(path)] = {m for m in imports_at_start(tree) if m in NAMES} - {dotted(path)}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


@pytest.mark.parametrize("package", MODULES)
def test_no_folder_imports_itself_by_way_of_others(package: str) -> None:
    """Stages of the actions and of the queries lie on one floor; they may know each other one way only."""
    graph: dict[str, set[str]] = {}
    for path in MODULES[package]:
        own = dotted(path.parent / "__init__.py")
        for module in imports(ast.parse(path.read_text(encoding="utf-8"))):
            if module in NAMES and not module.startswith(REPORTED_TO):
                other = module if (ROOT / module.replace(".", "/")).is_dir() else module.rpartition(".")[0]
                graph.setdefault(own, set()).add(other)
    graph = {own: {o for o in others if o != own and not _holds(o, own)} for own, others in graph.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def _holds(outer: str, inner: str) -> bool:
    return inner.startswith(f"{outer}.") or outer.startswith(f"{inner}.")


@pytest.mark.repeats
@EACH_OF_CORE
def test_core_knows_no_web_no_clock_no_chance(path: Path) -> None:
    barred = {"django", "scrutineer_web", "random", "time", "secrets", "uuid"}
    assert not {module.split(".")[0] for module in imports(ast.parse(path.read_text()))} & barred


@EACH_OF_CORE
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
        own = {m for m in imports(ast.parse(path.read_text())) if m.startswith("scrutineer.")}
        assert all(m.startswith("scrutineer.statistics") for m in own), path


def test_python_knows_no_framework_by_name() -> None:
    ids = [path.parent.name for path in (ROOT / "frameworks").glob("*/framework.yaml")]
    assert len(ids) >= 7
    for path in MODULES["scrutineer"]:
        text = path.read_text(encoding="utf-8")
        assert not [name for name in ids if name in text], path


def test_only_frames_and_the_folder_translate_to_the_core() -> None:
    """Records know frames, answers and results of the core nowhere but in `frames`."""
    barred = ("scrutineer.fieldwork.cases.answers", "scrutineer.scoring.inspect", "polars")
    for path in (ROOT / "scrutineer_web" / "records").glob("*.py"):
        if path.name != "frames.py":
            assert not [m for m in imports(ast.parse(path.read_text())) if m.startswith(barred)], path
