"""Timing: the shortest of several runs, and how much memory one run takes."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable


def best(work: Callable[[], object], seconds: float = 1.0, most: int = 20) -> float:
    """The shortest of several runs, in seconds."""
    times: list[float] = []
    while not times or (sum(times) < seconds and len(times) < most):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def peak(work: Callable[[], object]) -> int:
    """The bytes that one run takes at most beyond what stood before."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
