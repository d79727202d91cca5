"""Forms of publication."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from scrutineer_web.kit.forms import Form

_MONTHS = "january february march april may june july august september october november december".split()
_TYPED = re.compile(r"(\d{1,2})[ ./-](\d{1,2}|[a-z]+)[ ./-](\d{4})(?:,?[ ]+(\d{1,2})[:.](\d{2}))?$")


class Embargo(Form):
    """From when the public sees a report."""

    until = forms.CharField(
        label="Embargo until", required=False, max_length=40,
        help_text="For example, 12 12 2026 00:01. Leave it empty to publish now",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )  # fmt: skip
    sure = forms.BooleanField(label="Yes, the embargo ends as late as that", required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["sure"].widget = forms.HiddenInput()

    def clean_until(self) -> datetime | None:
        """A moment, or nothing."""
        text = self.cleaned_data["until"].strip()
        if not text:
            return None
        try:
            moment = _read(text)
            if not 1900 < moment.year < 2200:
                raise ValueError
        except ValueError:
            raise forms.ValidationError(
                "Enter the day and the time when the embargo ends, for example 12 12 2026 00:01"
            ) from None
        return timezone.make_aware(moment) if timezone.is_naive(moment) else moment

    def ask(self) -> None:
        """Offer to confirm a moment that is far off."""
        self.fields["sure"].widget = forms.CheckboxInput(attrs={"class": "govuk-checkboxes__input"})


def typed(at: datetime) -> str:
    """A moment as it is typed into the form."""
    here = timezone.localtime(at)
    return f"{here.day} {here.month} {here.year} {here:%H:%M}"


def _read(text: str) -> datetime:
    """A moment as people type it (12 12 2026 00:01, 12 December 2026) or as a browser sends it (2026-12-12T00:01)."""
    typed = _TYPED.match(text.lower())
    if typed is None:
        return datetime.fromisoformat(text)
    day, month, year, hour, minute = typed.groups()
    names = [n for n, name in enumerate(_MONTHS, 1) if not month.isdigit() and name.startswith(month[:3])]
    number = int(month) if month.isdigit() else next(iter(names), 0)
    return datetime.fromisoformat(f"{year}-{number:02}-{int(day):02}T{int(hour or 0):02}:{minute or '00'}")
