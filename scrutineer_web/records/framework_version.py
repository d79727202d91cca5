"""One version of a framework, to the letter and for good."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel

if TYPE_CHECKING:
    from scrutineer.frameworks.model import Framework


class FrameworkVersion(AuditedModel):
    """A framework as inspections pin it; what it says is its `text`."""

    framework_id = models.CharField(max_length=100)
    version = models.CharField(max_length=30)
    hash = models.CharField(max_length=80, unique=True)
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=20)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ("framework_id", "-id")
        constraints = (tie_at_and_by("retired", "framework"),)

    def __str__(self) -> str:
        return f"{self.title} {self.version}"

    @property
    def framework(self) -> Framework:
        """The framework itself."""
        return read(self.hash)


@lru_cache(maxsize=64)
def read(hash_: str) -> Framework:
    """The framework with a hash; what has a given hash never changes, so it is read once.

    Raises:
        FrameworkVersion.DoesNotExist: the room does not hold it.
    """
    from scrutineer.frameworks.model import Framework

    content = FrameworkVersion.objects.values_list("text__content", flat=True).get(hash=hash_)
    return Framework.model_validate(content)
