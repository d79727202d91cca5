"""What may happen while an answer is saved, on a real PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize(
    "module", ["tests/web/races_on_postgres.py", "tests/web/test_answers.py", "tests/web/test_retention.py"]
)
def test_a_save_on_postgres(module: str, postgres: Callable[[], str]) -> None:
    """In a process of its own, because the database is chosen once."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:randomly", "--reuse-db", module],
        cwd=ROOT, env={**env, "SCRUTINEER_DATABASE": postgres()}, capture_output=True, text=True, timeout=500,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " skipped" not in done.stdout
