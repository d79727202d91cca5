"""Made-up answers from a model: every case has a quality, every question a difficulty, every assessor a severity.

The chance that an answer is above the line is 1 ÷ (1 + e^-x) with x = area + case - question - assessor, as in a
many-facet Rasch model (Linacre 1989), so that answers of one case go together and assessors differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scrutineer.fieldwork.cases.answers import list_choice_questions
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.cases.codes import MISSING, Codes, find_byte
from scrutineer.fieldwork.cases.settled_cases import settle
from scrutineer.frameworks.model import Framework, Scale
from scrutineer.frameworks.question_kinds import NO_EVIDENCE

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """The numbers of the model, on the scale of log odds.

    Attributes:
        quality: of the area; 1 puts an average case above the line on an average question 73 times of 100.
        cases: standard deviation of the cases' quality.
        questions: of the questions' difficulty.
        severity: of the assessors' severity.
        no_evidence: the share of answers without enough evidence.
        missing: the share of answers not yet given.
    """

    quality: float = 1.0
    cases: float = 0.8
    questions: float = 0.7
    severity: float = 0.3
    no_evidence: float = 0.02
    missing: float = 0.0


@dataclass(frozen=True)
class Assignment:
    """Who reads which case: numbers of assessors, and -1 for no second assessment."""

    names: tuple[str, ...]
    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]


def assign(cases: int, assessors: int, read_twice: float, generator: np.random.Generator) -> Assignment:
    """Cases dealt out evenly, and a share of them to a second assessor."""
    first = generator.permutation(np.arange(cases) % assessors)
    second = np.full(cases, -1)
    if assessors > 1:
        twice = generator.permutation(cases)[: round(cases * read_twice)]
        second[twice] = (first[twice] + generator.integers(1, assessors, len(twice))) % assessors
    return Assignment(tuple(f"Assessor {n + 1:02d}" for n in range(assessors)), first, second)


def make_answers(
    framework: Framework,
    caseload: Caseload,
    model: Model,
    who: Assignment,
    generator: np.random.Generator,
    others: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[Codes, Codes]:
    """First and second assessments of every case; a case that is not read twice is unanswered in the second.

    Args:
        framework: questions, scales and conditions.
        caseload: the cases; a question is asked if they do not determine whether it applies.
        model: how good the work is and how it varies.
        who: the assessors.
        generator: the source of chance.
        others: numbers and dates, by question and case, which rules may look at.
    """
    keys = list_choice_questions(framework)
    cases, number = caseload.frame.height, len(keys)
    ability = generator.normal(0, model.cases, cases)
    difficulty = generator.normal(0, model.questions, number)
    severity = generator.normal(0, model.severity, len(who.names))
    base = model.quality + ability[:, None] - difficulty[None, :]
    first = _answer_once(framework, keys, base - severity[who.first][:, None], model, generator)
    second = _answer_once(framework, keys, base - severity[who.second][:, None], model, generator)
    second[who.second < 0] = MISSING
    read = who.second >= 0
    settle(framework, caseload.frame, keys, first, others or {})
    settle(framework, caseload.frame, keys, second, others or {})
    second[~read] = MISSING
    return first, second


def _answer_once(
    framework: Framework, keys: Sequence[str], odds: Floats, model: Model, generator: np.random.Generator
) -> Codes:
    chance, luck = generator.random(odds.shape), generator.random(odds.shape)
    above = chance < 1 / (1 + np.exp(-odds))
    best = generator.random(odds.shape) < 0.25
    codes = np.empty(odds.shape, dtype=np.uint8)
    for n, key in enumerate(keys):
        scale = framework.scale_of[key]
        if not scale.is_judged:
            choices = np.array([find_byte(scale, option.code) for option in scale.options])
            codes[:, n] = choices[(chance[:, n] * len(choices)).astype(np.int64)]
            continue
        good, bad = list_options(scale)
        codes[:, n] = np.where(
            above[:, n], np.where(best[:, n], good[0], good[-1]), np.where(best[:, n], bad[-1], bad[0])
        )
        codes[luck[:, n] < model.no_evidence, n] = find_byte(scale, NO_EVIDENCE)
        codes[luck[:, n] > 1 - model.missing, n] = MISSING
    return codes


def list_options(scale: Scale) -> tuple[list[int], list[int]]:
    """The bytes of the options above the line and of the others, in the order of the scale."""
    good = [find_byte(scale, o.code) for o in scale.options if o.above]
    bad = [find_byte(scale, o.code) for o in scale.options if not o.above]
    return good or bad, bad or good
