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

RATIOS = {
    "room": {
        "sqlite": 1,
        "statements of one save": 1,
        "scoring sheet of 100 cases": 1,
        "list of 4,500 cases": 1,
    },
    "programme": {"loaded": 1, "/programmes/1/areas/": 1, "/areas/1/": 1},
    "reporting": {"HTML": 1, "PDF": 1, "Word": 1, "all three": 1, "Preview of one edited part": 1},
    "proving": {"northmoor (synthetic)": 1, "all": 1},
    "scoring": {"1,200": 1, "12,000": 1},
    "sampling": {"the framework's": 1, "the same, strata by office": 1},
    "timetable": {"proved": 0},
}
"""Each benchmark, and the rows of its tables: a benchmark without a line here fails."""


def test_every_benchmark_has_its_line() -> None:
    assert set(RATIOS) == set(PARTS)


@pytest.mark.parametrize("name", PARTS)
def test_a_benchmark_runs_and_reports_its_ratios(name: str, made: Path, tmp_path: Path) -> None:
    text = io.StringIO()
    short = Short(folder=tmp_path, inspection=made / "esi", room=village("bare"))
    PARTS[name](Console(file=text, width=300), short)
    lines = text.getvalue().splitlines()
    for row, numbers in RATIOS[name].items():
        found = [line for line in lines if row in line]
        assert found, (row, text.getvalue())
        assert len(re.findall(r"\d+\.\d+", " ".join(found))) >= numbers, found
