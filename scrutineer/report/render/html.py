"""A report as HTML: for the screen with its charts as SVG, for print and Word with the same charts as pictures.

Letters drawn as outlines would make a PDF ten times slower to set, and letters kept as text would be read as part of
the report when it is read back.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from scrutineer.report.document.blocks import (
    Block,
    Chart,
    Cover,
    Heading,
    Inline,
    ReportDocument,
    ReportSection,
    Run,
    Table,
)
from scrutineer.report.pages.charts import embed
from scrutineer.report.pages.environment import make_breakable, make_environment
from scrutineer.report.render.drawing import draw

Medium = Literal["screen", "print", "word", "preview"]


@dataclass(frozen=True)
class Page:
    """What the templates ask for; `medium` says for what the page is made."""

    document: ReportDocument
    medium: Medium
    fonts: str = ""

    def render_runs(self, content: Inline) -> Markup:
        """A line as HTML, its figures marked with their keys."""
        return Markup("").join(_run(run) for run in content)

    def render_chart(self, chart: Chart) -> Markup:
        """A chart as a picture that says what it shows."""
        if self.medium == "word":  # the converter takes pictures from files
            return Markup('<img src="{}.png" alt="{}">').format(chart.key, f"{chart.title}. {chart.alt}")
        drawn = draw(chart, "svg" if self.medium in ("screen", "preview") else "png")
        alt = f"{chart.title}. {chart.alt}"
        if self.medium == "screen":
            return Markup(embed(drawn, alt))  # noqa: S704 drawn here; the description is escaped
        kind = "svg+xml" if self.medium == "preview" else "png"
        source = f"data:image/{kind};base64,{b64encode(drawn).decode()}"
        return Markup('<img src="{}" alt="{}">').format(Markup(source), alt)  # noqa: S704 made here

    def name_heading(self, section: ReportSection, block: Heading) -> str:
        """The element of a heading inside a part."""
        return f"h{min(section.level + 1 + block.level, 6)}"

    def name_kind(self, block: Block) -> str:
        """Which template a block is printed by."""
        return type(block).__name__.lower()

    def calculate_widths(self, table: Table) -> list[int]:
        """The widths of a table's columns in percent: what is left of the short ones goes to the first."""
        rest = len(table.columns) - 1
        each = 60 // max(rest, 1) if rest > 3 else 18 if rest > 1 else 40
        return [100 - each * rest, *[each] * rest]

    def list_chart_tables(self) -> list[Table]:
        """The tables behind charts, which print gathers at the end."""
        return [t for t in self.document.list_tables() if t.secondary]


def _run(run: Run) -> Markup:
    if run.text == "\n":
        return Markup("<br>")
    markup = make_breakable(run.text)
    if run.figure:
        markup = Markup('<span class="figure" data-figure="{}">{}</span>').format(run.figure.key, markup)
    if run.strong:
        markup = Markup("<strong>{}</strong>").format(markup)
    if run.emphasis:
        markup = Markup("<em>{}</em>").format(markup)
    if run.raised:
        markup = Markup("<sup>{}</sup>").format(markup)
    if run.link:
        markup = Markup('<a href="{}">{}</a>').format(run.link, markup)
    return markup


def report_html(document: ReportDocument, medium: Medium = "screen", fonts: str = "") -> str:
    """The whole report as one HTML page."""
    return (
        make_environment()
        .get_template("report.html.j2")
        .render(page=Page(document, medium, fonts), document=document)
    )


def write_part_html(section: ReportSection, medium: Medium = "screen") -> str:
    """One part as it appears in the page: for a preview while it is written.

    Args:
        section: the part.
        medium: `preview` for a page that lets nothing bring its own styles: charts are pictures there.
    """
    template = make_environment().get_template("report_parts.html.j2")
    alone = ReportDocument(
        title=section.title,
        cover=Cover(lines=(), kind="", area="", date="", by=""),
        sections=(section,),
        synthetic=False,
    )
    return str(template.module.section(Page(alone, medium), section))  # type: ignore[attr-defined]  # a macro of the template
