"""What became of the sampled cases: brought in by pseudonym, so that nobody outside learns which case is whose."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.outcomes import Outcome as Told
from scrutineer.fieldwork.cases.outcomes import read_outcomes
from scrutineer.tables.limits import SERVER
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.records.case import Case
from scrutineer_web.records.outcome import Outcome
from scrutineer_web.safeguards.files import write_on_disk
from scrutineer_web.states.case import GONE

if TYPE_CHECKING:
    from scrutineer_web.records.programme import Programme
    from scrutineer_web.records.user import User

_SHOWN = 20
"""Faults of one kind that are listed; the rest are counted."""


@dataclass(frozen=True)
class Imported:
    """How many outcomes are new, took the place of others, or were there already; and what was left out of the table."""

    new: int
    changed: int
    same: int
    notes: tuple[str, ...] = ()


def bring_in(*, name: str, content: bytes, by: User) -> Imported:
    """Outcomes from a table: pseudonym, reconvicted, predicted, scores at start and end.

    An outcome that was known is retired and the new one counts; sending the same again changes nothing.

    Raises:
        PermissionDenied: the person imports no outcomes.
        UserError: with every fault of every row, and pseudonyms that no case has; then nothing is imported.
    """
    check(Rights(by).can_everywhere("outcome.import"))
    with write_on_disk(name, content) as path:
        read, notes = read_outcomes(path, SERVER)
    by_pseudonym = {outcome.pseudonym: outcome for outcome in read}
    with transaction.atomic():
        cases = dict(Case.objects.filter(pseudonym__in=by_pseudonym).values_list("pseudonym", "pk"))
        _refuse_unknown([p for p in by_pseudonym if p not in cases])
        before = {o.case_id: o for o in Outcome.objects.filter(case__in=cases.values(), retired_at=None)}
        now, written, changed, same = timezone.now(), [], [], 0
        for pseudonym, outcome in by_pseudonym.items():
            there = before.get(cases[pseudonym])
            if there is not None and _read_outcome(there) == _read_record(outcome):
                same += 1
                continue
            if there is not None:
                changed.append(there.pk)
            written.append(
                Outcome(
                    case_id=cases[pseudonym],
                    reconvicted=outcome.reconvicted,
                    predicted=outcome.predicted,
                    score_at_start=outcome.score_at_start,
                    score_at_end=outcome.score_at_end,
                    imported_at=now,
                    imported_by=by,
                )
            )
        Outcome.objects.filter(pk__in=changed).update(retired_at=now, retired_by=by)
        Outcome.objects.bulk_create(written, batch_size=500)
        imported = Imported(len(written) - len(changed), len(changed), same, notes)
        tell(
            "outcomes.imported",
            by=by,
            sha256=hashlib.sha256(content).hexdigest(),
            new=imported.new,
            changed=imported.changed,
            same=imported.same,
        )
    return imported


def _refuse_unknown(names: list[str]) -> None:
    if names:
        shown = ", ".join(names[:_SHOWN])
        if len(names) > _SHOWN:
            shown = _("%(names)s and %(more)s more") % {"names": shown, "more": len(names) - _SHOWN}
        what = ngettext(
            "there is no case with the pseudonym %(pseudonyms)s",
            "there is no case with the pseudonyms %(pseudonyms)s",
            len(names),
        ) % {"pseudonyms": shown}
        raise UserError(Fault(_("the file"), what, _("Use the pseudonyms that Scrutineer gave the cases")))


def _read_outcome(outcome: Outcome) -> tuple[object, ...]:
    return outcome.reconvicted, outcome.predicted, outcome.score_at_start, outcome.score_at_end


def _read_record(outcome: Told) -> tuple[object, ...]:
    return outcome.reconvicted, outcome.predicted, outcome.score_at_start, outcome.score_at_end


def list_pseudonyms(*, programme: Programme, by: User) -> list[tuple[str, str, str]]:
    """Which pseudonym belongs to which case, for the person who looks up outcomes; each download is logged.

    Cases that were pseudonymised are not in it: of those nobody knows any longer.

    Returns:
        Pseudonym, area and reference of each case.

    Raises:
        PermissionDenied: the person imports no outcomes.
    """
    check(Rights(by).can_everywhere("outcome.import"))
    cases = Case.objects.filter(
        inspection__planned__programme=programme,
        inspection__planned__retired_at=None,
        inspection__pseudonymised_at=None,
    ).exclude(state__in=GONE)
    rows = list(
        cases.order_by("inspection", "position").values_list("pseudonym", "inspection__area", "reference")
    )
    with transaction.atomic():
        tell("outcomes.pseudonyms_taken", by=by, programme=programme.pk, cases=len(rows))
    return rows
