"""The bytes of a file, kept once under their hash."""

from django.db import models

from scrutineer_web.records.record import AuditedModel


class Blob(AuditedModel):
    """Bytes, found by their SHA-256; the same file sent twice is kept once.

    They lie in the database, so that one backup holds everything and a file is written in the transaction of what it
    belongs to.
    """

    hash = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveIntegerField()
    content = models.BinaryField()

    def __str__(self) -> str:
        return self.hash[:12]
