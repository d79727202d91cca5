"""Frameworks: list, show, check, compare."""

from __future__ import annotations

from pathlib import Path

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.version_changes import FrameworkChange, compare
from scrutineer.tasks.files import open_library


def list_frameworks(folder: Path | None) -> list[tuple[str, str, str, str]]:
    """Id, version, title and hash of every framework."""
    shelf = open_library(folder)
    frameworks = [shelf.load_framework(name) for name in shelf.ids]
    return [(f.id, f.version, f.title, hash_framework(f)) for f in frameworks]


def show_framework(name: str, folder: Path | None) -> Framework:
    """A framework by its id, or from a file."""
    shelf = open_library(folder)
    path = Path(name)
    return shelf.load(path) if path.suffix in {".yaml", ".yml"} else shelf.load_framework(name)


def check_framework(path: Path, folder: Path | None) -> tuple[Framework, int]:
    """Check a framework, its reading hints, its house style, and its worked examples.

    Args:
        path: a framework file, its folder, or the id of a framework.
        folder: the folder of frameworks, where not those that ship.

    Returns:
        The framework, and how many examples came out.

    Raises:
        UserError: with every fault of the files, or every example that does not come out.
    """
    from scrutineer.frameworks import house, reading_hints
    from scrutineer.scoring.examples import count_examples, find_failures, read_examples
    from scrutineer.scoring.monotone import list_falls

    shelf = open_library(folder)
    if not path.exists() and str(path) in shelf.ids:
        path = shelf.folder / path
    if path.is_dir():
        path = path / "framework.yaml"
    framework = shelf.load(path)
    wrong = reading_hints.find_unknown_names(path.with_name("reading.yaml"), framework)
    wrong += house.find_unknown_names(path.with_name("report.yaml"), framework)
    wrong += [
        Fault(
            shorten_path(path), f"{node.name}: {said}", "Change its rules, so that a better part never does"
        )
        for node, said in list_falls(framework)
    ]
    beside = path.with_name("examples.yaml")
    number = 0
    if beside.exists():
        source, examples = read_examples(beside)
        number = count_examples(examples)
        wrong += find_failures(framework, source, examples)
    if wrong:
        raise UserError(wrong)
    return framework, number


def diff_frameworks(old: str, new: str, folder: Path | None) -> tuple[FrameworkChange, ...]:
    """Every change from one framework to another, each by id or file."""
    return compare(show_framework(old, folder), show_framework(new, folder))


def format_schema() -> str:
    """The JSON Schema of framework files."""
    import json

    from scrutineer.frameworks.schema import make_schema

    return json.dumps(make_schema(), indent=2, ensure_ascii=False) + "\n"
