"""The probability with which each eligible case is drawn, and the weight that follows.

Exact where a formula is known: without quotas and cap, n ÷ N of the stratum; with one quota and one
stratum, from the hypergeometric number of the group's cases that chance brings. Otherwise the
draw is made again many times with other orders, and cases alike in everything that the draw looks at
share the mean (Fattorini 2006, Biometrika 93:269-278, who counts the draw itself among them).

Every probability is a fraction of whole numbers: it lies within 0 to 1, and all together add to the sample's
size, because both follow from counting and not from rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import comb, sqrt

import numpy as np
import numpy.typing as npt

from scrutineer.fieldwork.sampling.draw import Draw, Frame, draw
from scrutineer.fieldwork.sampling.shortfall import find_least_shortfall

Floats = npt.NDArray[np.float64]
Kinds = npt.NDArray[np.int64] | npt.NDArray[np.bool_]
REPEATS = 1000


@dataclass(frozen=True)
class Probabilities:
    """The probability of inclusion of every eligible case.

    Attributes:
        of_kind: by kind, the probability of each of its cases: exact, from 0 to 1.
        members: by kind, how many cases it has.
        kind: the kind of each eligible case, shape (cases,).
        source: how they were worked out, 'exact' or 'from 1000 repeated draws', then with their standard error at most.
    """

    of_kind: tuple[Fraction, ...]
    members: tuple[int, ...]
    kind: Kinds
    source: str

    def find(self, place: int) -> float:
        """The probability of an eligible case as the nearest float, which stays within 0 to 1."""
        return self._floats[int(self.kind[place])]

    def to_floats(self) -> Floats:
        """The same of every eligible case."""
        return np.array(self._floats, dtype=np.float64)[self.kind.astype(np.int64)]

    @cached_property
    def _floats(self) -> tuple[float, ...]:
        return tuple(float(p) for p in self.of_kind)

    @property
    def total(self) -> Fraction:
        """What the probabilities of all eligible cases add to: the size of the sample."""
        return sum((p * n for p, n in zip(self.of_kind, self.members, strict=True)), Fraction(0))


def make_probabilities(
    frame: Frame, seed: int, drawn: Draw, progress: Callable[[float], None] = lambda _: None
) -> Probabilities:
    """The probability of inclusion of every eligible case.

    Args:
        frame: what the draw looks at.
        seed: for the repeated draws, so that a replay gives the same.
        drawn: the sample itself.
        progress: called with the share of the work that is done.
    """
    # Within a stratum every case has the same chance, because the order is random.
    if not frame.quotas and frame.cap is None:
        shares = [
            Fraction(size, n) if n else Fraction(0)
            for size, n in zip(frame.sizes, frame.members, strict=True)
        ]
        return Probabilities(tuple(shares), frame.members, frame.stratum, "exact")
    if len(frame.quotas) == 1 and len(frame.sizes) == 1 and frame.cap is None:
        (group,) = frame.quotas
        inside = frame.groups[group]
        cases, within = len(inside), int(inside.sum())
        chances = calculate_inclusion(cases, within, frame.sizes[0], frame.quotas[group])
        return Probabilities(chances, (cases - within, within), inside, "exact")
    return _repeat(frame, seed, drawn, progress)


def calculate_inclusion(cases: int, of_group: int, size: int, quota: int) -> tuple[Fraction, Fraction]:
    """The probability of inclusion outside and inside a group with a quota.

    The draw holds max(least, H) of the group's cases, with H hypergeometric and `least` the quota as far as the
    group and the sample allow: E[max(least, H)] = E[H] + Σ_{k < least} (least - k) P(H = k).

    Args:
        cases: eligible cases.
        of_group: how many of them belong to the group.
        size: of the sample, at most `cases`.
        quota: the least number of the group's cases.
    """
    outside = cases - of_group
    # The quota can't ask for more than the group or the sample has, and if the other cases don't fill the sample,
    # the group must supply the rest.
    least = max(min(quota, of_group, size), size - outside)
    first = max(0, size - outside)
    # Whole numbers throughout: binomial coefficients of thousands of cases exceed the range of floats.
    lacking, ways = 0, comb(of_group, first) * comb(outside, size - first)
    for k in range(first, least):
        lacking += (least - k) * ways
        # From C(K, k) C(N-K, n-k) to the next k: the division leaves no rest.
        ways = ways * (of_group - k) * (size - k) // ((k + 1) * (outside - size + k + 1))
    mean = Fraction(size * of_group, cases) + Fraction(lacking, comb(cases, size))
    return (
        (size - mean) / outside if outside else Fraction(0),
        mean / of_group if of_group else Fraction(0),
    )


def _repeat(frame: Frame, seed: int, drawn: Draw, progress: Callable[[float], None]) -> Probabilities:
    """Mean inclusion over the draw and its repetitions, shared by cases that the draw cannot distinguish."""
    kinds = _make_kinds(frame)
    # The cases are first put in order of their kinds, so that the order of rows does not matter.
    # Otherwise the same caseload in another row order would get other probabilities from the same seed.
    sorted_by_kind = np.argsort(kinds, kind="stable")
    sorted_kinds, alike = kinds[sorted_by_kind], _rearrange(frame, sorted_by_kind)
    generator = np.random.Generator(np.random.PCG64(seed))
    members = np.bincount(kinds)
    # The draw itself counts as one repetition, so no case that was drawn can have a probability of zero.
    hits = np.bincount(kinds[drawn.taken], minlength=len(members))
    for n in range(REPEATS):
        order = generator.permutation(len(kinds))
        again = draw(alike, order)
        if _count_lacking(again.unfilled) > _count_lacking(drawn.unfilled) or _count_lacking(
            again.short
        ) > _count_lacking(drawn.short):
            # The real draw was improved where it could be, so a repetition that falls short of it must be improved in the same way.
            again = find_least_shortfall(alike, order, again)
        hits += np.bincount(sorted_kinds[again.taken], minlength=len(hits))
        if n % 25 == 0:
            progress(n / REPEATS)
    shares = [Fraction(h, (REPEATS + 1) * m) for h, m in zip(hits.tolist(), members.tolist(), strict=True)]
    # Cases of one kind share their hits, so the true error is smaller; this is the most that it can be.
    error = max(sqrt(p * (1 - p) / (REPEATS + 1)) for p in shares)
    return Probabilities(
        tuple(shares),
        tuple(members.tolist()),
        kinds,
        f"from {REPEATS} repeated draws, standard error at most {error:.3f}",
    )


def _count_lacking(missing: Mapping[str, int] | Mapping[int, int]) -> int:
    return sum(missing.values())


def _rearrange(frame: Frame, order: npt.NDArray[np.intp]) -> Frame:
    """The same cases in another order."""
    groups = {name: members[order] for name, members in frame.groups.items()}
    manager = None if frame.manager is None else frame.manager[order]
    return Frame(
        stratum=frame.stratum[order],
        sizes=frame.sizes,
        groups=groups,
        quotas=frame.quotas,
        manager=manager,
        cap=frame.cap,
    )


def _make_kinds(frame: Frame) -> Kinds:
    """A number for each combination of what the draw looks at."""
    parts = [frame.stratum, *(frame.groups[g] for g in frame.quotas)]
    if frame.manager is not None:
        parts.append(frame.manager)
    rows = np.column_stack([np.asarray(part, dtype=np.int64) for part in parts])
    return np.asarray(np.unique(rows, axis=0, return_inverse=True)[1], dtype=np.int64).reshape(-1)
