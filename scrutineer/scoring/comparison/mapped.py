"""Which questions and scores of two frameworks ask the same, so that they may be compared."""

from __future__ import annotations

from scrutineer.frameworks.conditions import DerivedRule
from scrutineer.frameworks.model import Criterion, Framework, Question
from scrutineer.frameworks.version_changes import compare

_ALTERS = {"meaning", "scale", "split", "merge"}


def find_comparable(old: Framework, new: Framework) -> tuple[frozenset[str], frozenset[str]]:
    """The questions that both ask in the same meaning and on the same scale, and the scores that rest on the same ones.

    A criterion is comparable where both frameworks have all its scored questions alike and weigh them alike;
    a section where all its criteria are and their weights are the same; the overall score where all sections
    are; a thread where it carries the same questions.

    Args:
        old: the one framework.
        new: the other, which may be the same.

    Returns:
        Keys of questions; codes of criteria and sections, keys of threads, and `overall`.
    """
    # A change of wording alone keeps the meaning, so such questions stay comparable.
    altered = {c.name for c in compare(old, new) if c.of == "question" and c.change in _ALTERS}
    for key, question in new.questions.items():
        # In the framework's order, so that what rests on an altered answer by rules is altered, too.
        if question.derived != _list_rules(old, key) or _rests_on(question, altered):
            altered.add(key)
    questions = frozenset((old.questions.keys() & new.questions.keys()) - altered)
    criteria = frozenset(
        code
        for code in old.criteria.keys() & new.criteria.keys()
        if _has_same_questions(old.criteria[code], new.criteria[code], questions)
        # The split between questions and summary question is part of what a criterion's score means.
        and old.scoring.criterion == new.scoring.criterion
    )
    threads = frozenset(
        t.key
        for t in old.threads
        if any(other.key == t.key for other in new.threads)
        and {q.key for q in old.list_thread_questions(t.key)}
        # A thread with one question more is another mean, even if all the others are the same.
        == {q.key for q in new.list_thread_questions(t.key)}
        <= questions
    )
    sections = frozenset(s.code for s in old.sections if _is_same_section(old, new, s.code, criteria))
    weights = [{s.code: s.weight for s in f.sections if s.weight} for f in (old, new)]
    overall = (
        frozenset({"overall"})
        # The same sections under other weights would give another score from the same cases.
        if weights[0] and weights[0] == weights[1] and set(weights[0]) <= sections
        else frozenset()
    )
    return questions, criteria | sections | threads | overall


def _list_rules(framework: Framework, key: str) -> tuple[DerivedRule, ...]:
    question = framework.questions.get(key)
    return question.derived if question else ()


def _rests_on(question: Question, altered: set[str]) -> bool:
    """Whether the answer follows from a question that isn't the same in both."""
    return any(name in altered for rule in question.derived if rule.when for name in rule.when.list_names())


def _has_same_questions(criterion: Criterion, other: Criterion, same: frozenset[str]) -> bool:
    # A summary question has a weight of its own, so it matters which question it is.
    asked = [{(q.key, q.summary, q.weight) for q in c.scored_questions} for c in (criterion, other)]
    return bool(asked[0]) and asked[0] == asked[1] and {key for key, *_ in asked[0]} <= same


def _is_same_section(old: Framework, new: Framework, code: str, criteria: frozenset[str]) -> bool:
    sections = [next((s for s in f.sections if s.code == code), None) for f in (old, new)]
    if sections[0] is None or sections[1] is None:
        return False
    weights = [
        {c.code: f.scoring.find_weight(c) for c in s.scored_criteria}
        for f, s in ((old, sections[0]), (new, sections[1]))
    ]
    # A section without scored criteria has no score to compare.
    return bool(weights[0]) and weights[0] == weights[1] and set(weights[0]) <= criteria
