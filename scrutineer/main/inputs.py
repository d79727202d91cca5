"""Cases, answers and frameworks as commands are given them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.main.files import library

if TYPE_CHECKING:
    from scrutineer.cases.answers import Answers
    from scrutineer.cases.caseload import Caseload
    from scrutineer.cases.mapping import Mapping


def framework_of(name: str, folder: Path | None) -> tuple[Framework, Library]:
    """A framework by its id or from a file, and the library that it stands in."""
    shelf = library(folder)
    path = Path(name)
    if path.suffix in {".yaml", ".yml"}:
        return shelf.load(path), shelf
    return shelf.framework(name), shelf


def mapping_of(path: Path | None, keep: Sequence[str], framework: Framework) -> Mapping:
    """A column mapping, with the headings that a person asks to keep."""
    from scrutineer.cases.mapping import Mapping, read_mapping

    found = read_mapping(path, framework) if path else Mapping()
    return found.model_copy(update={"keep": (*found.keep, *keep)})


def cases_of(
    path: Path,
    framework: Framework,
    mapping: Path | None = None,
    keep: Sequence[str] = (),
    needed: Sequence[str] = (),
) -> Caseload:
    """Cases from a file."""
    from scrutineer.cases.caseload import read_cases

    return read_cases(path, framework, mapping_of(mapping, keep, framework), needed)


def answers_of(
    paths: Sequence[Path],
    framework: Framework,
    caseload: Caseload,
    progress: Callable[[Path], None] = lambda _: None,
) -> tuple[Answers, Caseload]:
    """Answers from workbooks and tables, and the cases with the particulars that assessors gave.

    Raises:
        UserError: with every fault of every file.
    """
    from scrutineer.cases.answer_files import read_answers
    from scrutineer.cases.tables import read_table
    from scrutineer.workbook.read import is_workbook, read_workbooks

    tables, faults = [], list[Fault]()
    books = [path for path in paths if is_workbook(path)]
    try:
        tables += [read_workbooks(books, framework, progress)] if books else []
    except UserError as error:
        faults += error.faults
    for path in paths:
        if path in books:
            continue
        progress(path)
        try:
            tables.append(read_table(path))
        except UserError as error:
            faults += error.faults
    if faults:
        raise UserError(faults)
    return read_answers(tables, framework, caseload)


def elements_of(framework: Framework, shelf: Library) -> list[Framework]:
    """The thematic elements that are inspected on part of a framework's own sample."""
    named = f"part_of: {framework.id}"
    files = {name: shelf.folder / name / "framework.yaml" for name in shelf.ids if name != framework.id}
    # Loading takes long: only a framework whose file names this one can be a part of it.
    found = [
        shelf.framework(name) for name, path in files.items() if named in path.read_text(encoding="utf-8")
    ]
    return [f for f in found if f.sample.part_of == framework.id and f.sample.only is not None]
