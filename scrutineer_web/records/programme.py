"""A programme of inspections: its tranches, and the place of every area in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel

if TYPE_CHECKING:
    from scrutineer.frameworks.model import Framework


class Programme(AuditedModel):
    """Inspections of many areas by one framework over some years.

    Attributes:
        team: how many inspectors one inspection takes in each week of its fieldwork, where nothing else is planned.
        weights: of the framework's measures in the scorecard, by key; 1 where none is given.
    """

    title = models.CharField(max_length=150, unique=True)
    framework_version = models.ForeignKey(
        "records.FrameworkVersion", on_delete=models.PROTECT, related_name="programmes"
    )
    begins = models.DateField()
    years = models.PositiveSmallIntegerField(default=3)
    team = models.PositiveSmallIntegerField(default=6)
    weights = models.JSONField(default=dict)
    synthetic = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-begins", "-id")

    def __str__(self) -> str:
        return self.title

    @property
    def framework(self) -> Framework:
        """The framework of its inspections."""
        return self.framework_version.framework


class Tranche(AuditedModel):
    """A stretch of a programme.

    Attributes:
        inspectors: how many there are in each of its weeks.
        elements: the ids of the thematic elements that its inspections look at, too.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="tranches")
    title = models.CharField(max_length=100)
    begins = models.DateField()
    ends = models.DateField()
    inspectors = models.PositiveSmallIntegerField()
    elements = models.JSONField(default=list)

    class Meta:
        ordering = ("begins", "id")
        constraints = (models.UniqueConstraint(fields=["programme", "title"], name="tranche_once"),)

    def __str__(self) -> str:
        return self.title


class PlannedInspection(AuditedModel):
    """An area's place in a programme.

    Attributes:
        begins: the Monday of its first week of fieldwork.
        inspectors: how many it takes in each of its weeks.
        inspection: the inspection itself; None before it is begun.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="planned")
    tranche = models.ForeignKey(Tranche, on_delete=models.PROTECT, related_name="planned")
    area = models.ForeignKey("records.Area", on_delete=models.PROTECT, related_name="planned")
    begins = models.DateField()
    inspectors = models.PositiveSmallIntegerField()
    inspection = models.OneToOneField(
        "records.Inspection", on_delete=models.PROTECT, related_name="planned", null=True
    )
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ("begins", "area__name")
        constraints = (
            models.UniqueConstraint(
                fields=["programme", "area"],
                condition=models.Q(retired_at__isnull=True),
                name="area_planned_once",
            ),
            tie_at_and_by("retired", "planned_inspection"),
        )

    def __str__(self) -> str:
        return _("%(area)s in %(tranche)s") % {"area": self.area, "tranche": self.tranche}
