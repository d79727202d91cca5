"""Forms of the sample and the timetable."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer.fieldwork.cases.exclusions import GIVEN
from scrutineer.frameworks.model import Framework
from scrutineer_web.kit.date_fields import (
    HINT,
    NotReadError,
    read_date,
    read_time,
    suggest_nearest,
)
from scrutineer_web.kit.fields import TABLES, DateField
from scrutineer_web.kit.forms import RoomForm
from scrutineer_web.kit.numbers import read_whole
from scrutineer_web.queries.preparation.allocation import describe_day, describe_slot
from scrutineer_web.queries.preparation.samples import SampleChoices
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.participant import ASSESSORS, Participant

NARROW = {"class": "govuk-input--width-10"}


class CaseloadForm(RoomForm):
    """The area's file of cases."""

    file = forms.FileField(
        label=gettext_lazy("File of cases"),
        help_text=format_lazy(
            gettext_lazy(
                "{tables}, with one row for each case. Scrutineer refuses columns that look like people's names."
            ),
            tables=TABLES,
        ),
    )


class DrawForm(RoomForm):
    """What the sample is to be; the framework's design applies where nothing is entered."""

    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        min_value=0,
        help_text=gettext_lazy(
            "The same seed and caseload always give the same sample, and anyone can check it"
        ),
        widget=forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}),
    )
    on = DateField(
        label=gettext_lazy("First day of fieldwork"),
        required=False,
        help_text=gettext_lazy("Completed months are counted up to this date"),
    )
    months = forms.CharField(
        label=gettext_lazy("Completed months since the start"),
        required=False,
        help_text=gettext_lazy("Enter the fewest and the most months, for example 9-10"),
        widget=forms.TextInput(attrs=NARROW),
    )
    size = forms.IntegerField(
        label=gettext_lazy("Cases"),
        required=False,
        min_value=1,
        widget=forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}),
    )
    reserves = forms.IntegerField(
        label=gettext_lazy("Reserves, as a percentage of the sample"),
        min_value=0,
        max_value=300,
        initial=20,
        widget=forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}),
    )
    strata = forms.ChoiceField(label=gettext_lazy("Share the sample out by"), required=False)
    cap = forms.IntegerField(
        label=gettext_lazy("Most cases for any one manager"),
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
        if design.precision:
            self.fields["size"].help_text = _(
                "Leave empty to draw as many cases as a margin of %(points)s percentage points needs, with %(confidence)s%% confidence"
            ) % {"points": f"{design.precision.points:g}", "confidence": f"{design.precision.confidence:g}"}
        if design.every:
            self.fields["size"].help_text = _("Leave empty to take every case of the group '%(group)s'") % {
                "group": design.every.replace("_", " ")
            }
        choices = [
            (a.key, a.title)
            for a in framework.attributes
            if a.kind in ("choice", "text") and a.known_from == "caseload"
        ]
        self.offer("strata", [("", _("No groups: at random from all cases")), *choices])
        for quota in design.quotas:
            title = next(g.title for g in framework.groups if g.key == quota.group)
            field = forms.IntegerField(
                label=_("At least this many: %(title)s") % {"title": title},
                required=False,
                min_value=1,
                initial=quota.at_least,
                widget=forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}),
            )
            self.fields[f"quota_{quota.group}"] = field

    def clean_months(self) -> tuple[int, int] | None:
        """Two whole numbers, the least first."""
        text = self.cleaned_data["months"].strip()
        if not text:
            return None
        parts = [part.strip() for part in re.split(r"[-\u2013]|\bto\b", text)]
        if (
            len(parts) != 2
            or any(read_whole(part) is None for part in parts)
            or int(parts[0]) > int(parts[1])
        ):
            raise forms.ValidationError(
                _("Enter the fewest and the most months, with the fewest first, as 9-10")
            )
        return int(parts[0]), int(parts[1])

    def read_choices(self) -> SampleChoices:
        """What is asked for, as the action takes it."""
        cleaned = self.cleaned_data
        quotas = {k.removeprefix("quota_"): v for k, v in cleaned.items() if k.startswith("quota_") and v}
        return SampleChoices(
            seed=cleaned["seed"],
            on=cleaned["on"].isoformat() if cleaned.get("on") else None,
            months=cleaned.get("months"),
            size=cleaned["size"],
            reserves=cleaned["reserves"],
            quotas=quotas,
            strata=cleaned["strata"] or None,
            cap=cleaned["cap"],
        )


