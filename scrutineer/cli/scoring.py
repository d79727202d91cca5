"""`scrutineer score`, `explain`, `agreement`, `compare` and `reconviction`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scrutineer.cli.sampling import Keep, Mapped
from scrutineer.cli.shared import (
    Format,
    PageFormat,
    Shelf,
    TextJsonOrHtml,
    TextOrJson,
    out,
    say,
    show_json,
    show_progress,
    warn,
)

if TYPE_CHECKING:
    from scrutineer.tasks.scoring import ScoreRequest, ScoringFiles, ScoringOutcome

Named = Annotated[str, typer.Option("--framework", metavar="ID", help="The framework's id or file.")]
Cases = Annotated[Path, typer.Option("--cases", help="The cases: CSV, XLSX or Parquet.")]
Given = Annotated[
    list[Path],
    typer.Option(
        "--answers", help="Completed workbooks, or tables of answers, long or wide; may be repeated."
    ),
]


class EngineChoice(StrEnum):
    """What reads the answers of `score`."""

    memory = "memory"
    polars = "polars"
    duckdb = "duckdb"
    spark = "spark"


class ScoreFormat(StrEnum):
    """What `score` prints."""

    table = "table"
    json = "json"
    csv = "csv"
    html = "html"


EngineOption = Annotated[
    EngineChoice,
    typer.Option(
        "--engine",
        help="What reads the answers: memory for files of any kind; polars, duckdb or spark for Parquet files and folders that are too large for it.",
    ),
]
ByOption = Annotated[
    list[str],
    typer.Option(
        metavar="ATTR",
        help="Also show results for each value of these attributes, separated by commas; may be repeated.",
    ),
]
WeightedOption = Annotated[bool, typer.Option(help="Also show design-weighted estimates.")]
PopulationOption = Annotated[
    int | None, typer.Option(min=1, help="The number of eligible cases that the sample represents.")
]
ComplementsOption = Annotated[bool, typer.Option(help="Also show results for everyone outside each group.")]
SuppressOption = Annotated[int, typer.Option(min=0, help="Withhold results based on fewer cases than this.")]
LabelOption = Annotated[str, typer.Option(help="A title for the results, such as the area and date.")]
OutputOption = Annotated[
    ScoreFormat, typer.Option("--format", help="The output format: table, json, csv or html.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands in the order in which they are listed."""
    commands: dict[str, Callable[..., None]] = {
        "score": score,
        "explain": explain,
        "agreement": measure_agreement,
        "compare": compare,
        "reconviction": compare_reconviction,
    }
    for name, command in commands.items():
        app.command(name)(command)


def score(
    framework: Named,
    cases: Cases,
    answers: Given,
    by: ByOption = [],  # noqa: B006
    weighted: WeightedOption = False,
    population: PopulationOption = None,
    complements: ComplementsOption = False,
    suppress: SuppressOption = 0,
    label: LabelOption = "",
    output: OutputOption = ScoreFormat.table,
    engine: EngineOption = EngineChoice.memory,
    mapping: Mapped = None,
    keep: Keep = [],  # noqa: B006
    frameworks: Shelf = None,
) -> None:
    """Score an inspection: questions, criteria, sections, overall and threads, for every group, with intervals."""
    from scrutineer.tasks import scoring as task

    material = task.ScoringFiles(
        framework=framework, cases=cases, answers=answers, mapping=mapping, keep=keep, folder=frameworks
    )
    attributes = [name for part in by for name in part.split(",") if name]
    request = task.ScoreRequest(
        by=attributes,
        weighted=weighted,
        population=population,
        complements=complements,
        suppress=suppress,
        label=label,
    )
    scored = _score(material, request, engine)
    if output is ScoreFormat.json:
        show_json(scored.results.as_dict())
        return
    from scrutineer.report.pages.results_tables import (
        make_results_tables,
        write_results_csv,
        write_results_page,
    )
    from scrutineer.tables.write_table import MARK

    if output is ScoreFormat.csv:
        sys.stdout.write(write_results_csv(scored.results).removeprefix(MARK))
    elif output is ScoreFormat.html:
        sys.stdout.write(write_results_page(scored.results, scored.gaps))
    else:
        for table in make_results_tables(scored.results):
            out.print(table)


def _score(material: ScoringFiles, request: ScoreRequest, engine: EngineChoice) -> ScoringOutcome:
    from scrutineer.tasks import scoring as task

    if engine is EngineChoice.memory:
        with show_progress(1 + len(material.answers), "Reading") as step:
            scored = task.score(material, request, step)
        _tell_gaps(scored)
        return scored
    from scrutineer.tasks.stored import score_stored_files

    with show_progress(1, f"Reading with {engine.value}"):
        results, missing = score_stored_files(material, request, engine.value)
    _tell_missing(missing)
    return task.ScoringOutcome(results, ())


