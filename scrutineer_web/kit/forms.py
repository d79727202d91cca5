"""Forms in the room's own patterns: labels, hints, faults beside the field and in a summary."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

from scrutineer.errors import Fault, UserError


class Renderer(TemplatesSetting):
    """Fields and forms by the templates in `kit/`."""

    form_template_name = "kit/form.html"
    field_template_name = "kit/field.html"


class Form(forms.Form):
    """A form whose widgets look as the rest does, and that takes up what an action refuses."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, label_suffix="", **kwargs)
        for field in self.fields.values():
            dress(field)

    def refuse(self, error: UserError) -> None:
        """Show an action's faults: beside the field whose label they name, or above the form."""
        names = {str(field.label or name).lower(): name for name, field in self.fields.items()}
        for fault in error.faults:
            place = names.get(fault.where.removeprefix("the ").lower())
            self.add_error(place, sentence(fault, with_place=place is None))


def sentence(fault: Fault, with_place: bool = True) -> str:
    """A fault as a sentence; without its place where it stands beside it."""
    return str(fault if with_place else Fault("", fault.what[:1].upper() + fault.what[1:], fault.do))


def dress(field: forms.Field) -> None:
    """Give a field's widget the classes of the design system."""
    widget = field.widget
    kinds = {
        forms.CheckboxSelectMultiple: "govuk-checkboxes__input",
        forms.RadioSelect: "govuk-radios__input",
        forms.Textarea: "govuk-textarea",
        forms.Select: "govuk-select",
        forms.FileInput: "govuk-file-upload",
        forms.CheckboxInput: "govuk-checkboxes__input",
        forms.widgets.Input: "govuk-input",
    }
    name = next((name for kind, name in kinds.items() if isinstance(widget, kind)), "")
    widget.attrs["class"] = f"{widget.attrs.get('class', '')} {name}".strip()
