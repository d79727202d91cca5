"""The command line: its commands, and how errors end it."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Annotated

import typer

from scrutineer import __version__
from scrutineer.commands import (
    demonstrating,
    fieldwork,
    framework,
    inspecting,
    published,
    sampling,
    scoring,
    simulating,
)
from scrutineer.commands.shared import err, say
from scrutineer.errors import EXIT_UNREADABLE, UserError

app = typer.Typer(
    help="Case-file inspections of public services, from framework to proved report.", no_args_is_help=True
)
app.add_typer(framework.app, name="framework")
for module in (published, inspecting, simulating, sampling, fieldwork, scoring, demonstrating):
    module.add_to(app)
for extension in sorted(entry_points(group="scrutineer.commands"), key=lambda e: e.name):
    try:
        extension.load()(app)
    except ImportError:  # the extension's own libraries are not installed
        continue


def _version(wanted: bool) -> None:
    if wanted:
        say(f"scrutineer {__version__}")
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
