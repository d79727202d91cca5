"""Forms of an inspection: its beginning, its area, its calendar, its people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
    return [
        (
            f.pk,
            _("%(title)s, version %(version)s (%(framework_id)s)")
            % {"title": f.title, "version": f.version, "framework_id": f.framework_id},
        )
        for f in versions
    ]


class NewInspectionForm(RoomForm):
    """Which area, by which framework."""

    area = forms.CharField(
        label=gettext_lazy("Area"),
        help_text=gettext_lazy("The name of the inspected body, as it appears in the report"),
        max_length=200,
    )
    framework = forms.TypedChoiceField(label=gettext_lazy("Framework"), choices=_list_frameworks, coerce=int)
    synthetic = forms.BooleanField(
        label=gettext_lazy("This is fictional, for training or a demonstration"), required=False
    )


class PartForm(RoomForm):
    """Somebody's part."""

    account = forms.ChoiceField(
        label=gettext_lazy("Account"),
        required=False,
        help_text=gettext_lazy("A person without an account can't sign in"),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=150,
        help_text=gettext_lazy(
            "As it should appear in the report. Leave it empty to use the name on the account"
        ),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=[(key, role[0]) for key, role in ROLES.items()]
    )
    team = forms.CharField(
        label=gettext_lazy("Team"),
        required=False,
        max_length=150,
        help_text=gettext_lazy("Only for area assessors. They are never allocated cases from their own team"),
    )

    def __init__(self, *args: Any, teams: Sequence[str] = (), **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.teams = teams
        accounts = User.objects.filter(is_active=True).order_by("name").values_list("pk", "name", "username")
        self.offer(
            "account",
            [
                ("", _("None")),
                *((pk, f"{name} ({username})") for pk, name, username in accounts),
            ],
        )

    def clean_team(self) -> str:
        """A team that the caseload names: a misspelt one would keep nobody's cases from the person."""
        team: str = self.cleaned_data["team"].strip()
        if team and self.teams and team not in self.teams:
            raise forms.ValidationError(
                _("There is no team %(team)s in the caseload. %(suggestion)s")
                % {"team": team, "suggestion": suggest_nearest(team, self.teams)}
            )
        return team


def _describe_window(window: tuple[int, int], in_weeks: bool, after: str) -> str:
    """When an event is due: so many weeks or months after another."""
    values = {"first": window[0], "last": window[1], "event": after}
    if window[0] == window[1]:
        sentence = (
            _("%(last)s weeks after “%(event)s”") if in_weeks else _("%(last)s months after “%(event)s”")
        )
    elif not window[0]:
        sentence = (
            _("Up to %(last)s weeks after “%(event)s”")
            if in_weeks
            else _("Up to %(last)s months after “%(event)s”")
        )
    elif in_weeks:
        sentence = _("%(first)s to %(last)s weeks after “%(event)s”")
    else:
        sentence = _("%(first)s to %(last)s months after “%(event)s”")
    return sentence % values


class CalendarForm(RoomForm):
    """The days of the framework's events."""

    shared = True

    def __init__(self, *args: Any, framework: Framework, dates: Dates, **kwargs: Any):
        super().__init__(*args, **kwargs)
        titles = {rule.event: rule.title for rule in framework.calendar.rules}
        for rule in framework.calendar.rules:
            window = rule.weeks or rule.months
            hint = (
                _describe_window(window, bool(rule.weeks), titles[rule.after])
                if window and rule.after
                else ""
            )
            day = dates.events.get(rule.event)
            self.fields[rule.event] = DateField(label=rule.title, help_text=hint, required=False, initial=day)

    def collect_content(self) -> dict[str, Any]:
        """The calendar as its file has it."""
        return {"events": {event: day.isoformat() for event, day in self.cleaned_data.items() if day}}
