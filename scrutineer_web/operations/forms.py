"""Forms of requests."""

from __future__ import annotations

from django import forms

from scrutineer_web.kit.forms import RoomForm


class SubjectForm(RoomForm):
    """Whose case it is."""

    reference = forms.CharField(
        label="Reference",
        max_length=100,
        help_text="The area's own reference for the case, or its pseudonym in Scrutineer",
    )
