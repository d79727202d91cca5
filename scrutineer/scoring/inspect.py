"""From answers to results: tally once, score exactly, and put an interval around every figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np
import numpy.typing as npt

from scrutineer.fieldwork.cases.codes import OPTION, RELEVANT, Codes
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.bands import find_band
from scrutineer.scoring.counts import Counts
from scrutineer.scoring.groups import GroupOf
from scrutineer.scoring.rated import RatedFigures, RatedLevels, rate_levels
from scrutineer.scoring.results import Estimate, GroupResult, Levels, QuestionResult, Results, make_number
from scrutineer.scoring.score_plan import ScorePlan
from scrutineer.scoring.scores import score
from scrutineer.scoring.spread import (
    Weighting,
    calculate_weighted_spread,
    calculate_weighted_totals,
    spread,
)
from scrutineer.scoring.tally import Tally, tally
from scrutineer.statistics.binomial import (
    CONFIDENCE,
    calculate_quantiles,
    calculate_size_from_variance,
    score_interval,
)
from scrutineer.statistics.clustered import Residuals
from scrutineer.statistics.differences import Analytic
from scrutineer.statistics.finite import calculate_share_interval, cut_to_reach
from scrutineer.statistics.thin import Thin

Floats = npt.NDArray[np.float64]
Exact = tuple[int, int] | None
"""A share as numerator and denominator; None if there is no score."""

_BLOCK = 16_384
"""Cases at a time where groups are compared."""


def make_results(
    framework: Framework,
    codes: Codes,
    questions: Sequence[str],
    groups: Sequence[GroupOf],
    *,
    sampled: float | Mapping[str, float] = 0.0,
    weighting: Weighting | None = None,
    confidence: float = CONFIDENCE,
) -> Results:
    """Results of every level for every group.

    Args:
        framework: gives questions, weights and rules.
        codes: cases × questions, a byte per answer.
        questions: the keys of the columns.
        groups: what results are given for.
        sampled: the share of the caseload that is in the sample, one number or one by group; 0 if it is not known.
            It narrows intervals of the caseload's score and bears on no test.
        weighting: weights and strata, if design-weighted estimates are needed as well as the plain ones.
        confidence: of the intervals.
    """
    # One pass over the answers counts every question in every group; all that follows works on counts.
    counted = tally(codes, masks := {g.key: g.members for g in groups}, questions)
    counts = _collect_counts(framework, codes, counted, masks)
    scoring = GroupScoring(framework, groups, counted, counts, _split_estimates(groups))
    residuals = spread(codes, masks, counted, scoring.shares)
    results = scoring.make_groups(residuals, sampled, confidence)
    if weighting is not None:
        weigh = partial(_add_weights, framework, codes, questions, weighting, confidence)
        results = {g.key: weigh(g, results[g.key]) for g in groups}
    return Results(framework, results, confidence=confidence)


class GroupScoring:
    """From counts to results, wherever the answers were counted.

    Attributes:
        shares: how much of each score the share of each question makes: groups × scores × questions, for the pass that adds
            up each case's residuals.
    """

    def __init__(
        self,
        framework: Framework,
        groups: Sequence[GroupOf],
        counted: Tally,
        counts: Mapping[str, dict[str, Counts]],
        apart: Mapping[str, tuple[str, ...]],
    ):
        self._framework, self._groups, self._counted = framework, groups, counted
        self._counts, self._apart = counts, apart
        self._plans = _make_plans(framework, counted.questions, counts)
        self.shares = np.array([self._plans[g.key].coefficients for g in groups])

    def make_groups(
        self, residuals: Sequence[Residuals], sampled: float | Mapping[str, float], confidence: float
    ) -> dict[str, GroupResult]:
        """The results of every group.

        Args:
            residuals: of each group's scores, added up over its cases.
            sampled: the share of the caseload that is in the sample, as in `make_results`.
            confidence: of the intervals.
        """
        counted = self._counted
        # Groups can have different sampling fractions: a quota that takes every case of a group makes it a census.
        fractions = [_calculate_fraction(sampled, g.key) for g in self._groups]
        lows, highs = _share_intervals(counted, fractions, confidence)
        results = {}
        for n, group in enumerate(self._groups):
            own, plan = self._counts[group.key], self._plans[group.key]
            exact = list(plan.calculate(own))
            thin = Thin.from_counts(self.shares[n], counted.counts[0, n], counted.counts[1, n])
            levels = _make_levels(plan, _divide(exact), residuals[n], thin, fractions[n], confidence)
            results[group.key] = _make_group(
                self._framework,
                group,
                int(counted.cases[n]),
                own,
                (plan, exact),
                levels,
                (lows[n], highs[n]),
                self._apart[group.key],
            )
        return results


def _collect_counts(
    framework: Framework, codes: Codes, counted: Tally, masks: Mapping[str, npt.NDArray[np.bool_]]
) -> dict[str, dict[str, Counts]]:
    """The counts of every question in every group."""
    neutral = _count_neutral(framework, codes, counted.questions, masks)
    return {name: _correct_rest(framework, counted.find_counts(name), neutral[name]) for name in masks}


def _count_neutral(
    framework: Framework, codes: Codes, questions: Sequence[str], masks: Mapping[str, npt.NDArray[np.bool_]]
) -> dict[str, dict[str, int]]:
    """By group and question, the answers that are neither above nor below the line: facts, recorded and not judged."""
    columns = [
        (n, key)
        for n, key in enumerate(questions)
        if any(option.above is None for option in framework.scale_of[key].options)
    ]
    counted: dict[str, dict[str, int]] = {name: {} for name in masks}
    for n, key in columns:
        recorded = ((codes[:, n] & OPTION) != 0) & ((codes[:, n] & RELEVANT) == 0)
        for name, members in masks.items():
            counted[name][key] = int(np.count_nonzero(recorded & members))
    return counted


def _correct_rest(
    framework: Framework, counts: dict[str, Counts], neutral: Mapping[str, int]
) -> dict[str, Counts]:
    """Counts whose 'not applicable' leaves out answers that aren't relevant for another reason."""
    for key, count in counts.items():
        out = neutral.get(key, 0)
        if not framework.scale_of[key].no_evidence_is_below:
            out += count.no_evidence
        if out:
            counts[key] = replace(count, not_applicable=max(count.not_applicable - out, 0))
    return counts


