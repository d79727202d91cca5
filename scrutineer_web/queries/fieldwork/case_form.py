"""The case assessment form as values: what a template shows, and what a device keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer.fieldwork.cases.codes import NO_EVIDENCE, NOT_APPLICABLE
from scrutineer.frameworks.model import Attribute, Criterion, Framework, Question
from scrutineer.frameworks.question_kinds import KINDS, QuestionKind, find_kind
from scrutineer_web.queries.fieldwork import answer_checks
from scrutineer_web.records import current_generation
from scrutineer_web.records.answer import TEXTS, Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.comment import Comment
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.states.assessment import ANSWERABLE

SOURCES = (
    ("from_file", gettext_lazy("From the file")),
    ("from_manager", gettext_lazy("From the %(manager)s")),
    ("from_offender", gettext_lazy("From the offender")),
)


@dataclass(frozen=True)
class AskedQuestion:
    """One question, or one particular of the case, with its current answer.

    Attributes:
        kind: how it is answered.
        options: code, label and whether it lies below the line.
        applies: yes, no or open.
        conflicts: answers that wait for a choice, each with its label.
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

    @property
    def below(self) -> bool:
        """Whether the answer lies below the line."""
        return any(code == self.value and low for code, _, low in self.options)

    @property
    def field(self) -> str:
        """The template of its field."""
        return f"fieldwork/fields/{self.kind.field}.html"

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
        return sum(asked.applies != "no" and asked.value is None for asked in self.asked)


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
    truth = answer_checks.find_applicable(assessment)
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
            parts.append(_make_part(framework, criterion, stored, truth))
    manager = framework.words.get("manager", _("offender manager"))
    sources = tuple((name, str(title) % {"manager": manager}) for name, title in SOURCES)
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
    truth: dict[str, bool | None],
) -> FormPart:
    asked = []
    for question in criterion.questions:
        scale = framework.scale_of[question.key]
        options = tuple((o.code, o.label, o.above is False) for o in scale.options)
        kind = find_kind(scale)
        if kind.is_coded:
            options += _list_missing(question, scale.not_enough_evidence == "below")
        applies = {True: "yes", False: "no", None: "open"}[truth[question.key]]
        asked.append(
            _make_asked(
                stored,
                key=question.key,
                text=question.text,
                guidance=question.guidance,
                kind=kind,
                options=options,
                applies=applies,
            )
        )
    return FormPart(criterion.code, criterion.title, tuple(asked), criterion.description)


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
        "groups": [
            {"key": g.key, "when": g.when.model_dump(mode="json", by_alias=True, exclude_defaults=True)}
            for g in framework.groups
        ],
        "questions": {
            key: q.when.model_dump(mode="json", by_alias=True, exclude_defaults=True) if q.when else None
            for key, q in framework.questions.items()
        },
    }
