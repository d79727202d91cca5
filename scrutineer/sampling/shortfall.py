"""The least by which quotas can fall short, and how many cases of each kind that takes.

The draw brings in cases one at a time and can get stuck where quotas overlap. Where it leaves a
quota short, this integer programme says whether it had to.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp

from scrutineer.sampling.draw import Draw, Frame, Places

Rows = npt.NDArray[np.int64]


def least_shortfall(frame: Frame, order: Places, drawn: Draw) -> Draw:
    """The draw as it stands where its quotas cannot be met better; otherwise one that meets them best.

    Args:
        frame: what the draw looks at.
        order: the random order; cases of one kind are taken in it.
        drawn: the draw that left a quota short.
    """
    kinds, kind_of = _kinds(frame)
    wanted = _programme(frame, kinds, np.bincount(kind_of, minlength=len(kinds)), drawn, kind_of)
    if wanted is None:
        return drawn
    room, taken = wanted.tolist(), list[int]()
    for place in order.tolist():
        if room[kind_of[place]] > 0:
            taken.append(place)
            room[kind_of[place]] -= 1
    have = {g: int(frame.groups[g][taken].sum()) for g in frame.quotas}
    short = {g: n - have[g] for g, n in frame.quotas.items() if have[g] < n}
    if sum(short.values()) >= sum(drawn.short.values()):
        return drawn
    swapped = len(set(taken) - set(drawn.taken)) + drawn.swapped
    return Draw(taken, swapped, short, drawn.unfilled)


def _kinds(frame: Frame) -> tuple[Rows, Rows]:
    parts = [frame.stratum, *(frame.groups[g] for g in frame.quotas)]
    if frame.manager is not None:
        parts.append(frame.manager)
    rows = np.column_stack([np.asarray(part, dtype=np.int64) for part in parts])
    kinds, kind_of = np.unique(rows, axis=0, return_inverse=True)
    return kinds, np.asarray(kind_of, dtype=np.int64).reshape(-1)


def _programme(frame: Frame, kinds: Rows, members: Rows, drawn: Draw, kind_of: Rows) -> Rows | None:
    """Cases of each kind: least shortfall first, then as near as can be to what chance drew."""
    k, q = len(kinds), len(frame.quotas)
    seen = np.bincount(kind_of[drawn.taken], minlength=k)
    # Unknowns: cases of each kind, the shortfall of each quota, and the distance of each kind from chance.
    cost = np.concatenate([np.zeros(k), np.full(q, 1000.0 * (1 + sum(frame.sizes))), np.ones(k)])
    rows, low, high = list[npt.NDArray[np.float64]](), list[float](), list[float]()

    def limit(row: npt.NDArray[np.float64], least: float, most: float) -> None:
        rows.append(row)
        low.append(least)
        high.append(most)

    for h, size in enumerate(frame.sizes):
        got = size - drawn.unfilled.get(h, 0)
        limit(np.concatenate([kinds[:, 0] == h, np.zeros(q + k)]), got, got)
    for n, (group, least) in enumerate(frame.quotas.items()):
        limit(np.concatenate([kinds[:, 1 + n], np.eye(q)[n], np.zeros(k)]), least, np.inf)
        del group
    for n in range(k):
        unit = np.eye(k)[n]
        limit(np.concatenate([unit, np.zeros(q), unit]), float(seen[n]), np.inf)
    if frame.manager is not None and frame.cap is not None:
        for manager in np.unique(kinds[:, -1]):
            limit(np.concatenate([kinds[:, -1] == manager, np.zeros(q + k)]), 0, frame.cap)
    bounds = Bounds(np.zeros(k + q + k), np.concatenate([members, np.full(q + k, np.inf)]))
    whole = np.concatenate([np.ones(k), np.zeros(q + k)])
    solved = milp(
        cost,
        constraints=LinearConstraint(np.array(rows, dtype=np.float64), low, high),
        bounds=bounds,
        integrality=whole,
    )
    return None if solved.x is None else np.rint(solved.x[:k]).astype(np.int64)
