"""What the lead inspector settled on a judgement criterion."""

from django.conf import settings
from django.db import models

from scrutineer_web.records.record import AuditedModel


class Judgement(AuditedModel):
    """Grades settled where pieces of evidence disagree, and a rating other than the rule gives, with its reason.

    Attributes:
        element: the thematic element of the criterion; empty for the inspection itself.
        grades: the settled grade of each item.
        rating: another than the computed one; empty where that stands.
        said_by: who set it, as the file tells it.
    """

    inspection = models.ForeignKey("records.Inspection", on_delete=models.PROTECT, related_name="judgements")
    element = models.CharField(max_length=60, blank=True, default="")
    criterion = models.CharField(max_length=20)
    grades = models.JSONField(default=dict)
    rating = models.CharField(max_length=60, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    said_by = models.CharField(max_length=150, blank=True, default="")
    rev = models.PositiveIntegerField(default=1)
    settled_at = models.DateTimeField()
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["inspection", "element", "criterion"], name="judgement_once"),
        )

    def __str__(self) -> str:
        return self.criterion
