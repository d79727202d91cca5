"""The least by which a sample and its quotas can fall short, and how many cases of each kind that takes.

The draw takes and swaps cases one at a time and can get stuck where quotas overlap or a cap meets
strata. If it leaves something short, this integer programme finds out whether it had to.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scrutineer.fieldwork.sampling.draw import Draw, Frame, Places

Rows = npt.NDArray[np.int64]


def find_least_shortfall(frame: Frame, order: Places, drawn: Draw) -> Draw:
    """The draw unchanged if it cannot be improved; otherwise the one that best fills the sample and meets its quotas.

    Args:
        frame: what the draw looks at.
        order: the random order; cases of one kind are taken in it.
        drawn: the draw that left a quota short or a stratum unfilled.
    """
    kinds, kind_of = _list_kinds(frame)
    solution = _solve_programme(frame, kinds, np.bincount(kind_of, minlength=len(kinds)), drawn, kind_of)
    if solution is None:
        return drawn
    # The programme says how many cases of each kind to take; which of them is left to the random order.
    room, taken = solution.tolist(), list[int]()
    for place in order.tolist():
        if room[kind_of[place]] > 0:
            taken.append(place)
            room[kind_of[place]] -= 1
    have = {g: int(frame.groups[g][taken].sum()) for g in frame.quotas}
    short = {g: n - have[g] for g, n in frame.quotas.items() if have[g] < n}
    counts = np.bincount(frame.stratum[taken], minlength=len(frame.sizes)).tolist()
    unfilled = {h: size - counts[h] for h, size in enumerate(frame.sizes) if counts[h] < size}
    better = (sum(unfilled.values()), sum(short.values()))
    # Keep what chance drew unless the programme is really better, so the sample stays as random as possible.
    if better >= (sum(drawn.unfilled.values()), sum(drawn.short.values())):
        return drawn
    swapped = len(set(taken) - set(drawn.taken)) + drawn.swapped
    return Draw(taken=taken, swapped=swapped, short=short, unfilled=unfilled)


def _list_kinds(frame: Frame) -> tuple[Rows, Rows]:
    parts = [frame.stratum, *(frame.groups[g] for g in frame.quotas)]
    if frame.manager is not None:
        parts.append(frame.manager)
    rows = np.column_stack([np.asarray(part, dtype=np.int64) for part in parts])
    kinds, kind_of = np.unique(rows, axis=0, return_inverse=True)
    return kinds, np.asarray(kind_of, dtype=np.int64).reshape(-1)


def _solve_programme(frame: Frame, kinds: Rows, members: Rows, drawn: Draw, kind_of: Rows) -> Rows | None:
    """Cases of each kind: least shortfall first, then as near as possible to what chance drew."""
    k, q, h = len(kinds), len(frame.quotas), len(frame.sizes)
    seen = np.bincount(kind_of[drawn.taken], minlength=k)
    # Unknowns: cases of each kind; the shortfall of each quota and of each stratum; the distance of each kind
    # from what chance drew. Filling the sample comes first, then the quotas, then chance.
    dear = 1.0 + 2 * sum(frame.sizes)
    most_short = 1.0 + sum(frame.quotas.values())
    # Each level costs more than the levels below it could together, which makes one sum express three priorities.
    cost = np.concatenate([np.zeros(k), np.full(q, dear), np.full(h, dear * most_short), np.ones(k)])
    rows, low, high = list[npt.NDArray[np.float64]](), list[float](), list[float]()

    def limit(parts: dict[str, npt.ArrayLike], least: float, most: float) -> None:
        sizes = {"kinds": k, "quotas": q, "strata": h, "away": k}
        rows.append(
            np.concatenate(
                [np.asarray(parts.get(n, np.zeros(m)), dtype=np.float64) for n, m in sizes.items()]
            )
        )
        low.append(least)
        high.append(most)

    for number, size in enumerate(frame.sizes):
        limit({"kinds": kinds[:, 0] == number, "strata": np.eye(h)[number]}, size, size)
    for n, least in enumerate(frame.quotas.values()):
        limit({"kinds": kinds[:, 1 + n], "quotas": np.eye(q)[n]}, least, np.inf)
    for n in range(k):
        # One-sided: cases above what chance drew in one kind are matched by cases below it in another.
        limit({"kinds": np.eye(k)[n], "away": np.eye(k)[n]}, float(seen[n]), np.inf)
    if frame.manager is not None and frame.cap is not None:
        for manager in np.unique(kinds[:, -1]):
            limit({"kinds": kinds[:, -1] == manager}, 0, frame.cap)
    from scipy.optimize import Bounds, LinearConstraint, milp

    free = q + h + k
    bounds = Bounds(np.zeros(k + free), np.concatenate([members, np.full(free, np.inf)]))
    whole = np.concatenate([np.ones(k), np.zeros(free)])
    solved = milp(
        cost,
        constraints=LinearConstraint(np.array(rows, dtype=np.float64), low, high),
        bounds=bounds,
        integrality=whole,
    )
    # The solver returns whole numbers as floats that are off by its tolerance.
    return None if solved.x is None else np.rint(solved.x[:k]).astype(np.int64)
