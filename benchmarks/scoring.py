"""Scoring beside a bare count of the same bytes, pandas' group-bys and R's survey package, from 12 thousand to 100 million answers."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.clock import Short, best, best_within, peak
from scrutineer.fieldwork.cases.answers import list_choice_questions
from scrutineer.fieldwork.cases.codes import ABOVE, RELEVANT, Codes, find_byte
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.groups import GroupOf
from scrutineer.scoring.inspect import make_results
from scrutineer.tasks.files import find_data_folder, write

SIZES, SHORT_SIZES = (12_000, 504_000, 30_000_000, 100_000_000), (1_200, 12_000)
GROUPS = 12
AIM_BINCOUNT, AIM_PANDAS, AIM_R, AIM_MEMORY = 2.5, 50.0, 1000.0, 1.5
PANDAS_UP_TO = 30_000_000
R_AT = 504_000
OUT = Path(__file__).resolve().parent.parent / "build" / "bench"


@dataclass
class Measured:
    answers: int
    scored: float
    bincount: float
    pandas: float | None
    r: float | None
    memory: float


def measure(console: Console, short: Short | None = None) -> None:
    """Print a table and draw a chart."""
    framework = Library(find_data_folder("frameworks")).load_framework("esi-2003")
    sizes, out = (SIZES, OUT) if short is None else (SHORT_SIZES, short.folder)
    measurements = [measure_size(framework, size, console, short) for size in sizes]
    console.print(table(measurements))
    write(out / "scoring.svg", chart(measurements))
    console.print(f"Chart: {out / 'scoring.svg'}", highlight=False)


def measure_size(framework: Framework, size: int, console: Console, short: Short | None) -> Measured:
    best = best_within(short)
    codes, keys, groups = material(framework, size)

    def work() -> object:
        return make_results(framework, codes, keys, groups)

    scored = best(work, 4.0, 8)
    bare = best(lambda: np.bincount(codes.ravel()), 2.0, 8)
    pandas = by_pandas(codes, keys, groups) if size <= PANDAS_UP_TO else None
    r = by_r(codes, groups, console) if size == R_AT else None
    return Measured(codes.size, scored, bare, pandas, r, 1 + peak(work) / codes.nbytes)


def material(framework: Framework, size: int) -> tuple[Codes, tuple[str, ...], list[GroupOf]]:
    """Made-up answers of all kinds, and twelve groups that overlap."""
    keys = list_choice_questions(framework)
    cases = size // len(keys)
    answers = (
        "excellent",
        "sufficient",
        "insufficient",
        "poor",
        "not_applicable",
        "not_enough_evidence",
        None,
    )
    kinds = np.array([find_byte(framework.scales[0], answer) for answer in answers], dtype=np.uint8)
    table = np.repeat(kinds, (38, 90, 51, 26, 38, 8, 5))  # so many of 256: one byte of chance per answer
    generator = np.random.Generator(np.random.PCG64(1))
    codes = table[np.frombuffer(generator.bytes(cases * len(keys)), dtype=np.uint8)].reshape(cases, len(keys))
    groups = [GroupOf("all", "All cases", np.ones(cases, dtype=np.bool_))]
    groups += [GroupOf(f"g{n}", f"Group {n}", generator.random(cases) < 0.35) for n in range(1, GROUPS)]
    return codes, keys, groups


def by_pandas(codes: Codes, keys: tuple[str, ...], groups: list[GroupOf]) -> float:
    """The peer: answers as a long frame of words, as they come from a file, and a group-by for each group; no intervals."""
    cases = len(codes)
    words = pd.Index(["above", "below", "left out"], dtype="str")
    place = np.where(codes & ABOVE != 0, 0, np.where(codes & RELEVANT != 0, 1, 2)).ravel()
    frame = pd.DataFrame(
        {
            "question": pd.Index(keys, dtype="str").take(np.tile(np.arange(len(keys)), cases)),
            "answer": words.take(place),
        }
    )
    members = [np.repeat(g.members, len(keys)) for g in groups]

    def work() -> object:
        return [frame[m].groupby(["question", "answer"]).size() for m in members]

    return best(work, 1.0, 3)


R = """
suppressMessages(library(survey))
d <- read.csv("answers.csv")
n <- ncol(d) - GROUPS
design <- svydesign(ids = ~1, weights = ~1, data = d)
start <- proc.time()[["elapsed"]]
for (q in seq_len(n)) {
  use <- subset(design, !is.na(d[[q]]))
  svyciprop(as.formula(paste0("~", names(d)[q])), use)
  for (g in seq_len(GROUPS - 1)) svyby(as.formula(paste0("~", names(d)[q])), as.formula(paste0("~g", g)), use, svyciprop, vartype = "ci")
}
cat(proc.time()[["elapsed"]] - start)
"""


def by_r(codes: Codes, groups: list[GroupOf], console: Console) -> float | None:
    """R's survey package, svyby with svyciprop: each question by each group; None where R or the package is absent."""
    rscript = shutil.which("Rscript")
    if (
        not rscript
        or subprocess.run([rscript, "-e", "library(survey)"], capture_output=True, check=False).returncode
    ):
        console.print(
            "R with its package survey is not on this machine (Debian: r-cran-survey): that comparison is left out."
        )
        return None
    asked = 6
    with tempfile.TemporaryDirectory() as folder:
        share = np.where(codes & RELEVANT != 0, (codes & ABOVE != 0).astype(float), np.nan)[:, :asked]
        frame = pd.DataFrame(share, columns=[f"q{n}" for n in range(asked)])
        for n, group in enumerate(groups):
            frame[f"g{n}"] = group.members.astype(int)
        frame.to_csv(Path(folder) / "answers.csv", index=False)
        (Path(folder) / "run.R").write_text(R.replace("GROUPS", str(len(groups))))
        done = subprocess.run([rscript, "run.R"], cwd=folder, capture_output=True, text=True, check=True)
    # Six questions are timed and the rest reckoned alike: all of them would take many minutes.
    return float(done.stdout) * codes.shape[1] / asked


