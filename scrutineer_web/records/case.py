"""A case of the sample."""

import secrets

from django.db import models

from scrutineer_web.records.record import AuditedModel
from scrutineer_web.states import CASE


def make_pseudonym() -> str:
    """A name that says nothing: 80 bits of chance, so that no two are ever the same."""
    return f"P-{secrets.token_hex(10)}"


class Case(AuditedModel):
    """A sampled case, or one that a reserve has replaced.

    Attributes:
        reference: as the area knows the case; its pseudonym, once the inspection is pseudonymised.
        pseudonym: by which outcomes find the case, and nobody else does.
        position: in the sample's order.
        particulars: every column of the cases' file but the reference, as JSON gives its values.
        office, team, manager: of the particulars, for lists and rules.
        first: whether it belongs to the group that inspectors read first.
    """

    inspection = models.ForeignKey("records.Inspection", on_delete=models.PROTECT, related_name="cases")
    reference = models.CharField(max_length=100)
    pseudonym = models.CharField(max_length=24, unique=True, default=make_pseudonym)
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
        return CASE.find_title(self.state)
