"""Commands about published reports: read, figures, rederive and proof."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scrutineer.cli.inspecting import prove_inspection
from scrutineer.cli.shared import (
    Format,
    PageFormat,
    Shelf,
    TextJsonOrHtml,
    TextOrJson,
    out,
    show_json,
    show_progress,
)
from scrutineer.errors import EXIT_FINDINGS, EXIT_PROVED, Fault, UserError

if TYPE_CHECKING:
    from scrutineer.proof.prove import Proof
    from scrutineer.report.pages.rederivations import Rederivation


def add_to(app: typer.Typer) -> None:
    """Add the commands in the order in which they are listed."""
    commands: dict[str, Callable[..., None]] = {
        "read": read,
        "figures": print_figures,
        "rederive": rederive,
        "proof": prove_reports,
    }
    for name, command in commands.items():
        app.command(name)(command)


def read(
    file: Annotated[Path, typer.Argument(help="A published report: text, Markdown, PDF, Word or HTML.")],
    frameworks: Shelf = None,
    output: Format = TextOrJson.text,
) -> None:
    """Read a published report: its structure, scores, tables and every claim."""
    from scrutineer.proof.reading.present_report import as_json, as_text
    from scrutineer.tasks import reports as task

    report, shelf = task.read_report(file, frameworks)
    if output is TextOrJson.json:
        show_json(as_json(report, shelf))
    else:
        for line in as_text(report, shelf):
            out.print(line, highlight=False, markup=False)


def print_figures(
    file: Annotated[Path, typer.Argument(help="A published report.")], frameworks: Shelf = None
) -> None:
    """Print a report's figures as a YAML file, for a person to check."""
    from scrutineer.tasks import reports as task

    sys.stdout.write(task.write_figures(file, frameworks))


def rederive(
    files: Annotated[list[Path], typer.Argument(help="Figures files (.yaml) or published reports.")],
    frameworks: Shelf = None,
    output: PageFormat = TextJsonOrHtml.text,
) -> None:
    """Recalculate every printed score from its printed parts."""
    from scrutineer.tasks import reports as task

    with show_progress(len(files), "Re-deriving") as step:
        rederivations = task.rederive_files(files, frameworks, step)
    if output is TextJsonOrHtml.json:
        show_json({"inspections": [rederivation.as_dict() for rederivation in rederivations]})
    elif output is TextJsonOrHtml.html:
        from scrutineer.report.pages.pages import write_rederivation_page

        sys.stdout.write(write_rederivation_page(rederivations))
    else:
        show_rederivations(rederivations)


def prove_reports(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Published reports (text, Markdown, PDF, Word or HTML), or an inspection's folder or zip file."
        ),
    ],
    frameworks: Shelf = None,
    output: PageFormat = TextJsonOrHtml.text,
) -> None:
    """Prove reports, or the draft of an inspection: check every figure against the data, the rules and the other figures.

    Exits with 0 if no error was found, 1 if one was, 2 if a file can't be read.
    """
    from scrutineer.tasks import reports as task

    drafts = [path for path in files if path.is_dir() or path.suffix.lower() == ".zip"]
    reports = [path for path in files if path not in drafts]
    if drafts and (reports or len(drafts) > 1):
        raise UserError(
            Fault(
                "scrutineer proof",
                "an inspection can't be proved together with other reports",
                "Check one inspection at a time",
            )
        )
    if drafts:
        prove_inspection(drafts[0], frameworks, output)
        return
    with show_progress(len(files), "Proving") as step:
        proofs = task.prove_reports(files, frameworks, step)
    if output is TextJsonOrHtml.json:
        show_json(task.format_findings(proofs))
    elif output is TextJsonOrHtml.html:
        from scrutineer.report.pages.pages import write_proof_page

        sys.stdout.write(write_proof_page(proofs))
    else:
        _show_proofs(proofs)
    raise typer.Exit(EXIT_FINDINGS if any(proof.errors for proof in proofs) else EXIT_PROVED)


def _show_proofs(proofs: Sequence[Proof]) -> None:
    from scrutineer.report.pages.terminal import make_proof_table

    for proof in proofs:
        out.print(make_proof_table(proof))
        if proof.skipped:
            skipped = ", ".join(proof.skipped)
            out.print(
                f"This report does not match any known framework, so these rules were skipped: {skipped}."
            )


def show_rederivations(rederivations: list[Rederivation]) -> None:
    """Print a table of printed and re-derived scores, and the scores that don't follow."""
    from scrutineer.report.pages.terminal import list_disproved_lines, make_rederivation_table

    out.print(make_rederivation_table(rederivations))
    for line in list_disproved_lines(rederivations):
        out.print(line)
