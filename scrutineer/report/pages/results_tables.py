"""Results for people: as a table in the terminal, as CSV and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from scrutineer.fieldwork.cases.gaps import Gap
from scrutineer.frameworks.model import Framework
from scrutineer.report.pages.charts import ChartLine, draw_estimates
from scrutineer.report.pages.environment import render
from scrutineer.scoring.results import Estimate, GroupResult, Results
from scrutineer.statistics.shares import format_percent, format_span
from scrutineer.tables.write_table import write_csv_rows

Row = tuple[str, str, str, Estimate]
"""Level, name, title and estimate."""

FEW = 10
"""Below this many relevant cases, a count is shown instead of a percentage."""


def score_rows(framework: Framework, group: GroupResult) -> Iterator[Row]:
    """Every score of a group in the order of the scoring sheet: criteria, their section, then overall and threads."""
    levels = group.levels
    for section in framework.sections:
        for criterion in section.scored_criteria:
            yield "criterion", criterion.code, criterion.title, levels.criteria[criterion.code]
        if section.code in levels.sections:
            yield "section", section.code, section.title, levels.sections[section.code]
    if levels.overall is not None:
        yield "overall", "overall", "Overall score", levels.overall
    for thread in framework.threads:
        yield "thread", thread.key, thread.title, levels.threads[thread.key]


def find_weighted(group: GroupResult, level: str, name: str) -> Estimate | None:
    """The design-weighted estimate next to a plain one."""
    if group.weighted is None:
        return None
    if level == "overall":
        return group.weighted.overall
    return {
        "criterion": group.weighted.criteria,
        "section": group.weighted.sections,
        "thread": group.weighted.threads,
    }[level][name]


def make_results_tables(results: Results) -> Iterator[Table]:
    """All cases with their intervals; then the groups, a few side by side."""
    groups = list(results.groups.values())
    yield _make_all_cases_table(results, groups[0])
    for start in range(1, len(groups), _BESIDE):
        yield _make_beside_table(results, groups[0], groups[start : start + _BESIDE])


_BESIDE = 5


def _make_all_cases_table(results: Results, first: GroupResult) -> Table:
    table = Table(title=_write_title(results), title_justify="left", box=SIMPLE_HEAD)
    table.add_column("")
    table.add_column(f"{first.title} ({first.cases})", overflow="fold")
    for name in ("Score", "95% interval", *(["Weighted", "95% interval"] if first.weighted else [])):
        table.add_column(name, justify="right", no_wrap=True)
    ratings = _collect_ratings(results, first)
    if ratings:
        table.add_column("Rating", no_wrap=True)
    for level, name, title, estimate in score_rows(results.framework, first):
        weighted = find_weighted(first, level, name)
        cells = [format_percent(estimate.score), format_span(estimate.low, estimate.high)]
        cells += (
            [format_percent(weighted.score), format_span(weighted.low, weighted.high)] if weighted else []
        )
        cells += [ratings.get(name, "")] if ratings else []
        code = "" if level in {"overall", "thread"} else name
        above = level in {"section", "overall"}
        table.add_row(Text(code), Text(title), *cells, style="bold" if above else "", end_section=above)
    return table


def _collect_ratings(results: Results, group: GroupResult) -> dict[str, str]:
    """The rating of each level, by code; nothing where the framework doesn't rate levels."""
    rated = results.find_rated(group)
    if rated is None:
        return {}
    parts = [*rated.criteria.values(), *rated.sections.values(), *([rated.overall] if rated.overall else [])]
    return {part.code: part.final.title if part.final else "not rated" for part in parts}


