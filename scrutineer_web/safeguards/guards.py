"""What no longer may be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer_web.states.inspection import SETTLED, WRITING

if TYPE_CHECKING:
    from scrutineer_web.records.assessment import Assessment
    from scrutineer_web.records.inspection import Inspection


def refuse_settled(inspection: Inspection) -> None:
    """Refuse a change to an inspection whose scores are signed off.

    Raises:
        UserError: they are.
    """
    if inspection.state in SETTLED:
        raise UserError(
            Fault(_("the inspection"), _("its scores are signed off"), _("Reopen the scores first"))
        )


def refuse_signed_off(assessment: Assessment) -> None:
    """Refuse a change to a signed-off assessment, or to anything once the scores are signed off.

    Raises:
        UserError: it is settled.
    """
    refuse_settled(assessment.case.inspection)
    if assessment.state == "signed_off":
        raise UserError(Fault(_("the assessment"), _("it is signed off"), _("Reopen it first")))


def refuse_finished(inspection: Inspection) -> None:
    """Refuse a change to what the report is made from, once it is approved or published.

    Raises:
        UserError: it is.
    """
    if inspection.state not in WRITING:
        raise UserError(
            Fault(
                _("the report"),
                _("it is %(phase)s") % {"phase": inspection.phase.lower()},
                _("Withdraw the approval or start a correction first"),
            )
        )


class StaleError(UserError):
    """Somebody else has changed meanwhile what is being changed."""


def refuse_stale(what: str, base: int, rev: int) -> None:
    """Refuse a change that is based on another version than the current one.

    Raises:
        StaleError: somebody changed it in between.
    """
    # Versions are compared by number, not by content: going back to an earlier wording is a change as well.
    if base != rev:
        raise StaleError(
            Fault(
                what,
                _("somebody else changed it while you were editing, and nothing was overwritten"),
                _("Look at the latest version and make your change again"),
            )
        )
