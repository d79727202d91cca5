"""An area that the inspectorate inspects, and the family group that it is compared with."""

from django.conf import settings
from django.db import models

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel


class Family(AuditedModel):
    """Areas of similar size and density, which are inspected in the same year and compared with each other."""

    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True, default="")
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Area(AuditedModel):
    """An inspected body.

    Attributes:
        profile: its facts with sources and its performance, as `area.yaml`.
        rev: counts its changes, so that nobody overwrites what somebody else just wrote.
    """

    name = models.CharField(max_length=200, unique=True)
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="areas", null=True)
    profile = models.JSONField(default=dict)
    synthetic = models.BooleanField(default=False)
    rev = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ("name",)
        constraints = (tie_at_and_by("retired", "area"),)

    def __str__(self) -> str:
        return self.name
