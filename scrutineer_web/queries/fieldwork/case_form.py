"""The case assessment form as values: what a template shows, and what a device keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer.fieldwork.cases.condition_words import format_condition
from scrutineer.fieldwork.cases.settled import SettledQuestion
from scrutineer.frameworks.conditions import Condition, Nearness
from scrutineer.frameworks.holidays import list_holidays
from scrutineer.frameworks.model import Attribute, Criterion, Framework, Question, Scale
from scrutineer.frameworks.question_kinds import KINDS, NO_EVIDENCE, NOT_APPLICABLE, QuestionKind, find_kind
from scrutineer_web.queries.fieldwork import answer_checks
from scrutineer_web.records import current_generation
from scrutineer_web.records.answer import TEXTS, Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.comment import Comment
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.states.assessment import ANSWERABLE

SOURCES = (
    ("from_file", gettext_lazy("From the %(file)s")),
    ("from_manager", gettext_lazy("From the %(manager)s")),
    ("from_offender", gettext_lazy("From the %(person)s")),
)


@dataclass(frozen=True)
class AskedQuestion:
    """One question, or one particular of the case, with its current answer.

    Attributes:
        kind: how it is answered.
        options: code, label and whether it lies below the line.
        applies: yes, no or open.
        conflicts: answers that wait for a choice, each with its label.
        derived: the answer follows from others; `value` is what it is now, and `rule` why.
        rule: the rule that gave it, in words.
    """

    key: str
    text: str
    guidance: str
    kind: QuestionKind
    options: tuple[tuple[str, str, bool], ...]
    value: str | None
    label: str
    texts: dict[str, str]
    rev: int
    applies: str
    particular: bool
    comments: tuple[Comment, ...] = ()
    conflicts: tuple[tuple[Conflict, str], ...] = ()
    derived: bool = False
    rule: str = ""

    @property
    def below(self) -> bool:
        """Whether the answer lies below the line."""
        return any(code == self.value and low for code, _, low in self.options)

    @property
    def field(self) -> str:
        """The template of its field."""
        return "fieldwork/derived_answer.html" if self.derived else f"fieldwork/fields/{self.field_name}.html"

    @property
    def field_name(self) -> str:
        """How it's answered: the name of its field, or `derived` if people don't answer it."""
        return "derived" if self.derived else self.kind.field

    @property
    def state(self) -> str:
        """How the answer stands: derived, in conflict, or saved; empty if there is none."""
        if self.derived:
            return "derived"
        return "conflict" if self.conflicts else "saved" if self.value is not None else ""

    @property
    def chosen(self) -> list[str]:
        """The answers of a list of choices."""
        return self.value.split(";") if self.value else []


@dataclass(frozen=True)
class FormPart:
    """A criterion with its questions, or the particulars that the case file shows."""

    code: str
    title: str
    asked: tuple[AskedQuestion, ...]
    description: str = ""

    @property
    def open(self) -> int:
        """Questions that apply or may apply, and have no answer."""
        return sum(
            asked.applies != "no" and asked.value is None and not asked.derived for asked in self.asked
        )


@dataclass(frozen=True)
class CaseForm:
    """The whole form."""

    parts: tuple[FormPart, ...]
    particulars: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str], ...]
    may_answer: bool
    comments: tuple[Comment, ...] = ()
    questions: dict[str, AskedQuestion] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredAnswers:
    """What an assessment holds by question: its answers, its comments, and the conflicts that nobody has settled."""

    answers: dict[str, Answer]
    comments: dict[str, list[Comment]]
    conflicts: dict[str, list[Conflict]]


def _load_stored(assessment: Assessment) -> StoredAnswers:
    answers = {a.question: a for a in Answer.objects.filter(assessment=assessment, retired_at=None)}
    comments: dict[str, list[Comment]] = {}
    for comment in Comment.objects.filter(assessment=assessment).select_related("written_by", "resolved_by"):
        comments.setdefault(comment.question, []).append(comment)
    conflicts: dict[str, list[Conflict]] = {}
    for conflict in Conflict.objects.filter(assessment=assessment, settled_at=None).select_related(
        "raised_by"
    ):
        conflicts.setdefault(conflict.question, []).append(conflict)
    return StoredAnswers(answers, comments, conflicts)


def make_case_form(assessment: Assessment, *, may_answer: bool) -> CaseForm:
    """The form of an assessment as it is now."""
    framework = assessment.framework_version.framework
    stored = _load_stored(assessment)
    settled = answer_checks.settle_assessment(assessment)
    parts: list[FormPart] = []
    facts = [a for a in answer_checks.list_particulars(framework) if a.key not in assessment.case.particulars]
    if facts:
        asked = tuple(_make_particular(a, stored) for a in facts)
        parts.append(
            FormPart(
                "case", _("The case file"), asked, _("What the file shows decides which questions apply.")
            )
        )
    for criterion in framework.criteria.values():
        if criterion.questions:
            parts.append(_make_part(framework, criterion, stored, settled))
    subject = framework.subject
    called = {
        "manager": framework.words.get("manager", subject.manager),
        "person": subject.person,
        "file": subject.file,
    }
    sources = tuple(
        (name, str(title) % called) for name, title in SOURCES if name != "from_manager" or subject.worker
    )
    return CaseForm(
        tuple(parts),
        tuple(_list_known(framework, assessment)),
        sources,
        may_answer and assessment.state in ANSWERABLE,
        tuple(stored.comments.get("", ())),
        {asked.key: asked for part in parts for asked in part.asked},
    )


def _make_part(
    framework: Framework,
    criterion: Criterion,
    stored: StoredAnswers,
    settled: dict[str, SettledQuestion],
) -> FormPart:
    asked = []
    for question in criterion.questions:
        scale = framework.scale_of[question.key]
        options = tuple((o.code, o.label, o.above is False) for o in scale.options)
        kind = find_kind(scale)
        if kind.is_coded:
            options += _list_missing(question, scale.no_evidence_is_below)
        own = settled[question.key]
        made = _make_asked(
            stored,
            key=question.key,
            text=question.text,
            guidance=question.guidance,
            kind=kind,
            options=options,
            applies={True: "yes", False: "no", None: "open"}[own.applies],
        )
        asked.append(_add_derived(framework, question, own, made) if question.derived else made)
    return FormPart(criterion.code, criterion.title, tuple(asked), criterion.description)


def _add_derived(
    framework: Framework, question: Question, settled: SettledQuestion, asked: AskedQuestion
) -> AskedQuestion:
    """A question whose answer follows from others, with the answer and the rule that gave it."""
    if settled.rule is None:
        return replace(asked, derived=True, value=None, label="")
    answer = question.derived[settled.rule - 1].answer
    label = name_answer(framework.scale_of[question.key], answer)
    return replace(
        asked,
        derived=True,
        value=answer,
        label=label,
        rule=describe_rule(framework, question, settled.rule),
    )


def describe_rule(framework: Framework, question: Question, number: int) -> str:
    """A rule in words: its own title, or its condition."""
    rule = question.derived[number - 1]
    words = rule.title or format_condition(framework, rule.when) or _("no other rule applies")
    return words[:1].upper() + words[1:]


def name_answer(scale: Scale, answer: str) -> str:
    """An answer as the form calls it."""
    labels = {option.code: option.label for option in scale.options}
    labels |= {NO_EVIDENCE: _("Not enough evidence to judge"), NOT_APPLICABLE: _("Not applicable")}
    return labels[answer]


def _list_missing(question: Question, below: bool) -> tuple[tuple[str, str, bool], ...]:
    """The answers that say why there is none; which of them the rules allow here is said when it is saved."""
    none = ((NOT_APPLICABLE, _("Not applicable"), False),) if question.may_not_apply else ()
    return ((NO_EVIDENCE, _("Not enough evidence to judge"), below), *none)


def _make_particular(attribute: Attribute, stored: StoredAnswers) -> AskedQuestion:
    options = tuple((o, o.replace("_", " ").capitalize(), False) for o in attribute.options)
    if attribute.kind == "yes_no":
        options = (("yes", _("Yes"), False), ("no", _("No"), False))
    kind = KINDS["choice" if options else attribute.kind]
    return _make_asked(
        stored,
        key=attribute.key,
        text=attribute.title,
        guidance="",
        kind=kind,
        options=options,
        applies="yes",
        particular=True,
    )


def _make_asked(
    stored: StoredAnswers,
    *,
    key: str,
    text: str,
    guidance: str,
    kind: QuestionKind,
    options: tuple[tuple[str, str, bool], ...],
    applies: str,
    particular: bool = False,
) -> AskedQuestion:
    there = stored.answers.get(key)
    titles = {option[0]: option[1] for option in options}
    value = there.value if there else None
    waiting = tuple(
        (c, titles.get(str(c.content["value"]), str(c.content["value"] or _("no answer"))))
        for c in stored.conflicts.get(key, ())
    )
    return AskedQuestion(
        key=key,
        text=text,
        guidance=guidance,
        kind=kind,
        options=options,
        value=value,
        label=titles.get(str(value), value or _("no answer")),
        texts={name: getattr(there, name) if there else "" for name in TEXTS},
        rev=there.rev if there else 0,
        applies=applies,
        particular=particular,
        comments=tuple(stored.comments.get(key, ())),
        conflicts=waiting,
    )


def _list_known(framework: Framework, assessment: Assessment) -> list[tuple[str, str]]:
    facts = []
    for attribute in framework.attributes:
        value = assessment.case.particulars.get(attribute.key)
        if value is not None:
            text = (
                (_("yes") if value else _("no"))
                if isinstance(value, bool)
                else f"{value:g}"
                if isinstance(value, float)
                else str(value).replace("_", " ")
            )
            facts.append((attribute.title, text))
    return facts


def describe(assessment: Assessment, form: CaseForm) -> dict[str, Any]:
    """What a device needs to go on without the room: rules, facts, and the answers as they are now."""
    framework = assessment.framework_version.framework
    return {
        "assessment": assessment.pk,
        "room": str(current_generation.find_current() or ""),
        "identity": current_generation.make_identity(assessment),
        "case": assessment.case.reference,
        "area": assessment.case.inspection.area,
        "framework": assessment.framework_version.hash,
        "mayAnswer": form.may_answer,
        "rules": collect_rules(framework),
        "facts": {**assessment.case.particulars, **assessment.facts},
        "particulars": {a.key: a.kind for a in answer_checks.list_particulars(framework)},
        "answers": {
            question.key: {"value": question.value, **question.texts, "rev": question.rev}
            for question in form.questions.values()
        },
        "conflicts": [
            {"id": c.pk, "question": question.key, "content": c.content}
            for question in form.questions.values()
            for c, _ in question.conflicts
        ],
    }


def collect_rules(framework: Framework) -> dict[str, Any]:
    """The declarations of applicability, as the browser's evaluator takes them."""
    return {
        "groups": [{"key": g.key, "when": _dump(g.when)} for g in framework.groups],
        "derived": {
            key: [
                {
                    "answer": rule.answer,
                    "when": _dump(rule.when),
                    "label": name_answer(framework.scale_of[key], rule.answer),
                    "title": describe_rule(framework, q, number),
                }
                for number, rule in enumerate(q.derived, 1)
            ]
            for key, q in framework.questions.items()
            if q.derived
        },
        "numbers": [
            key for key in framework.questions if find_kind(framework.scale_of[key]).read_as == "number"
        ],
        "holidays": {place: _list_known_holidays(place) for place in _list_places(framework)},
        "questions": {key: _dump(q.when) for key, q in framework.questions.items()},
    }


def _dump(condition: Condition | None) -> dict[str, Any] | None:
    if condition is None:
        return None
    return condition.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _list_places(framework: Framework) -> set[str]:
    """The places whose public holidays some condition looks at."""

    def list_tests(condition: Condition) -> Iterator[Nearness]:
        yield from (test for test in condition.facts.values() if isinstance(test, Nearness))
        for inner in condition.inner:
            yield from list_tests(inner)

    questions = framework.questions.values()
    conditions = [*(g.when for g in framework.groups), *(q.when for q in questions if q.when)]
    conditions += [rule.when for q in questions for rule in q.derived if rule.when]
    tests = (test for condition in conditions for test in list_tests(condition))
    return {test.place for test in tests if test.unit == "working_days"}


_HOLIDAY_YEARS = range(1990, 2051)


@lru_cache(maxsize=64)
def _list_known_holidays(place: str) -> list[str]:
    return list_holidays(place, _HOLIDAY_YEARS)
