"""The scoring sheet: every score with its interval, every rating, and the charts that show them."""

from __future__ import annotations

from collections.abc import Iterator

from scrutineer.frameworks.model import Criterion, Framework, Section
from scrutineer.report.document.blocks import Block, Cell, Chart, Heading, Mark, Row, Table
from scrutineer.report.figures.figures import Figure, FigureError, Figures
from scrutineer.report.figures.words import format_whole
from scrutineer.report.parts.lines import compose_paragraph
from scrutineer.report.parts.material import ReportMaterial, name_section
from scrutineer.report.parts.ratings import compose_ratings
from scrutineer.scoring.results import Estimate
from scrutineer.statistics.shares import MISSING, format_ends

_NO_WIDTH = 1e-9


def compose_scores(material: ReportMaterial) -> tuple[Block, ...]:
    """The scoring sheet in the form of the framework: side by side, with a line of priority, or plain."""
    if material.follow_up:
        return _compose_side_by_side(material)
    figures, framework = material.figures, material.framework
    blocks: list[Block] = [*compose_ratings(material)]
    if not framework.reads_cases:
        return tuple(blocks) or tuple(_compose_sheets(material))
    lined = framework.scoring.priority_line
    if lined is not None:
        blocks.append(
            compose_paragraph(
                f"The chart shows the score of every criterion, with the priority line at {lined}%. A criterion that scores "
                "below the line is a priority for improvement. A score above the line does not mean that the work was good "
                "enough. The bar through each score shows how certain the score is."
            )
        )
        blocks.append(compose_scores_chart(material))
    blocks += _compose_sheets(material)
    blocks += _compose_weighted(material)
    blocks += _compose_threads(material)
    if lined is None:
        blocks.append(Heading("The scores and how certain they are", 1))
        blocks.append(compose_scores_chart(material))
    beside = _compose_beside(figures, material.house.beside)
    if beside is not None:
        noun = figures.find_noun(material.house.beside or "")
        blocks.append(Heading(f"All cases and {noun}", 1))
        blocks.append(beside)
    return tuple(blocks)


def _compose_sheets(material: ReportMaterial) -> Iterator[Block]:
    """One table of all sections, or one each where sections have no weights and judgements are separate."""
    rows: list[Row] = []
    framework = material.framework
    for section in framework.sections:
        rows += _compose_section_rows(material.figures, section)
    if framework.has_overall:
        rows.append(_compose_overall_row(material.figures, framework))
    yield Table(
        key="scoring-sheet",
        caption="Scoring sheet",
        columns=("Criterion", "Score or rating", "Interval"),
        names=("criterion", "score", "interval"),
        rows=tuple(rows),
        note=_write_note(material.figures),
        numbers=frozenset({1, 2}),
    )


def _write_note(figures: Figures) -> str:
    """What the intervals of a scoring sheet say."""
    if figures.scored.shown.groups["all"].weighted is None:
        return "We can be 95% confident that the interval contains the score of the whole caseload. Ratings have no interval."
    return (
        "We can be 95% confident that the interval contains the score of a caseload with the same mix of cases as those inspected. "
        "Ratings have no interval."
    )


def _compose_weighted(material: ReportMaterial) -> Iterator[Block]:
    """Sections and overall score with their design-weighted estimates, where some kinds of case were sampled more often."""
    figures, framework = material.figures, material.framework
    if figures.scored.shown.groups["all"].weighted is None:
        return
    names = [(s.code, f"Section {s.code}") for s in framework.sections if s.scored_criteria]
    names += [("overall", "Overall")] if framework.has_overall else []
    rows = tuple(
        Row(title, cells) for name, title in names if (cells := _compose_weighted_cells(figures, name))
    )
    if rows:
        yield Table(
            key="weighted",
            caption="Scores weighted to the caseload",
            columns=("Score", "As inspected", "Weighted", "Interval of the weighted score"),
            names=("score", "plain", "weighted", "interval"),
            rows=rows,
            note="The first column describes the inspected cases. The weighted score estimates the score of the whole caseload. We "
            "can be 95% confident that the interval contains that score.",
            numbers=frozenset({1, 2, 3}),
        )


