"""Where two assessments of a case differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from scrutineer.frameworks.model import Framework, Question
from scrutineer.frameworks.question_kinds import NO_EVIDENCE, NOT_APPLICABLE
from scrutineer_web.permissions import DONE
from scrutineer_web.records import frames
from scrutineer_web.records.adjudication import Adjudication
from scrutineer_web.records.answer import TEXTS, Answer

if TYPE_CHECKING:
    from scrutineer_web.records.assessment import Assessment
    from scrutineer_web.records.case import Case


def find_differences(case: Case) -> list[Disagreement]:
    """Every question that both assessments of a case answered, and answered differently; none before both are complete."""
    assessments = {
        a.number: a for a in case.assessments.filter(retired_at=None).select_related("framework_version")
    }
    if set(assessments) != {1, 2} or any(a.state not in DONE for a in assessments.values()):
        return []
    framework = assessments[1].framework_version.framework
    answers = [_collect_answers(assessments[n]) for n in (1, 2)]
    settled = {a.question: a for a in Adjudication.objects.filter(case=case, retired_at=None)}
    return [
        Disagreement(
            question, list_options(framework, key), answers[0][key], answers[1][key], settled.get(key)
        )
        for key, question in framework.questions.items()
        if key in answers[0] and key in answers[1] and answers[0][key]["value"] != answers[1][key]["value"]
    ]


def _collect_answers(assessment: Assessment) -> dict[str, dict[str, str | None]]:
    answered = frames.read_answers(assessment.framework_version.framework, bytes(assessment.codes))
    texts = {
        a.question: {name: getattr(a, name) for name in TEXTS}
        for a in Answer.objects.filter(assessment=assessment, retired_at=None)
    }
    blank = dict.fromkeys(TEXTS, "")
    return {key: {"value": v, **texts.get(key, blank)} for key, v in answered.items() if v is not None}


def list_options(framework: Framework, question: str) -> tuple[tuple[str, str], ...]:
    """Every answer that a question by choice takes, with its label."""
    own = tuple((o.code, o.label) for o in framework.scale_of[question].options)
    return (*own, (NO_EVIDENCE, _("Not enough evidence")), (NOT_APPLICABLE, _("Not applicable")))


@dataclass(frozen=True)
class Disagreement:
    """One question on which two assessments differ.

    Attributes:
        first, second: the answers, with their texts.
        settled: which answer stands; None where nobody has said.
    """

    question: Question
    options: tuple[tuple[str, str], ...]
    first: dict[str, str | None]
    second: dict[str, str | None]
    settled: Adjudication | None
