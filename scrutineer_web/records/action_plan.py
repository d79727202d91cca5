"""What becomes of a recommendation: the area's response, its actions with their progress, and the inspectorate's check."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel


class Response(AuditedModel):
    """Whether the area agrees to a recommendation, and why."""

    recommendation = models.OneToOneField(
        "records.Recommendation", on_delete=models.PROTECT, related_name="response"
    )
    answer = models.CharField(
        max_length=8,
        choices=[
            ("agreed", gettext_lazy("Agreed")),
            ("partly", gettext_lazy("Agreed in part")),
            ("not", gettext_lazy("Not agreed")),
        ],
    )
    reason = models.TextField(blank=True, default="")
    rev = models.PositiveIntegerField(default=1)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.answer


class PlannedAction(AuditedModel):
    """One action of the area's plan, with its owner and its day."""

    recommendation = models.ForeignKey(
        "records.Recommendation", on_delete=models.PROTECT, related_name="actions"
    )
    text = models.TextField()
    owner = models.CharField(max_length=150)
    due = models.DateField()
    rev = models.PositiveIntegerField(default=1)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ("due", "id")
        constraints = (tie_at_and_by("done", "action"), tie_at_and_by("retired", "action"))

    def __str__(self) -> str:
        return self.text


class ProgressReport(AuditedModel):
    """What the area tells of an action, with evidence."""

    action = models.ForeignKey(PlannedAction, on_delete=models.PROTECT, related_name="reports")
    text = models.TextField()
    done = models.BooleanField(default=False)
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.text


class Verification(AuditedModel):
    """What the inspectorate found when it checked whether a recommendation was put into practice; the last one counts."""

    recommendation = models.ForeignKey(
        "records.Recommendation", on_delete=models.PROTECT, related_name="verifications"
    )
    outcome = models.CharField(
        max_length=10,
        choices=[
            ("met", gettext_lazy("Met")),
            ("partly met", gettext_lazy("Partly met")),
            ("not met", gettext_lazy("Not met")),
        ],
    )
    reason = models.TextField()
    verified_at = models.DateTimeField()
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.outcome