def _compose_weighted_cells(figures: Figures, name: str) -> tuple[Cell, ...]:
    """A score, its weighted estimate and that estimate's interval; nothing if there is none."""
    try:
        figure = figures.weighted(name)
    except FigureError:
        return ()
    levels = figures.scored.shown.groups["all"].weighted
    assert levels is not None  # noqa: S101 there is a weighted figure
    estimate = levels.overall if name == "overall" else levels.sections[name]
    assert estimate is not None  # noqa: S101 as above
    return (
        _score_cells(figures, name)[0],
        Cell(figure.text, round((figure.percent or 0) / 100, 6), figure),
        Cell(format_span(estimate), _format_span_data(estimate)),
    )


def _compose_section_rows(figures: Figures, section: Section) -> Iterator[Row]:
    yield Row(name_section(section.code, section.title), (Cell(""), Cell("")), strong=True)
    for criterion in section.criteria:
        if not criterion.records_facts:
            yield Row(f"{criterion.code}: {criterion.title}", compose_value_cells(figures, criterion))
    if section.scored_criteria:
        name = f"Score for section {section.code}"
        yield Row(name, _score_cells(figures, section.code), strong=True)


def _compose_overall_row(figures: Figures, framework: Framework) -> Row:
    weighted = [s.code for s in framework.sections if s.weight]
    apart = [c.code for s in framework.sections if s.weight for c in s.criteria if not c.counted]
    excluding = f" (excluding {', '.join(apart)})" if apart else ""
    title = f"Overall score for sections {weighted[0]} to {weighted[-1]}{excluding}"
    return Row(title, _score_cells(figures, "overall"), strong=True)


def compose_value_cells(figures: Figures, criterion: Criterion) -> tuple[Cell, Cell]:
    """A criterion's score with its interval, or its rating."""
    if criterion.kind == "case":
        return _score_cells(figures, criterion.code)
    judged = figures.scored.judged.get(criterion.code)
    if judged is None or judged.final is None:
        return Cell(MISSING, ""), Cell("")
    title = judged.final.title
    return Cell(title, title, Figure(f"{_name_row(figures)}rating:{criterion.code}", title)), Cell("")


def _name_row(figures: Figures) -> str:
    return f"{figures.name}:" if figures.name else ""


def _score_cells(figures: Figures, name: str, group: str = "all") -> tuple[Cell, Cell]:
    try:
        figure = figures.score(name, group)
    except FigureError:
        return Cell(MISSING, ""), Cell("")
    estimate = make_estimate(figures, name, group)
    return (
        Cell(figure.text, round((figure.percent or 0) / 100, 6), figure),
        Cell(format_span(estimate), _format_span_data(estimate)),
    )


def make_estimate(figures: Figures, name: str, group: str = "all", full: bool = False) -> Estimate:
    """The estimate behind a score."""
    levels = (figures.scored.full if full else figures.scored.shown).groups[group].levels
    if name == "overall" and levels.overall is not None:
        return levels.overall
    return {**levels.criteria, **levels.sections, **levels.threads}[name]


def format_span(estimate: Estimate) -> str:
    """The interval of a score in whole percent, without the sign: 71 to 80; empty if every case was inspected."""
    if estimate.low is None or estimate.high is None or estimate.high - estimate.low < _NO_WIDTH:
        return ""
    return format_ends(estimate.low, estimate.high)


def _format_span_data(estimate: Estimate) -> str | None:
    if estimate.low is None or estimate.high is None:
        return None
    return f"{estimate.low:.6f} to {estimate.high:.6f}"


def _compose_threads(material: ReportMaterial) -> Iterator[Block]:
    framework = material.framework
    if not framework.threads:
        return
    rows = tuple(
        Row(f"Score for {t.title} thread", _score_cells(material.figures, t.key)) for t in framework.threads
    )
    yield Table(
        key="threads",
        caption=f"{framework.threads[0].title} thread" if len(rows) == 1 else "Threads",
        columns=("Thread", "Score", "Interval"),
        names=("thread", "score", "interval"),
        rows=rows,
        note="",
        numbers=frozenset({1, 2}),
    )