class SubstituteForm(RoomForm):
    """Why a case cannot be inspected."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), choices=list(GIVEN.items()), widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Enter a note if you choose another reason"),
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for widget in (self.fields["reason"].widget,):
            widget.attrs["class"] = "govuk-radios__input"


class ArrangementsForm(RoomForm):
    """Days, slots, travel and absences of the fieldwork; its assessors are the inspection's."""

    days = forms.CharField(
        label=gettext_lazy("Days"),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=format_lazy("{} {}", gettext_lazy("Enter one per line."), HINT),
    )
    slots = forms.CharField(
        label=gettext_lazy("Slots in a day"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Enter one per line. For example, 09:00 to 10:30"),
    )
    away = forms.CharField(
        label=gettext_lazy("Away"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Enter one per line: an assessor or a manager, a vertical bar, then a date, or a date and slot. "
            "For example, Manager 3 | 31 1 2027"
        ),
    )
    travel_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes of travel between two offices"),
        min_value=0,
        initial=45,
        widget=forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}),
    )
    area_percent = forms.IntegerField(
        label=gettext_lazy("Percentage of cases for area assessors"),
        min_value=0,
        max_value=100,
        widget=forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}),
    )
    twice_percent = forms.IntegerField(
        label=gettext_lazy("Percentage of cases assessed twice"),
        min_value=0,
        max_value=100,
        widget=forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}),
    )
    seconds = forms.IntegerField(
        label=gettext_lazy("Search time in seconds"),
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
        earlier = before.arrangements if before else {}
        if not earlier:
            first = timezone.localdate() + timedelta(days=14)
            week = [
                first + timedelta(days=n) for n in range(14) if (first + timedelta(days=n)).weekday() < 5
            ][:5]
            earlier = {
                "days": [d.isoformat() for d in week],
                "slots": ["09:00-10:30", "10:45-12:15", "13:15-14:45", "15:00-16:30"],
            }
        self.earlier = earlier
        self.fields["days"].initial = "\n".join(map(describe_day, earlier["days"]))
        self.fields["slots"].initial = "\n".join(map(describe_slot, earlier["slots"]))
        people = [*earlier.get("assessors", ()), *earlier.get("managers", ())]
        self.fields["away"].initial = "\n".join(
            f"{p['name']} | {_format_moment(moment)}" for p in people for moment in p.get("away", ())
        )
        self.fields["travel_minutes"].initial = earlier.get("travel_minutes", 45)
        self.fields["area_percent"].initial = earlier.get(
            "area_assessor_percent", design.area_assessor_percent
        )
        self.fields["twice_percent"].initial = earlier.get("read_twice_percent", design.read_twice_percent)

    def clean_days(self) -> list[str]:
        """Dates, one on each line."""
        return list(_read_lines(self.cleaned_data["days"], lambda line: read_date(line).isoformat()))

    def clean_slots(self) -> list[str]:
        """Slots, one on each line."""
        return list(_read_lines(self.cleaned_data["slots"], _format_slot))

    def clean_away(self) -> dict[str, list[str]]:
        """Absences by name; a name that nobody has is refused, with the nearest that somebody has."""
        known = [p.name for p in self._list_assessors()] + list(
            self.inspection.cases.exclude(manager="")
            .order_by("manager")
            .values_list("manager", flat=True)
            .distinct()
        )
        folded = {name.casefold(): name for name in known}

        def parse_absence(line: str) -> tuple[str, str]:
            name, bar, moment = (part.strip() for part in line.partition("|"))
            if not bar or not name or not moment:
                raise NotReadError(_("Enter a name, a vertical bar and a date, as Manager 3 | 31 1 2027"))
            if name.casefold() not in folded:
                values = {"name": name, "suggestion": suggest_nearest(name, known)}
                raise NotReadError((_("Nobody here is called %(name)s. %(suggestion)s") % values).rstrip("."))
            return folded[name.casefold()], _format_absence(moment)

        away: dict[str, list[str]] = {}
        for name, moment in _read_lines(self.cleaned_data["away"], parse_absence):
            away.setdefault(name, []).append(moment)
        return away

    def _list_assessors(self) -> list[Participant]:
        parts = self.inspection.participants.filter(retired_at=None, role__in=ASSESSORS)
        return list(parts.exclude(role="lead_inspector"))

    def collect_arrangements(self) -> dict[str, Any]:
        """The arrangements as their file has them."""
        cleaned = self.cleaned_data
        away = dict(cleaned["away"])
        assessors = [_read_assessor(p, away.pop(p.name, [])) for p in self._list_assessors()]
        return {
            "days": cleaned["days"],
            "slots": cleaned["slots"],
            "assessors": assessors,
            "managers": [{"name": name, "away": moments} for name, moments in away.items()],
            "travel": self.earlier.get("travel", []),
            "travel_minutes": cleaned["travel_minutes"],
            "area_assessor_percent": cleaned["area_percent"],
            "read_twice_percent": cleaned["twice_percent"],
        }


def _read_lines(text: str, read: Callable[[str], Any]) -> Iterator[Any]:
    """What each line says; every line that says nothing to be understood is a fault of its own."""
    faults = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield read(line.strip())
            except NotReadError as error:
                sentence = f"{str(error)[:1].lower()}{str(error)[1:]}"
                values = {"number": number, "line": line.strip(), "sentence": sentence}
                if sentence.endswith("?"):
                    faults.append(_("Line %(number)s, %(line)s: %(sentence)s") % values)
                else:
                    faults.append(_("Line %(number)s, %(line)s: %(sentence)s.") % values)
    if faults:
        raise forms.ValidationError(faults)


def _format_slot(text: str) -> str:
    """A slot as the timetable takes it: 09:00-10:30."""
    parts = re.split(r"\s*(?:[-\u2013]|\bto\b)\s*", text.strip())
    try:
        first, last = (read_time(part) for part in parts)
    except (ValueError, NotReadError):
        raise NotReadError(_("Enter a slot as 09:00 to 10:30")) from None
    if last <= first:
        raise NotReadError(_("Enter a slot that ends after it begins, as 09:00 to 10:30"))
    return f"{first:%H:%M}-{last:%H:%M}"


_SLOT = re.compile(r"\d{1,2}[:.]\d{2}\s*(?:am|pm)?\s*(?:[-\u2013]|\bto\b).*$", re.IGNORECASE)


def _format_absence(text: str) -> str:
    """A date, or a date and one of its slots, as the timetable takes them."""
    slot = _SLOT.search(text)
    day = read_date(text[: slot.start()] if slot else text).isoformat()
    return f"{day} {_format_slot(slot[0])}" if slot else day


def _format_moment(moment: str) -> str:
    day, _space, slot = moment.partition(" ")
    return f"{describe_day(day)} {describe_slot(slot)}".strip()


def _read_assessor(part: Participant, away: list[str]) -> dict[str, Any]:
    assessor = {"name": part.name, "kind": part.kind, "away": away}
    return assessor | {
        k: v for k, v in (("team", part.team), ("manages_as", part.manages_as), ("base", part.base)) if v
    }


class AllocateForm(RoomForm):
    """Who makes an assessment."""

    assessor = forms.TypedChoiceField(label=gettext_lazy("Assessor"), coerce=int)

    def __init__(self, *args: Any, inspection: Inspection, **kwargs: Any):
        super().__init__(*args, **kwargs)
        parts = inspection.participants.filter(retired_at=None, role__in=ASSESSORS)
        self.offer("assessor", [(p.pk, f"{p.name} ({p.get_role_display().lower()})") for p in parts])


class AssessmentTimeForm(RoomForm):
    """When an assessment is made."""

    day = forms.ChoiceField(label=gettext_lazy("Day"))
    slot = forms.ChoiceField(label=gettext_lazy("Slot"))

    def __init__(self, *args: Any, days: list[str], slots: list[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer("day", [(day, describe_day(day)) for day in days])
        self.offer("slot", [(slot, describe_slot(slot)) for slot in slots])
