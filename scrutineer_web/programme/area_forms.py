"""Forms of areas and family groups."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer.frameworks.model import Framework
from scrutineer_web.kit.common_forms import ProfileForm
from scrutineer_web.kit.forms import RoomForm
from scrutineer_web.records import frames
from scrutineer_web.records.area import Area, Family


class FamilyGroupForm(RoomForm):
    """A family group."""

    shared = True

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        required=False,
        help_text=gettext_lazy("What its areas have in common"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AreaProfileForm(ProfileForm):
    """An area: its name, its family group, and its profile as an inspection has it."""

    shared = False  # it has a version of its own

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        help_text=gettext_lazy("The name of the inspected body, as it appears in reports"),
    )
    family = forms.TypedChoiceField(
        label=gettext_lazy("Family group"), required=False, coerce=int, empty_value=None
    )
    synthetic = forms.BooleanField(
        label=gettext_lazy("This is fictional, for training or a demonstration"), required=False
    )
    base = forms.IntegerField(widget=forms.HiddenInput, initial=0, required=False)

    field_order = ("name", "family", "synthetic", "facts", "average_of")

    def __init__(self, *args: Any, framework: Framework, area: Area | None, **kwargs: Any):
        from scrutineer.inspection.area import AreaProfile as Model

        own = frames.read_area_profile(area) if area else Model()
        super().__init__(*args, framework=framework, area=own, **kwargs)
        families = Family.objects.values_list("pk", "name")
        self.offer("family", [("", _("None")), *families])
        if area:
            for name in ("name", "synthetic"):
                self.fields[name].initial = getattr(area, name)
            self.fields["family"].initial = area.family_id
            self.fields["base"].initial = area.rev
        self._kept = own.performance

    def collect(self) -> dict[str, Any]:
        """What the action wants; figures on measures that this framework has not are kept as they were."""
        content = self.collect_content()
        own = {m.key for m in self.measures}
        content["performance"] |= {
            key: item.model_dump(mode="json") for key, item in self._kept.items() if key not in own
        }
        family = self.cleaned_data["family"]
        return {
            "name": self.cleaned_data["name"],
            "synthetic": self.cleaned_data["synthetic"],
            "profile": content,
            "family": Family.objects.get(pk=family) if family else None,
            "base": self.cleaned_data["base"] or 0,
        }
