"""What offenders needed work on, and whether there was progress."""

from __future__ import annotations

from scrutineer.frameworks.house import NumberRules
from scrutineer.inspection.needs import Need
from scrutineer.report.document.blocks import Block, Cell, Chart, Heading, Row, Table
from scrutineer.report.figures.figures import Figure
from scrutineer.report.figures.words import format_whole
from scrutineer.report.parts.material import ReportMaterial
from scrutineer.statistics.printed import calculate_share

_NAMES = ("Improved", "Unchanged", "Deteriorated")


def compose_needs(material: ReportMaterial) -> tuple[Block, ...]:
    """The table of issues with their progress, and its chart."""
    needs = [need for need in material.inspection.needs if need.cases]
    if not needs:
        return ()
    cases = material.figures.size()
    numbers = material.house.numbers
    rows, shares = [], []
    for need in needs:
        rows.append(Row(need.title, _compose_cells(need, numbers)))
        if need.cases >= numbers.percent_from and not any(need.find_withheld(numbers.publish_from)):
            shares.append((need.title, tuple(float(calculate_share(n, need.cases)) for n in need.counts)))
    table = Table(
        key="issues",
        caption=f"Needs of {material.inspection.manifest.area} {material.framework.subject.people} (sample of {cases.text})",
        columns=("Need", "Cases", *_NAMES),
        names=("issue", "cases", *(name.lower() for name in _NAMES)),
        rows=tuple(rows),
        note=f"Progress is shown for needs that were a priority in at least {numbers.percent_from} cases. Few: fewer than "
        f"{numbers.publish_from} cases, or a figure that would reveal such a number.",
        numbers=frozenset({1, 2, 3, 4}),
    )
    blocks: list[Block] = [Heading("Needs and progress", 1), table]
    if shares:
        blocks.append(_compose_chart(shares))
    return tuple(blocks)


def _compose_chart(shares: list[tuple[str, tuple[float, ...]]]) -> Chart:
    """The progress on the needs that enough offenders had."""
    title = "Progress on the most common needs"
    best = max(shares, key=lambda s: s[1][0])
    alt = (
        f"A bar for each of {len(shares)} needs, divided into the shares of cases that improved, stayed unchanged and "
        f"deteriorated. {best[0]} improved most often, in {format_whole(round(best[1][0], 9))} of cases."
    )
    rows = [
        Row(label, tuple(Cell(format_whole(round(p, 9)), round(p / 100, 4)) for p in parts))
        for label, parts in shares
    ]
    data = Table(
        key="issues-chart",
        caption=title,
        columns=("Need", *_NAMES),
        names=("issue", *(name.lower() for name in _NAMES)),
        rows=tuple(rows),
        numbers=frozenset({1, 2, 3}),
        secondary=True,
    )
    return Chart(
        key="issues",
        kind="parts",
        title=title,
        alt=alt,
        table=data,
        shares=tuple(shares),
        names=_NAMES,
        unit="share of cases, %",
    )


def _compose_cells(need: Need, numbers: NumberRules) -> tuple[Cell, ...]:
    """How many cases had a need, and the shares of its progress where they may be published."""
    if need.cases < numbers.publish_from:
        return (Cell("few", ""), *(Cell("–", "") for _ in _NAMES))
    cells = [Cell(str(need.cases), need.cases, Figure(f"issue:{need.key}", str(need.cases)))]
    for name, count, hidden in zip(
        _NAMES, need.counts, need.find_withheld(numbers.publish_from), strict=True
    ):
        if need.cases < numbers.percent_from or hidden:
            cells.append(Cell("few" if need.cases >= numbers.percent_from else "–", ""))
            continue
        percent = calculate_share(count, need.cases)
        figure = Figure(f"progress:{need.key}:{name.lower()}", format_whole(percent))
        cells.append(Cell(format_whole(percent), round(float(percent) / 100, 4), figure))
    return tuple(cells)
