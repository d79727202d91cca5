"""Differences between two independent proportions or scores: intervals and tests.

Proportions lie between 0 and 1; a difference is the first less the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, sqrt

from scipy.special import stdtr

from scrutineer.statistics.barnard import calculate_barnard
from scrutineer.statistics.binomial import CONFIDENCE, calculate_wilson, find_quantile
from scrutineer.statistics.hypergeometric import calculate_fisher

EXACT_UP_TO = 200
"""Cases in both samples together up to which Barnard's exact test is made; Fisher's beyond it."""


@dataclass(frozen=True)
class Analytic:
    """How uncertain an estimate is as the outcome of practice, whatever part of the caseload was drawn.

    Attributes:
        low: lower end of its interval, 0 to 1.
        high: upper end.
        error: standard error, without a population correction.
    """

    low: float
    high: float
    error: float


@dataclass(frozen=True)
class Difference:
    """One proportion or score less another.

    Attributes:
        value: the difference, -1 to 1.
        low: the lower end of its interval.
        high: the upper end.
        p_value: of the test that the two are the same; None if none can be made.
        test: the name of that test.
    """

    value: float
    low: float
    high: float
    p_value: float | None
    test: str


def compare_counts(
    above: int, relevant: int, above2: int, relevant2: int, confidence: float = CONFIDENCE
) -> Difference:
    """The difference of two counted proportions: Miettinen and Nurminen's interval and an exact test.

    Raises:
        ValueError: a sample without a relevant case.
    """
    low, high = calculate_miettinen_nurminen(above, relevant, above2, relevant2, confidence)
    # Barnard's test is more powerful in small samples, but its cost grows with the product of the two sizes.
    small = relevant + relevant2 <= EXACT_UP_TO
    p = (
        calculate_barnard(above, relevant, above2, relevant2)
        if small
        else calculate_fisher(above, relevant, above2, relevant2)
    )
    name = "Barnard's exact test" if small else "Fisher's exact test"
    return Difference(value=above / relevant - above2 / relevant2, low=low, high=high, p_value=p, test=name)


def calculate_miettinen_nurminen(
    above: int, relevant: int, above2: int, relevant2: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """The score interval of Miettinen and Nurminen (1985), Statistics in Medicine 4:213-226, equations 5 to 9.

    Raises:
        ValueError: a sample without a relevant case.
    """
    from scipy.optimize import brentq

    _refuse_empty(relevant, relevant2)
    critical = find_quantile(confidence) ** 2
    seen = above / relevant - above2 / relevant2

    def measure_excess(delta: float) -> float:
        return _score_statistic(above, relevant, above2, relevant2, delta) - critical

    # At ±1 exactly both proportions are fixed, the variance is zero and the statistic infinite; the search stays just inside.
    edge = 1 - 1e-12
    # The statistic grows from 0 at the difference seen towards each edge, so each end is one root between the two.
    # If even the edge is not rejected, the interval reaches it.
    low = (
        -1.0
        if measure_excess(-edge) <= 0
        else float(brentq(measure_excess, -edge, seen, xtol=1e-12))
        if seen > -1
        else -1.0
    )
    high = (
        1.0
        if measure_excess(edge) <= 0
        else float(brentq(measure_excess, seen, edge, xtol=1e-12))
        if seen < 1
        else 1.0
    )
    return low, high


def _refuse_empty(*sizes: int) -> None:
    if min(sizes) < 1:
        raise ValueError("a difference needs a relevant case on both sides")


def _score_statistic(x1: int, n1: int, x2: int, n2: int, delta: float) -> float:
    """The square of the score statistic for a difference of `delta`; zero at the difference that was seen."""
    p2 = _fit_constrained(x1, n1, x2, n2, delta)
    p1 = min(max(p2 + delta, 0.0), 1.0)
    n = n1 + n2
    # Miettinen and Nurminen's factor n/(n-1) is what distinguishes their interval from Mee's.
    variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * n / (n - 1) if n > 1 else 0.0
    gap = x1 / n1 - x2 / n2 - delta
    if gap == 0:
        return 0.0
    return gap * gap / variance if variance > 0 else float("inf")


def _fit_constrained(x1: int, n1: int, x2: int, n2: int, delta: float) -> float:
    """The most likely second proportion where the first is greater by `delta`: the root of the likelihood's cubic."""
    from math import acos, copysign, cos, pi

    n, x = n1 + n2, x1 + x2
    # The closed solution of the cubic in Miettinen and Nurminen's appendix: three real roots by the cosine formula,
    # and the last step keeps the root within its bounds.
    l3 = float(n)
    l2 = (n1 + 2 * n2) * delta - n - x
    l1 = (n2 * delta - n - 2 * x2) * delta + x
    l0 = x2 * delta * (1 - delta)
    q = l2**3 / (3 * l3) ** 3 - l1 * l2 / (6 * l3**2) + l0 / (2 * l3)
    # The expression under the root can't be negative in exact arithmetic; rounding can make it so.
    inner = max(l2**2 / (3 * l3) ** 2 - l1 / (3 * l3), 0.0)
    p = copysign(sqrt(inner), q)
    if p == 0:
        root = -l2 / (3 * l3)
    else:
        angle = (pi + acos(min(max(q / p**3, -1.0), 1.0))) / 3
        root = 2 * p * cos(angle) - l2 / (3 * l3)
    return min(max(root, max(0.0, -delta)), min(1.0, 1 - delta))