def compose_scores_chart(material: ReportMaterial) -> Chart:
    """Every scored criterion with its interval and the priority line, where there is one."""
    framework, figures = material.framework, material.figures
    return compose_estimates_chart(
        figures,
        "scores",
        f"Scores of {material.inspection.manifest.area} by criterion",
        [c for s in framework.sections for c in s.scored_criteria],
        framework.scoring.priority_line,
    )


def compose_estimates_chart(
    figures: Figures, key: str, title: str, criteria: list[Criterion], line: int | None
) -> Chart:
    """A chart of criteria with their intervals, its description and its table."""
    marks, rows = [], []
    for criterion in criteria:
        cells = _score_cells(figures, criterion.code)
        rows.append(Row(f"{criterion.code} {criterion.title}", cells))
        estimate = make_estimate(figures, criterion.code)
        marks.append(
            Mark(
                label=f"{criterion.code} {criterion.title}",
                value=_format_percent(estimate.score),
                low=_format_percent(estimate.low),
                high=_format_percent(estimate.high),
            )
        )
    there = [m for m in marks if m.value is not None]
    table = Table(
        key=f"{key}-chart",
        caption=title,
        columns=("Criterion", "Score", "Interval"),
        names=("criterion", "score", "interval"),
        rows=tuple(rows),
        note="",
        numbers=frozenset({1, 2}),
        secondary=True,
    )
    return Chart(
        key=key,
        kind="estimates",
        title=title,
        alt=_describe_scores(there, line),
        table=table,
        marks=tuple(marks),
        line=float(line) if line is not None else None,
        line_name="priority line" if line is not None else "",
    )


def _format_percent(value: float | None) -> float | None:
    return None if value is None else round(value * 100, 6)


def _describe_scores(marks: list[Mark], line: int | None) -> str:
    """What the chart shows, for those who cannot see it."""
    if not marks:
        return "No criterion has a score."
    high = max(marks, key=lambda m: m.value or 0)
    low = min(marks, key=lambda m: m.value or 0)
    text = (
        f"A dot and its interval for each of {len(marks)} criteria. The highest is {high.label} at "
        f"{format_whole(high.value or 0)}, and the lowest is {low.label} at {format_whole(low.value or 0)}."
    )
    if line is not None:
        under = sum((m.value or 0) < line for m in marks)
        text += f" {under} {'is' if under == 1 else 'are'} below the priority line of {line}%."
    return text


def _compose_beside(figures: Figures, group: str | None) -> Chart | None:
    """All cases compared with a group of them, criterion by criterion; None if the group is too small."""
    if group is None or group not in figures.scored.shown.groups or figures.scored.shown.hides(group):
        return None
    noun = figures.find_noun(group)
    marks, rows = [], []
    for section in figures.scored.framework.sections:
        for criterion in section.scored_criteria:
            own, _ = _score_cells(figures, criterion.code, group)
            every, _ = _score_cells(figures, criterion.code)
            label = f"{criterion.code} {criterion.title}"
            rows.append(Row(label, (every, own if own.figure else Cell("withheld", ""))))
            first = make_estimate(figures, criterion.code).score
            second = make_estimate(figures, criterion.code, group).score if own.figure else None
            marks.append(Mark(label, _format_percent(first), other=_format_percent(second)))
    title = f"Scores of all cases and of {noun}"
    shown = [m for m in marks if m.other is not None]
    hidden = len(marks) - len(shown)
    alt = (
        f"Two marks for each of {len(marks)} criteria: all cases, and {noun}. The score for {noun} is lower on "
        f"{sum((m.other or 0) < (m.value or 0) for m in shown)} of the {len(shown)} criteria for which both can be shown."
    )
    withheld = "Withheld: the score or one of its questions is based on too few cases, or the score would reveal another withheld figure."
    note = withheld if hidden else ""
    table = Table(
        key=f"by-{group.replace('_', '-')}",
        caption=title,
        columns=("Criterion", "All cases", noun[:1].upper() + noun[1:]),
        names=("criterion", "all", group),
        rows=tuple(rows),
        note=note,
        numbers=frozenset({1, 2}),
        secondary=True,
    )
    return Chart(
        key=f"by-{group.replace('_', '-')}",
        kind="pairs",
        title=title,
        alt=alt,
        table=table,
        marks=tuple(marks),
        names=("all cases", noun),
    )


