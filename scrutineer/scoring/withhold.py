"""Results of few cases withheld before they are published, for groups that overlap as they please: one way for all outputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from scrutineer.cases.codes import ABOVE, RELEVANT, Codes
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.groups import ALL, GroupOf
from scrutineer.scoring.results import Estimate, GroupResult, Levels, Results
from scrutineer.scoring.scores import score
from scrutineer.statistics.differences import Analytic
from scrutineer.statistics.printed import half_up
from scrutineer.statistics.recovery import worked_out
from scrutineer.statistics.suppression import withheld

Hidden = set[tuple[str, str | None]]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def withhold(
    results: Results,
    codes: Codes,
    groups: Sequence[GroupOf],
    below: int,
    complements: Sequence[GroupOf] = (),
    elsewhere: Iterable[tuple[str, str]] = (),
) -> Results:
    """The results as they may be published: without what fewer than `below` cases stand behind.

    - A group of few cases is withheld as a whole, a question where few of a group's cases are relevant to it; as many
      more as it takes that no withheld number follows from the others, which is tried by integer programming before
      anything is released; and every score of a group that a withheld question is part of.
    - Of all cases a question that few are relevant to is withheld, too. Scores of all cases stay, but those that rest on
      such a question are told in whole percent, so that they don't give it away; where they still would, another
      question of the same score is withheld with it.
    - Weights tell groups apart: a weighted share is told only of questions that are withheld of no group, and of weighted
      scores that rest on others only sections and the overall score, in whole percent.

    Args:
        results: as scored.
        codes: the answers that they were scored from.
        groups: the groups of the results, in the same order.
        below: the least number of cases that may be shown; below 2 nothing is withheld.
        complements: further groups that nobody is shown, and that must not follow from those shown: everyone
            else beside a group. They are marked where few stand behind them.
        elsewhere: questions of groups that other results of the same cases withhold, and these must, too.
    """
    if below < 2:
        return results
    every = [*groups, *complements]
    looked = _Looked.at(every, len(groups), below)
    hidden: Hidden = {(every[n].key, None) for n in looked.few(looked.cases, looked.cases, None)}
    sizes = looked.known_sizes(hidden)
    framework = results.framework
    for place, key in enumerate(next(iter(results.groups.values())).questions):
        column = codes[:, place]
        above, relevant = (looked.counted(column & bit != 0) for bit in (ABOVE, RELEVANT))
        gone = looked.few(relevant, above, sizes)
        if 0 < int(relevant.sum()) < below:
            gone |= set(looked.kept)
        for n in gone:
            _hide(hidden, framework, every[n].key, key)
    for group, question in elsewhere:
        _hide(hidden, framework, group, question)
    hidden = _unsolved(results, hidden, [g.key for g in every], below)
    return _coarse(replace(results, suppressed=frozenset(hidden)))


def _hide(hidden: Hidden, framework: Framework, group: str, question: str) -> None:
    """Withhold a question of a group and what rests on it; of all cases the question alone."""
    hidden.add((group, question))
    if group != ALL:
        hidden |= {(group, name) for name in resting_on(framework, question)}


@dataclass(frozen=True)
class _Looked:
    """Which sums over kinds of cases must be withheld; the first `shown` are published, the others never are.

    Attributes:
        sums: groups × kinds; cases of one kind belong to the same groups.
        kind: of each case.
        cases: how many of each kind.
        kept: the places of groups whose numbers stay: all cases.
    """

    every: Sequence[GroupOf]
    sums: Mask
    kind: npt.NDArray[np.intp]
    cases: Ints
    shown: int
    below: int
    kept: list[int] = field(default_factory=list)

    @classmethod
    def at(cls, every: Sequence[GroupOf], shown: int, below: int) -> _Looked:
        """Look at some groups, the first so many of which are published."""
        # Cases that stand in no group, as those added for an element, are in no sum.
        rows, kind = np.unique(np.array([g.members for g in every]).T, axis=0, return_inverse=True)
        kinds = np.asarray(kind).reshape(-1)
        cases = np.bincount(kinds, minlength=len(rows)).astype(np.int64)
        kept = [n for n, g in enumerate(every[:shown]) if g.key == ALL]
        return cls(every, rows.T, kinds, cases, shown, below, kept)

    def counted(self, truth: Mask) -> Ints:
        """How many cases of each kind something is true of."""
        found = np.bincount(self.kind[truth], minlength=len(self.cases)).astype(np.int64)
        return np.where(self.sums.any(axis=0), found, 0)

    def known_sizes(self, hidden: Hidden) -> list[int | None]:
        """How many cases each group has, where whoever reads the results knows that."""
        totals = self.sums @ self.cases
        return [
            None if (group.key, None) in hidden else int(total)
            for group, total in zip(self.every, totals, strict=True)
        ]

    def few(self, relevant: Ints, above: Ints, sizes: list[int | None] | None) -> set[int]:
        """The places of the sums that are withheld, and of the unpublished ones that are small."""
        totals = self.sums @ relevant
        small = [n for n in range(self.shown, len(totals)) if 0 < totals[n] < self.below]
        places = [*range(self.shown), *small]
        known = [sizes[n] for n in places] if sizes is not None else None
        kept = [n for n in self.kept if sizes is None or not 0 < totals[n] < self.below]
        found = withheld(self.sums[places], relevant, self.below, kept, known)
        gone = {places[n] for n in np.flatnonzero(found).tolist()}
        primary = [n for n, place in enumerate(places) if 0 < totals[place] < self.below and place in gone]
        limits = np.array([np.nan if k is None else float(k) for k in known or [None] * len(places)])
        if worked_out(self.sums[places], above, relevant, found, primary, limits):
            return set(places) - set(kept)
        return gone


def resting_on(framework: Framework, question: str) -> list[str]:
    """Every score that a question is part of: its criterion, section, threads and the overall score."""
    criterion = framework.criterion_of[question]
    section = framework.section_of[criterion.code]
    overall = ["overall"] if section.weight else []
    return [criterion.code, section.code, *framework.questions[question].threads, *overall]


# -- scores of all cases -----------------------------------------------------------------


def _unsolved(results: Results, hidden: Hidden, groups: Iterable[str], below: int) -> Hidden:
    """With further questions withheld of everybody, until no score of all cases gives a withheld question away."""
    named = list(groups)
    while (more := next(_solved(results, hidden, below), None)) is not None:
        for group in named:
            _hide(hidden, results.framework, group, more)
    return hidden


def _solved(results: Results, hidden: Hidden, below: int) -> Iterator[str]:
    """For each score of all cases that gives its one withheld question away, the question that is to go with it."""
    questions = results.groups[ALL].questions
    shares = {key: one.counts.percent for key, one in questions.items()}
    scores = score(results.framework, shares)
    for one in (*scores.criteria.values(), *scores.threads.values()):
        gone = [(key, weight) for key, weight in one.counted if (ALL, key) in hidden]
        if len(gone) != 1 or one.value is None:
            continue
        whole = sum(weight for _, weight in one.counted)
        ((key, weight),) = gone
        share = shares[key]
        assert share is not None  # noqa: S101 it is counted
        if len(_fitting(one.value.low, share.low, weight / whole, below)) > 1:
            continue
        others = [name for name, _ in one.counted if name != key]
        if others:
            yield min(others, key=lambda name: (questions[name].counts.relevant, name))


def _fitting(value: Fraction, share: Fraction, part: Fraction, below: int) -> set[int]:
    """The numbers of relevant cases under which a score in whole percent could be what it is.

    Args:
        value: the exact score in percent.
        share: the exact share of the withheld question in percent.
        part: how much of the score that share is.
        below: withheld numbers of relevant cases are less.
    """
    told = half_up(value)
    rest = value - share * part
    return {
        relevant
        for relevant in range(1, below)
        for above in range(relevant + 1)
        if Fraction(-1, 2) <= rest + Fraction(100 * above, relevant) * part - told < Fraction(1, 2)
    }


# -- what is told less exactly -----------------------------------------------------------


def _coarse(results: Results) -> Results:
    """Scores that rest on what is withheld in whole percent, and weighted figures that tell groups apart left out."""
    anywhere = {name for _, name in results.suppressed if name in results.framework.questions}
    whole = {name for group, name in results.suppressed if group == ALL and name is not None}
    of_all = {name for key in whole & anywhere for name in resting_on(results.framework, key)}
    weighted = {name for key in anywhere for name in resting_on(results.framework, key)}
    found = {}
    for key, group in results.groups.items():
        one = replace(group, levels=_rounded(group.levels, of_all)) if key == ALL else group
        found[key] = _weighted(one, anywhere, weighted)
    return replace(results, groups=found)


def _weighted(group: GroupResult, questions: set[str], scores: set[str]) -> GroupResult:
    """A group's weighted figures, without those by which another group's could be told."""
    if group.weighted is None:
        return group
    shares = {k: Estimate(None) if k in questions else e for k, e in group.weighted_questions.items()}
    levels = _rounded(group.weighted, scores)
    return replace(
        group,
        weighted=replace(
            levels, criteria=_left(levels.criteria, scores), threads=_left(levels.threads, scores)
        ),
        weighted_questions=shares,
    )


def _left(estimates: Mapping[str, Estimate], names: set[str]) -> dict[str, Estimate]:
    return {key: Estimate(None) if key in names else one for key, one in estimates.items()}


def _rounded(levels: Levels, names: set[str]) -> Levels:
    """Levels with the scores of some names in whole percent."""
    overall = levels.overall

    def told(estimates: Mapping[str, Estimate]) -> dict[str, Estimate]:
        return {key: _whole(one) if key in names else one for key, one in estimates.items()}

    return Levels(
        _whole(overall) if overall is not None and "overall" in names else overall,
        told(levels.sections),
        told(levels.criteria),
        told(levels.threads),
    )


def _whole(one: Estimate) -> Estimate:
    """An estimate in whole percent: its errors and degrees of freedom tell no more."""
    if one.score is None:
        return one
    analytic = one.analytic and Analytic(
        *(_percent(part) for part in (one.analytic.low, one.analytic.high, one.analytic.error))
    )
    low, high, error = (None if part is None else _percent(part) for part in (one.low, one.high, one.error))
    freedom = None if one.freedom is None else float(int(one.freedom))
    return Estimate(_percent(one.score), low, high, error, freedom, analytic)


def _percent(share: float) -> float:
    """A share in whole percent, halves up, as it is printed."""
    return half_up(round(share * 100, 9)) / 100
