"""`scrutineer simulate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scrutineer.cli.shared import Shelf, say, warn

FrameworkOption = Annotated[
    str, typer.Option("--framework", metavar="ID", help="The framework's id or file.")
]
SeedOption = Annotated[int, typer.Option(min=0, help="The seed; the same seed gives the same area.")]
OutOption = Annotated[Path, typer.Option(help="The folder to write the files to.")]
AreaOption = Annotated[str, typer.Option(help="The name of the fictional area.")]
CaseloadOption = Annotated[
    int, typer.Option(min=0, help="The number of cases in a whole caseload, to draw a sample from.")
]
CasesOption = Annotated[int, typer.Option(min=0, help="The number of cases with answers.")]
OnOption = Annotated[str, typer.Option(help="The latest date on which supervision can have started.")]
AssessorsOption = Annotated[int, typer.Option(min=1, help="How many assessors assess the cases.")]
ReadTwiceOption = Annotated[
    float, typer.Option(min=0, max=100, help="The percentage of cases assessed twice.")
]
QualityOption = Annotated[
    float, typer.Option(help="The area's quality, in log odds; 1 means 73 in 100 answers above the line.")
]
SeverityOption = Annotated[float, typer.Option(min=0, help="How much assessors differ, in log odds.")]
MissingOption = Annotated[
    float, typer.Option(min=0, max=100, help="The percentage of questions not yet answered.")
]
FiguresOption = Annotated[
    Path | None,
    typer.Option(help="A report's figures (YAML): the cases are made to give the same printed figures."),
]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(simulate)


def simulate(
    framework: FrameworkOption,
    seed: SeedOption,
    out: OutOption,
    area: AreaOption = "Northmoor",
    caseload: CaseloadOption = 0,
    cases: CasesOption = 0,
    on: OnOption = "2006-03-31",
    assessors: AssessorsOption = 9,
    read_twice: ReadTwiceOption = 10,
    quality: QualityOption = 1.0,
    severity: SeverityOption = 0.3,
    missing: MissingOption = 0,
    figures: FiguresOption = None,
    frameworks: Shelf = None,
) -> None:
    """Create a fictional area: a caseload, cases with answers, or cases calibrated to printed figures."""
    from scrutineer.tasks import simulating as task

    fiction = task.Fiction(
        framework=framework,
        seed=seed,
        area=area,
        caseload=caseload,
        cases=cases,
        on=on,
        assessors=assessors,
        read_twice=read_twice,
        quality=quality,
        severity=severity,
        missing=missing,
        figures=figures,
    )
    simulated = task.simulate(fiction, out, frameworks)
    for path in simulated.files:
        say(str(path))
    say(f"Synthetic: {area} is a fictional area, and every case is marked as synthetic.")
    for note in simulated.notes:
        warn(f"{note}.")
