"""What an inspection recommends."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel
from scrutineer_web.states import RECOMMENDATION


class Recommendation(AuditedModel):
    """One recommendation, as `recommendations.yaml` has it.

    Attributes:
        position: its place in the list, most important first.
        text: what should be, as a clause after "should ensure that".
        criteria: the criteria whose findings it answers.
        progress: of a follow-up: what came of the recommendation.
        state: what has become of it since it was published.
    """

    inspection = models.ForeignKey(
        "records.Inspection", on_delete=models.PROTECT, related_name="recommendations"
    )
    position = models.PositiveIntegerField()
    text = models.TextField()
    criteria = models.JSONField(default=list)
    progress = models.CharField(
        max_length=12,
        blank=True,
        default="",
        choices=[
            ("met", gettext_lazy("Met")),
            ("partly met", gettext_lazy("Partly met")),
            ("not met", gettext_lazy("Not met")),
        ],
    )
    state = models.CharField(max_length=12, choices=RECOMMENDATION.choices, default=RECOMMENDATION.start)
    rev = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ("position", "id")
        constraints = (tie_at_and_by("retired", "recommendation"),)

    def __str__(self) -> str:
        return self.text
