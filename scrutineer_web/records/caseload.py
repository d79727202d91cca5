"""A caseload as the area sent it."""

from django.conf import settings
from django.db import models

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel


class CaseloadFile(AuditedModel):
    """The file of a caseload, byte for byte; the sample is drawn from it.

    Attributes:
        hash: of what the cases say, as the sample's record pins it.
        cases: how many it holds.
        notes: what was left out on assessment, in sentences.
    """

    inspection = models.ForeignKey("records.Inspection", on_delete=models.PROTECT, related_name="caseloads")
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    hash = models.CharField(max_length=80)
    cases = models.PositiveIntegerField()
    notes = models.JSONField(default=list)
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["inspection"], condition=models.Q(retired_at__isnull=True), name="caseload_one_in_use"
            ),
            tie_at_and_by("retired", "caseload"),
        )

    def __str__(self) -> str:
        return self.name
