"""Agreement of two assessments over many questions: each coefficient a mean over questions, its interval by resampling cases.

Put into one table, questions that differ make readers look as if they agreed: both say yes to easy ones and no to hard ones.
So each question is calculated by itself, and what is seen and what chance gives are added up over questions, each by its
pairs (Barlow, Lai and Azen 1991, *Statistics in Medicine* 10:1465-1472). Answers to one case go together: intervals
resample cases, not answers (Efron and Tibshirani 1993, *An Introduction to the Bootstrap*, chapter 13), with percentiles
widened as few cases need it (Hesterberg 2015, *The American Statistician* 69:371-386).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtrit

from scrutineer.statistics.agreement import Category
from scrutineer.statistics.binomial import CONFIDENCE

Floats = npt.NDArray[np.float64]
Told = tuple[float, float | None, float | None]
"""A coefficient and the ends of its interval; the ends None of fewer cases than `AT_LEAST`."""

AT_LEAST = 5
"""The fewest cases for which an interval is shown."""

DRAWS = 499
SEED = 20_260_102
"""Of the resampled cases: the same assessments always give the same interval."""


@dataclass(frozen=True)
class PairedAnswers:
    """Both assessments of one question, a category per case.

    Attributes:
        first: by the first reader; None if there is no answer.
        second: by the second.
        ordered: how many categories are the steps of the scale, from 0 on.
        categories: how many there are with those that are none: no evidence, not applicable.
    """

    first: Sequence[Category]
    second: Sequence[Category]
    ordered: int
    categories: int


@dataclass(frozen=True)
class Pooled:
    """Agreement over questions; each coefficient None if it could not be estimated.

    Attributes:
        pairs: answers that both readers gave.
        same: how many of them were the same.
        percent: their share.
        ac1: Gwet's AC1 over all categories: agreement beyond what readers who guess would reach.
        kappa: Cohen's kappa with linear weights over the steps of the scale, where both judged: agreement beyond what
            each reader's own habits would give.
        alpha: Krippendorff's alpha over the same steps in their order: how well one assessment can replace another.
        judged: Cohen's kappa of whether a question could be judged at all, was not applicable, or lacked evidence.
    """

    pairs: int
    same: int
    percent: Told | None
    ac1: Told | None
    kappa: Told | None
    alpha: Told | None
    judged: Told | None


def pool(questions: Sequence[PairedAnswers], confidence: float = CONFIDENCE) -> Pooled:
    """Agreement of two assessments over several questions of the same cases.

    Args:
        questions: each with as many cases.
        confidence: of the intervals.
    """
    cases = len(questions[0].first) if questions else 0
    asked = [q for q in questions if _calculate_both(q).any()]
    if not asked:
        return Pooled(pairs=0, same=0, percent=None, ac1=None, kappa=None, alpha=None, judged=None)
    # Whole cases are resampled, because answers about one case go together; resampling answers would overstate certainty.
    weights = _resample(cases)
    parts = np.zeros((5, 2, len(weights)))
    for question in asked:
        tables = _calculate_tables(question, weights)
        for n, (above, below) in enumerate(_list_coefficients(tables, question.ordered)):
            # Numerators and denominators are added before dividing, so a question with more pairs counts for more.
            parts[n, 0] += above
            parts[n, 1] += below
    # Resampling very few cases mostly draws the same ones again, and the interval would look far too certain.
    counted = cases if cases >= AT_LEAST else 0
    units = [_make_told(above, below, counted, confidence) for above, below in parts]
    pairs, same = int(parts[0, 1, 0]), int(parts[0, 0, 0])
    return Pooled(pairs, same, *units)


def _calculate_both(question: PairedAnswers) -> npt.NDArray[np.bool_]:
    return np.array(
        [a is not None and b is not None for a, b in zip(question.first, question.second, strict=True)],
        dtype=np.bool_,
    )


def _resample(cases: int) -> Floats:
    """How often each case counts: once each in the first row, then as drawn with replacement."""
    if cases < AT_LEAST:
        return np.ones((1, cases))
    generator = np.random.Generator(np.random.PCG64(SEED))
    drawn = generator.multinomial(cases, np.full(cases, 1 / cases), size=DRAWS)
    return np.vstack([np.ones(cases), drawn])


def _calculate_tables(question: PairedAnswers, weights: Floats) -> Floats:
    """The cross table of both assessments under each weighting: weightings × categories × categories."""
    k, both = question.categories, _calculate_both(question)
    flat = np.array(
        [
            a * k + b if a is not None and b is not None else 0
            for a, b in zip(question.first, question.second, strict=True)
        ],
        dtype=np.intp,
    )
    # One cell per case, so that all resampled tables come from a single matrix product.
    cells = np.zeros((len(both), k * k))
    cells[np.flatnonzero(both), flat[both]] = 1
    tables_of: Floats = (weights @ cells).reshape(len(weights), k, k)
    return tables_of


def _list_coefficients(tables: Floats, ordered: int) -> tuple[tuple[Floats, Floats], ...]:
    """Of each coefficient what is added up over questions, above and below the line of the fraction."""
    n = tables.sum(axis=(1, 2))
    same = np.einsum("bii->b", tables)
    steps = tables[:, :ordered, :ordered]
    return (
        (same, n),
        _calculate_gwet(tables, n, same),
        _calculate_kappa(steps, 1 - _measure_apart(ordered)),
        _calculate_alpha(steps),
        _calculate_kappa(
            _calculate_kinds(tables, ordered), np.eye(_calculate_kinds(tables, ordered).shape[1])
        ),
    )


def _measure_apart(categories: int) -> Floats:
    places = np.arange(categories, dtype=np.float64)
    apart: Floats = np.abs(places[:, None] - places) / max(categories - 1, 1)
    return apart


def _calculate_kinds(tables: Floats, ordered: int) -> Floats:
    """The same tables with all steps of the scale as one category: judged."""
    into = np.zeros((tables.shape[1], tables.shape[1] - ordered + 1))
    into[:ordered, 0] = 1
    into[np.arange(ordered, tables.shape[1]), np.arange(1, into.shape[1])] = 1
    return np.asarray(np.einsum("ik,bij,jl->bkl", into, tables, into), dtype=np.float64)


def _calculate_kappa(tables: Floats, credit: Floats) -> tuple[Floats, Floats]:
    """n(p₀ - pₑ) and n(1 - pₑ) of Cohen's kappa."""
    n = tables.sum(axis=(1, 2))
    whole = np.where(n > 0, n, 1)
    seen = (credit * tables).sum(axis=(1, 2)) / whole
    rows, columns = tables.sum(axis=2) / whole[:, None], tables.sum(axis=1) / whole[:, None]
    chance = np.einsum("bi,ij,bj->b", rows, credit, columns)
    return np.where(n > 0, n * (seen - chance), 0), np.where(n > 0, n * (1 - chance), 0)


