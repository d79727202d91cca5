"""How scores vary: each case's residual from the shares, added up per group as `clustered` needs it.

A score is a weighted mean of shares, its weights as `scores` applied them. Sections and the overall
score are means of criteria, so that only criteria and threads need a pass over the answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scrutineer.fieldwork.cases.codes import ABOVE, RELEVANT, Codes
from scrutineer.scoring.scores import Score
from scrutineer.scoring.tally import Mask, Tally, split_into_parts, stack
from scrutineer.statistics.clustered import Residuals

Bits = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Look = Callable[[slice], tuple[Bits, Bits]]
"""What of some cases is above the line and what is relevant, questions × cases."""

_BLOCK = 1_500
"""Cases at a time. Rows whose length is a power of two would lie on top of each other in the processor's cache."""

_MANY = 2_000_000
"""Answers from which single precision is used: sums are then right to five digits, and twice as fast."""


@dataclass(frozen=True)
class Weighting:
    """Sampling weights and strata, one per case."""

    weights: Floats
    stratum: npt.NDArray[np.intp]
    sampled: Floats

    @property
    def strata(self) -> int:
        """How many strata there are."""
        return len(self.sampled)


def calculate_coefficients(scores: Sequence[Score], questions: Sequence[str]) -> Floats:
    """How much of each score the share of each question makes.

    Returns:
        Scores × questions; a row adds to 1, or to 0 if there is no score.
    """
    place = {key: n for n, key in enumerate(questions)}
    coefficients = np.zeros((len(scores), len(questions)))
    for row, score in zip(coefficients, scores, strict=True):
        whole = float(sum(weight for _, weight in score.counted))
        for key, weight in score.counted:
            row[place[key]] = float(weight) / whole
    return coefficients


def spread(
    codes: Codes, groups: Mapping[str, Mask], tally: Tally, shares: Floats, single: bool | None = None
) -> list[Residuals]:
    """The residuals of every group's scores, added up over its cases.

    Args:
        codes: cases × questions.
        groups: members of each group.
        tally: the counts of the same groups.
        shares: groups × scores × questions, from `calculate_coefficients`.
        single: single precision; by default where there are many answers.
    """
    members = stack(groups, len(codes))
    kind = np.float32 if (codes.size > _MANY if single is None else single) else np.float64
    plan = SpreadPlan(tally, shares, kind)
    return plan.finish(plan.multiply(codes, members))


def _shift(codes: Codes, bits: int) -> Bits:
    return (codes >> np.uint8(bits)).T


class SpreadPlan:
    """The matrices that turn a block of answers into residuals: per score only the questions in it."""

    def __init__(self, tally: Tally, shares: Floats, kind: Any):
        above, relevant = tally.counts[0].astype(np.float64), tally.counts[1].astype(np.float64)
        whole = np.maximum(relevant, 1)
        # Times the group's cases, so that residuals are near one and single precision keeps its digits.
        per_answer = shares * (np.maximum(tally.cases, 1)[:, None] / whole)[:, None, :]
        # The linearised residual of Σ c·Y/R is Σ c·(y - share·r)/R: a part for answers above the line, a part for relevant ones.
        both = np.stack([per_answer, -per_answer * (above / whole)[:, None, :]], axis=-1)
        self.kind, self.questions, self.cases = kind, shares.shape[2], tally.cases
        self.columns = [np.flatnonzero(shares[:, s].any(axis=0)) for s in range(shares.shape[1])]
        self.coefficients = [
            np.ascontiguousarray(both[:, s, c].reshape(len(shares), -1), dtype=kind)
            for s, c in enumerate(self.columns)
        ]

    def multiply(self, codes: Codes, members: Mask) -> Floats:
        """Products of residuals, groups × scores × scores: those of parts add to those of the whole."""
        return self._multiply(
            lambda part: (_shift(codes[part], 7), _shift(codes[part], 6) & np.uint8(1)), members, len(codes)
        )

    def multiply_turned(self, above: Bits, relevant: Bits, members: Mask) -> Floats:
        """The same from what is above the line and what is relevant, questions × cases, 0 or 1, in this thread alone."""
        return self._run(lambda part: (above[:, part], relevant[:, part]), members, 0, above.shape[1])

    def _multiply(self, look: Look, members: Mask, cases: int) -> Floats:
        total = np.zeros((len(members), len(self.columns), len(self.columns)))
        for part in split_into_parts(cases, lambda first, last: self._run(look, members, first, last)):
            total += part
        return total

    def finish(self, total: Floats) -> list[Residuals]:
        """The residuals of every group, from products over all cases."""
        spreads = []
        for products, cases in zip(total, self.cases.tolist(), strict=True):
            residuals = Residuals(len(self.columns))
            residuals.cases[0] = cases
            # Undoes the scaling by the group's cases, twice, because products are of two residuals.
            residuals.products[0] = products / max(cases, 1) ** 2
            spreads.append(residuals)
        return spreads

    def _run(self, look: Look, members: Mask, first: int, last: int) -> Floats:
        """Products of residuals, groups × scores × scores, over cases from one to before another."""
        block = _Block(self, len(members))
        scores = len(self.columns)
        total = np.zeros((len(members), scores, scores))
        for start in range(first, last, _BLOCK):
            stop = min(start + _BLOCK, last)
            total += block.multiply(*look(slice(start, stop)), members[:, start:stop])
        return total


