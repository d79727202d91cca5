"""A timetable: what it was made from, how far the search is, and what came out."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel


class Timetable(AuditedModel):
    """One plan of the fieldwork.

    Attributes:
        arrangements: as the arrangements' file.
        plan: as the core gives it; None while it is searched for.
        progress: percent of the search's time, and a sentence on how far it is.
    """

    inspection = models.ForeignKey("records.Inspection", on_delete=models.PROTECT, related_name="timetables")
    arrangements = models.JSONField()
    plan = models.JSONField(null=True)
    seconds = models.PositiveSmallIntegerField(default=20)
    state = models.CharField(
        max_length=12,
        default="searching",
        choices=[
            ("searching", gettext_lazy("Searching")),
            ("ready", gettext_lazy("Ready")),
            ("failed", gettext_lazy("Failed")),
            ("adopted", gettext_lazy("Adopted")),
        ],
    )
    progress = models.PositiveSmallIntegerField(default=0)
    progress_note = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    adopted_at = models.DateTimeField(null=True)
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ("-id",)
        constraints = (tie_at_and_by("adopted", "timetable"),)

    def __str__(self) -> str:
        return f"timetable {self.pk}"
