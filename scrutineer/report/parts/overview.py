"""The inspected area: its profile, and its performance against the targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scrutineer.inspection.area import AreaProfile, Marked
from scrutineer.report.document.blocks import Block, Bullets, Cell, Chart, Heading, Mark, Row, Run, Table
from scrutineer.report.figures.figures import Figure, measure_text
from scrutineer.report.parts.material import ReportMaterial


def compose_overview(material: ReportMaterial) -> tuple[Block, ...]:
    """Facts with their sources, the table of targets with its marks, and a chart of it."""
    area = material.inspection.area
    blocks: list[Block] = []
    if area.facts:
        blocks.append(
            Bullets(
                tuple(
                    (Run(f"{fact.text.rstrip('.')} "), Run(f"({fact.source}).", emphasis=True))
                    for fact in area.facts
                )
            )
        )
    blocks += material.find_blocks("overview")
    rows = material.figures.targets
    if rows:
        blocks.append(Heading("Performance against targets", 1))
        name, near = material.inspection.manifest.area, material.framework.targets.near_miss_percent
        blocks.append(compose_performance_table(PerformanceOf(name, area, rows, near)))
        chart = _compose_chart(material, rows)
        if chart is not None:
            blocks.append(chart)
    return tuple(blocks)


@dataclass(frozen=True)
class PerformanceOf:
    """What the table of targets is made from, in a report and on the screen of the area's profile.

    Attributes:
        area: the area's name.
        profile: what is known about it.
        rows: its measures with their marks.
        near: how many percent of the target a near miss may be off.
    """

    area: str
    profile: AreaProfile
    rows: tuple[Marked, ...]
    near: int


@dataclass(frozen=True)
class _Column:
    """One column of the table of targets.

    Attributes:
        key: its name in the data files.
        title: its heading, which may name the area.
        cell: its cell in the row of a measure.
        is_number: whether it is set as numbers are.
    """

    key: str
    title: Callable[[PerformanceOf], str]
    cell: Callable[[Marked], Cell]
    is_number: bool = True


def _make_target_cell(row: Marked) -> Cell:
    return Cell(measure_text(row, row.measure.target), row.measure.target)


def _make_area_cell(row: Marked) -> Cell:
    reached, performance = measure_text(row, row.performance.value), row.performance
    figure = Figure(f"performance:{row.measure.key}", reached)
    return Cell(f"{reached} ({performance.period})", performance.value, figure)


def _make_average_cell(row: Marked) -> Cell:
    average = row.performance.average
    if average is None:
        return Cell("")
    return Cell(f"{measure_text(row, average)} ({row.performance.average_period})", average)


def _make_mark_cell(row: Marked) -> Cell:
    return Cell(row.mark, row.mark, Figure(f"mark:{row.measure.key}", row.mark))


COLUMNS = (
    _Column("target", lambda _: "Target", _make_target_cell),
    _Column("area", lambda performance: performance.area, _make_area_cell),
    _Column("average", lambda performance: performance.profile.average_of, _make_average_cell),
    _Column(key="mark", title=lambda _: "Mark", cell=_make_mark_cell, is_number=False),
)
"""What the table of targets shows of each measure. A column more is a row here."""


def compose_performance_table(performance: PerformanceOf) -> Table:
    """The table of targets, with every column of `COLUMNS`."""
    return Table(
        key="targets",
        caption="Performance against targets",
        columns=("Measure", *(column.title(performance) for column in COLUMNS)),
        names=("measure", *(column.key for column in COLUMNS)),
        rows=tuple(
            Row(row.measure.title, tuple(column.cell(row) for column in COLUMNS)) for row in performance.rows
        ),
        note=f"A near miss is within {performance.near}% of the target.",
        numbers=frozenset(n for n, column in enumerate(COLUMNS, 1) if column.is_number),
    )


def _calculate_reached(row: Marked) -> float | None:
    """What was reached in percent of the target, turned round where less is better; None in percent of zero."""
    target, value = row.measure.target, row.performance.value
    above, below = (value, target) if row.measure.better == "higher" else (target, value)
    return 100 * above / below if below else None


def _compose_chart(material: ReportMaterial, rows: tuple[Marked, ...]) -> Chart | None:
    """What was reached of each target, in percent of the target; measures where less is better are turned round."""
    marks, data = [], []
    for row in rows:
        reached = _calculate_reached(row)
        if reached is None:
            # Nothing can be taken in percent of zero: the row stays, and says in words what came of the target.
            marks.append(Mark(f"{row.measure.title}: {row.mark}", None))
            data.append(Row(row.measure.title, (Cell(row.mark),)))
            continue
        marks.append(Mark(row.measure.title, round(reached, 6), strong=row.mark == "met"))
        data.append(Row(row.measure.title, (Cell(f"{reached:.0f}", round(reached, 4)),)))
    if not marks:
        return None
    title = f"How close {material.inspection.manifest.area} came to its targets"
    met = sum(row.mark == "met" for row in rows)
    near = sum(row.mark == "near miss" for row in rows)
    alt = (
        f"A mark for each of {len(marks)} measures, as a percentage of its target. Targets met: {met}. Near misses: {near}. "
        f"Targets missed: {len(rows) - met - near}."
    )
    table = Table(
        key="targets-chart",
        caption=title,
        columns=("Measure", "Percentage of target"),
        names=("measure", "percent_of_target"),
        rows=tuple(data),
        note="Where lower is better, the target is shown as a percentage of the figure reached.",
        numbers=frozenset({1}),
        secondary=True,
    )
    return Chart(
        key="targets",
        kind="estimates",
        title=title,
        alt=alt,
        table=table,
        marks=tuple(marks),
        line=100.0,
        line_name="target",
        unit="% of target",
        nothing="cannot be shown as a percentage",
    )
