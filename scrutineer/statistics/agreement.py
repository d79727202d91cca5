"""How far two readers of the same cases agree on one question, beyond what chance would give.

Assessments are category numbers 0, 1, …: first the steps of the scale in their order, then answers that are not a step (not enough
evidence, not applicable). Coefficients that take distances look at the steps alone. A pair in which either reader gave none
is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import krippendorff
import numpy as np
import numpy.typing as npt

from scrutineer.statistics.binomial import CONFIDENCE, calculate_wilson, find_quantile

Floats = npt.NDArray[np.float64]
Weighting = Literal["none", "linear", "quadratic"]
Category = int | None


@dataclass(frozen=True)
class Agreement:
    """Agreement between two readers on one question.

    Attributes:
        pairs: cases that both read.
        same: how many of them were given the same category.
        percent: their share, 0 to 1, with the ends of Wilson's interval; None if there is no pair.
        kappa: Cohen's kappa with linear weights over the steps of the scale, of the cases that both judged; None if
            chance alone gives full agreement.
        ac1: Gwet's AC1 over all categories, with the ends of its interval; None if there is no pair.
        alpha: Krippendorff's alpha over the steps in their order; None if all of those assessments are the same.
        judged: Cohen's kappa of whether the question was judged, not applicable, or lacked evidence; None if chance
            alone gives full agreement, as where both always judged it.
    """

    pairs: int
    same: int
    percent: tuple[float, float, float] | None
    kappa: float | None
    ac1: tuple[float, float, float] | None
    alpha: float | None
    judged: float | None = None


def make_agreement(
    first: Sequence[Category], second: Sequence[Category], categories: int, ordered: int | None = None
) -> Agreement:
    """All measures of agreement of two readers over the same cases.

    Args:
        first: a category per case; None if there is no answer.
        second: the same of the other reader.
        categories: how many there are.
        ordered: how many of them, from the first on, are steps of the scale; all where None.

    Raises:
        ValueError: assessments of different length, or a category outside the scale.
    """
    table = calculate_cross(first, second, categories)
    pairs, same = int(table.sum()), int(np.trace(table))
    if not pairs:
        return Agreement(pairs=0, same=0, percent=None, kappa=None, ac1=None, alpha=None)
    steps = categories if ordered is None else ordered
    low, high = calculate_wilson(same, pairs)
    return Agreement(
        pairs=pairs,
        same=same,
        percent=(same / pairs, float(low), float(high)),
        kappa=calculate_weighted_kappa(table[:steps, :steps], "linear"),
        ac1=calculate_ac1_interval(table),
        alpha=calculate_alpha(
            [[r if r is not None and r < steps else None for r in reader] for reader in (first, second)],
            "ordinal",
        ),
        judged=calculate_weighted_kappa(weigh_judged(table, steps)) if steps < categories else None,
    )


def weigh_judged(table: Floats, steps: int) -> Floats:
    """A cross table with all steps of the scale as one category."""
    into = np.zeros((len(table), len(table) - steps + 1))
    into[:steps, 0] = 1
    into[np.arange(steps, len(table)), np.arange(1, into.shape[1])] = 1
    return np.asarray(into.T @ table @ into, dtype=np.float64)


def calculate_cross(first: Sequence[Category], second: Sequence[Category], categories: int) -> Floats:
    """How often each pair of categories was given: a row per category of the first reader.

    Raises:
        ValueError: assessments of different length, or a category outside the scale.
    """
    table = np.zeros((categories, categories))
    for a, b in zip(first, second, strict=True):
        if a is None or b is None:
            continue
        if not (0 <= a < categories and 0 <= b < categories):
            raise ValueError(f"categories {a} and {b} are not between 0 and {categories - 1}")
        table[a, b] += 1
    return table


def calculate_agreement_credits(categories: int, weighting: Weighting) -> Floats:
    """What a pair of categories counts as agreement: 1 for the same, less the further apart."""
    if weighting == "none" or categories < 2:
        return np.eye(categories)
    places = np.arange(categories)
    apart = np.abs(places[:, None] - places[None, :]) / (categories - 1)
    return np.asarray(1 - (apart if weighting == "linear" else apart**2), dtype=np.float64)


def calculate_weighted_kappa(table: Floats, weighting: Weighting = "none") -> float | None:
    """Cohen's kappa (1960; weighted 1968, Psychological Bulletin 70:213-220): (p₀ - pₑ) ÷ (1 - pₑ).

    Returns:
        None if no pair was read, or where chance alone gives full agreement.
    """
    n = table.sum()
    if not n:
        return None
    credit, p = calculate_agreement_credits(len(table), weighting), table / n
    seen = float((credit * p).sum())
    chance = float((credit * np.outer(p.sum(axis=1), p.sum(axis=0))).sum())
    # If both assessors always gave one and the same answer, chance explains it all and kappa is 0 ÷ 0.
    return None if chance >= 1 else (seen - chance) / (1 - chance)


def calculate_gwet(table: Floats, weighting: Weighting = "none") -> float | None:
    """Gwet's AC1, or AC2 with weights (2008, BJMSP 61:29-48): chance is Σ π(1-π) ÷ (q-1), times Σw ÷ q.

    Returns:
        None if no pair was read.
    """
    n, q = table.sum(), len(table)
    if not n or q < 2:
        return None
    credit = calculate_agreement_credits(q, weighting)
    share = (table.sum(axis=1) + table.sum(axis=0)) / (2 * n)
    # Gwet takes chance from how varied the answers are, so that AC1 stays high where nearly all are alike and kappa falls to 0.
    chance = float(credit.sum() / (q * (q - 1)) * (share * (1 - share)).sum())
    return (float((credit * table).sum() / n) - chance) / (1 - chance)


def calculate_ac1_interval(
    table: Floats, confidence: float = CONFIDENCE
) -> tuple[float, float, float] | None:
    """Gwet's AC1 with an interval from the variance of its case-by-case parts (Gwet 2008, equation 30).

    Returns:
        The coefficient and the ends of its interval, cut at -1 and 1; None if no pair was read.
    """
    value = calculate_gwet(table)
    n, q = float(table.sum()), len(table)
    if value is None:
        return None
    # One case has no variance; the widest interval says that nothing is known.
    if n < 2:
        return value, -1.0, 1.0
    share = (table.sum(axis=1) + table.sum(axis=0)) / (2 * n)
    chance = float((share * (1 - share)).sum() / (q - 1))
    same = np.eye(q)
    # The shares are estimated from the same cases; this term carries their uncertainty into the variance.
    drift = 1 - (share[:, None] + share[None, :]) / 2
    part = (same - chance) / (1 - chance) - 2 * (1 - value) * (drift / (q - 1) - chance) / (1 - chance)
    variance = float((table * (part - value) ** 2).sum()) / (n * (n - 1))
    half = find_quantile(confidence, n - 1) * sqrt(variance)
    return value, max(value - half, -1.0), min(value + half, 1.0)


def calculate_alpha(
    assessments: Sequence[Sequence[Category]], level: Literal["nominal", "ordinal"]
) -> float | None:
    """Krippendorff's alpha over any number of readers with gaps, by the library of that name.

    Krippendorff (2019), *Content Analysis*, 4th ed., chapter 12.

    Returns:
        None if fewer than two different categories were given: nothing can disagree.
    """
    data = np.array([[np.nan if r is None else float(r) for r in reader] for reader in assessments])
    # The library raises an error if all values are the same, and values of cases with one assessment do not count.
    paired = data[:, (~np.isnan(data)).sum(axis=0) > 1]
    if len(np.unique(paired[~np.isnan(paired)])) < 2:
        return None
    return float(krippendorff.alpha(reliability_data=data, level_of_measurement=level))
