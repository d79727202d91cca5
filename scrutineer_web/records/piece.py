"""A piece of evidence for judgement criteria."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel


class Piece(AuditedModel):
    """A document, meeting, interview or observation, as `evidence.yaml` has it.

    Attributes:
        element: the thematic element whose criteria it bears on; empty for the inspection itself.
        key: its name in the file.
        bears: the grade that it gives to each item.
        says: what it shows of one item or another, where that is not the same for all.
        rev: how often it was saved; who saves says on which one the change is based.
    """

    inspection = models.ForeignKey("records.Inspection", on_delete=models.PROTECT, related_name="pieces")
    element = models.CharField(max_length=60, blank=True, default="")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=100)
    kind = models.CharField(
        max_length=12,
        choices=[
            ("document", gettext_lazy("Document")),
            ("meeting", gettext_lazy("Meeting")),
            ("interview", gettext_lazy("Interview")),
            ("observation", gettext_lazy("Observation")),
        ],
    )
    title = models.CharField(max_length=300)
    source = models.CharField(max_length=300)
    on = models.DateField(null=True)
    bears = models.JSONField(default=dict)
    note = models.TextField(blank=True, default="")
    says = models.JSONField(default=dict)
    rev = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["inspection", "element", "key"],
                condition=models.Q(retired_at__isnull=True),
                name="piece_once",
            ),
            tie_at_and_by("retired", "piece"),
        )

    def __str__(self) -> str:
        return self.title
