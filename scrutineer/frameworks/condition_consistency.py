"""How conditions, and rules for answers, fit the framework: what they look at, what they ask for, whether they can hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scrutineer.frameworks.conditions import AnswerCount, Bounds, Condition, Nearness
from scrutineer.frameworks.model import Criterion, Framework, Question
from scrutineer.frameworks.problem import Place, Problem, list_known
from scrutineer.frameworks.question_kinds import MOST_OPTIONS, NO_EVIDENCE, NOT_APPLICABLE, find_kind

RESERVED = ("any", "not", "how_many")
"""What a condition says of other conditions or of several questions: no fact can be called so."""


@dataclass(frozen=True)
class OwnCondition:
    """A condition in its place, and what it belongs to: a question, a group, or the sample."""

    place: Place
    condition: Condition
    owner: str


def list_questions(framework: Framework) -> Iterator[tuple[Place, Criterion, Question]]:
    """Every question, with its place in the file and its criterion."""
    for s, section in enumerate(framework.sections):
        for c, criterion in enumerate(section.criteria):
            for q, question in enumerate(criterion.questions):
                yield ("sections", s, "criteria", c, "questions", q), criterion, question


def list_conditions(framework: Framework) -> Iterator[OwnCondition]:
    """Every condition, with those of the rules for answers."""
    for place, _, question in list_questions(framework):
        if question.when:
            yield OwnCondition((*place, "when"), question.when, question.key)
        for n, rule in enumerate(question.derived):
            if rule.when:
                yield OwnCondition((*place, "derived", n, "when"), rule.when, question.key)
    for n, group in enumerate(framework.groups):
        yield OwnCondition(("groups", n, "when"), group.when, group.key)
    if framework.sample.only:
        yield OwnCondition(("sample", "only"), framework.sample.only, "sample")


def check_conditions_look_back(framework: Framework) -> Iterator[Problem]:
    """A condition looks at attributes, groups and earlier questions, never at later ones."""
    facts = {a.key for a in framework.attributes} | {g.key for g in framework.groups}
    for own in list_conditions(framework):
        earlier: set[str] = set()
        for key in framework.questions:
            if key == own.owner:
                break
            earlier.add(key)
        allowed = facts | (earlier if own.owner in framework.questions else set())
        for name in dict.fromkeys(own.condition.list_names()):
            if name not in allowed:
                kind = (
                    "a later question" if name in framework.questions else "an unknown question or attribute"
                )
                what = f"the condition of '{own.owner}' refers to {kind} '{name}'"
                yield Problem(own.place, own.owner, what, list_known(name, sorted(allowed)))


def check_values_are_offered(framework: Framework) -> Iterator[Problem]:
    """A condition asks only for values that the attribute, group or question can have."""
    choices = _collect_choices(framework)
    for own in list_conditions(framework):
        for name, choice in _list_wanted(own.condition):
            if name in choices and choice not in choices[name]:
                what = f"the condition of '{own.owner}' needs '{name}' to be '{choice}', which is not one of its values"
                offered = [value for value in choices[name] if value not in {NOT_APPLICABLE, NO_EVIDENCE}]
                yield Problem(own.place, own.owner, what, f"Choose from {', '.join(map(str, offered))}")
        for count in _list_counts(own.condition):
            yield from _check_counted(own, count, choices)


def _collect_choices(framework: Framework) -> dict[str, list[object]]:
    """What each attribute, group and question can be, where that's one of a list."""
    choices: dict[str, list[object]] = {a.key: list(a.options) for a in framework.attributes if a.options}
    choices |= {a.key: [True, False] for a in framework.attributes if a.kind == "yes_no"}
    choices |= {g.key: [True, False] for g in framework.groups}
    scales = {s.key: [o.code for o in s.options] for s in framework.scales if find_kind(s).is_coded}
    for question in framework.questions.values():
        if question.scale in scales:
            choices[question.key] = [*scales[question.scale], NOT_APPLICABLE, NO_EVIDENCE]
    return choices


