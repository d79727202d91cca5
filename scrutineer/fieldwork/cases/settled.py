"""What counts of the answers of a case: those to questions that apply, and those that follow from others by rules.

Conditions and rules look at earlier questions only, so one pass in the framework's order settles every question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scrutineer.fieldwork.cases.applicability import Facts, add_groups, is_met
from scrutineer.frameworks.model import Framework, Question
from scrutineer.frameworks.question_kinds import NOT_APPLICABLE, find_kind


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
