"""What is published, since when, and under which address."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from scrutineer.inspection.dates import format_day
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.safeguards.moment import find_trusted_now

if TYPE_CHECKING:
    from django.db.models import QuerySet


def find_latest_issue(inspection: Inspection) -> Issue | None:
    """The newest issue that is ready."""
    return inspection.issues.filter(kind="issue", state="ready").order_by("-number").first()


def format_moment(at: datetime) -> str:
    """A moment as people read it: 12 December 2026, 00:01."""
    here = timezone.localtime(at)
    return f"{format_day(here.date())}, {here:%H:%M}"


def is_public(inspection: Inspection) -> bool:
    """Whether the public sees any version of an inspection's report now."""
    return list_public().filter(inspection=inspection).exists()


def list_public() -> QuerySet[Issue]:
    """Every version that the public may see now: made, approved and published in this room, its embargo over."""
    now = find_trusted_now()
    return (
        Issue.objects.filter(Q(embargo_until=None) | Q(embargo_until__lte=now))
        .filter(
            kind="issue",
            shown=True,
            published_at__lte=now,
            inspection__retired_at=None,
            inspection__internal=False,
        )
        .exclude(approved_at=None)
    )


def make_slug(inspection: Inspection, at: datetime) -> str:
    """An address that no other report has, and that this one keeps."""
    base = slugify(f"{inspection.area} {inspection.framework.id} {at.year}")[:100] or "report"
    slug, n = base, 1
    while Inspection.objects.filter(slug=slug).exists():
        n += 1
        slug = f"{base}-{n}"
    return slug


def strip_bindings(text: str) -> str:
    """A text without the control characters that no page and no feed can hold."""
    return "".join(c for c in text if c.isprintable() or c in "\n\t").strip()
