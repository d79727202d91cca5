"""Forms of the report."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer.frameworks.model import Framework
from scrutineer.report.formats import FORMATS
from scrutineer_web.kit.forms import RoomForm
from scrutineer_web.records.recommendation import Recommendation as Row


class RecommendationForm(RoomForm):
    """What should be done, and which criteria it answers."""

    text = forms.CharField(
        label=gettext_lazy("What should happen"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Write a clause, such as: risk of harm is assessed in every case"),
    )
    criteria = forms.MultipleChoiceField(
        label=gettext_lazy("Criteria"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Those whose findings it responds to"),
    )
    base = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(self, *args: Any, framework: Framework, row: Row | None = None, **kwargs: Any):
        if row is not None:
            kwargs["initial"] = {
                "text": row.text,
                "criteria": row.criteria,
                "base": row.rev,
                "progress": row.progress,
            }
        super().__init__(*args, **kwargs)
        self.offer("criteria", [(c.code, f"{c.code} {c.title}") for c in framework.criteria.values()])
        if framework.kind == "follow_up":
            self.fields["progress"] = forms.ChoiceField(
                label=_("Was it put into effect?"),
                required=False,
                choices=[
                    ("", _("Not yet judged")),
                    ("met", _("Met")),
                    ("partly met", _("Partly met")),
                    ("not met", _("Not met")),
                ],
                widget=forms.Select(attrs={"class": "govuk-select"}),
            )


class AddressForm(RoomForm):
    """Who should see to the recommendations."""

    shared = True

    to = forms.CharField(
        label=gettext_lazy("Who should ensure it"),
        max_length=300,
        help_text=gettext_lazy("For example, the board of the area"),
    )


class DraftForm(RoomForm):
    """In which formats a draft is made."""

    formats = forms.MultipleChoiceField(
        label=gettext_lazy("Formats"),
        choices=[(each.key, each.title) for each in FORMATS.values()],
        initial=list(FORMATS),
        widget=forms.CheckboxSelectMultiple,
    )
