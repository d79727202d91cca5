"""Intervals for one proportion: Wilson's, with the finite population correction, and for estimates of known variance.

Proportions lie between 0 and 1. Counts may be numpy arrays: every function works element by element.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

Numbers = npt.ArrayLike
Floats = npt.NDArray[np.float64]

CONFIDENCE = 0.95


def find_quantile(confidence: float = CONFIDENCE, freedom: float | None = None) -> float:
    """The two-sided critical value: normal, or Student's t if degrees of freedom are given.

    Raises:
        ValueError: a confidence that is not between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence of {confidence} is not between 0 and 1")
    upper = (1 + confidence) / 2
    return float(ndtri(upper) if freedom is None else stdtrit(freedom, upper))


def calculate_quantiles(confidence: float, freedoms: Numbers) -> Floats:
    """Student's two-sided critical values for several degrees of freedom."""
    return np.asarray(stdtrit(np.asarray(freedoms, dtype=np.float64), (1 + confidence) / 2), dtype=np.float64)


def calculate_effective_size(relevant: Numbers, sampled: float = 0.0) -> Floats:
    """The size of the infinite-population sample that is as informative as `relevant` cases of a finite one.

    From the variance p(1-p)/n · (N-n)/(N-1) of sampling without replacement (Cochran 1977, *Sampling
    Techniques*, 3rd ed., theorem 3.2): n* = n(N-1)/(N-n) with N = n ÷ `sampled`.

    Args:
        relevant: how many cases the proportion is of.
        sampled: the share of the population that is in the sample, 0 (or unknown) to 1 (a census).

    Returns:
        n*, infinite for a census of at least one case.

    Raises:
        ValueError: a share outside 0 to 1.
    """
    if not 0 <= sampled <= 1:
        raise ValueError(f"a share of {sampled} of the population is not between 0 and 1")
    n = np.asarray(relevant, dtype=np.float64)
    if sampled == 0:
        return n
    if sampled == 1:
        return np.where(n > 0, np.inf, 0.0)
    # The share sampled is known for the whole sample; each question's relevant cases are taken to have the same share,
    # so a question that applies to half of the cases has half of the population.
    population = n / sampled
    # Adding (n == 0) only avoids 0 ÷ 0 if no case is relevant; that element is replaced by 0 anyway.
    return np.where(n > 0, n * np.maximum(population - 1, 0) / (population - n + (n == 0)), 0.0)


def calculate_wilson(
    above: Numbers, relevant: Numbers, sampled: float = 0.0, confidence: float = CONFIDENCE
) -> tuple[Floats, Floats]:
    """Wilson's score interval for a proportion, with the finite population correction.

    Wilson (1927), JASA 22:209-212; the correction replaces n by `calculate_effective_size`, which inverts the
    same score test with the variance of sampling without replacement.

    Args:
        above: cases above the line, any shape.
        relevant: cases in the denominator, the same shape.
        sampled: the share of the population that is in the sample; 0 if it is not known.
        confidence: between 0 and 1.

    Returns:
        Lower and upper ends, each between 0 and 1; NaN if no case is relevant.
    """
    n = np.asarray(relevant, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return score_interval(
            np.asarray(above) / n, calculate_effective_size(n, sampled), find_quantile(confidence)
        )


def score_interval(proportion: Numbers, size: Numbers, critical: Numbers) -> tuple[Floats, Floats]:
    """Wilson's interval for an estimated proportion of a given effective sample size.

    For a clustered or weighted estimate the size is p(1-p) ÷ variance (Kish 1965; Dean and Pagano
    2015, *Journal of Survey Statistics and Methodology* 3:484-503, find it among the best).

    Args:
        proportion: between 0 and 1, any shape.
        size: the effective sample size, the same shape; infinite gives an interval of one number.
        critical: the normal or Student's quantile.

    Returns:
        Lower and upper ends; NaN if the size is zero or the proportion is not known.
    """
    p, n = np.asarray(proportion, dtype=np.float64), np.asarray(size, dtype=np.float64)
    c = np.asarray(critical, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Wilson (1927): the ends solve (p̂ - p)² = c² p(1-p)/n for p. An infinite n gives no shrinkage and no width.
        shrink = c**2 / n
        centre = (p + shrink / 2) / (1 + shrink)
        half = c / (1 + shrink) * np.sqrt(p * (1 - p) / n + shrink / (4 * n))
        # At 0 and 1 the ends are exactly 0 and 1; rounding must not push them past, nor off the estimate.
        low = np.where(n > 0, np.clip(np.minimum(centre - half, p), 0, 1), np.nan)
        high = np.where(n > 0, np.clip(np.maximum(centre + half, p), 0, 1), np.nan)
    low = np.where(p <= 0, np.where(n > 0, 0.0, np.nan), low)
    high = np.where(p >= 1, np.where(n > 0, 1.0, np.nan), high)
    return low, high


def calculate_size_from_variance(proportion: Numbers, variance: Numbers, fallback: Numbers) -> Floats:
    """The effective sample size of an estimate: p(1-p) ÷ variance.

    Args:
        proportion: between 0 and 1.
        variance: of the estimate.
        fallback: the size where p is 0 or 1 and the variance says nothing: the number of cases.
    """
    p, v = np.asarray(proportion, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    spread = p * (1 - p)
    with np.errstate(divide="ignore", invalid="ignore"):
        known = np.where(v > 0, spread / v, np.inf)
    # Scores that should be exactly 0 or 1 can miss it by rounding, hence a tolerance and not a test for zero.
    return np.where(spread > 1e-15, known, np.asarray(fallback, dtype=np.float64))
