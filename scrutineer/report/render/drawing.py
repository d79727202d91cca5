"""Draw the charts of a report: series differ in shape and shade, so that they can be read in black and white too."""

from __future__ import annotations

from functools import lru_cache
from textwrap import fill
from typing import Any

from scrutineer.report.document.blocks import Chart, Mark
from scrutineer.report.pages.charts import INK, RULE, SOFT, TINT, Form, open_canvas

_WRAP = 44
_SHADES = (("#1f4e79", ""), ("#8fb3d3", ""), ("#e3e3df", "...."), ("#8a4b08", "////"))
"""From the best answer to the worst: dark to light, then dotted and hatched, so that no two look alike in grey."""


@lru_cache(maxsize=256)
def draw(chart: Chart, form: Form) -> bytes:
    """A chart as SVG or PNG."""
    drawers = {"estimates": _draw_estimates, "pairs": _draw_pairs, "parts": _draw_parts}
    return drawers[chart.kind](chart, form)


def _list_labels(chart: Chart) -> list[str]:
    texts = [label for label, _ in chart.shares] if chart.kind == "parts" else [m.label for m in chart.marks]
    return [fill(text, _WRAP) for text in texts]


def _calculate_height(labels: list[str], head: float) -> float:
    return head + sum(0.3 + 0.13 * label.count("\n") for label in labels)


def _draw_frame(axes: Any, chart: Chart, labels: list[str], most: float) -> None:
    axes.set(xlim=(0, most), ylim=(len(labels) - 0.4, -0.6), yticks=range(len(labels)), xlabel=chart.unit)
    axes.set_yticklabels(labels, fontsize=8.5)
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)


def _find_most(marks: tuple[Mark, ...]) -> float:
    """The end of the axis: 100, or as far as the marks go."""
    return max([100.0, *(1.04 * v for m in marks for v in (m.value, m.other, m.high) if v is not None)])


def _draw_estimates(chart: Chart, form: Form) -> bytes:
    labels = _list_labels(chart)
    with open_canvas(7.2, _calculate_height(labels, 0.75), form, chart.key) as (_, axes, drawn):
        for n, mark in enumerate(chart.marks):
            if mark.value is None:
                axes.text(1, n, chart.nothing, va="center", color=SOFT, fontsize=8.5)
                continue
            _draw_interval(axes, n, mark)
            axes.plot(mark.value, n, "o", color=INK, markersize=6)
        _draw_line(axes, chart)
        _draw_frame(axes, chart, labels, _find_most(chart.marks))
    return drawn[0]


def _draw_interval(axes: Any, n: float, mark: Mark) -> None:
    if mark.low is not None and mark.high is not None:
        axes.hlines(n, mark.low, mark.high, color=TINT, linewidth=2)
        axes.vlines([mark.low, mark.high], n - 0.2, n + 0.2, color=TINT, linewidth=1.2)


def _draw_line(axes: Any, chart: Chart) -> None:
    if chart.line is not None:
        axes.axvline(chart.line, color=INK, linewidth=1.2, linestyle=(0, (5, 3)))
        place = axes.get_xaxis_transform()
        axes.text(chart.line, 1.005, chart.line_name, ha="center", va="bottom", fontsize=8.5, transform=place)


def _draw_pairs(chart: Chart, form: Form) -> bytes:
    labels = _list_labels(chart)
    with open_canvas(7.2, _calculate_height(labels, 1.0), form, chart.key) as (_, axes, drawn):
        for n, mark in enumerate(chart.marks):
            if mark.value is not None and mark.other is not None:
                axes.plot([mark.value, mark.other], [n, n], color=RULE, linewidth=2.5, zorder=1)
            _draw_interval(axes, n, mark)
            if mark.other is not None:
                axes.plot(mark.other, n, "D", color=INK, markerfacecolor="white", markersize=6.5, zorder=3)
            if mark.value is not None:
                axes.plot(mark.value, n, "o", color=INK, markersize=6, zorder=4)
        _draw_line(axes, chart)
        _draw_frame(axes, chart, labels, _find_most(chart.marks))
        names = (*chart.names, "")[:2]
        for shape, filled, name in (("o", INK, names[0]), ("D", "white", names[1])):
            axes.plot([], [], shape, color=INK, markerfacecolor=filled, label=name, linestyle="none")
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=8.5)
    return drawn[0]


def _draw_parts(chart: Chart, form: Form) -> bytes:
    labels = _list_labels(chart)
    with open_canvas(7.2, _calculate_height(labels, 1.0), form, chart.key) as (_, axes, drawn):
        shades = _list_shades(len(chart.names))
        for n, (_, parts) in enumerate(chart.shares):
            at = 0.0
            for part, (shade, hatch) in zip(parts, shades, strict=True):
                axes.barh(
                    n, part, left=at, height=0.62, color=shade, hatch=hatch, edgecolor="white", linewidth=0.8
                )
                at += part
        _draw_frame(axes, chart, labels, 100)
        for name, (shade, hatch) in zip(chart.names, shades, strict=True):
            axes.barh(0, 0, color=shade, hatch=hatch, edgecolor="white", label=name)
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(-0.01, 1),
            ncols=4,
            frameon=False,
            fontsize=8.5,
            handlelength=1.4,
        )
    return drawn[0]


def _list_shades(number: int) -> list[tuple[str, str]]:
    """As many shades as there are parts: of two the first and the last, of three one between them."""
    chosen = {1: (0,), 2: (0, 3), 3: (0, 2, 3), 4: (0, 1, 2, 3)}.get(number)
    if chosen is not None:
        return [_SHADES[n] for n in chosen]
    return [_SHADES[n % 4] for n in range(number)]