class _Block:
    """The memory in which one block of answers after another is worked on.

    Fresh memory for every step would be fetched from the system, and two threads that fetch it wait for each other.
    """

    def __init__(self, plan: SpreadPlan, groups: int):
        most = max((len(columns) for columns in plan.columns), default=0)
        self._plan = plan
        self._answers = np.empty((plan.questions, 2, _BLOCK), dtype=plan.kind)
        self._picked = np.empty((most, 2, _BLOCK), dtype=plan.kind)
        self._members = np.empty((groups, _BLOCK), dtype=plan.kind)
        self._residuals = np.empty((groups, len(plan.columns), _BLOCK), dtype=plan.kind)

    def multiply(self, above: Bits, relevant: Bits, members: Mask) -> Floats:
        """Products of the residuals of a block's cases, groups × scores × scores."""
        cases = above.shape[1]
        answers, residuals = self._answers[:, :, :cases], self._residuals[:, :, :cases]
        answers[:, 0], answers[:, 1] = above, relevant
        for n, (columns, coefficients) in enumerate(
            zip(self._plan.columns, self._plan.coefficients, strict=True)
        ):
            np.matmul(coefficients, self._pick(columns, cases), out=residuals[:, n])
        inside = self._members[:, :cases]
        inside[:] = members
        # Cases outside a group have a residual of zero there, so they add nothing to its variance.
        residuals *= inside[:, None]
        return np.asarray(residuals @ residuals.transpose(0, 2, 1))

    def _pick(self, columns: npt.NDArray[np.intp], cases: int) -> Floats:
        """The answers to some questions, a row each for being above the line and for being relevant."""
        if len(columns) and columns[-1] - columns[0] + 1 == len(columns):  # neighbours: no copy is needed
            picked = self._answers[int(columns[0]) : int(columns[-1]) + 1]
        else:
            picked = self._picked[: len(columns)]
            np.take(self._answers, columns, axis=0, out=picked, mode="clip")
        return picked.reshape(2 * len(columns), _BLOCK)[:, :cases]


def calculate_weighted_totals(codes: Codes, members: Mask, weights: Floats) -> tuple[Floats, Floats]:
    """Weighted cases above the line and weighted relevant cases, groups × questions."""
    # Horvitz and Thompson's totals; their ratio is the weighted share (Hájek 1971).
    weighted = members * weights
    return weighted @ (codes & ABOVE != 0), weighted @ (codes & RELEVANT != 0)


def calculate_weighted_spread(
    codes: Codes, member: Mask, totals: tuple[Floats, Floats], shares: Floats, weighting: Weighting
) -> Residuals:
    """The residuals of one group's weighted scores, stratum by stratum.

    Args:
        codes: cases × questions.
        member: the members of the group.
        totals: its weighted totals, above the line and relevant, by question.
        shares: scores × questions.
        weighting: of all cases.
    """
    above, relevant = totals
    whole = np.where(relevant > 0, relevant, 1)
    own = codes[member]
    # The same linearised residual as in `SpreadPlan`, for one group and with weights; each case's own weight follows below.
    left = ((own & ABOVE != 0) - (own & RELEVANT != 0) * (above / whole)) @ (shares / whole).T
    residuals = Residuals(len(shares), weighting.strata)
    residuals.add(left * weighting.weights[member][:, None], weighting.stratum[member])
    return residuals
