"""What offenders needed work on, and whether there was progress."""

from __future__ import annotations

from scrutineer.composing.material import Material
from scrutineer.document.blocks import Block, Cell, Chart, Heading, Row, Table
from scrutineer.figures.figures import Figure
from scrutineer.figures.words import whole
from scrutineer.statistics.printed import share

_NAMES = ("Improved", "Unchanged", "Deteriorated")


def issues(material: Material) -> tuple[Block, ...]:
    """The table of issues with their progress, and its chart."""
    found = [issue for issue in material.inspection.issues if issue.cases]
    if not found:
        return ()
    cases = material.figures.size()
    numbers = material.house.numbers
    rows, shares = [], []
    for issue in found:
        few = issue.cases < numbers.percent_from
        hidden = any(0 < n < numbers.publish_from for n in issue.counts)
        cells = [Cell(str(issue.cases), issue.cases, Figure(f"issue:{issue.key}", str(issue.cases)))]
        for name, count in zip(_NAMES, issue.counts, strict=True):
            percent = share(count, issue.cases)
            text = "few" if few or (hidden and 0 < count < numbers.publish_from) else whole(percent)
            value = None if text == "few" else round(float(percent) / 100, 4)
            figure = Figure(f"progress:{issue.key}:{name.lower()}", text)
            cells.append(Cell("–" if few else text, "" if value is None else value, figure))
        rows.append(Row(issue.title, tuple(cells)))
        if not few:
            shares.append((issue.title, tuple(float(share(n, issue.cases)) for n in issue.counts)))
    table = Table(
        "issues",
        f"Table of issues for {material.inspection.manifest.area} offenders (sample {cases.text})",
        ("Issue", "Cases", *_NAMES),
        ("issue", "cases", *(name.lower() for name in _NAMES)),
        tuple(rows),
        f"Progress is given where an issue was a priority in at least {numbers.percent_from} cases.",
        frozenset({1, 2, 3, 4}),
    )
    blocks: list[Block] = [Heading("Issues and progress", 1), table]
    if shares:
        title = "Progress on the issues that most offenders had"
        best = max(shares, key=lambda s: s[1][0])
        alt = (
            f"A bar for each of {len(shares)} issues, cut into the shares of cases that improved, stayed unchanged and "
            f"deteriorated. Most improvement was found on {best[0].lower()}, at {whole(round(best[1][0], 9))}."
        )
        data = Table(
            "issues-chart",
            title,
            ("Issue", *_NAMES),
            ("issue", *(name.lower() for name in _NAMES)),
            tuple(
                Row(label, tuple(Cell(whole(round(p, 9)), round(p / 100, 4)) for p in parts))
                for label, parts in shares
            ),
            "",
            frozenset({1, 2, 3}),
            secondary=True,
        )
        blocks.append(
            Chart(
                "issues",
                "parts",
                title,
                alt,
                data,
                shares=tuple(shares),
                names=_NAMES,
                unit="share of cases, %",
            )
        )
    return tuple(blocks)
