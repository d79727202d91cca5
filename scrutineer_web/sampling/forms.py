"""Forms of the sample and the timetable."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from scrutineer.cases.exclusions import GIVEN
from scrutineer.frameworks.model import Framework
from scrutineer_web.actions.samples import Wanted
from scrutineer_web.kit.forms import Form, dress
from scrutineer_web.kit.numbers import whole
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.participant import ASSESSORS, Participant

NARROW = {"class": "govuk-input--width-10"}


class Caseload(Form):
    """The area's file of cases."""

    file = forms.FileField(
        label="File of cases",
        help_text="CSV, Excel or Parquet, a row per case. Columns that look like names of persons are refused.",
    )


class Draw(Form):
    """What the sample is to be; the framework's design stands where nothing is said."""

    seed = forms.IntegerField(
        label="Seed", min_value=0, help_text="The same seed and caseload give the same sample, which anybody can draw again",
        widget=forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}),
    )  # fmt: skip
    on = forms.CharField(
        label="First day of fieldwork", required=False, help_text="Time under supervision is counted to it, as 2005-10-03",
        widget=forms.TextInput(attrs=NARROW),
    )  # fmt: skip
    months = forms.CharField(
        label="Completed months under supervision",
        required=False,
        help_text="Least and most, as 9-10",
        widget=forms.TextInput(attrs=NARROW),
    )
    size = forms.IntegerField(
        label="Cases",
        required=False,
        min_value=1,
        widget=forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}),
    )
    reserves = forms.IntegerField(
        label="Reserves, in percent of the sample", min_value=0, max_value=300, initial=20,
        widget=forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}),
    )  # fmt: skip
    strata = forms.ChoiceField(label="Share the sample out by", required=False)
    cap = forms.IntegerField(
        label="Most cases of one manager",
        required=False,
        min_value=1,
        widget=forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, framework: Framework, **kwargs: Any):
        super().__init__(*args, **kwargs)
        design = framework.sample
        self.framework = framework
        self.fields["seed"].initial = secrets.randbelow(10**9)
        window = design.months_under_supervision
        if window is None:
            del self.fields["months"], self.fields["on"]
        else:
            self.fields["months"].initial = f"{window[0]}-{window[1]}"
        self.fields["size"].initial = design.size
        if design.every:
            self.fields[
                "size"
            ].help_text = f"Empty: every case of the group '{design.every.replace('_', ' ')}'"
        choices = [
            (a.key, a.title)
            for a in framework.attributes
            if a.kind in ("choice", "text") and a.known_from == "caseload"
        ]
        self.fields["strata"].choices = [("", "Nothing: at random from all"), *choices]  # type: ignore[attr-defined]
        for quota in design.quotas:
            title = next(g.title for g in framework.groups if g.key == quota.group)
            field = forms.IntegerField(
                label=f"At least, of {title}", required=False, min_value=1, initial=quota.at_least,
                widget=forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}),
            )  # fmt: skip
            dress(field)
            self.fields[f"quota_{quota.group}"] = field

    def clean_months(self) -> tuple[int, int] | None:
        """Two whole numbers, the least first."""
        text = self.cleaned_data["months"].strip()
        if not text:
            return None
        parts = [part.strip() for part in text.split("-")]
        if len(parts) != 2 or any(whole(part) is None for part in parts) or int(parts[0]) > int(parts[1]):
            raise forms.ValidationError("Write the least and the most, as 9-10")
        return int(parts[0]), int(parts[1])

    def wanted(self) -> Wanted:
        """What is asked for, as the action takes it."""
        told = self.cleaned_data
        quotas = {k.removeprefix("quota_"): v for k, v in told.items() if k.startswith("quota_") and v}
        return Wanted(
            seed=told["seed"], on=told.get("on") or None, months=told.get("months"), size=told["size"],
            reserves=told["reserves"], quotas=quotas, strata=told["strata"] or None, cap=told["cap"],
        )  # fmt: skip


