"""How severe each reader is, beside the others, on the questions that he or she answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from scrutineer.statistics.binomial import CONFIDENCE, quantile
from scrutineer.statistics.families import adjusted

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Severity:
    """One reader beside all others.

    Attributes:
        reader: who.
        cases: how many cases he or she read.
        answers: how many relevant answers he or she gave.
        seen: the share above the line, 0 to 1.
        expected: the share that the other readers' answers to the same questions lead one to expect.
        low: lower end of the interval of the severity.
        high: upper end.
        p_value: that the reader is as severe as the others, adjusted for the number of readers.
    """

    reader: str
    cases: int
    answers: int
    seen: float
    expected: float
    low: float
    high: float
    p_value: float | None

    @property
    def severity(self) -> float:
        """Expected less seen: above zero is stricter than the others."""
        return self.expected - self.seen


def severities(
    above: Floats, relevant: Floats, readers: Sequence[str | None], confidence: float = CONFIDENCE
) -> tuple[Severity, ...]:
    """The severity of each reader, by indirect standardisation over questions.

    A reader's answers are held against the share above the line that *other* readers gave to the same
    questions; questions that nobody else answered say nothing and are left out. Standard errors are
    over cases, so that answers of one case are not taken for independent ones. Cases are allotted,
    not drawn at random to readers: a reader with harder cases looks more severe than he or she is.

    Args:
        above: cases × questions, 1 where judged above the line.
        relevant: the same shape, 1 where the question applied.
        readers: who read each case; None where nobody is named.
        confidence: between 0 and 1.
    """
    names = sorted({r for r in readers if r is not None})
    who = np.array([names.index(r) if r is not None else -1 for r in readers])
    found = [
        _one(name, who == n, (who != n) & (who >= 0), above, relevant, confidence)
        for n, name in enumerate(names)
    ]
    p_values = adjusted([p for _, p in found])
    return tuple(
        Severity(s.reader, s.cases, s.answers, s.seen, s.expected, s.low, s.high, p)
        for (s, _), p in zip(found, p_values, strict=True)
    )


def _one(
    name: str,
    own: npt.NDArray[np.bool_],
    others: npt.NDArray[np.bool_],
    above: Floats,
    relevant: Floats,
    confidence: float,
) -> tuple[Severity, float | None]:
    whole = relevant[others].sum(axis=0)
    shared = whole > 0
    share = np.divide(above[others].sum(axis=0), whole, out=np.zeros_like(whole), where=shared)
    mine_above, mine = above[own][:, shared], relevant[own][:, shared]
    answers, cases = float(mine.sum()), int(own.sum())
    if not answers:
        return Severity(name, cases, 0, float("nan"), float("nan"), float("nan"), float("nan"), None), None
    seen, expected = float(mine_above.sum()) / answers, float(mine.sum(axis=0) @ share[shared]) / answers
    gap = expected - seen
    per_case = (
        (mine * share[shared]).sum(axis=1) - mine_above.sum(axis=1) - gap * mine.sum(axis=1)
    ) / answers
    own_variance = float(per_case @ per_case) * cases / max(cases - 1, 1)
    variance = own_variance + _variance_of_expectation(
        others, shared, share, mine.sum(axis=0) / answers, above, relevant
    )
    if cases < 2 or variance <= 0:
        return Severity(name, cases, int(answers), seen, expected, -1.0, 1.0, None), None
    error, freedom = sqrt(variance), cases - 1
    half = quantile(confidence, freedom) * error
    p = 2 * float(stdtr(freedom, -abs(gap) / error))
    return Severity(name, cases, int(answers), seen, expected, gap - half, gap + half, None), p


def _variance_of_expectation(
    others: npt.NDArray[np.bool_],
    shared: npt.NDArray[np.bool_],
    share: Floats,
    mix: Floats,
    above: Floats,
    relevant: Floats,
) -> float:
    """How much the expectation varies because the others, too, are a sample of cases."""
    y, r = above[others][:, shared], relevant[others][:, shared]
    residuals = ((y - r * share[shared]) * (mix / r.sum(axis=0))).sum(axis=1)
    n = len(residuals)
    return float(residuals @ residuals) * n / max(n - 1, 1)
