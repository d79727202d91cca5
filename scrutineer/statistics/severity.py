"""How severe each assessor is compared with the others: on the same questions, for the same kinds of case, and on the same cases.

Three things are removed from an assessor's answers before they are compared with the others'. Questions differ in how often they
are judged above the line: each answer is compared with its question's own level. Cases differ: assessments are compared for
the same mix of what is known of a case beforehand. And where two readers read one case, what that case is like shows in
both assessments, so that only their difference is the readers' own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from scrutineer.statistics.binomial import CONFIDENCE, find_quantile
from scrutineer.statistics.families import adjust_p_values

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

_ROUNDS = 200
"""Of fitting questions and assessments in turn; a few dozen suffice where most questions are asked of most cases."""


_PULL = 5
"""So many pairs without any correlation are added: few pairs overstate it, and tests would then find too much."""


@dataclass(frozen=True)
class Severity:
    """One assessor compared with all others.

    Attributes:
        reader: who.
        cases: how many cases they read.
        answers: how many relevant answers they gave.
        seen: the share above the line, 0 to 1.
        expected: the share that the other readers would have given to the same questions and cases.
        low: lower end of the interval of the severity; not a number if it is not known.
        high: upper end.
        p_value: that the reader is as severe as the others, adjusted for the number of readers; None if it cannot be
            estimated, for example where only one assessor assessed a kind of case.
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

    @property
    def interval(self) -> tuple[float, float]:
        """The ends of the interval of what the reader gave less what was expected: below zero is stricter."""
        return -self.high, -self.low

    @property
    def called(self) -> bool:
        """Whether the adjusted test finds the assessor different from the others."""
        return self.p_value is not None and self.p_value <= 0.05


def list_severities(
    above: Floats,
    relevant: Floats,
    readers: Sequence[str | None],
    cases: Sequence[int] | None = None,
    mix: Floats | None = None,
    confidence: float = CONFIDENCE,
) -> tuple[Severity, ...]:
    """The severity of each reader, by a linear model of assessments.

    Each assessment's level is its answers less those of their questions (questions and assessments fitted in turn, as in a
    two-way layout). Levels are regressed on readers and the mix of cases by generalised least squares, two assessments of
    one case correlated as the cases that were read twice show (Searle, Casella and McCulloch 1992, *Variance Components*,
    chapter 6). An assessor is compared with the others, each weighted by their number of assessments.

    Args:
        above: assessments × questions, 1 if judged above the line.
        relevant: the same shape, 1 if the question applied.
        readers: who made each assessment; None if no name is recorded.
        cases: which case each assessment is of; each of its own where None.
        mix: assessments × what is known of a case beforehand, as numbers; nothing if None.
        confidence: between 0 and 1.
    """
    names = sorted({r for r in readers if r is not None})
    who = np.array([names.index(r) if r is not None else -1 for r in readers], dtype=np.intp)
    seen = [_count_seen(above[who == n], relevant[who == n]) for n in range(len(names))]
    read = [int((who == n).sum()) for n in range(len(names))]
    # Assessments without a name belong to no assessor, and those without a relevant answer have no level.
    usable = (who >= 0) & (relevant.sum(axis=1) > 0)
    place = np.arange(len(who), dtype=np.intp) if cases is None else np.asarray(cases, dtype=np.intp)
    known = np.zeros((len(who), 0)) if mix is None else mix
    fitted = _fit(
        _calculate_levels(above[usable], relevant[usable]),
        who[usable],
        place[usable],
        known[usable],
        len(names),
    )
    severities = [_make_one(name, read[n], *seen[n], fitted, n, confidence) for n, name in enumerate(names)]
    p_values = adjust_p_values([severity.p_value for severity in severities])
    return tuple(replace(severity, p_value=p) for severity, p in zip(severities, p_values, strict=True))


def _count_seen(above: Floats, relevant: Floats) -> tuple[int, float]:
    """How many relevant answers there are, and the share of them above the line."""
    answers = int(relevant.sum())
    return answers, float(above.sum()) / answers if answers else float("nan")


def _calculate_levels(above: Floats, relevant: Floats) -> Floats:
    """How far each assessment's answers lie above their questions' level, question by question.

    Questions and assessments are fitted in turn until neither moves: least squares of a two-way layout with gaps.
    """
    totals, asked = relevant.sum(axis=1), relevant.sum(axis=0)
    level = np.zeros(len(above))
    for _ in range(_ROUNDS):
        question = np.divide(
            (above - relevant * level[:, None]).sum(axis=0), asked, out=np.zeros_like(asked), where=asked > 0
        )
        moved = (above - relevant * question).sum(axis=1) / totals
        # Levels are shares from -1 to 1: a change this small is beyond any digit that is printed.
        if np.abs(moved - level).max(initial=0.0) < 1e-10:
            break
        level = moved
    return level