def _make_plans(
    framework: Framework, questions: Sequence[str], counts: Mapping[str, dict[str, Counts]]
) -> dict[str, ScorePlan]:
    """The plan of every group, made once for groups that lack the same questions."""
    by_pattern: dict[tuple[bool, ...], ScorePlan] = {}
    plans = {}
    for name, own in counts.items():
        # How a score is made depends only on which questions have a relevant case, and most groups have the same ones.
        pattern = tuple(count.relevant > 0 for count in own.values())
        if pattern not in by_pattern:
            by_pattern[pattern] = ScorePlan.from_counts(framework, questions, own)
        plans[name] = by_pattern[pattern]
    return plans


def _divide(exact: Sequence[Exact]) -> Floats:
    """Exact shares as the nearest floats; not a number if there is none."""
    return np.array([np.nan if share is None else share[0] / share[1] for share in exact])


def _calculate_fraction(sampled: float | Mapping[str, float], group: str) -> float:
    """The share of a group's own cases that is in the sample."""
    return sampled if isinstance(sampled, float | int) else sampled.get(group, 0.0)


def _share_intervals(counted: Tally, fractions: Sequence[float], confidence: float) -> tuple[Floats, Floats]:
    """Intervals of every question's share, groups × questions, each group by its own fraction."""
    above, relevant = counted.counts[0], counted.counts[1]
    lows, highs = np.empty(above.shape), np.empty(above.shape)
    # Groups of the same fraction are handled in one call, because most of them share it.
    for fraction in set(fractions):
        rows = [n for n, share in enumerate(fractions) if share == fraction]
        lows[rows], highs[rows] = calculate_share_interval(above[rows], relevant[rows], fraction, confidence)
    return lows, highs


