"""The findings: a section for each section of the framework, and in it every criterion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from scrutineer.frameworks.house import House
from scrutineer.frameworks.model import Criterion, Question, Section
from scrutineer.frameworks.question_kinds import find_kind
from scrutineer.inspection.evidence import Judged
from scrutineer.inspection.whole import Cases
from scrutineer.report.document.blocks import (
    Block,
    Box,
    Cell,
    Chart,
    CriterionHead,
    Heading,
    Paragraph,
    Row,
    Run,
    Table,
    make_words,
)
from scrutineer.report.document.blocks import ReportSection as Part
from scrutineer.report.figures.figures import Figure, FigureError, Figures
from scrutineer.report.figures.words import format_whole
from scrutineer.report.parts.lines import compose_line, letter_items
from scrutineer.report.parts.material import Practice, ReportMaterial, name_section
from scrutineer.report.parts.needs import compose_needs
from scrutineer.report.parts.ratings import make_rating_figure
from scrutineer.report.parts.recorded_facts import compose_facts
from scrutineer.report.parts.scoring_sheet import format_span, make_estimate
from scrutineer.report.parts.users import compose_feedback
from scrutineer.report.texts.parse import Parsed


def compose_criteria(material: ReportMaterial) -> tuple[Part, ...]:
    """A part for every section, with a part of it for every criterion."""
    return tuple(_compose_section(material, section) for section in material.framework.sections)


def _compose_section(material: ReportMaterial, section: Section) -> Part:
    children = tuple(compose_criterion_part(material, criterion) for criterion in section.criteria)
    return Part(f"section-{section.code}", name_section(section.code, section.title), (), children=children)


def compose_criterion_part(material: ReportMaterial, criterion: Criterion) -> Part:
    """One criterion of the inspection: head, description, findings, distribution of answers, good practice."""
    figures = material.figures
    blocks: list[Block] = [compose_head(figures, criterion, material.house, material.follow_up)]
    blocks += describe(criterion, material.house)
    judged = figures.scored.judged.get(criterion.code)
    if judged is not None:
        blocks += compose_adjusted(judged)
    blocks += compose_findings(material.find_text(f"findings/{criterion.code}"), material.house)
    if _is_last_of_outcomes(material, criterion):
        blocks += compose_needs(material)
        blocks += compose_feedback(material)
    blocks += compose_practice(material.list_practices(), criterion, material.house)
    blocks += compose_distributions(figures, criterion, material.inspection.cases)
    blocks += compose_facts(figures, criterion, material.inspection.cases)
    return Part(f"criterion-{criterion.code}", criterion.title, tuple(blocks), level=2, new_page=False)


def _is_last_of_outcomes(material: ReportMaterial, criterion: Criterion) -> bool:
    """Whether the issues and what offenders said belong after this criterion: the first on outcomes.

    Issues come where the last section that is scored from cases begins, as what became of the work.
    """
    scored = [s for s in material.framework.sections if s.scored_criteria]
    return bool(scored) and criterion.code == scored[-1].scored_criteria[0].code


def compose_head(
    figures: Figures, criterion: Criterion, house: House, side_by_side: bool = False
) -> CriterionHead:
    """The head of a criterion with its score or rating."""
    anchor = f"{figures.name}-{criterion.code}" if figures.name else criterion.code
    values: list[tuple[str, Figure, str]] = []
    rated = figures.find_rated(criterion.code)
    if criterion.kind == "judgement":
        judged = figures.scored.judged.get(criterion.code)
        if judged is not None and judged.final is not None:
            title = judged.final.title
            name = f"{figures.name}:" if figures.name else ""
            values.append(("", Figure(f"{name}rating:{criterion.code}", title), ""))
    else:
        if rated is not None and rated.final is not None:
            values.append(("", make_rating_figure(figures, rated), rated.rule))
        values += _list_scores(figures, criterion, side_by_side)
    return CriterionHead(
        code=criterion.code,
        title=criterion.title,
        values=tuple(values),
        anchor=f"criterion-{anchor}",
        prefix=house.criterion,
    )


def _list_scores(figures: Figures, criterion: Criterion, side_by_side: bool) -> list[tuple[str, Figure, str]]:
    scores: list[tuple[str, Figure, str]] = []
    if side_by_side:
        with suppress(FigureError):
            scores.append(("Original inspection", figures.score(criterion.code, of="original"), ""))
    try:
        figure = figures.score(criterion.code)
    except FigureError:
        return scores
    interval = format_span(make_estimate(figures, criterion.code))
    remark = f"interval {interval}" if interval else ""
    label = figures.scored.shown.groups["all"].ratings.get(criterion.code)
    remark = f"{remark}; {label.lower()}" if label and remark else remark
    return [*scores, ("Follow-up inspection" if side_by_side else "", figure, remark)]


def describe(criterion: Criterion, house: House) -> tuple[Block, ...]:
    """The criterion's description, under its own label where the form has one."""
    if not criterion.description:
        return ()
    text = Paragraph(make_words(criterion.description), "description")
    return (text,) if house.criterion else (Paragraph((Run("Description:", strong=True),), "lead"), text)


