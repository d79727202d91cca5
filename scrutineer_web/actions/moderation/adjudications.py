"""Where two readings differ, and which answer stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.codes import NO_EVIDENCE, NOT_APPLICABLE
from scrutineer.frameworks.model import Framework, Question
from scrutineer_web.actions.fieldwork.answers import locked
from scrutineer_web.audit.write import tell
from scrutineer_web.permissions import DONE, Person, check
from scrutineer_web.records import frames
from scrutineer_web.records.adjudication import Adjudication
from scrutineer_web.records.answer import TEXTS, Answer
from scrutineer_web.safeguards import four_eyes
from scrutineer_web.states.inspection import SETTLED

if TYPE_CHECKING:
    from scrutineer_web.records.assessment import Assessment
    from scrutineer_web.records.case import Case
    from scrutineer_web.records.user import User


@dataclass(frozen=True)
class Difference:
    """One question on which two readings differ.

    Attributes:
        first, second: the answers, with their texts.
        settled: which answer stands; None where nobody has said.
    """

    question: Question
    options: tuple[tuple[str, str], ...]
    first: dict[str, str | None]
    second: dict[str, str | None]
    settled: Adjudication | None


def differences(case: Case) -> list[Difference]:
    """Every question that both readings of a case answered, and answered differently; none before both are complete."""
    readings = {
        a.reading: a for a in case.assessments.filter(retired_at=None).select_related("framework_version")
    }
    if set(readings) != {1, 2} or any(a.state not in DONE for a in readings.values()):
        return []
    framework = readings[1].framework_version.framework
    told = [_answers(readings[n]) for n in (1, 2)]
    settled = {a.question: a for a in Adjudication.objects.filter(case=case, retired_at=None)}
    return [
        Difference(question, options_of(framework, key), told[0][key], told[1][key], settled.get(key))
        for key, question in framework.questions.items()
        if key in told[0] and key in told[1] and told[0][key]["value"] != told[1][key]["value"]
    ]


def _answers(reading: Assessment) -> dict[str, dict[str, str | None]]:
    given = frames.answers_in(reading.framework_version.framework, bytes(reading.codes))
    texts = {
        a.question: {name: getattr(a, name) for name in TEXTS}
        for a in Answer.objects.filter(assessment=reading, retired_at=None)
    }
    blank = dict.fromkeys(TEXTS, "")
    return {key: {"value": v, **texts.get(key, blank)} for key, v in given.items() if v is not None}


def options_of(framework: Framework, question: str) -> tuple[tuple[str, str], ...]:
    """Every answer that a question by choice takes, with its label."""
    own = tuple((o.code, o.label) for o in framework.scale_of[question].options)
    return (*own, (NO_EVIDENCE, "Not enough evidence"), (NOT_APPLICABLE, "Not applicable"))


def unsettle(*, case: Case, by: User | None, questions: Iterable[str] | None = None) -> None:
    """Retire what was adjudicated on a case, or on some of its questions: a reading is open again, or asks otherwise."""
    standing = Adjudication.objects.filter(case=case, retired_at=None)
    if questions is not None:
        standing = standing.filter(question__in=list(questions))
    gone = list(standing.values_list("question", flat=True))
    if gone:
        standing.update(retired_at=timezone.now(), retired_by=by or case.inspection.created_by)
        tell("adjudications.retired", by=by, inspection=case.inspection, case=case.pk, questions=gone)


def settle(*, case: Case, question: str, value: str, reason: str, by: User) -> Adjudication:
    """Say which answer stands where two readings differ; both stay as they were given.

    Raises:
        PermissionDenied: the person does not adjudicate in the inspection.
        UserError: the readings do not differ there, the answer is none of the scale, there is no reason, or one of
            the readings is the person's own work.
    """
    check(Person(by).can("reading.adjudicate", case.inspection_id))
    with transaction.atomic():
        for reading in case.assessments.filter(retired_at=None):
            locked(reading.pk)
        found = next((d for d in differences(case) if d.question.key == question), None)
        if found is None:
            raise UserError(Fault(question, "the two readings do not differ there", "Look at the case again"))
        faults = four_eyes.against_adjudication(case, by)
        if value not in dict(found.options):
            faults.append(Fault(question, f"'{value}' is not an answer to it", "Choose one of its answers"))
        if not reason.strip():
            faults.append(Fault(question, "there is no reason", "Say why this answer stands"))
        if case.inspection.state in SETTLED:
            faults.append(Fault("the inspection", "its scores are signed off", "Open it again first"))
        if faults:
            raise UserError(faults)
        now = timezone.now()
        Adjudication.objects.filter(case=case, question=question, retired_at=None).update(
            retired_at=now, retired_by=by
        )
        made = Adjudication.objects.create(
            case=case, question=question, value=value, reason=reason.strip(), settled_at=now, settled_by=by
        )
        tell(
            "answer.adjudicated", by=by, inspection=case.inspection, case=case.pk, question=question,
            value=value, reason=made.reason, first=found.first["value"], second=found.second["value"],
        )  # fmt: skip
    return made
