"""What happened: events that are only ever added, each holding the hash of the one before it."""

from django.conf import settings
from django.db import models


class Chain(models.Model):
    """The end of one chain of events; an assessment's chain ends in the assessment itself."""

    name = models.CharField(max_length=60, primary_key=True)
    events = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return self.name


class Events(models.Manager["Event"]):
    """Events without what they state of rows, which only verification reads."""

    def get_queryset(self) -> models.QuerySet["Event"]:
        """As Django's."""
        return super().get_queryset().defer("rows")


class Event(models.Model):
    """One event. The database itself refuses to change or delete it.

    Attributes:
        chain: `room`, `inspection:7` or `assessment:31`.
        number: in its chain, from 1.
        kind: as `answer.saved`.
        uid: that a device gave, so that what is sent twice happens once.
        actor: the name as it was then.
        details: what was done, as JSON.
        rows: what the rows hold that were written with it, as JSON (see `audit/unprotected.py`); None where there were none.
        previous, hash: of the event before, and of this one.
    """

    chain = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    # Each answer adds an event: an index that nothing is found by would only cost, and so would a constraint, which
    # locks the one row of the inspection for everybody who saves. What an event names is never deleted.
    inspection = models.ForeignKey(
        "records.Inspection",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        db_constraint=False,
    )
    kind = models.CharField(max_length=60)
    happened_at = models.DateTimeField()
    happened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        db_constraint=False,
    )
    actor = models.CharField(max_length=150)
    details = models.JSONField(default=dict)
    rows = models.TextField(null=True)
    uid = models.UUIDField(unique=True, null=True)
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = Events()

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=["chain", "number"], name="event_once"),)
        indexes = (models.Index(fields=["inspection", "-id"], name="event_by_inspection"),)

    def __str__(self) -> str:
        return f"{self.chain} {self.number}: {self.kind}"
