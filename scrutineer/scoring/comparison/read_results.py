"""Results as `scrutineer score --format json` wrote them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from pathlib import Path
from typing import Any

from scrutineer.errors import Fault, UserError, make_fault, shorten_path
from scrutineer.statistics.binomial import calculate_size_from_variance, find_quantile, score_interval
from scrutineer.statistics.differences import Analytic

ALL = "all"
LEVELS = ("sections", "criteria", "threads")


@dataclass(frozen=True)
class Counted:
    """The counts of a question."""

    above: int
    relevant: int


@dataclass(frozen=True)
class ScoreWithErrors:
    """A score with its two errors, 0 to 1.

    Attributes:
        low: lower end of the interval of the caseload's score.
        high: upper end.
        error: the descriptive standard error, behind that interval.
        freedom: degrees of freedom of both errors.
        analytic: the analytic error, which every test and interval of a difference rests on; None if results of a
            census were made before it was recorded, and it can't be worked out.
    """

    score: float
    low: float
    high: float
    error: float
    freedom: float
    analytic: Analytic | None

    @classmethod
    def from_many_cases(
        cls, score: float, low: float, high: float, error: float, freedom: float
    ) -> ScoreWithErrors:
        """A score of cases out of a caseload without end, where both errors are one."""
        return cls(score, low, high, error, freedom, Analytic(low, high, error))

    def estimate_practice(self) -> ScoreWithErrors | None:
        """The same score with the interval of what practice leads to, for comparing areas.

        None if the results say nothing of it.
        """
        if self.analytic is None:
            return None
        a = self.analytic
        return ScoreWithErrors(
            score=self.score, low=a.low, high=a.high, error=a.error, freedom=self.freedom, analytic=a
        )


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a group of some results, or the mean of several, which are then its parts."""

    label: str
    framework: str
    hash: str
    group: str
    cases: int
    questions: dict[str, Counted]
    scores: dict[str, ScoreWithErrors]
    synthetic: bool = False
    parts: tuple[Side, ...] = ()


@dataclass(frozen=True)
class ResultsFile:
    """A results file as read."""

    where: str
    content: dict[str, Any]

    @property
    def framework(self) -> str:
        """The id of the framework."""
        return str(self.content["framework"]["id"])

    @property
    def label(self) -> str:
        """What the results are of: their label, or the file's name."""
        return str(self.content.get("label") or Path(self.where).stem)

    def are_apart(self, first: str, second: str) -> bool:
        """Whether two groups are known to share no case."""
        groups = self.content["groups"]
        return (
            # Groups that share cases are not independent, and every test here assumes that they are.
            second in groups.get(first, {}).get("apart_from", ())
            or first not in groups
            or second not in groups
        )

    def make_side(self, group: str) -> Side:
        """One group as a side of a comparison.

        Raises:
            UserError: the results have no such group.
        """
        groups = self.content["groups"]
        if group not in groups or groups[group].get("suppressed"):
            more = (
                " Groups that start with 'not:' are only in results scored with everyone else"
                if group.startswith("not:")
                else ""
            )
            raise UserError(
                Fault(
                    self.where,
                    f"the results have no group '{group}'",
                    f"Choose from {', '.join(groups)}.{more}".rstrip("."),
                )
            )
        try:
            return self._make_side(group, groups[group])
        # The file may have been edited by hand; whatever part is missing or wrong, the advice is the same.
        except (KeyError, TypeError, AttributeError, ValueError):
            raise UserError(
                Fault(self.where, f"the results of group '{group}' are incomplete", "Score again")
            ) from None

    def _make_side(self, group: str, side: dict[str, Any]) -> Side:
        pin, population = self.content["framework"], self.content.get("population")
        whole = self.content["groups"].get(ALL, side)["cases"]
        fraction = min(whole / population, 1.0) if population else 0.0
        questions = {k: _count(q) for k, q in side["questions"].items() if not q.get("suppressed")}
        scores = {k: s for level in LEVELS for k, s in side.get(level, {}).items()}
        if side.get("overall"):
            scores["overall"] = side["overall"]
        return Side(
            label=self.label,
            framework=pin["id"],
            hash=pin["hash"],
            group=group,
            cases=side["cases"],
            questions=questions,
            scores={
                k: _score(_read_bare(s), fraction) for k, s in scores.items() if s.get("score") is not None
            },
            synthetic=bool(self.content.get("synthetic")),
        )


def read_results(path: Path) -> ResultsFile:
    """A results file.

    Raises:
        UserError: the file cannot be read or holds something else.
    """
    where = shorten_path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(make_fault(error, where)) from None
    # A file nested thousands of levels deep exhausts the parser's stack before it turns out not to be JSON.
    except (ValueError, RecursionError):
        content = None
    if not _is_results(content):
        raise UserError(Fault(where, "this is not a results file", "Save the scores as JSON"))
    return ResultsFile(where, content)


def _read_bare(score: dict[str, Any]) -> dict[str, Any]:
    """A score as it is; one without an interval as if it could lie anywhere."""
    return score if score.get("low") is not None else {**score, "low": 0.0, "high": 1.0, "error": None}


def _score(score: dict[str, Any], fraction: float) -> ScoreWithErrors:
    if score.get("error") is None:  # published without, so that it gives nothing withheld away
        value, low, high = (float(score[part]) for part in ("score", "low", "high"))
        return ScoreWithErrors(score=value, low=low, high=high, error=0.0, freedom=1.0, analytic=None)
    parts = [float(score[part]) for part in ("score", "low", "high", "error", "freedom")]
    interval = score.get("analytic")
    analytic = (
        Analytic(*(float(interval[part]) for part in ("low", "high", "error")))
        if interval
        else _remove_correction(parts, fraction)
    )
    ends = (analytic.low, analytic.high) if analytic else ()
    errors = (parts[3], analytic.error) if analytic else (parts[3],)
    if not all(0 <= x <= 1 for x in (*parts[:3], *ends)) or not all(isfinite(e) and e >= 0 for e in errors):
        raise ValueError(f"{parts[0]} is not a score")
    value, low, high, error, freedom = parts
    return ScoreWithErrors(score=value, low=low, high=high, error=error, freedom=freedom, analytic=analytic)


def _remove_correction(parts: Sequence[float], fraction: float) -> Analytic | None:
    """The analytic error of results that were made before it was kept: they had one fraction for every group.

    Returns:
        None at a census, where the correction had left no error at all.
    """
    value, low, high, error, freedom = parts
    if fraction >= 1:
        return None
    if not fraction:
        return Analytic(low, high, error)
    # The inverse of the finite population correction, √(1 - f).
    whole = error / sqrt(1 - fraction)
    size = calculate_size_from_variance(value, whole**2, freedom + 1)
    ends = score_interval(value, size, find_quantile(freedom=max(freedom, 1.0)))
    return Analytic(float(ends[0]), float(ends[1]), whole)


def _count(question: dict[str, Any]) -> Counted:
    above, relevant = int(question["above"]), int(question["relevant"])
    # A share above 100% would make every test fail much later, with a message that no one could connect with this file.
    if not 0 <= above <= relevant:
        raise ValueError(f"{above} of {relevant} is not a count of cases")
    return Counted(above, relevant)


def _is_results(content: object) -> bool:
    """Whether a file has the parts that every results file has."""
    if not isinstance(content, dict) or content.get("kind") != "results":
        return False
    pin, groups = content.get("framework"), content.get("groups")
    named = isinstance(pin, dict) and {"id", "hash"} <= pin.keys()
    return named and isinstance(groups, dict) and all(isinstance(group, dict) for group in groups.values())
