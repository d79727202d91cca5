"""`scrutineer framework …`: inspection frameworks, listed, shown, checked and compared."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from scrutineer.cli.shared import Format, Shelf, TextOrJson, out, show_json

app = typer.Typer(help="List, show, check and compare inspection frameworks.", no_args_is_help=True)


@app.command("list")
def list_frameworks(frameworks: Shelf = None) -> None:
    """List all frameworks: id, version, title and content hash."""
    from scrutineer.tasks import frameworks as task

    for name, version, title, content in task.list_frameworks(frameworks):
        out.print(f"{name:24} {version:6} {title:46} {content[:19]}", highlight=False)


@app.command("show")
def show_framework(
    name: Annotated[str, typer.Argument(metavar="ID", help="The framework's id or file.")],
    frameworks: Shelf = None,
    output: Format = TextOrJson.text,
) -> None:
    """Show a framework in words: its questions, scales, groups, sample and how scores become ratings."""
    from scrutineer.frameworks.present import as_json
    from scrutineer.tasks import frameworks as task

    framework = task.show_framework(name, frameworks)
    if output is TextOrJson.json:
        show_json(as_json(framework))
    else:
        from scrutineer.report.pages.framework_words import as_text

        for line in as_text(framework):
            out.print(line, highlight=False, markup=False)


@app.command("check")
def check_framework(
    file: Annotated[
        Path, typer.Argument(help="A framework's file, folder or id; its worked examples are run too.")
    ],
    frameworks: Shelf = None,
) -> None:
    """Check a framework file and run its worked examples; every error is shown with its line."""
    from scrutineer.tasks import frameworks as task

    framework, examples = task.check_framework(file, frameworks)
    out.print(
        f"{framework.id} {framework.version} has no errors; {examples} worked examples give the expected results.",
        highlight=False,
    )


@app.command("diff")
def compare_frameworks(
    old: Annotated[str, typer.Argument(help="The old framework's id or file.")],
    new: Annotated[str, typer.Argument(help="The new framework's id or file.")],
    frameworks: Shelf = None,
    output: Format = TextOrJson.text,
) -> None:
    """Compare two frameworks change by change: every field that differs, as a matter of method or of wording."""
    from scrutineer.tasks import frameworks as task

    changes = task.diff_frameworks(old, new, frameworks)
    if output is TextOrJson.json:
        show_json({"old": old, "new": new, "changes": [change.as_dict() for change in changes]})
        return
    for change in changes:
        old_to_new = " → ".join(part for part in (change.old, change.new) if part)
        out.print(
            f"{change.change:8} {change.of:9} {change.name:20} {old_to_new}", highlight=False, markup=False
        )
    out.print(f"{len(changes)} changes", highlight=False)


class SchemaOf(StrEnum):
    """The files that have a JSON Schema."""

    framework = "framework"
    report = "report"
    reading = "reading"
    examples = "examples"
    synthetic = "synthetic"


class ExportForm(StrEnum):
    """What a framework can be exported as."""

    xlsx = "xlsx"
    yaml = "yaml"


@app.command("export")
def export_framework(
    name: Annotated[str, typer.Argument(metavar="ID", help="The framework's id or file.")],
    to: Annotated[ExportForm, typer.Option(help="A workbook, or a framework file.")] = ExportForm.xlsx,
    target: Annotated[
        Path | None, typer.Option("--out", help="The file to write. By default, it's named by the id.")
    ] = None,
    frameworks: Shelf = None,
) -> None:
    """Write a framework as a workbook, for people who don't write YAML."""
    from scrutineer.tasks import frameworks as task
    from scrutineer.tasks.files import write_all

    content = task.export_framework(name, to.value, frameworks)
    path = target or Path(f"{Path(name).stem}.{to.value}")
    write_all({path: content})
    out.print(f"{path} written", highlight=False)


@app.command("import")
def import_framework(
    file: Annotated[
        Path, typer.Argument(help="A framework's workbook, an XLSForm, or a data dictionary of REDCap.")
    ],
    target: Annotated[
        Path | None, typer.Option("--out", help="The folder to create. By default, it's named by the id.")
    ] = None,
    frameworks: Shelf = None,
) -> None:
    """Make a framework's folder of its workbook or of another system's form; every error is shown with its place."""
    from scrutineer.tasks import frameworks as task

    framework, path = task.import_framework(file, target, frameworks)
    out.print(f"{framework.id} {framework.version} has no errors. {path} written", highlight=False)


@app.command("schema")
def print_schema(
    file: Annotated[
        SchemaOf, typer.Argument(help="Which file of a framework's folder.")
    ] = SchemaOf.framework,
) -> None:
    """Print the JSON Schema of a framework's files, by which an editor completes and checks them."""
    from scrutineer.tasks import frameworks as task

    sys.stdout.write(task.format_schema(file.value))
