"""What became of a sampled case."""

from django.conf import settings
from django.db import models

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel


class Outcome(AuditedModel):
    """Reconviction within two years with its prediction, and assessment scores at start and end; the last import counts."""

    case = models.ForeignKey("records.Case", on_delete=models.PROTECT, related_name="outcomes")
    reconvicted = models.BooleanField(null=True)
    predicted = models.FloatField(null=True)
    score_at_start = models.FloatField(null=True)
    score_at_end = models.FloatField(null=True)
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(retired_at__isnull=True), name="outcome_once"
            ),
            tie_at_and_by("retired", "outcome"),
        )

    def __str__(self) -> str:
        return f"outcome of {self.case_id}"
