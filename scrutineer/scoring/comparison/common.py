"""How two sides differ on a score over the questions that both have.

A score is a mean over questions, and a question without a relevant case drops out of it. Of few cases the rare questions
drop out often, and what is left is then a mean of other questions: two groups of the same practice differ by that
alone. A test therefore compares the sides on what both have been asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scrutineer.frameworks.model import Framework
from scrutineer.scoring.comparison.read_results import Side
from scrutineer.scoring.scores import Score, score
from scrutineer.statistics.interval import Interval

Floats = npt.NDArray[np.float64]


def collect_common_gaps(
    frameworks: tuple[Framework, Framework], first: Side, second: Side
) -> dict[str, float]:
    """By score, the first side's less the second's over the questions for which both have relevant cases, -1 to 1.

    A question whose counts are withheld of a side is not among them; a score without any such question is left out. The
    mean of several sides is held to what it is: the gaps from each of them, each counting alike.

    Args:
        frameworks: of both sides.
        first: the side that is looked at.
        second: what it is compared with.
    """
    return CommonGaps(frameworks).compare(first, second)


@dataclass(frozen=True)
class CommonGaps:
    """The gaps of many pairs of sides under the same frameworks.

    Scores are sums of questions, each with its weight; the weights depend only on which questions are there, and most
    pairs of a programme have the same ones.

    Attributes:
        frameworks: of the first and of the second side of every pair.
    """

    frameworks: tuple[Framework, Framework]

    @cached_property
    def _weights(self) -> dict[tuple[str, ...], list[dict[str, Floats]]]:
        return {}

    def compare(self, first: Side, second: Side) -> dict[str, float]:
        """See `collect_common_gaps`."""
        # A mean of several areas is compared area by area, because each area has its own set of questions in common.
        pairs = [(part, other) for part in first.parts or (first,) for other in second.parts or (second,)]
        gaps = [self._compare(pair, other) for pair, other in pairs]
        return {
            name: sum(each[name] for each in gaps) / len(gaps)
            for name in gaps[0]
            # A score that one of the parts does not have would be a mean over fewer parts, and not comparable.
            if all(name in each for each in gaps)
        }

    def _compare(self, first: Side, second: Side) -> dict[str, float]:
        shared = tuple(
            key
            for key, counts in first.questions.items()
            if counts.relevant and key in second.questions and second.questions[key].relevant
        )
        if shared not in self._weights:
            framework, second_framework = self.frameworks
            weights = collect_weights(framework, shared)
            # The same object means the same weights, which saves half of the work in a comparison of areas.
            alike = second_framework is framework
            self._weights[shared] = [weights, weights if alike else collect_weights(second_framework, shared)]
        weights, others = self._weights[shared]
        shares, other_shares = _calculate_shares(first, shared), _calculate_shares(second, shared)
        return {
            name: float(weights[name] @ shares - others[name] @ other_shares)
            for name in weights
            if name in others
        }


def collect_weights(framework: Framework, questions: Sequence[str]) -> dict[str, Floats]:
    """By score, what each question's share weighs in it, where these questions and no others have relevant cases.

    Args:
        framework: gives the rules.
        questions: those that are there.

    Returns:
        Arrays in the order of `questions`, each adding up to one; scores that none of them enters are left out.
    """
    # The shares themselves do not matter: weights depend only on which of them are there.
    scores = score(framework, dict.fromkeys(questions, Interval.from_number(0)))
    of_question = dict(zip(questions, np.eye(len(questions)), strict=True))
    criteria = _sum_up(scores.criteria, of_question)
    sections = _sum_up(scores.sections, criteria)
    overall = {} if scores.overall is None else _sum_up({"overall": scores.overall}, sections)
    return {**criteria, **sections, **_sum_up(scores.threads, of_question), **overall}


def _sum_up(scores: Mapping[str, Score], parts: Mapping[str, Floats]) -> dict[str, Floats]:
    """What each question weighs in scores that are means of parts."""
    weights = {}
    for name, scored in scores.items():
        if scored.value is None:
            continue
        total = sum(weight for _, weight in scored.counted)
        weights[name] = sum(
            (parts[part] * float(weight / total) for part, weight in scored.counted),
            np.zeros_like(parts[scored.counted[0][0]]),
        )
    return weights


def _calculate_shares(side: Side, questions: Sequence[str]) -> Floats:
    return np.array([side.questions[key].above / side.questions[key].relevant for key in questions])
