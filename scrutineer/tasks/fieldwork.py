"""Fieldwork: the timetable, the workbooks, and the completed answers."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from scrutineer.errors import Fault, UserError
from scrutineer.tables.write_table import format_csv
from scrutineer.tasks.files import write_all
from scrutineer.tasks.inputs import find_framework, read_cases_file
from scrutineer.tasks.scoring import ScoringFiles, load

if TYPE_CHECKING:
    import polars as pl

    from scrutineer.fieldwork.cases.caseload import Caseload
    from scrutineer.fieldwork.cases.gaps import Gap
    from scrutineer.fieldwork.timetabling.search import Progress
    from scrutineer.fieldwork.timetabling.timetable import TimetablePlan
    from scrutineer.fieldwork.workbook.form import AssessmentForm
    from scrutineer.fieldwork.workbook.write_workbooks import Layout, WorkbookUser


@dataclass(frozen=True)
class TimetableRequest:
    """What a person asks of a timetable."""

    framework: str
    cases: Path
    arrangements: Path
    seconds: float = 30
    seed: int = 0
    again: Path | None = None
    mapping: Path | None = None
    keep: Sequence[str] = ()


def make_timetable(
    request: TimetableRequest, out: Path, folder: Path | None, progress: Progress
) -> TimetablePlan:
    """Make a timetable and write it: timetable.json, pages for print, calendars, and the cases with their assessors.

    Raises:
        UserError: faults in the files, or no optimiser; then nothing is written.
    """
    from scrutineer.fieldwork.timetabling.arrangements import read_arrangements
    from scrutineer.fieldwork.timetabling.calendars import collect_calendars
    from scrutineer.fieldwork.timetabling.make import make_timetable
    from scrutineer.fieldwork.timetabling.timetable import read_plan, to_json
    from scrutineer.report.pages.timetables import write_offices_page, write_people_page, write_timetable_page

    framework, _ = find_framework(request.framework, folder)
    arrangements = read_arrangements(request.arrangements)
    caseload = read_cases_file(request.cases, framework, request.mapping, request.keep)
    before = read_plan(request.again) if request.again else None
    plan = make_timetable(
        framework,
        caseload.frame,
        arrangements,
        seconds=request.seconds,
        seed=request.seed,
        before=before,
        progress=progress,
    )
    files: dict[Path, str | bytes] = {
        out / "timetable.json": to_json(plan),
        out / "timetable.html": write_timetable_page(plan),
        out / "people.html": write_people_page(plan),
        out / "offices.html": write_offices_page(plan),
        out / "cases.csv": format_csv(_add_assessors(caseload, plan)),
    }
    files |= {out / "calendars" / name: content for name, content in collect_calendars(plan).items()}
    write_all(files)
    return plan


def _add_assessors(caseload: Caseload, plan: TimetablePlan) -> pl.DataFrame:
    """The cases with who reads them first and second."""
    import polars as pl

    from scrutineer.tables.table import ROW

    who = {(p.case, p.reading): p.assessor for p in plan.placed}
    first = [who.get((case, 1)) for case in caseload.ids]
    columns = [
        pl.Series("assessor", first, dtype=pl.String),
        pl.Series("assessor_kind", [plan.kinds[a] if a else None for a in first], dtype=pl.String),
        pl.Series("second_assessor", [who.get((case, 2)) for case in caseload.ids], dtype=pl.String),
    ]
    return caseload.frame.drop(ROW).with_columns(columns)


@dataclass(frozen=True)
class WorkbookRequest:
    """What a person asks of workbooks."""

    framework: str
    cases: Path | None
    layout: Layout = "sheets"
    per_assessor: bool = False
    mapping: Path | None = None
    keep: Sequence[str] = ()


def make_workbook(
    request: WorkbookRequest,
    out: Path,
    folder: Path | None,
    progress: Callable[[Path], None] = lambda _: None,
) -> list[Path]:
    """Make workbooks and their printable twins; one of each, or one per assessor and assessment.

    Raises:
        UserError: faults in the cases, no assessors where they are asked for, or too many cases for sheets.
    """
    from scrutineer.fieldwork.workbook.form import make_form
    from scrutineer.fieldwork.workbook.write_workbooks import WorkbookUser
    from scrutineer.report.pages.form_page import write_printable_form

    framework, _ = find_framework(request.framework, folder)
    form = make_form(framework)
    if request.cases is None:
        write_all({out / "form.html": write_printable_form(form, None, synthetic=False)})
        return [out / "form.html"]
    caseload = read_cases_file(request.cases, framework, request.mapping, request.keep)
    parts = (
        _split_by_assessor(caseload)
        if request.per_assessor
        else [("workbook", WorkbookUser(), caseload.frame)]
    )
    files: dict[Path, str | bytes] = {}
    jobs = [
        _Job(
            name=name,
            form=form,
            cases=frame,
            layout=request.layout,
            assessment=assessment,
            synthetic=caseload.synthetic,
        )
        for name, assessment, frame in parts
    ]
    try:
        for name, book, page in _make_all(jobs):
            progress(out / f"{name}.xlsx")
            files |= {out / f"{name}.xlsx": book, out / f"{name}.html": page}
    except ValueError as error:
        raise UserError(Fault(caseload.where, str(error), "Use --layout rows or --per-assessor")) from None
    write_all(files)
    return list(files)


@dataclass(frozen=True)
class _Job:
    """One workbook to be made with its printable twin."""

    name: str
    form: AssessmentForm
    cases: pl.DataFrame
    layout: Layout
    assessment: WorkbookUser
    synthetic: bool


_MANY = 150
"""From this many cases on, workbooks are written on all processors: starting a process takes as long as some 50 cases."""


def _make_all(jobs: Sequence[_Job]) -> Iterator[tuple[str, bytes, str]]:
    """The workbooks and their twins, in order.

    Raises:
        ValueError: more cases than a workbook should hold as sheets.
    """
    processors = min(os.cpu_count() or 1, len(jobs))
    if processors < 2 or sum(job.cases.height for job in jobs) < _MANY:
        yield from map(_make, jobs)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Started afresh, not forked: the libraries have threads of their own.
    with ProcessPoolExecutor(processors, get_context("spawn")) as pool:
        yield from pool.map(_make, jobs)


def _make(job: _Job) -> tuple[str, bytes, str]:
    from scrutineer.fieldwork.workbook.write_workbooks import make_workbook
    from scrutineer.report.pages.form_page import write_printable_form

    book = make_workbook(job.form, job.cases, job.layout, job.assessment, job.synthetic)
    readers = [job.assessment.assessor] * job.cases.height if job.assessment.assessor else ()
    return job.name, book, write_printable_form(job.form, job.cases, job.synthetic, readers)


def _split_by_assessor(caseload: Caseload) -> list[tuple[str, WorkbookUser, pl.DataFrame]]:
    """The cases of each assessor, first and second assessments apart: a second reader must not see a first one's workbook."""
    import polars as pl

    from scrutineer.fieldwork.workbook.write_workbooks import WorkbookUser

    frame = caseload.frame
    parts: list[tuple[str, WorkbookUser, pl.DataFrame]] = []
    assessments: tuple[tuple[str, Literal[1, 2], str], ...] = (
        ("assessor", 1, ""),
        ("second_assessor", 2, "-second"),
    )
    if "assessor" not in frame.columns:
        raise UserError(
            Fault(
                caseload.where,
                "there is no column 'assessor'",
                "Use the cases.csv saved with the timetable",
            )
        )
    for column, number, suffix in assessments:
        if column in frame.columns:
            for name in frame[column].drop_nulls().unique().sort().to_list():
                file = _choose_name(f"{_make_file_name(name)}{suffix}", {taken for taken, _, _ in parts})
                parts.append((file, WorkbookUser(name, number), frame.filter(pl.col(column) == name)))
    return parts