def _split_estimates(groups: Sequence[GroupOf]) -> dict[str, tuple[str, ...]]:
    """For each group, the groups that it shares no case with."""
    # A matrix product counts shared cases of all pairs at once; only zero or not matters, so single precision is enough.
    counted = np.zeros((len(groups), len(groups)), dtype=np.float32)
    # In blocks, so that millions of cases aren't held a second time as floats.
    for start in range(0, len(groups[0].members) if groups else 0, _BLOCK):
        members = np.array([g.members[start : start + _BLOCK] for g in groups], dtype=np.float32)
        counted += members @ members.T
    return list_apart(groups, counted > 0)


def list_apart(groups: Sequence[GroupOf], shared: npt.NDArray[np.bool_]) -> dict[str, tuple[str, ...]]:
    """For each group, the groups that it shares no case with, from which of them share one: groups × groups."""
    return {
        g.key: tuple(o.key for o, both in zip(groups, row, strict=True) if o is not g and not both)
        for g, row in zip(groups, shared.tolist(), strict=True)
    }


def _make_group(
    framework: Framework,
    group: GroupOf,
    cases: int,
    counts: dict[str, Counts],
    scored: tuple[ScorePlan, Sequence[Exact]],
    levels: Levels,
    ends: tuple[Floats, Floats],
    apart_from: tuple[str, ...],
) -> GroupResult:
    questions = {
        key: QuestionResult(count, make_number(low), make_number(high))
        for (key, count), low, high in zip(counts.items(), ends[0].tolist(), ends[1].tolist(), strict=True)
    }
    plan, exact = scored
    scores = plan.scores
    parts = {
        **scores.criteria,
        **scores.sections,
        **scores.threads,
        **({"overall": scores.overall} if scores.overall else {}),
    }
    dropped = {name: part.dropped for name, part in parts.items() if part.dropped}
    return GroupResult(
        key=group.key,
        title=group.title,
        cases=cases,
        questions=questions,
        levels=levels,
        ratings=_collect_ratings(framework, plan, exact),
        rated=_rate_group(framework, cases, counts, plan, exact) if framework.rates_levels else None,
        dropped=dropped,
        attribute=group.attribute,
        apart_from=apart_from,
    )


def _rate_group(
    framework: Framework, cases: int, counts: Mapping[str, Counts], plan: ScorePlan, exact: Sequence[Exact]
) -> RatedLevels:
    """The ratings of every level, from exact scores."""
    shares = [None if share is None else Fraction(100 * share[0], share[1]) for share in exact]
    scores, named = plan.scores, iter(shares)
    criteria, sections, _ = (
        {name: next(named) for name in names} for names in (scores.criteria, scores.sections, scores.threads)
    )
    questions = {
        key: Fraction(100 * count.above, count.relevant) if count.relevant else None
        for key, count in counts.items()
    }
    overall = None if scores.overall is None else next(named)
    figures = RatedFigures(
        questions=questions,
        criteria=criteria,
        sections=sections,
        overall=overall,
        counts={key: (count.above, count.relevant) for key, count in counts.items()},
        cases=cases,
    )
    return rate_levels(framework, figures)


def _collect_ratings(framework: Framework, plan: ScorePlan, exact: Sequence[Exact]) -> dict[str, str]:
    """The band of each criterion, from its exact score."""
    ratings = {}
    for code, share in zip(plan.scores.criteria, exact, strict=False):
        # A fraction, because a score of exactly 70% must reach the band that starts at 70.
        reached = find_band(framework.scoring.bands, Fraction(100 * share[0], share[1])) if share else None
        if reached is not None:
            ratings[code] = reached.label
    return ratings


def _make_levels(
    plan: ScorePlan,
    values: Floats,
    residuals: Residuals,
    thin: Thin,
    sampled: float | Floats,
    confidence: float,
    left: float | None = None,
) -> Levels:
    """The estimates of one group, each with the interval that its cases' spread gives.

    `sampled` is its part of the caseload, or that of each stratum; `left` is then what those leave of its variance.
    """
    estimates = _list_estimates(plan.combined, values, residuals, thin, sampled, confidence, left)
    return _name_levels(plan, estimates)


