"""Forms of an inspection: its beginning, its area, its calendar, its people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from scrutineer.frameworks.model import Framework
from scrutineer.inspection.dates import Dates
from scrutineer.inspection.people import ROLES
from scrutineer_web.kit.date_fields import suggest_nearest
from scrutineer_web.kit.fields import DateField
from scrutineer_web.kit.forms import RoomForm
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.user import User


def _list_frameworks() -> list[tuple[int, str]]:
    versions = FrameworkVersion.objects.filter(retired_at=None, kind="inspection")
    return [(f.pk, f"{f.title}, version {f.version} ({f.framework_id})") for f in versions]


class NewInspectionForm(RoomForm):
    """Which area, by which framework."""

    area = forms.CharField(
        label="Area", help_text="The name of the inspected body, as it appears in the report", max_length=200
    )
    framework = forms.TypedChoiceField(label="Framework", choices=_list_frameworks, coerce=int)
    synthetic = forms.BooleanField(label="This is fictional, for training or a demonstration", required=False)


class PartForm(RoomForm):
    """Somebody's part."""

    account = forms.ChoiceField(
        label="Account", required=False, help_text="A person without an account can't sign in"
    )
    name = forms.CharField(
        label="Name",
        required=False,
        max_length=150,
        help_text="As it should appear in the report. Leave it empty to use the name on the account",
    )
    role = forms.ChoiceField(label="Role", choices=[(key, choice) for key, (choice, _) in ROLES.items()])
    team = forms.CharField(
        label="Team",
        required=False,
        max_length=150,
        help_text="Only for area assessors. They are never allocated cases from their own team",
    )

    def __init__(self, *args: Any, teams: Sequence[str] = (), **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.teams = teams
        accounts = User.objects.filter(is_active=True).order_by("name").values_list("pk", "name", "username")
        self.offer(
            "account",
            [
                ("", "None"),
                *((pk, f"{name} ({username})") for pk, name, username in accounts),
            ],
        )

    def clean_team(self) -> str:
        """A team that the caseload names: a misspelt one would keep nobody's cases from the person."""
        team: str = self.cleaned_data["team"].strip()
        if team and self.teams and team not in self.teams:
            raise forms.ValidationError(
                f"There is no team {team} in the caseload. {suggest_nearest(team, self.teams)}"
            )
        return team


class CalendarForm(RoomForm):
    """The days of the framework's events."""

    shared = True

    def __init__(self, *args: Any, framework: Framework, dates: Dates, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for rule in framework.calendar.rules:
            window = rule.weeks or rule.months
            unit = "weeks" if rule.weeks else "months"
            hint = (
                f"{window[0]} to {window[1]} {unit} after {rule.after.replace('_', ' ')}"
                if window and rule.after
                else ""
            )
            day = dates.events.get(rule.event)
            self.fields[rule.event] = DateField(label=rule.title, help_text=hint, required=False, initial=day)

    def content(self) -> dict[str, Any]:
        """The calendar as its file has it."""
        return {"events": {event: day.isoformat() for event, day in self.cleaned_data.items() if day}}
