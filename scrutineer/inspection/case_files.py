"""Cases and answers of an inspection, from files that people provide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.model import Framework
from scrutineer.tables.file_kinds import KINDS
from scrutineer.tables.limits import GENERAL, Limits

if TYPE_CHECKING:
    from scrutineer.fieldwork.cases.answers import Answers
    from scrutineer.fieldwork.cases.caseload import Caseload


def find_answer_files(folder: Path, table: Path | None) -> list[Path]:
    """The files of an inspection that hold answers: a table next to the cases, and those in a folder of their own."""
    return [
        *([table] if table else []),
        *sorted(p for p in (folder / "answers").glob("*.*") if p.suffix.lower() in KINDS),
    ]


def list_answers(
    paths: Sequence[Path],
    framework: Framework,
    caseload: Caseload,
    progress: Callable[[Path], None] = lambda _: None,
    limits: Limits = GENERAL,
) -> tuple[Answers, Caseload]:
    """Answers from workbooks and tables, and the cases with the particulars that assessors gave.

    Raises:
        UserError: with every fault of every file.
    """
    from scrutineer.fieldwork.cases.answer_files import read_answers
    from scrutineer.fieldwork.workbook.read_workbooks import is_workbook, read_workbooks
    from scrutineer.tables.read_table import read_table

    tables, faults = [], list[Fault]()
    books = [path for path in paths if is_workbook(path, limits)]
    try:
        tables += [read_workbooks(books, framework, progress, limits)] if books else []
    except UserError as error:
        faults += error.faults
    for path in paths:
        if path in books:
            continue
        progress(path)
        try:
            tables.append(read_table(path, limits=limits))
        except UserError as error:
            faults += error.faults
    if faults:
        raise UserError(faults)
    return read_answers(tables, framework, caseload)
