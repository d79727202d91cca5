"""What a moderator asks of an answer, and what is said to it."""

from django.conf import settings
from django.db import models

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel


class Comment(AuditedModel):
    """A remark on one question of an assessment, or on the assessment as a whole; open until it is resolved."""

    assessment = models.ForeignKey("records.Assessment", on_delete=models.PROTECT, related_name="comments")
    question = models.CharField(max_length=100, blank=True)
    text = models.TextField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ("id",)
        constraints = (tie_at_and_by("resolved", "comment"),)

    def __str__(self) -> str:
        return self.text[:40]
