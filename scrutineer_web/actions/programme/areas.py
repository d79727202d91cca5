"""Areas with their profiles, and their family groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import ValidationError

from scrutineer.errors import Fault, UserError
from scrutineer.frameworks.model import Measure
from scrutineer.inspection.area import AreaProfile as Profile
from scrutineer.inspection.area import find_problems
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.records.area import Area, Family
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.safeguards.guards import refuse_stale

if TYPE_CHECKING:
    from scrutineer_web.records.user import User


def save_family(*, name: str, description: str, family: Family | None = None, by: User) -> Family:
    """Make a family group, or change one.

    Raises:
        PermissionDenied: the person keeps no areas.
        UserError: it has no name, or that of another.
    """
    check(Rights(by).can_everywhere("area.edit"))
    if not name.strip():
        raise UserError(Fault(_("the name"), _("it is empty"), _("Enter a name for the family group")))
    with transaction.atomic():
        if Family.objects.filter(name=name.strip()).exclude(pk__in=[family.pk] if family else []).exists():
            raise UserError(
                Fault(
                    _("the name"),
                    _("there is already a family group called '%(name)s'") % {"name": name.strip()},
                    _("Enter a different name"),
                )
            )
        saved = Family.objects.select_for_update().get(pk=family.pk) if family else Family()
        saved.name, saved.description = name.strip(), description.strip()
        saved.saved_at, saved.saved_by = timezone.now(), by
        saved.save()
        tell("family.saved", by=by, family=saved.pk, name=saved.name, description=saved.description)
    return saved


def _find_impossible(profile: dict[str, Any]) -> Iterator[Fault]:
    """What can't be of a measure of a framework here; measures that none of them has stay as they came."""
    known: dict[str, Measure] = {}
    for version in FrameworkVersion.objects.filter(retired_at=None, kind="inspection"):
        known = {m.key: m for m in version.framework.targets.measures} | known
    for key, figures in profile.get("performance", {}).items():
        for problem in find_problems(known[key], figures) if key in known else ():
            yield Fault(f"'{known[key].title}'", problem.what, problem.do)


def save(
    *,
    name: str,
    family: Family | None,
    profile: dict[str, Any],
    synthetic: bool,
    area: Area | None = None,
    base: int = 0,
    by: User,
) -> Area:
    """Make an area, or change one. Inspections that have begun keep the profile that they began with.

    Args:
        name: of the inspected body.
        family: its family group; None where it has none.
        profile: facts with sources and performance, as `area.yaml`.
        synthetic: whether it is made up.
        area: the one to change; None for a new one.
        base: the revision that the person saw.
        by: who keeps it.

    Raises:
        PermissionDenied: the person keeps no areas.
        UserError: with everything that cannot be.
    """
    check(Rights(by).can_everywhere("area.edit"))
    checked = _check_area(name, profile, area)
    with transaction.atomic():
        saved = Area.objects.select_for_update().get(pk=area.pk) if area else Area(rev=0)
        if area:
            refuse_stale(_("the area"), base, saved.rev)
        saved.name, saved.family, saved.profile, saved.synthetic = name.strip(), family, checked, synthetic
        saved.rev, saved.saved_at, saved.saved_by = saved.rev + 1, timezone.now(), by
        saved.save()
        tell(
            "area.saved",
            by=by,
            area=saved.pk,
            name=saved.name,
            family=saved.family_id,
            profile=checked,
            rev=saved.rev,
        )
    return saved


def _check_area(name: str, profile: dict[str, Any], area: Area | None) -> dict[str, Any]:
    """An area's profile as it is kept.

    Raises:
        UserError: with everything that is wrong with the profile or the name.
    """
    faults = (
        []
        if name.strip()
        else [Fault(_("the name"), _("it is empty"), _("Enter the name of the inspected body"))]
    )
    try:
        checked = Profile.model_validate(profile).model_dump(mode="json", exclude_defaults=True)
    except ValidationError as error:
        faults += [Fault(_("the profile"), f["msg"]) for f in error.errors()]
        checked = {}
    faults += _find_impossible(checked)
    if Area.objects.filter(name=name.strip()).exclude(pk__in=[area.pk] if area else []).exists():
        faults.append(
            Fault(
                _("the name"),
                _("there is already an area called '%(name)s'") % {"name": name.strip()},
                _("Change that one"),
            )
        )
    if faults:
        raise UserError(faults)
    return checked


def retire(*, area: Area, by: User) -> None:
    """Take an area out of the lists; what was planned or inspected stays.

    Raises:
        PermissionDenied: the person keeps no areas.
        UserError: it has a place in a programme.
    """
    check(Rights(by).can_everywhere("area.edit"))
    with transaction.atomic():
        locked = Area.objects.select_for_update().get(pk=area.pk)
        if locked.planned.filter(retired_at=None).exists():
            raise UserError(
                Fault(
                    _("the area"), _("it has a place in a programme"), _("Remove it from the programme first")
                )
            )
        if locked.retired_at is None:
            locked.retired_at, locked.retired_by = timezone.now(), by
            locked.save(update_fields=["retired_at", "retired_by"])
            tell("area.retired", by=by, area=locked.pk, name=locked.name)
