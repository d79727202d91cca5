"""Two answers to one question that were given without knowing of each other."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel


class Conflict(AuditedModel):
    """An answer that came after another one had been saved on its base; both are kept until somebody chooses.

    Attributes:
        uid: that the device gave to the save, so that it is kept once.
        content: the answer that came, with its texts.
        why: stale (another was saved before) or closed (the assessment takes no more answers).
        is_kept: of a settled one, whether it was taken in the other's place.
    """

    assessment = models.ForeignKey("records.Assessment", on_delete=models.PROTECT, related_name="conflicts")
    question = models.CharField(max_length=100)
    uid = models.UUIDField(unique=True)
    content = models.JSONField()
    why = models.CharField(
        max_length=10, choices=[("stale", gettext_lazy("Stale")), ("closed", gettext_lazy("Closed"))]
    )
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    is_kept = models.BooleanField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = (tie_at_and_by("settled", "conflict"),)

    def __str__(self) -> str:
        return self.question
