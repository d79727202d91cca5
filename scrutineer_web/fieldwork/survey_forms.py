"""Forms of surveys and focus groups."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer.inspection.survey_table import make_key
from scrutineer.inspection.surveys import FocusGroup
from scrutineer.inspection.surveys import Survey as Stored
from scrutineer_web.kit.fields import TABLES
from scrutineer_web.kit.forms import RoomForm
from scrutineer_web.kit.numbers import read_whole

NARROW = {"class": "govuk-input--width-5", "inputmode": "numeric"}


class SurveyForm(RoomForm):
    """A questionnaire or a round of interviews, with its statements."""

    shared = True

    of = forms.CharField(
        label=gettext_lazy("Who was asked"),
        help_text=gettext_lazy("For example, people whose cases are in the sample"),
        max_length=200,
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[("questionnaire", gettext_lazy("Questionnaire")), ("interview", gettext_lazy("Interviews"))],
    )
    sent = forms.IntegerField(
        label=gettext_lazy("Number sent, or invited to interview"),
        min_value=1,
        widget=forms.TextInput(attrs=NARROW),
    )
    returned = forms.IntegerField(
        label=gettext_lazy("Number returned, or interviewed"),
        min_value=0,
        widget=forms.TextInput(attrs=NARROW),
    )
    how = forms.CharField(label=gettext_lazy("How it was done"), required=False, max_length=500)
    items = forms.CharField(
        label=gettext_lazy("Statements"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "Enter one per line: the statement | how many agreed | "
            "how many answered (leave this out if everyone who replied answered)"
        ),
    )

    def __init__(self, *args: Any, survey: Stored | None = None, **kwargs: Any):
        if survey is not None:
            lines = [
                " | ".join(map(str, (i.text, i.agreed, *(() if i.answered is None else (i.answered,)))))
                for i in survey.items
            ]
            kwargs["initial"] = {
                "of": survey.of,
                "kind": survey.kind,
                "sent": survey.sent,
                "returned": survey.returned,
                "how": survey.how,
                "items": "\n".join(lines),
            }
        super().__init__(*args, **kwargs)
        self.survey = survey

    def clean_items(self) -> list[dict[str, Any]]:
        """Statements with whole numbers."""
        known = {i.text: i.key for i in self.survey.items} if self.survey else {}
        items: list[dict[str, Any]] = []
        for n, line in enumerate(self.cleaned_data["items"].splitlines(), 1):
            if not line.strip():
                continue
            parts = [part.strip() for part in line.split("|")]
            if not 2 <= len(parts) <= 3 or not parts[0] or any(read_whole(p) is None for p in parts[1:]):
                raise forms.ValidationError(
                    _("Line %(n)s: enter the statement | how many agreed | how many answered") % {"n": n}
                )
            item = {
                "key": known.get(parts[0])
                or make_key(parts[0], {m["key"] for m in items} | set(known.values())),
                "text": parts[0],
                "agreed": int(parts[1]),
            }
            items.append(item | ({"answered": int(parts[2])} if len(parts) == 3 else {}))
        return items


class FocusForm(RoomForm):
    """A focus group and what was said."""

    shared = True

    of = forms.CharField(label=gettext_lazy("Who was asked"), max_length=200)
    people = forms.IntegerField(
        label=gettext_lazy("People"), min_value=1, widget=forms.TextInput(attrs=NARROW)
    )
    groups = forms.IntegerField(
        label=gettext_lazy("Groups"), min_value=1, initial=1, widget=forms.TextInput(attrs=NARROW)
    )
    said = forms.CharField(
        label=gettext_lazy("What they said"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Enter one per line"),
    )

    def __init__(self, *args: Any, group: FocusGroup | None = None, **kwargs: Any):
        if group is not None:
            kwargs["initial"] = {
                "of": group.of,
                "people": group.people,
                "groups": group.groups,
                "said": "\n".join(group.said),
            }
        super().__init__(*args, **kwargs)

    def collect_content(self) -> dict[str, Any]:
        """The group as its file has it."""
        return {
            **self.cleaned_data,
            "said": [line.strip() for line in self.cleaned_data["said"].splitlines() if line.strip()],
        }


class NeedsForm(RoomForm):
    """What offenders needed work on."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=format_lazy(
            gettext_lazy(
                "A table with the columns case, issue and progress, and one row for each case and issue: {tables}"
            ),
            tables=TABLES,
        ),
    )


class SurveyTableForm(RoomForm):
    """Surveys that somebody has in a spreadsheet."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=format_lazy(
            gettext_lazy(
                "A table with the columns survey, of, kind, sent, returned, statement, agreed and answered, a row per "
                "statement: {tables}"
            ),
            tables=TABLES,
        ),
    )
