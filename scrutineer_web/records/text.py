"""A text of the report, as people write it."""

from django.conf import settings
from django.db import models

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel


class Text(AuditedModel):
    """A Markdown file of the inspection's folder; every version of it is in the events.

    Attributes:
        path: its place in the folder: `findings/B1.md`.
        rev: how often it was saved; who saves says on which one the change is based.
        drafted: the hash of what was drafted for it; a text that is still that is nobody's and may be drafted again.
    """

    inspection = models.ForeignKey("records.Inspection", on_delete=models.PROTECT, related_name="texts")
    path = models.CharField(max_length=200)
    content = models.TextField(blank=True)
    rev = models.PositiveIntegerField(default=1)
    drafted = models.CharField(max_length=64, blank=True, default="")
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ("path",)
        constraints = (
            models.UniqueConstraint(fields=["inspection", "path"], name="text_once"),
            tie_at_and_by("retired", "text"),
        )

    def __str__(self) -> str:
        return self.path
