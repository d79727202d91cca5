"""Forms of an area's performance against its targets."""

from __future__ import annotations

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from scrutineer.inspection.target_table import COLUMNS
from scrutineer_web.kit.fields import TABLES
from scrutineer_web.kit.forms import RoomForm


class TargetTableForm(RoomForm):
    """Performance against targets that somebody has in a spreadsheet."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=format_lazy(
            gettext_lazy("A table with the columns {columns}, and one row for each measure: {tables}"),
            columns=", ".join(column.key for column in COLUMNS),
            tables=TABLES,
        ),
    )
