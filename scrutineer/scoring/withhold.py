"""Withhold results of few cases before they are published, for groups that overlap in any way: one method for all outputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor

import numpy as np
import numpy.typing as npt

from scrutineer.fieldwork.cases.codes import Codes
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.bands import find_band
from scrutineer.scoring.groups import ALL, GroupOf
from scrutineer.scoring.kinds import KindCounts
from scrutineer.scoring.results import Estimate, GroupResult, Levels, QuestionResult, Results
from scrutineer.scoring.scores import Score, score
from scrutineer.statistics.differences import Analytic
from scrutineer.statistics.interval import Interval
from scrutineer.statistics.printed import round_half_up
from scrutineer.statistics.recovery import find_worked_out
from scrutineer.statistics.shares import round_percent
from scrutineer.statistics.suppression import find_withheld

Hidden = set[tuple[str, str | None]]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def withhold(
    results: Results,
    codes: Codes | KindCounts,
    groups: Sequence[GroupOf],
    below: int,
    complements: Sequence[GroupOf] = (),
    frameworks_of: Sequence[tuple[str, Framework]] = (),
) -> Results:
    """The results that may be published: without what is based on fewer than `below` cases.

    - A group of few cases is withheld as a whole, a question where few of a group's cases are relevant to it; as many
      more as it takes that no withheld number follows from the others, which is tried by integer programming before
      anything is released; and every score of a group that a withheld question is part of.
    - Of all cases a question that few are relevant to is withheld, too. Scores of all cases that rest on such a question
      are shown in whole percent, criteria and threads without interval, so that they don't give it away; where they still
      would, another question of the same score is withheld with it.
    - Weights distinguish groups: a weighted share is shown only for questions that are withheld for no group, and of weighted
      scores that rest on others only sections and the overall score, in whole percent.

    Args:
        results: as scored.
        codes: the answers that they were scored from, or how cases of each kind answered.
        groups: the groups of the results, in the same order.
        below: the least number of cases that may be shown; below 2 nothing is withheld.
        complements: further groups that are never shown, and that must not follow from those shown: everyone
            else outside a group. They are marked if they are based on few cases.
        frameworks_of: groups of which scores by another framework are published, too, whatever is withheld here: those of a
            thematic element on part of these cases, and of all cases.
    """
    # A group of one case is the smallest that can reveal a person, so a limit below 2 withholds nothing.
    if below < 2:
        return results
    every = [*groups, *complements]
    # Complements are never printed but follow by subtraction, so they are protected like published groups.
    kinds = codes if isinstance(codes, KindCounts) else KindCounts.from_codes(codes, every)
    looked = _Looked.look(every, kinds, len(groups), below)
    hidden: Hidden = {(every[n].key, None) for n in looked.find_few(looked.cases, looked.cases, None)}
    sizes = looked.find_known_sizes(hidden)
    framework = results.framework
    for place, key in enumerate(next(iter(results.groups.values())).questions):
        above, relevant = kinds.above[:, place], kinds.relevant[:, place]
        gone = looked.find_few(relevant, above, sizes)
        # Numbers of all cases normally stay. If few of all cases are relevant, even theirs are withheld.
        if 0 < int(relevant.sum()) < below:
            gone |= set(looked.base)
        for n in gone:
            _hide(hidden, framework, every[n].key, key)
    systems = _list_systems(results, frameworks_of)
    hidden = _make_unsolved(results, hidden, [g.key for g in every], below, systems)
    return _coarsen_results(replace(results, suppressed=frozenset(hidden)))


def _list_systems(results: Results, frameworks_of: Sequence[tuple[str, Framework]]) -> list[_System]:
    """The systems of equations that published scores make: of all cases, and of groups that another framework scores."""
    others = [
        _System(key, other, find_revealing(key)) for key, other in frameworks_of if key in results.groups
    ]
    return [_System(ALL, results.framework, ALL), *others]


def _hide(hidden: Hidden, framework: Framework, group: str, question: str) -> None:
    """Withhold a question of a group and every score that uses it; for all cases, the question alone."""
    hidden.add((group, question))
    if group != ALL:
        hidden |= {(group, name) for name in list_resting_on(framework, question)}


@dataclass(frozen=True)
class _Looked:
    """Which sums over kinds of cases must be withheld; the first `shown` are published, the others never are.

    Attributes:
        sums: groups × kinds; cases of one kind belong to the same groups.
        cases: how many of each kind.
        base: the places of groups whose numbers stay: all cases.
    """

    every: Sequence[GroupOf]
    sums: Mask
    cases: Ints
    shown: int
    below: int
    base: list[int] = field(default_factory=list)

    @classmethod
    def look(cls, every: Sequence[GroupOf], kinds: KindCounts, shown: int, below: int) -> _Looked:
        """Look at some groups, of which the first `shown` are published."""
        shown_places = [n for n, g in enumerate(every[:shown]) if g.key == ALL]
        return cls(every, kinds.sums, kinds.cases, shown, below, shown_places)

    def find_known_sizes(self, hidden: Hidden) -> list[int | None]:
        """How many cases each group has, if a reader of the results knows that."""
        totals = self.sums @ self.cases
        return [
            None if (group.key, None) in hidden else int(total)
            for group, total in zip(self.every, totals, strict=True)
        ]

    def find_few(self, relevant: Ints, above: Ints, sizes: list[int | None] | None) -> set[int]:
        """The places of the sums that are withheld, and of the unpublished ones that are small."""
        totals = self.sums @ relevant
        small = [n for n in range(self.shown, len(totals)) if 0 < totals[n] < self.below]
        places = [*range(self.shown), *small]
        known = [sizes[n] for n in places] if sizes is not None else None
        shown = [n for n in self.base if sizes is None or not 0 < totals[n] < self.below]
        withheld = find_withheld(self.sums[places], relevant, self.below, shown, known)
        gone = {places[n] for n in np.flatnonzero(withheld).tolist()}
        primary = [n for n, place in enumerate(places) if 0 < totals[place] < self.below and place in gone]
        limits = np.array([np.nan if k is None else float(k) for k in known or [None] * len(places)])
        # Relevant counts can be safe while the counts above the line are not; then everything that may be withheld is.
        if find_worked_out(self.sums[places], above, relevant, withheld, primary, limits):
            return set(places) - set(shown)
        return gone


def list_resting_on(framework: Framework, question: str) -> list[str]:
    """Every score that a question is part of: its criterion, section, threads and the overall score."""
    criterion = framework.criterion_of[question]
    section = framework.section_of[criterion.code]
    overall = ["overall"] if section.weight else []
    return [criterion.code, section.code, *framework.questions[question].threads, *overall]


# -- scores that stay --------------------------------------------------------------------


@dataclass(frozen=True)
class _System:
    """Scores of a group by a framework that are shown whatever else is withheld.

    Attributes:
        mark: the name under which their withheld results are recorded.
    """

    group: str
    framework: Framework
    mark: str


def find_revealing(group: str) -> str:
    """The group name under which withheld scores of another framework are recorded."""
    return f"told:{group}"


def _make_unsolved(
    results: Results, hidden: Hidden, groups: Iterable[str], below: int, systems: Sequence[_System]
) -> Hidden:
    """Withhold further questions of everyone, until no score that is shown gives a withheld question away.

    A score whose withheld question has no other to take along is withheld itself.
    """
    named = list(groups)
    # Each withheld question can make another score reveal one, so the search starts again after every change. It ends,
    # because the set only grows and is finite.
    while (more := next(_list_solved(results, hidden, below, systems), None)) is not None:
        mark, score_name, question = more
        if question is None:
            hidden.add((mark, score_name))
            continue
        for form in named:
            _hide(hidden, results.framework, form, question)
    return hidden


def _list_solved(
    results: Results, hidden: Hidden, below: int, systems: Sequence[_System]
) -> Iterator[tuple[str, str, str | None]]:
    """For each score that reveals its one withheld question: group, score, and the question to withhold with it."""
    everybody = results.groups[ALL].questions
    for system in systems:
        group, framework = system.group, system.framework
        questions = {k: q for k, q in results.groups[group].questions.items() if k in framework.questions}
        gone = {key for key in questions if (group, key) in hidden or (group, None) in hidden}
        forms = [
            form
            for form in _list_forms(
                framework, {key: counts.counts.percent for key, counts in questions.items()}
            )
            if (system.mark, form.name) not in hidden
        ]
        for key in sorted(gone):
            alone = [f for f in forms if key in f.parts and not (f.parts.keys() & gone) - {key}]
            if not alone:
                continue
            own = _list_possible(questions[key], None if group == ALL else everybody[key], below)
            if (
                len({relevant for above, relevant in own if all(f.fits(key, above, relevant) for f in alone)})
                > 1
            ):
                continue
            # The score in which the question weighs most says most about it; the question with fewest relevant cases is the
            # smallest loss that protects it.
            tightest = max(alone, key=lambda f: f.parts[key])
            others = [name for name in tightest.parts if name != key]
            along = min(others, key=lambda name: (questions[name].counts.relevant, name)) if others else None
            yield system.mark, tightest.name, along


@dataclass(frozen=True)
class _Form:
    """A score shown in whole percent, as a sum over the shares of its questions.

    Attributes:
        name: of the score.
        value: exactly, in percent.
        parts: how much of it each question's share makes.
        shares: of each question, in percent.
    """

    name: str
    value: Fraction
    parts: Mapping[str, Fraction]
    shares: Mapping[str, Fraction]

    def fits(self, question: str, above: int, relevant: int) -> bool:
        """Whether the score would be printed alike with other counts of one question."""
        other = self.value + (Fraction(100 * above, relevant) - self.shares[question]) * self.parts[question]
        return round_half_up(other) == round_half_up(self.value)


def _list_forms(framework: Framework, percents: Mapping[str, Interval | None]) -> Iterator[_Form]:
    """Every score as a sum over questions."""
    shares = {key: counts for key, counts in percents.items() if key in framework.questions}
    known = {key: share.low for key, share in shares.items() if share is not None}
    scores = score(framework, shares)
    criteria = {name: _collect_parts(score) for name, score in scores.criteria.items()}
    sections = {name: _join(score, criteria) for name, score in scores.sections.items()}
    every: list[tuple[str, Score, Mapping[str, Fraction]]] = []
    every += [(name, score, criteria[name]) for name, score in scores.criteria.items()]
    every += [(name, score, sections[name]) for name, score in scores.sections.items()]
    every += [(name, score, _collect_parts(score)) for name, score in scores.threads.items()]
    if scores.overall is not None:
        every.append(("overall", scores.overall, _join(scores.overall, sections)))
    for name, level, parts in every:
        if level.value is not None:
            yield _Form(name=name, value=level.value.low, parts=parts, shares=known)


def _collect_parts(score: Score) -> dict[str, Fraction]:
    whole = sum((weight for _, weight in score.counted), Fraction(0))
    return {key: weight / whole for key, weight in score.counted}


def _join(score: Score, of: Mapping[str, Mapping[str, Fraction]]) -> dict[str, Fraction]:
    """A mean of scores as a sum over their questions."""
    parts: dict[str, Fraction] = {}
    for name, weight in _collect_parts(score).items():
        for key, part in of[name].items():
            parts[key] = parts.get(key, Fraction(0)) + weight * part
    return parts


def _list_possible(
    question: QuestionResult, everybody: QuestionResult | None, below: int
) -> set[tuple[int, int]]:
    """The counts above and relevant that a withheld question can have, for a reader who knows why it is withheld.

    Either few cases are relevant to it, or few of the others are, whose counts are then what is left of all.
    """
    few = {(above, relevant) for relevant in range(1, below) for above in range(relevant + 1)}
    counts = question.counts
    if 0 < counts.relevant < below or everybody is None:
        # One that was taken along is known not to be the first: its own number may be any, and it is never alone.
        return few | {(counts.above, counts.relevant)}
    whole = everybody.counts
    rest = {
        (whole.above - above, whole.relevant - relevant)
        for above, relevant in few | {(0, 0)}
        if 0 <= whole.above - above <= whole.relevant - relevant
    }
    return {(a, r) for a, r in few | rest if r > 0} | {(counts.above, counts.relevant)}


# -- what is shown less exactly -----------------------------------------------------------


def _coarsen_results(results: Results) -> Results:
    """Show scores that use withheld questions in whole percent, and leave out weighted figures that distinguish groups."""
    anywhere = {name for _, name in results.suppressed if name in results.framework.questions}
    of_all = {name for group, name in results.suppressed if group == ALL and name is not None}
    # Weighted figures of all groups use the same weights, so one withheld question affects every score that rests on it.
    weighted = {name for key in anywhere for name in list_resting_on(results.framework, key)}
    groups = {}
    for key, group in results.groups.items():
        coarse = coarsen_group(group, results.framework, of_all) if key == ALL else group
        gone = {name for group_key, name in results.suppressed if group_key == key and name is not None}
        groups[key] = empty_group(_recalculate_weighted(coarse, anywhere, weighted), gone)
    return replace(results, groups=groups)


def empty_group(group: GroupResult, names: set[str]) -> GroupResult:
    """A group's results without the scores of some names: no table, chart or file can then show them."""

    def empty_levels(levels: Levels) -> Levels:
        overall = Estimate(None) if levels.overall is not None and "overall" in names else levels.overall
        parts = (_keep_left(level, names) for level in (levels.sections, levels.criteria, levels.threads))
        return Levels(overall, *parts)

    weighted = None if group.weighted is None else empty_levels(group.weighted)
    return replace(group, levels=empty_levels(group.levels), weighted=weighted)


