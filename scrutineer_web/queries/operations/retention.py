"""Which inspections are due to be pseudonymised or purged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from scrutineer.inspection.dates import add_months
from scrutineer_web.queries.follow_up.plans import find_publication_day
from scrutineer_web.records.inspection import Inspection


def find_due(inspection: Inspection) -> Due:
    """When an inspection's cases are to be pseudonymised, and what was written purged."""
    rule, start = inspection.framework.retention, _count_from(inspection)
    return Due(
        inspection,
        start,
        *(
            add_months(start, months) if start and months else None
            for months in (rule.pseudonymise_months, rule.purge_months)
        ),
    )


def _count_from(inspection: Inspection) -> date | None:
    """The day from which a period counts: of publication; of an area's own inspection that of its scores."""
    if inspection.internal and inspection.signed_off_at:
        return timezone.localdate(inspection.signed_off_at)
    return find_publication_day(inspection)


def list_due() -> list[Due]:
    """Every inspection with settled scores, what is due first."""
    inspections = (
        Inspection.objects.exclude(scores=None).filter(retired_at=None).select_related("framework_version")
    )
    rows = [find_due(i) for i in inspections.defer(*Inspection.list_heavy())]
    return sorted(rows, key=lambda d: (d.pseudonymise or date.max, d.inspection.pk))


@dataclass(frozen=True)
class Due:
    """What is due of an inspection, and when; None where its framework gives no period, or nothing was published."""

    inspection: Inspection
    published: date | None
    pseudonymise: date | None
    purge: date | None