def _compose_side_by_side(material: ReportMaterial) -> tuple[Block, ...]:
    """Follow-up and original in one table and one chart, with what a test says of the difference."""
    figures = material.figures
    sections = [s for s in material.framework.sections if s.scored_criteria]
    rows = [row for section in sections for row in _compose_pairs(figures, section)]
    columns: tuple[str, ...] = ("Criterion", "Follow-up", "Interval", "Original", "Difference")
    names: tuple[str, ...] = ("criterion", "follow_up", "interval", "original", "difference")
    note = _write_note(figures)
    if not any(row.cells[1].text for row in rows):  # every case was inspected: there is no interval to show
        rows = [Row(r.head, (r.cells[0], *r.cells[2:]), r.strong) for r in rows]
        columns, names = (*columns[:2], *columns[3:]), (*names[:2], *names[3:])
        note = "Every case was inspected in the follow-up, so its scores have no intervals."
    title = "Follow-up and original side by side"
    table = Table(
        key="side-by-side",
        caption=title,
        columns=columns,
        names=names,
        rows=tuple(rows),
        note=note,
        numbers=frozenset({1, 2, 3}),
    )
    return (table, _compose_pairs_chart(figures, [c for s in sections for c in s.scored_criteria], table))


def _compose_pairs(figures: Figures, section: Section) -> Iterator[Row]:
    yield Row(name_section(section.code, section.title), (Cell(""),) * 4, strong=True)
    for criterion in section.scored_criteria:
        yield _compose_pair(figures, f"{criterion.code}: {criterion.title}", criterion.code)
    yield _compose_pair(figures, f"Score for section {section.code}", section.code, strong=True)


def _compose_pairs_chart(figures: Figures, criteria: list[Criterion], table: Table) -> Chart:
    """The chart for the table of pairs, without its sections and differences."""
    marks = []
    for criterion in criteria:
        estimate = make_estimate(figures, criterion.code)
        value, low, high = (_format_percent(x) for x in (estimate.score, estimate.low, estimate.high))
        before = _format_percent(figures.find_original_score(criterion.code))
        marks.append(
            Mark(label=f"{criterion.code} {criterion.title}", value=value, low=low, high=high, other=before)
        )
    title = "Scores of the follow-up and of the original"
    better = sum((m.value or 0) > (m.other or 0) for m in marks if m.other is not None)
    alt = (
        f"For each of {len(marks)} criteria, the score of the follow-up with its interval, and the score of the original. "
        f"The follow-up scored higher on {better}."
    )
    last = len(table.columns) - 1
    rows = tuple(Row(r.head, r.cells[: last - 1]) for r in table.rows if not r.strong)
    data = Table(
        key="side-by-side-chart",
        caption=title,
        columns=table.columns[:last],
        names=table.names[:last],
        rows=rows,
        numbers=table.numbers,
        secondary=True,
    )
    return Chart(
        key="side-by-side",
        kind="pairs",
        title=title,
        alt=alt,
        table=data,
        marks=tuple(marks),
        names=("follow-up", "original"),
    )


def _compose_pair(figures: Figures, title: str, name: str, strong: bool = False) -> Row:
    now, interval = _score_cells(figures, name)
    try:
        figure = figures.score(name, of="original")
        before = Cell(figure.text, round((figure.percent or 0) / 100, 6), figure)
    except FigureError:
        before = Cell(MISSING, "")
    row = figures.find_row(name)
    words = "" if row is None else row.words
    return Row(title, (now, interval, before, Cell(words)), strong)
