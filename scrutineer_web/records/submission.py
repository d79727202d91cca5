"""Forms that were sent, so that none is done twice; and forms that could not be, so that nothing typed is lost."""

from uuid import uuid4

from django.conf import settings
from django.db import models


class Submission(models.Model):
    """A form that did something. Its row is written in the transaction of what the form did.

    Attributes:
        uid: of the form, as it was rendered.
        attempt: the request that wrote the row; another one with the same form finds it taken.
        digest: of everything that was sent, to tell a repeated form from a changed one.
        location: where it led.
        message: what was said there.
        answer: the page it led to, encrypted, where it led nowhere else.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uid = models.UUIDField()
    attempt = models.UUIDField()
    digest = models.CharField(max_length=64)
    location = models.TextField(blank=True, default="")
    message = models.TextField(blank=True, default="")
    answer = models.BinaryField(null=True)
    sent_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "uid"], name="submission_once"),)

    def __str__(self) -> str:
        return str(self.uid)


class KeptForm(models.Model):
    """A form that was sent after its session had ended. It comes back, filled, when the same person signs in.

    Attributes:
        user: whose form it is; nobody's where it was sent by a program, which then has it from its own session.
        address: where it was sent.
        page: where it was filled in.
        content: its fields and the names of its files, encrypted.
    """

    uid = models.UUIDField(primary_key=True, default=uuid4)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="kept_forms", null=True
    )
    address = models.TextField()
    page = models.TextField(blank=True, default="")
    content = models.BinaryField()
    kept_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.address