def _list_wanted(condition: Condition) -> Iterator[tuple[str, object]]:
    for name, value in condition.facts.items():
        if isinstance(value, tuple):
            yield from ((name, item) for item in value)
        elif isinstance(value, bool | int | str):
            yield name, value
    for inner in condition.inner:
        yield from _list_wanted(inner)


def _list_counts(condition: Condition) -> Iterator[AnswerCount]:
    if condition.how_many is not None:
        yield condition.how_many
    for inner in condition.inner:
        yield from _list_counts(inner)


def _check_counted(
    own: OwnCondition, count: AnswerCount, choices: Mapping[str, list[object]]
) -> Iterator[Problem]:
    """Answers that are counted are offered by one of the questions, and so many of them are possible."""
    asked = [name for name in count.of if name in choices]
    for answer in count.answered:
        offered = dict.fromkeys(str(value) for name in asked for value in choices[name])
        if asked and answer not in offered:
            what = f"the condition of '{own.owner}' counts '{answer}', which none of its questions offers"
            yield Problem(own.place, own.owner, what, list_known(answer, offered))
    if count.at_least is None and count.at_most is None and not count.every:
        what = f"the condition of '{own.owner}' counts answers, but doesn't say how many there must be"
        yield Problem(own.place, own.owner, what, "Add `at_least`, `at_most` or `every: true`")
    if count.at_least is not None and count.at_least > len(count.of):
        what = f"the condition of '{own.owner}' needs {count.at_least} answers of {len(count.of)} questions, so it never holds"
        yield Problem(own.place, own.owner, what, "Lower `at_least`")
    if None not in (count.at_least, count.at_most) and (count.at_least or 0) > (count.at_most or 0):
        what = f"the condition of '{own.owner}' needs at least {count.at_least} answers and at most {count.at_most}"
        yield Problem(own.place, own.owner, f"{what}, so it never holds", "Correct one of them")


def check_tests_fit_their_facts(framework: Framework) -> Iterator[Problem]:
    """Bounds of numbers are for numbers and days for dates, and a test can hold."""
    kinds = _collect_kinds(framework)
    for own in list_conditions(framework):
        for name, test in _list_tests(own.condition):
            yield from (
                Problem(own.place, own.owner, what, do) for what, do in _check_test(own, name, test, kinds)
            )


def _collect_kinds(framework: Framework) -> dict[str, str]:
    """What kind of value each attribute and question has."""
    kinds: dict[str, str] = {a.key: a.kind for a in framework.attributes}
    scales = {s.key: s for s in framework.scales}
    for key, question in framework.questions.items():
        if question.scale in scales:
            kind = find_kind(scales[question.scale])
            kinds[key] = "choice" if kind.is_coded else kind.read_as
    return kinds


def _list_tests(condition: Condition) -> Iterator[tuple[str, Bounds | Nearness]]:
    for name, value in condition.facts.items():
        if isinstance(value, Bounds | Nearness):
            yield name, value
    for inner in condition.inner:
        yield from _list_tests(inner)


