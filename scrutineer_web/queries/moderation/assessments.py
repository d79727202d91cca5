"""What is still open in an assessment, and what stops its sign-off."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scrutineer.errors import Fault
from scrutineer_web.queries.fieldwork import answer_checks
from scrutineer_web.queries.fieldwork.devices import count_unsent
from scrutineer_web.queries.moderation.adjudications import find_differences
from scrutineer_web.records.answer import Answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.comment import Comment
from scrutineer_web.records.conflict import Conflict


def list_open_points(assessment: Assessment, reasons: bool = True) -> Iterator[Fault]:
    """Everything that must be done before completing an assessment; of signing it off, where reasons are left aside.

    An assessment that came complete from elsewhere may have none.
    """
    notes = None
    if reasons:
        standing = Answer.objects.filter(assessment=assessment, retired_at=None)
        notes = dict(standing.values_list("question", "note"))
    yield from answer_checks.list_gaps(assessment, notes)
    for conflict in Conflict.objects.filter(assessment=assessment, settled_at=None):
        what = _("it was answered in two places at once")
        yield Fault(conflict.question, what, _("Choose one of the two answers"))
    for held in count_unsent(Assessment.objects.filter(pk=assessment.pk)):
        what = ngettext(
            "%(number)s answer on a device of %(user)s (%(device)s) not sent yet",
            "%(number)s answers on a device of %(user)s (%(device)s) not sent yet",
            held.unsent,
        ) % {"number": held.unsent, "user": held.device.user, "device": held.device.name}
        yield Fault(
            _("the device"),
            what,
            _("Connect that device to the network and wait until it shows that everything is saved"),
        )


def list_obstacles(assessment: Assessment) -> Iterator[Fault]:
    """Everything that must be done before signing an assessment off."""
    yield from list_open_points(assessment, reasons=False)
    yield from _find_discussed(assessment)
    yield from _find_not_adjudicated(assessment)


def _find_discussed(assessment: Assessment) -> Iterator[Fault]:
    questions = assessment.framework_version.framework.questions
    for comment in Comment.objects.filter(assessment=assessment, resolved_at=None):
        asked = questions.get(comment.question)
        yield Fault(
            asked.text if asked else _("the assessment"),
            _("it has an open comment"),
            _("Resolve the comment"),
        )


def _find_not_adjudicated(assessment: Assessment) -> Iterator[Fault]:
    other = assessment.case.assessments.filter(retired_at=None).exclude(pk=assessment.pk).first()
    if other is None:
        return
    if other.state not in {"complete", "signed_off"}:
        yield Fault(
            _("the second assessment"),
            _("it is %(phase)s") % {"phase": other.phase.lower()},
            _("Wait until both assessments are complete"),
        )
        return
    for difference in find_differences(assessment.case):
        if difference.settled is None:
            yield Fault(
                difference.question.text,
                _("the two assessments differ, and nobody has adjudicated"),
                _("Adjudicate"),
            )
