"""Comparisons and reconviction: tables for the terminal, pages with a chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from scrutineer.frameworks.model import Framework
from scrutineer.report.pages import charts
from scrutineer.report.pages.environment import render
from scrutineer.scoring.comparison.sides import Compared, Comparison
from scrutineer.statistics.funnel import FunnelOfUnits
from scrutineer.statistics.shares import format_percent


def make_comparison_tables(comparison: Comparison) -> Iterator[Table]:
    """Scores, then questions: both sides, the difference with its interval, and the words that follow."""
    title = f"{format_side(comparison, 0)} against {format_side(comparison, 1)}"
    for level in ("score", "question"):
        rows = [row for row in comparison.rows if row.level == level]
        if rows:
            yield _make_table(title if level == "score" else "", rows)


def _make_table(title: str, rows: Sequence[Compared]) -> Table:
    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    for name in ("First", "Second", "Less", "95% interval", "p"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("In words", min_width=14)
    for row in rows:
        table.add_row(*(Text(cell) for cell in list_cells(row)))
    return table


def list_cells(row: Compared) -> tuple[str, ...]:
    """One comparison as text."""
    d = row.difference
    sides = [format_percent(row.first), format_percent(row.second)]
    if row.counts:
        sides = [f"{text} ({c.above}/{c.relevant})" for text, c in zip(sides, row.counts, strict=True)]
    p = format_p(row.adjusted)
    return (
        row.name,
        *sides,
        f"{100 * d.value:+.0f}",
        f"{100 * d.low:+.0f} to {100 * d.high:+.0f}",
        p,
        row.words,
    )


def format_p(value: float | None) -> str:
    """A p-value in three decimals; never as zero."""
    return "–" if value is None else "<0.001" if value < 0.001 else f"{value:.3f}"


def format_side(comparison: Comparison, number: int) -> str:
    """One side in words."""
    side = (comparison.first, comparison.second)[number]
    return f"{side.label}, {side.group.replace('_', ' ')} ({side.cases} cases)"


def write_comparison_page(comparison: Comparison, framework: Framework) -> str:
    """The comparison with a chart of the differences in scores."""
    scores = [row for row in comparison.rows if row.level == "score"]
    drawn = [
        (
            row.name,
            100 * row.difference.value,
            100 * row.difference.low,
            100 * row.difference.high,
            row.words.startswith("significantly"),
        )
        for row in scores
    ]
    titles = {c.code: c.title for c in framework.criteria.values()} | {
        s.code: s.title for s in framework.sections
    }
    titles |= {q.key: q.text for q in framework.questions.values()} | {
        t.key: t.title for t in framework.threads
    }
    return render(
        "comparison.html.j2",
        found=comparison,
        sides=(format_side(comparison, 0), format_side(comparison, 1)),
        chart=charts.draw_differences(drawn, "Differences in scores with their intervals") if drawn else "",
        scores=[(list_cells(row), titles.get(row.name, "Overall score"), row) for row in scores],
        questions=[
            (list_cells(row), titles.get(row.name, ""), row)
            for row in comparison.rows
            if row.level == "question"
        ],
        synthetic=comparison.first.synthetic or comparison.second.synthetic,
    )


def make_reconviction_table(funnel: FunnelOfUnits) -> Table:
    """Actual against predicted by unit; one mark for a ratio outside the narrower funnel, two for the wider."""
    table = Table(
        title="Reconviction: actual against predicted (! outside the 95% limits, !! outside the 99.8% limits)",
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("", min_width=8)
    for name in (
        "Cases",
        "Actual",
        "Predicted",
        "Ratio",
        "95% limits",
        "Adjusted p" if len(funnel.units) > 1 else "p",
    ):
        table.add_column(name, justify="right", no_wrap=True)
    for unit in funnel.units:
        low, high = unit.limits[0]
        mark = {None: "", 0.95: " !", 0.998: " !!"}[unit.outside]
        cells = (str(unit.cases), str(unit.actual), f"{unit.predicted:.1f}", f"{unit.ratio:.2f}{mark}")
        p_value = unit.p_value if unit.adjusted is None else unit.adjusted
        table.add_row(Text(unit.unit), *cells, f"{low:.2f} to {high:.2f}", format_p(p_value))
    return table


def explain_funnel(funnel: FunnelOfUnits) -> tuple[str, ...]:
    """What must be known to read a funnel of several units: what was taken out of it, and what its limits allow for."""
    if len(funnel.units) < 2:
        return ()
    events, cases = sum(u.actual for u in funnel.units), sum(u.cases for u in funnel.units)
    if events in (0, cases):
        who = "No one was reconvicted in any unit" if not events else "Everyone was reconvicted in every unit"
        return (f"{who}, so the units do not differ.",)
    change = round(100 * (funnel.drift - 1))
    drift = (
        f"All units together had {abs(change)}% {'more' if change > 0 else 'fewer'} reconvictions than predicted. Every "
        "prediction is adjusted for this, so each unit is compared with the others."
        if change
        else "All units together had about as many reconvictions as predicted. Each unit is compared with the others."
    )
    return (
        drift,
        funnel.dispersion.said,
        "The p-values allow for the number of units: of the units with an adjusted p-value of 0.05 or less, no more than one "
        "in 20 is expected to be there by chance.",
    )


def write_reconviction_page(funnel: FunnelOfUnits, synthetic: bool) -> str:
    """The same with a funnel plot: no ranking, since most differences are chance."""
    chart = charts.draw_funnel(funnel, "Actual against predicted reconvictions in a funnel plot")
    return render(
        "reconviction.html.j2",
        p_text=format_p,
        units=funnel.units,
        about=explain_funnel(funnel),
        chart=chart,
        synthetic=synthetic,
    )
