"""What may happen while an answer is saved, on a real PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.unmeasured

MODULES = (
    "tests/web/test_answers.py", "tests/web/test_retention.py", "tests/web/races_on_postgres.py", "tests/web/duties_on_postgres.py",
)  # fmt: skip


def test_what_is_saved_on_postgres(postgres: Callable[[], str]) -> None:
    """In one process of its own, because the database is chosen once, and its tables are made once."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:randomly", *MODULES],
        cwd=ROOT, env={**env, "SCRUTINEER_DATABASE": postgres()}, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " skipped" not in done.stdout