def coarsen_group(group: GroupResult, framework: Framework, withheld_ones: set[str]) -> GroupResult:
    """A group's results with every score that rests on a withheld question in whole percent.

    Criteria and threads have no interval then: a question of one or two cases makes most of it, and could be read off.

    Args:
        group: as scored.
        framework: the framework that it was scored with.
        withheld_ones: its withheld questions.
    """
    names = {
        name for key in withheld_ones & framework.questions.keys() for name in list_resting_on(framework, key)
    }
    # Whole percentages hide a single answer: many counts of the withheld question give the same printed score.
    levels = _round_off(group.levels, names)
    ratings = {
        code: title
        for code, title in group.ratings.items()
        if code not in names or _is_one_band(framework, group.levels.criteria[code].score)
    }
    return replace(
        group,
        levels=replace(
            levels,
            criteria=_drop_withheld(levels.criteria, names),
            threads=_drop_withheld(levels.threads, names),
        ),
        ratings=ratings,
        # A rating by the lowest question could say what that question's score is.
        rated=None if names else group.rated,
    )


def _is_one_band(framework: Framework, value: float | None) -> bool:
    """Whether every score that is printed alike has the same rating, which then reveals no more than the printed score."""
    if value is None:
        return True
    printed = round_percent(value)
    low, high = (find_band(framework.scoring.bands, Fraction(2 * printed + sign, 2)) for sign in (-1, 1))
    # Scores print alike from printed - 0.5 up to, but not including, printed + 0.5.
    just_below = Fraction(2 * printed + 1, 2) - Fraction(1, 10**9)
    return low == find_band(framework.scoring.bands, just_below) or low == high