def _name_levels(plan: ScorePlan, estimates: Iterator[Estimate]) -> Levels:
    """Estimates in the order of `ScorePlan.listed`, by what they are of."""
    scores = plan.scores
    criteria, sections, threads = (
        {name: next(estimates) for name in names}
        for names in (scores.criteria, scores.sections, scores.threads)
    )
    overall = None if scores.overall is None else next(estimates)
    return Levels(overall=overall, sections=sections, criteria=criteria, threads=threads)


def _list_estimates(
    combined: Floats,
    values: Floats,
    residuals: Residuals,
    thin: Thin,
    sampled: float | Floats,
    confidence: float,
    left: float | None,
) -> Iterator[Estimate]:
    """Every score with the interval that the spread of its combination of residuals gives."""
    left = 1 - sampled if left is None and isinstance(sampled, float) else left or 0.0
    freedoms = thin.calculate_freedoms(combined, residuals.freedom)
    critical = calculate_quantiles(confidence, freedoms)
    cases = float(residuals.cases.sum())
    thinness = thin.estimate_missing_variance(combined)
    # The analytic variance has no finite population correction: it is about practice, not about this caseload.
    analytic = _calculate_variances(combined, residuals.calculate_covariance()) + thinness
    # Sampling without replacement from one stratum scales the whole covariance, so nothing is calculated twice.
    descriptive = (
        analytic * (1 - sampled)
        if isinstance(sampled, float)
        else _calculate_variances(combined, residuals.calculate_covariance(sampled)) + thinness * left
    )
    # A census has no sampling error: its interval is the score itself.
    sizes = (
        np.full(len(values), np.inf)
        if left <= 0
        else calculate_size_from_variance(values, descriptive, cases)
    )
    lows, highs = score_interval(values, sizes, critical)
    # Cases that were seen are certain, so a score can't lie where even the best or worst answers of the rest would not take it.
    if isinstance(sampled, float) and 0 < sampled < 1:
        lows, highs = cut_to_reach(lows, highs, values, sampled)
    ends = score_interval(values, calculate_size_from_variance(values, analytic, cases), critical)
    errors = np.sqrt(descriptive), np.sqrt(analytic)
    for n, value in enumerate(values.tolist()):
        # NaN: no question of this score had a relevant case.
        if value != value:
            yield Estimate(None)
            continue
        yield Estimate(
            score=value,
            low=make_number(lows[n]),
            high=make_number(highs[n]),
            error=float(errors[0][n]),
            freedom=float(freedoms[n]),
            analytic=Analytic(float(ends[0][n]), float(ends[1][n]), float(errors[1][n])),
        )


def _calculate_variances(combined: Floats, covariance: Floats) -> Floats:
    """The variance of every combination of residuals."""
    # Rounding can make a variance of zero slightly negative.
    return np.asarray(np.maximum(((combined @ covariance) * combined).sum(axis=1), 0))


