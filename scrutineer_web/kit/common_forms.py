"""Forms that several screens share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer.fieldwork.cases.columns import Column
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.area import PERFORMANCE_COLUMNS, AreaProfile
from scrutineer_web.kit.forms import RoomForm


class UploadForm(RoomForm):
    """A zip file."""

    # A whole request may have 64 MB (`kit/uploads.py`), which
    # leaves room for what goes round the file.
    file = forms.FileField(label=gettext_lazy("File"), help_text=gettext_lazy("Up to 60 MB"))


class ProfileForm(RoomForm):
    """Facts with their sources, and the performance on each measure."""

    shared = True

    facts = forms.CharField(
        label=gettext_lazy("Facts"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy(
            "Enter one per line: the fact, a vertical bar and the source. "
            "For example, It serves about 300,000 people | census, 2001"
        ),
    )
    average_of = forms.CharField(label=gettext_lazy("What the averages cover"), initial="National average")

    def __init__(self, *args: Any, framework: Framework, area: AreaProfile, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.measures = framework.targets.measures
        self.fields["facts"].initial = "\n".join(f"{f.text} | {f.source}" for f in area.facts)
        self.fields["average_of"].initial = area.average_of
        for measure in self.measures:
            there = area.performance.get(measure.key)
            for column in PERFORMANCE_COLUMNS:
                field = _make_field(column)
                field.label = f"{measure.title}: {column.title.lower()}"
                field.initial = getattr(there, column.key) if there else None
                self.fields[f"{measure.key}__{column.key}"] = field

    @property
    def rows(self) -> list[tuple[Any, list[Any]]]:
        """The measures with their fields."""
        return [
            (m, [self[f"{m.key}__{column.key}"] for column in PERFORMANCE_COLUMNS]) for m in self.measures
        ]

    def clean_facts(self) -> str:
        """Every fact has a source."""
        text: str = self.cleaned_data["facts"]
        for n, line in enumerate(text.splitlines(), 1):
            if line.strip() and not all(
                part.strip() for part in (line.partition("|")[0], line.partition("|")[2])
            ):
                raise forms.ValidationError(
                    _("Line %(n)s has no source. Enter the fact, a vertical bar and where it comes from")
                    % {"n": n}
                )
        return text

    def clean(self) -> dict[str, Any]:
        """A measure of which anything is entered needs its value and its period; nothing that was typed is left out."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for measure in self.measures:
            if self._collect_row(measure.key):
                for key in ("value", "period"):
                    name = f"{measure.key}__{key}"
                    if name not in self.errors and cleaned.get(name) in (None, ""):
                        self.add_error(name, _("Fill this in, or clear the other fields of this measure"))
        return cleaned

    def _collect_row(self, measure: str) -> dict[str, Any]:
        """What is entered of a measure, by column."""
        values = {c.key: self.cleaned_data.get(f"{measure}__{c.key}") for c in PERFORMANCE_COLUMNS}
        return {key: value for key, value in values.items() if value not in (None, "")}

    def collect_content(self) -> dict[str, Any]:
        """The profile as its file has it."""
        cleaned = self.cleaned_data
        facts = [
            {"text": line.partition("|")[0].strip(), "source": line.partition("|")[2].strip()}
            for line in cleaned["facts"].splitlines()
            if line.strip()
        ]
        performance = {m.key: row for m in self.measures if (row := self._collect_row(m.key))}
        return {"facts": facts, "performance": performance, "average_of": cleaned["average_of"]}


def _make_field(column: Column) -> forms.Field:
    look = {"class": "govuk-input govuk-input--width-10"}
    if column.kind == "number":
        return forms.FloatField(required=False, widget=forms.TextInput(attrs=look | {"inputmode": "decimal"}))
    return forms.CharField(required=False, max_length=60, widget=forms.TextInput(attrs=look))
