"""Forms of an inspection: its beginning, its area, its calendar, its people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from scrutineer.frameworks.model import Framework
from scrutineer.inspection.area import Area
from scrutineer.inspection.dates import Dates
from scrutineer.inspection.people import ROLES
from scrutineer_web.kit.dates import nearest
from scrutineer_web.kit.fields import TABLES, DateField
from scrutineer_web.kit.forms import Form
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.user import User


def _frameworks() -> list[tuple[int, str]]:
    found = FrameworkVersion.objects.filter(retired_at=None, kind="inspection")
    return [(f.pk, f"{f.title}, version {f.version} ({f.framework_id})") for f in found]


class NewInspection(Form):
    """Which area, by which framework."""

    area = forms.CharField(
        label="Area", help_text="The inspected body, as the report names it", max_length=200
    )
    framework = forms.TypedChoiceField(label="Framework", choices=_frameworks, coerce=int)
    synthetic = forms.BooleanField(label="This is made up, for training or a demonstration", required=False)


class Upload(Form):
    """A zip file."""

    file = forms.FileField(label="File", help_text="Up to 60 MB")


class Part(Form):
    """Somebody's part."""

    account = forms.ChoiceField(
        label="Account", required=False, help_text="Without one, the person cannot sign in"
    )
    name = forms.CharField(
        label="Name",
        required=False,
        max_length=150,
        help_text="As the report prints it; the account's name where this is empty",
    )
    role = forms.ChoiceField(label="Role", choices=[(key, one) for key, (one, _) in ROLES.items()])
    team = forms.CharField(
        label="Team",
        required=False,
        max_length=150,
        help_text="Of an area assessor: cases of this team are never allocated to him or her",
    )

    def __init__(self, *args: Any, teams: Sequence[str] = (), **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.teams = teams
        accounts = User.objects.filter(is_active=True).order_by("name").values_list("pk", "name", "username")
        self.fields["account"].choices = [
            ("", "None"),
            *((pk, f"{name} ({username})") for pk, name, username in accounts),
        ]  # type: ignore[attr-defined]

    def clean_team(self) -> str:
        """A team that the caseload names: a misspelt one would keep nobody's cases from the person."""
        team: str = self.cleaned_data["team"].strip()
        if team and self.teams and team not in self.teams:
            raise forms.ValidationError(f"The caseload names no team {team}. {nearest(team, self.teams)}")
        return team


class Calendar(Form):
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


class TargetTable(Form):
    """Performance against targets that somebody has in a spreadsheet."""

    file = forms.FileField(
        label="File",
        help_text=f"A table with the columns measure, value, period, average and average_period, a row per measure: {TABLES}",
    )


class Profile(Form):
    """Facts with their sources, and the performance on each measure."""

    shared = True

    facts = forms.CharField(
        label="Facts", required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="One a line: the fact, a vertical bar, and where it comes from. It serves some 300,000 people | census, 2001",
    )  # fmt: skip
    average_of = forms.CharField(label="What the averages are of", initial="National average")

    def __init__(self, *args: Any, framework: Framework, area: Area, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.measures = framework.targets.measures
        self.fields["facts"].initial = "\n".join(f"{f.text} | {f.source}" for f in area.facts)
        self.fields["average_of"].initial = area.average_of
        for measure in self.measures:
            there = area.performance.get(measure.key)
            for part, label in (
                ("value", "value"),
                ("period", "period"),
                ("average", "average"),
                ("average_period", "period of the average"),
            ):
                kept = getattr(there, part) if there else None
                number = part in ("value", "average")
                field: forms.Field = (
                    forms.FloatField(required=False)
                    if number
                    else forms.CharField(required=False, max_length=60)
                )
                field.label, field.initial = f"{measure.title}: {label}", kept
                field.widget.attrs["class"] = "govuk-input govuk-input--width-10"
                if number:
                    field.widget = forms.TextInput(
                        attrs={"class": "govuk-input govuk-input--width-10", "inputmode": "decimal"}
                    )
                self.fields[f"{measure.key}__{part}"] = field

    def rows(self) -> list[tuple[Any, list[Any]]]:
        """The measures with their fields."""
        parts = ("value", "period", "average", "average_period")
        return [(m, [self[f"{m.key}__{part}"] for part in parts]) for m in self.measures]

    def clean_facts(self) -> str:
        """Every fact has a source."""
        text: str = self.cleaned_data["facts"]
        for n, line in enumerate(text.splitlines(), 1):
            if line.strip() and not all(
                part.strip() for part in (line.partition("|")[0], line.partition("|")[2])
            ):
                raise forms.ValidationError(
                    f"Line {n} has no source: write the fact, a vertical bar, and where it comes from"
                )
        return text

    def content(self) -> dict[str, Any]:
        """The profile as its file has it."""
        told = self.cleaned_data
        facts = [
            {"text": line.partition("|")[0].strip(), "source": line.partition("|")[2].strip()}
            for line in told["facts"].splitlines()
            if line.strip()
        ]
        performance = {}
        for measure in self.measures:
            row = {
                part: told[f"{measure.key}__{part}"]
                for part in ("value", "period", "average", "average_period")
            }
            if row["value"] is not None:
                performance[measure.key] = {k: v for k, v in row.items() if v not in (None, "")}
        return {"facts": facts, "performance": performance, "average_of": told["average_of"]}
