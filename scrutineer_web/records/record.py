"""What every record has in common: what is written in it is reported to the audit log."""

from __future__ import annotations

from django.db import models

from scrutineer_web.audit.written import Reporting


class AuditedModel(models.Model):
    """A table that the audit log answers for, column by column (see `audit/unprotected.py`)."""

    objects = Reporting.as_manager()

    class Meta:
        abstract = True
