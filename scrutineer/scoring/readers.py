"""How far assessors agree: question by question and pair by pair, who is stricter, and what that does to scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from scrutineer.cases.answers import Answers
from scrutineer.cases.caseload import Caseload
from scrutineer.cases.codes import ABOVE, OPTION, RELEVANT
from scrutineer.cases.membership import Truth, applies
from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.counts import Counts
from scrutineer.scoring.scores import score
from scrutineer.scoring.tally import tally
from scrutineer.statistics.agreement import Agreement, agreement
from scrutineer.statistics.severity import Severity, severities


@dataclass(frozen=True)
class Effect:
    """What an assessor does to a score: with all cases, and without his or hers, 0 to 1."""

    assessor: str
    name: str
    with_all: float
    without: float


@dataclass(frozen=True)
class AgreementReport:
    """Agreement and severity of all assessors of an inspection.

    Attributes:
        read_twice: cases that two assessors read.
        overall: all questions together.
        questions: by key; categories are the options of the scale, then 'not enough evidence' and 'not applicable'.
        pairs: by the names of both assessors.
        severity: of each assessor.
        effects: of leaving each assessor out, on each criterion and the overall score.
    """

    read_twice: int
    overall: Agreement
    questions: dict[str, Agreement]
    pairs: dict[tuple[str, str], Agreement]
    severity: tuple[Severity, ...]
    effects: tuple[Effect, ...]

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON gives it."""
        return {
            "read_twice": self.read_twice,
            "overall": _agreement(self.overall),
            "questions": {key: _agreement(a) for key, a in self.questions.items()},
            "pairs": [{"first": a, "second": b, **_agreement(one)} for (a, b), one in self.pairs.items()],
            "severity": [
                {
                    "assessor": s.reader,
                    "cases": s.cases,
                    "answers": s.answers,
                    "seen": _known(s.seen),
                    "expected": _known(s.expected),
                    "severity": _known(s.severity),
                    "low": _known(s.low),
                    "high": _known(s.high),
                    "p_value": s.p_value,
                }
                for s in self.severity
            ],
            "effects": [
                {"assessor": e.assessor, "score": e.name, "with_all": e.with_all, "without": e.without}
                for e in self.effects
            ],
        }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _agreement(one: Agreement) -> dict[str, Any]:
    return {
        "pairs": one.pairs,
        "same": one.same,
        "percent": one.percent,
        "kappa": one.kappa,
        "ac1": one.ac1,
        "alpha": one.alpha,
    }


def agreement_report(framework: Framework, caseload: Caseload, answers: Answers) -> AgreementReport:
    """Agreement between first and second readings, and severity over all first readings.

    Args:
        framework: gives the scales and scores.
        caseload: says who read each case, where the answers do not.
        answers: with second readings.

    Raises:
        UserError: no case was read twice and no assessor is named, so that there is nothing to compare.
    """
    first, second = _readers(caseload, answers)
    given = answers.codes if answers.first is None else answers.first
    if answers.second is None and len({name for name in first if name}) < 2:
        what = "no case was read twice, and fewer than two assessors are named"
        raise UserError(
            Fault("the answers", what, "Mark second readings with reading 2, or give the assessors")
        )
    truth = applies(framework, caseload.frame, _earlier(framework, answers))
    twice = (
        np.flatnonzero((answers.second & ~np.uint8(0x10)).any(axis=1))
        if answers.second is not None
        else np.zeros(0, dtype=np.intp)
    )
    categories = {key: _categories(framework, answers, key, twice, truth[key]) for key in answers.questions}
    questions = {key: agreement(*pair) for key, pair in categories.items()} if len(twice) else {}
    return AgreementReport(
        len(twice),
        _together(list(categories.values())),
        questions,
        _pairs(categories, twice, first, second),
        severities(
            (given & ABOVE != 0).astype(np.float64),
            (given & RELEVANT != 0).astype(np.float64),
            first,
        ),
        tuple(_effects(framework, answers, first)),
    )


def _readers(caseload: Caseload, answers: Answers) -> tuple[list[str | None], list[str | None]]:
    columns = caseload.frame.columns
    given = [
        caseload.frame[n].to_list() if n in columns else [None] * len(answers.cases)
        for n in ("assessor", "second_assessor")
    ]
    told = [[answers.readers.get(case, (None, None))[n] for case in answers.cases] for n in (0, 1)]
    return tuple([a or b for a, b in zip(t, g, strict=True)] for t, g in zip(told, given, strict=True))  # type: ignore[return-value]


Categories = tuple[list[int | None], list[int | None], int]


def _earlier(framework: Framework, answers: Answers) -> dict[str, list[str | None]]:
    named = {name for q in framework.questions.values() if q.when for name in q.when.names()}
    return {key: answers.column(framework, key) for key in answers.questions if key in named}


def _categories(framework: Framework, answers: Answers, key: str, rows: Any, truth: Truth) -> Categories:
    """Both readings of a question as category numbers; unanswered is none, and so is what the framework rules out."""
    options = len(framework.scale_of[key].options)
    place = answers.questions.index(key)

    def category(byte: int) -> int | None:
        if byte & 0x10:
            return None
        if byte & 0x20:
            return options
        return (byte & OPTION) - 1 if byte & OPTION else options + 1

    first = answers.codes if answers.first is None else answers.first
    second = answers.second if answers.second is not None else first
    asked = truth[rows] != 0
    readings = [
        [
            category(byte) if there else None
            for byte, there in zip(codes[rows, place].tolist(), asked, strict=True)
        ]
        for codes in (first, second)
    ]
    return readings[0], readings[1], options + 2


def _together(found: list[Categories]) -> Agreement:
    """All questions as one; scales of another length are put side by side by their category numbers."""
    width = max((n for _, _, n in found), default=2)
    return agreement([c for a, _, _ in found for c in a], [c for _, b, _ in found for c in b], width)


def _pairs(
    categories: dict[str, Categories], twice: Any, first: list[str | None], second: list[str | None]
) -> dict[tuple[str, str], Agreement]:
    names = [(first[n], second[n]) for n in twice.tolist()]
    found = {}
    for pair in sorted({(a, b) for a, b in names if a and b}):
        rows = [n for n, both in enumerate(names) if both == pair]
        part = [([a[n] for n in rows], [b[n] for n in rows], width) for a, b, width in categories.values()]
        found[pair] = _together(part)
    return found


def _effects(framework: Framework, answers: Answers, first: list[str | None]) -> list[Effect]:
    """Every criterion and the overall score without each assessor's cases."""
    names = sorted({name for name in first if name})
    if len(names) < 2:
        return []
    who = np.array([name or "" for name in first])
    masks = {"": np.ones(len(who), dtype=np.bool_), **{name: who != name for name in names}}
    counted = tally(answers.codes, masks, answers.questions)
    values = {name: _scores(framework, counted.of(name)) for name in masks}
    return [
        Effect(name, code, values[""][code], values[name][code])
        for name in names
        for code in values[""]
        if code in values[name]
    ]


def _scores(framework: Framework, counts: dict[str, Counts]) -> dict[str, float]:
    found = score(framework, {key: c.percent for key, c in counts.items()})
    parts = {**found.criteria, **({"overall": found.overall} if found.overall else {})}
    return {code: float(one.value.low / 100) for code, one in parts.items() if one.value}
