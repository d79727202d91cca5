"""Tags, threads and criteria in the place of the questions that a condition counts: each stands for all of its questions."""

from __future__ import annotations

from scrutineer.frameworks.conditions import Condition
from scrutineer.frameworks.model import Criterion, Framework, Question


def spell_out_counts(framework: Framework) -> Framework:
    """The framework with the questions themselves in every condition that counts answers.

    A tag, thread or criterion stands for those of its questions that come before the one with the condition, without those whose
    answers follow from rules. A name that's neither stays as it is, and `framework check` names it.
    """
    if not any(_counts(q) for q in framework.questions.values()):
        return framework

    def spell(condition: Condition | None, owner: str) -> Condition | None:
        return None if condition is None else _spell_out(framework, condition, owner)

    def spell_question(question: Question) -> Question:
        rules = tuple(
            rule.model_copy(update={"when": spell(rule.when, question.key)}) for rule in question.derived
        )
        return question.model_copy(update={"when": spell(question.when, question.key), "derived": rules})

    def spell_criterion(criterion: Criterion) -> Criterion:
        return criterion.model_copy(update={"questions": tuple(map(spell_question, criterion.questions))})

    sections = tuple(
        s.model_copy(update={"criteria": tuple(map(spell_criterion, s.criteria))}) for s in framework.sections
    )
    # A copy would keep what was worked out from the sections before.
    return Framework.model_construct(
        **{**{name: getattr(framework, name) for name in Framework.model_fields}, "sections": sections}
    )


def _counts(question: Question) -> bool:
    conditions = [question.when, *(rule.when for rule in question.derived)]
    return any(_has_count(condition) for condition in conditions if condition)


def _has_count(condition: Condition) -> bool:
    return condition.how_many is not None or any(map(_has_count, condition.inner))


def _spell_out(framework: Framework, condition: Condition, owner: str) -> Condition:
    changes: dict[str, object] = {
        "any": tuple(_spell_out(framework, inner, owner) for inner in condition.any),
        "not_": None if condition.not_ is None else _spell_out(framework, condition.not_, owner),
    }
    if condition.how_many is not None:
        names = dict.fromkeys(
            key for name in condition.how_many.of for key in _list_questions(framework, name, owner)
        )
        changes["how_many"] = condition.how_many.model_copy(update={"of": tuple(names)})
    return condition.model_copy(update=changes)


def _list_questions(framework: Framework, name: str, owner: str) -> list[str]:
    if name in framework.questions:
        return [name]
    earlier = list(framework.questions)[: list(framework.questions).index(owner)]
    own = [
        key
        for key in earlier
        if not framework.questions[key].derived
        and (
            name in framework.questions[key].tags
            or name in framework.questions[key].threads
            or (name in framework.criteria and framework.criterion_of[key].code == name)
        )
    ]
    return own or [name]
