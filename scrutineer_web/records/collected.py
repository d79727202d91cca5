"""A report on many inspections: of a group or a theme across areas, or of a period."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from scrutineer_web.records.record import AuditedModel


class CollectedReport(AuditedModel):
    """A report as it was made at one moment; it never changes.

    Attributes:
        kind: across areas, or of a period.
        subject: what was asked for: group or element, or first and last day.
        progress: percent made, and a sentence on how far it is.
        inspections: the inspections that it is made from, each with the hash of its scores.
    """

    programme = models.ForeignKey("records.Programme", on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(
        max_length=8, choices=[("across", gettext_lazy("Across areas")), ("period", gettext_lazy("Periodic"))]
    )
    title = models.CharField(max_length=200)
    subject = models.JSONField(default=dict)
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
    inspections = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.title


class CollectedFile(AuditedModel):
    """One file of such a report."""

    report = models.ForeignKey(CollectedReport, on_delete=models.PROTECT, related_name="files")
    path = models.CharField(max_length=150)
    blob = models.ForeignKey("records.Blob", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("path",)
        constraints = (models.UniqueConstraint(fields=["report", "path"], name="collected_file_once"),)

    def __str__(self) -> str:
        return self.path