def _drop_withheld(estimates: Mapping[str, Estimate], names: set[str]) -> dict[str, Estimate]:
    """Named scores without their errors and intervals."""
    return {
        key: Estimate(estimate.score) if key in names else estimate for key, estimate in estimates.items()
    }


def _recalculate_weighted(group: GroupResult, questions: set[str], scores: set[str]) -> GroupResult:
    """A group's weighted figures, without those from which another group's could be worked out."""
    if group.weighted is None:
        return group
    shares = {k: Estimate(None) if k in questions else e for k, e in group.weighted_questions.items()}
    levels = _round_off(group.weighted, scores)
    return replace(
        group,
        weighted=replace(
            levels, criteria=_keep_left(levels.criteria, scores), threads=_keep_left(levels.threads, scores)
        ),
        weighted_questions=shares,
    )


def _keep_left(estimates: Mapping[str, Estimate], names: set[str]) -> dict[str, Estimate]:
    return {key: Estimate(None) if key in names else estimate for key, estimate in estimates.items()}


def _round_off(levels: Levels, names: set[str]) -> Levels:
    """Levels with the scores of some names in whole percent."""
    overall = levels.overall

    def round_named(estimates: Mapping[str, Estimate]) -> dict[str, Estimate]:
        return {
            key: _make_whole(estimate) if key in names else estimate for key, estimate in estimates.items()
        }

    return Levels(
        overall=_make_whole(overall) if overall is not None and "overall" in names else overall,
        sections=round_named(levels.sections),
        criteria=round_named(levels.criteria),
        threads=round_named(levels.threads),
    )


