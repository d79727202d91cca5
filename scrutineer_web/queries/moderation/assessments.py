"""What is still open in an assessment, and what stops its sign-off."""

from __future__ import annotations

from collections.abc import Iterator

from scrutineer.errors import Fault
from scrutineer_web.queries.fieldwork import checks
from scrutineer_web.queries.fieldwork.devices import count_unsent
from scrutineer_web.queries.moderation.adjudications import find_differences
from scrutineer_web.records.answer import Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.comment import Comment
from scrutineer_web.records.conflict import Conflict


def list_open_points(reading: Assessment, reasons: bool = True) -> Iterator[Fault]:
    """Everything that stands in the way of completing a reading; of signing it off, where reasons are left aside.

    A reading that came complete from elsewhere may have none.
    """
    notes = None
    if reasons:
        standing = Answer.objects.filter(assessment=reading, retired_at=None)
        notes = dict(standing.values_list("question", "note"))
    yield from checks.list_gaps(reading, notes)
    for conflict in Conflict.objects.filter(assessment=reading, settled_at=None):
        what = "two answers were given without knowing of each other"
        yield Fault(conflict.question, what, "Choose one of them")
    for held in count_unsent(Assessment.objects.filter(pk=reading.pk)):
        number = f"{held.unsent} answer{'' if held.unsent == 1 else 's'}"
        what = f"{number} on a device of {held.device.user} ({held.device.name}) not sent yet"
        yield Fault("the device", what, "Connect that device to the network, and wait until it says saved")


def list_obstacles(reading: Assessment) -> Iterator[Fault]:
    """Everything that stands in the way of signing a reading off."""
    yield from list_open_points(reading, reasons=False)
    yield from _discussed(reading)
    yield from _not_adjudicated(reading)


def _discussed(reading: Assessment) -> Iterator[Fault]:
    questions = reading.framework_version.framework.questions
    for comment in Comment.objects.filter(assessment=reading, resolved_at=None):
        asked = questions.get(comment.question)
        yield Fault(asked.text if asked else "the assessment", "a comment on it is open", "Resolve it")


def _not_adjudicated(reading: Assessment) -> Iterator[Fault]:
    other = reading.case.assessments.filter(retired_at=None).exclude(pk=reading.pk).first()
    if other is None:
        return
    if other.state not in {"complete", "signed_off"}:
        yield Fault(
            "the second reading", f"it is {other.phase.lower()}", "Wait until both readings are complete"
        )
        return
    for one in find_differences(reading.case):
        if one.settled is None:
            yield Fault(
                one.question.text, "the two readings differ, and nobody has adjudicated", "Adjudicate"
            )
