"""Change one thing at a time in a copy of the program, and say which changes no test notices.

    python -m tests.mutation scrutineer/statistics --tests tests/unit tests/generative --sample 400 --seed 1

mutmut makes the changes. It isn't in the lock file: install it in an environment of its own, together with what the
tests need. Each change is tried in a process forked from one that has imported everything, and only by the tests that
reach the changed function, the quickest first. `TESTING.md` says what came of it.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import gc
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOT_COPIED = shutil.ignore_patterns(".git", ".venv*", "build", "__pycache__", "node_modules")
KILLED, SURVIVED, UNREACHED = "killed", "survived", "no test reaches it"
SETTINGS = SimpleNamespace(
    do_not_mutate_patterns=[], resolved_mutated_source_paths=[], max_stack_depth=-1, track_dependencies=False
)
"""What mutmut would read from pyproject.toml."""


# -- the changed copy ----------------------------------------------------------------------


def write_mutants(path: str, copy: Path) -> dict[str, str]:
    """Write all mutants of a file or folder into a copy of the checkout: the name of each, with its change."""
    import mutmut.configuration
    from mutmut.mutation import file_mutation

    mutmut.configuration._config = SETTINGS
    file_mutation.mutation_operators = [
        (node, change_text_once if change.__name__ == "operator_string" else change)
        for node, change in file_mutation.mutation_operators
    ]
    changes: dict[str, str] = {}
    for file in sorted((ROOT / path).rglob("*.py")) if (ROOT / path).is_dir() else [ROOT / path]:
        place = file.relative_to(ROOT)
        mutated = file_mutation.mutate_file_contents(str(place), file.read_text(encoding="utf-8"))
        (copy / place).write_text(mutated.code, encoding="utf-8")
        module = ".".join(place.with_suffix("").parts).removesuffix(".__init__")
        changes |= {f"{module}.{name}": change for name, change in list_changes(mutated.code).items()}
    return changes


def change_text_once(node: Any) -> list[Any]:
    """A text is changed once, not once more in capitals and once more in small letters."""
    from mutmut.mutation.mutators import operator_string

    return list(operator_string(node))[:1]


def list_changes(code: str) -> dict[str, str]:
    """Each mutant of a changed file, as the lines that differ from the original function."""
    lines = code.splitlines()
    functions = {
        node.name: lines[node.lineno - 1 : node.end_lineno]
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "__mutmut_" in node.name
    }
    changes = {}
    for name, body in functions.items():
        function, _, number = name.rpartition("__mutmut_")
        if number != "orig":
            original = functions[f"{function}__mutmut_orig"]
            differing = difflib.unified_diff(original[1:], body[1:], n=1, lineterm="")
            changes[name] = "\n".join(line for line in differing if not line.startswith(("---", "+++", "@@")))
    return changes


# -- the trial, inside pytest --------------------------------------------------------------


class Trial:
    """A plugin of pytest: once the tests are collected, it runs those that reach a mutant, for each mutant."""

    def __init__(self, folder: Path):
        plan = json.loads((folder / "plan.json").read_text())
        self.names, self.longest, self.processes = plan["names"], plan["longest"], plan["processes"]
        self.folder = folder
        self.failed = ""

    def pytest_collection(self) -> None:
        """Make up fewer examples, always the same ones, and don't look for the simplest one that fails."""
        from hypothesis import Phase, settings

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile(
            "mutation", max_examples=30, deadline=None, derandomize=True, database=None, phases=phases
        )
        settings.load_profile("mutation")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        import mutmut.configuration

        mutmut.configuration._config = SETTINGS
        self.warm_up()
        items = {item.nodeid: item for item in session.items}
        if not (self.folder / "reached.json").exists():
            self.fork(lambda: self.note_reached(session.items), 36_000)
            os.wait()
        reached = json.loads((self.folder / "reached.json").read_text())
        seconds = reached["seconds"]
        gc.freeze()
        running: dict[int, str] = {}
        for name in self.names:
            if len(running) == self.processes:
                self.note_outcome(running)
            tests = reached["tests"].get(name.rpartition("__mutmut_")[0], [])
            chosen = sorted(
                (test for test in tests if seconds[test] <= self.longest), key=seconds.__getitem__
            )
            if chosen:
                limit = 20 + 10 * sum(seconds[test] for test in chosen)
                child = self.fork(
                    lambda n=name, t=chosen: self.try_mutant(n, [items[test] for test in t]), limit
                )
                running[child] = name
            else:
                self.write_outcome(name, UNREACHED)
        while running:
            self.note_outcome(running)
        return True

    def warm_up(self) -> None:
        """What every process would read again. No test runs here: threads that one starts don't survive a fork."""
        from django.urls import get_resolver

        from scrutineer.frameworks.library import Library
        from scrutineer.proof.examples import FRAMEWORKS
        from scrutineer.tasks.files import find_data_folder

        assert get_resolver().reverse_dict  # imports every view
        for folder in (find_data_folder("frameworks"), FRAMEWORKS):
            Library(folder)

    def fork(self, work: Callable[[], int], limit: float) -> int:
        """Do something in a process of its own, for so many seconds of a processor at most."""
        child = os.fork()
        if child:
            return child
        status = 3
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit) + 5))
            signal.alarm(int(limit * 30))
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            status = work()
        finally:
            os._exit(status)

    def note_reached(self, items: list[pytest.Item]) -> int:
        """Run every test once without a mutant: which functions it reaches, and how long it takes."""
        from mutmut.mutation.trampoline import set_mutant_under_test
        from mutmut.state import state

        set_mutant_under_test("stats")
        tests, seconds = defaultdict(list), {}
        for item, following in zip(items, [*items[1:], None], strict=True):
            state()._stats.clear()
            self.failed, begun = "", time.process_time()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            seconds[item.nodeid] = time.process_time() - begun
            for function in [] if self.failed else state()._stats:
                tests[function].append(item.nodeid)
        (self.folder / "reached.json").write_text(json.dumps({"tests": tests, "seconds": seconds}))
        return 0

    def try_mutant(self, name: str, items: list[pytest.Item]) -> int:
        from mutmut.mutation.trampoline import set_mutant_under_test

        set_mutant_under_test(name)
        for item, following in zip(items, [*items[1:], items[-1]], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                return 1
        return 0

    def note_outcome(self, running: dict[int, str]) -> None:
        """Wait for one process. One that a signal ended took too long, which a person would notice as well."""
        child, status = os.wait()
        code = os.waitstatus_to_exitcode(status)
        outcome = SURVIVED if code == 0 else KILLED if code == 1 or code < 0 else f"broke off with {code}"
        self.write_outcome(running.pop(child), outcome)

    def write_outcome(self, name: str, outcome: str) -> None:
        with (self.folder / "outcomes.jsonl").open("a") as lines:
            lines.write(json.dumps([name, outcome]) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Trial(Path(os.environ["MUTATION_FOLDER"])))


# -- the command ---------------------------------------------------------------------------


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("paths", nargs="+", help="files or folders to change")
    parser.add_argument("--tests", nargs="+", required=True, help="what pytest runs")
    parser.add_argument("--keyword", default="", help="which of the tests, as pytest's -k has it")
    parser.add_argument(
        "--longest", type=float, default=5, help="leave out tests that take more processor seconds"
    )
    parser.add_argument("--only", default="", help="a pattern that is in the names of the mutants to try")
    parser.add_argument("--sample", type=int, help="how many mutants of each path to draw; all without it")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--again", action="store_true", help="only the mutants that survived the last time")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "mutation")
    return parser.parse_args()


def main() -> int:
    values = read_arguments()
    copy, outcomes = values.folder / "copy", values.folder / "outcomes.jsonl"
    survivors = {name for name, outcome in read_outcomes(outcomes) if outcome != KILLED}
    shutil.rmtree(values.folder, ignore_errors=True)
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    chance, names, changes = random.Random(values.seed), list[str](), dict[str, str]()
    for path in values.paths:
        of_path = write_mutants(path, copy)
        there = sorted(
            n for n in of_path if re.search(values.only, n) and (n in survivors or not values.again)
        )
        drawn = there if values.sample is None else chance.sample(there, min(values.sample, len(there)))
        say(f"{path}: {len(of_path)} mutants, {len(drawn)} to try")
        names += drawn
        changes |= of_path
    # In a random order, so that a run that is broken off has tried a random sample of each path as well.
    chance.shuffle(names)
    plan = {"names": names, "longest": values.longest, "processes": values.processes}
    (values.folder / "plan.json").write_text(json.dumps(plan))
    command = f"{sys.executable} -m pytest -p tests.mutation -p no:xdist --assert=plain --tb=no".split()
    environment = os.environ | {"MUTATION_FOLDER": str(values.folder.resolve()), "PYTHONPATH": str(copy)}
    subprocess.run([*command, *values.tests, "-k", values.keyword], cwd=copy, env=environment, check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    for name, outcome in read_outcomes(outcomes):
        if outcome != KILLED:
            say(f"\n{name}: {outcome}\n{changes[name]}")
    say(str(dict(Counter(outcome for _, outcome in read_outcomes(outcomes)))))
    return 0


def read_outcomes(outcomes: Path) -> list[tuple[str, str]]:
    return [json.loads(line)[:2] for line in outcomes.read_text().splitlines()] if outcomes.exists() else []


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
