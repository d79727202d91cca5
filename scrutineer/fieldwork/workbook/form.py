"""What an assessor fills in for one case: details from the case file, and the questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scrutineer.fieldwork.cases.condition_words import format_label
from scrutineer.frameworks.model import Attribute, Framework, Question, Scale
from scrutineer.frameworks.question_kinds import ANY_NUMBER, QuestionKind, find_kind

NOT_APPLICABLE_LABEL: Final = "Not applicable"
NO_EVIDENCE_LABEL: Final = "Not enough evidence"


@dataclass(frozen=True)
class FormQuestion:
    """One question on the form.

    Attributes:
        criterion: its code.
        question: as the framework has it.
        kind: how it is answered.
        choices: the labels that may be chosen.
        bounds: the least and the most that a number may be.
    """

    criterion: str
    question: Question
    kind: QuestionKind
    choices: tuple[str, ...]
    bounds: tuple[float, float] = ANY_NUMBER


@dataclass(frozen=True)
class AssessmentForm:
    """The case assessment form of a framework.

    Attributes:
        framework: that it is made from.
        known: attributes that the caseload gives, shown but not asked.
        asked_of_file: attributes that the assessor finds in the case file.
        questions: in the framework's order.
    """

    framework: Framework
    known: tuple[Attribute, ...]
    asked_of_file: tuple[Attribute, ...]
    questions: tuple[FormQuestion, ...]


def make_form(framework: Framework) -> AssessmentForm:
    """The form of a framework."""
    known = tuple(a for a in framework.attributes if a.known_from == "caseload")
    asked = tuple(a for a in framework.attributes if a.known_from == "case_file")
    return AssessmentForm(
        framework=framework,
        known=known,
        asked_of_file=asked,
        questions=tuple(_make_asked(framework, q) for q in framework.questions.values()),
    )


def _make_asked(framework: Framework, question: Question) -> FormQuestion:
    scale = framework.scale_of[question.key]
    return FormQuestion(
        criterion=framework.criterion_of[question.key].code,
        question=question,
        kind=find_kind(scale),
        choices=list_choices(scale, question),
        bounds=find_kind(scale).bounds(scale),
    )


def list_choices(scale: Scale, question: Question) -> tuple[str, ...]:
    """The answers offered: the scale's labels, not enough evidence, and not applicable where that can be."""
    if not find_kind(scale).is_coded:
        return ()
    may_not = question.when is not None or question.may_not_apply
    return (
        *(o.label for o in scale.options),
        NO_EVIDENCE_LABEL,
        *([NOT_APPLICABLE_LABEL] if may_not else []),
    )


def list_value_choices(attribute: Attribute) -> tuple[str, ...]:
    """The values of an attribute that may be chosen."""
    return ("Yes", "No") if attribute.kind == "yes_no" else tuple(format_label(o) for o in attribute.options)


def format_value(value: object) -> str | int | float | None:
    """A value of a case as the form shows it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | float):
        return int(value) if float(value).is_integer() else value
    return str(value)


def show_value(attribute: Attribute, value: object) -> str | int | float | None:
    """The value of an attribute of a case as the form shows it."""
    return (
        format_label(str(value)) if attribute.kind == "choice" and value is not None else format_value(value)
    )