_STEP = 0.005
"""Errors of such scores are rounded up to half a percentage point, so that tests err on the side of finding too little."""

_FREEDOMS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def _make_whole(estimate: Estimate) -> Estimate:
    """An estimate in whole percent: the ends of its intervals outwards, its errors upwards, its freedom downwards."""
    if estimate.score is None:
        return estimate
    low, high = _list_outwards(estimate.low, estimate.high)
    error, analytic, freedom = estimate.error, estimate.analytic, estimate.freedom
    if analytic is not None:
        ends = _list_outwards(analytic.low, analytic.high)
        analytic = Analytic(ends[0] or 0.0, 1.0 if ends[1] is None else ends[1], _round_up(analytic.error))
    # Exact degrees of freedom would reveal the number of cases, so only steps of them are shown.
    if freedom is not None:
        freedom = float(max((n for n in _FREEDOMS if n <= freedom), default=1))
    return Estimate(
        score=_round_to_percent(estimate.score),
        low=low,
        high=high,
        error=None if error is None else _round_up(error),
        freedom=freedom,
        analytic=analytic,
    )


def _list_outwards(low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """The ends of an interval in whole percent; one of a census stays one number."""
    if low is None or high is None:
        return low, high
    if high - low < 1e-12:
        return _round_to_percent(low), _round_to_percent(high)
    # The small margin keeps an end that is whole in principle from moving by a whole percentage point.
    return floor(low * 100 + 1e-9) / 100, ceil(high * 100 - 1e-9) / 100


def _round_up(error: float) -> float:
    return round(ceil(error / _STEP - 1e-9) * _STEP, 6)


def _round_to_percent(share: float) -> float:
    """A share in whole percent, halves up, as it is printed."""
    return round_percent(share) / 100
