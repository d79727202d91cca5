"""A role that somebody holds in the whole inspectorate."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel

APPOINTMENTS = [
    ("programme_manager", gettext_lazy("Programme manager")),
    ("information_manager", gettext_lazy("Information manager")),
    ("analyst", gettext_lazy("Analyst")),
    ("methodologist", gettext_lazy("Methodologist")),
    ("auditor", gettext_lazy("Auditor")),
    ("administrator", gettext_lazy("Administrator")),
    ("chief_inspector", gettext_lazy("Chief inspector")),
    ("publications", gettext_lazy("Publications officer")),
]


class Appointment(AuditedModel):
    """One role of one person, until it is retired."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=30, choices=APPOINTMENTS)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user", "role"], condition=models.Q(retired_at__isnull=True), name="appointment_once"
            ),
            tie_at_and_by("retired", "appointment"),
        )

    def __str__(self) -> str:
        return self.get_role_display()
