"""How far assessors agree: question by question and pair by pair, who is stricter, and what that does to scores."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.answers import Answers
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.cases.codes import ABOVE, OPTION, RELEVANT, Codes
from scrutineer.fieldwork.cases.membership import Truth
from scrutineer.fieldwork.cases.settled_cases import find_applicable
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.counts import Counts
from scrutineer.scoring.groups import count_members
from scrutineer.scoring.scores import score
from scrutineer.scoring.tally import Mask, tally
from scrutineer.statistics.agreement import Agreement, make_agreement
from scrutineer.statistics.pooled import PairedAnswers, Pooled, pool
from scrutineer.statistics.severity import Severity, list_severities

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]


@dataclass(frozen=True)
class AssessorEffect:
    """What an assessor does to a score: with all cases, and without theirs, 0 to 1."""

    assessor: str
    name: str
    with_all: float
    without: float


@dataclass(frozen=True)
class AgreementReport:
    """Agreement and severity of all assessors of an inspection.

    Attributes:
        read_twice: cases that two assessors read.
        questions: by key; categories are the options of the scale, then 'not enough evidence' and 'not applicable'.
        overall: the mean over all questions.
        pairs: the mean over questions by the names of both assessors.
        severity: of each assessor, for the same questions and kinds of case.
        mix: the titles of what severity was adjusted for.
        effects: of leaving each assessor out, on each criterion and the overall score.
    """

    read_twice: int
    questions: dict[str, Agreement]
    overall: Pooled
    pairs: dict[tuple[str, str], Pooled]
    severity: tuple[Severity, ...]
    mix: tuple[str, ...]
    effects: tuple[AssessorEffect, ...]

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON gives it."""
        return {
            "read_twice": self.read_twice,
            "questions": {key: asdict(a) for key, a in self.questions.items()},
            "overall": asdict(self.overall),
            "pairs": [{"first": a, "second": b, **asdict(pair)} for (a, b), pair in self.pairs.items()],
            "adjusted_for": list(self.mix),
            "severity": [
                {
                    "assessor": s.reader,
                    "cases": s.cases,
                    "answers": s.answers,
                    "seen": _find_known(s.seen),
                    "expected": _find_known(s.expected),
                    "severity": _find_known(s.severity),
                    "low": _find_known(s.low),
                    "high": _find_known(s.high),
                    "p_value": s.p_value,
                }
                for s in self.severity
            ],
            "effects": [
                {"assessor": e.assessor, "score": e.name, "with_all": e.with_all, "without": e.without}
                for e in self.effects
            ],
        }


def _find_known(value: float) -> float | None:
    return None if np.isnan(value) else value


def make_agreement_report(framework: Framework, caseload: Caseload, answers: Answers) -> AgreementReport:
    """Agreement between first and second assessments, and severity over all first assessments.

    Args:
        framework: gives the scales and scores.
        caseload: says who read each case, where the answers do not.
        answers: with second assessments.

    Raises:
        UserError: no case was read twice and no assessor is named, so that there is nothing to compare.
    """
    first, second = _list_readers(caseload, answers)
    first_codes = answers.codes if answers.first is None else answers.first
    if answers.second is None and len({name for name in first if name}) < 2:
        what = "no case has a second assessment, and fewer than two assessors are named"
        raise UserError(
            Fault("the answers", what, "Mark second assessments with reading 2, or add the assessors' names")
        )
    truth = find_applicable(framework, caseload.frame, answers)
    # A second assessment counts if any of its answers is more than "not yet answered", whose bit is masked out.
    twice = (
        np.flatnonzero((answers.second & ~np.uint8(0x10)).any(axis=1))
        if answers.second is not None
        else np.zeros(0, dtype=np.intp)
    )
    asked = {key: _make_question(framework, answers, key, twice, truth[key]) for key in answers.questions}
    questions = (
        {key: make_agreement(q.first, q.second, q.categories, q.ordered) for key, q in asked.items()}
        if len(twice)
        else {}
    )
    # First assessments as they were made, not as adjudicated: adjudication hides how strict each assessor was.
    severity, mix = _estimate_severity(framework, caseload, answers, first_codes, (first, second), twice)
    return AgreementReport(
        read_twice=len(twice),
        questions=questions,
        overall=pool(list(asked.values())),
        pairs=_collect_pairs(asked, twice, first, second),
        severity=severity,
        mix=mix,
        effects=tuple(_list_effects(framework, answers, first, count_members(framework, caseload.frame))),
    )


def _estimate_severity(
    framework: Framework,
    caseload: Caseload,
    answers: Answers,
    earlier: Codes,
    readers: tuple[list[str | None], list[str | None]],
    twice: Ints,
) -> tuple[tuple[Severity, ...], tuple[str, ...]]:
    """The severity of each assessor over first and second assessments, and the titles of what it was adjusted for.

    Cases that were added for an element count, too: an assessor is as strict in them as in the others.
    """
    titles, known = describe_mix(framework, caseload.frame)
    codes, rows = earlier, np.arange(len(earlier))
    names = list(readers[0])
    if answers.second is not None and len(twice):
        codes, rows = np.vstack([earlier, answers.second[twice]]), np.concatenate([rows, twice])
        names += [readers[1][n] for n in twice.tolist()]
    above, relevant = ((codes & bit != 0).astype(np.float64) for bit in (ABOVE, RELEVANT))
    return list_severities(above, relevant, names, rows.tolist(), known[rows]), titles


