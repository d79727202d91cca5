"""Forms of requests."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from scrutineer_web.kit.forms import RoomForm


class SubjectForm(RoomForm):
    """Whose case it is."""

    reference = forms.CharField(
        label=gettext_lazy("Reference"),
        max_length=100,
        help_text=gettext_lazy("The area's own reference for the case, or its pseudonym in Scrutineer"),
    )
