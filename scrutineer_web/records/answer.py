"""What one assessment says on one question."""

from django.conf import settings
from django.db import models

from scrutineer_web.records.record import AuditedModel


class Answer(AuditedModel):
    """The current answer; earlier ones are in the events of its assessment.

    Attributes:
        question: a question's key, or that of a particular that the case file shows.
        value: as the scale writes it; null where it was taken back.
        from_file, from_manager, from_offender: the evidence, by where it comes from.
        note: the reason, asked for below the line.
        rev: how often it was saved; who saves says on which one the new answer is based.
        retired_at: when a newer framework stopped asking; the answer stays.
    """

    assessment = models.ForeignKey("records.Assessment", on_delete=models.PROTECT, related_name="answers")
    question = models.CharField(max_length=100)
    value = models.TextField(null=True)
    from_file = models.TextField(blank=True, default="")
    from_manager = models.TextField(blank=True, default="")
    from_offender = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    rev = models.PositiveIntegerField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["assessment", "question"], name="answer_once"),)

    def __str__(self) -> str:
        return f"{self.question}, rev {self.rev}"


TEXTS = ("from_file", "from_manager", "from_offender", "note")
"""The texts that go with an answer."""
