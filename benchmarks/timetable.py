"""The timetable of 100 cases: 12 assessors, 5 days of 4 slots, 6 offices, 45 managers."""

from __future__ import annotations

from datetime import date

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.clock import Short
from scrutineer.fieldwork.timetabling.arrangements import Arrangements
from scrutineer.fieldwork.timetabling.make import make_timetable
from scrutineer.frameworks.library import Library
from scrutineer.simulation.caseload import make_cases
from scrutineer.simulation.profile import read_profile
from scrutineer.tasks.files import find_data_folder

SECONDS = 30
AIM_FIRST = 1.0


def measure(console: Console, short: Short | None = None) -> None:
    """Print how soon a first plan stood, and the gap after half a minute."""
    number, seconds = (100, SECONDS) if short is None else (20, 1)
    shelf = Library(find_data_folder("frameworks"))
    framework = shelf.load_framework("esi-2003")
    profile = read_profile(shelf.folder / "esi-2003" / "synthetic.yaml", framework)
    cases = make_cases(framework, profile, number, date(2006, 3, 31), np.random.Generator(np.random.PCG64(1)))
    people = [
        {
            "name": f"Assessor {n + 1}",
            "kind": "area_assessor" if n % 3 == 2 else "inspector",
            "team": f"Team {'ABCDEFGHIJKL'[n]}",
            "base": f"Office {'ABCDEF'[n % 6]}",
        }
        for n in range(12)
    ]
    days = [f"2006-04-0{n}" for n in range(3, 8)]
    slots = ["09:00-10:30", "10:45-12:15", "13:15-14:45", "15:00-16:30"]
    arrangements = Arrangements.model_validate({"days": days, "slots": slots, "assessors": people})
    plan = make_timetable(framework, cases.frame, arrangements, seconds=seconds)
    first = plan.stages[0]
    table = Table(
        title=f"{number} cases, 12 assessors, 5 days of 4 slots, 6 offices, 45 managers; {seconds} seconds"
    )
    for head in (
        "first plan, s",
        f"aim {AIM_FIRST:g} s",
        "cost",
        "bound",
        "gap",
        "proved",
        "placed",
        "without a place",
        "travel within days, min",
    ):
        table.add_column(head, justify="right")
    soon = first.first_plan_seconds or float("inf")
    gap = "–" if first.gap is None else f"{100 * first.gap:.0f}%"
    bound = "–" if first.bound is None else f"{first.bound:.0f}"
    cells = (f"{soon:.2f}", "yes" if soon <= AIM_FIRST else "no", f"{first.objective:.0f}", bound, gap,
             "yes" if first.proved else "no", str(len(plan.placed)), str(len(plan.unplaced)), str(plan.travel_minutes))  # fmt: skip
    table.add_row(*cells)
    console.print(table)
