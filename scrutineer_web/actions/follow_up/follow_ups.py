"""A follow-up begun from its original, and an area's inspection of itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.dates import format_month
from scrutineer.inspection.manifest import FORMAT, Manifest, Original, Pin
from scrutineer.scoring.comparison.mapped import find_comparable
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.follow_up.plans import find_publication_day
from scrutineer_web.records import frames
from scrutineer_web.records.document import Document
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.participant import Participant
from scrutineer_web.records.recommendation import Recommendation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from scrutineer_web.records.issue import Issue
    from scrutineer_web.records.user import User

RESULTS = "original/results.json"


def begin(*, original: Inspection, framework: FrameworkVersion, by: User) -> Inspection:
    """Begin the follow-up of a published inspection: its results for comparison, its recommendations to be checked.

    Args:
        original: the inspection that is followed up.
        framework: one of the kind that follows up; it says which criteria are in question and which cases are read.
        by: who begins it.

    Raises:
        PermissionDenied: the person begins no inspections.
        UserError: the original is not published, or the framework follows nothing up or asks nothing of the same.
    """
    check(Rights(by).can_everywhere("follow_up.begin"))
    own = framework.framework
    published, issue = _find_published(original, own)
    results = issue.files.select_related("blob").get(path="data/results.json").blob
    group = _read_group(own, bytes(results.content))
    chosen = list(original.recommendations.filter(retired_at=None))
    manifest = _make_manifest(original, own, published, group, chosen)
    with transaction.atomic():
        created = Inspection.objects.create(
            area=original.area,
            framework_version=framework,
            synthetic=original.synthetic,
            follows=original,
            manifest=manifest.model_dump(mode="json"),
            profile=original.profile,
            recommended_to=original.recommended_to,
            dates={"events": _collect_days(own, published)},
            created_at=timezone.now(),
            created_by=by,
        )
        Document.objects.create(inspection=created, path=RESULTS, content=bytes(results.content))
        _copy_recommendations(created, chosen, own, by)
        tell(
            "inspection.created",
            by=by,
            inspection=created,
            area=created.area,
            framework=framework.hash,
            follows=original.pk,
            results=results.hash,
        )
    return created


def _find_published(original: Inspection, own: Framework) -> tuple[date, Issue]:
    """When an inspection's report was published, and the version that the public sees.

    Raises:
        UserError: it is not published, or the framework follows nothing up or asks nothing of the same.
    """
    published = find_publication_day(original)
    issue = original.issues.filter(kind="issue", published_at__lte=timezone.now()).order_by("-number").first()
    faults = []
    if (
        published is None
        or issue is None
        or original.internal
        or original.state not in ("published", "closed")
    ):
        faults.append(Fault(_("the original"), _("its report isn't published yet"), _("Publish it first")))
    if own.kind != "follow_up":
        faults.append(
            Fault(
                _("the framework"),
                _("%(framework)s isn't for follow-up inspections") % {"framework": own.title},
                _("Choose a framework that is"),
            )
        )
    elif not any(find_comparable(own, original.framework)):
        what = _("%(framework)s has no questions in common with %(original)s") % {
            "framework": own.title,
            "original": original.framework.title,
        }
        faults.append(Fault(_("the framework"), what, _("Choose a framework that follows it up")))
    if faults or issue is None or published is None:
        raise UserError(faults)
    return published, issue


def _read_group(own: Framework, results: bytes) -> str:
    """The group of the original's cases that the follow-up reads all of, by the results as they were published.

    Raises:
        UserError: the results cannot be read.
    """
    try:
        return _find_group(own, json.loads(results))
    except (ValueError, RecursionError):
        raise UserError(
            Fault(_("the original"), _("its published results can't be read"), _("Issue it again"))
        ) from None


def _make_manifest(
    original: Inspection, own: Framework, published: date, group: str, chosen: Sequence[Recommendation]
) -> Manifest:
    return Manifest(
        format=FORMAT,
        kind="inspection",
        area=original.area,
        framework=Pin.from_framework(own),
        original=Original(
            title=f"{original.framework.title}: {original.area}",
            published=format_month(published),
            results=RESULTS,
            group=group,
            recommendations=tuple(r.text for r in chosen),
        ),
        synthetic=original.synthetic,
        inspectorate=frames.make_manifest(original).inspectorate,
    )


def _copy_recommendations(
    created: Inspection, chosen: Sequence[Recommendation], own: Framework, by: User
) -> None:
    """Take over what was recommended, on the criteria that the follow-up has as well."""
    for n, recommendation in enumerate(chosen, 1):
        Recommendation.objects.create(
            inspection=created,
            position=n,
            text=recommendation.text,
            criteria=[c for c in recommendation.criteria if c in own.criteria],
            saved_at=timezone.now(),
            saved_by=by,
        )


def _find_group(framework: Framework, results: dict[str, object]) -> str:
    """The group of the original's cases that the follow-up reads all of, where the original's results have it."""
    groups = results.get("groups")
    attribute = framework.sample.every or ""
    return attribute if isinstance(groups, dict) and attribute in groups else "all"


def _collect_days(framework: Framework, published: object) -> dict[str, str]:
    """The day of the original's publication, where the framework's calendar begins with it."""
    first = framework.calendar.rules[0] if framework.calendar.rules else None
    return {first.event: str(published)} if first is not None and first.after is None else {}


def begin_internal(*, original: Inspection, framework: FrameworkVersion, by: User) -> Inspection:
    """Begin an area's inspection of itself, by the same framework, led by the person who starts it.

    Its results are never published by the inspectorate, nor put together with the inspectorate's.

    Args:
        original: a published inspection of the area.
        framework: of the kind that an inspection is made by.
        by: the area's liaison in that inspection.

    Raises:
        PermissionDenied: the person is not the area's liaison there.
        UserError: nothing of the area is published, or the framework is none of an inspection.
    """
    check(Rights(by).can("internal.begin", original))
    own = framework.framework
    _refuse_internal(original, own)
    manifest = Manifest(
        format=FORMAT,
        kind="inspection",
        area=original.area,
        title=f"{own.title}, by the area itself",
        framework=Pin.from_framework(own),
        synthetic=original.synthetic,
    )
    with transaction.atomic():
        created = Inspection.objects.create(
            area=original.area,
            framework_version=framework,
            synthetic=original.synthetic,
            internal=True,
            follows=original,
            manifest=manifest.model_dump(mode="json"),
            created_at=timezone.now(),
            created_by=by,
        )
        for n, role in enumerate(("lead_inspector", "information_manager"), 1):
            Participant.objects.create(inspection=created, position=n, name=str(by), role=role, user=by)
        tell(
            "inspection.created",
            by=by,
            inspection=created,
            area=created.area,
            framework=framework.hash,
            internal=True,
            beside=original.pk,
        )
    return created


def _refuse_internal(original: Inspection, own: Framework) -> None:
    faults = []
    if find_publication_day(original) is None:
        faults.append(
            Fault(_("the inspection"), _("its report isn't published yet"), _("Wait until it is published"))
        )
    if own.kind != "inspection":
        faults.append(
            Fault(
                _("the framework"),
                _("areas can't inspect themselves with %(framework)s") % {"framework": own.title},
                _("Choose another framework"),
            )
        )
    if faults:
        raise UserError(faults)
