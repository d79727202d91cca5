"""What a folder says of who did something elsewhere: kept with the row, and never joined to an account."""

from django.db import models

from scrutineer_web.records.record import AuditedModel


class NamedElsewhere(AuditedModel):
    """Of one row that came with a folder: who did what and when, as the folder names them.

    The row itself says what this room knows: who imported it, and when. What the folder says goes out again with the
    next export, as long as nobody has done the same again here.

    Attributes:
        table: the name of the row's model.
        row: its number.
        parts: by what was done (`saved`, `approved`, `account`), what the folder says of it.
    """

    inspection = models.ForeignKey("records.Inspection", on_delete=models.PROTECT, related_name="named")
    table = models.CharField(max_length=40)
    row = models.BigIntegerField()
    parts = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["table", "row"], name="named_once"),)

    def __str__(self) -> str:
        return f"{self.table} {self.row}"
