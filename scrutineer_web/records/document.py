"""A file of an inspection's folder, byte for byte as it came."""

from django.db import models

from scrutineer_web.records.record import AuditedModel


class Document(AuditedModel):
    """A file that came with the folder. It is given back as it came while what the room knows says the same.

    Attributes:
        says: the hash of what the room itself would have written in its place when it came; empty for a file that
            the room only keeps.
    """

    inspection = models.ForeignKey("records.Inspection", on_delete=models.PROTECT, related_name="documents")
    path = models.CharField(max_length=300)
    content = models.BinaryField()
    says = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["inspection", "path"], name="document_once"),)

    def __str__(self) -> str:
        return self.path
