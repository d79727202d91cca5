"""Forms of an area's performance against its targets."""

from __future__ import annotations

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from scrutineer_web.kit.fields import TABLES
from scrutineer_web.kit.forms import RoomForm


class TargetTableForm(RoomForm):
    """Performance against targets that somebody has in a spreadsheet."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=format_lazy(
            gettext_lazy(
                "A table with the columns measure, value, period, average and average_period, and one row for each measure: {tables}"
            ),
            tables=TABLES,
        ),
    )
