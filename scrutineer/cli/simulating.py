"""`scrutineer simulate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scrutineer.cli.shared import Shelf, say, warn
from scrutineer.tasks import simulating as task


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(simulate)


def simulate(
    framework: Annotated[
        str, typer.Option("--framework", metavar="ID", help="The framework, by its id or file.")
    ],
    seed: Annotated[int, typer.Option(min=0, help="The seed; the same seed makes the same area.")],
    out: Annotated[Path, typer.Option(help="The folder that the files are written to.")],
    area: Annotated[str, typer.Option(help="The name of the fictional area.")] = task.FICTIONAL,
    caseload: Annotated[
        int, typer.Option(min=0, help="Cases of a whole caseload, to draw a sample from.")
    ] = 0,
    cases: Annotated[int, typer.Option(min=0, help="Cases with answers.")] = 0,
    on: Annotated[
        str, typer.Option(help="The latest day on which supervision may have begun.")
    ] = "2006-03-31",
    assessors: Annotated[int, typer.Option(min=1, help="How many assessors read the cases.")] = 9,
    read_twice: Annotated[
        float, typer.Option(min=0, max=100, help="The share of cases read twice, in percent.")
    ] = 10,
    quality: Annotated[
        float, typer.Option(help="The area's quality, in log odds; 1 is 73 of 100 above the line.")
    ] = 1.0,
    severity: Annotated[float, typer.Option(min=0, help="How much assessors differ, in log odds.")] = 0.3,
    missing: Annotated[
        float, typer.Option(min=0, max=100, help="The share of answers not yet given, in percent.")
    ] = 0,
    figures: Annotated[
        Path | None, typer.Option(help="Figures of a report (YAML): cases whose counts print as these.")
    ] = None,
    frameworks: Shelf = None,
) -> None:
    """Make up a fictional area: a caseload, cases with answers, or cases calibrated to printed figures."""
    fiction = task.Fiction(
        framework, seed, area, caseload, cases, on, assessors, read_twice, quality, severity, missing, figures
    )
    simulated = task.simulate(fiction, out, frameworks)
    for path in simulated.files:
        say(str(path))
    say(f"Synthetic: {area} is a fictional area, and every case says so.")
    for note in simulated.notes:
        warn(f"{note}.")