def _make_beside_table(results: Results, first: GroupResult, groups: Sequence[GroupResult]) -> Table:
    table = Table(box=SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for group in groups:
        size = "few" if results.hides(group.key) else group.cases
        table.add_column(f"{group.title} ({size})", justify="right")
    scores = [{(level, name): e for level, name, _, e in score_rows(results.framework, g)} for g in groups]
    for level, name, title, _ in score_rows(results.framework, first):
        cells = [
            _format_estimate(results, g, name, own[level, name])
            for g, own in zip(groups, scores, strict=True)
        ]
        above = level in {"section", "overall"}
        label = title if level in {"overall", "thread"} else name
        table.add_row(Text(label), *cells, style="bold" if above else "", end_section=above)
    return table


def _write_title(results: Results) -> str:
    named = f"{results.label}: " if results.label else ""
    made_up = " (synthetic data: a fictional area)" if results.synthetic else ""
    return f"{named}{results.framework.title}{made_up}"


def _format_estimate(results: Results, group: GroupResult, name: str, estimate: Estimate) -> str:
    return "*" if results.hides(group.key, name) else format_percent(estimate.score)


_FIELDS = (
    "group",
    "level",
    "name",
    "title",
    "cases",
    "above",
    "relevant",
    "missing",
    "no_evidence",
    "not_applicable",
    "score",
    "low",
    "high",
    "weighted",
    "weighted_low",
    "weighted_high",
    "rating",
    "withheld",
)


def write_results_csv(results: Results) -> str:
    """Every figure as a row: scores first, then questions; proportions unrounded, nothing withheld but what must be."""
    rows = list[dict[str, object]]()
    for group in results.groups.values():
        rated = _collect_ratings(results, group)
        for level, name, title, estimate in score_rows(results.framework, group):
            base = {"group": group.key, "level": level, "name": name, "title": title}
            if results.hides(group.key, name):
                rows.append({**base, "withheld": "yes"})
                continue
            weighted = find_weighted(group, level, name)
            rating = rated.get(name) or group.ratings.get(name, "")
            rows.append(
                {**base, "cases": group.cases, **_collect_figures(estimate, weighted), "rating": rating}
            )
        for key, question in group.questions.items():
            base = {
                "group": group.key,
                "level": "question",
                "name": key,
                "title": results.framework.questions[key].text,
            }
            if results.hides(group.key, key):
                rows.append({**base, "withheld": "yes"})
                continue
            c = question.counts
            counts = {
                "above": c.above,
                "relevant": c.relevant,
                "missing": c.missing,
                "no_evidence": c.no_evidence,
                "not_applicable": c.not_applicable,
            }
            estimate = Estimate(question.score, question.low, question.high)
            figures = _collect_figures(estimate, group.weighted_questions.get(key))
            rows.append({**base, "cases": group.cases, **counts, **figures})
    return write_csv_rows(_FIELDS, ([row.get(name) for name in _FIELDS] for row in rows))


def _collect_figures(plain: Estimate, weighted: Estimate | None) -> dict[str, object]:
    figures: dict[str, object] = {"score": plain.score, "low": plain.low, "high": plain.high}
    if weighted is not None:
        figures |= {"weighted": weighted.score, "weighted_low": weighted.low, "weighted_high": weighted.high}
    return {key: "" if value is None else value for key, value in figures.items()}


def write_results_page(results: Results, gaps: Sequence[Gap]) -> str:
    """The scoring sheet with its intervals, groups side by side, and every question's counts."""
    groups = list(results.groups.values())
    first = groups[0]
    rows = list(score_rows(results.framework, first))
    chart = draw_estimates(
        [_make_line(level, name, title, e) for level, name, title, e in rows],
        "Scores of all cases with their intervals",
        results.framework.scoring.priority_line,
    )
    others = {
        g.key: {(level, name): e for level, name, _, e in score_rows(results.framework, g)} for g in groups
    }
    return render(
        "results.html.j2",
        results=results,
        framework=results.framework,
        groups=groups,
        first=first,
        rows=rows,
        others=others,
        chart=chart,
        weighted_of=find_weighted,
        missing=sum(len(gap.cases) for gap in gaps if gap.kind == "missing"),
        gaps=[gap for gap in gaps if gap.kind != "missing"],
        few=FEW,
    )


def _make_line(level: str, name: str, title: str, estimate: Estimate) -> ChartLine:
    label = f"{name}  {title}" if level == "criterion" else title
    short = label if len(label) <= 46 else label[:45].rstrip() + "…"
    value, low, high = (None if v is None else 100 * v for v in (estimate.score, estimate.low, estimate.high))
    return ChartLine(label=short, value=value, low=low, high=high, strong=level in {"section", "overall"})
