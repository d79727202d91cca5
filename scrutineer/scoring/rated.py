"""Ratings of criteria, sections and the whole, each by its method: value, bands, rules, limits, discretion.

A rating is decided on exact fractions. Where a framework's bands are of whole numbers, the value is rounded first, halves up.
Parts that aren't counted are rated, and play no part in what is above them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.model import Criterion, Framework, Section
from scrutineer.frameworks.parts import make_exact
from scrutineer.frameworks.rating_methods import RatingMethod
from scrutineer.scoring.rated_part import GIVEN, Decision, RatedPart
from scrutineer.scoring.rating_steps import (
    Shares,
    find_extreme,
    limit,
    rate_by_failures,
    rate_by_parts,
    rate_by_value,
)
from scrutineer.scoring.scores import score
from scrutineer.statistics.interval import Interval


@dataclass(frozen=True)
class RatedFigures:
    """Exact scores in percent, by key or code; None where there is no score.

    Attributes:
        counts: of each question, the cases above the line and the relevant ones; empty where only shares are known.
        cases: how many there are; None if that isn't known.
    """

    questions: Shares = field(default_factory=dict)
    criteria: Shares = field(default_factory=dict)
    sections: Shares = field(default_factory=dict)
    overall: Fraction | None = None
    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    cases: int | None = None


def collect_figures(
    framework: Framework,
    figures: Mapping[str, Interval],
    counts: Mapping[str, tuple[int, int]] | None = None,
) -> RatedFigures:
    """The exact scores that figures of questions lead to.

    Args:
        framework: gives the arithmetic.
        figures: of each question, in percent; of a range, its lower end counts.
        counts: of each question, the cases above the line and the relevant ones, where they're known.
    """
    got = score(framework, figures)
    return RatedFigures(
        questions={key: figure.low for key, figure in figures.items()},
        criteria={code: part.value.low if part.value else None for code, part in got.criteria.items()},
        sections={code: part.value.low if part.value else None for code, part in got.sections.items()},
        overall=got.overall.value.low if got.overall and got.overall.value else None,
        counts=counts or {},
    )


@dataclass(frozen=True)
class RatedLevels:
    """The ratings of every level; of what has no method there is none."""

    criteria: dict[str, RatedPart]
    sections: dict[str, RatedPart]
    overall: RatedPart | None

    def as_dict(self) -> dict[str, Any]:
        """The levels as JSON gives them."""
        return {
            "overall": self.overall.as_dict() if self.overall else None,
            "sections": {code: part.as_dict() for code, part in self.sections.items()},
            "criteria": {code: part.as_dict() for code, part in self.criteria.items()},
        }


def rate_levels(
    framework: Framework,
    figures: RatedFigures | None = None,
    given: Mapping[str, str] | None = None,
    decisions: Mapping[str, Decision] | None = None,
) -> RatedLevels:
    """Rate every criterion, every section and the whole.

    Args:
        framework: gives the methods.
        figures: exact scores.
        given: ratings that people gave, or that a table brings, by the code of a criterion or section. They stand in the place
            of what would be computed.
        decisions: ratings that people set in the place of the computed ones, by code; "overall" is the whole.

    Raises:
        UserError: a rating that a scale doesn't have, or a decision that the framework doesn't allow (all at once).
    """
    rating = _Rating(framework, figures or RatedFigures(), given or {}, decisions or {})
    criteria = {
        code: part for code, c in framework.criteria.items() if (part := rating.rate_criterion(c)) is not None
    }
    sections = {
        s.code: part for s in framework.sections if (part := rating.rate_section(s, criteria)) is not None
    }
    overall = rating.rate_whole(criteria, sections)
    rating.refuse_unknown({*criteria, *sections, "overall"})
    if rating.faults:
        raise UserError(rating.faults)
    return RatedLevels(criteria, sections, overall)


class _Rating:
    """One run: the figures, and the faults that it meets."""

    def __init__(
        self,
        framework: Framework,
        figures: RatedFigures,
        given: Mapping[str, str],
        decisions: Mapping[str, Decision],
    ):
        self.framework, self.figures, self.given, self.decisions = framework, figures, given, decisions
        self.faults: list[Fault] = []

    def refuse_unknown(self, known: set[str]) -> None:
        """Refuse ratings of what isn't rated: left out silently, they'd seem to count."""
        for code in dict.fromkeys((*self.given, *self.decisions)):
            if code not in known:
                what = f"there is no rating of '{code}'"
                self.faults.append(Fault("", what, f"Choose from {', '.join(sorted(known))}"))

    def rate_criterion(self, criterion: Criterion) -> RatedPart | None:
        """A criterion by its questions, its score, or what people say of it."""
        method = self.framework.find_method(criterion)
        if method is None:
            return None
        value, note = self.figures.criteria.get(criterion.code), ""
        if method.value in {"lowest_question", "highest_question"}:
            value, note = find_extreme(criterion, self.figures.questions, method.value == "lowest_question")
        if method.value == "failures" and criterion.code not in self.given:
            empty = RatedPart(criterion.code, criterion.title, self.framework.find_rating_scale(method.scale))
            return self._decide(self._count_failures(empty, criterion, method), method)
        return self._rate(method, criterion.code, criterion.title, value, (), note)

    def _count_failures(self, empty: RatedPart, criterion: Criterion, method: RatingMethod) -> RatedPart:
        above, relevant = self.figures.counts.get(criterion.scored_questions[0].key, (0, 0))
        few = self._find_few(method)
        if few or not relevant or method.acceptance is None:
            return replace(empty, reason=few or "no case counts towards it")
        return rate_by_failures(empty, method.acceptance, above, relevant)

    def _find_few(self, method: RatingMethod) -> str:
        """Why there are too few cases for a rating; nothing if there are enough."""
        cases, fewest = self.figures.cases, method.fewest_cases
        if fewest is None or cases is None or cases >= fewest:
            return ""
        return f"too few cases: {cases}, and a rating needs at least {fewest}"

    def rate_section(self, section: Section, criteria: Mapping[str, RatedPart]) -> RatedPart | None:
        """A section by its criteria, or by its score."""
        method = self.framework.find_method(section)
        if method is None:
            return None
        parts = [criteria[c.code] for c in section.criteria if c.counted and c.code in criteria]
        return self._rate(method, section.code, section.title, self.figures.sections.get(section.code), parts)

    def rate_whole(
        self, criteria: Mapping[str, RatedPart], sections: Mapping[str, RatedPart]
    ) -> RatedPart | None:
        """The whole by its criteria or sections, or by the overall score."""
        method = self.framework.find_method(None)
        if method is None:
            return None
        counted = [p for code, p in criteria.items() if self.framework.criteria[code].counted]
        parts = counted if method.of == "criteria" else list(sections.values())
        return self._rate(method, "overall", self.framework.title, self.figures.overall, parts)

    def _rate(
        self,
        method: RatingMethod,
        code: str,
        title: str,
        value: Fraction | None,
        parts: Sequence[RatedPart],
        note: str = "",
    ) -> RatedPart:
        empty = RatedPart(code, title, self.framework.find_rating_scale(method.scale))
        if code in self.given:
            rated = self._take_given(empty, self.given[code])
        elif self._find_few(method):
            rated = replace(empty, reason=self._find_few(method))
        elif method.value == "judgement":
            rated = replace(empty, reason="not rated yet")
        elif method.is_of_parts:
            rated = rate_by_parts(empty, method, parts)
        elif value is None:
            rated = replace(empty, reason="no case counts towards it")
        else:
            rated = limit(rate_by_value(empty, method, value, note), method, parts)
        return self._decide(rated, method)

    def _take_given(self, empty: RatedPart, key: str) -> RatedPart:
        known = {rating.key: rating for rating in empty.scale.ratings}
        if key not in known:
            what = f"{empty.code} {empty.title} can't have the rating '{key}'"
            self.faults.append(Fault("", what, f"Choose from {', '.join(known)}"))
            return replace(empty, reason="not rated yet")
        return replace(empty, rating=known[key], rule=GIVEN)

    def _decide(self, rated: RatedPart, method: RatingMethod) -> RatedPart:
        decision = self.decisions.get(rated.code)
        if decision is None:
            return rated
        what = _find_objection(rated, method, decision)
        if what:
            self.faults.append(Fault("", f"{rated.title}: {what}"))
            return rated
        return replace(rated, decision=decision)


def _find_objection(rated: RatedPart, method: RatingMethod, decision: Decision) -> str:
    """Why people may not set a rating; nothing if they may."""
    if method.discretion is None:
        return "the framework doesn't allow another rating than the computed one"
    if rated.rating is None:
        return "without a computed rating, no other one can be set"
    if decision.rating not in {rating.key for rating in rated.scale.ratings}:
        return f"there is no rating '{decision.rating}'"
    if not decision.reason.strip():
        return "give the reason for the other rating"
    within = method.discretion.within
    if within is None or rated.value is None or decision.rating == rated.rating.key:
        return ""
    gap = _calculate_gap(method, rated, decision.rating)
    if gap is not None and gap <= make_exact(within):
        return ""
    return f"another rating can be set only within {within:g} of its band"


def _calculate_gap(method: RatingMethod, rated: RatedPart, key: str) -> Fraction | None:
    """How far the value lies from the band of a rating; None if it has no band."""
    lines = [make_exact(band.at_least) for band in method.bands]
    place = next((n for n, band in enumerate(method.bands) if band.rating == key), None)
    if place is None or rated.value is None:
        return None
    if rated.value < lines[place]:
        return lines[place] - rated.value
    return rated.value - lines[place - 1] if place and rated.value >= lines[place - 1] else Fraction(0)
