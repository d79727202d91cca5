"""That a process of the room is alive."""

from django.db import models

from scrutineer_web.records.record import AuditedModel


class Beat(AuditedModel):
    """When a part of the room last said that it works: the clock, and what works in the background.

    Attributes:
        name: of the part, or of the process that holds work in the background.
        filler: bytes of a trial whether the database still takes what is written to it; the row is taken away at once.
    """

    name = models.CharField(max_length=30, primary_key=True)
    at = models.DateTimeField()
    filler = models.BinaryField(null=True)

    def __str__(self) -> str:
        return self.name