def _make_file_name(name: str) -> str:
    """A person's name as the name of a file; letters of every script may stay."""
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-") or "assessor"


def _choose_name(preferred: str, taken: set[str]) -> str:
    """A name that no other file has: two people whose names differ only in signs get a file each."""
    number = 1
    name = preferred
    while name in taken:
        number += 1
        name = f"{preferred}-{number}"
    return name


@dataclass(frozen=True)
class Returned:
    """The outcome: the files written, and what still prevents sign-off."""

    files: tuple[Path, ...]
    answers: int
    cases: int
    gaps: tuple[Gap, ...]


def read_answers(material: ScoringFiles, out: Path | None, progress: Callable[[Path], None]) -> Returned:
    """Read filled workbooks and tables, list every gap, and write answers.csv and cases.csv where a folder is given.

    Raises:
        UserError: with every fault of every file: unknown cases and questions, answers off the scale.
    """
    from scrutineer.fieldwork.cases.answers import make_long_table
    from scrutineer.fieldwork.cases.gaps import list_gaps
    from scrutineer.tables.table import ROW

    loaded = load(material, progress)
    long = make_long_table(loaded.framework, loaded.answers)
    files: dict[Path, str | bytes] = {}
    if out is not None:
        files = {
            out / "answers.csv": format_csv(long),
            out / "cases.csv": format_csv(loaded.caseload.frame.drop(ROW, strict=False)),
        }
        write_all(files)
    gaps = [
        replace(gap, cases=tuple(case for case in gap.cases if case in loaded.answers.named))
        for gap in list_gaps(loaded.framework, loaded.caseload, loaded.answers)
    ]
    # What the framework rules out is answered by itself; only what people answered is counted.
    count = int((loaded.answers.codes & 0xEF != 0).sum())
    return Returned(
        files=tuple(files),
        answers=count,
        cases=len(loaded.answers.named),
        gaps=tuple(gap for gap in gaps if gap.cases),
    )
