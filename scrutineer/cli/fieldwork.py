"""`scrutineer timetable`, `workbook` and `answers`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scrutineer.cli.sampling import Keep, Mapped
from scrutineer.cli.scoring import Cases, Named
from scrutineer.cli.shared import Shelf, err, say, show_progress, warn
from scrutineer.errors import EXIT_FINDINGS

if TYPE_CHECKING:
    from scrutineer.fieldwork.timetabling.timetable import TimetablePlan


class Layout(StrEnum):
    """How a workbook is laid out."""

    sheets = "sheets"
    rows = "rows"


def add_to(app: typer.Typer) -> None:
    """Add the commands in the order in which they are listed."""
    commands: dict[str, Callable[..., None]] = {
        "timetable": make_timetable,
        "workbook": make_workbook,
        "answers": check_answers,
    }
    for name, command in commands.items():
        app.command(name)(command)


def make_timetable(
    cases: Annotated[Path, typer.Argument(help="The sample: CSV, XLSX or Parquet.")],
    framework: Named,
    arrangements: Annotated[
        Path, typer.Option(help="Days, slots, assessors, absences, travel and locks (YAML).")
    ],
    out: Annotated[Path, typer.Option(help="The folder to write the timetable to.")],
    seconds: Annotated[float, typer.Option(min=1, help="How many seconds to search for a better plan.")] = 30,
    seed: Annotated[
        int, typer.Option(min=0, help="The seed for the search, and for the choice of cases to assess twice.")
    ] = 0,
    again: Annotated[
        Path | None, typer.Option(metavar="PLAN", help="Revise an earlier plan with the fewest changes.")
    ] = None,
    mapping: Mapped = None,
    keep: Keep = [],  # noqa: B006
    frameworks: Shelf = None,
) -> None:
    """Allocate cases to assessors and timetable them; write pages to print and calendar files.

    Exits with 1 if a case has no slot; each of these is listed with the reason.
    """
    from scrutineer.tasks import fieldwork as task

    request = task.TimetableRequest(
        framework=framework,
        cases=cases,
        arrangements=arrangements,
        seconds=seconds,
        seed=seed,
        again=again,
        mapping=mapping,
        keep=keep,
    )
    with _search(seconds) as step:
        plan = task.make_timetable(request, out, frameworks, step)
    _show_plan(plan, out)


def _show_plan(plan: TimetablePlan, out: Path) -> None:
    """Say what was placed, how good the plan is, and what has no place."""
    from scrutineer.report.pages.timetables import describe_quality

    say(f"{len(plan.placed)} assessments of {plan.cases} cases timetabled: {out / 'timetable.html'}")
    for sentence in describe_quality(plan):
        say(f"  {sentence}")
    if plan.moved is not None:
        listed = f": {', '.join(plan.moved)}" if plan.moved else ""
        say(
            f"  {len(plan.moved)} case{'' if len(plan.moved) == 1 else 's'} moved since the earlier plan{listed}."
        )
    for remark in plan.remarks:
        warn(f"Note: {remark}.")
    for assessment in plan.unplaced:
        warn(
            f"Case {assessment.case}{', second assessment' if assessment.reading == 2 else ''}, has no slot: {assessment.reason}."
        )
    if plan.unplaced:
        raise typer.Exit(EXIT_FINDINGS)


@contextmanager
def _search(seconds: float) -> Iterator[Callable[[str, float, float | None], None]]:
    """A progress bar that runs with the time and says how good the plan is so far."""
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("Searching: {task.description}"), BarColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task_id = bar.add_task("first plan", total=seconds)

        def step(what: str, at: float, gap: float | None) -> None:
            message = (
                "looking for a first plan"
                if gap is None
                else f"{what}, within {100 * gap:.0f}% of the best possible"
            )
            bar.update(task_id, description=message, completed=at)

        yield step


def make_workbook(
    framework: Named,
    out: Annotated[Path, typer.Option(help="The folder to write the workbooks to.")],
    cases: Annotated[
        Path | None, typer.Option("--cases", help="The cases; without them, one blank form to print.")
    ] = None,
    layout: Annotated[Layout, typer.Option(help="One sheet or one row for each case.")] = Layout.sheets,
    per_assessor: Annotated[
        bool, typer.Option(help="One workbook for each assessor and assessment.")
    ] = False,
    mapping: Mapped = None,
    keep: Keep = [],  # noqa: B006
    frameworks: Shelf = None,
) -> None:
    """Create the case assessment workbook and a form to print: XLSX and HTML."""
    from scrutineer.tasks import fieldwork as task

    request = task.WorkbookRequest(
        framework=framework,
        cases=cases,
        layout=layout.value,
        per_assessor=per_assessor,
        mapping=mapping,
        keep=keep,
    )
    with show_progress(None, "Writing") as step:
        for path in task.make_workbook(request, out, frameworks, step):
            say(str(path))


def check_answers(
    files: Annotated[
        list[Path], typer.Argument(help="Completed workbooks, or tables of answers, long or wide.")
    ],
    framework: Named,
    cases: Cases,
    out: Annotated[Path | None, typer.Option(help="Write answers.csv and cases.csv to this folder.")] = None,
    mapping: Mapped = None,
    keep: Keep = [],  # noqa: B006
    frameworks: Shelf = None,
) -> None:
    """Check answers and list every error: unknown cases, answers off the scale, 'not applicable' where the question applies, missing answers.

    Exits with 0 if nothing prevents sign-off, 1 if something does, 2 if a file can't be read.
    """
    from scrutineer.tasks import fieldwork as task
    from scrutineer.tasks.scoring import ScoringFiles

    material = ScoringFiles(
        framework=framework, cases=cases, answers=files, mapping=mapping, keep=keep, folder=frameworks
    )
    with show_progress(1 + len(files), "Reading") as step:
        loaded = task.read_answers(material, out, step)
    for gap in loaded.gaps:
        warn(str(gap.make_fault()))
    say(f"{loaded.answers} answers about {loaded.cases} cases{''.join(f'; {path}' for path in loaded.files)}")
    if loaded.gaps:
        raise typer.Exit(EXIT_FINDINGS)
