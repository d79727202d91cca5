"""What counts of the answers of a case: those to questions that apply, and those that follow from others by rules.

Conditions and rules look at earlier questions only, so one pass in the framework's order settles every question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from scrutineer.fieldwork.cases.answers import Answers
from scrutineer.fieldwork.cases.applicability import Facts, add_groups, is_met
from scrutineer.fieldwork.cases.codes import MISSING, NOT_APPLICABLE_BYTE, Codes, find_byte
from scrutineer.fieldwork.cases.membership import (
    FactColumns,
    Truth,
    collect_groups,
    find_applicable_questions,
)
from scrutineer.frameworks.model import Framework, Question
from scrutineer.frameworks.question_kinds import NOT_APPLICABLE, find_kind

Others = Mapping[str, Mapping[str, str]]
"""Answers that aren't one option of a scale, by question and case."""


@dataclass(frozen=True)
class SettledQuestion:
    """What came of one question in one case.

    Attributes:
        applies: whether the question applies; None if that isn't known yet.
        answer: the answer that counts; None if there is none yet.
        rule: the number of the rule that gave it, from 1; None if people answer the question.
    """

    applies: bool | None
    answer: object
    rule: int | None = None


def settle_case(
    framework: Framework, facts: Facts, answers: Mapping[str, object]
) -> dict[str, SettledQuestion]:
    """What counts of the answers of one case, by question.

    Args:
        framework: gives conditions and rules.
        facts: the case's attributes.
        answers: what people answered; None or absence means not yet.
    """
    known = add_groups(framework, facts)
    settled: dict[str, SettledQuestion] = {}
    for key, question in framework.questions.items():
        applies = is_met(question.when, known)
        if applies is False:
            settled[key] = SettledQuestion(False, NOT_APPLICABLE)
        elif question.derived:
            settled[key] = _derive(question, known) if applies else SettledQuestion(None, None)
        else:
            value = read_other(framework, key, answers.get(key))
            settled[key] = SettledQuestion(applies, value)
        known[key] = settled[key].answer
    return settled


def _derive(question: Question, known: Facts) -> SettledQuestion:
    """The answer of the first rule that applies; none where an earlier one may still come to apply."""
    for number, rule in enumerate(question.derived, 1):
        verdict = is_met(rule.when, known)
        if verdict is None:
            break
        if verdict:
            return SettledQuestion(True, rule.answer, number)
    return SettledQuestion(True, None)


def read_other(framework: Framework, key: str, answer: object) -> object:
    """An answer as conditions look at it: a number as a number."""
    if isinstance(answer, str) and find_kind(framework.scale_of[key]).read_as == "number":
        try:
            return float(answer)
        except ValueError:
            return None
    return answer


def settle(
    framework: Framework, frame: pl.DataFrame, questions: Sequence[str], codes: Codes, others: Others
) -> Codes | None:
    """Settle the answers of many cases in place: 'not applicable' where the framework says so, and what follows by rules.

    Args:
        framework: gives conditions and rules.
        frame: a row per case.
        questions: the keys of the columns.
        codes: cases × questions; altered.
        others: answers that aren't one option of a scale.

    Returns:
        What was answered where the question doesn't apply, missing elsewhere: it's kept, and counts nowhere, nor does it
        decide about later questions. None if there's none.
    """
    facts = FactColumns(frame, collect_groups(framework, frame))
    named = find_named(framework)
    places = {key: n for n, key in enumerate(questions)}
    aside: Codes | None = None
    for key, question in framework.questions.items():
        never = None if question.when is None else facts.evaluate(question.when) == 0
        if key not in places:
            if key in named:
                _add_other(framework, facts, key, frame, others.get(key, {}), never)
            continue
        column = codes[:, places[key]]
        if question.derived:
            _derive_column(framework, question, facts, column)
        elif never is not None:
            answered = never & (column != MISSING) & (column != NOT_APPLICABLE_BYTE)
            if answered.any():
                aside = np.full_like(codes, MISSING) if aside is None else aside
                aside[answered, places[key]] = column[answered]
        if never is not None:
            column[never] = NOT_APPLICABLE_BYTE
        if key in named:
            facts.add_answers(key, framework.scale_of[key], column)
    return aside


def find_applicable(framework: Framework, frame: pl.DataFrame, answers: Answers) -> dict[str, Truth]:
    """Whether each question applies to each case, by the answers that count."""
    named = find_named(framework)
    earlier: dict[str, Sequence[object]] = {}
    for key in named & set(framework.questions):
        if key in answers.questions:
            earlier[key] = answers.decode_column(framework, key)
        else:
            own = answers.others.get(key, {})
            earlier[key] = [read_other(framework, key, own.get(case)) for case in answers.cases]
    return find_applicable_questions(framework, frame, earlier)


def find_named(framework: Framework) -> frozenset[str]:
    """The questions that some condition or rule looks at."""
    conditions = [q.when for q in framework.questions.values()]
    conditions += [rule.when for q in framework.questions.values() for rule in q.derived]
    return frozenset(name for condition in conditions if condition for name in condition.list_names())


def _derive_column(framework: Framework, question: Question, facts: FactColumns, column: Codes) -> None:
    scale = framework.scale_of[question.key]
    applies = facts.evaluate(question.when)
    # A case is open until a rule has decided it. A rule that isn't known to fail leaves it without an answer.
    column[:] = MISSING
    is_open = applies == 1
    for rule in question.derived:
        verdict = facts.evaluate(rule.when)
        column[is_open & (verdict == 1)] = find_byte(scale, rule.answer)
        is_open &= verdict == 0


def _add_other(
    framework: Framework,
    facts: FactColumns,
    key: str,
    frame: pl.DataFrame,
    answers: Mapping[str, str],
    never: npt.NDArray[np.bool_] | None,
) -> None:
    values = [read_other(framework, key, answers.get(case)) for case in frame["case"].to_list()]
    if never is not None:
        values = [NOT_APPLICABLE if no else value for no, value in zip(never.tolist(), values, strict=True)]
    facts.add(key, values)