def calculate_newcombe(
    above: int, relevant: int, above2: int, relevant2: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Newcombe's hybrid score interval (1998), Statistics in Medicine 17:873-890, method 10.

    Raises:
        ValueError: a sample without a relevant case.
    """
    _refuse_empty(relevant, relevant2)
    first, second = (
        calculate_wilson(above, relevant, 0, confidence),
        calculate_wilson(above2, relevant2, 0, confidence),
    )
    return square_and_add(
        (above / relevant, float(first[0]), float(first[1])),
        (above2 / relevant2, float(second[0]), float(second[1])),
    )


def square_and_add(
    first: tuple[float, float, float], second: tuple[float, float, float]
) -> tuple[float, float]:
    """The interval of a difference from the two estimates' own intervals (the method of variance estimates recovery).

    Zou and Donner (2008), Statistics in Medicine 27:1693-1702, equation 3.

    Args:
        first: an estimate and the ends of its interval.
        second: the same of the other, independent of the first.
    """
    p1, l1, u1 = first
    p2, l2, u2 = second
    # The lower end of a difference depends on the first estimate's lower end and the second's upper end.
    low = p1 - p2 - sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2)
    high = p1 - p2 + sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)
    return max(low, -1.0), min(high, 1.0)


def compare_scores(
    first: tuple[float, Analytic],
    second: tuple[float, Analytic],
    freedoms: tuple[float, float],
    gap: float | None = None,
) -> Difference:
    """The difference of two independent scores, each with its analytic error.

    Whether practice differs is asked of what lies behind the caseloads, so neither side has a population correction: two
    caseloads of finite size always differ, and a test with the correction finds that they do (Cochran 1977, section
    2.14). The interval recovers the variances from the two intervals (`square_and_add`), the test is
    Welch's: (a - b) ÷ √(s² + t²) on Satterthwaite's degrees of freedom.

    Args:
        first: a score with its analytic error and interval.
        second: the same of the other.
        freedoms: the degrees of freedom of each error.
        gap: the difference that the test looks at, where the two scores are not made of the same questions; where it
            points the other way than theirs, nothing is found.
    """
    low, high = square_and_add(
        (first[0], first[1].low, first[1].high), (second[0], second[1].low, second[1].high)
    )
    value = first[0] - second[0]
    errors = first[1].error, second[1].error
    variance = errors[0] ** 2 + errors[1] ** 2
    # If no case differs from any other, there is no spread to test against: equal scores are equal, others untestable.
    if variance <= 0 or isnan(variance):
        return Difference(
            value=value,
            low=low,
            high=high,
            p_value=1.0 if value == 0 else None,
            test="no test: the scores do not vary",
        )
    spread = sum(e**4 / max(f, 1) for e, f in zip(errors, freedoms, strict=True))
    # Satterthwaite (1946), Biometrics Bulletin 2:110-114.
    freedom = variance**2 / spread
    tested = value if gap is None else gap if gap * value > 0 else 0.0
    p = 2 * float(stdtr(freedom, -abs(tested) / sqrt(variance)))
    return Difference(value=value, low=low, high=high, p_value=p, test="Welch's t test")
