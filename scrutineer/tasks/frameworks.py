"""Frameworks: list, show, check, compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.version_changes import FrameworkChange, compare
from scrutineer.tasks.files import open_library

if TYPE_CHECKING:
    from pydantic import BaseModel


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


def export_framework(name: str, form: str, folder: Path | None) -> bytes:
    """A framework as a workbook, or as a file of its own that extends no other."""
    from scrutineer.authoring.workbook import write_framework_book
    from scrutineer.frameworks.yaml_writing import write_yaml

    framework = show_framework(name, folder)
    if form == "xlsx":
        return write_framework_book(framework)
    return write_yaml(framework.model_dump(mode="json", by_alias=True, exclude_defaults=True))


def import_framework(path: Path, out: Path | None, folder: Path | None) -> tuple[Framework, Path]:
    """Make a framework's folder of its workbook, or of another system's form.

    Args:
        path: the workbook, an XLSForm, or REDCap's data dictionary.
        out: the folder to write to; one named by the framework's id where None.
        folder: the folder of frameworks, where not those that ship.

    Returns:
        The framework, and the file that was written.

    Raises:
        UserError: with every fault of the workbook, each with its cell; or there is a framework in the folder already.
    """
    from scrutineer.authoring.read_source import read_framework_source
    from scrutineer.frameworks.yaml_writing import write_yaml
    from scrutineer.tasks.files import write_all
    from scrutineer.tasks.notices import notify

    source, notes = read_framework_source(path)
    framework = open_library(folder).load_source(source)
    notify([f"{shorten_path(path)} {note}" for note in notes])
    file = (out or Path(framework.id)) / "framework.yaml"
    if file.exists():
        raise UserError(
            Fault(
                shorten_path(file),
                "there is already a framework there",
                "Choose another folder, or move it away",
            )
        )
    content = framework.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    write_all({file: write_yaml(content)})
    return framework, file


def diff_frameworks(old: str, new: str, folder: Path | None) -> tuple[FrameworkChange, ...]:
    """Every change from one framework to another, each by id or file."""
    return compare(show_framework(old, folder), show_framework(new, folder))


SCHEMAS = ("framework", "report", "reading", "examples", "synthetic")
"""The files of a framework's folder that have a JSON Schema."""


def format_schema(name: str = "framework") -> str:
    """The JSON Schema of one of the files of a framework's folder."""
    import json

    from scrutineer.frameworks.house import House
    from scrutineer.frameworks.reading_hints import Reading
    from scrutineer.frameworks.schema import make_file_schema, make_schema
    from scrutineer.scoring.examples import Examples
    from scrutineer.simulation.profile import FictionalProfile

    models: dict[str, type[BaseModel]] = {
        "report": House,
        "reading": Reading,
        "examples": Examples,
        "synthetic": FictionalProfile,
    }
    schema = make_file_schema(models[name], name) if name in models else make_schema()
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