_RARE = 5
"""A value that fewer cases have is put with the others: one case says nothing about its kind."""


def describe_mix(framework: Framework, frame: pl.DataFrame) -> tuple[tuple[str, ...], Floats]:
    """What is known of cases beforehand that can make them harder to do well: type of order, risk, and their like.

    Attributes by choice that the caseload gives, but not those of a person's diversity, nor whose case it is: practice is
    to be judged alike by every assessor. There are no more of them than a tenth of the cases can support.

    Returns:
        The titles of the attributes, and cases × one column for each value but the most common.
    """
    titles, columns = list[str](), list[Floats]()
    for attribute in framework.attributes:
        if (
            attribute.kind not in ("choice", "yes_no")
            # What assessors enter themselves depends on the assessor, so adjusting for it would hide the very difference sought.
            or attribute.known_from != "caseload"
            or attribute.role
            or attribute.diversity
            or attribute.key not in frame.columns
        ):
            continue
        values = np.array([str(v) for v in frame[attribute.key].to_list()])
        names, counts = np.unique(values, return_counts=True)
        kinds = [n for n, c in zip(names.tolist(), counts.tolist(), strict=True) if c >= _RARE]
        # The most common value is the reference, so each column says how its kind differs from the usual one.
        kinds.sort(key=lambda n: -int((values == n).sum()))
        own = [(values == n).astype(np.float64) for n in kinds[1:]]
        # About ten cases for each column is the usual rule of thumb against fitting noise.
        if own and len(columns) + len(own) <= frame.height / 10:
            titles.append(attribute.title)
            columns += own
    return tuple(titles), np.column_stack(columns) if columns else np.zeros((frame.height, 0))


def _list_readers(caseload: Caseload, answers: Answers) -> tuple[list[str | None], list[str | None]]:
    columns = caseload.frame.columns
    names = [
        caseload.frame[n].to_list() if n in columns else [None] * len(answers.cases)
        for n in ("assessor", "second_assessor")
    ]
    readers = [[answers.readers.get(case, (None, None))[n] for case in answers.cases] for n in (0, 1)]
    first, second = ([a or b for a, b in zip(t, g, strict=True)] for t, g in zip(readers, names, strict=True))
    return first, second


def _make_question(
    framework: Framework, answers: Answers, key: str, rows: Ints, truth: Truth
) -> PairedAnswers:
    """Both assessments of a question as category numbers; unanswered is none, and so is what the framework rules out."""
    options = len(framework.scale_of[key].options)
    place = answers.questions.index(key)

    def find_category(byte: int) -> int | None:
        # The bits of an answer are described in `fieldwork.cases.codes`.
        if byte & 0x10:
            return None
        if byte & 0x20:
            return options
        return (byte & OPTION) - 1 if byte & OPTION else options + 1

    first = answers.codes if answers.first is None else answers.first
    second = answers.second if answers.second is not None else first
    # Questions that might apply are kept: only a certain "does not apply" rules the answers out.
    asked = truth[rows] != 0
    assessments = [
        [
            find_category(byte) if there else None
            for byte, there in zip(codes[rows, place].tolist(), asked, strict=True)
        ]
        for codes in (first, second)
    ]
    return PairedAnswers(first=assessments[0], second=assessments[1], ordered=options, categories=options + 2)


def _collect_pairs(
    asked: dict[str, PairedAnswers], twice: Ints, first: list[str | None], second: list[str | None]
) -> dict[tuple[str, str], Pooled]:
    names = [(first[n], second[n]) for n in twice.tolist()]
    pairs = {}
    for pair in sorted({(a, b) for a, b in names if a and b}):
        rows = [n for n, both in enumerate(names) if both == pair]
        pairs[pair] = pool(
            [
                replace(q, first=[q.first[n] for n in rows], second=[q.second[n] for n in rows])
                for q in asked.values()
            ]
        )
    return pairs


def _list_effects(
    framework: Framework, answers: Answers, first: list[str | None], main: Mask
) -> list[AssessorEffect]:
    """Every criterion and the overall score of the main sample without each assessor's cases."""
    names = sorted({name for name in first if name})
    if len(names) < 2:
        return []
    # No assessor has an empty name, so cases without a name stay in every comparison.
    who = np.array([name or "" for name in first])
    masks = {"": main, **{name: main & (who != name) for name in names}}
    counted = tally(answers.codes, masks, answers.questions)
    values = {name: _collect_scores(framework, counted.find_counts(name)) for name in masks}
    return [
        AssessorEffect(assessor=name, name=code, with_all=values[""][code], without=values[name][code])
        for name in names
        for code in values[""]
        if code in values[name]
    ]


def _collect_scores(framework: Framework, counts: dict[str, Counts]) -> dict[str, float]:
    scores = score(framework, {key: c.percent for key, c in counts.items()})
    parts = {**scores.criteria, **({"overall": scores.overall} if scores.overall else {})}
    return {code: float(part.value.low / 100) for code, part in parts.items() if part.value}
