"""Kinds of work in the background: what each does, how long it may take, and where its failure is shown.

A function of a screen's `jobs` module becomes a kind of work that people ask for by `@work`. A task with a record of its
own, such as a report that is made, says so by `keep_record`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from django_tasks.base import Task

import scrutineer_web
from scrutineer_web.records.job import Job

QUICK, LONG = "quick", "default"
"""The two rows in which work waits: what somebody sits and waits for does not wait behind reports and timetables."""


Step = Callable[[int, str], None]
"""Says how far a piece of work is, in percent, and what is done now."""


@dataclass(frozen=True)
class JobOutcome:
    """What came of a piece of work.

    Attributes:
        message: what is said to the person who asked.
        to: the page that it leads to.
        result: what a page shows of it.
        file: what was made, with its name.
    """

    message: str = ""
    to: str = ""
    result: Any = None
    file: tuple[str, bytes] | None = None


@dataclass(frozen=True)
class Work:
    """A kind of work that people ask for.

    Attributes:
        name: as jobs keep it.
        do: takes the job and a function that says how far it is.
        seconds: after which it is stopped.
        row: in which it waits.
        repeatable: whether doing it twice changes no more than doing it once: work that was interrupted is begun again.
    """

    name: str
    do: Callable[[Job, Step], JobOutcome]
    seconds: int
    row: str = LONG
    repeatable: bool = True


_WORK: dict[str, Work] = {}


def work(
    name: str, *, seconds: int, row: str = LONG, repeatable: bool = True
) -> Callable[[Callable[[Job, Step], JobOutcome]], Work]:
    """Make a function a kind of work: screens ask for it by the function itself.

    Raises:
        ValueError: another kind has the name.
    """

    def register(do: Callable[[Job, Step], JobOutcome]) -> Work:
        if name in _WORK:
            raise ValueError(f"two kinds of work are called {name}")
        _WORK[name] = Work(name=name, do=do, seconds=seconds, row=row, repeatable=repeatable)
        return _WORK[name]

    return register


def collect_work() -> Mapping[str, Work]:
    """Every kind of work by its name, wherever in the screens' `jobs` modules it is."""
    for stage in (each for each in iter_modules(scrutineer_web.__path__) if each.ispkg):
        place = import_module(f"scrutineer_web.{stage.name}").__path__
        for module in iter_modules(place):
            if module.name == "jobs" or module.name.endswith("_jobs"):
                import_module(f"scrutineer_web.{stage.name}.{module.name}")
    return _WORK


@dataclass(frozen=True)
class Lasting:
    """A task whose progress is kept in a record of its own, such as a report that is made.

    Attributes:
        seconds: after which it is stopped.
        give_up: says in that record that it could not be done, and why.
    """

    seconds: int
    give_up: Callable[[int, str], None]


_LASTING: dict[str, Lasting] = {}


def keep_record(task: Task[..., Any], *, seconds: int, give_up: Callable[[int, str], None]) -> None:
    """Say of a task how long it may take, and where its failure is shown."""
    _LASTING[task.module_path] = Lasting(seconds, give_up)


def find_lasting(path: str) -> Lasting | None:
    """What was said of a task by `keep_record`; None of tasks that have no record of their own."""
    # It's said in the task's own module. The others, which bring much with them, aren't needed to know.
    import_module(path.rpartition(".")[0])
    return _LASTING.get(path)
