"""Scoring Parquet files that are larger than memory, beside a bare scan of the same files: a billion answers by default."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from benchmarks.clock import Short
from scrutineer.fieldwork.cases.answers import list_choice_questions
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.question_kinds import NO_EVIDENCE, NOT_APPLICABLE
from scrutineer.tasks.files import find_data_folder

ANSWERS, SHORT_ANSWERS = 1_000_000_000, 200_000
PARTS, SHORT_PARTS = 20, 2
AIM_SECONDS, AIM_BYTES = 30.0, 2_000_000_000
FRAMEWORK = "esi-2003"
ENGINES = ("duckdb", "polars")
BY = ("order", "risk_of_harm", "assessor_kind")


@dataclass(frozen=True)
class Taken:
    """What one process took.

    Attributes:
        seconds: from its beginning to its end.
        memory: the most that it held, in bytes.
        groups: for how many groups it gave results.
    """

    seconds: float
    memory: int
    groups: int = 0


def measure(console: Console, short: Short | None = None) -> None:
    """Print a table."""
    framework = Library(find_data_folder("frameworks")).load_framework(FRAMEWORK)
    answers, parts = (ANSWERS, PARTS) if short is None else (SHORT_ANSWERS, SHORT_PARTS)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        console.print(f"Writing {answers:,} answers in {parts} parts ...")
        cases = write_parts(framework, folder, answers, parts)
        bare = in_a_process("bare", folder)
        rows = {engine: in_a_process(engine, folder) for engine in ENGINES}
        console.print(make_table(framework, cases, bare, rows))


def write_parts(framework: Framework, folder: Path, answers: int, parts: int) -> int:
    """Write made-up answers, a column for each question, beside the cases' attributes; gives how many cases there are.

    The parts hold the same answers about different cases: what a file says doesn't alter how long it takes to read.
    """
    keys = list_choice_questions(framework)
    each = answers // len(keys) // parts
    generator = np.random.Generator(np.random.PCG64(1))
    columns = {key: _draw(generator, each, _list_answers(framework, key)) for key in keys}
    for attribute in framework.attributes:
        if attribute.kind == "choice":
            columns[attribute.key] = _draw(generator, each, list(attribute.options))
        elif attribute.kind == "yes_no":
            columns[attribute.key] = pa.array(generator.random(each) < 0.5)
    for part in range(parts):
        references = pa.array([f"C{part:03}-{n:07}" for n in range(each)])
        table = pa.table({"case": references, **columns})
        pq.write_table(table, folder / f"part-{part:03}.parquet", row_group_size=131_072)
    return each * parts


def _list_answers(framework: Framework, key: str) -> list[str]:
    return [*(option.code for option in framework.scale_of[key].options), NOT_APPLICABLE, NO_EVIDENCE, ""]


def _draw(generator: np.random.Generator, number: int, values: Sequence[str]) -> pa.Array:
    places = pa.array(generator.integers(0, len(values), number).astype(np.int32))
    return pa.DictionaryArray.from_arrays(places, pa.array(values)).cast(pa.string())


def in_a_process(name: str, folder: Path) -> Taken:
    """Do one measurement in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "benchmarks.scale", name, str(folder)]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - start
    said = json.loads(done.stdout)
    return Taken(seconds, said["memory"], said["groups"])


def scan(folder: Path) -> int:
    """Read every value once, and count those that are there."""
    database = duckdb.connect()
    files = database.read_parquet([str(file) for file in sorted(folder.glob("*.parquet"))])
    files.aggregate(", ".join(f'count("{name}")' for name in files.columns)).fetchall()
    return 0


def score(engine: str, folder: Path) -> int:
    """Score the files as the command does; gives for how many groups."""
    from scrutineer.tasks.scoring import ScoreRequest, ScoringFiles
    from scrutineer.tasks.stored import score_stored_files

    material = ScoringFiles(framework=FRAMEWORK, cases=folder, answers=[folder])
    results, _ = score_stored_files(material, ScoreRequest(), engine)
    return len(results.groups)


def make_table(framework: Framework, cases: int, bare: Taken, rows: dict[str, Taken]) -> Table:
    """The times beside the bare scan and the limits."""
    answers = cases * len(list_choice_questions(framework))
    groups = next(iter(rows.values())).groups
    table = Table(
        title=f"Scoring {answers:,} answers about {cases:,} cases in Parquet files, {groups} groups, intervals at every level"
    )
    for heading in (
        "",
        "Seconds",
        "Bare scan",
        f"Limit {AIM_SECONDS:g} s",
        "Memory in GB",
        f"Limit {AIM_BYTES / 1e9:g} GB",
    ):
        table.add_column(heading, justify="right" if heading else "left")
    table.add_row("bare scan (DuckDB)", f"{bare.seconds:.1f}", "1.0 ×", "", f"{bare.memory / 1e9:.2f}", "")
    for engine, taken in rows.items():
        table.add_row(
            engine,
            f"{taken.seconds:.1f}",
            f"{taken.seconds / bare.seconds:.1f} ×",
            f"{taken.seconds / AIM_SECONDS:.2f} ×",
            f"{taken.memory / 1e9:.2f}",
            f"{taken.memory / AIM_BYTES:.2f} ×",
        )
    return table


def main(name: str, folder: str) -> int:
    """One measurement, in a process of its own."""
    groups = scan(Path(folder)) if name == "bare" else score(name, Path(folder))
    # Not what the system says of the process: that counts its parent, too.
    status = Path("/proc/self/status").read_text()
    memory = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024  # type: ignore[index]  # every process has it
    print(json.dumps({"memory": memory, "groups": groups}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
