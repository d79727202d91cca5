"""Forms of the factual accuracy check."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer.report.formats import name_web_page
from scrutineer_web.kit.fields import DateField, FilesField
from scrutineer_web.kit.forms import RoomForm
from scrutineer_web.records.accuracy import Correction
from scrutineer_web.records.inspection import Inspection

DECISIONS = [
    ("accepted", gettext_lazy("Accept")),
    ("partly", gettext_lazy("Accept in part")),
    ("not", gettext_lazy("Do not accept")),
]


class SendForm(RoomForm):
    """Which draft goes to the area, and until when it may comment."""

    issue = forms.ChoiceField(label=gettext_lazy("Draft"))
    due = DateField(
        label=gettext_lazy("Deadline for comments"),
        help_text=gettext_lazy("The framework's calendar sets this date, but you can change it"),
    )

    def __init__(self, *args: Any, inspection: Inspection, due: date | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        ready = inspection.issues.filter(kind="draft", state="ready", files__path=name_web_page())
        self.offer(
            "issue", [(i.pk, f"{i}, {date_format(localtime(i.made_at), 'j F Y, H:i')}") for i in ready]
        )
        self.fields["due"].initial = due


class CommentForm(RoomForm):
    """What is not right, with documents that show it."""

    text = forms.CharField(label=gettext_lazy("What is wrong"), widget=forms.Textarea(attrs={"rows": 6}))
    figure = forms.ChoiceField(label=gettext_lazy("About"), required=False)
    files = FilesField(  # type: ignore[assignment]  # a field, which Django takes out of the class
        label=gettext_lazy("Documents"),
        required=False,
        help_text=gettext_lazy(
            "PDF, Word, Excel, PowerPoint, OpenDocument, picture, plain text or CSV, up to 25 MB each"
        ),
    )

    def __init__(self, *args: Any, figures: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer(
            "figure",
            [
                ("", _("The paragraph")),
                *((k, _("The figure %(figure)s") % {"figure": t}) for k, t in figures),
            ],
        )


class DecideForm(RoomForm):
    """What the inspectorate makes of a comment."""

    shared = True

    decision = forms.ChoiceField(label=gettext_lazy("Decision"), choices=DECISIONS, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The area will see this"),
    )


class OpenForm(RoomForm):
    """Which answer is opened again."""

    case = forms.CharField(label=gettext_lazy("Case"), max_length=100)
    question = forms.ChoiceField(label=gettext_lazy("Question"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The assessor will see this"),
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

    value = forms.ChoiceField(label=gettext_lazy("Answer"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=gettext_lazy("Evidence"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    uid = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, correction: Correction, **kwargs: Any):
        super().__init__(*args, **kwargs)
        framework = correction.assessment.framework_version.framework
        scale = framework.scale_of[correction.question]
        known = [(o.code, o.label) for o in scale.options]
        if framework.questions[correction.question].may_not_apply or correction.was == "not_applicable":
            known.append(("not_applicable", _("Not applicable")))
        if all(code != "not_enough_evidence" for code, _ in known):
            known.append(("not_enough_evidence", _("Not enough evidence to judge")))
        self.offer("value", known)
