"""Forms of reports on many inspections, and of outcomes."""

from __future__ import annotations

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from scrutineer_web.kit.fields import TABLES
from scrutineer_web.kit.forms import RoomForm


class OutcomesForm(RoomForm):
    """A table of outcomes."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=format_lazy(
            gettext_lazy(
                "{tables}, with one row for each case: pseudonym, and any of reconvicted (yes or no), "
                "predicted (0 to 1), score_at_start, score_at_end"
            ),
            tables=TABLES,
        ),
    )
