"""Forms of responses, actions, progress and verification."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer_web.kit.fields import DateField, FilesField
from scrutineer_web.kit.forms import RoomForm
from scrutineer_web.records.action_plan import PlannedAction
from scrutineer_web.records.action_plan import Response as PlanResponse
from scrutineer_web.records.framework_version import FrameworkVersion


class ResponseForm(RoomForm):
    """Whether the area agrees."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Does the area agree?"),
        widget=forms.RadioSelect,
        choices=[
            ("agreed", gettext_lazy("Agreed")),
            ("partly", gettext_lazy("Agreed in part")),
            ("not", gettext_lazy("Not agreed")),
        ],
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Give a reason if the area doesn't agree, or agrees only in part"),
    )
    base = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(self, *args: Any, response: PlanResponse | None, **kwargs: Any):
        if response is not None:
            kwargs["initial"] = {"answer": response.answer, "reason": response.reason, "base": response.rev}
        super().__init__(*args, **kwargs)


class ActionForm(RoomForm):
    """What will be done, by whom, until when."""

    text = forms.CharField(label=gettext_lazy("What will be done"), widget=forms.Textarea(attrs={"rows": 3}))
    owner = forms.CharField(label=gettext_lazy("Person responsible"), max_length=150)
    due = DateField(label=gettext_lazy("Complete by"))
    base = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(self, *args: Any, action: PlannedAction | None = None, **kwargs: Any):
        if action is not None:
            kwargs["initial"] = {
                "text": action.text,
                "owner": action.owner,
                "due": action.due,
                "base": action.rev,
            }
        super().__init__(*args, **kwargs)


class ProgressForm(RoomForm):
    """What has been done, with evidence."""

    text = forms.CharField(label=gettext_lazy("What has been done"), widget=forms.Textarea(attrs={"rows": 4}))
    done = forms.BooleanField(label=gettext_lazy("This action is complete"), required=False)
    files = FilesField(  # type: ignore[assignment]  # a field, which Django takes out of the class
        label=gettext_lazy("Evidence"),
        required=False,
        help_text=gettext_lazy(
            "PDF, Word, Excel, PowerPoint, OpenDocument, picture, plain text or CSV, up to 25 MB each"
        ),
    )


class VerifyForm(RoomForm):
    """What the inspectorate found."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Was it put into effect?"),
        widget=forms.RadioSelect,
        choices=[
            ("met", gettext_lazy("Met")),
            ("partly met", gettext_lazy("Partly met")),
            ("not met", gettext_lazy("Not met")),
        ],
    )
    reason = forms.CharField(label=gettext_lazy("What you saw"), widget=forms.Textarea(attrs={"rows": 4}))


class BeginForm(RoomForm):
    """By which framework."""

    framework = forms.ChoiceField(label=gettext_lazy("Framework"))

    def __init__(self, *args: Any, kind: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        known = FrameworkVersion.objects.filter(kind=kind).order_by("-id")
        self.offer(
            "framework",
            [
                (v.pk, _("%(title)s, version %(version)s") % {"title": v.title, "version": v.version})
                for v in known
            ],
        )
