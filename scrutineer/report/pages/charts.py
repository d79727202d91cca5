"""Charts as SVG: the same bytes for the same figures, readable without colour; nothing if there is nothing to draw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Literal

import numpy as np

from scrutineer.statistics.funnel import LIMITS, FunnelOfUnits, calculate_funnel

Form = Literal["svg", "png"]

INK, SOFT, TINT, RULE = "#1a1c1e", "#54595f", "#1f4e79", "#c9ced3"
_STYLE: Any = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": SOFT,
    "axes.linewidth": 0.8,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": SOFT,
    "ytick.color": INK,
}


@contextmanager
def open_canvas(
    width: float, height: float, form: Form = "svg", salt: str = "scrutineer"
) -> Iterator[tuple[Any, Any, list[bytes]]]:
    """A figure to draw on; what was drawn is put into the list afterwards.

    Args:
        width: in inches.
        height: in inches.
        form: SVG with its text as text, or PNG.
        salt: a part of the names inside an SVG, so that one page can have several.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    drawn: list[bytes] = []
    with mpl.rc_context({**_STYLE, "svg.hashsalt": salt}):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure) if form == "png" else FigureCanvasSVG(figure)
        axes = figure.subplots()
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        yield figure, axes, drawn
        buffer = BytesIO()
        if form == "png":
            _write_png(figure, buffer)
        else:
            _write_svg(figure, buffer)
        drawn.append(buffer.getvalue())


def _write_svg(figure: Any, buffer: BytesIO) -> None:
    """A figure as SVG without a background."""
    for patch in (figure.patch, *(axes.patch for axes in figure.axes)):
        patch.set_facecolor("none")
    # `savefig` draws everything once before, only to lay it out; drawing does that too.
    figure.canvas.print_svg(buffer, metadata={"Date": None, "Creator": None})


def _write_png(figure: Any, buffer: BytesIO) -> None:
    """A figure as a picture of 200 dots per inch without transparency, which would make files larger and slower to print."""
    from PIL import Image

    figure.set_dpi(200)
    figure.canvas.draw()
    picture = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB")
    picture.save(buffer, format="png", dpi=(200, 200))


def embed(drawn: bytes, title: str) -> str:
    """An SVG for use inside a page: without its prologue, and with a text for people who cannot see it."""
    from html import escape

    svg = drawn.decode()
    body = svg[svg.index("<svg") :]
    start, rest = body.split(">", 1)
    attributes = " ".join(part for part in start.split() if not part.startswith(("width=", "height=")))
    return f'{attributes} role="img" aria-label="{escape(title, quote=True)}">{rest}'


