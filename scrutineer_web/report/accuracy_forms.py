"""Forms of the factual accuracy check."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from scrutineer_web.kit.fields import DateField, FilesField
from scrutineer_web.kit.forms import RoomForm
from scrutineer_web.records.accuracy import Correction
from scrutineer_web.records.inspection import Inspection

DECISIONS = [("accepted", "Accept"), ("partly", "Accept in part"), ("not", "Do not accept")]


class SendForm(RoomForm):
    """Which draft goes to the area, and until when it may comment."""

    issue = forms.ChoiceField(label="Draft")
    due = DateField(
        label="Deadline for comments",
        help_text="The framework's calendar sets this date, but you can change it",
    )

    def __init__(self, *args: Any, inspection: Inspection, due: date | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        ready = inspection.issues.filter(kind="draft", state="ready", files__path="report.html")
        self.offer("issue", [(i.pk, f"{i}, {i.made_at:%d.%m.%Y %H:%M}") for i in ready])
        self.fields["due"].initial = due


class CommentForm(RoomForm):
    """What is not right, with documents that show it."""

    text = forms.CharField(label="What is wrong", widget=forms.Textarea(attrs={"rows": 6}))
    figure = forms.ChoiceField(label="About", required=False)
    files = FilesField(  # type: ignore[assignment]  # a field, which Django takes out of the class
        label="Documents",
        required=False,
        help_text="PDF, Word, Excel, PowerPoint, OpenDocument, picture, plain text or CSV, up to 25 MB each",
    )

    def __init__(self, *args: Any, figures: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer("figure", [("", "The paragraph"), *((k, f"The figure {t}") for k, t in figures)])


class DecideForm(RoomForm):
    """What the inspectorate makes of a comment."""

    shared = True

    decision = forms.ChoiceField(label="Decision", choices=DECISIONS, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Reason", widget=forms.Textarea(attrs={"rows": 3}), help_text="The area will see this"
    )


class OpenForm(RoomForm):
    """Which answer is opened again."""

    case = forms.CharField(label="Case", max_length=100)
    question = forms.ChoiceField(label="Question")
    reason = forms.CharField(
        label="Reason", widget=forms.Textarea(attrs={"rows": 2}), help_text="The assessor will see this"
    )

    def __init__(self, *args: Any, inspection: Inspection, **kwargs: Any):
        super().__init__(*args, **kwargs)
        framework = inspection.framework
        self.offer(
            "question",
            [
                (q.key, f"{c.code}: {q.text}"[:110])
                for c in framework.criteria.values()
                for q in c.questions
                if q.key in framework.scale_of
            ],
        )


class AnswerForm(RoomForm):
    """An opened answer, given again."""

    value = forms.ChoiceField(label="Answer", widget=forms.RadioSelect)
    note = forms.CharField(
        label="Evidence", required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    uid = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, correction: Correction, **kwargs: Any):
        super().__init__(*args, **kwargs)
        framework = correction.assessment.framework_version.framework
        scale = framework.scale_of[correction.question]
        known = [(o.code, o.label) for o in scale.options]
        if framework.questions[correction.question].may_not_apply or correction.was == "not_applicable":
            known.append(("not_applicable", "Not applicable"))
        if all(code != "not_enough_evidence" for code, _ in known):
            known.append(("not_enough_evidence", "Not enough evidence to judge"))
        self.offer("value", known)
