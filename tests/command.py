"""The command line in the process of the tests: as a person types it, without a new interpreter for each command.

What a process of its own is (its end, a pipe that nobody reads) is tested where it is started as one.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

import scrutineer.__main__ as program
from tests.conftest import ROOT


def scrutineer(*arguments: object, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run one command in a folder: its exit code, and what it printed."""
    words = [str(program.__file__), *map(str, arguments)]
    out, err = (TextIOWrapper(BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    code = 0
    with (
        chdir(folder),
        redirect_stdout(out),
        redirect_stderr(err),
        patch.object(sys, "argv", words),
        _run_as(program),
    ):
        try:
            program.run()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    for stream in (out, err):
        stream.flush()
    return subprocess.CompletedProcess(words, code, *(_read(stream) for stream in (out, err)))


@contextmanager
def _run_as(module: ModuleType) -> Iterator[None]:
    """Let a module be the program. All other modules stay as they are: what a command loads is loaded once for all."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        sys.modules["__main__"] = before


def _read(stream: TextIOWrapper) -> str:
    return stream.buffer.getvalue().decode("utf-8")  # type: ignore[attr-defined]


def type_line(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of a page, as a reader types it in a folder: ours alone here, anything else by the shell."""
    words = shlex.split(line, comments=True)
    target = words[-1] if ">" in words[-2:-1] else None
    ours = words[: -2 if target else None]
    if Path(ours[0]).name == "scrutineer" and not any(set(word) & set(";|><&$*") for word in ours):
        done = scrutineer(*ours[1:], folder=folder)
        if target:
            (folder / target).write_text(done.stdout, encoding="utf-8")
        return done
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(  # noqa: S602 the lines are our own pages'
        line,
        shell=True,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PATH": path},
    )
