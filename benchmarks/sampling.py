"""A sample from 250,000 cases beside a bare permutation of as many numbers."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from benchmarks.clock import Short, best_within
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.sampling.sample import draw_sample
from scrutineer.fieldwork.sampling.sample_plan import make_plan
from scrutineer.frameworks.library import Library
from scrutineer.tasks.files import find_data_folder

CASES = 250_000
AIM = 5.0


def measure(console: Console, short: Short | None = None) -> None:
    """Print one table: the framework's own design, and one with strata."""
    best, cases = best_within(short), CASES if short is None else 5_000
    framework = Library(find_data_folder("frameworks")).load_framework("esi-2003")
    generator = np.random.Generator(np.random.PCG64(1))
    risk = pl.Enum(["low", "medium", "high", "very_high"])
    places = generator.choice(4, cases, p=[0.5, 0.35, 0.12, 0.03])
    frame = pl.DataFrame(
        {
            "case": [f"C{n:07d}" for n in range(cases)],
            "risk_of_harm": pl.Series(places.astype(np.uint8))
            .cast(pl.UInt8)
            .replace_strict({0: "low", 1: "medium", 2: "high", 3: "very_high"}, return_dtype=risk),
            "office": [f"Office {n % 6}" for n in range(cases)],
            "started": [date(2005, 1, 1) + timedelta(days=int(n)) for n in generator.integers(0, 400, cases)],
        }
    )
    caseload = Caseload("made up", frame)
    bare = best(lambda: generator.permutation(cases), 1.0, 50)
    table = Table(title=f"A sample of 100 from {cases:,} cases, beside a permutation ({1000 * bare:.1f} ms)")
    for head in ("design", "ms", "÷ permutation", f"aim {AIM:g}"):
        table.add_column(head, justify="right" if head != "design" else "left")
    plans = {
        "the framework's: window, 20 of high risk": make_plan(
            framework, on=date(2006, 1, 15), months=(0, 30)
        ),
        "the same, strata by office, no quota": make_plan(
            framework, on=date(2006, 1, 15), months=(0, 30), strata="office"
        ).model_copy(update={"quotas": {}}),
    }
    for name, plan in plans.items():
        taken = best(lambda plan=plan: draw_sample(caseload, framework, plan, 7), 2.0, 30)  # type: ignore[misc]
        table.add_row(
            name, f"{1000 * taken:.1f}", f"{taken / bare:.1f}", "yes" if taken / bare <= AIM else "no"
        )
    console.print(table)
