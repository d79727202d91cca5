"""Reports on many inspections: a group or a theme across areas, and a period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from scrutineer.frameworks.house import NumberRules
from scrutineer.programme.across import AcrossRow
from scrutineer.programme.apart import Standing
from scrutineer.programme.periods import Yearly
from scrutineer.report.document.blocks import (
    Block,
    Bullets,
    Cell,
    Chart,
    Cover,
    Mark,
    Paragraph,
    ReportDocument,
    ReportSection,
    Row,
    Table,
    make_words,
)
from scrutineer.scoring.comparison.read_results import ScoreWithErrors
from scrutineer.statistics.shares import MISSING, format_ends, format_percent, format_points

NOT_YET = "not yet"
"""The day of publication of what is not published."""


@dataclass(frozen=True)
class About:
    """What a report is of.

    Attributes:
        title: as the cover has it.
        kind: the line above.
        subject: whom it is about.
        dated: the day or period.
        by: the inspectorate, or the programme.
        synthetic: whether any of its areas was made up.
        numbers: from which numbers on a figure is printed, by the framework's house style.
    """

    title: str
    kind: str
    subject: str
    dated: str
    by: str
    synthetic: bool
    numbers: NumberRules = field(default_factory=NumberRules)


@dataclass(frozen=True)
class OfArea:
    """One area: its family group, when its report was published, its cases, and one score of its own."""

    area: str
    family: str
    published: str
    cases: int
    score: ScoreWithErrors | None
    beside: ScoreWithErrors | None = None


@dataclass(frozen=True)
class Named:
    """Areas compared on one question or score: its code or title, and their positions."""

    title: str
    standing: Standing
    level: Literal["question", "score"] = "score"


@dataclass(frozen=True)
class Closing:
    """What became of recommendations: how many were made, and how many of them are in each state, by its title."""

    recommended: int
    states: Mapping[str, int]
    responses: Mapping[str, int]


def group_document(
    about: About,
    group: str,
    areas: Sequence[OfArea],
    rows: Sequence[AcrossRow],
    titles: Mapping[str, str],
) -> ReportDocument:
    """The report on a group across areas: compared with everyone else within each area.

    Args:
        about: what it is of.
        group: the group's title.
        areas: those that have the group, with its overall score there and everyone else's.
        rows: questions and scores across them.
        titles: of questions and scores, by key or code.
    """
    known = [r for r in rows if r.name in titles]
    publish_from = about.numbers.publish_from
    shown = [r for r in known if r.cases is None or min(r.cases) >= publish_from]
    scores = [r for r in shown if r.level == "score"]
    asked = [r for r in shown if r.level == "question"]
    left = len(known) - len(shown)
    parts = [
        ReportSection("summary", "Summary", tuple(_group_summary(group, areas, shown, titles))),
        ReportSection(
            "scores",
            "Scores",
            _compose_across(scores, titles, "scores", f"{group}: scores compared with everyone else"),
        ),
        ReportSection(
            "questions",
            "Questions",
            _compose_across(asked, titles, "questions", f"{group}: questions compared with everyone else"),
        ),
        ReportSection("areas", "Areas", (_compose_areas_table(areas, group, publish_from),)),
        ReportSection(
            "method", "How these figures were calculated", tuple(_group_method(publish_from, left))
        ),
    ]
    return _compose_document(about, parts)


def _compose_document(about: About, parts: Sequence[ReportSection]) -> ReportDocument:
    # Parts are short: only the summary begins a page.
    cover = Cover(
        lines=(about.title,), kind=about.kind, area=about.subject, date=about.dated, by=about.by, several=True
    )
    summary, *others = parts
    running = [replace(part, new_page=False) for part in others]
    return ReportDocument(
        title=about.title, cover=cover, sections=(summary, *running), synthetic=about.synthetic, version=1
    )


def _compose_text(text: str) -> Paragraph:
    return Paragraph(make_words(text))


def _group_summary(
    group: str, areas: Sequence[OfArea], rows: Sequence[AcrossRow], titles: Mapping[str, str]
) -> Iterator[Block]:
    cases = sum(a.cases for a in areas)
    yield _compose_text(
        f"{group}: {cases} cases in {len(areas)} areas, each compared with everyone else in the same area. "
        "People whose group is not known are left out."
    )
    apart = [r for r in rows if r.words.startswith("significantly")]
    if not apart:
        yield _compose_text("No test finds a difference from everyone else, on any question or score.")
        return
    yield _compose_text("Tests find a difference from everyone else on:")
    yield Bullets(
        tuple(
            make_words(
                f"{titles.get(r.name, r.name)}: {format_points(r.difference.value)} points ({r.words},"
                f" interval {format_ends(r.difference.low, r.difference.high)}, {r.areas} areas)"
            )
            for r in apart
        )
    )


def _compose_across(
    rows: Sequence[AcrossRow], titles: Mapping[str, str], key: str, caption: str
) -> tuple[Block, ...]:
    if not rows:
        return (_compose_text("There are too few cases to show any figures."),)
    table = Table(
        key=key,
        caption=caption,
        columns=("Score or question", "Difference, points", "Interval", "Areas", "Cases", "Test result"),
        names=("name", "difference", "interval", "areas", "cases", "words"),
        rows=tuple(
            Row(
                titles.get(r.name, r.name),
                (
                    Cell(format_points(r.difference.value), round(r.difference.value, 6)),
                    Cell(format_ends(r.difference.low, r.difference.high)),
                    Cell(str(r.areas), r.areas),
                    Cell(MISSING if r.cases is None else f"{r.cases[0]} and {r.cases[1]}"),
                    Cell(r.words),
                ),
            )
            for r in rows
        ),
        note="Differences are the group minus everyone else, in percentage points, within areas. Cases are those of the group, then those "
        "of everyone else.",
        numbers=frozenset({1, 3}),
    )
    return (table,)


def _compose_areas_table(areas: Sequence[OfArea], group: str, publish_from: int) -> Table:
    def make_score_cell(area: OfArea, score: ScoreWithErrors | None) -> Cell:
        few = area.cases < publish_from
        return Cell(
            "few" if few else format_percent(score.score if score else None),
            None if few or not score else score.score,
        )

    return Table(
        key="areas",
        caption=f"{group}: overall score by area",
        columns=("Area", "Family group", "Cases", group, "Everyone else"),
        names=("area", "family", "cases", "group", "else"),
        rows=tuple(
            Row(
                a.area,
                (
                    Cell(a.family or MISSING),
                    Cell(str(a.cases), a.cases),
                    make_score_cell(a, a.score),
                    make_score_cell(a, a.beside),
                ),
            )
            for a in areas
        ),
        note="In a single area, such a difference is mostly due to chance. The scores above are for all areas together.",
        numbers=frozenset({2, 3, 4}),
    )


def _group_method(publish_from: int, left: int) -> Iterator[Block]:
    yield _compose_text(
        "Each question is compared within areas (Mantel and Haenszel's method), so a group is not marked down because more of its members"
        " live in areas that do worse. The difference for a score is the mean of the areas' differences, over the questions with"
        " relevant cases on both sides. Areas with more cases count for more."
    )
    yield _compose_text(
        "The tests ask whether practice differs, and allow for their number: of all differences called significant in"
        f" this report, no more than one in 20 is expected to be due to chance. Figures based on fewer than {publish_from} cases are not shown"
        f"{f' ({left} figures)' if left else ''}."
    )


def compose_theme_document(
    about: About, areas: Sequence[OfArea], differences: Sequence[Named]
) -> ReportDocument:
    """The report on a thematic element across areas.

    Args:
        about: what it is of.
        areas: those whose inspections looked at it.
        standings: their standing on each of its scores and questions.
    """
    scores = [n for n in differences if n.level == "score"]
    parts = [
        ReportSection("summary", "Summary", tuple(_compose_theme_summary(areas, differences))),
        ReportSection(
            "scores",
            "Scores across areas",
            tuple(_compose_means_chart(scores, "theme-scores", "Mean of the areas")),
        ),
        ReportSection("areas", "Areas compared", (_compose_standing_table(differences),)),
        ReportSection("method", "How these figures were calculated", tuple(_compose_standing_method())),
    ]
    return _compose_document(about, parts)


def _compose_theme_summary(areas: Sequence[OfArea], differences: Sequence[Named]) -> Iterator[Block]:
    yield _compose_text(f"{sum(a.cases for a in areas)} cases from {len(areas)} areas were inspected.")
    differ = [n for n in differences if n.standing.differ]
    scores = [n.title for n in differ if n.level == "score"]
    asked, counts = len(differ) - len(scores), sum(n.level == "question" for n in differences)
    if scores:
        yield _compose_text("Areas differ by more than chance on:")
        yield Bullets(tuple(make_words(title) for title in scores))
    else:
        yield _compose_text("The areas do not differ by more than chance on any score.")
    yield _compose_text(f"They differ by more than chance on {asked} of {counts} questions.")


def _compose_means_chart(differences: Sequence[Named], key: str, title: str) -> Iterator[Block]:
    if not differences:
        yield _compose_text("There are no scores.")
        return
    rows = [
        Row(
            n.title,
            (
                Cell(format_percent(n.standing.mean), round(n.standing.mean, 6)),
                Cell(format_percent(min(r.score.score for r in n.standing.rows))),
                Cell(format_percent(max(r.score.score for r in n.standing.rows))),
                Cell(str(len(n.standing.rows)), len(n.standing.rows)),
            ),
        )
        for n in differences
    ]
    columns = ("Score or question", "Mean of areas", "Lowest", "Highest", "Areas")
    table = Table(
        key=key,
        caption=title,
        columns=columns,
        names=("name", "mean", "lowest", "highest", "areas"),
        rows=tuple(rows),
        numbers=frozenset({1, 2, 3, 4}),
    )
    yield Chart(
        key=f"{key}-chart",
        kind="estimates",
        title=title,
        alt=f"{title}, with the lowest and the highest area: "
        + "; ".join(f"{r.head} {r.cells[0].text}" for r in rows),
        table=table,
        marks=tuple(
            Mark(
                label=n.title,
                value=n.standing.mean * 100,
                low=min(r.score.score for r in n.standing.rows) * 100,
                high=max(r.score.score for r in n.standing.rows) * 100,
            )
            for n in differences
        ),
        unit="mean of areas, with the lowest and highest, %",
    )


def _compose_standing_table(standings: Sequence[Named]) -> Table:
    def list_names(named: Named, place: str) -> str:
        return ", ".join(r.area for r in named.standing.rows if r.place == place) or "none"

    return Table(
        key="standing",
        caption="Areas that differ from the others according to a test",
        columns=(
            "Score or question",
            "Mean of areas",
            "Above the others",
            "Below the others",
            "No difference found",
        ),
        names=("name", "mean", "above", "below", "alike"),
        rows=tuple(
            Row(
                n.title,
                (
                    Cell(format_percent(n.standing.mean), round(n.standing.mean, 6)),
                    Cell(list_names(n, "above")),
                    Cell(list_names(n, "below")),
                    Cell(str(len(n.standing.find_by_place("alike")))),
                ),
            )
            for n in standings
        ),
        numbers=frozenset({1, 4}),
    )


def _compose_standing_method() -> Iterator[Block]:
    yield _compose_text(
        "An area is listed as above or below the others where a test finds that its practice differs from theirs. The tests are"
        " adjusted for all areas and scores in this report: of the areas listed, no more than one in 20 is expected to be there"
        " by chance. Areas whose intervals overlap are not ranked. Each area counts equally in a mean, however many cases it has."
    )


def compose_period_document(
    about: About,
    areas: Sequence[OfArea],
    yearly: Sequence[Yearly],
    standing: Sequence[Named],
    closing: Closing,
) -> ReportDocument:
    """The report on a period: what was inspected, what was found, what became of the recommendations.

    Args:
        about: what it is of.
        areas: its inspections with settled scores.
        yearly: means over them, and over the period before.
        standing: the positions of areas on each score.
        closing: of the recommendations of these inspections.
    """
    parts = [
        ReportSection("summary", "Summary", tuple(_compose_period_summary(areas, yearly, closing))),
        ReportSection("areas", "Inspections in the period", (_compose_period_areas(areas),)),
        ReportSection("scores", "Scores", tuple(_compose_yearly(yearly))),
        ReportSection(
            "standing",
            "Areas compared",
            (_compose_standing_table(standing),) if standing else (_compose_few(),),
        ),
        ReportSection("recommendations", "Recommendations", tuple(_compose_closing(closing, about.numbers))),
        ReportSection("method", "How these figures were calculated", tuple(_compose_standing_method())),
    ]
    return _compose_document(about, parts)


def _compose_few() -> Paragraph:
    return _compose_text("Fewer than two areas can be compared.")


def _compose_period_summary(
    areas: Sequence[OfArea], yearly: Sequence[Yearly], closing: Closing
) -> Iterator[Block]:
    if not areas:
        yield _compose_text("No inspection in this period has signed-off scores.")
        return
    cases, published = sum(a.cases for a in areas), sum(a.published != NOT_YET for a in areas)
    subject = "inspection has" if len(areas) == 1 else "inspections have"
    yield _compose_text(
        f"{len(areas)} {subject} signed-off scores, on {cases} cases. Published reports: {published}. Recommendations made: "
        f"{closing.recommended}."
    )
    moved = [y for y in yearly if y.moved]
    if moved:
        yield _compose_text("Compared with the previous period, tests find a difference on:")
        yield Bullets(
            tuple(
                make_words(
                    f"{y.title}: {format_points(y.difference.value)} points, interval {format_ends(y.difference.low, y.difference.high)}"
                )
                for y in moved
                if y.difference
            )
        )


def _compose_period_areas(areas: Sequence[OfArea]) -> Table:
    return Table(
        key="inspections",
        caption="Inspections in the period",
        columns=("Area", "Family group", "Published", "Cases", "Overall", "Interval"),
        names=("area", "family", "published", "cases", "overall", "interval"),
        rows=tuple(
            Row(
                a.area,
                (
                    Cell(a.family or MISSING),
                    Cell(a.published),
                    Cell(str(a.cases), a.cases),
                    Cell(
                        format_percent(a.score.score if a.score else None), a.score.score if a.score else None
                    ),
                    Cell(format_ends(a.score.low, a.score.high) if a.score else ""),
                ),
            )
            for a in areas
        ),
        numbers=frozenset({3, 4}),
    )


def _compose_yearly(yearly: Sequence[Yearly]) -> Iterator[Block]:
    if not yearly:
        yield _compose_text("There are no scores.")
        return
    with_before = any(y.before for y in yearly)
    columns: tuple[str, ...] = ("Score or question", "Mean of areas", "Interval", "Areas")
    names: tuple[str, ...] = ("name", "mean", "interval", "areas")
    if with_before:
        columns, names = (*columns, "Previous period", "Difference"), (*names, "before", "difference")
    rows = [
        Row(
            y.title,
            (
                Cell(format_percent(y.now.score), round(y.now.score, 6)),
                Cell(format_ends(y.now.low, y.now.high) if y.now else ""),
                Cell(str(y.areas), y.areas),
                *(
                    (
                        Cell(format_percent(y.before.score if y.before else None)),
                        Cell(format_points(y.difference.value) if y.difference else MISSING),
                    )
                    if with_before
                    else ()
                ),
            ),
        )
        for y in yearly
    ]
    table = Table(
        key="scores",
        caption="Means of all areas",
        columns=columns,
        names=names,
        rows=tuple(rows),
        numbers=frozenset({1, 3, 4, 5}),
    )
    yield Chart(
        key="scores-chart",
        kind="estimates",
        title="Means of all areas, with their intervals",
        alt="Means of all areas: " + "; ".join(f"{y.title} {format_percent(y.now.score)}" for y in yearly),
        table=table,
        marks=tuple(
            Mark(label=y.title, value=y.now.score * 100, low=y.now.low * 100, high=y.now.high * 100)
            for y in yearly
        ),
    )


def _compose_closing(closing: Closing, numbers: NumberRules) -> Iterator[Block]:
    if not closing.recommended:
        yield _compose_text("No recommendations were made.")
        return
    rows = [*closing.responses.items(), *closing.states.items()]
    yield Table(
        key="recommendations",
        caption=f"Progress on {closing.recommended} recommendations",
        columns=("Progress", "Recommendations", "Share"),
        names=("state", "recommendations", "share"),
        rows=tuple(
            Row(
                name,
                (
                    Cell(str(n), n),
                    _make_share(n, closing.recommended, numbers),
                ),
            )
            for name, n in rows
        ),
        note="The area's responses come first, then the progress on each recommendation.",
        numbers=frozenset({1, 2}),
    )


def _make_share(part: int, total: int, numbers: NumberRules) -> Cell:
    """A share in percent, where the house style prints one for so few; the count is next to it anyway."""
    shown = format_percent(part / total) if total >= numbers.percent_from else MISSING
    return Cell(shown, round(part / total, 6))
