"""Ratings of criteria, sections and the whole, each with what decided it."""

from __future__ import annotations

from collections.abc import Iterator

from scrutineer.report.document.blocks import Block, Cell, Paragraph, Row, Run, Table
from scrutineer.report.figures.figures import Figure, Figures
from scrutineer.report.figures.words import capitalise
from scrutineer.report.parts.lines import compose_line
from scrutineer.report.parts.material import ReportMaterial
from scrutineer.scoring.rated_part import RatedPart


def compose_ratings(material: ReportMaterial) -> tuple[Block, ...]:
    """The rating of the whole in words, a table of all ratings, and every one that people set otherwise."""
    rated = material.figures.scored.rated_shown
    if rated is None:
        return ()
    blocks: list[Block] = []
    if rated.overall is not None:
        blocks.append(_compose_whole(material.figures, rated.overall))
    blocks.append(_compose_table(material))
    blocks += _compose_decisions([*rated.criteria.values(), *rated.sections.values()], rated.overall)
    return tuple(blocks)


def make_rating_figure(figures: Figures, part: RatedPart) -> Figure:
    """The rating of a part, as a figure that is bound to the data."""
    name = f"{figures.name}:" if figures.name else ""
    return Figure(f"{name}rating:{part.code}", part.final.title if part.final else "not rated")


def _compose_whole(figures: Figures, whole: RatedPart) -> Paragraph:
    final = make_rating_figure(figures, whole)
    if whole.final is None:
        return Paragraph(compose_line(f"There is no overall rating: {whole.reason}."))
    return Paragraph((Run("Overall rating: ", strong=True), *compose_line(final, f". {_say_why(whole)}")))


def _say_why(part: RatedPart) -> str:
    """What decided a rating, as a sentence."""
    if part.decision is not None:
        computed = part.rating.title if part.rating else "no rating"
        return f"The rules give {computed}. {capitalise(part.decision.reason.rstrip('.'))}."
    return f"{capitalise(part.rule or part.reason)}."


def _compose_table(material: ReportMaterial) -> Table:
    figures, rated = material.figures, material.figures.scored.rated_shown
    assert rated is not None  # noqa: S101 the caller looked
    rows: list[Row] = []
    for section in material.framework.sections:
        own = rated.sections.get(section.code)
        if own is not None:
            rows.append(_compose_row(figures, own, f"{section.code} {section.title}", strong=True))
        for criterion in section.criteria:
            part = rated.criteria.get(criterion.code)
            if part is not None:
                apart = "" if criterion.counted else " (rated, not counted)"
                rows.append(_compose_row(figures, part, f"{criterion.code} {criterion.title}{apart}"))
    if rated.overall is not None:
        rows.append(_compose_row(figures, rated.overall, "Overall", strong=True))
    return Table(
        key="ratings",
        caption="Ratings",
        columns=("Rated", "Rating", "What decided it"),
        names=("rated", "rating", "rule"),
        rows=tuple(rows),
        note="Ratings follow from exact figures. They are rounded only where the method says so.",
    )


def _compose_row(figures: Figures, part: RatedPart, head: str, strong: bool = False) -> Row:
    figure = make_rating_figure(figures, part)
    # A rating that people gave has nothing more to say here than the findings say.
    why = "" if part.is_given and part.decision is None else _say_why(part)
    return Row(head, (Cell(figure.text, figure.text, figure), Cell(why)), strong=strong)


def _compose_decisions(parts: list[RatedPart], whole: RatedPart | None) -> Iterator[Block]:
    for part in [*parts, *([whole] if whole else [])]:
        said = part.decision
        if said is None or part.final is None:
            continue
        who = f" Set by {said.by}" if said.by else " It was set"
        when = f" on {said.on}" if said.on else ""
        text = (
            f"{part.code} {part.title}: the rules give {part.rating.title if part.rating else 'no rating'}, and the rating is "
            f"{part.final.title}.{who}{when}. Reason: {said.reason.rstrip('.')}."
        )
        yield Paragraph(compose_line(text), "note")
