"""A reminder that was sent."""

from django.conf import settings
from django.db import models

from scrutineer_web.records.record import AuditedModel


class Reminder(AuditedModel):
    """That somebody was reminded on a day, and of how much; nobody is reminded twice on one."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reminders")
    day = models.DateField()
    waiting = models.PositiveIntegerField()
    overdue = models.PositiveIntegerField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-day", "-id")
        constraints = (models.UniqueConstraint(fields=["user", "day"], name="reminder_once_a_day"),)

    def __str__(self) -> str:
        return f"{self.user}, {self.day}"
