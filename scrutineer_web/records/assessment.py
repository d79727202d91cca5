"""One assessment of a case by one assessor."""

from django.conf import settings
from django.db import models

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel
from scrutineer_web.states import ASSESSMENT


class Assessment(AuditedModel):
    """An assessment: the first, whose answers are scored, or the second, blind.

    Attributes:
        framework_version: the one that its questions are asked by; a signed-off assessment keeps it for good.
        codes: a byte per question answered by choice, in the framework's order (see `scrutineer.fieldwork.cases.codes`).
        facts: answers of other kinds: particulars that the case file shows, numbers, dates, text.
        asked, answered: questions that apply or may yet apply, and how many of them are answered.
        events, head: the number of events of this assessment and the hash of the last one.
        seal: of a signed-off assessment, the hash of everything in it.
        day, slot: when it's made by the timetable, as 2006-03-31 and 09:30-11:00; empty if it has no place in it yet.
    """

    case = models.ForeignKey("records.Case", on_delete=models.PROTECT, related_name="assessments")
    number = models.PositiveSmallIntegerField()
    assessor = models.ForeignKey(
        "records.Participant", on_delete=models.PROTECT, related_name="assessments", null=True
    )
    framework_version = models.ForeignKey(
        "records.FrameworkVersion", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=20, choices=ASSESSMENT.choices, default=ASSESSMENT.start)
    codes = models.BinaryField()
    facts = models.JSONField(default=dict)
    asked = models.PositiveSmallIntegerField(default=0)
    answered = models.PositiveSmallIntegerField(default=0)
    events = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=64, blank=True)
    locked = models.BooleanField(default=False)
    day = models.CharField(max_length=10, blank=True)
    slot = models.CharField(max_length=11, blank=True)
    completed_at = models.DateTimeField(null=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    signed_off_at = models.DateTimeField(null=True)
    signed_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(
                fields=["case", "number"],
                condition=models.Q(retired_at__isnull=True),
                name="assessment_once",
            ),
            models.CheckConstraint(condition=models.Q(number__in=[1, 2]), name="assessment_number"),
            tie_at_and_by("completed", "assessment"),
            tie_at_and_by("signed_off", "assessment"),
            tie_at_and_by("retired", "assessment"),
        )

    def __str__(self) -> str:
        return f"assessment {self.number} of {self.case_id}"

    @property
    def phase(self) -> str:
        """The name of its state."""
        return ASSESSMENT.find_title(self.state)
