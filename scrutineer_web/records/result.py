"""The settled results of an inspection as rows, so that many inspections can be looked at together at once.

They follow from `Inspection.scores` and are calculated again with it; nothing is kept here alone.
"""

from django.db import models
from django.utils.translation import gettext_lazy

from scrutineer_web.records.record import AuditedModel


class Result(AuditedModel):
    """One figure of one group of an inspection's cases.

    Attributes:
        group: `all`, a group's key, or `not:` and its key for everyone else.
        level: group (its title and number of cases), question, or score.
        name: the group's title; a question's key; a score's code, or `overall`.
        cases: of the group; of a question its relevant cases.
        above: of a question, how many of those are above the line.
        score, low, high, error, freedom: of a score, 0 to 1: its interval and error about the caseload.
        analytic_low, analytic_high, analytic_error: the same about what practice leads to; tests rest on these.
    """

    # No index of its own: the constraint's begins with the inspection.
    inspection = models.ForeignKey(
        "records.Inspection", on_delete=models.PROTECT, related_name="results", db_index=False
    )
    group = models.CharField(max_length=120)
    level = models.CharField(
        max_length=8,
        choices=[
            ("group", gettext_lazy("Group")),
            ("question", gettext_lazy("Question")),
            ("score", gettext_lazy("Score")),
        ],
    )
    name = models.CharField(max_length=200)
    cases = models.PositiveIntegerField(null=True)
    above = models.PositiveIntegerField(null=True)
    score = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    error = models.FloatField(null=True)
    freedom = models.FloatField(null=True)
    analytic_low = models.FloatField(null=True)
    analytic_high = models.FloatField(null=True)
    analytic_error = models.FloatField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["inspection", "level", "group", "name"], name="result_once"),
        )
        indexes = (models.Index(fields=["group", "level", "name"], name="result_by_name"),)

    def __str__(self) -> str:
        return f"{self.group}, {self.name}"
