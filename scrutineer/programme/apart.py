"""Areas compared on one question or score: which differ from the others, and no ranking beyond that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Literal

import numpy as np
from scipy.special import stdtr

from scrutineer.scoring.comparison.read_results import Counted, ScoreWithErrors
from scrutineer.scoring.comparison.sides import FALSE_DISCOVERIES
from scrutineer.statistics import heterogeneity
from scrutineer.statistics.binomial import calculate_wilson
from scrutineer.statistics.families import adjust_p_values
from scrutineer.statistics.heterogeneity import Heterogeneity
from scrutineer.statistics.hypergeometric import calculate_fisher

Place = Literal["above", "alike", "below"]


@dataclass(frozen=True)
class Stood:
    """The position of one area.

    Attributes:
        area: its name.
        score: with the interval of what its practice leads to, whatever part of its caseload was drawn.
        counts: above and relevant, of a question.
        place: above or below the other areas, by the adjusted test; alike where the test cannot tell.
        gap: its score less that of the others together, as the test took them.
        above: how many areas' intervals lie wholly below this one's.
        below: how many lie wholly above.
        tested: the p-value that it is as the others, before it is adjusted; None if nothing could be tested.
        p_value: the same adjusted over the family of tests, on which `place` rests.
    """

    area: str
    score: ScoreWithErrors
    counts: Counted | None
    place: Place
    gap: float
    above: int
    below: int
    tested: float | None
    p_value: float | None


@dataclass(frozen=True)
class Standing:
    """Areas compared with each other.

    Attributes:
        rows: above the others first, then those with no difference found, then below; by name within each: where
            intervals overlap there is no ranking.
        mean: of the areas, each counting alike.
        spread: how far they differ; None if there is too little to say.
        differ: whether they differ by more than chance, by the p-value of the spread as its family adjusts it.
    """

    rows: tuple[Stood, ...]
    mean: float
    spread: Heterogeneity | None
    differ: bool

    def find_by_place(self, place: Place) -> tuple[Stood, ...]:
        """The areas of one place."""
        return tuple(row for row in self.rows if row.place == place)


def place_by_counts(areas: Sequence[tuple[str, Counted]]) -> Standing | None:
    """Areas on one question; those without a relevant case are left out.

    Fisher's exact test compares each area with the others together, because the others' results are as uncertain as its own.
    The family of tests is that of these areas on this question; see `adjust_together` for more.

    Returns:
        None if fewer than two areas have a relevant case.
    """
    there = [(name, c) for name, c in areas if c.relevant]
    if len(there) < 2:
        return None
    scores = _list_shares([c for _, c in there])
    above, relevant = sum(c.above for _, c in there), sum(c.relevant for _, c in there)
    tests = [_test_counts(c, Counted(above - c.above, relevant - c.relevant)) for _, c in there]
    spread = heterogeneity.test_counts([(c.above, c.relevant) for _, c in there])
    return _make_standing([n for n, _ in there], scores, [c for _, c in there], tests, spread)


def _test_counts(own: Counted, others: Counted) -> tuple[float, float]:
    """The p-value that an area's share is that of the others together, and by how much it is not."""
    p = calculate_fisher(own.above, own.relevant, others.above, others.relevant)
    return p, own.above / own.relevant - others.above / others.relevant


