"""A period compared with the one before: the mean of areas on each score, and which means have moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scrutineer.scoring.comparison.read_results import ScoreWithErrors, Side
from scrutineer.scoring.comparison.sides import average_scores, is_found_by_test, make_difference
from scrutineer.statistics.differences import Difference
from scrutineer.statistics.families import adjust_p_values


@dataclass(frozen=True)
class Yearly:
    """A score's mean over areas in a period, and in the one before.

    Attributes:
        title: of the score.
        now: the mean, with the interval of what practice in these areas leads to.
        areas: of how many areas.
        before: the mean of the period before, where any area has the score there.
        difference: the first less the second.
        adjusted: its p-value, adjusted for all scores of the period.
    """

    title: str
    now: ScoreWithErrors
    areas: int
    before: ScoreWithErrors | None = None
    difference: Difference | None = None
    adjusted: float | None = None

    @property
    def moved(self) -> bool:
        """Whether a test, adjusted for all scores of the period, finds a difference."""
        return self.difference is not None and is_found_by_test(self.difference, self.adjusted)


def compare_years(
    sides: Sequence[Side], before: Sequence[Side], names: Sequence[tuple[str, str]]
) -> tuple[Yearly, ...]:
    """The means of a period and of the one before.

    Args:
        sides: the areas of the period.
        before: those of the period before.
        names: the scores, each with its title; those that no area of the period has are left out.
    """
    differences = [
        difference
        for name, title in names
        if (difference := _compare_score(name, title, sides, before)) is not None
    ]
    p_values = adjust_p_values([y.difference.p_value if y.difference else None for y in differences])
    return tuple(replace(y, adjusted=p) for y, p in zip(differences, p_values, strict=True))


def _compare_score(name: str, title: str, sides: Sequence[Side], before: Sequence[Side]) -> Yearly | None:
    own, others = _list_known(name, sides), _list_known(name, before)
    if not own:
        return None
    now, then = average_scores(own), average_scores(others) if others else None
    return Yearly(
        title=title,
        now=now,
        areas=len(own),
        before=then,
        difference=make_difference(now, then) if then else None,
    )


def _list_known(name: str, sides: Sequence[Side]) -> list[ScoreWithErrors]:
    """A score of each area that has it, with what practice leads to."""
    return [p for s in sides if name in s.scores and (p := s.scores[name].estimate_practice()) is not None]
