"""Forms of a programme: its beginning, its tranches, the places of its areas, the weights of its scorecard."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer_web.kit.date_fields import write_date
from scrutineer_web.kit.fields import DateField
from scrutineer_web.kit.forms import RoomForm
from scrutineer_web.queries.shelf import list_elements, read_library
from scrutineer_web.records.area import Area
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.programme import PlannedInspection, Programme, Tranche

_SHORT = {"class": "govuk-input--width-5", "inputmode": "numeric"}


def _list_versions() -> list[tuple[int, str]]:
    versions = FrameworkVersion.objects.filter(retired_at=None, kind="inspection")
    return [
        (
            f.pk,
            _("%(title)s, version %(version)s (%(framework_id)s)")
            % {"title": f.title, "version": f.version, "framework_id": f.framework_id},
        )
        for f in versions
    ]


class NewProgrammeForm(RoomForm):
    """A programme."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=150)
    framework = forms.TypedChoiceField(label=gettext_lazy("Framework"), choices=_list_versions, coerce=int)
    begins = DateField(label=gettext_lazy("First day"))
    years = forms.IntegerField(
        label=gettext_lazy("Years"),
        initial=3,
        min_value=1,
        max_value=10,
        widget=forms.TextInput(attrs=_SHORT),
    )
    team = forms.IntegerField(
        label=gettext_lazy("Inspectors"),
        help_text=gettext_lazy("How many one inspection needs in each week of its fieldwork"),
        initial=6,
        min_value=1,
        max_value=999,
        widget=forms.TextInput(attrs=_SHORT),
    )
    synthetic = forms.BooleanField(
        label=gettext_lazy("This is fictional, for training or a demonstration"), required=False
    )


class TrancheForm(RoomForm):
    """A tranche."""

    shared = True

    title = forms.CharField(label=gettext_lazy("Title"), max_length=100)
    begins = DateField(label=gettext_lazy("First day"))
    ends = DateField(label=gettext_lazy("Last day"))
    inspectors = forms.IntegerField(
        label=gettext_lazy("Inspectors"),
        help_text=gettext_lazy("How many are available in each of its weeks"),
        min_value=1,
        max_value=999,
        widget=forms.TextInput(attrs=_SHORT),
    )
    elements = forms.MultipleChoiceField(
        label=gettext_lazy("Thematic elements"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, tranche: Tranche | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        shelf = read_library()
        self.offer("elements", [(e, shelf.load_framework(e).title) for e in list_elements()])
        if tranche:
            for name in ("title", "begins", "ends", "inspectors", "elements"):
                self.fields[name].initial = getattr(tranche, name)


class PlaceForm(RoomForm):
    """An area's place in a programme."""

    shared = True

    area = forms.TypedChoiceField(label=gettext_lazy("Area"), coerce=int)
    tranche = forms.TypedChoiceField(label=gettext_lazy("Tranche"), coerce=int)
    begins = DateField(
        label=gettext_lazy("First week of fieldwork"), help_text=gettext_lazy("Enter any day of that week")
    )
    inspectors = forms.IntegerField(
        label=gettext_lazy("Inspectors"),
        help_text=gettext_lazy("How many it needs in each of its weeks"),
        min_value=1,
        max_value=999,
        widget=forms.TextInput(attrs=_SHORT),
    )

    def __init__(self, *args: Any, programme: Programme, planned: PlannedInspection | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        taken = programme.planned.filter(retired_at=None).exclude(pk__in=[planned.pk] if planned else [])
        free = (
            Area.objects.filter(retired_at=None).exclude(pk__in=taken.values("area")).select_related("family")
        )
        self.offer(
            "area",
            [(a.pk, f"{a.name} ({a.family.name})" if a.family else a.name) for a in free.defer("profile")],
        )
        self.offer(
            "tranche",
            [
                (
                    t.pk,
                    _("%(title)s, %(begins)s to %(ends)s")
                    % {"title": t.title, "begins": write_date(t.begins), "ends": write_date(t.ends)},
                )
                for t in programme.tranches.all()
            ],
        )
        self.fields["inspectors"].initial = programme.team
        if planned:
            for name, value in (
                ("area", planned.area_id),
                ("tranche", planned.tranche_id),
                ("begins", planned.begins),
                ("inspectors", planned.inspectors),
            ):
                self.fields[name].initial = value


class AttachForm(RoomForm):
    """An inspection that is there already."""

    inspection = forms.TypedChoiceField(label=gettext_lazy("Inspection"), coerce=int)

    def __init__(self, *args: Any, planned: PlannedInspection, **kwargs: Any):
        super().__init__(*args, **kwargs)
        fitting = Inspection.objects.filter(
            area=planned.area.name,
            retired_at=None,
            internal=False,
            follows=None,
            planned=None,
            framework_version__framework_id=planned.programme.framework_version.framework_id,
        )
        self.offer(
            "inspection",
            [
                (
                    i.pk,
                    _("%(inspection)s, started %(created_at)s, %(phase)s")
                    % {
                        "inspection": i,
                        "created_at": date_format(localtime(i.created_at), "j F Y"),
                        "phase": i.phase.lower(),
                    },
                )
                for i in fitting.select_related("framework_version")
            ],
        )


class WeightsForm(RoomForm):
    """How much each measure weighs in the scorecard."""

    shared = True

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for measure in programme.framework.targets.measures:
            self.fields[measure.key] = forms.IntegerField(
                label=measure.title,
                min_value=0,
                max_value=99,
                initial=programme.weights.get(measure.key, 1),
                widget=forms.TextInput(
                    attrs={"class": "govuk-input govuk-input--width-3", "inputmode": "numeric"}
                ),
            )
