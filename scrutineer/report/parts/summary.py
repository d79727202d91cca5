"""What the report comes to: key findings, recommendations, next steps, and good practice gathered in one place."""

from __future__ import annotations

from collections.abc import Iterator

from scrutineer.inspection.dates import Step, format_day, list_steps
from scrutineer.report.document.blocks import Block, Bullets, Heading, Inline, Paragraph, Run, make_words
from scrutineer.report.figures.figures import Figure
from scrutineer.report.parts.lines import compose_line, compose_paragraph
from scrutineer.report.parts.material import ReportMaterial


def compose_summary(material: ReportMaterial) -> tuple[Block, ...]:
    """The key findings as people wrote them."""
    return material.find_blocks("summary")


def compose_recommendations(material: ReportMaterial) -> tuple[Block, ...]:
    """What should be done, most important first, each with the criteria that it answers."""
    recommended = material.inspection.recommendations
    if not recommended.recommendations:
        return ()
    items = []
    for recommendation in recommended.recommendations:
        codes = f" ({', '.join(recommendation.criteria)})" if recommendation.criteria else ""
        items.append(compose_line(recommendation.text.rstrip(".") + codes))
    return (compose_paragraph(f"{recommended.to} should ensure that:"), Bullets(tuple(items), "numbers"))


def compose_next_steps(material: ReportMaterial) -> tuple[Block, ...]:
    """What follows publication, with the days that the framework's calendar gives."""
    items = list(_compose_steps(material))
    blocks: list[Block] = [*material.find_blocks("next_steps")]
    if items:
        blocks.append(Bullets(tuple(items)))
    return tuple(blocks)


def _compose_steps(material: ReportMaterial) -> Iterator[Inline]:
    concern = material.inspection.manifest.concern
    published = material.inspection.dates.events.get("publication")
    if published is not None:
        yield compose_line(
            "This report is published on ", Figure("date:publication", format_day(published)), "."
        )
    for step in list_steps(material.framework, material.inspection.dates):
        if step.rule.role in _BEFORE or (step.on is not None and (published is None or step.on <= published)):
            continue
        name = step.rule.title
        if step.rule.concern and not concern:
            yield compose_line(f"{name}: not planned.")
            continue
        when = _describe_day(step)
        if when is not None:
            yield compose_line(f"{name}: ", Figure(f"date:{step.rule.event}", when), ".")


_BEFORE = ("draft", "comments")
"""What lies before publication, whether it has a day or not."""


def _describe_day(step: Step) -> str | None:
    """The day of a step in words; None if nothing is known of it."""
    if step.on is not None:
        return format_day(step.on)
    if step.earliest is None or step.latest is None:
        return None
    if step.earliest == step.latest:
        return f"about {format_day(step.latest)}"
    window = step.rule.weeks or step.rule.months or (0, 0)
    if window[0] == 0:
        return f"by {format_day(step.latest)}"
    return f"between {format_day(step.earliest)} and {format_day(step.latest)}"


def compose_good_practice(material: ReportMaterial) -> tuple[Block, ...]:
    """Every good practice example with the criterion that it belongs to."""
    blocks: list[Block] = []
    for practice in material.list_practices():
        criterion = material.framework.criteria.get(practice.code)
        blocks.append(Heading(practice.title, 1))
        if criterion is not None:
            text = f"{material.house.short} Criterion: {practice.code}".strip()
            blocks.append(Paragraph((Run(text, strong=True),)))
            blocks.append(Paragraph(make_words(criterion.title, emphasis=True)))
        blocks += practice.blocks
    if not blocks:
        return ()
    return (
        compose_paragraph(
            f"These are examples of good practice that we found in {material.inspection.manifest.area}."
        ),
        *blocks,
    )