def table(measurements: list[Measured]) -> Table:
    shown = Table(
        title=f"All levels, {GROUPS} groups, with intervals; times as ratios to peers in the same run"
    )
    heads = ("answers", "seconds", "÷ bincount", f"≤{AIM_BINCOUNT:g}", "pandas ÷", f"≥{AIM_PANDAS:g}")
    heads += ("R ÷", f"≥{AIM_R:g}", "memory ÷", f"≤{AIM_MEMORY:g}")
    for head in heads:
        shown.add_column(head, justify="right")
    for m in measurements:
        large = m.answers > 20_000_000
        bare = m.scored / m.bincount
        cells = [
            f"{m.answers:,}",
            f"{m.scored:.4f}",
            f"{bare:.2f}",
            verdict(bare <= AIM_BINCOUNT) if large else "",
            *ratio(m.pandas, m.scored, AIM_PANDAS),
        ]
        cells += [
            *ratio(m.r, m.scored, AIM_R),
            f"{m.memory:.2f}",
            verdict(m.memory <= AIM_MEMORY) if large else "",
        ]
        shown.add_row(*cells)
    return shown


def ratio(peer: float | None, ours: float, aim: float) -> tuple[str, str]:
    return ("", "") if peer is None else (f"{peer / ours:,.0f}", verdict(peer / ours >= aim))


def verdict(holds: bool) -> str:
    return "yes" if holds else "no"


def chart(measurements: list[Measured]) -> str:
    """Seconds against answers, both by tens, a line for each program."""
    from scrutineer.report.pages.charts import draw_curves

    size = [float(m.answers) for m in measurements]
    lines = {
        "Scrutineer: all levels, 12 groups, intervals": [m.scored for m in measurements],
        "np.bincount: bytes counted": [m.bincount for m in measurements],
        "pandas: group-bys, counts only": [m.pandas for m in measurements],
        "R survey: svyby with svyciprop": [m.r for m in measurements],
    }
    return draw_curves(size, lines, "Seconds to score, by number of answers", "answers", "seconds")
