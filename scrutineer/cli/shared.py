"""What the commands share: consoles, common options, progress bars and JSON."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from scrutineer.tasks.notices import LOG

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)


class TextOrJson(StrEnum):
    """What a command prints."""

    text = "text"
    json = "json"


class TextJsonOrHtml(StrEnum):
    """What a command prints, for commands that can also write a web page."""

    text = "text"
    json = "json"
    html = "html"


Shelf = Annotated[
    Path | None,
    typer.Option("--frameworks", help="A folder of frameworks to use instead of the built-in ones."),
]
Format = Annotated[TextOrJson, typer.Option("--format", help="The output format: text or json.")]
PageFormat = Annotated[
    TextJsonOrHtml, typer.Option("--format", help="The output format: text, json or html.")
]


def show_json(value: object) -> None:
    """Print a value as JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def say(text: str) -> None:
    """Print a line unchanged."""
    out.print(text, highlight=False, markup=False)


def warn(text: str) -> None:
    """Print a line on the error stream, in yellow."""
    err.print(text, highlight=False, markup=False, style="yellow")


class _Notices(logging.Handler):
    """Prints each notice once per command, on the error stream."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        sentence = record.getMessage()
        if sentence not in self.shown:
            self.shown.add(sentence)
            warn(f"Note: {sentence}.")


@contextmanager
def print_notices() -> Iterator[None]:
    """Print notices about how files were read, while a command runs."""
    log, handler = logging.getLogger(LOG), _Notices()
    log.addHandler(handler)
    before = log.level
    # Setting the attribute alone would leave what the logger remembers of its level.
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)


@contextmanager
def show_progress(total: int | None, what: str) -> Iterator[Callable[[Path], None]]:
    """A progress bar that counts files, shown on the error stream if that is a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn(f"{what} {{task.description}}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=total)
        started = [0]

        def step(path: Path) -> None:
            bar.update(task, description=path.name, completed=started[0])
            started[0] += 1

        yield step
        bar.update(task, completed=started[0] if total is None else total)


@contextmanager
def show_steps(what: str, total: int) -> Iterator[Callable[[str], None]]:
    """A progress bar for work in named steps."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn(f"{what}: {{task.description}}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=total)
        done = [0]

        def step(name: str) -> None:
            bar.update(task, description=name, completed=min(done[0], total))
            done[0] += 1

        yield step


@contextmanager
def share_done(what: str) -> Iterator[Callable[[float], None]]:
    """A progress bar for work that reports the share done, from 0 to 1."""
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn(f"{what} {{task.description}}"), BarColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda share: bar.update(task, completed=share)
