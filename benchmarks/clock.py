"""Timing: the shortest of several runs, and how much memory one run takes; and the short form, which only shows that all runs."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Short:
    """The short form of a benchmark: small sizes, each thing once. Its ratios say nothing of speed.

    Attributes:
        folder: where charts are written.
        inspection: the folder of an inspection that was made before, with texts.
        report: the folder of one whose report is short.
        room: the folder of a room that was made before, with people in it.
    """

    folder: Path
    inspection: Path
    report: Path
    room: Path


def best(work: Callable[[], object], seconds: float = 1.0, most: int = 20) -> float:
    """The shortest of several runs, in seconds."""
    times: list[float] = []
    while not times or (sum(times) < seconds and len(times) < most):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def best_within(short: Short | None) -> Callable[..., float]:
    """How runs are timed: the shortest of several, or in the short form the only one."""
    return best if short is None else lambda work, *_args, **_options: best(work, most=1)


def peak(work: Callable[[], object]) -> int:
    """The bytes that one run takes at most beyond what stood before."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
