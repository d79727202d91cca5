"""What is still open before an inspection's scores can be signed off."""

from __future__ import annotations

from collections.abc import Iterator

from scrutineer.errors import Fault
from scrutineer_web.queries.fieldwork.devices import count_unsent
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.safeguards import four_eyes
from scrutineer_web.states.case import GONE


def list_open_points(inspection: Inspection) -> Iterator[Fault]:
    """What must be done before signing the scores off."""
    assessments = Assessment.objects.filter(case__inspection=inspection, retired_at=None)
    unsigned = assessments.exclude(state="signed_off").count()
    if unsigned:
        plural = "s are" if unsigned > 1 else " is"
        yield Fault(
            "the cases", f"{unsigned} assessment{plural} not signed off", "Sign them off in moderation"
        )
    without = inspection.cases.exclude(state__in=GONE).exclude(pk__in=assessments.values("case")).count()
    if without:
        plural = "s are" if without > 1 else " is"
        yield Fault(
            "the cases", f"{without} case{plural} without an assessment", "Allocate or substitute them"
        )
    for held in count_unsent(assessments):
        what = f"{held.unsent} unsent on a device of {held.device.user}"
        yield Fault("the devices", what, "Connect the device to the network")
    yield from four_eyes.find_signed_by_their_own(inspection)
    conflicts = Conflict.objects.filter(assessment__in=assessments, settled_at=None).count()
    if conflicts:
        yield Fault(
            "the answers", f"{conflicts} conflict{'s are' if conflicts > 1 else ' is'} not settled", "Choose"
        )
