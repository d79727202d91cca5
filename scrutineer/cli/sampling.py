"""`scrutineer sample` and `scrutineer substitute`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scrutineer.cli.shared import Shelf, say, share_done, warn
from scrutineer.errors import EXIT_FINDINGS, Fault, UserError

if TYPE_CHECKING:
    from scrutineer.fieldwork.sampling.record import SampleRecord

Mapped = Annotated[
    Path | None,
    typer.Option("--map", help="A column mapping (YAML): headings, codes and date formats."),
]
Keep = Annotated[
    list[str], typer.Option("--keep", help="Read a column even though it seems to contain people's names.")
]

CaseloadArgument = Annotated[Path, typer.Argument(help="The cases: CSV, XLSX or Parquet.")]
FrameworkOption = Annotated[
    str | None, typer.Option("--framework", metavar="ID", help="The framework's id or file.")
]
SeedOption = Annotated[
    int | None, typer.Option(help="The seed; the same seed and caseload give the same sample.")
]
OutOption = Annotated[Path | None, typer.Option(help="The folder to write the sample to.")]
ReplayOption = Annotated[
    Path | None,
    typer.Option(metavar="RECORD", help="Repeat the draw from a record (sample.json) and compare."),
]
OnOption = Annotated[
    str | None,
    typer.Option(help="The first day of fieldwork; time under supervision is counted to this day."),
]
SizeOption = Annotated[
    int | None, typer.Option(min=1, help="How many cases to draw, instead of the framework's number.")
]
PrecisionOption = Annotated[
    float | None, typer.Option(help="Draw enough cases for a margin of error of this many percentage points.")
]
ConfidenceOption = Annotated[
    float, typer.Option(help="The confidence level for that margin of error, as a percentage.")
]
MonthsOption = Annotated[str | None, typer.Option(help="Completed months under supervision, as in 9-10.")]
QuotaOption = Annotated[
    list[str], typer.Option(help="The minimum number from a group, as in high_risk=20; may be repeated.")
]
StrataOption = Annotated[
    str | None, typer.Option(help="An attribute to stratify by: each stratum gets its share of the sample.")
]
ReservesOption = Annotated[
    int, typer.Option(min=0, max=300, help="How many reserves to draw, as a percentage of the sample.")
]
CapOption = Annotated[int | None, typer.Option(min=1, help="The maximum number of cases from one manager.")]
ElementOption = Annotated[
    list[str], typer.Option(help="A thematic element on the same cases; add =N for at least N cases.")
]
ExcludeOption = Annotated[
    Path | None, typer.Option(help="Cases to leave out: a table of case, reason, note.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands in the order in which they are listed."""
    app.command()(sample)
    app.command()(substitute)


def sample(
    caseload: CaseloadArgument,
    framework: FrameworkOption = None,
    seed: SeedOption = None,
    out: OutOption = None,
    replay: ReplayOption = None,
    on: OnOption = None,
    size: SizeOption = None,
    precision: PrecisionOption = None,
    confidence: ConfidenceOption = 95,
    months: MonthsOption = None,
    quota: QuotaOption = [],  # noqa: B006
    strata: StrataOption = None,
    reserves: ReservesOption = 20,
    cap: CapOption = None,
    element: ElementOption = [],  # noqa: B006
    exclude: ExcludeOption = None,
    mapping: Mapped = None,
    keep: Keep = [],  # noqa: B006
    frameworks: Shelf = None,
) -> None:
    """Draw a sample that anyone can repeat, or replay one from its record.

    Exits with 1 if the sample could not meet something in the design, or if a replay differs.
    """
    from scrutineer.tasks import sampling as task

    if replay is not None:
        return _replay(caseload, replay, frameworks, mapping, keep)
    framework, seed, out = _require(framework, seed, out)
    request = task.SampleRequest(
        framework=framework,
        seed=seed,
        on=on,
        size=size,
        precision=precision,
        confidence=confidence,
        months=months,
        quotas=quota,
        strata=strata,
        reserves=reserves,
        cap=cap,
        elements=element,
        exclude=exclude,
        mapping=mapping,
        keep=keep,
    )
    with share_done("Drawing") as step:
        record = task.draw(caseload, request, out, frameworks, step)
    return _show_drawn(record, out)


def _require(framework: str | None, seed: int | None, out: Path | None) -> tuple[str, int, Path]:
    """What a draw can't do without; everything that is missing is named at once."""
    if framework is not None and seed is not None and out is not None:
        return framework, seed, out
    options = {"--framework": framework, "--seed": seed, "--out": out}
    raise UserError(
        Fault("scrutineer sample", f"{name} is missing", "Add it, or use --replay with a record")
        for name, value in options.items()
        if value is None
    )


def _show_drawn(record: SampleRecord, folder: Path) -> None:
    main = sum(c.selected_as == "main" for c in record.selected)
    more = sum(c.selected_as == "additional" for c in record.selected)
    say(
        f"{record.caseload.cases} cases, {record.eligible} eligible, {main} drawn{f' and {more} additional' if more else ''}, "
        f"{len(record.selected) - main - more} in reserve. The sample is in {folder / 'sample.csv'}, and "
        f"{folder / 'sample.html'} shows how it was drawn."
    )
    for note in record.adjustments:
        say(f"  {note}")
    for sentence in record.unmet:
        warn(f"Not met: {sentence}.")
    if record.unmet:
        raise typer.Exit(EXIT_FINDINGS)


def _replay(
    caseload: Path, record: Path, frameworks: Path | None, mapping: Path | None, keep: list[str]
) -> None:
    from scrutineer.tasks import sampling as task

    with share_done("Drawing again") as step:
        differences = task.replay(record, caseload, frameworks, mapping, keep, step)
    if not differences:
        say("The draw gives the same sample.")
        return
    for sentence in differences:
        warn(f"{sentence[:1].upper()}{sentence[1:]}.")
    raise typer.Exit(EXIT_FINDINGS)


def substitute(
    record: Annotated[Path, typer.Argument(help="The record of the sample (sample.json).")],
    case: Annotated[str, typer.Argument(help="The case that can't be inspected.")],
    caseload: Annotated[
        Path, typer.Option("--caseload", help="The caseload that the sample was drawn from.")
    ],
    reason: Annotated[
        str,
        typer.Option(
            help="The reason: transferred, deceased, in_custody, file_missing, ... or other with a note."
        ),
    ],
    by: Annotated[str, typer.Option(help="Who decided.")],
    on: Annotated[str, typer.Option(help="The date of the decision.")],
    note: Annotated[str, typer.Option(help="Details that the reason does not give.")] = "",
    mapping: Mapped = None,
    keep: Keep = [],  # noqa: B006
    frameworks: Shelf = None,
) -> None:
    """Replace a case with the next suitable reserve, and record it."""
    from scrutineer.tasks import sampling as task

    request = task.Replacement(case=case, reason=reason, by=by, on=on, note=note)
    reserve = task.substitute(record, caseload, request, frameworks, mapping, keep)
    say(f"Case {reserve} replaces case {case}: {record.parent / 'sample.csv'}")