@dataclass(frozen=True)
class _Fitted:
    """A model of assessments' levels.

    Attributes:
        effects: of readers, then of the mix of cases.
        covariance: of the effects.
        span: projects onto what the assessments can estimate: a contrast that it changes can't be estimated.
        assessments: of each reader.
        freedom: degrees of freedom; 0 if nothing is left to estimate chance from.
    """

    effects: Floats
    covariance: Floats
    span: Floats
    assessments: Floats
    freedom: float


def _fit(levels: Floats, who: Ints, case: Ints, mix: Floats, readers: int) -> _Fitted:
    """Generalised least squares of levels on readers and the mix of cases."""
    design = np.hstack([np.eye(readers)[who], mix - mix.mean(axis=0) if len(mix) else mix])
    pairs = _find_pairs(case)
    together = 0.0
    rank = int(np.linalg.matrix_rank(design)) if len(design) else 0
    freedom = len(levels) - rank
    # The correlation is estimated from residuals, which depend on the correlation: after three rounds it hardly moves.
    for _ in range(3 if len(pairs) else 1):
        whitened, of = _whiten(design, pairs, together), _whiten(levels[:, None], pairs, together)[:, 0]
        # A pseudo-inverse, because assessors who share no kind of case leave the design without full rank.
        inverse = np.linalg.pinv(whitened.T @ whitened, hermitian=True)
        effects = inverse @ (whitened.T @ of)
        left = levels - design @ effects
        variance = float(left @ left) / max(freedom, 1)
        if len(pairs) and variance > 0:
            shown = float((left[pairs[:, 0]] * left[pairs[:, 1]]).mean()) / variance
            # Negative correlations are chance, and one near 1 would make the transformed differences explode.
            together = float(np.clip(shown * len(pairs) / (len(pairs) + _PULL), 0.0, 0.95))
    noise = of - whitened @ effects
    spread = float(noise @ noise) / max(freedom, 1)
    # Which contrasts can be estimated depends on the design alone.
    span: Floats = np.asarray(np.linalg.pinv(design) @ design, dtype=np.float64)
    counts = np.bincount(who, minlength=readers).astype(np.float64)
    covariance = np.asarray(inverse * spread, dtype=np.float64)
    return _Fitted(
        effects=effects, covariance=covariance, span=span, assessments=counts, freedom=float(max(freedom, 0))
    )


def _find_pairs(case: Ints) -> Ints:
    """The places of both assessments of every case that was read twice."""
    order = np.argsort(case, kind="stable")
    same = np.flatnonzero(case[order][1:] == case[order][:-1])
    return np.column_stack([order[same], order[same + 1]]).astype(np.intp)


def _whiten(values: Floats, pairs: Ints, together: float) -> Floats:
    """Assessments of which two of one case are correlated, as ones that aren't: sums and differences of a pair."""
    whitened = values.copy()
    if len(pairs) and together:
        first, second = values[pairs[:, 0]], values[pairs[:, 1]]
        # The sum of two values with correlation r has variance 2(1 + r), their difference 2(1 - r), and the two are uncorrelated.
        sums, gaps = (first + second) / sqrt(2 * (1 + together)), (first - second) / sqrt(2 * (1 - together))
        whitened[pairs[:, 0]], whitened[pairs[:, 1]] = sums, gaps
    return whitened


def _make_one(
    name: str, cases: int, answers: int, seen: float, fitted: _Fitted, place: int, confidence: float
) -> Severity:
    nothing = float("nan")
    others = fitted.assessments.copy()
    others[place] = 0
    untold = Severity(
        reader=name,
        cases=cases,
        answers=answers,
        seen=seen,
        expected=nothing,
        low=nothing,
        high=nothing,
        p_value=None,
    )
    if not answers or not fitted.assessments[place] or not others.sum():
        return untold
    contrast = np.zeros(len(fitted.effects))
    contrast[: len(others)] = -others / others.sum()
    # Each other assessor is weighted by their number of assessments, so the comparison is with a typical other assessment.
    contrast[place] = 1
    if np.abs(contrast @ fitted.span - contrast).max() > 1e-8 or fitted.freedom < 1:
        return untold
    gap = -float(contrast @ fitted.effects)
    error = sqrt(max(float(contrast @ fitted.covariance @ contrast), 0.0))
    half = find_quantile(confidence, fitted.freedom) * error
    p = (
        2 * float(stdtr(fitted.freedom, -abs(gap) / error))
        if error > 0
        else (1.0 if abs(gap) < 1e-12 else None)
    )
    return Severity(
        reader=name,
        cases=cases,
        answers=answers,
        seen=seen,
        expected=seen + gap,
        low=gap - half,
        high=gap + half,
        p_value=p,
    )
