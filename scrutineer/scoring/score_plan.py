"""How scores are made of questions: for each pattern of questions without a share, worked out once for all its groups.

Which questions, criteria and sections a score is made of, and with which weights, depends only on which questions have
a relevant case. Once that is known, a score is one exact sum over its questions: a whole number over a whole number,
which Python divides to the nearest float. That gives the same number as arithmetic on fractions, which takes the
greatest common divisor at every step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm

import numpy as np
import numpy.typing as npt

from scrutineer.frameworks.model import Framework
from scrutineer.scoring.counts import Counts
from scrutineer.scoring.scores import Score, Scores, score
from scrutineer.scoring.spread import calculate_coefficients
from scrutineer.statistics.interval import Interval

Floats = npt.NDArray[np.float64]
Whole = Mapping[str, int]
"""Questions with whole weights: each counts for its part of their sum."""

_ANY = Interval.from_number(0)
"""Any share will do to learn what scores are made of."""


@dataclass(frozen=True)
class ScorePlan:
    """What the scores of a group are made of.

    Attributes:
        scores: every score with what is counted and dropped; their values, where they were made to learn that, mean nothing.
        questions: the keys of the columns of answers.
    """

    scores: Scores
    questions: tuple[str, ...]

    @classmethod
    def from_counts(
        cls, framework: Framework, questions: Sequence[str], counts: Mapping[str, Counts]
    ) -> ScorePlan:
        """The plan of a group with some counts."""
        # Scoring any share at all shows which questions count and with what weight.
        shares = {key: _ANY if count.relevant else None for key, count in counts.items()}
        return cls(score(framework, shares), tuple(questions))

    @cached_property
    def parts(self) -> tuple[Score, ...]:
        """The scores that are made of questions: criteria, then threads."""
        return (*self.scores.criteria.values(), *self.scores.threads.values())

    @cached_property
    def listed(self) -> tuple[Score, ...]:
        """Every score: criteria, sections, threads, overall."""
        whole = () if self.scores.overall is None else (self.scores.overall,)
        own = self.scores
        return (*own.criteria.values(), *own.sections.values(), *own.threads.values(), *whole)

    @cached_property
    def coefficients(self) -> Floats:
        """How much of each of `parts` the share of each question makes: parts × questions."""
        return calculate_coefficients(self.parts, self.questions)

    @cached_property
    def combined(self) -> Floats:
        """How much of each of `listed` each of `parts` makes: listed × parts."""
        names = [*self.scores.criteria, *(f"thread {key}" for key in self.scores.threads)]
        rows = dict(zip(names, np.eye(len(names)), strict=True))
        criteria = [rows[code] for code in self.scores.criteria]
        threads = [rows[f"thread {key}"] for key in self.scores.threads]
        sections = {
            code: _average_rows(s.counted, rows, len(names)) for code, s in self.scores.sections.items()
        }
        whole = self.scores.overall
        overall = [] if whole is None else [_average_rows(whole.counted, sections, len(names))]
        return np.array([*criteria, *sections.values(), *threads, *overall]).reshape(-1, len(names))

    @cached_property
    def weights(self) -> tuple[Whole, ...]:
        """For each of `listed`, its questions with whole weights; nothing if there is no score."""
        own = self.scores
        criteria = {code: _spread_weights(s.counted) for code, s in own.criteria.items()}
        sections = {code: _spread_weights(s.counted, criteria) for code, s in own.sections.items()}
        threads = [_spread_weights(s.counted) for s in own.threads.values()]
        overall = [] if own.overall is None else [_spread_weights(own.overall.counted, sections)]
        return (*criteria.values(), *sections.values(), *threads, *overall)

    def calculate(self, counts: Mapping[str, Counts]) -> Iterator[tuple[int, int] | None]:
        """The exact share of each of `listed`, 0 to 1, as numerator and denominator; None if there is no score."""
        relevant = {key: count.relevant for key, count in counts.items() if count.relevant}
        # One common denominator for all questions keeps every step in whole numbers.
        common = lcm(*relevant.values())
        above = {key: counts[key].above * (common // n) for key, n in relevant.items()}
        for weights in self.weights:
            # Numerator and denominator are left unreduced: Python divides whole numbers to the nearest float either way.
            yield (
                (sum(w * above[key] for key, w in weights.items()), sum(weights.values()) * common)
                if weights
                else None
            )


def _spread_weights(
    counted: Sequence[tuple[str, Fraction]], inner: Mapping[str, Whole] | None = None
) -> Whole:
    """The weight of each question in a mean of questions, or of scores that are themselves means of questions."""
    # Whole numbers throughout, each score's questions brought to one total: fractions would take ten times as long.
    whole = lcm(*(weight.denominator for _, weight in counted))
    made_of = {name: {name: 1} if inner is None else inner[name] for name, _ in counted}
    totals = {name: sum(parts.values()) for name, parts in made_of.items()}
    one_total = lcm(*totals.values())
    spread: dict[str, int] = {}
    for name, weight in counted:
        scale = weight.numerator * (whole // weight.denominator) * (one_total // totals[name])
        for key, part in made_of[name].items():
            # A question can be part of a score by more than one way, so its weights are added.
            spread[key] = spread.get(key, 0) + part * scale
    return spread


def _average_rows(counted: Sequence[tuple[str, Fraction]], rows: Mapping[str, Floats], size: int) -> Floats:
    """The mean of rows by their weights; a row of zeros if there is none."""
    mean = np.zeros(size)
    whole = sum(weight for _, weight in counted)
    for name, weight in counted:
        mean += float(weight / whole) * rows[name]
    return mean