def _calculate_gwet(tables: Floats, n: Floats, same: Floats) -> tuple[Floats, Floats]:
    """n(p₀ - pₑ) and n(1 - pₑ) of Gwet's AC1."""
    whole = np.where(n > 0, n, 1)
    share = (tables.sum(axis=1) + tables.sum(axis=2)) / (2 * whole[:, None])
    chance = (share * (1 - share)).sum(axis=1) / max(tables.shape[1] - 1, 1)
    return np.where(n > 0, same - n * chance, 0), np.where(n > 0, n * (1 - chance), 0)


def _calculate_alpha(tables: Floats) -> tuple[Floats, Floats]:
    """n(Dₑ - Dₒ) and nDₑ of Krippendorff's alpha for ordered categories (2019, *Content Analysis*, section 12.3).

    The distance of two categories is the number of values between them, half of each of the two themselves; as a share of
    all values, so that questions of different numbers of pairs can be added.
    """
    together = tables + tables.transpose(0, 2, 1)
    values = together.sum(axis=2)
    n = values.sum(axis=1)
    whole = np.where(n > 1, n, 2.0)
    upto = values.cumsum(axis=1) - values / 2
    distance = ((upto[:, :, None] - upto[:, None, :]) / whole[:, None, None]) ** 2
    observed = (together * distance).sum(axis=(1, 2)) / whole
    expected = (values[:, :, None] * values[:, None, :] * distance).sum(axis=(1, 2)) / (whole * (whole - 1))
    there = n > 1
    return np.where(there, n * (expected - observed), 0), np.where(there, n * expected, 0)


def _make_told(above: Floats, below: Floats, cases: int, confidence: float) -> Told | None:
    """A coefficient with its interval."""
    if below[0] <= 1e-12:
        return None
    value = float(above[0] / below[0])
    if not cases:
        return value, None, None
    there = below[1:] > 1e-12
    drawn = np.divide(above[1:], below[1:], out=np.full(len(below) - 1, value), where=there)
    # Percentile intervals are too narrow in small samples. The expanded percentiles of Hesterberg (2015), The American
    # Statistician 69:371-386, make up for it: normal quantiles are replaced by Student's, with the factor n/(n-1).
    tail = float(ndtr(sqrt(cases / (cases - 1)) * stdtrit(cases - 1, (1 - confidence) / 2)))
    low, high = np.quantile(drawn, [tail, 1 - tail])
    # Resampled coefficients can all lie on one side of the estimate near the limits 1 and -1; the interval must include it.
    return value, min(float(low), value), max(float(high), value)
