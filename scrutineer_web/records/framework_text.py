"""What one version of a framework says, in a row of its own: lists and joins of versions never load it."""

from __future__ import annotations

from django.db import models

from scrutineer_web.records.record import AuditedModel


class FrameworkText(AuditedModel):
    """The text of a version.

    Attributes:
        content: everything, with what it extends in place; the version's hash is its fingerprint.
        source: the file that it was read from.
    """

    version = models.OneToOneField("records.FrameworkVersion", on_delete=models.PROTECT, related_name="text")
    content = models.JSONField()
    source = models.TextField()

    def __str__(self) -> str:
        return f"the text of {self.version}"
