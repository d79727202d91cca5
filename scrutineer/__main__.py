"""The command line: parse arguments, print, exit code; nothing else."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from scrutineer import __version__, main
from scrutineer.errors import EXIT_FINDINGS, EXIT_PROVED, EXIT_UNREADABLE, UserError

if TYPE_CHECKING:
    from scrutineer.reporting.rederivations import Rederivation

app = typer.Typer(
    help="Case-file inspections of public services, from framework to proved report.", no_args_is_help=True
)
framework_app = typer.Typer(
    help="Inspection frameworks: list, show, check and compare them.", no_args_is_help=True
)
app.add_typer(framework_app, name="framework")

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)


class TextOrJson(StrEnum):
    """What a command prints."""

    text = "text"
    json = "json"


class ProofFormat(StrEnum):
    """What `proof` and `rederive` print."""

    text = "text"
    json = "json"
    html = "html"


Shelf = Annotated[
    Path | None, typer.Option("--frameworks", help="A folder of frameworks in place of those that ship.")
]
Format = Annotated[TextOrJson, typer.Option("--format", help="How to print it: text or json.")]


@framework_app.command("list")
def framework_list(frameworks: Shelf = None) -> None:
    """List all frameworks: id, version, title and content hash."""
    for name, version, title, content in main.list_frameworks(frameworks):
        out.print(f"{name:24} {version:6} {title:46} {content[:19]}", highlight=False)


@framework_app.command("show")
def framework_show(
    name: Annotated[str, typer.Argument(metavar="ID", help="A framework's id, or a framework file.")],
    frameworks: Shelf = None,
    output: Format = TextOrJson.text,
) -> None:
    """Show a framework: sections, criteria, questions, weights."""
    from scrutineer.frameworks.present import as_json, as_text

    framework = main.show_framework(name, frameworks)
    if output is TextOrJson.json:
        _json(as_json(framework))
    else:
        for line in as_text(framework):
            out.print(line, highlight=False, markup=False)


@framework_app.command("check")
def framework_check(
    file: Annotated[
        Path, typer.Argument(help="A framework file, its folder or its id; the examples beside it are run.")
    ],
    frameworks: Shelf = None,
) -> None:
    """Check a framework file and run its worked examples; every fault is named with its line."""
    framework, examples = main.check_framework(file, frameworks)
    out.print(
        f"{framework.id} {framework.version} is sound; {examples} worked examples come out.", highlight=False
    )


@framework_app.command("diff")
def framework_diff(
    old: Annotated[str, typer.Argument(help="Id or file of the old framework.")],
    new: Annotated[str, typer.Argument(help="Id or file of the new framework.")],
    frameworks: Shelf = None,
    output: Format = TextOrJson.text,
) -> None:
    """Compare two frameworks change by change: wording, meaning, scale, split, merge, added, retired, weight."""
    changes = main.diff_frameworks(old, new, frameworks)
    if output is TextOrJson.json:
        _json({"old": old, "new": new, "changes": [change.as_dict() for change in changes]})
        return
    for change in changes:
        old_to_new = " → ".join(part for part in (change.old, change.new) if part)
        out.print(
            f"{change.change:8} {change.of:9} {change.name:20} {old_to_new}", highlight=False, markup=False
        )
    out.print(f"{len(changes)} changes", highlight=False)


@framework_app.command("schema")
def framework_schema() -> None:
    """Print the JSON Schema of framework files."""
    sys.stdout.write(main.schema_text())


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="A published report: text, Markdown, PDF, Word or HTML.")],
    frameworks: Shelf = None,
    output: Format = TextOrJson.text,
) -> None:
    """Read a published report: structure, scores, tables and every claim."""
    from scrutineer.published.present import as_json, as_text

    report, shelf = main.read_report(file, frameworks)
    if output is TextOrJson.json:
        _json(as_json(report, shelf))
    else:
        for line in as_text(report, shelf):
            out.print(line, highlight=False, markup=False)


@app.command()
def figures(
    file: Annotated[Path, typer.Argument(help="A published report.")], frameworks: Shelf = None
) -> None:
    """Print a report's figures as a YAML file, for a person to check."""
    sys.stdout.write(main.figures_of(file, frameworks))


@app.command()
def rederive(
    files: Annotated[list[Path], typer.Argument(help="Figures files (.yaml) or published reports.")],
    frameworks: Shelf = None,
    output: Annotated[
        ProofFormat, typer.Option("--format", help="How to print it: text, json or html.")
    ] = ProofFormat.text,
) -> None:
    """Re-derive every printed score from the printed figures it is made of."""
    with _progress(len(files), "Re-deriving") as step:
        found = main.rederive_files(files, frameworks, step)
    if output is ProofFormat.json:
        _json({"inspections": [one.as_dict() for one in found]})
    elif output is ProofFormat.html:
        from scrutineer.reporting.pages import rederivation_page

        sys.stdout.write(rederivation_page(found))
    else:
        _show_rederivations(found)


@app.command()
def proof(
    files: Annotated[
        list[Path], typer.Argument(help="Published reports: text, Markdown, PDF, Word or HTML.")
    ],
    frameworks: Shelf = None,
    output: Annotated[
        ProofFormat, typer.Option("--format", help="How to print it: text, json or html.")
    ] = ProofFormat.text,
) -> None:
    """Prove reports: every printed figure against the rules and against the other figures.

    Exits with 0 where no error was found, 1 where one was, 2 for a file that cannot be read.
    """
    with _progress(len(files), "Proving") as step:
        proofs = main.prove_reports(files, frameworks, step)
    if output is ProofFormat.json:
        _json(main.findings_as_json(proofs))
    elif output is ProofFormat.html:
        from scrutineer.reporting.pages import proof_page

        sys.stdout.write(proof_page(proofs))
    else:
        from scrutineer.reporting.terminal import proof_table

        for one in proofs:
            out.print(proof_table(one))
            if one.skipped:
                out.print(
                    f"No known framework fits this report, so these rules were left out: {', '.join(one.skipped)}."
                )
    raise typer.Exit(EXIT_FINDINGS if any(one.errors for one in proofs) else EXIT_PROVED)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--out", help="Where the page is written.")] = Path("build/demo"),
) -> None:
    """Re-derive five published inspections from the figures that ship with the project."""
    with _progress(5, "Re-deriving") as step:
        done = main.demonstrate(folder, step)
    _show_rederivations(done.rederivations)
    out.print(f"\nThe same as a page: {done.page}", highlight=False)


def _show_rederivations(found: list[Rederivation]) -> None:
    from scrutineer.reporting.terminal import disproved_lines, rederivation_table

    out.print(rederivation_table(found))
    for line in disproved_lines(found):
        out.print(line)


def _json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


@contextmanager
def _progress(total: int, what: str) -> Iterator[Callable[[Path], None]]:
    """A bar on the error stream, where that is a terminal; nothing otherwise."""
    columns = (TextColumn(f"{what} {{task.description}}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=total)
        started = [0]

        def step(path: Path) -> None:
            bar.update(task, description=path.name, completed=started[0])
            started[0] += 1

        yield step
        bar.update(task, completed=total)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"scrutineer {__version__}", highlight=False)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version


def run() -> None:
    """Run the command line; a user's error is printed as sentences, never as a traceback."""
    try:
        app()
    except UserError as error:
        for fault in error.faults:
            err.print(str(fault), highlight=False, markup=False, style="red")
        raise SystemExit(error.exit_code) from None
    except BrokenPipeError:
        raise SystemExit(EXIT_UNREADABLE) from None


if __name__ == "__main__":
    run()
