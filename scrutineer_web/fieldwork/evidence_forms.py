"""Forms of evidence and ratings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer.frameworks.model import Criterion, Framework
from scrutineer.inspection.evidence import Judged
from scrutineer.scoring.rated_part import RatedPart
from scrutineer_web.kit.fields import DateField
from scrutineer_web.kit.forms import RoomForm
from scrutineer_web.records.judgement import Judgement
from scrutineer_web.records.piece import Piece as Row

KINDS = [
    ("document", gettext_lazy("Document")),
    ("meeting", gettext_lazy("Meeting")),
    ("interview", gettext_lazy("Interview")),
    ("observation", gettext_lazy("Observation")),
]


def list_grades(framework: Framework) -> list[tuple[str, str]]:
    """The grades that evidence may have, best first."""
    return [(g.key, g.title) for g in framework.ratings.grades] if framework.ratings else []


class PieceForm(RoomForm):
    """A piece of evidence, with the grade that it gives to each item on which it bears."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Type of evidence"), choices=KINDS, widget=forms.RadioSelect, initial="document"
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=300,
        help_text=gettext_lazy("For example, Business plan, 2004/2005"),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=300,
        help_text=gettext_lazy(
            "Who or what it comes from. Two pieces of evidence from one source don't corroborate each other"
        ),
    )
    on = DateField(label=gettext_lazy("Date"), required=False)
    note = forms.CharField(
        label=gettext_lazy("What it shows"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Write it as a sentence in the findings"),
    )
    base = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(self, *args: Any, framework: Framework, piece: Row | None = None, **kwargs: Any):
        if piece is not None:
            kwargs["initial"] = {
                "kind": piece.kind,
                "title": piece.title,
                "source": piece.source,
                "note": piece.note,
                "base": piece.rev,
                "on": piece.on,
                **{f"grade__{k}": v for k, v in piece.bears.items()},
                **{f"says__{k}": v for k, v in piece.says.items()},
            }
        super().__init__(*args, **kwargs)
        self.framework = framework
        for criterion in self.criteria:
            for item in criterion.items:
                self.fields[f"grade__{item.key}"] = forms.ChoiceField(
                    label=_("Grade"),
                    required=False,
                    choices=[("", _("Not relevant")), *list_grades(framework)],
                    widget=forms.Select(
                        attrs={
                            "class": "govuk-select",
                            "aria-label": _("Grade: %(text)s") % {"text": item.text},
                        }
                    ),
                )
                self.fields[f"says__{item.key}"] = forms.CharField(
                    label=_("What it shows about this"),
                    required=False,
                    max_length=2000,
                    widget=forms.TextInput(
                        attrs={
                            "class": "govuk-input",
                            "aria-label": _("What it shows about: %(text)s") % {"text": item.text},
                        }
                    ),
                )

    @property
    def criteria(self) -> list[Criterion]:
        """The judgement criteria."""
        return [c for c in self.framework.criteria.values() if c.kind == "judgement"]

    @property
    def plain_fields(self) -> list[Any]:
        """The fields above the items."""
        return [self[name] for name in ("kind", "title", "source", "on", "note")]

    @property
    def rows(self) -> list[tuple[Criterion, bool, list[tuple[Any, Any, Any]]]]:
        """The criteria with their items, each with its two fields, and whether any has a grade."""
        listed = []
        for criterion in self.criteria:
            items = [(i, self[f"grade__{i.key}"], self[f"says__{i.key}"]) for i in criterion.items]
            listed.append((criterion, any(grade.value() for _, grade, _ in items), items))
        return listed

    def clean(self) -> dict[str, Any]:
        """What the piece shows of an item belongs to a grade; without one it would be lost."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for item in (item for criterion in self.criteria for item in criterion.items):
            grade = f"grade__{item.key}"
            if cleaned.get(f"says__{item.key}") and grade not in self.errors and not cleaned.get(grade):
                self.add_error(grade, _("Choose a grade, or clear what the evidence shows about this"))
        return cleaned

    def collect_content(self) -> dict[str, Any]:
        """The piece as `evidence.yaml` has it."""
        cleaned = self.cleaned_data
        keys = [item.key for criterion in self.criteria for item in criterion.items]
        return {
            **{name: cleaned[name] for name in ("kind", "title", "source", "on", "note")},
            "bears": {k: cleaned[f"grade__{k}"] for k in keys if cleaned[f"grade__{k}"]},
            "says": {k: cleaned[f"says__{k}"] for k in keys if cleaned[f"says__{k}"]},
        }


def _list_ratings(part: RatedPart, *, is_direct: bool) -> list[tuple[str, str]]:
    """The ratings that may be chosen, and what it means to choose none."""
    computed = part.rating.title if part.rating else _("not rated")
    none = _("Not rated yet") if is_direct else _("As calculated (%(computed)s)") % {"computed": computed}
    return [("", none), *((value.key, value.title) for value in part.scale.ratings)]


class RatingForm(RoomForm):
    """Grades settled on items, and another rating with its reason."""

    rating = forms.ChoiceField(label=gettext_lazy("Rating"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Give a reason if you change the rating or set a grade that no evidence gives. The computed rating stays on record"
        ),
    )
    base = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(
        self,
        *args: Any,
        framework: Framework,
        judged: Judged | None,
        standing: Judgement | None,
        part: RatedPart | None = None,
        **kwargs: Any,
    ):
        if standing is not None:
            kwargs["initial"] = {
                "rating": standing.rating,
                "reason": standing.reason,
                "base": standing.rev,
                **{f"grade__{k}": v for k, v in standing.grades.items()},
            }
        super().__init__(*args, **kwargs)
        self._titles = dict(list_grades(framework))
        self._items = judged.items if judged else ()
        if part is not None:
            self.offer("rating", _list_ratings(part, is_direct=judged is not None))
            self.fields["reason"].help_text = _("The report gives the reason")
            return
        rules = framework.ratings.rules if framework.ratings else ()
        computed = (
            judged.rating.computed.title
            if judged and judged.rating
            else _("not rated yet: some items have no grade")
        )
        self.offer(
            "rating",
            [
                ("", _("As calculated (%(computed)s)") % {"computed": computed}),
                *((r.rating, r.title) for r in rules),
            ],
        )
        for graded in self._items:
            self.fields[f"grade__{graded.item.key}"] = forms.ChoiceField(
                label=graded.item.text,
                required=False,
                choices=[("", _("As the evidence shows")), *list_grades(framework)],
                widget=forms.Select(attrs={"class": "govuk-select"}),
            )

    @property
    def rows(self) -> list[tuple[dict[str, Any], Any]]:
        """The items, with what their evidence gives, and their fields."""
        return [
            (
                {
                    "item": graded.item,
                    "pieces": graded.pieces,
                    "sources": graded.sources,
                    "gives": list(
                        dict.fromkeys(self._titles[p.bears[graded.item.key]] for p in graded.pieces)
                    ),
                },
                self[f"grade__{graded.item.key}"],
            )
            for graded in self._items
        ]

    def collect_grades(self) -> dict[str, str]:
        """The settled grades."""
        return {
            name.removeprefix("grade__"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("grade__") and value
        }


class FileForm(RoomForm):
    """A file for a piece of evidence."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "PDF, Word, Excel, PowerPoint, OpenDocument, picture, plain text or CSV, up to 25 MB"
        ),
    )