@dataclass(frozen=True)
class ChartLine:
    """One row of a chart of estimates: values in percent; None if there is no score."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    strong: bool = False


def draw_estimates(
    rows: Sequence[ChartLine], title: str, line: float | None = None, unit: str = "score, %"
) -> str:
    """A dot and its interval per row, from 0 to 100.

    Args:
        rows: from the top down.
        title: for those who cannot see the chart.
        line: in percent, drawn across: the priority line.
        unit: what the axis shows.
    """
    if not rows:
        return ""
    with open_canvas(7.2, 0.6 + 0.27 * len(rows)) as (_, axes, drawn):
        for n, row in enumerate(rows):
            if row.value is None:
                axes.text(1, n, "no score", va="center", color=SOFT, fontsize=9)
                continue
            if row.low is not None and row.high is not None:
                axes.hlines(n, row.low, row.high, color=TINT, linewidth=3 if row.strong else 1.8)
                axes.vlines([row.low, row.high], n - 0.22, n + 0.22, color=TINT, linewidth=1.2)
            axes.plot(row.value, n, "D" if row.strong else "o", color=INK, markersize=6 if row.strong else 5)
        if line is not None:
            axes.axvline(line, color=INK, linewidth=1, linestyle=(0, (5, 3)))
        axes.set(xlim=(0, 100), ylim=(len(rows) - 0.4, -0.6), yticks=range(len(rows)), xlabel=unit)
        axes.set_yticklabels([row.label for row in rows])
        axes.grid(axis="x", color=RULE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
    return embed(drawn[0], title)


def draw_differences(rows: Sequence[tuple[str, float, float, float, bool]], title: str) -> str:
    """A difference and its interval per row, in percentage points; filled where it is significant."""
    if not rows:
        return ""
    with open_canvas(7.2, 0.7 + 0.27 * len(rows)) as (_, axes, drawn):
        for n, (_, value, low, high, significant) in enumerate(rows):
            axes.hlines(n, low, high, color=TINT, linewidth=2.6 if significant else 1.4)
            axes.plot(
                value,
                n,
                "D" if significant else "o",
                color=INK,
                markersize=5.5,
                markerfacecolor=INK if significant else "white",
            )
        axes.axvline(0, color=INK, linewidth=1)
        edge = max([20.0, *(max(abs(low), abs(high)) for _, _, low, high, _ in rows)]) * 1.05
        axes.set(
            xlim=(-edge, edge),
            ylim=(len(rows) - 0.4, -0.6),
            yticks=range(len(rows)),
            xlabel="difference, percentage points",
        )
        axes.set_yticklabels([row[0] for row in rows])
        axes.grid(axis="x", color=RULE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
    return embed(drawn[0], title)


def draw_funnel(funnel: FunnelOfUnits, title: str) -> str:
    """Ratios of actual to predicted events by size, inside the funnels that chance leaves."""
    units = funnel.units
    if not units:
        return ""
    with open_canvas(7.2, 4.4) as (_, axes, drawn):
        sizes = [u.predicted for u in units]
        grid = np.linspace(max(min(sizes) * 0.6, 0.5), max(sizes) * 1.15, 200)
        rate = sum(sizes) / sum(u.cases for u in units)
        for confidence, style in zip(LIMITS, ((0, (5, 3)), "solid"), strict=True):
            low, high = calculate_funnel(grid, rate, confidence, funnel.dispersion)
            for curve in (low, high):
                axes.plot(grid, curve, color=SOFT, linewidth=1, linestyle=style)
            axes.text(grid[-1], high[-1], f" {confidence * 100:g}%", va="center", fontsize=8, color=SOFT)
        axes.axhline(1, color=INK, linewidth=0.8)
        for unit in units:
            axes.plot(
                unit.predicted,
                unit.ratio,
                "D" if unit.outside else "o",
                color=INK,
                markersize=6,
                markerfacecolor=INK if unit.outside else "white",
            )
            if unit.outside or len(units) <= 8:
                # Inside a full funnel names would only cover one another; the table has them all.
                at = (unit.predicted, unit.ratio)
                axes.annotate(unit.unit, at, xytext=(5, 4), textcoords="offset points", fontsize=8)
        axes.set(xlabel="predicted number", ylabel="actual ÷ predicted", ylim=(0, None))
    return embed(drawn[0], title)


def draw_shares(rows: Sequence[tuple[str, float, float]], names: tuple[str, str], title: str) -> str:
    """Two shares per row, in percent, as a filled and an open mark: a sample and its caseload."""
    if not rows:
        return ""
    with open_canvas(7.2, 0.9 + 0.25 * len(rows)) as (_, axes, drawn):
        for n, (_, first, second) in enumerate(rows):
            axes.hlines(n, min(first, second), max(first, second), color=RULE, linewidth=2)
            axes.plot(
                second,
                n,
                "o",
                color=INK,
                markerfacecolor="white",
                markersize=7,
                label=names[1] if n == 0 else None,
            )
            axes.plot(first, n, "o", color=INK, markersize=4.5, label=names[0] if n == 0 else None)
        axes.set(
            xlim=(0, 100), ylim=(len(rows) - 0.4, -0.6), yticks=range(len(rows)), xlabel="share of cases, %"
        )
        axes.set_yticklabels([row[0] for row in rows])
        axes.grid(axis="x", color=RULE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(length=0)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=9)
    return embed(drawn[0], title)


_DASHES: tuple[Any, ...] = ("solid", (0, (6, 2)), (0, (2, 2)), (0, (6, 2, 1, 2)))


def draw_curves(
    at: Sequence[float], lines: dict[str, list[float | None]], title: str, across: str, up: str
) -> str:
    """Lines over a common axis, both axes by tens; each line has its own dashes and its name at its end."""
    if not any(y is not None for values in lines.values() for y in values):
        return ""
    with open_canvas(7.2, 4.2) as (_, axes, drawn):
        for n, (name, values) in enumerate(lines.items()):
            there = [(x, y) for x, y in zip(at, values, strict=True) if y is not None]
            if there:
                marks = [list(part) for part in zip(*there, strict=True)]
                axes.plot(
                    *marks,
                    color=INK if n == 0 else SOFT,
                    linestyle=_DASHES[n % 4],
                    marker="o",
                    markersize=4,
                    label=name,
                )
        axes.set(xscale="log", yscale="log", xlabel=across, ylabel=up)
        axes.grid(color=RULE, linewidth=0.6)
        axes.legend(frameon=False, fontsize=9, loc="upper left")
    return embed(drawn[0], title)
