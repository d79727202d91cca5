"""A device that answers are given on, and the cases that it holds."""

from django.conf import settings
from django.db import models

from scrutineer_web.records.record import AuditedModel


class Device(AuditedModel):
    """One browser of one person.

    Attributes:
        id: that the browser made for itself.
        key: of what it keeps, wrapped with the room's own secret; given only to a signed-in owner.
        unsent: answers that it last said it had not sent.
    """

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="devices")
    key = models.TextField()
    name = models.CharField(max_length=100)
    unsent = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    heard_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Held(AuditedModel):
    """An assessment that is open on a device, with what of it is not sent yet."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="held")
    assessment = models.ForeignKey("records.Assessment", on_delete=models.PROTECT, related_name="held")
    unsent = models.PositiveIntegerField(default=0)
    heard_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["device", "assessment"], name="held_once"),)

    def __str__(self) -> str:
        return f"{self.assessment_id} on {self.device_id}"
