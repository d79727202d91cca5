"""Forms of reports on many inspections, and of outcomes."""

from __future__ import annotations

from django import forms

from scrutineer_web.kit.fields import TABLES
from scrutineer_web.kit.forms import RoomForm


class OutcomesForm(RoomForm):
    """A table of outcomes."""

    file = forms.FileField(
        label="File",
        help_text=f"{TABLES}, with one row for each case: pseudonym, and any of reconvicted (yes or no), predicted (0 to 1),"
        " score_at_start, score_at_end",
    )
