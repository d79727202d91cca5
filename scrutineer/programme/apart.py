"""Areas beside one another on one question or score: who can be told from whom, and no ranking beyond that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from scipy.special import stdtr

from scrutineer.comparison.compare import FALSE_DISCOVERIES
from scrutineer.comparison.read import Counted, Scored
from scrutineer.statistics import heterogeneity
from scrutineer.statistics.binomial import wilson
from scrutineer.statistics.differences import fisher
from scrutineer.statistics.families import adjusted
from scrutineer.statistics.heterogeneity import Heterogeneity

Place = Literal["above", "alike", "below"]


@dataclass(frozen=True)
class Stood:
    """Where one area stands.

    Attributes:
        area: its name.
        score: with its interval.
        counts: above and relevant, of a question.
        place: above or below the other areas, by the adjusted test; alike where the test cannot tell.
        above: how many areas' intervals lie wholly below this one's.
        below: how many lie wholly above.
        p_value: that it is as the others, adjusted; None where nothing could be tested.
    """

    area: str
    score: Scored
    counts: Counted | None
    place: Place
    above: int
    below: int
    p_value: float | None


@dataclass(frozen=True)
class Standing:
    """Areas beside one another.

    Attributes:
        rows: above the others first, then those that cannot be told from them, then below; by name within each: where
            intervals overlap there is no ranking.
        mean: of the areas, each counting alike.
        spread: whether they differ by more than chance; None where nothing can be told.
    """

    rows: tuple[Stood, ...]
    mean: float
    spread: Heterogeneity | None

    def of(self, place: Place) -> tuple[Stood, ...]:
        """The areas of one place."""
        return tuple(row for row in self.rows if row.place == place)


def of_counts(areas: Sequence[tuple[str, Counted]]) -> Standing | None:
    """Areas on one question; those without a relevant case are left out.

    Each is held against the others together by Fisher's exact test: what the others did is as uncertain as what it did.

    Returns:
        None where fewer than two areas have a relevant case.
    """
    there = [(name, c) for name, c in areas if c.relevant]
    if len(there) < 2:
        return None
    scores = [_share(c) for _, c in there]
    above, relevant = sum(c.above for _, c in there), sum(c.relevant for _, c in there)
    tests = [fisher(c.above, c.relevant, above - c.above, relevant - c.relevant) for _, c in there]
    spread = heterogeneity.of_counts([(c.above, c.relevant) for _, c in there])
    return _standing([n for n, _ in there], scores, [c for _, c in there], tests, spread)


def _share(counts: Counted) -> Scored:
    share = counts.above / counts.relevant
    low, high = wilson(counts.above, counts.relevant)
    return Scored(
        share, float(low), float(high), sqrt(share * (1 - share) / counts.relevant), counts.relevant - 1
    )


def of_scores(areas: Sequence[tuple[str, Scored]]) -> Standing | None:
    """Areas on one score, each held against the mean of the others by Welch's test on case-clustered errors.

    Returns:
        None where fewer than two areas have the score.
    """
    if len(areas) < 2:
        return None
    scores = [s for _, s in areas]
    tests = [_welch(n, scores) for n in range(len(scores))]
    spread = heterogeneity.of_scores([(s.score, s.error, s.freedom) for s in scores])
    return _standing([n for n, _ in areas], scores, [None] * len(areas), tests, spread)


def _welch(place: int, scores: Sequence[Scored]) -> float | None:
    """Welch (1947), Biometrika 34:28-35: an area against the unweighted mean of the others."""
    own, others = scores[place], [s for n, s in enumerate(scores) if n != place]
    share = 1 / len(others)
    gap = own.score - sum(s.score for s in others) * share
    parts = [(own.error**2, own.freedom), *(((s.error * share) ** 2, s.freedom) for s in others)]
    variance = sum(v for v, _ in parts)
    if variance <= 0:
        return None
    freedom = variance**2 / sum(v * v / max(f, 1.0) for v, f in parts)
    return 2 * float(stdtr(freedom, -abs(gap) / sqrt(variance)))


def _standing(
    names: Sequence[str],
    scores: Sequence[Scored],
    counts: Sequence[Counted | None],
    tests: Sequence[float | None],
    spread: Heterogeneity | None,
) -> Standing:
    mean = sum(s.score for s in scores) / len(scores)
    rows = [
        Stood(
            name, score, count, _place(score.score, mean, p),
            sum(other.high < score.low for other in scores), sum(other.low > score.high for other in scores), p,
        )
        for name, score, count, p in zip(names, scores, counts, adjusted(tests), strict=True)
    ]  # fmt: skip
    order = ("above", "alike", "below")
    rows.sort(key=lambda row: (order.index(row.place), row.area))
    return Standing(tuple(rows), mean, spread)


def _place(score: float, mean: float, p_value: float | None) -> Place:
    if p_value is None or p_value > FALSE_DISCOVERIES or score == mean:
        return "alike"
    return "above" if score > mean else "below"
