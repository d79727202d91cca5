"""The days of a planned inspection."""

from __future__ import annotations

from scrutineer.programme.capacity import count_weeks_apart, list_fieldwork_weeks
from scrutineer_web.records.programme import PlannedInspection


def plan_days(planned: PlannedInspection) -> dict[str, str]:
    """The days of the weeks of fieldwork, for those events of the calendar that mark them: the first ones."""
    framework = planned.programme.framework
    weeks = list_fieldwork_weeks(
        planned.begins, framework.calendar.fieldwork_weeks, count_weeks_apart(framework)
    )
    return {rule.event: day.isoformat() for rule, day in zip(framework.calendar.rules, weeks, strict=False)}
