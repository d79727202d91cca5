"""What came of rating a criterion, a section or the whole."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scrutineer.frameworks.rating_methods import RatingScale, RatingValue

GIVEN = "as given"
"""The rule of a rating that people gave."""


@dataclass(frozen=True)
class Decision:
    """Another rating than the computed one, set by people who may.

    Attributes:
        rating: its key.
        reason: why.
        by: who set it.
        on: when, as 2023-05-31.
    """

    rating: str
    reason: str
    by: str = ""
    on: str = ""


@dataclass(frozen=True)
class RatedPart:
    """What came of rating a criterion, a section or the whole.

    Attributes:
        rating: as computed; None if it isn't rated.
        rule: what decided it, in words.
        reason: why it isn't rated, in words.
        value: what the bands were compared with: a percentage, or points.
        percent: the same as a percentage.
        total: the points of the parts; None where none are added up.
        out_of: the most that they could have.
        unlimited: what the rating would be without the limit that decided it.
        decision: what people set in its place.
        final: the rating that counts: as set by people, or as computed.
    """

    code: str
    title: str
    scale: RatingScale
    rating: RatingValue | None = None
    rule: str = ""
    reason: str = ""
    value: Fraction | None = None
    percent: Fraction | None = None
    total: Fraction | None = None
    out_of: Fraction | None = None
    unlimited: RatingValue | None = None
    decision: Decision | None = None

    @property
    def is_given(self) -> bool:
        """Whether people gave the rating, so that nothing was computed."""
        return self.rule == GIVEN

    @property
    def final(self) -> RatingValue | None:
        """The rating that counts."""
        if self.decision is None:
            return self.rating
        return self.scale.ratings[self.scale.find_place(self.decision.rating)]

    def as_dict(self) -> dict[str, Any]:
        """The part as JSON gives it."""
        final = self.final
        fields: dict[str, Any] = {
            "rating": final.title if final else None,
            "key": final.key if final else None,
            "points": None if final is None else final.points,
            "total": _make_plain(self.total),
            "out_of": _make_plain(self.out_of),
            "percent": _make_plain(self.percent),
            "rule": self.rule if final else self.reason,
        }
        if self.decision is not None:
            fields["computed"] = self.rating.title if self.rating else None
            fields |= {"reason": self.decision.reason, "by": self.decision.by, "on": self.decision.on}
        return fields


def _make_plain(value: Fraction | None) -> int | float | None:
    return None if value is None else value.numerator if value.denominator == 1 else float(value)
