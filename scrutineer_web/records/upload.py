"""A file that somebody sent in."""

from django.conf import settings
from django.db import models

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel


class Upload(AuditedModel):
    """A file with its name, kept with the piece of evidence, the comment or the progress that it belongs to.

    Attributes:
        name: as the sender called it, without folders.
        kind: what its content is: pdf, docx, png …
    """

    inspection = models.ForeignKey("records.Inspection", on_delete=models.PROTECT, related_name="uploads")
    blob = models.ForeignKey("records.Blob", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=150)
    kind = models.CharField(max_length=10)
    piece = models.ForeignKey("records.Piece", on_delete=models.PROTECT, related_name="uploads", null=True)
    comment = models.ForeignKey(
        "records.AccuracyComment", on_delete=models.PROTECT, related_name="uploads", null=True
    )
    progress = models.ForeignKey(
        "records.ProgressReport", on_delete=models.PROTECT, related_name="uploads", null=True
    )
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ("id",)
        constraints = (tie_at_and_by("retired", "upload"),)

    def __str__(self) -> str:
        return self.name
