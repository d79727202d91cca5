"""What devices have not sent yet."""

from __future__ import annotations

from django.db.models import F, QuerySet

from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.device import Held


def count_unsent(assessments: QuerySet[Assessment]) -> QuerySet[Held]:
    """What devices said that they had not sent, of assessments that are still their owner's."""
    devices = Held.objects.filter(
        assessment__in=assessments, unsent__gt=0, device__user=F("assessment__assessor__user")
    )
    return devices.select_related("device__user", "assessment__case")
