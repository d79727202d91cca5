"""Forms that several screens share."""

from __future__ import annotations

from typing import Any

from django import forms

from scrutineer.frameworks.model import Framework
from scrutineer.inspection.area import Area
from scrutineer_web.kit.forms import RoomForm


class UploadForm(RoomForm):
    """A zip file."""

    file = forms.FileField(label="File", help_text="Up to 60 MB")


class ProfileForm(RoomForm):
    """Facts with their sources, and the performance on each measure."""

    shared = True

    facts = forms.CharField(
        label="Facts",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="One a line: the fact, a vertical bar, and where it comes from. It serves some 300,000 people | census, 2001",
    )
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
                stored = getattr(there, part) if there else None
                number = part in ("value", "average")
                field: forms.Field = (
                    forms.FloatField(required=False)
                    if number
                    else forms.CharField(required=False, max_length=60)
                )
                field.label, field.initial = f"{measure.title}: {label}", stored
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
        cleaned = self.cleaned_data
        facts = [
            {"text": line.partition("|")[0].strip(), "source": line.partition("|")[2].strip()}
            for line in cleaned["facts"].splitlines()
            if line.strip()
        ]
        performance = {}
        for measure in self.measures:
            row = {
                part: cleaned[f"{measure.key}__{part}"]
                for part in ("value", "period", "average", "average_period")
            }
            if row["value"] is not None:
                performance[measure.key] = {k: v for k, v in row.items() if v not in (None, "")}
        return {"facts": facts, "performance": performance, "average_of": cleaned["average_of"]}
