"""Forms of responses, actions, progress and verification."""

from __future__ import annotations

from typing import Any

from django import forms

from scrutineer_web.kit.fields import DateField, FilesField
from scrutineer_web.kit.forms import RoomForm
from scrutineer_web.records.action_plan import PlannedAction
from scrutineer_web.records.action_plan import Response as PlanResponse
from scrutineer_web.records.framework_version import FrameworkVersion


class ResponseForm(RoomForm):
    """Whether the area agrees."""

    answer = forms.ChoiceField(
        label="Does the area agree?",
        widget=forms.RadioSelect,
        choices=[("agreed", "Agreed"), ("partly", "Agreed in part"), ("not", "Not agreed")],
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Give a reason if the area does not agree, or agrees only in part",
    )
    base = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(self, *args: Any, response: PlanResponse | None, **kwargs: Any):
        if response is not None:
            kwargs["initial"] = {"answer": response.answer, "reason": response.reason, "base": response.rev}
        super().__init__(*args, **kwargs)


class ActionForm(RoomForm):
    """What will be done, by whom, until when."""

    text = forms.CharField(label="What will be done", widget=forms.Textarea(attrs={"rows": 3}))
    owner = forms.CharField(label="Person responsible", max_length=150)
    due = DateField(label="Complete by")
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

    text = forms.CharField(label="What has been done", widget=forms.Textarea(attrs={"rows": 4}))
    done = forms.BooleanField(label="This action is complete", required=False)
    files = FilesField(  # type: ignore[assignment]  # a field, which Django takes out of the class
        label="Evidence",
        required=False,
        help_text="PDF, Word, Excel, PowerPoint, OpenDocument, picture, plain text or CSV, up to 25 MB each",
    )


class VerifyForm(RoomForm):
    """What the inspectorate found."""

    outcome = forms.ChoiceField(
        label="Was it put into effect?",
        widget=forms.RadioSelect,
        choices=[("met", "Met"), ("partly met", "Partly met"), ("not met", "Not met")],
    )
    reason = forms.CharField(label="What you saw", widget=forms.Textarea(attrs={"rows": 4}))


class BeginForm(RoomForm):
    """By which framework."""

    framework = forms.ChoiceField(label="Framework")

    def __init__(self, *args: Any, kind: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        known = FrameworkVersion.objects.filter(kind=kind).order_by("-id")
        self.offer("framework", [(v.pk, f"{v.title}, version {v.version}") for v in known])
