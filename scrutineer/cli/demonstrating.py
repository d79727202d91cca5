"""`scrutineer demo`: whole inspections of fictional areas, or the published ones re-derived."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from scrutineer.cli.published import show_rederivations
from scrutineer.cli.shared import out, say, show_progress, show_steps, warn


class Shown(StrEnum):
    """What the demonstration shows."""

    inspection = "inspection"
    published = "published"
    all = "all"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(run_demo)


def run_demo(
    what: Annotated[
        Shown,
        typer.Argument(
            help="inspection (a fictional area from caseload to issued report, with its follow-up), published or all."
        ),
    ] = Shown.inspection,
    folder: Annotated[Path, typer.Option("--out", help="The folder to write everything to.")] = Path(
        "build/demo"
    ),
) -> None:
    """Show a whole inspection of a fictional area.

    It goes from the caseload to the issued report, with a follow-up. Or recalculate the scores in five published reports.
    """
    if what is not Shown.inspection:
        from scrutineer.tasks.reports import demonstrate_published

        with show_progress(5, "Recalculating") as step:
            proofs, page = demonstrate_published(folder, step)
        show_rederivations(proofs)
        out.print(f"\nAs a web page: {page}", highlight=False)
    if what is not Shown.published:
        _show_inspections(folder, every=what is Shown.all)


def _show_inspections(folder: Path, every: bool) -> None:
    from scrutineer.tasks.demonstrating import demonstrate

    with show_steps("Demonstration", 34 if every else 24) as step:
        demonstrated = demonstrate(folder, step, every=every)
    for text in demonstrated.left_out:
        warn(text)
    say("Synthetic data: fictional areas. Nobody was inspected.")
    for report in demonstrated.reports:
        say(f"  {report.title}: {report.folder}")
    say(f"Open {demonstrated.index}")
    say("To try the web application, with fictional inspections and an account for every role: ./run serve")