class Substitute(Form):
    """Why a case cannot be inspected."""

    reason = forms.ChoiceField(label="Reason", choices=list(GIVEN.items()), widget=forms.RadioSelect)
    note = forms.CharField(
        label="Note", required=False, max_length=500, help_text="Asked for where the reason is another one"
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for widget in (self.fields["reason"].widget,):
            widget.attrs["class"] = "govuk-radios__input"


class Arrangements(Form):
    """Days, slots, travel and absences of the fieldwork; its assessors are the inspection's."""

    days = forms.CharField(
        label="Days", widget=forms.Textarea(attrs={"rows": 5}), help_text="One a line, as 2005-10-03",
    )  # fmt: skip
    slots = forms.CharField(
        label="Slots of a day",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line, as 09:00-10:30",
    )
    away = forms.CharField(
        label="Away", required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line: an assessor or a manager, a vertical bar, a day or a day and slot. Manager 3 | 2005-10-03",
    )  # fmt: skip
    travel_minutes = forms.IntegerField(
        label="Minutes between two offices",
        min_value=0,
        initial=45,
        widget=forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}),
    )
    area_percent = forms.IntegerField(
        label="Cases for area assessors, in percent",
        min_value=0,
        max_value=100,
        widget=forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}),
    )
    twice_percent = forms.IntegerField(
        label="Cases read twice, in percent",
        min_value=0,
        max_value=100,
        widget=forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}),
    )
    seconds = forms.IntegerField(
        label="Seconds to search",
        min_value=1,
        max_value=600,
        initial=20,
        widget=forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, inspection: Inspection, **kwargs: Any):
        self.inspection = inspection
        super().__init__(*args, **kwargs)
        design = inspection.framework.sample
        before = inspection.timetables.exclude(state="failed").first()
        told = before.arrangements if before else {}
        if not told:
            first = timezone.localdate() + timedelta(days=14)
            week = [
                first + timedelta(days=n) for n in range(14) if (first + timedelta(days=n)).weekday() < 5
            ][:5]
            told = {
                "days": [d.isoformat() for d in week],
                "slots": ["09:00-10:30", "10:45-12:15", "13:15-14:45", "15:00-16:30"],
            }
        self.told = told
        self.fields["days"].initial = "\n".join(told["days"])
        self.fields["slots"].initial = "\n".join(told["slots"])
        people = [*told.get("assessors", ()), *told.get("managers", ())]
        self.fields["away"].initial = "\n".join(
            f"{p['name']} | {moment}" for p in people for moment in p.get("away", ())
        )
        self.fields["travel_minutes"].initial = told.get("travel_minutes", 45)
        self.fields["area_percent"].initial = told.get("area_assessor_percent", design.area_assessor_percent)
        self.fields["twice_percent"].initial = told.get("read_twice_percent", design.read_twice_percent)

    def arrangements(self) -> dict[str, Any]:
        """The arrangements as their file has them."""
        told = self.cleaned_data
        away: dict[str, list[str]] = {}
        for line in filter(str.strip, told["away"].splitlines()):
            name, _, moment = (part.strip() for part in line.partition("|"))
            away.setdefault(name, []).append(moment)
        parts = self.inspection.participants.filter(retired_at=None, role__in=ASSESSORS).exclude(
            role="lead_inspector"
        )
        assessors = [_assessor(p, away.pop(p.name, [])) for p in parts]
        return {
            "days": [line.strip() for line in told["days"].splitlines() if line.strip()],
            "slots": [line.strip() for line in told["slots"].splitlines() if line.strip()],
            "assessors": assessors,
            "managers": [{"name": name, "away": moments} for name, moments in away.items()],
            "travel": self.told.get("travel", []),
            "travel_minutes": told["travel_minutes"],
            "area_assessor_percent": told["area_percent"],
            "read_twice_percent": told["twice_percent"],
        }


def _assessor(part: Participant, away: list[str]) -> dict[str, Any]:
    told = {"name": part.name, "kind": part.kind, "away": away}
    return told | {
        k: v for k, v in (("team", part.team), ("manages_as", part.manages_as), ("base", part.base)) if v
    }


class Allocate(Form):
    """Who makes a reading."""

    assessor = forms.TypedChoiceField(label="Assessor", coerce=int)

    def __init__(self, *args: Any, inspection: Inspection, **kwargs: Any):
        super().__init__(*args, **kwargs)
        parts = inspection.participants.filter(retired_at=None, role__in=ASSESSORS)
        self.fields["assessor"].choices = [
            (p.pk, f"{p.name} ({p.get_role_display().lower()})") for p in parts
        ]  # type: ignore[attr-defined]


class Place(Form):
    """When a reading is made."""

    day = forms.ChoiceField(label="Day")
    slot = forms.ChoiceField(label="Slot")

    def __init__(self, *args: Any, days: list[str], slots: list[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["day"].choices = [(d, d) for d in days]  # type: ignore[attr-defined]
        self.fields["slot"].choices = [(s, s) for s in slots]  # type: ignore[attr-defined]
