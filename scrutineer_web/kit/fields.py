"""Fields that Django has not."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from scrutineer_web.kit.date_fields import HINT, NotReadError, read_date, write_date

TABLES = gettext_lazy("Excel (.xlsx), OpenDocument (.ods), CSV or Parquet")
"""The kinds of table that are read, as a form names them."""


class DateField(forms.Field):
    """A date as people write it: 31 1 2027, 31/1/2027, 31 January 2027, 2027-01-31."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("widget", forms.TextInput(attrs={"class": "govuk-input--width-10"}))
        hint = kwargs.pop("help_text", "")
        super().__init__(help_text=format_lazy("{}. {}", hint, HINT) if hint else HINT, **kwargs)

    def to_python(self, value: Any) -> date | None:
        """The date."""
        if isinstance(value, date):
            return value
        if value is None or not str(value).strip():
            return None
        try:
            return read_date(str(value))
        except NotReadError as error:
            raise forms.ValidationError(str(error), code="invalid") from None

    def prepare_value(self, value: Any) -> Any:
        """A stored date as people read it; what was typed as it was typed."""
        return write_date(value) if isinstance(value, date) else value


class Files(forms.FileInput):
    """Several files at once."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Every file that was chosen."""
        del data
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class FilesField(forms.FileField):
    """Several files at once; a list of them."""

    widget = Files

    def __init__(self, **kwargs: Any):
        kwargs.setdefault("widget", Files(attrs={"multiple": True}))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Every file."""
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if not files and self.required:
            raise forms.ValidationError(self.error_messages["required"])
        return [super(FilesField, self).clean(file, initial) for file in files]
