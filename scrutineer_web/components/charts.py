"""Charts that are drawn in a page. Each has the same figures as text next to it."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from scrutineer_web.components.rendering import Text, render_component

register = template.Library()


@register.simple_tag(takes_context=True, name="bar")
def render_bar(
    context: Context,
    span: Any,
    *,
    width: int = 200,
    line: Any = None,
    percent: Any = None,
    strong: bool = False,
) -> str:
    """A value with its interval on a line from one end of the scale to the other.

    Args:
        span: where the interval begins (`low`) and ends (`high`) and where the value lies (`x`), of the width.
        width: of the drawing: 200 in a sheet of scores, 400 between areas.
        line: where a dashed line stands (a mean, a limit), of the width; there is a mark in the middle without one.
        percent: the same as a percentage of the scale.
        strong: whether it stands for several others.
    """
    if percent not in (None, ""):
        line = float(percent) * width / 100
    return render_component(
        context, "bar", span=span, width=width, middle=width // 2, line=line, strong=strong
    )


@register.simple_tag(takes_context=True, name="funnel")
def render_funnel(context: Context, plot: Any, *, label: Text, across: Text, caption: Text) -> str:
    """A funnel plot.

    Args:
        context: of the page.
        plot: its dots, limits and marks on the axes, placed.
        label: what it shows and where the same figures are, for screen readers.
        across: what lies along its horizontal axis.
        caption: how it is read.
    """
    return render_component(context, "funnel", plot=plot, label=label, across=across, caption=caption)
