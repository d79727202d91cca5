"""The probability with which each eligible case is drawn, and the weight that follows.

Exact where a formula is known: without quotas and cap, n ÷ N of the stratum; with one quota and one
stratum, from the hypergeometric number of the group's cases that chance brings. Otherwise the
draw is made again many times with other orders, and cases alike in everything that the draw looks at
share the mean (Fattorini 2006, Biometrika 93:269-278).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from scrutineer.sampling.draw import Frame, draw

Floats = npt.NDArray[np.float64]
REPEATS = 1000


def probabilities(
    frame: Frame, seed: int, progress: Callable[[float], None] = lambda _: None
) -> tuple[Floats, str]:
    """The probability of inclusion of every eligible case, and how it was found.

    Args:
        frame: what the draw looks at.
        seed: for the repeated draws, so that a replay gives the same.
        progress: called with the share of the work that is done.

    Returns:
        A probability per case, and one of 'exact' or 'from 1000 repeated draws'.
    """
    members = np.bincount(frame.stratum, minlength=len(frame.sizes))
    if not frame.quotas and frame.cap is None:
        return np.asarray(frame.sizes)[frame.stratum] / np.maximum(members, 1)[frame.stratum], "exact"
    if len(frame.quotas) == 1 and len(frame.sizes) == 1 and frame.cap is None:
        return _one_quota(frame), "exact"
    return _repeated(frame, seed, progress), f"from {REPEATS} repeated draws"


def _one_quota(frame: Frame) -> Floats:
    """E[max(quota, H)] ÷ N of the group, with H hypergeometric; the rest of the sample over the rest."""
    from scipy.stats import hypergeom

    (group,) = frame.quotas
    inside = frame.groups[group]
    total, of_group, size = len(inside), int(inside.sum()), frame.sizes[0]
    least = max(min(frame.quotas[group], of_group, size), size - (total - of_group))
    counts = np.arange(0, min(of_group, size) + 1)
    chance = hypergeom(total, of_group, size).pmf(counts)
    mean = float((np.maximum(counts, least) * chance).sum())
    return np.where(inside, mean / max(of_group, 1), (size - mean) / max(total - of_group, 1))


def _repeated(frame: Frame, seed: int, progress: Callable[[float], None]) -> Floats:
    """Mean inclusion over repeated draws, shared by cases that the draw cannot tell apart."""
    kinds = _kinds(frame)
    # The cases are first put in order of their kinds, so that the order of rows does not matter.
    sorted_by_kind = np.argsort(kinds, kind="stable")
    sorted_kinds, alike = kinds[sorted_by_kind], _rearranged(frame, sorted_by_kind)
    generator = np.random.Generator(np.random.PCG64(seed))
    hits = np.zeros(int(kinds.max()) + 1 if len(kinds) else 0)
    for n in range(REPEATS):
        taken = draw(alike, generator.permutation(len(kinds))).taken
        hits += np.bincount(sorted_kinds[taken], minlength=len(hits))
        if n % 25 == 0:
            progress(n / REPEATS)
    members = np.bincount(kinds, minlength=len(hits))
    # A kind that no draw brought is still possible: half a hit keeps its weight finite.
    return np.minimum(np.maximum(hits, 0.5) / REPEATS / np.maximum(members, 1), 1.0)[kinds]


def _rearranged(frame: Frame, order: npt.NDArray[np.intp]) -> Frame:
    """The same cases in another order."""
    groups = {name: members[order] for name, members in frame.groups.items()}
    manager = None if frame.manager is None else frame.manager[order]
    return Frame(frame.stratum[order], frame.sizes, groups, frame.quotas, manager, frame.cap)


def _kinds(frame: Frame) -> npt.NDArray[np.int64]:
    """A number for each combination of what the draw looks at."""
    parts = [frame.stratum, *(frame.groups[g] for g in frame.quotas)]
    if frame.manager is not None:
        parts.append(frame.manager)
    rows = np.column_stack([np.asarray(part, dtype=np.int64) for part in parts])
    return np.asarray(np.unique(rows, axis=0, return_inverse=True)[1], dtype=np.int64).reshape(-1)
