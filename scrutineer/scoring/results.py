"""Scores of every level for every group, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.counts import Counts
from scrutineer.scoring.options import OptionCounts
from scrutineer.scoring.rated import RatedLevels
from scrutineer.scoring.recorded import Recorded, RecordedValues
from scrutineer.statistics.differences import Analytic

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A score, 0 to 1, with its two errors.

    The *descriptive* error says how far the score may lie from that of the caseload that was sampled: zero where every
    case was inspected. The *analytic* error says how far it may lie from what the area's practice leads to, of which the
    caseload itself is a sample: tests and intervals of differences rest on it alone (Cochran 1977, *Sampling Techniques*,
    3rd ed., section 2.14).

    Attributes:
        score: None if nothing could be scored.
        low: lower end of the interval of the caseload's score; None if it is not known.
        high: upper end.
        error: the descriptive standard error.
        freedom: degrees of freedom of both errors.
        analytic: the analytic error with its interval; None if nothing is known of either.
    """

    score: float | None
    low: float | None = None
    high: float | None = None
    error: float | None = None
    freedom: float | None = None
    analytic: Analytic | None = None

    def as_dict(self) -> dict[str, Any]:
        """The estimate as JSON gives it."""
        return {
            "score": self.score,
            "low": self.low,
            "high": self.high,
            "error": self.error,
            "freedom": self.freedom,
            "analytic": asdict(self.analytic) if self.analytic else None,
        }


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """The counts of one question, with Wilson's interval of the share above the line."""

    counts: Counts
    low: float | None
    high: float | None

    @property
    def score(self) -> float | None:
        """The share above the line; None if no case is relevant."""
        return self.counts.above / self.counts.relevant if self.counts.relevant else None


@dataclass(frozen=True)
class Levels:
    """Estimates of all levels above the questions."""

    overall: Estimate | None
    sections: dict[str, Estimate]
    criteria: dict[str, Estimate]
    threads: dict[str, Estimate]


@dataclass(frozen=True)
class GroupResult:
    """All results of one group.

    Attributes:
        key: of the group.
        title: as people read it.
        cases: how many it holds.
        questions: by key.
        levels: the plain estimates.
        ratings: the band that each criterion's score falls into, where the framework has bands.
        dropped: by criterion, section or thread, what had no score and took no part.
        weighted: the design-weighted estimates, where asked for, and weighted shares by question.
        weighted_questions: the same for questions.
        attribute: where the group is one value of an attribute, which.
        apart_from: the groups that it shares no case with.
        rated: the ratings of every level, where the framework says how levels are rated.
    """

    key: str
    title: str
    cases: int
    questions: dict[str, QuestionResult]
    levels: Levels
    ratings: dict[str, str] = field(default_factory=dict)
    dropped: dict[str, tuple[str, ...]] = field(default_factory=dict)
    weighted: Levels | None = None
    weighted_questions: dict[str, Estimate] = field(default_factory=dict)
    attribute: str = ""
    apart_from: tuple[str, ...] = ()
    rated: RatedLevels | None = None