def _add_weights(
    framework: Framework,
    codes: Codes,
    questions: Sequence[str],
    weighting: Weighting,
    confidence: float,
    group: GroupOf,
    plain: GroupResult,
) -> GroupResult:
    """The group's results with design-weighted estimates as well as the plain ones."""
    from scrutineer.statistics.interval import Interval

    above, relevant = (
        t[0] for t in calculate_weighted_totals(codes, group.members[None, :], weighting.weights)
    )
    shares = {
        key: Interval.from_number(100 * Fraction(float(a)) / Fraction(float(r))) if r > 0 else None
        for key, a, r in zip(questions, above, relevant, strict=True)
    }
    plan = ScorePlan(score(framework, shares), tuple(questions))
    values = np.array([np.nan if s.value is None else float(s.value.low / 100) for s in plan.listed])
    parts = plan.coefficients
    # Scores and single questions in one matrix, so that residuals are calculated once for both.
    joined = np.vstack([parts, np.eye(len(questions))])
    residuals = calculate_weighted_spread(codes, group.members, (above, relevant), joined, weighting)
    top = len(parts)
    shown = np.divide(above, relevant, out=np.zeros_like(above), where=relevant > 0)
    worth = _calculate_worth(codes, group, weighting, relevant)
    left = _calculate_left(group, weighting)
    levels = _make_levels(
        plan,
        values,
        _make_first(residuals, top),
        Thin.from_counts(parts, shown * worth, worth),
        weighting.sampled,
        confidence,
        left,
    )
    thin = Thin.from_counts(np.eye(len(questions)), shown * worth, worth)
    weighted = _list_weighted_questions(
        residuals, top, thin, (weighting.sampled, left), (shown, worth), confidence
    )
    return replace(plain, weighted=levels, weighted_questions=dict(zip(questions, weighted, strict=True)))


def _calculate_left(group: GroupOf, weighting: Weighting) -> float:
    """What is left of the group's variance by the parts of its own strata that were drawn, 0 if all of them are a census."""
    # Variance goes with the square of a weight, so strata count by their squared weights.
    squares = np.where(group.members, weighting.weights, 0.0) ** 2
    total = float(squares.sum())
    return float((squares * (1 - weighting.sampled[weighting.stratum])).sum()) / total if total else 1.0


def _calculate_worth(codes: Codes, group: GroupOf, weighting: Weighting, relevant: Floats) -> Floats:
    """How many cases of equal weight each question's cases are worth: (Σw)² ÷ Σw² (Kish 1965, *Survey Sampling*, 11.7)."""
    _, squares = (
        t[0] for t in calculate_weighted_totals(codes, group.members[None, :], weighting.weights**2)
    )
    worth: Floats = np.divide(relevant**2, squares, out=np.zeros_like(relevant), where=squares > 0)
    return worth


def _list_weighted_questions(
    residuals: Residuals,
    first: int,
    thin: Thin,
    drawn: tuple[Floats, float],
    of: tuple[Floats, Floats],
    confidence: float,
) -> Iterator[Estimate]:
    """The weighted share of each question.

    Args:
        residuals: of all estimates, the questions' from the place `first` on.
        first: that place.
        thin: the questions, each a part by itself.
        drawn: the share of each stratum that is in the sample, and what that leaves of the group's variance.
        of: each question's weighted share, and how many cases of equal weight it is worth.
        confidence: of the intervals.
    """
    (sampled, left), (shares, worth) = drawn, of
    single = np.eye(len(shares))
    analytic = np.diag(residuals.calculate_covariance())[first:] + thin.estimate_missing_variance(single)
    descriptive = (
        np.diag(residuals.calculate_covariance(sampled))[first:]
        + thin.estimate_missing_variance(single) * left
    )
    freedoms = thin.calculate_freedoms(single, residuals.freedom)
    critical = calculate_quantiles(confidence, freedoms)
    sizes = (
        np.full(len(shares), np.inf)
        if left <= 0
        else calculate_size_from_variance(shares, descriptive, worth)
    )
    lows, highs = score_interval(shares, sizes, critical)
    ends = score_interval(shares, calculate_size_from_variance(shares, analytic, worth), critical)
    for n, share in enumerate(shares.tolist()):
        yield (
            Estimate(None)
            if not worth[n]
            else Estimate(
                score=share,
                low=make_number(lows[n]),
                high=make_number(highs[n]),
                error=float(descriptive[n]) ** 0.5,
                freedom=float(freedoms[n]),
                analytic=Analytic(float(ends[0][n]), float(ends[1][n]), float(analytic[n]) ** 0.5),
            )
        )


def _make_first(residuals: Residuals, size: int) -> Residuals:
    """The residuals of the first `size` estimates."""
    first = Residuals(size, residuals.strata)
    first.cases[:] = residuals.cases
    first.sums[:] = residuals.sums[:, :size]
    first.products[:] = residuals.products[:, :size, :size]
    return first