def compose_adjusted(judged: Judged) -> tuple[Block, ...]:
    """Both ratings and the reason, where the lead inspector set another one than the rule gives."""
    rating = judged.rating
    if rating is None or rating.final.rating == rating.computed.rating:
        return ()
    return (
        Paragraph(
            compose_line(
                f"On this evidence, the rule gives {rating.computed.title.lower()}. The lead inspector decided on "
                f"{rating.final.title.lower()}. Reason: {rating.reason.rstrip('.')}."
            ),
            "note",
        ),
    )


def compose_findings(parsed: Parsed | None, house: House) -> tuple[Block, ...]:
    """What people wrote on a criterion."""
    if parsed is None:
        return ()
    blocks = [
        Heading(f"{b.text.rstrip(':')}:", b.level, b.anchor) if isinstance(b, Heading) else b
        for b in parsed.blocks
    ]
    return letter_items(blocks, house.letters)


def compose_practice(practices: Sequence[Practice], criterion: Criterion, house: House) -> tuple[Block, ...]:
    """Good practice examples of a criterion, unless the form gathers them in a part of their own."""
    if "good_practice" in house.parts:
        return ()
    return tuple(
        Box("Good practice example", (Paragraph((Run(practice.title, strong=True),)), *practice.blocks))
        for practice in practices
        if practice.code == criterion.code
    )


def compose_distributions(figures: Figures, criterion: Criterion, cases: Cases | None) -> Iterator[Chart]:
    """How the relevant cases of each question were answered, as shares: a chart for the questions of each scale."""
    if cases is None or criterion.kind != "case":
        return
    framework = figures.scored.framework
    by_scale: dict[str, list[Question]] = {}
    for question in criterion.questions:
        scale = framework.scale_of[question.key]
        if find_kind(scale).is_coded and scale.is_judged and question.key in cases.answers.questions:
            by_scale.setdefault(scale.key, []).append(question)
    for questions in by_scale.values():
        apart = "" if questions[0] is next(iter(by_scale.values()))[0] else questions[0].scale
        chart = _compose_distribution(figures, criterion, questions, cases, apart)
        if chart is not None:
            yield chart


def _compose_distribution(
    figures: Figures, criterion: Criterion, questions: Sequence[Question], cases: Cases, apart: str
) -> Chart | None:
    """One chart of questions on one scale; questions of few cases are left out."""
    framework = figures.scored.framework
    options = framework.scale_of[questions[0].key].options
    least, names = figures.house.numbers.percent_from, [option.label for option in options]
    shares, rows = [], []
    for question in questions:
        counts = figures.scored.shown.groups["all"].questions[question.key].counts
        if counts.relevant < least:
            continue
        answers = cases.answers.decode_column(framework, question.key)
        parts = [sum(a == o.code for a in answers) for o in options]
        percents = tuple(100 * n / counts.relevant for n in parts)
        shares.append((question.text, percents))
        cells = [Cell(format_whole(round(p, 9)), round(p / 100, 4)) for p in percents]
        rows.append(Row(question.text, (*cells, Cell(str(counts.relevant), counts.relevant))))
    if not shares:
        return None
    title = f"How the questions on {criterion.code} were answered"
    if apart:
        title += f": {framework.scale_of[questions[0].key].title.lower()}"
    key = f"answers-{criterion.code}{f'-{apart}' if apart else ''}"
    note = (
        f"Percentages of relevant cases. Questions with fewer than {least} relevant cases are left out. Cases without enough "
        "evidence to judge are counted but not shown."
    )
    table = Table(
        key=key,
        caption=title,
        columns=("Question", *names, "Cases"),
        names=("question", *(name.lower() for name in names), "cases"),
        rows=tuple(rows),
        note=note,
        numbers=frozenset(range(1, len(names) + 2)),
        secondary=True,
    )
    alt = f"A bar for each of {len(shares)} questions, divided into the shares answered {', '.join(n.lower() for n in names)}."
    return Chart(
        key=key,
        kind="parts",
        title=title,
        alt=alt,
        table=table,
        shares=tuple(shares),
        names=tuple(names),
        unit="share of relevant cases, %",
    )
