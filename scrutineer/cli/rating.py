"""`scrutineer rate`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scrutineer.cli.shared import Shelf, out, say, show_json, warn

if TYPE_CHECKING:
    from scrutineer.tasks.rating import RatedAreas


class RateFormat(StrEnum):
    """What `rate` prints."""

    table = "table"
    json = "json"
    csv = "csv"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rate")(rate)


def rate(
    file: Annotated[
        Path,
        typer.Argument(
            help="A table with a row for each area and a column for each criterion or section: CSV, XLSX, ODS or Parquet."
        ),
    ],
    framework: Annotated[str, typer.Option("--framework", metavar="ID", help="The framework's id or file.")],
    output: Annotated[
        RateFormat, typer.Option("--format", help="The output format: table, json or csv.")
    ] = RateFormat.table,
    frameworks: Shelf = None,
) -> None:
    """Rate areas from a table of ratings: points, percentage and rating of each level, and the rule that decided it."""
    from scrutineer.tasks.rating import rate_areas, write_areas_csv

    rated = rate_areas(file, framework, frameworks)
    for note in rated.notes:
        warn(f"Note: {note}.")
    if output is RateFormat.json:
        show_json(rated.as_dict())
    elif output is RateFormat.csv:
        sys.stdout.write(write_areas_csv(rated))
    else:
        _print_table(rated)


def _print_table(rated: RatedAreas) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE, show_edge=False)
    for heading in ("Area", "Rating", "Decided by"):
        table.add_column(heading, no_wrap=heading != "Decided by")
    for area, levels in rated.areas.items():
        parts = (
            [levels.overall] if levels.overall else [*levels.sections.values()] or [*levels.criteria.values()]
        )
        for n, part in enumerate(parts):
            name = "" if n else area
            label = "" if levels.overall else f"{part.code} "
            rating = part.final.title if part.final else "not rated"
            table.add_row(name, f"{label}{rating}", part.rule if part.final else part.reason)
    out.print(table)
    say(
        f"{len(rated.areas)} area{'' if len(rated.areas) == 1 else 's'} rated by {rated.framework.id} {rated.framework.version}"
    )
