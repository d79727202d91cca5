"""The command line: its commands, and how it reports errors."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

from scrutineer import __version__
from scrutineer.errors import EXIT_UNREADABLE, Fault, UserError, make_fault

if TYPE_CHECKING:
    import typer


# Answers are counted in two threads of our own; a library of linear algebra that starts further ones in each makes them wait.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@cache
def build() -> typer.Typer:
    """Build the command line with all its commands; their imports are here, so that `--version` does not load them."""
    import typer

    from scrutineer.cli import (
        demonstrating,
        fieldwork,
        framework,
        inspecting,
        published,
        rating,
        sampling,
        scoring,
        simulating,
    )

    app = typer.Typer(
        help="Run inspections of public services by case file, from the framework to the published report.",
        no_args_is_help=True,
        # Plain help: the coloured one loads three times as much as everything else that help needs.
        rich_markup_mode=None,
        context_settings={"max_content_width": 110},
    )
    app.add_typer(framework.app, name="framework")
    for module in (published, inspecting, simulating, sampling, fieldwork, scoring, rating, demonstrating):
        module.add_to(app)
    for extension in sorted(entry_points(group="scrutineer.cli"), key=lambda e: e.name):
        try:
            extension.load()(app)
        except ImportError:  # the extension's own libraries are not installed
            continue

    _shorten(app)

    def print_version(asked_for: bool) -> None:
        if asked_for:
            _print_version()
            raise typer.Exit

    def accept_options(version: bool = False) -> None:
        del version

    flag = typer.Option("--version", callback=print_version, is_eager=True, help="Print the version.")
    accept_options.__annotations__["version"] = Annotated[bool, flag]
    app.callback()(accept_options)
    return app


def _shorten(app: typer.Typer) -> None:
    """List each command by the first part of its help, up to the first colon, semicolon or full stop."""
    for command in app.registered_commands:
        if command.callback is not None and command.callback.__doc__:
            command.short_help = re.split("[:;.]", command.callback.__doc__, maxsplit=1)[0]
    for group in app.registered_groups:
        if group.typer_instance is not None:
            _shorten(group.typer_instance)


def _print_version() -> None:
    sys.stdout.write(f"scrutineer {__version__}\n")


def __getattr__(name: str) -> Any:
    """`app`, built when it is first needed."""
    if name == "app":
        return build()
    raise AttributeError(name)


def run() -> None:
    """Run the command line; a user's error is printed as sentences, never as a traceback."""
    if sys.argv[1:] == ["--version"]:
        return _print_version()
    from scrutineer.cli.shared import print_notices

    try:
        with print_notices():
            build()()
    except UserError as error:
        _end(error.faults, error.exit_code)
    except BrokenPipeError:
        raise SystemExit(EXIT_UNREADABLE) from None
    except OSError as error:
        _end([make_fault(error)], EXIT_UNREADABLE)
    except MemoryError:
        what = "there is not enough memory"
        _end([Fault("", what, "Close other programs, or split the files")], EXIT_UNREADABLE)


def _end(faults: Iterable[Fault], code: int) -> NoReturn:
    from scrutineer.cli.shared import err

    for fault in faults:
        err.print(str(fault), highlight=False, markup=False, style="red")
    raise SystemExit(code) from None


if __name__ == "__main__":
    run()
