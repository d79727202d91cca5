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
        caption=f"Table of issues for {material.inspection.manifest.area} offenders (sample {cases.text})",
        columns=("Issue", "Cases", *_NAMES),
        names=("issue", "cases", *(name.lower() for name in _NAMES)),
        rows=tuple(rows),
        note=f"Progress is given where an issue was a priority in at least {numbers.percent_from} cases; few: under "
        f"{numbers.publish_from} cases, or figures from which such a number could be worked out.",
        numbers=frozenset({1, 2, 3, 4}),
    )
    blocks: list[Block] = [Heading("Issues and progress", 1), table]
    if shares:
        blocks.append(_compose_chart(shares))
    return tuple(blocks)


def _compose_chart(shares: list[tuple[str, tuple[float, ...]]]) -> Chart:
    """The progress on the issues that enough offenders had."""
    title = "Progress on the issues that most offenders had"
    best = max(shares, key=lambda s: s[1][0])
    alt = (
        f"A bar for each of {len(shares)} issues, cut into the shares of cases that improved, stayed unchanged and "
        f"deteriorated. Most improvement was found on {best[0].lower()}, at {format_whole(round(best[1][0], 9))}."
    )
    rows = [
        Row(label, tuple(Cell(format_whole(round(p, 9)), round(p / 100, 4)) for p in parts))
        for label, parts in shares
    ]
    data = Table(
        key="issues-chart",
        caption=title,
        columns=("Issue", *_NAMES),
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
    """How many cases had an issue, and the shares of its progress where they may be published."""
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
