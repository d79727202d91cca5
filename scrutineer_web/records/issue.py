"""A report as it was made at one moment: a draft, or an issue with a number."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel

KINDS = [
    ("draft", gettext_lazy("Draft")),
    ("issue", gettext_lazy("Issue")),
    ("draft_elsewhere", gettext_lazy("Draft created elsewhere")),
    ("issue_elsewhere", gettext_lazy("Issued elsewhere")),
]


class Issue(AuditedModel):
    """A report made in its formats, with what it was made from; it never changes.

    Attributes:
        kind: a draft or an issue that was made in this room, or one that came with a folder. What was made elsewhere is
            never published, and its files are only handed out to be kept: nobody here knows what they do.
        number: of its kind, from 1; of an issue its version.
        formats: in which it is made.
        progress: percent made, and a sentence on how far it is.
        proof: what was held against it when it was asked for.
        texts: every text as it was, by its place in the folder.
        figures: every figure that it prints, by its key.
        passages: every paragraph with its address, its part, its text and its figures.
        stamp: the hashes that tie it to its data.
        notice: of a later version: what was corrected, as the public reads it.
        embargo_until: before that moment nobody outside sees it.
        published_at: from when the public sees it.
        shown: whether it was published in this room.
    """

    inspection = models.ForeignKey("records.Inspection", on_delete=models.PROTECT, related_name="issues")
    kind = models.CharField(max_length=20, choices=KINDS)
    number = models.PositiveIntegerField()
    formats = models.JSONField(default=list)
    state = models.CharField(
        max_length=8,
        default="making",
        choices=[
            ("making", gettext_lazy("Being created")),
            ("ready", gettext_lazy("Ready")),
            ("failed", gettext_lazy("Failed")),
        ],
    )
    progress = models.PositiveSmallIntegerField(default=0)
    progress_note = models.TextField(blank=True)
    proof = models.JSONField(default=dict)
    texts = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    passages = models.JSONField(default=list)
    stamp = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(null=True)
    notice = models.TextField(blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    embargo_until = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    shown = models.BooleanField(default=False)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["inspection", "kind", "number"], name="issue_once"),
            tie_at_and_by("approved", "issue"),
            tie_at_and_by("published", "issue"),
        )

    def __str__(self) -> str:
        names = {
            "draft": _("Draft %(number)s"),
            "issue": _("Version %(number)s"),
            "draft_elsewhere": _("Draft %(number)s, created elsewhere"),
            "issue_elsewhere": _("Version %(number)s, created elsewhere"),
        }
        return names[self.kind] % {"number": self.number}

    @property
    def is_ours(self) -> bool:
        """Whether it was made in this room."""
        return self.kind in ("draft", "issue")


class IssueFile(AuditedModel):
    """One file of a made report."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="files")
    path = models.CharField(max_length=150)
    blob = models.ForeignKey("records.Blob", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("path",)
        constraints = (models.UniqueConstraint(fields=["issue", "path"], name="issue_file_once"),)

    def __str__(self) -> str:
        return self.path
