"""One inspection of one area."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer_web.records.pairs import tie_at_and_by
from scrutineer_web.records.record import AuditedModel
from scrutineer_web.states import INSPECTION

if TYPE_CHECKING:
    from scrutineer.frameworks.model import Framework


HEAVY = ("profile", "dates", "surveys", "sample", "scores")
"""Parts that most pages do without."""


class Inspection(AuditedModel):
    """An inspection; what its folder's YAML files say is kept here as those files' models give it.

    Attributes:
        framework_version: the framework that it pins.
        manifest: as `inspection.yaml`.
        profile: as `area.yaml`.
        dates: as `calendar.yaml`.
        surveys: as `surveys.yaml`.
        sample: the sample's record; None while none is drawn.
        scores: the results at sign-off; None before.
        slug: the address of its published reports; none before the first one.
        public_at: from when the public sees its first published report; later than now under an embargo.
        correction: what is being corrected since a report was published; empty otherwise.
        follows: the inspection that this one follows up.
        internal: whether the area inspects itself; its results are never put together with the inspectorate's.
        pseudonymised_at: when its cases lost the references and names by which anybody could be found.
        purged_at: when what assessors wrote in their own words went.
        recommended_to: who should see to the recommendations, as `recommendations.yaml` names it.
    """

    area = models.CharField(max_length=200)
    framework_version = models.ForeignKey(
        "records.FrameworkVersion", on_delete=models.PROTECT, related_name="inspections"
    )
    state = models.CharField(max_length=20, choices=INSPECTION.choices, default=INSPECTION.start)
    synthetic = models.BooleanField(default=False)
    manifest = models.JSONField()
    profile = models.JSONField(default=dict)
    dates = models.JSONField(default=dict)
    surveys = models.JSONField(default=dict)
    sample = models.JSONField(null=True)
    scores = models.JSONField(null=True)
    recommended_to = models.CharField(max_length=300, blank=True, default="")
    slug = models.SlugField(max_length=120, null=True, unique=True)
    public_at = models.DateTimeField(null=True)
    correction = models.TextField(blank=True, default="")
    follows = models.ForeignKey(
        "records.Inspection", on_delete=models.PROTECT, related_name="follow_ups", null=True
    )
    internal = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_off_at = models.DateTimeField(null=True)
    signed_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    pseudonymised_at = models.DateTimeField(null=True)
    pseudonymised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    purged_at = models.DateTimeField(null=True)
    purged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        ordering = ("-id",)
        constraints = (
            tie_at_and_by("signed_off", "inspection"),
            tie_at_and_by("retired", "inspection"),
            tie_at_and_by("pseudonymised", "inspection"),
            tie_at_and_by("purged", "inspection"),
        )

    def __str__(self) -> str:
        return f"{self.area}: {self.manifest.get('title') or self.framework.title}"

    @staticmethod
    def list_heavy(there: str = "") -> tuple[str, ...]:
        """The names of the parts to leave out of a query in which the inspection is `there`; each is loaded when used."""
        return tuple(f"{there}__{name}" if there else name for name in HEAVY)

    @property
    def framework(self) -> Framework:
        """The framework that it pins; needs no query once that framework was read."""
        return self.framework_version.framework

    @property
    def phase(self) -> str:
        """The name of its state; while the public doesn't see the report yet, that it's under embargo."""
        return _("Under embargo") if self.is_under_embargo else INSPECTION.find_title(self.state)

    @property
    def is_under_embargo(self) -> bool:
        """Whether its report is published for a later moment, and the public sees nothing of it yet."""
        late = self.public_at is not None and self.public_at > timezone.now()
        return late and self.state in ("published", "closed")