def _list_shares(counts: Sequence[Counted]) -> list[ScoreWithErrors]:
    """The shares above the line as scores of cases out of a caseload without end."""
    above, relevant = np.array([(c.above, c.relevant) for c in counts], dtype=np.float64).T
    share = above / relevant
    error = np.sqrt(share * (1 - share) / relevant)
    columns = (share, *calculate_wilson(above, relevant), error, relevant - 1)
    return [ScoreWithErrors.from_many_cases(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]


def place_by_scores(areas: Sequence[tuple[str, ScoreWithErrors]]) -> Standing | None:
    """Areas on one score, each compared with the mean of the others by Welch's test on analytic errors.

    Areas whose results say nothing of their analytic error are left out.

    Returns:
        None if fewer than two areas have the score.
    """
    there = [(name, practice) for name, s in areas if (practice := s.estimate_practice()) is not None]
    if len(there) < 2:
        return None
    scores = [s for _, s in there]
    tests = [_test_scores(n, scores) for n in range(len(scores))]
    spread = heterogeneity.test_scores([(s.score, s.error, s.freedom) for s in scores])
    return _make_standing([n for n, _ in there], scores, [None] * len(there), tests, spread)


def _test_scores(place: int, scores: Sequence[ScoreWithErrors]) -> tuple[float | None, float]:
    """An area against the unweighted mean of the others: p-value and difference.

    Welch (1947), Biometrika 34:28-35, with an own variance that is no less than if the area did as the others do: by the
    spread of cases in all areas, and by that of a share at the others' score. An area that stands out by chance often has
    a small error by the same chance, and of many areas some then seem certain.
    """
    own, others = scores[place], [s for n, s in enumerate(scores) if n != place]
    share = 1 / len(others)
    mean = sum(s.score for s in others) * share
    gap = own.score - mean
    least = max(_calculate_spread(scores) / (max(own.freedom, 1.0) + 1), _find_at(mean, own))
    parts = [
        (max(own.error**2, least), own.freedom),
        *(((s.error * share) ** 2, s.freedom) for s in others),
    ]
    variance = sum(v for v, _ in parts)
    if variance <= 0:
        return None, gap
    freedom = variance**2 / sum(v * v / max(f, 1.0) for v, f in parts)
    return 2 * float(stdtr(freedom, -abs(gap) / sqrt(variance))), gap


def _calculate_spread(scores: Sequence[ScoreWithErrors]) -> float:
    """The variance of a case, as all areas show it together: an area of f degrees of freedom has f + 1 cases."""
    freedoms = [max(s.freedom, 1.0) for s in scores]
    return sum(f * (f + 1) * s.error**2 for f, s in zip(freedoms, scores, strict=True)) / sum(freedoms)


_MOST = 50.0
"""By so much a share near 0 or 1 can understate its variance; beyond, the shares say nothing of each other's."""


def _find_at(mean: float, own: ScoreWithErrors) -> float:
    """The variance that a score of the same effective size has where it is `mean`."""
    seen = own.score * (1 - own.score)
    return own.error**2 * min(mean * (1 - mean) / seen, _MOST) if seen > 0 else 0.0


def adjust_together(standings: Sequence[Standing]) -> tuple[Standing, ...]:
    """The same standings as one family: what a page or report says of all of them together.

    Tests of areas are adjusted over all areas and names of the family, and so are those of whether areas differ, so
    that of what is said under one cover at most one statement in twenty is expected to be chance.
    """
    p_values = iter(adjust_p_values([row.tested for standing in standings for row in standing.rows]))
    spreads = adjust_p_values(
        [standing.spread.p_value if standing.spread else None for standing in standings]
    )
    return tuple(
        _place_areas(
            standing.rows, [next(p_values) for _ in standing.rows], standing.mean, standing.spread, spread
        )
        for standing, spread in zip(standings, spreads, strict=True)
    )


def _make_standing(
    names: Sequence[str],
    scores: Sequence[ScoreWithErrors],
    counts: Sequence[Counted | None],
    tests: Sequence[tuple[float | None, float]],
    spread: Heterogeneity | None,
) -> Standing:
    rows = [
        Stood(
            area=name,
            score=score,
            counts=count,
            place="alike",
            gap=gap,
            above=sum(other.high < score.low for other in scores),
            below=sum(other.low > score.high for other in scores),
            tested=tested,
            p_value=None,
        )
        for name, score, count, (tested, gap) in zip(names, scores, counts, tests, strict=True)
    ]
    mean = sum(s.score for s in scores) / len(scores)
    p_values = adjust_p_values([tested for tested, _ in tests])
    return _place_areas(rows, p_values, mean, spread, spread.p_value if spread else None)


def _place_areas(
    rows: Sequence[Stood],
    p_values: Sequence[float | None],
    mean: float,
    spread: Heterogeneity | None,
    spread_p: float | None,
) -> Standing:
    """Areas put in their places by their adjusted p-values."""
    order = ("above", "alike", "below")
    placed = [
        replace(row, p_value=p, place=_make_place(row.gap, p)) for row, p in zip(rows, p_values, strict=True)
    ]
    placed.sort(key=lambda row: (order.index(row.place), row.area))
    return Standing(
        rows=tuple(placed),
        mean=mean,
        spread=spread,
        differ=spread_p is not None and spread_p <= FALSE_DISCOVERIES,
    )


def _make_place(gap: float, p_value: float | None) -> Place:
    if p_value is None or p_value > FALSE_DISCOVERIES or not gap:
        return "alike"
    return "above" if gap > 0 else "below"
