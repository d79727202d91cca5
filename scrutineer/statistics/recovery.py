"""Whether a withheld number can be worked out from the published ones, by integer programming.

`suppression` keeps linear ranges wide; counts are whole numbers, and a question has two that bear on each other (above the
line, relevant). Before results are released it is therefore tried once more to work out each withheld one, as an intruder
would: its least and greatest value are looked for among whole numbers that agree with everything that is published
(Fischetti and Salazar 2001, *Management Science* 47:1008-1027). What cannot be decided counts as worked out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SECONDS = 2.0
"""As long as one programme may take; what is not solved then counts as worked out."""


def find_worked_out(
    parts: Mask, above: Ints, relevant: Ints, hidden: Mask, targets: Sequence[int], sizes: Floats
) -> tuple[int, ...]:
    """Which withheld sums of relevant cases have but one value that agrees with what is published.

    Args:
        parts: sums × atoms, true where an atom (cases that no sum distinguishes) is part of a sum.
        above: the cases above the line of each atom.
        relevant: the relevant cases of each atom.
        hidden: which sums are withheld, both of their numbers.
        targets: the withheld sums that matter, by place.
        sizes: how many cases of each sum are known to be there at all; not a number where that isn't known.
    """
    seen = parts[~hidden]
    return tuple(
        n
        for n in targets
        if not _has_other_by_a_move(parts, relevant, seen, n, sizes)
        and not _has_other_by_search(parts, (above, relevant), hidden, n, sizes)
    )


def _has_other_by_a_move(parts: Mask, relevant: Ints, seen: Mask, target: int, sizes: Floats) -> bool:
    """Whether one case put elsewhere changes the sum and nothing that is published: a proof that needs no programme.

    Two atoms that lie in the same published sums can give each other cases. A case takes its answer along.
    """
    inside = parts[target]
    # Published sums stay the same by themselves, because both atoms are in the same ones.
    totals = parts @ relevant
    limited = ~np.isnan(sizes)
    for column in np.flatnonzero(relevant > 0).tolist():
        alike = (seen == seen[:, [column]]).all(axis=0)
        for other in np.flatnonzero(alike & (inside != inside[column])).tolist():
            moved = totals - parts[:, column] + parts[:, other]
            if not (moved[limited] > sizes[limited]).any():
                return True
    return False


def _has_other_by_search(
    parts: Mask, counts: tuple[Ints, Ints], hidden: Mask, target: int, sizes: Floats
) -> bool:
    """Whether whole numbers of another total agree with everything published."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    above, relevant = counts
    atoms = parts.shape[1]
    whole, none = parts.astype(np.float64), np.zeros(parts.shape)
    seen, limited = ~hidden, ~np.isnan(sizes)
    limits = [
        # What is published of both numbers; no more above than relevant in any atom; no more relevant than there are.
        LinearConstraint(np.hstack([whole[seen], none[seen]]), *_calculate_exactly(parts[seen] @ above)),
        LinearConstraint(np.hstack([none[seen], whole[seen]]), *_calculate_exactly(parts[seen] @ relevant)),
        LinearConstraint(np.hstack([-np.eye(atoms), np.eye(atoms)]), 0, np.inf),
        LinearConstraint(np.hstack([none[limited], whole[limited]]), 0, sizes[limited]),
    ]
    # The unknowns are the numbers above the line of each atom, then the
    # relevant ones. Only those are asked for.
    aim = np.concatenate([np.zeros(atoms), parts[target].astype(np.float64)])
    true = int(parts[target] @ relevant)
    for sign in (1.0, -1.0):
        solved = milp(
            sign * aim,
            constraints=[c for c in limits if np.asarray(c.A).size],
            bounds=Bounds(0, np.inf),
            integrality=np.ones(2 * atoms),
            options={"time_limit": SECONDS},
        )
        if solved.status == 3:  # without a bound: any greater number agrees
            return True
        # Any solution will do, best or not: one other number that agrees is
        # enough for an intruder to be unsure.
        if solved.x is not None and round(float(aim @ solved.x)) != true:
            return True
    return False


def _calculate_exactly(values: Ints) -> tuple[Floats, Floats]:
    exact = values.astype(np.float64)
    return exact, exact
