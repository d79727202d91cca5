"""The report in short: one page, and one slide with the scoring sheet."""

from __future__ import annotations

from dataclasses import dataclass

from scrutineer.report.document.blocks import Chart, Cover
from scrutineer.report.figures.figures import Figure, FigureError, Figures
from scrutineer.report.parts.material import ReportMaterial
from scrutineer.report.parts.scoring_sheet import compose_scores_chart, compose_value_cells, format_span
from scrutineer.report.parts.scoring_sheet import make_estimate as estimate

_MOST_RECOMMENDATIONS = 6


@dataclass(frozen=True)
class BriefLine:
    """One score or rating: code, title, the figure, its interval, and of a follow-up what it was before."""

    code: str
    title: str
    figure: Figure | None
    interval: str = ""
    before: Figure | None = None


@dataclass(frozen=True)
class BriefSection:
    """A section in short: its own score, and its criteria."""

    head: BriefLine
    lines: tuple[BriefLine, ...]


@dataclass(frozen=True)
class Brief:
    """What the short forms show.

    Attributes:
        recommendations: the first of them; `more` says how many further ones the report makes.
    """

    cover: Cover
    title: str
    overall: BriefLine | None
    parts: tuple[BriefSection, ...]
    threads: tuple[BriefLine, ...]
    chart: Chart
    to: str
    recommendations: tuple[str, ...]
    more: int
    synthetic: bool
    version: int | None
    follow_up: bool
    hash: str

    weighted: bool = False

    @property
    def sampled(self) -> bool:
        """Whether the scores have intervals: not where every case was inspected."""
        return any(line.interval for part in self.parts for line in part.lines)


def make_brief(material: ReportMaterial, cover: Cover) -> Brief:
    """The report in short."""
    figures, framework = material.figures, material.framework
    recommendations = [r.text for r in material.inspection.recommendations.recommendations]
    overall = _make_line(figures, "overall", "", "Overall score") if framework.has_overall else None
    return Brief(
        cover=cover,
        title=f"{framework.title}: {material.inspection.manifest.area}",
        overall=overall,
        parts=tuple(
            BriefSection(
                _make_line(figures, section.code, section.code, section.title),
                tuple(_make_criterion_line(figures, code) for code in (c.code for c in section.criteria)),
            )
            for section in framework.sections
            if not material.follow_up or section.scored_criteria
        ),
        threads=tuple(_make_line(figures, t.key, "", f"{t.title} thread") for t in framework.threads),
        chart=compose_scores_chart(material),
        to=material.inspection.recommendations.to,
        recommendations=tuple(recommendations[:_MOST_RECOMMENDATIONS]),
        more=max(0, len(recommendations) - _MOST_RECOMMENDATIONS),
        synthetic=material.inspection.synthetic,
        version=material.version,
        follow_up=material.follow_up,
        hash=material.hash,
        weighted=figures.scored.shown.groups["all"].weighted is not None,
    )


def _make_line(figures: Figures, name: str, code: str, title: str) -> BriefLine:
    try:
        figure = figures.score(name)
    except FigureError:
        return BriefLine(code, title, None)
    before = None
    if figures.original is not None and figures.find_original_score(name) is not None:
        before = figures.score(name, of="original")
    return BriefLine(
        code=code, title=title, figure=figure, interval=format_span(estimate(figures, name)), before=before
    )


def _make_criterion_line(figures: Figures, code: str) -> BriefLine:
    criterion = figures.scored.framework.criteria[code]
    if criterion.kind == "case":
        return _make_line(figures, code, code, criterion.title)
    return BriefLine(code, criterion.title, compose_value_cells(figures, criterion)[0].figure)
