"""What offenders, victims and courts said: response, items with counts, focus groups."""

from __future__ import annotations

from collections.abc import Iterator

from scrutineer.inspection.surveys import Survey
from scrutineer.report.document.blocks import (
    Block,
    Bullets,
    Cell,
    Chart,
    Heading,
    Mark,
    Paragraph,
    Row,
    Table,
    make_words,
)
from scrutineer.report.figures.figures import Figure, FigureError, Figures
from scrutineer.report.figures.words import capitalise, format_whole
from scrutineer.report.parts.lines import format_number
from scrutineer.report.parts.material import ReportMaterial
from scrutineer.statistics.printed import calculate_share


def compose_users(material: ReportMaterial) -> tuple[Block, ...]:
    """The service users' perspective as a part of its own."""
    return (*material.find_blocks("users"), *_compose_tables(material))


def compose_feedback(material: ReportMaterial) -> tuple[Block, ...]:
    """The same inside a criterion, where the form has no part for it."""
    if "users" in material.house.parts or not material.inspection.surveys.surveys:
        return ()
    return (
        Heading(f"Feedback from {material.framework.subject.people}", 1),
        *material.find_blocks("users"),
        *_compose_tables(material),
    )


def _compose_tables(material: ReportMaterial) -> Iterator[Block]:
    surveys = material.inspection.surveys
    if surveys.surveys:
        yield from _compose_response(material)
    for survey in surveys.surveys:
        if survey.items:
            yield _compose_items(material.figures, survey)
    for group in surveys.focus_groups:
        about = f"{format_number(group.people)} in {format_number(group.groups)} group{'s' if group.groups > 1 else ''}"
        yield Paragraph(make_words(f"Focus groups with {group.of} ({about}):"))
        if group.said:
            yield Bullets(tuple(make_words(text) for text in group.said))


def _compose_response(material: ReportMaterial) -> Iterator[Block]:
    figures = material.figures
    rows, marks = [], []
    for survey in material.inspection.surveys.surveys:
        rate = figures.response_rate(survey.key)
        sent, back = figures.sent(survey.key), figures.returned(survey.key)
        title = capitalise(survey.of)
        rows.append(
            Row(
                title,
                (
                    Cell(str(survey.sent), survey.sent, sent),
                    Cell(str(survey.returned), survey.returned, back),
                    Cell(rate.text, round((rate.percent or 0) / 100, 4), rate),
                ),
            )
        )
        marks.append(Mark(title, rate.percent))
    table = Table(
        key="response",
        caption="Response",
        columns=("Asked", "Sent", "Returned", "Response"),
        names=("asked", "sent", "returned", "response"),
        rows=tuple(rows),
        note="",
        numbers=frozenset({1, 2, 3}),
        secondary=len(rows) > 1,
    )
    if len(rows) < 2:
        yield table
        return
    alt = (
        f"A mark for each of {len(marks)} surveys: "
        + "; ".join(f"{m.label} {format_whole(m.value or 0)}" for m in marks)
        + "."
    )
    yield Chart(
        key="response",
        kind="estimates",
        title="Response to each survey",
        alt=alt,
        table=table,
        marks=tuple(marks),
        unit="response, %",
    )


def _compose_items(figures: Figures, survey: Survey) -> Table:
    """What was asked, with how many agreed; percentages only where enough answered."""
    rows = []
    least = figures.house.numbers.returned_at_least
    for item in survey.items:
        answered = survey.count_answered(item)
        try:
            figure = figures.agreed(survey.key, item.key)
        except FigureError:
            continue
        percent = format_whole(calculate_share(item.agreed, answered)) if answered >= least else "–"
        rows.append(
            Row(
                item.text,
                (
                    Cell(f"{item.agreed} of {answered}", item.agreed, figure),
                    Cell(
                        percent,
                        round(item.agreed / answered, 4) if answered >= least else "",
                        _format_percent(figure, percent),
                    ),
                ),
            )
        )
    verb = "interviewed" if survey.kind == "interview" else "answered"
    return Table(
        key=f"survey-{survey.key.replace('_', '-')}",
        caption=f"What {survey.of} said ({survey.returned} {verb})",
        columns=("Statement", "Agreed", "Share"),
        names=("statement", "agreed", "share"),
        rows=tuple(rows),
        note=f"Percentages are given where at least {least} people answered.",
        numbers=frozenset({1, 2}),
    )


def _format_percent(figure: Figure, text: str) -> Figure:
    return Figure(f"{figure.key}:share", text)
