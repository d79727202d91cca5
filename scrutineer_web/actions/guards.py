"""What no longer may be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrutineer.errors import Fault, UserError

if TYPE_CHECKING:
    from scrutineer_web.records.assessment import Assessment
    from scrutineer_web.records.inspection import Inspection


def refuse_settled(inspection: Inspection) -> None:
    """Refuse a change to an inspection whose scores are signed off.

    Raises:
        UserError: they are.
    """
    if inspection.state == "signed_off":
        raise UserError(Fault("the inspection", "its scores are signed off", "Open the scores again first"))


def refuse_signed_off(reading: Assessment) -> None:
    """Refuse a change to a signed-off reading, or to anything once the scores are signed off.

    Raises:
        UserError: it is settled.
    """
    refuse_settled(reading.case.inspection)
    if reading.state == "signed_off":
        raise UserError(Fault("the assessment", "it is signed off", "Open it again first"))
