"""How fast reports are proved, beside a plain scan of the same text with the rules' own patterns."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.clock import Short, best_within
from scrutineer.frameworks.library import Library
from scrutineer.proof import reading as published
from scrutineer.proof import rules
from scrutineer.proof.prove import prove
from scrutineer.proof.reading.read_report import read
from scrutineer.tasks.files import find_data_folder

ROOT = Path(__file__).resolve().parent.parent
GROWTH, SHORT_GROWTH = (1, 4, 16, 64), (0.25, 0.5)
AIM = 1.0


def measure(console: Console, short: Short | None = None) -> None:
    """Print one table for speed and one for growth."""
    library = Library(find_data_folder("frameworks"))
    patterns = own_patterns()
    console.print(speed_table(texts(short), library, patterns, short))
    console.print(growth_table(library, short))


def texts(short: Short | None) -> dict[str, list[str]]:
    """The published reports where they are to hand; a longer synthetic report everywhere."""
    if short is not None:
        return {"northmoor (synthetic)": longer(1)}
    timings = {
        path.name: path.read_text(encoding="utf-8").split("\n")
        for path in sorted((ROOT.parent / "shared/reports").glob("*.txt"))
    }
    return {**timings, "northmoor × 16 (synthetic)": longer(16)}


def longer(times: int) -> list[str]:
    """The synthetic report with each of its sentences said so many times."""
    lines = (ROOT / "tests/data/northmoor-2005-esi.md").read_text(encoding="utf-8").split("\n")
    return [line for line in lines for _ in range(times if line.startswith("- ") else 1)]


def own_patterns() -> list[re.Pattern[str]]:
    """Every pattern that the reader and the rules look for."""
    matches: dict[str, re.Pattern[str]] = {}
    for package in (published, rules):
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            matches |= {v.pattern: v for v in vars(module).values() if isinstance(v, re.Pattern)}
    return list(matches.values())


def scan(lines: list[str], patterns: list[re.Pattern[str]]) -> int:
    """The peer: find every pattern in every line, and do nothing with it."""
    return sum(1 for line in lines if line for pattern in patterns for _ in pattern.finditer(line))


def speed_table(
    texts: dict[str, list[str]], library: Library, patterns: list[re.Pattern[str]], short: Short | None
) -> Table:
    best = best_within(short)
    table = Table(title=f"Reports proved, beside a plain scan with the same {len(patterns)} patterns")
    for column in ("text", "MB", "proved, MB/s", "scan, MB/s", "time ÷ scan", f"aim {AIM:g} MB/s"):
        table.add_column(column, justify="left" if column == "text" else "right")
    total = proved_time = scan_time = 0.0
    for name, lines in texts.items():
        size = len("\n".join(lines).encode()) / 1e6
        proved = best(lambda lines=lines: prove(read(lines, library), library))  # type: ignore[misc]
        plain = best(lambda lines=lines: scan(lines, patterns))  # type: ignore[misc]
        total, proved_time, scan_time = total + size, proved_time + proved, scan_time + plain
        table.add_row(*row(name, size, proved, plain))
    table.add_section()
    table.add_row(*row("all", total, proved_time, scan_time))
    return table


def row(name: str, size: float, proved: float, plain: float) -> tuple[str, ...]:
    speed = size / proved
    return (
        name,
        f"{size:.2f}",
        f"{speed:.2f}",
        f"{size / plain:.2f}",
        f"{proved / plain:.2f}",
        "yes" if speed >= AIM else "no",
    )


def growth_table(library: Library, short: Short | None) -> Table:
    best = best_within(short)
    table = Table(title="Growth with the length of the text (1.0 is linear)")
    for column in ("sentences ×", "MB", "seconds", "MB/s", "seconds per MB ÷ that of the first"):
        table.add_column(column, justify="right")
    first = None
    for times in GROWTH if short is None else SHORT_GROWTH:
        lines = longer(int(times * 4))
        size = len("\n".join(lines).encode()) / 1e6
        taken = best(lambda lines=lines: prove(read(lines, library), library))  # type: ignore[misc]
        first = first or taken / size
        table.add_row(
            str(times), f"{size:.3f}", f"{taken:.3f}", f"{size / taken:.2f}", f"{taken / size / first:.2f}"
        )
    return table
