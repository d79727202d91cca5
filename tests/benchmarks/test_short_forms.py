"""Every benchmark starts and reports its ratios: its short form, whose times say nothing and are not looked at."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.__main__ import PARTS
from benchmarks.clock import Short
from tests.web.served import village

pytestmark = pytest.mark.unmeasured

ROWS = {
    "room": (
        "sqlite .* bare view",
        "sqlite .* answer",
        "statements of one save",
        "scoring sheet",
        "list of 4,500 cases",
    ),
    "programme": ("loaded", "/programmes/1/areas/", "/areas/1/"),
    "reporting": ("HTML", "PDF", "Word", "all three", "Preview of one edited part"),
    "proving": ("northmoor", "all", r"0\.25", r"0\.5"),
    "scoring": (r"1,\d\d\d", r"1\d,\d\d\d"),
    "scale": ("bare scan", "duckdb", "polars"),
    "sampling": ("the framework's", "the same, strata by office"),
    "timetable": ("",),
    "calibration": ("12 of 200", "100 of 110 and 100 of 110", "42 areas"),
}
"""Each benchmark, and the rows of its tables, each with a ratio or a time: a benchmark without a line here fails."""


def test_every_benchmark_has_its_line() -> None:
    assert set(ROWS) == set(PARTS)


@pytest.mark.parametrize("name", PARTS)
def test_a_benchmark_runs_and_reports_its_ratios(name: str, demo_folders: Path, tmp_path: Path) -> None:
    text = io.StringIO()
    short = Short(
        folder=tmp_path,
        inspection=demo_folders / "esi",
        report=demo_folders / "follow-up",
        room=village("bare"),
    )
    PARTS[name](Console(file=text, width=300), short)
    for row in ROWS[name]:
        assert re.search(rf"(?m)^.*{row}.*\d\.\d+.*$", text.getvalue()), (row, text.getvalue())
