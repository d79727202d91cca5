"""The factual accuracy check: a draft sent to the area, its comments, and what came of each."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel


class AccuracyCheck(AuditedModel):
    """A draft that the area was asked to check.

    Attributes:
        due: the last day for comments.
        ended_at: when the area said that it has no more to say, or the inspectorate ended it.
    """

    inspection = models.ForeignKey("records.Inspection", on_delete=models.PROTECT, related_name="checks")
    issue = models.ForeignKey("records.Issue", on_delete=models.PROTECT, related_name="checks")
    due = models.DateField()
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ("-id",)
        constraints = (tie_at_and_by("ended", "check"),)

    def __str__(self) -> str:
        return _("factual accuracy check of %(report)s") % {"report": self.issue}


class AccuracyComment(AuditedModel):
    """What the area says of one paragraph or figure of the draft, and what the inspectorate decided.

    Attributes:
        place: the paragraph's address in the draft.
        figure: the figure's key, where it is about one.
        quote: what the draft says there.
        decision: whether it was accepted; empty while nobody has decided.
    """

    check_of = models.ForeignKey(AccuracyCheck, on_delete=models.PROTECT, related_name="comments")
    place = models.CharField(max_length=150)
    figure = models.CharField(max_length=200, blank=True, default="")
    quote = models.TextField(blank=True, default="")
    text = models.TextField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(
        max_length=8,
        blank=True,
        default="",
        choices=[
            ("accepted", gettext_lazy("Accepted")),
            ("partly", gettext_lazy("Accepted in part")),
            ("not", gettext_lazy("Not accepted")),
        ],
    )
    reason = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ("id",)
        constraints = (tie_at_and_by("decided", "accuracy_comment"),)

    def __str__(self) -> str:
        return self.text


class Correction(AuditedModel):
    """One answer of a signed-off assessment that was opened again, alone, because of a comment.

    Attributes:
        was, now: the answer before and after, as the scale writes it.
        changed: the figures and words of the report that it changed: what, before, after.
    """

    comment = models.ForeignKey(AccuracyComment, on_delete=models.PROTECT, related_name="corrections")
    assessment = models.ForeignKey("records.Assessment", on_delete=models.PROTECT, related_name="corrections")
    question = models.CharField(max_length=100)
    reason = models.TextField()
    was = models.CharField(max_length=100, null=True)
    now = models.CharField(max_length=100, null=True)
    note = models.TextField(blank=True, default="")
    changed = models.JSONField(default=list)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["assessment", "question"],
                condition=models.Q(answered_at__isnull=True),
                name="correction_once",
            ),
            tie_at_and_by("answered", "correction"),
        )

    def __str__(self) -> str:
        return self.question
