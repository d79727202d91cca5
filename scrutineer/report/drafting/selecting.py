"""Which questions of a criterion become strengths, which areas for improvement, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from scrutineer.frameworks.model import Criterion, Question
from scrutineer.report.figures.figures import FigureError, Figures
from scrutineer.report.figures.tested import is_significant
from scrutineer.statistics.printed import calculate_share

Kind = Literal["strength", "area_for_improvement"]


@dataclass(frozen=True)
class SelectedQuestion:
    """One question that a finding is about.

    Attributes:
        kind: a strength from the line on, else an area for improvement.
        distance: from the line, in percentage points.
        next to: whether the group that findings mention differs from the other cases.
        differs: whether it differs from what the whole is compared with (the original, the rest of the main sample).
    """

    question: Question
    kind: Kind
    distance: Fraction
    beside: bool
    differs: bool


def select(figures: Figures, criterion: Criterion) -> tuple[SelectedQuestion, ...]:
    """The questions of a criterion that some case is relevant to: the important first, then the far from the line.

    Summary questions come first, then those that a thread follows across sections, then the rest; questions that
    are recorded but not scored come last.
    """
    selected = [item for q in criterion.questions if (item := _select(figures, q)) is not None]
    return tuple(sorted(selected, key=lambda s: (_rank_importance(s.question), -s.distance)))


def _rank_importance(question: Question) -> int:
    if question.context:
        return 3
    return 0 if question.summary else 1 if question.threads else 2


def _select(figures: Figures, question: Question) -> SelectedQuestion | None:
    try:
        figures.cases(question.key)
    except FigureError:
        return None
    counts = figures.scored.shown.groups["all"].questions[question.key].counts
    percent = calculate_share(counts.above, counts.relevant)
    line = figures.house.numbers.line
    return SelectedQuestion(
        question=question,
        kind="strength" if percent >= line else "area_for_improvement",
        distance=abs(percent - line),
        beside=figures.house.beside is not None and is_different(figures, question.key, figures.house.beside),
        differs=is_different(figures, question.key),
    )


def is_different(figures: Figures, name: str, group: str = "all") -> bool:
    """Whether a figure differs from what it is compared with: a test says so, or by as much as the house style asks.

    A comparison that the small numbers of either side do not allow to be printed is none.
    """
    try:
        figures.compared(name, group=group)
    except FigureError:
        return False
    row = figures.find_row(name, group)
    return row is not None and (
        is_significant(row) or abs(row.difference.value) * 100 >= figures.house.numbers.differs_by
    )


def keep_kind(selected: Sequence[SelectedQuestion], kind: Kind) -> tuple[SelectedQuestion, ...]:
    """Those of one kind, in their order."""
    return tuple(item for item in selected if item.kind == kind)
