"""Somebody who takes part in one inspection, in one role."""

from django.conf import settings
from django.db import models

from scrutineer.inspection.people import ROLES
from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel

ASSESSORS = ("lead_inspector", "inspector", "practice_assessor", "area_assessor")
"""The roles whose people may be given cases."""


class Participant(AuditedModel):
    """One person in one role; with an account once somebody gives one.

    Attributes:
        listed: stands in people.yaml; others are only named in the cases.
        manages_as: the name under which an area assessor manages cases.
        base: the office where an assessor works.
    """

    inspection = models.ForeignKey(
        "records.Inspection", on_delete=models.PROTECT, related_name="participants"
    )
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=150)
    role = models.CharField(max_length=30, choices=[(key, choice) for key, (choice, _) in ROLES.items()])
    team = models.CharField(max_length=150, blank=True)
    manages_as = models.CharField(max_length=150, blank=True)
    base = models.CharField(max_length=150, blank=True)
    listed = models.BooleanField(default=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="parts", null=True
    )
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(
                fields=["inspection", "name", "role"],
                condition=models.Q(retired_at__isnull=True),
                name="participant_once",
            ),
            tie_at_and_by("retired", "participant"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> str:
        """As the timetable names it: inspector or area_assessor."""
        return "area_assessor" if self.role == "area_assessor" else "inspector"
