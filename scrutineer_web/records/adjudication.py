"""Which of two assessments' answers is final."""

from django.conf import settings
from django.db import models

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel


class Adjudication(AuditedModel):
    """The answer that was settled on where two readers differed; both assessments stay as they were."""

    case = models.ForeignKey("records.Case", on_delete=models.PROTECT, related_name="adjudications")
    question = models.CharField(max_length=100)
    value = models.CharField(max_length=100)
    reason = models.TextField(blank=True)
    settled_at = models.DateTimeField()
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["case", "question"],
                condition=models.Q(retired_at__isnull=True),
                name="adjudication_once",
            ),
            tie_at_and_by("retired", "adjudication"),
        )

    def __str__(self) -> str:
        return self.question