def _tell_missing(missing: int) -> None:
    if missing:
        warn(f"{missing} questions are not answered yet. Scores leave them out.")


def _tell_gaps(scored: ScoringOutcome) -> None:
    _tell_missing(sum(len(gap.cases) for gap in scored.gaps if gap.kind == "missing"))
    for gap in scored.gaps:
        if gap.kind != "missing":
            warn(str(gap.make_fault()))


def explain(
    name: Annotated[str, typer.Argument(help="A question, criterion, section or thread, or `overall`.")],
    framework: Named,
    cases: Cases,
    answers: Given,
    group: Annotated[
        str, typer.Option(help="The group to explain: all, a group, or attribute=value.")
    ] = "all",
    line: Annotated[
        list[float], typer.Option(help="A score to reach or fall below, as a percentage; may be repeated.")
    ] = [],  # noqa: B006
    output: Format = TextOrJson.text,
    mapping: Mapped = None,
    keep: Keep = [],  # noqa: B006
    frameworks: Shelf = None,
) -> None:
    """Explain a score: counts, weights and rule, the cases below the line, and what would change its outcome."""
    from scrutineer.tasks import scoring as task

    material = task.ScoringFiles(
        framework=framework, cases=cases, answers=answers, mapping=mapping, keep=keep, folder=frameworks
    )
    with show_progress(1 + len(answers), "Reading") as step:
        explanation = task.explain(material, name, group, line, step)
    if output is TextOrJson.json:
        show_json(explanation.as_dict())
        return
    from scrutineer.report.pages.explanations import list_explanation_lines

    _show(list_explanation_lines(explanation))


def _show(lines: Iterable[object]) -> None:
    for line in lines:
        if isinstance(line, str):
            say(line)
        else:
            out.print(line)


def measure_agreement(
    framework: Named,
    cases: Cases,
    answers: Given,
    output: Format = TextOrJson.text,
    mapping: Mapped = None,
    keep: Keep = [],  # noqa: B006
    frameworks: Shelf = None,
) -> None:
    """Measure how far assessors agree, by question and by pair; who is stricter, and the effect on the scores."""
    from scrutineer.tasks import scoring as task

    material = task.ScoringFiles(
        framework=framework, cases=cases, answers=answers, mapping=mapping, keep=keep, folder=frameworks
    )
    with show_progress(1 + len(answers), "Reading") as step:
        report = task.measure_agreement(material, step)
    if output is TextOrJson.json:
        show_json(report.as_dict())
        return
    from scrutineer.report.pages.explanations import list_agreement_lines

    _show(list_agreement_lines(report))


def compare(
    files: Annotated[
        list[Path],
        typer.Argument(help="Results from `score --format json`; the first is compared with the others."),
    ],
    group: Annotated[str, typer.Option(help="The group in the first results.")] = "all",
    against: Annotated[
        str | None,
        typer.Option(help="The group to compare it with; with one file, everyone else by default."),
    ] = None,
    output: PageFormat = TextJsonOrHtml.text,
    frameworks: Shelf = None,
) -> None:
    """Compare results: follow-up and original, a group and the rest, areas or years; only questions that are the same in both."""
    from scrutineer.tasks import scoring as task
    from scrutineer.tasks.inputs import find_framework

    comparison = task.compare(files, (group, against), frameworks)
    if output is TextJsonOrHtml.json:
        show_json(comparison.as_dict())
        return
    from scrutineer.report.pages.comparisons import make_comparison_tables, write_comparison_page

    if output is TextJsonOrHtml.html:
        sys.stdout.write(
            write_comparison_page(comparison, find_framework(comparison.first.framework, frameworks)[0])
        )
        return
    for table in make_comparison_tables(comparison):
        out.print(table)
    if comparison.left_out:
        say(
            f"{len(comparison.left_out)} questions and scores are not compared: they differ between the sides, or one side has no relevant case."
        )


def compare_reconviction(
    file: Annotated[
        Path, typer.Argument(help="A table of cases with `predicted` (0 to 1) and `reconvicted` (yes or no).")
    ],
    by: Annotated[str | None, typer.Option(help="The column that names the area.")] = None,
    output: PageFormat = TextJsonOrHtml.text,
) -> None:
    """Compare actual with predicted reconviction, with funnel limits."""
    from scrutineer.tasks import scoring as task

    funnel, synthetic = task.compare_reconviction(file, by)
    if output is TextJsonOrHtml.json:
        show_json(task.describe_funnel(funnel, synthetic))
        return
    from scrutineer.report.pages.comparisons import (
        explain_funnel,
        make_reconviction_table,
        write_reconviction_page,
    )

    if output is TextJsonOrHtml.html:
        sys.stdout.write(write_reconviction_page(funnel, synthetic))
    else:
        out.print(make_reconviction_table(funnel))
        for sentence in explain_funnel(funnel):
            out.print(sentence)