def _check_test(
    own: OwnCondition, name: str, test: Bounds | Nearness, kinds: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    of = f"the condition of '{own.owner}'"
    if isinstance(test, Nearness):
        if (test.after is None) == (test.before is None):
            yield f"{of} doesn't say from which date '{name}' is counted", "Write either `after` or `before`"
        for key in (name, test.other):
            if key and kinds.get(key, "date") != "date":
                yield f"{of} tests a date, but '{key}' isn't a date", "Choose one that is"
        return
    numbers = [end for end in (test.at_least, test.at_most) if end is not None]
    days = [end for end in (test.on_or_after, test.on_or_before) if end is not None]
    if not numbers and not days:
        yield f"{of} has a test of '{name}' without a limit", "Add a limit, such as `at_least`"
    if numbers and kinds.get(name, "number") != "number":
        yield (
            f"{of} compares '{name}' with a number, but it isn't a number",
            "Give the values that it must have",
        )
    if days and kinds.get(name, "date") != "date":
        yield f"{of} compares '{name}' with a day, but it isn't a date", "Give the values that it must have"
    if (len(numbers) == 2 and numbers[0] > numbers[1]) or (len(days) == 2 and days[0] > days[1]):
        yield f"{of} asks of '{name}' what can't be", "Put the smaller limit first"


def check_derived_answers(framework: Framework) -> Iterator[Problem]:
    """Rules give answers that the scale offers, the last of them always applies, and none is out of reach."""
    scales = {s.key: s for s in framework.scales}
    for place, _, question in list_questions(framework):
        scale = scales.get(question.scale)
        if not question.derived or scale is None:
            continue
        if not find_kind(scale).is_coded:
            what = (
                f"question '{question.key}' is answered by rules, but its scale '{scale.key}' has no options"
            )
            yield Problem((*place, "scale"), question.key, what, "Choose a scale of the kind choice")
            continue
        offered = [*(option.code for option in scale.options), NOT_APPLICABLE, NO_EVIDENCE]
        for n, rule in enumerate(question.derived):
            if rule.answer not in offered:
                what = f"a rule of question '{question.key}' gives '{rule.answer}', which scale '{scale.key}' doesn't offer"
                yield Problem(
                    (*place, "derived", n, "answer"), question.key, what, list_known(rule.answer, offered)
                )
            if rule.when is None and n < len(question.derived) - 1:
                what = f"the rules of question '{question.key}' after number {n + 1} are never reached"
                yield Problem(
                    (*place, "derived", n), question.key, what, "Put the rule without a condition last"
                )
        if question.derived[-1].when is not None:
            what = f"the rules of question '{question.key}' leave some cases without an answer"
            yield Problem((*place, "derived"), question.key, what, "End with a rule without a condition")


def check_names_can_be_tested(framework: Framework) -> Iterator[Problem]:
    """No attribute, group or question is called like a part of a condition."""
    named = [
        *(("attribute", ("attributes", n, "key"), a.key) for n, a in enumerate(framework.attributes)),
        *(("group", ("groups", n, "key"), g.key) for n, g in enumerate(framework.groups)),
        *(("question", (*place, "key"), q.key) for place, _, q in list_questions(framework)),
    ]
    for kind, place, name in named:
        if name in RESERVED:
            what = f"{kind} '{name}' has a name that means something else in conditions"
            yield Problem(place, name, what, "Choose another key")


def check_options_fit(framework: Framework) -> Iterator[Problem]:
    """A scale has no more options than an answer can hold, each with a code of its own, and a choice has some."""
    for n, scale in enumerate(framework.scales):
        codes = [option.code for option in scale.options]
        if find_kind(scale).is_coded and len(codes) > MOST_OPTIONS:
            what = f"scale '{scale.key}' has {len(codes)} options, and an answer can be one of {MOST_OPTIONS} at most"
            do = "Split the question in two, or use the kind choices"
            yield Problem(("scales", n, "options", MOST_OPTIONS), scale.key, what, do)
        for m, code in enumerate(codes):
            if code in codes[:m]:
                what = f"option '{code}' appears twice in scale '{scale.key}'"
                yield Problem(
                    ("scales", n, "options", m, "code"), scale.key, what, "Give each one a different name"
                )
            if code in {NOT_APPLICABLE, NO_EVIDENCE}:
                what = f"scale '{scale.key}' has the option '{code}', which every scale offers anyway"
                yield Problem(("scales", n, "options", m, "code"), scale.key, what, "Remove it")
        if "options" in find_kind(scale).parameters and not codes:
            what = f"scale '{scale.key}' has no options to choose from"
            yield Problem(("scales", n), scale.key, what, "Add `options`")
    for n, attribute in enumerate(framework.attributes):
        if attribute.kind == "choice" and not attribute.options:
            what = f"attribute '{attribute.key}' has no options to choose from"
            yield Problem(("attributes", n), attribute.key, what, "Add `options`, or write `kind: text`")


RULES = (
    check_names_can_be_tested,
    check_options_fit,
    check_conditions_look_back,
    check_values_are_offered,
    check_tests_fit_their_facts,
    check_derived_answers,
)
