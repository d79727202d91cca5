"""Forms of publication."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from scrutineer_web.kit.date_fields import NotReadError, read_moment
from scrutineer_web.kit.forms import RoomForm


class EmbargoForm(RoomForm):
    """From when the public sees a report."""

    until = forms.CharField(
        label=gettext_lazy("Embargo until"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("For example, 31 1 2027 09:30. Leave this empty to publish now"),
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
    )
    sure = forms.BooleanField(label=gettext_lazy("Yes, the embargo ends on this date"), required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["sure"].widget = forms.HiddenInput()

    def clean_until(self) -> datetime | None:
        """A moment, or nothing."""
        text = self.cleaned_data["until"].strip()
        if not text:
            return None
        try:
            moment = read_moment(text)
        except NotReadError as error:
            raise forms.ValidationError(str(error)) from None
        return timezone.make_aware(moment) if timezone.is_naive(moment) else moment

    def ask(self) -> None:
        """Offer to confirm a moment that is far off."""
        self.fields["sure"].widget = forms.CheckboxInput(attrs={"class": "govuk-checkboxes__input"})


def format_typed(at: datetime) -> str:
    """A moment as it is typed into the form."""
    here = timezone.localtime(at)
    return f"{here.day} {here.month} {here.year} {here:%H:%M}"
