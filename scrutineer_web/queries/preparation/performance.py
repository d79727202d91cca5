"""The report's table of performance against targets, for the screens that show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from scrutineer.frameworks.model import Framework
from scrutineer.inspection.area import AreaProfile, Mark, mark_performance
from scrutineer.report.document.blocks import Cell
from scrutineer.report.parts.overview import PerformanceOf, compose_performance_table


@dataclass(frozen=True)
class PerformanceTable:
    """The table as a template shows it.

    Attributes:
        columns: the headings, each with whether its cells hold numbers.
        rows: the measures, each with its cells and whether they hold numbers.
        near: how many percent of the target a near miss may be off.
        marks: the texts that are marks.
    """

    columns: list[tuple[str, bool]]
    rows: list[tuple[str, list[tuple[Cell, bool]]]]
    near: int
    marks: tuple[str, ...] = get_args(Mark)


def make_performance_table(framework: Framework, name: str, area: AreaProfile) -> PerformanceTable:
    """The report's table of performance of an area, by its name and profile: the same columns as in the report."""
    near = framework.targets.near_miss_percent
    table = compose_performance_table(PerformanceOf(name, area, mark_performance(framework, area), near))
    columns = [(heading, place in table.numbers) for place, heading in enumerate(table.columns)]
    rows = [
        (row.head, [(cell, place in table.numbers) for place, cell in enumerate(row.cells, 1)])
        for row in table.rows
    ]
    return PerformanceTable(columns, rows, near)