@dataclass(frozen=True)
class Results:
    """The results of an inspection.

    Attributes:
        framework: that they were scored by.
        groups: by key, all cases first.
        population: how many cases the sample represents; None if it is not known.
        confidence: of every interval.
        synthetic: whether the cases were made up.
        label: what the results are of.
        suppressed: results that are withheld: pairs of a group and a question or score (None for all of the group).
        options: how often each option was chosen, by group and question, where that was counted.
        recorded: numbers and dates, by group and question, where there are any.
    """

    framework: Framework
    groups: dict[str, GroupResult]
    population: float | None = None
    confidence: float = 0.95
    synthetic: bool = False
    label: str = ""
    suppressed: frozenset[tuple[str, str | None]] = frozenset()
    options: OptionCounts = field(default_factory=dict)
    recorded: RecordedValues = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The results as JSON gives them."""
        framework = self.framework
        return {
            "format": 1,
            "kind": "results",
            "label": self.label,
            "synthetic": self.synthetic,
            "framework": {
                "id": framework.id,
                "version": framework.version,
                "hash": hash_framework(framework),
            },
            "population": self.population,
            "confidence": self.confidence,
            "groups": {key: self._group(group) for key, group in self.groups.items()},
        }

    def hides(self, group: str, name: str | None = None) -> bool:
        """Whether a group, or one of its questions or scores, is withheld."""
        return (group, None) in self.suppressed or (group, name) in self.suppressed

    def find_rated(self, group: GroupResult) -> RatedLevels | None:
        """The ratings of a group; None where anything of it is withheld, which a rating could give away."""
        return None if any(key == group.key for key, _ in self.suppressed) else group.rated

    def find_options(self, group: str, question: str) -> Mapping[str, int]:
        """How often each option of a question was chosen; nothing where anything is withheld that they could give away."""
        # The options of other groups, and those of all cases together, are what a withheld group's could be worked out from.
        if any(name in {None, question} for _, name in self.suppressed):
            return {}
        return self.options.get(group, {}).get(question, {})

    def find_recorded(self, group: str) -> Mapping[str, Recorded]:
        """What was recorded as numbers and dates; nothing where anything is withheld."""
        return {} if self.suppressed else self.recorded.get(group, {})

    def _score(
        self, group: GroupResult, name: str, plain: Estimate | None, weighted: Estimate | None
    ) -> dict[str, Any] | None:
        """The plain estimate with the weighted one next to it."""
        if plain is None:
            return None
        # A withheld score is marked rather than left out, so that a reader can tell it from one that does not exist.
        if self.hides(group.key, name):
            return {"suppressed": True}
        return {**plain.as_dict(), **({"weighted": weighted.as_dict()} if weighted else {})}

    def _group(self, group: GroupResult) -> dict[str, Any]:
        if self.hides(group.key):
            return {"title": group.title, "suppressed": True}
        fields: dict[str, Any] = {"title": group.title, "cases": group.cases}
        if group.attribute:
            fields["attribute"] = group.attribute
        fields["apart_from"] = list(group.apart_from)
        weighted = group.weighted
        fields["overall"] = self._score(
            group, "overall", group.levels.overall, weighted.overall if weighted else None
        )
        for level in ("sections", "criteria", "threads"):
            plain, other = getattr(group.levels, level), getattr(weighted, level) if weighted else {}
            fields[level] = {
                key: self._score(group, key, score, other.get(key)) for key, score in plain.items()
            }
        rated = self.find_rated(group)
        if rated is not None:
            _add_ratings(fields, rated)
        fields["questions"] = {
            key: self._describe_question(group, key, question) for key, question in group.questions.items()
        }
        recorded = self.find_recorded(group.key)
        if recorded:
            fields["recorded"] = {key: values.as_dict() for key, values in recorded.items()}
        fields["ratings"] = {
            code: label for code, label in group.ratings.items() if not self.hides(group.key, code)
        }
        fields["dropped"] = {
            key: [name for name in names if not self.hides(group.key, name)]
            for key, names in group.dropped.items()
            if not self.hides(group.key, key)
        }
        return fields

    def _describe_question(self, group: GroupResult, key: str, question: QuestionResult) -> dict[str, Any]:
        if self.hides(group.key, key):
            return {"suppressed": True}
        c = question.counts
        fields: dict[str, Any] = {
            "above": c.above,
            "relevant": c.relevant,
            "missing": c.missing,
            "no_evidence": c.no_evidence,
            "not_applicable": c.not_applicable,
            "low": question.low,
            "high": question.high,
        }
        options = self.find_options(group.key, key)
        if options:
            fields["options"] = dict(options)
        if key in group.weighted_questions:
            fields["weighted"] = group.weighted_questions[key].as_dict()
        return fields


def make_number(value: float) -> float | None:
    """A plain number, None for one that is not known."""
    # JSON has no NaN.
    return None if value != value else float(value)


def _add_ratings(fields: dict[str, Any], rated: RatedLevels) -> None:
    """Put ratings next to scores; what is judged has no score."""
    if rated.overall is not None:
        fields["overall"] = {**(fields["overall"] or Estimate(None).as_dict()), **rated.overall.as_dict()}
    for level, parts in (("sections", rated.sections), ("criteria", rated.criteria)):
        for code, part in parts.items():
            score = fields[level].get(code) or Estimate(None).as_dict()
            fields[level][code] = {**score, **part.as_dict()}
