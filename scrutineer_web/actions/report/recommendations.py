"""What an inspection recommends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError

from scrutineer.errors import Fault, UserError
from scrutineer.inspection.recommendations import Recommendation as Model
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.recommendation import Recommendation
from scrutineer_web.safeguards.guards import refuse_finished, refuse_stale

if TYPE_CHECKING:
    from scrutineer_web.records.user import User


def put(
    *,
    inspection: Inspection,
    text: str,
    criteria: Sequence[str],
    recommendation: Recommendation | None = None,
    progress: str = "",
    base: int = 0,
    by: User,
) -> Recommendation:
    """Write a recommendation, or change one.

    Args:
        inspection: whose.
        text: what should be, as a clause after "should ensure that".
        criteria: the criteria whose findings it answers.
        recommendation: the one that is changed; None for a new one, which comes last.
        progress: of a follow-up: met, partly met or not met.
        base: of one that is changed: the revision that the person saw.
        by: who writes.

    Raises:
        PermissionDenied: the person does not write the report.
        UserError: with everything that cannot be.
    """
    check(Rights(by).can("report.write", inspection))
    wording = " ".join(text.split())
    _refuse_impossible(inspection, wording, criteria, progress)
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        refuse_finished(locked)
        now = _load_to_change(locked, recommendation, base) if recommendation else _make_last(locked)
        now.text, now.criteria, now.progress = wording, list(criteria), progress
        now.rev, now.saved_at, now.saved_by = now.rev + 1, timezone.now(), by
        now.save()
        tell(
            "recommendation.saved",
            by=by,
            inspection=locked,
            recommendation=now.pk,
            rev=now.rev,
            text=wording,
            criteria=list(criteria),
            progress=progress,
        )
    return now


def _refuse_impossible(inspection: Inspection, text: str, criteria: Sequence[str], progress: str) -> None:
    try:
        Model.model_validate({"text": text, "criteria": list(criteria), "progress": progress or None})
    except ValidationError as error:
        raise UserError([Fault(f"the {f['loc'][0]}", str(f["msg"])) for f in error.errors()]) from None
    known = inspection.framework.criteria
    unknown = [code for code in criteria if code not in known]
    if unknown:
        raise UserError(
            [
                Fault(
                    _("the criteria"),
                    _("there is no criterion '%(criterion)s'") % {"criterion": c},
                    _("Choose from: %(names)s") % {"names": ", ".join(known)},
                )
                for c in unknown
            ]
        )


def _load_to_change(inspection: Inspection, recommendation: Recommendation, base: int) -> Recommendation:
    """A recommendation as it is now.

    Raises:
        UserError: somebody else changed it since, or took it out.
    """
    now = inspection.recommendations.filter(pk=recommendation.pk, retired_at=None).first()
    if now is None:
        raise UserError(Fault(_("the recommendation"), _("somebody else has removed it"), _("Add it again")))
    refuse_stale(_("the recommendation"), base, now.rev)
    return now


def _make_last(inspection: Inspection) -> Recommendation:
    """A new recommendation, after all others."""
    standing = inspection.recommendations.filter(retired_at=None)
    last = standing.order_by("-position").values_list("position", flat=True).first() or 0
    return Recommendation(inspection=inspection, position=last + 1, rev=0)


def move(*, recommendation: Recommendation, up: bool, by: User) -> None:
    """Make a recommendation more or less important by one place.

    Raises:
        PermissionDenied: the person does not write the report.
        UserError: the report is finished.
    """
    check(Rights(by).can("report.write", recommendation.inspection))
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=recommendation.inspection_id)
        refuse_finished(locked)
        order = list(locked.recommendations.filter(retired_at=None))
        if recommendation not in order:
            raise UserError(
                Fault(_("the recommendation"), _("somebody else has removed it"), _("Reload the page"))
            )
        place = order.index(recommendation)
        other = place - 1 if up else place + 1
        if not 0 <= other < len(order):
            return
        order[place], order[other] = order[other], order[place]
        for n, each in enumerate(order, 1):
            if each.position != n:
                each.position = n
                each.save(update_fields=["position"])
        tell("recommendation.moved", by=by, inspection=locked, order=[each.pk for each in order])


def retire(*, recommendation: Recommendation, by: User) -> None:
    """Take a recommendation out; it stays in the records.

    Raises:
        PermissionDenied: the person does not write the report.
        UserError: the report is finished.
    """
    check(Rights(by).can("report.write", recommendation.inspection))
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=recommendation.inspection_id)
        refuse_finished(locked)
        if not locked.recommendations.filter(pk=recommendation.pk, retired_at=None).exists():
            return
        recommendation.retired_at, recommendation.retired_by = timezone.now(), by
        recommendation.save(update_fields=["retired_at", "retired_by"])
        tell("recommendation.retired", by=by, inspection=locked, recommendation=recommendation.pk)


def address(*, inspection: Inspection, to: str, by: User) -> None:
    """Say who should see to the recommendations: the board of the area.

    Raises:
        PermissionDenied: the person does not write the report.
        UserError: nobody is named, or the report is finished.
    """
    check(Rights(by).can("report.write", inspection))
    if not to.strip() or len(to) > 300:
        raise UserError(
            Fault(
                _("who should ensure it"),
                _("it is empty or too long"),
                _("Enter the board or body that should ensure it"),
            )
        )
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        refuse_finished(locked)
        locked.recommended_to = to.strip()
        locked.save(update_fields=["recommended_to"])
        tell("recommendation.addressed", by=by, inspection=locked, to=locked.recommended_to)
    inspection.recommended_to = to.strip()
