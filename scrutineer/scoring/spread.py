"""How scores vary: each case's residual from the shares, added up per group as `clustered` needs it.

A score is a weighted mean of shares, its weights as `scores` applied them. Sections and the overall
score are means of criteria, so that only criteria and threads need a pass over the answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scrutineer.fieldwork.cases.codes import ABOVE, RELEVANT, Codes
from scrutineer.scoring.scores import Score
from scrutineer.scoring.tally import Mask, Tally, split_into_parts, stack
from scrutineer.statistics.clustered import Residuals

Floats = npt.NDArray[np.float64]

_BLOCK = 2048
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
    plan = _Plan(tally, shares, kind)
    total = np.zeros((len(members), shares.shape[1], shares.shape[1]))
    for part in split_into_parts(len(codes), lambda first, last: plan.run(codes, members, first, last)):
        total += part
    spreads = []
    for products, cases in zip(total, tally.cases.tolist(), strict=True):
        residuals = Residuals(shares.shape[1])
        residuals.cases[0] = cases
        # Undoes the scaling by the group's cases, twice, because products are of two residuals.
        residuals.products[0] = products / max(cases, 1) ** 2
        spreads.append(residuals)
    return spreads


def _run(columns: npt.NDArray[np.intp]) -> npt.NDArray[np.intp] | slice:
    """Columns as a slice if they are contiguous, so that no copy is made of them."""
    if len(columns) and columns[-1] - columns[0] + 1 == len(columns):
        return slice(int(columns[0]), int(columns[-1]) + 1)
    return columns


class _Plan:
    """The matrices that turn a block of answers into residuals: per score only the questions in it."""

    def __init__(self, tally: Tally, shares: Floats, kind: Any):
        above, relevant = tally.counts[0].astype(np.float64), tally.counts[1].astype(np.float64)
        whole = np.maximum(relevant, 1)
        # Times the group's cases, so that residuals are near one and single precision keeps its digits.
        per_answer = shares * (np.maximum(tally.cases, 1)[:, None] / whole)[:, None, :]
        self.kind = kind
        self.columns = [_run(np.flatnonzero(shares[:, s].any(axis=0))) for s in range(shares.shape[1])]
        self.of_above = [
            np.ascontiguousarray(per_answer[:, s, c], dtype=kind) for s, c in enumerate(self.columns)
        ]
        self.of_relevant = [
            np.ascontiguousarray(-(per_answer[:, s, c] * (above / whole)[:, c]), dtype=kind)
            for s, c in enumerate(self.columns)
        ]

    def run(self, codes: Codes, members: Mask, first: int, last: int) -> Floats:
        """Products of residuals, groups × scores × scores, over cases from one to before another."""
        scores, groups = len(self.columns), len(members)
        total = np.zeros((groups, scores, scores))
        z = np.empty((scores, groups, _BLOCK), dtype=self.kind)
        for start in range(first, last, _BLOCK):
            stop = min(start + _BLOCK, last)
            block = np.ascontiguousarray(codes[start:stop].T)
            above, relevant = (block >> 7).astype(self.kind), ((block >> 6) & 1).astype(self.kind)
            here = z[:, :, : stop - start]
            # The linearised residual of Σ c·Y/R is Σ c·(y - share·r)/R: a part for answers above the line, a part for relevant ones.
            for s, columns in enumerate(self.columns):
                here[s] = self.of_above[s] @ above[columns]
                here[s] += self.of_relevant[s] @ relevant[columns]
            # Cases outside a group have a residual of zero there, so they add nothing to its variance.
            here *= members[:, start:stop].astype(self.kind)
            for g in range(groups):
                total[g] += here[:, g] @ here[:, g].T
        return total


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
    # The same linearised residual as in `_Plan`, for one group and with weights; each case's own weight follows below.
    left = ((own & ABOVE != 0) - (own & RELEVANT != 0) * (above / whole)) @ (shares / whole).T
    residuals = Residuals(len(shares), weighting.strata)
    residuals.add(left * weighting.weights[member][:, None], weighting.stratum[member])
    return residuals
