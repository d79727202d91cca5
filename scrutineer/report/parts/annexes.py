"""Thematic elements: an annex each, with the main sample next to the part of it that the element covers."""

from __future__ import annotations

from scrutineer.frameworks.model import Criterion
from scrutineer.inspection.whole_scores import MAIN
from scrutineer.report.document.blocks import Block, Cell, Heading, Row, Table
from scrutineer.report.document.blocks import ReportSection as Part
from scrutineer.report.figures.figures import FigureError, Figures
from scrutineer.report.figures.words import spell_number
from scrutineer.report.parts.criteria import (
    compose_adjusted,
    compose_distributions,
    compose_findings,
    compose_head,
    describe,
)
from scrutineer.report.parts.lines import compose_paragraph, lower_headings
from scrutineer.report.parts.material import ReportMaterial, name_section
from scrutineer.report.parts.scoring_sheet import compose_estimates_chart
from scrutineer.report.texts.bound import BoundElement


def compose_annexes(material: ReportMaterial) -> tuple[Part, ...]:
    """A part for every thematic element."""
    return tuple(_compose_annex(material, element) for element in material.bound.elements)


def _compose_annex(material: ReportMaterial, element: BoundElement) -> Part:
    framework, figures = element.element.framework, element.figures
    blocks: list[Block] = [Heading(f"Summary of the findings for {material.inspection.manifest.area}", 1)]
    blocks += _compose_written(element, "introduction")
    blocks.append(Heading("Quality ratings", 1))
    tally = _tally(element)
    if tally:
        blocks.append(compose_paragraph(tally))
    blocks.append(_compose_ratings(figures))
    blocks.append(
        compose_estimates_chart(
            figures,
            f"{framework.id}-scores",
            f"Scores for the element on {framework.title.lower()}",
            [c for s in framework.sections for c in s.scored_criteria],
            framework.scoring.priority_line,
        )
    )
    assessment = _compose_written(element, "assessment")
    if assessment:
        blocks += [Heading("Overall assessment", 1), *assessment]
    children = tuple(
        Part(
            f"{framework.id}-{section.code}",
            name_section(section.code, section.title),
            (),
            level=2,
            new_page=False,
            children=tuple(_compose_criterion(element, c) for c in section.criteria),
        )
        for section in framework.sections
    )
    return Part(
        f"annex-{framework.id}", f"Thematic element: {framework.title}", tuple(blocks), children=children
    )


def _compose_written(element: BoundElement, name: str) -> tuple[Block, ...]:
    text = element.texts.get(f"narrative/{name}")
    return lower_headings(text.blocks, 1) if text is not None and not text.text.empty else ()


def _tally(element: BoundElement) -> str:
    """How many of the judgement criteria have which rating."""
    rated = [j for j in element.scored.judged.values() if j.final is not None]
    if not rated:
        return ""
    codes = [j.criterion.code for j in rated]
    counts: dict[str, int] = {}
    for judged in rated:
        title = judged.final.title.lower() if judged.final else ""
        counts[title] = counts.get(title, 0) + 1
    counted = [f"{spell_number(n)} {'was' if n == 1 else 'were'} {title}" for title, n in counts.items()]
    return f"Of the {spell_number(len(codes))} criteria that are judged from evidence ({', '.join(codes)}), {_join_with_and(counted)}."


def _join_with_and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _compose_ratings(figures: Figures) -> Table:
    """The section scores of the element, next to those of the main sample if it is part of it."""
    framework, groups = figures.scored.framework, figures.scored.shown.groups
    part = MAIN in groups
    columns = [f"{'Subsample' if part else 'Sample'} n={groups['all'].cases}"]
    names = ["subsample" if part else "sample"]
    if part:
        columns.insert(0, f"Main sample n={groups[MAIN].cases}")
        names.insert(0, "main_sample")
        columns.append("Compared with the rest")
        names.append("difference")
    rows = []
    for name, title in _list_levels(figures):
        cells = [_compose_cell(figures, name)]
        if part:
            row = figures.find_row(name)
            cells = [_compose_cell(figures, name, MAIN), *cells, Cell("" if row is None else row.words)]
        rows.append(Row(title, tuple(cells), strong=name == "overall"))
    note = "The test compares the subsample with the other cases in the main sample." if part else ""
    return Table(
        key=f"{framework.id}-ratings",
        caption="Quality ratings",
        columns=("Section", *columns),
        names=("section", *names),
        rows=tuple(rows),
        note=note,
        numbers=frozenset({1, 2} if part else {1}),
    )


def _list_levels(figures: Figures) -> list[tuple[str, str]]:
    framework = figures.scored.framework
    levels = [(s.code, s.title) for s in framework.sections if s.scored_criteria]
    weighted = [s.code for s in framework.sections if s.weight]
    return (
        [*levels, ("overall", f"Overall score, sections {weighted[0]} to {weighted[-1]}")]
        if framework.has_overall
        else levels
    )


def _compose_cell(figures: Figures, name: str, group: str = "all") -> Cell:
    try:
        figure = figures.score(name, group)
    except FigureError:
        return Cell("–", "")
    return Cell(figure.text, round((figure.percent or 0) / 100, 6), figure)


def _compose_criterion(element: BoundElement, criterion: Criterion) -> Part:
    house = element.element.house
    blocks: list[Block] = [compose_head(element.figures, criterion, house)]
    blocks += describe(criterion, house)
    judged = element.scored.judged.get(criterion.code)
    if judged is not None:
        blocks += compose_adjusted(judged)
    blocks += compose_findings(element.texts.get(f"findings/{criterion.code}"), house)
    if element.element.cases is not None:
        blocks += compose_distributions(element.figures, criterion, element.element.cases)
    return Part(
        f"{element.element.framework.id}-{criterion.code}",
        criterion.title,
        tuple(blocks),
        level=3,
        new_page=False,
    )
