"""The one-page summary and the slide, as HTML for the screen and for print."""

from __future__ import annotations

from base64 import b64encode
from typing import Literal

from markupsafe import Markup

from scrutineer.report.pages.charts import embed
from scrutineer.report.pages.environment import make_environment
from scrutineer.report.parts.brief import Brief
from scrutineer.report.render.drawing import draw
from scrutineer.report.render.html import Medium

Form = Literal["summary", "slide"]


def write_brief_html(brief: Brief, form: Form, medium: Medium, fonts: str = "") -> str:
    """The report in short on a page or on a slide."""
    return (
        make_environment()
        .get_template(f"{form}.html.j2")
        .render(brief=brief, medium=medium, fonts=fonts, chart=_draw_chart(brief, medium))
    )


def _draw_chart(brief: Brief, medium: Medium) -> Markup:
    alt = f"{brief.chart.title}. {brief.chart.alt}"
    if medium == "screen":
        return Markup(embed(draw(brief.chart, "svg"), alt))  # noqa: S704 drawn here; the description is escaped
    source = f"data:image/png;base64,{b64encode(draw(brief.chart, 'png')).decode()}"
    return Markup('<img src="{}" alt="{}">').format(Markup(source), alt)  # noqa: S704 made here
