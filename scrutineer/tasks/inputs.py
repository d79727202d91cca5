"""Cases, answers and frameworks, from a command's arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scrutineer.errors import Fault, UserError, shorten_path
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.inspection import case_files
from scrutineer.tasks.files import open_library
from scrutineer.tasks.notices import notify

__all__ = ["find_framework", "list_answers", "list_elements_of", "make_mapping", "read_cases_file"]

if TYPE_CHECKING:
    from scrutineer.fieldwork.cases.answers import Answers
    from scrutineer.fieldwork.cases.caseload import Caseload
    from scrutineer.fieldwork.cases.mapping import Mapping


def find_framework(name: str, folder: Path | None) -> tuple[Framework, Library]:
    """A framework by its id or from a file, and the library that it is in."""
    shelf = open_library(folder)
    path = Path(name)
    if path.suffix in {".yaml", ".yml"}:
        return shelf.load(path), shelf
    return shelf.load_framework(name), shelf


def make_mapping(path: Path | None, keep: Sequence[str], framework: Framework) -> Mapping:
    """A column mapping, with the headings that a person asks to keep."""
    from scrutineer.fieldwork.cases.mapping import Mapping, read_mapping

    mapping = read_mapping(path, framework) if path else Mapping()
    return mapping.model_copy(update={"keep": (*mapping.keep, *keep)})


def read_cases_file(
    path: Path,
    framework: Framework,
    mapping: Path | None = None,
    keep: Sequence[str] = (),
    needed: Sequence[str] = (),
) -> Caseload:
    """Cases from a file; what was skipped, left out or taken for something is passed on as notices."""
    from scrutineer.fieldwork.cases.caseload import list_notices, read_cases

    if path.is_dir():
        do = "Choose the file, or another --engine"
        raise UserError(
            Fault(shorten_path(path), "this is a folder, and cases in memory are read from one file", do)
        )
    caseload = read_cases(path, framework, make_mapping(mapping, keep, framework), needed)
    notify(list_notices(caseload, framework))
    return caseload


def list_answers(
    paths: Sequence[Path],
    framework: Framework,
    caseload: Caseload,
    progress: Callable[[Path], None] = lambda _: None,
) -> tuple[Answers, Caseload]:
    """Answers from workbooks and tables, and the cases with what assessors said of them; with the same notices."""
    files = [
        file for path in paths for file in (sorted(path.rglob("*.parquet")) if path.is_dir() else [path])
    ]
    answers, cases = case_files.list_answers(files, framework, caseload, progress)
    notify(answers.list_notices())
    return answers, cases


def list_elements_of(framework: Framework, shelf: Library) -> list[Framework]:
    """The thematic elements that are inspected on part of a framework's own sample."""
    named = f"part_of: {framework.id}"
    files = {name: shelf.folder / name / "framework.yaml" for name in shelf.ids if name != framework.id}
    # Loading takes long: only a framework whose file names this one can be a part of it.
    elements = [
        shelf.load_framework(name)
        for name, path in files.items()
        if named in path.read_text(encoding="utf-8")
    ]
    return [f for f in elements if f.sample.part_of == framework.id and f.sample.only is not None]
