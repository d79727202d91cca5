"""The counts of one question, with the three kinds of missing kept apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from scrutineer.frameworks.model import Scale
from scrutineer.frameworks.question_kinds import NO_EVIDENCE, NOT_APPLICABLE
from scrutineer.statistics.interval import Interval
from scrutineer.statistics.printed import calculate_share

__all__ = ["NOT_APPLICABLE", "NO_EVIDENCE", "UNANSWERED", "Counts", "count"]

UNANSWERED: Final = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How one question was answered over some cases.

    Attributes:
        above: cases judged above the line.
        relevant: cases in the denominator; those without enough evidence are among them unless
            the scale leaves them out.
        missing: applicable cases not yet answered: a gap, in no denominator.
        no_evidence: cases where the evidence was not enough to judge.
        not_applicable: cases to which the question does not apply.
    """

    above: int
    relevant: int
    missing: int = 0
    no_evidence: int = 0
    not_applicable: int = 0

    def __post_init__(self) -> None:
        # Refused here, because a share above 100% would otherwise surface as a strange score much later.
        within = 0 <= self.above <= self.relevant
        if not within or self.missing < 0 or self.no_evidence < 0 or self.not_applicable < 0:
            raise ValueError(f"{self.above} of {self.relevant} is not a count of cases")

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            above=self.above + other.above,
            relevant=self.relevant + other.relevant,
            missing=self.missing + other.missing,
            no_evidence=self.no_evidence + other.no_evidence,
            not_applicable=self.not_applicable + other.not_applicable,
        )

    def __sub__(self, other: Counts) -> Counts:
        return Counts(
            above=self.above - other.above,
            relevant=self.relevant - other.relevant,
            missing=self.missing - other.missing,
            no_evidence=self.no_evidence - other.no_evidence,
            not_applicable=self.not_applicable - other.not_applicable,
        )

    @property
    def percent(self) -> Interval | None:
        """The exact share above the line in percent; None if no case is relevant."""
        # None, not zero: a question that applied to no case says nothing about practice.
        return Interval.from_number(calculate_share(self.above, self.relevant)) if self.relevant else None


def count(scale: Scale, answers: Iterable[str | None]) -> Counts:
    """Tally the answers to one question.

    Args:
        scale: the question's scale.
        answers: an option's code, `NOT_APPLICABLE`, `NO_EVIDENCE` or `UNANSWERED` per case.

    Raises:
        ValueError: an answer that the scale does not offer.
    """
    above = {o.code: bool(o.above) for o in scale.options}
    total = Counts(0, 0)
    for answer in answers:
        total = total + _count_question(scale, above, answer)
    return total


def _count_question(scale: Scale, above: dict[str, bool], answer: str | None) -> Counts:
    if answer is UNANSWERED:
        return Counts(0, 0, missing=1)
    if answer == NOT_APPLICABLE:
        return Counts(0, 0, not_applicable=1)
    if answer == NO_EVIDENCE:
        return Counts(0, int(scale.no_evidence_is_below), no_evidence=1)
    if answer in above and next(o.above for o in scale.options if o.code == answer) is None:
        return Counts(0, 0)
    if answer not in above:
        raise ValueError(f"'{answer}' is not an answer on scale '{scale.key}'")
    return Counts(int(above[answer]), 1)
