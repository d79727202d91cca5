"""A case of the sample."""

from django.db import models

from scrutineer_web.states import CASE


class Case(models.Model):
    """A sampled case, or one that a reserve now stands in for.

    Attributes:
        position: in the sample's order.
        particulars: every column of the cases' file but the reference, as JSON gives its values.
        office, team, manager: of the particulars, for lists and rules.
        first: whether it belongs to the group that inspectors read first.
    """

    inspection = models.ForeignKey("records.Inspection", on_delete=models.PROTECT, related_name="cases")
    reference = models.CharField(max_length=100)
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=CASE.choices, default=CASE.start)
    particulars = models.JSONField(default=dict)
    office = models.CharField(max_length=150, blank=True)
    team = models.CharField(max_length=150, blank=True)
    manager = models.CharField(max_length=150, blank=True)
    first = models.BooleanField(default=False)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["inspection", "reference"], name="case_once"),
            models.UniqueConstraint(fields=["inspection", "position"], name="case_place_once"),
        )
        indexes = (models.Index(fields=["inspection", "state", "position"], name="case_by_state"),)

    def __str__(self) -> str:
        return self.reference

    @property
    def phase(self) -> str:
        """The name of its state."""
        return CASE.title(self.state)
