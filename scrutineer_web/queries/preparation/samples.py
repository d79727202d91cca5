"""The caseload as the core reads it, and whether a sample can be drawn as asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.caseload import Caseload, read_cases
from scrutineer.fieldwork.cases.values import read_day
from scrutineer.fieldwork.sampling.sample_plan import SamplePlan, make_plan
from scrutineer.frameworks.model import Framework
from scrutineer.tables.limits import SERVER
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.safeguards.files import write_on_disk


def read_caseload(inspection: Inspection) -> Caseload:
    """The caseload in use.

    Raises:
        UserError: none is imported yet.
    """
    stored = inspection.caseloads.filter(retired_at=None).first()
    if stored is None:
        raise UserError(
            Fault(_("the caseload"), _("it hasn't been imported yet"), _("Import the area's caseload"))
        )
    return _read(inspection.framework, stored.name, bytes(stored.content))


def check_choices(*, inspection: Inspection, choices: SampleChoices) -> None:
    """Refuse at once what can be seen to be wrong without assessment the caseload.

    Raises:
        UserError: with everything that is wrong with the choices, or there is no caseload.
    """
    _make_plan(inspection.framework, choices)
    if not inspection.caseloads.filter(retired_at=None).exists():
        raise UserError(
            Fault(_("the caseload"), _("it hasn't been imported yet"), _("Import the area's caseload"))
        )


def _read(framework: Framework, name: str, content: bytes) -> Caseload:
    with write_on_disk(name, content) as path:
        return read_cases(path, framework, limits=SERVER)


@dataclass(frozen=True)
class SampleChoices:
    """What is asked of a sample; what is None is left to the framework.

    Attributes:
        on: the first day of fieldwork, as 2006-03-31.
        quotas: least numbers by group.
    """

    seed: int
    on: str | None = None
    months: tuple[int, int] | None = None
    size: int | None = None
    reserves: int = 20
    quotas: Mapping[str, int] | None = None
    strata: str | None = None
    cap: int | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> SampleChoices:
        """From the fields as they are kept while the work waits."""
        months = stored.get("months")
        return cls(**{**stored, "months": tuple(months) if months else None})


def _make_plan(framework: Framework, choices: SampleChoices) -> SamplePlan:
    faults = []
    day = None
    if not 0 <= choices.seed < 2**64:
        faults.append(
            Fault(
                _("the seed"),
                _("%(seed)s can't be used as a seed") % {"seed": choices.seed},
                _("Enter a whole number, 0 or more"),
            )
        )
    if choices.on:
        try:
            day = read_day(choices.on)
        except ValueError as error:
            faults.append(
                Fault(
                    _("the day"),
                    _("'%(day)s' isn't a date") % {"day": choices.on},
                    str(error)[:1].upper() + str(error)[1:],
                )
            )
    if day is not None and not 1900 <= day.year <= 2200:
        faults.append(
            Fault(
                _("the day"),
                _("'%(day)s' is too far from today") % {"day": choices.on},
                _("Enter a date closer to today"),
            )
        )
    if choices.months is not None and choices.months[1] > MOST_MONTHS:
        faults.append(
            Fault(
                _("the months"),
                _("%(number)s is more than %(most)s") % {"number": choices.months[1], "most": MOST_MONTHS},
                _("Enter fewer months"),
            )
        )
    if faults:
        raise UserError(faults)
    return make_plan(
        framework,
        size=choices.size,
        on=day,
        months=choices.months,
        quotas=choices.quotas,
        strata=choices.strata or None,
        reserve_percent=choices.reserves,
        cap=choices.cap,
    )


MOST_MONTHS = 600
"""Nobody is supervised for longer."""
