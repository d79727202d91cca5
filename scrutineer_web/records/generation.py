"""A stretch of the room's history: it ends where the room is restored from a backup, and another begins."""

from uuid import uuid4

from django.db import models

from scrutineer_web.records.record import AuditedModel


class Generation(AuditedModel):
    """One stretch, from when the room was made or restored.

    A backup holds the stretches up to the one in which it was taken. So a device that names the stretch in which it saw
    an answer tells a restored room whether that answer belongs to its own history.

    Attributes:
        id: that devices name.
        began_at: when it began; the one before ended then.
        backup_of: the moment of the backup that it began with; null where the room was made.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    began_at = models.DateTimeField()
    backup_of = models.DateTimeField(null=True)

    class Meta:
        ordering = ("began_at",)

    def __str__(self) -> str:
        return f"from {self.began_at:%Y-%m-%d %H:%M}"
