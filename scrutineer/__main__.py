"""The command line: its commands, and how errors end it."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import entry_points
from typing import Annotated, NoReturn

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
from scrutineer.commands.shared import err, notices, say
from scrutineer.errors import EXIT_UNREADABLE, Fault, UserError, fault_of

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
        with notices():
            app()
    except UserError as error:
        _end(error.faults, error.exit_code)
    except BrokenPipeError:
        raise SystemExit(EXIT_UNREADABLE) from None
    except OSError as error:
        _end([fault_of(error)], EXIT_UNREADABLE)
    except MemoryError:
        what = "there is not enough memory for this"
        _end([Fault("", what, "Close other programs, or split the input")], EXIT_UNREADABLE)


def _end(faults: Iterable[Fault], code: int) -> NoReturn:
    for fault in faults:
        err.print(str(fault), highlight=False, markup=False, style="red")
    raise SystemExit(code) from None


if __name__ == "__main__":
    run()
