"""Forms in the room's own patterns: labels, hints, faults next to the field and in a summary."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.forms.renderers import TemplatesSetting
from django.forms.utils import ErrorDict
from django.template.loader import render_to_string
from django.utils.choices import normalize_choices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext

from scrutineer.errors import Fault, UserError
from scrutineer_web.records.text_lengths import NOTE, SHORT, describe_too_long
from scrutineer_web.safeguards.guards import StaleError


class Renderer(TemplatesSetting):
    """Fields and forms by the templates of components."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


SEEN = "seen"
"""The hidden field with which an edit says what it began from."""
CHANGED = gettext_lazy(
    "Somebody else changed this while you were editing it. Nothing was overwritten. Send it again to save your version."
)


@dataclass(frozen=True)
class Theirs:
    """What somebody else saved in a field meanwhile."""

    label: str
    text: str


class AtMost:
    """Refuses a text that is too long, counted as the page counts it: a line's end is one character."""

    def __init__(self, limit: int):
        self.limit = limit

    def __call__(self, value: Any) -> None:
        """Refuse it, or not."""
        length = len(str(value).replace("\r\n", "\n"))
        if length > self.limit:
            raise forms.ValidationError(f"{describe_too_long(length, self.limit)}.", code="max_length")


class RoomForm(forms.Form):
    """A form whose widgets look as the rest does, and that takes up what an action refuses.

    Attributes:
        shared: whether it edits what somebody else may edit meanwhile, and has no version of its own to tell by.
        theirs: what somebody else saved meanwhile, where that is so.
    """

    shared = False

    def __init__(self, *args: Any, **kwargs: Any):
        self.theirs: list[Theirs] = []
        kwargs["label_suffix"] = ""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            prepare(field)

    def __getitem__(self, name: str) -> Any:
        # A form may add fields after our __init__ has run.
        prepare(self.fields[name])
        return super().__getitem__(name)

    def full_clean(self) -> None:
        """Check everything; and whether somebody else has changed meanwhile what this edits."""
        for field in self.fields.values():
            prepare(field)
        super().full_clean()
        # Compared with what is saved now, not at sending: whoever saves
        # first makes the other's page stale.
        seen = self.data.get(SEEN) if self.shared and self.is_bound else None
        if seen and seen != self.hash_seen():
            self.show_both()

    def offer(self, name: str, choices: Iterable[tuple[Any, str]]) -> None:
        """Say what can be chosen in a field.

        Raises:
            TypeError: nothing is chosen in the field.
        """
        field = self.fields[name]
        if not isinstance(field, forms.ChoiceField):
            raise TypeError(f"nothing is chosen in {name}")
        field.choices = list(choices)

    @property
    def hidden_seen(self) -> str:
        """What the form began from, as a hidden field; nothing where it has a version of its own."""
        return (
            render_to_string("components/hidden.html", {"name": SEEN, "value": self.hash_seen()})
            if self.shared
            else ""
        )

    def hash_seen(self) -> str:
        """A digest of what is saved."""
        stored = [(name, self._find_stored(name)) for name in self.fields]
        return hashlib.sha256(repr(stored).encode()).hexdigest()[:32]

    def show_both(self) -> None:
        """Keep what was typed, show what somebody else saved, and let the form be sent again on top of that."""
        if "base" in self.fields:
            # Sending again means "I have seen the other change", so the form now builds on the latest version.
            data: Any = copy(self.data)  # of what was sent, which nobody may alter, a copy that one may
            data["base"] = str(self.get_initial_for_field(self.fields["base"], "base"))
            self.data = data
        for name, field in self.fields.items():
            stored = self._find_stored(name)
            if not field.widget.is_hidden and stored != _as_text(field, self[name].value()):
                self.theirs.append(Theirs(str(field.label or name), stored or _("nothing")))
        self.add_error(None, CHANGED)

    def _find_stored(self, name: str) -> str:
        field = self.fields[name]
        return _as_text(field, self.get_initial_for_field(field, name))

    def refuse(self, error: UserError) -> None:
        """Show an action's faults: next to the field whose label they name, or above the form."""
        if isinstance(error, StaleError):
            self.show_both()
            return
        names = self._name_fields()
        article = pgettext("before the name of a field, such as: the reason", "the")
        for fault in error.faults:
            place = names.get(fault.where.removeprefix(f"{article} ").removeprefix("the ").lower())
            self.add_error(place, write_sentence(fault, with_place=place is None))

    def _name_fields(self) -> dict[str, str]:
        """The fields by their labels: as people see them, and as they are marked, which is how the core names them."""
        seen = {str(field.label or name).lower(): name for name, field in self.fields.items()}
        with override(None):
            return {str(field.label or name).lower(): name for name, field in self.fields.items()} | seen

    def take_back(self, faults: Sequence[Fault], data: Any = None) -> None:
        """Show what was refused after the page had been left, with what was typed."""
        # add_error removes the field from cleaned_data, so there has to be one.
        self.data, self.is_bound, self.cleaned_data = data or {}, True, {}
        self._errors = ErrorDict(renderer=self.renderer)
        self.refuse(UserError(faults))


def _as_text(field: forms.Field, value: Any) -> str:
    """A field's value as people read it."""
    value = field.prepare_value(value)
    if isinstance(field, forms.ChoiceField):
        titles = {str(k): str(v) for k, v in normalize_choices(field.choices)}
        some = value if isinstance(value, list | tuple) else [value]
        return ", ".join(titles.get(str(item), "") for item in some if item not in (None, ""))
    if isinstance(field, forms.BooleanField):
        return _("yes") if value in (True, "on", "true", "True") else _("no")
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def write_sentence(fault: Fault, with_place: bool = True) -> str:
    """A fault as a sentence; without its place where it is shown next to the field."""
    return str(fault if with_place else Fault("", fault.what[:1].upper() + fault.what[1:], fault.do))


def prepare(field: forms.Field) -> None:
    """Dress a field, and let it count: a browser that stops at a limit cuts what is pasted without a word."""
    if getattr(field, "_prepared", False):
        return
    field._prepared = True  # type: ignore[attr-defined]  # a mark of ours, which goes with the field's copies
    dress(field)
    field.widget.attrs.pop("maxlength", None)
    if isinstance(field, forms.CharField) and not isinstance(field.widget, forms.HiddenInput):
        limit = field.max_length or (NOTE if isinstance(field.widget, forms.Textarea) else SHORT)
        field.validators = [v for v in field.validators if not isinstance(v, MaxLengthValidator)] + [
            AtMost(limit)
        ]
        field.widget.attrs["data-limit"] = str(limit)


def dress(field: forms.Field) -> None:
    """Give a field's widget the classes of the design system."""
    widget = field.widget
    # Subclasses come before their bases: to Django, a list of checkboxes is a
    # RadioSelect and a checkbox an Input.
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
