"""A programme: its tranches, the place of every area in it, and the inspections that are begun from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer.inspection.manifest import Pin
from scrutineer.programme.capacity import find_monday
from scrutineer_web.actions.preparation import inspections
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.programme.calendar import plan_days
from scrutineer_web.queries.shelf import list_elements, read_library
from scrutineer_web.records import frames
from scrutineer_web.records.area import Area
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.programme import PlannedInspection, Programme, Tranche

if TYPE_CHECKING:
    from scrutineer_web.records.user import User

MOST = 999
"""More inspectors or weights than anybody means."""


def begin(
    *,
    title: str,
    framework: FrameworkVersion,
    begins: date,
    years: int = 3,
    team: int = 6,
    synthetic: bool = False,
    by: User,
) -> Programme:
    """Begin a programme.

    Raises:
        PermissionDenied: the person plans no programmes.
        UserError: with everything that cannot be.
    """
    check(Rights(by).can_everywhere("programme.plan"))
    faults = _find_wrong_in_programme(title, framework, years, team)
    if faults:
        raise UserError(faults)
    with transaction.atomic():
        programme = Programme.objects.create(
            title=title.strip(),
            framework_version=framework,
            begins=begins,
            years=years,
            team=team,
            synthetic=synthetic,
            created_at=timezone.now(),
            created_by=by,
        )
        tell(
            "programme.created",
            by=by,
            programme=programme.pk,
            title=programme.title,
            framework=framework.hash,
        )
    return programme


def _find_wrong_in_programme(title: str, framework: FrameworkVersion, years: int, team: int) -> list[Fault]:
    """Everything that keeps a programme from being made."""
    faults = list[Fault]()
    if not title.strip():
        faults.append(Fault(_("the title"), _("it is empty"), _("Enter a title for the programme")))
    if Programme.objects.filter(title=title.strip()).exists():
        faults.append(
            Fault(
                _("the title"),
                _("there is already a programme called '%(title)s'") % {"title": title.strip()},
                _("Enter a different title"),
            )
        )
    if framework.framework.kind != "inspection":
        what = _("%(framework)s can't be used to inspect a single area") % {"framework": framework.title}
        faults.append(Fault(_("the framework"), what, _("Choose a framework for inspections")))
    if not 1 <= years <= 10:
        faults.append(
            Fault(
                _("the years"),
                _("a programme can't last %(years)s years") % {"years": years},
                _("Enter a number of years from 1 to 10"),
            )
        )
    faults += _find_inspectors(team)
    return faults


def _find_inspectors(number: int) -> list[Fault]:
    if 0 < number <= MOST:
        return []
    return [
        Fault(
            _("the inspectors"),
            _("%(number)s isn't a possible number of inspectors") % {"number": number},
            _("Enter a number from 1 to %(most)s") % {"most": MOST},
        )
    ]


def save_tranche(
    *,
    programme: Programme,
    title: str,
    begins: date,
    ends: date,
    inspectors: int,
    elements: Sequence[str] = (),
    tranche: Tranche | None = None,
    by: User,
) -> Tranche:
    """Make a tranche of a programme, or change one.

    Raises:
        PermissionDenied: the person plans no programmes.
        UserError: with everything that cannot be.
    """
    check(Rights(by).can_everywhere("programme.plan"))
    faults = (
        [] if title.strip() else [Fault(_("the title"), _("it is empty"), _("Enter a title for the tranche"))]
    )
    if ends < begins:
        faults.append(Fault(_("the last day"), _("it is before the first day"), _("Change one of the dates")))
    faults += _find_inspectors(inspectors)
    faults += _find_wrong_in_tranche(programme, title, elements, tranche)
    if faults:
        raise UserError(faults)
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=programme.pk)
        saved = Tranche.objects.get(pk=tranche.pk) if tranche else Tranche(programme=programme)
        saved.title, saved.begins, saved.ends = title.strip(), begins, ends
        saved.inspectors, saved.elements = inspectors, list(elements)
        saved.save()
        tell(
            "programme.tranche",
            by=by,
            programme=programme.pk,
            tranche=saved.pk,
            title=saved.title,
            begins=begins.isoformat(),
            ends=ends.isoformat(),
            inspectors=inspectors,
            elements=list(elements),
        )
    return saved


def _find_wrong_in_tranche(
    programme: Programme, title: str, elements: Sequence[str], tranche: Tranche | None
) -> list[Fault]:
    """Thematic elements that there aren't, and a title that another tranche has."""
    known = set(list_elements())
    faults = [
        Fault(
            _("the thematic elements"), _("'%(element)s' isn't one of the thematic elements") % {"element": e}
        )
        for e in elements
        if e not in known
    ]
    same = programme.tranches.filter(title=title.strip()).exclude(pk__in=[tranche.pk] if tranche else [])
    if same.exists():
        faults.append(
            Fault(
                _("the title"),
                _("there is already a tranche called '%(title)s'") % {"title": title.strip()},
                _("Enter a different title"),
            )
        )
    return faults


def plan(
    *,
    programme: Programme,
    area: Area,
    tranche: Tranche,
    begins: date,
    inspectors: int | None = None,
    planned: PlannedInspection | None = None,
    by: User,
) -> PlannedInspection:
    """Give an area its place in a programme, or move it.

    Args:
        programme: which.
        area: that is inspected.
        tranche: of the same programme.
        begins: a day of the first week of fieldwork.
        inspectors: in each of its weeks; the programme's team where None.
        planned: the place that is moved; None for a new one.
        by: who plans.

    Raises:
        PermissionDenied: the person plans no programmes.
        UserError: the area has a place already, or what is told does not go together.
    """
    check(Rights(by).can_everywhere("programme.plan"))
    _refuse_unfit(programme, area, tranche, inspectors)
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=programme.pk)
        place = _find_place(programme, area, planned)
        place.area, place.tranche, place.begins = area, tranche, find_monday(begins)
        place.inspectors = programme.team if inspectors is None else inspectors
        place.saved_at, place.saved_by = timezone.now(), by
        place.save()
        tell(
            "programme.planned",
            by=by,
            programme=programme.pk,
            planned=place.pk,
            area=area.name,
            tranche=tranche.title,
            begins=place.begins.isoformat(),
            inspectors=place.inspectors,
        )
    return place


def _refuse_unfit(programme: Programme, area: Area, tranche: Tranche, inspectors: int | None) -> None:
    faults = _find_inspectors(inspectors) if inspectors is not None else []
    if tranche.programme_id != programme.pk:
        faults.append(
            Fault(_("the tranche"), _("it belongs to another programme"), _("Choose one of this programme"))
        )
    if area.retired_at is not None:
        faults.append(Fault(_("the area"), _("it is retired"), _("Choose another one")))
    if faults:
        raise UserError(faults)


def _find_place(programme: Programme, area: Area, planned: PlannedInspection | None) -> PlannedInspection:
    """The place that an area gets: the one that is moved, or a new one.

    Raises:
        UserError: the area has another place, or the inspection at this one has begun in another area.
    """
    standing = programme.planned.filter(area=area, retired_at=None)
    if standing.exclude(pk__in=[planned.pk] if planned else []).exists():
        raise UserError(
            Fault(
                _("the area"),
                _("%(area)s is already in the programme") % {"area": area},
                _("Move the inspection that is already planned"),
            )
        )
    if planned is None:
        return PlannedInspection(programme=programme)
    place = PlannedInspection.objects.get(pk=planned.pk, retired_at=None)
    if place.inspection_id and place.area_id != area.pk:
        raise UserError(
            Fault(_("the area"), _("its inspection has already started"), _("Plan the other area separately"))
        )
    return place


def unplan(*, planned: PlannedInspection, by: User) -> None:
    """Remove an area from a programme; an inspection that was started stays, and is in no comparison.

    Raises:
        PermissionDenied: the person plans no programmes.
    """
    check(Rights(by).can_everywhere("programme.plan"))
    with transaction.atomic():
        locked = PlannedInspection.objects.select_for_update(of=("self",)).get(pk=planned.pk)
        if locked.retired_at is None:
            locked.retired_at, locked.retired_by = timezone.now(), by
            # Its inspection may be given a place again.
            was, locked.inspection = locked.inspection_id, None
            locked.save(update_fields=["retired_at", "retired_by", "inspection"])
            tell("programme.unplanned", by=by, programme=locked.programme_id, planned=locked.pk, begun=was)


def start(*, planned: PlannedInspection, by: User) -> Inspection:
    """Begin the inspection that was planned: with the area's profile, the tranche's elements and the weeks of fieldwork.

    Raises:
        PermissionDenied: the person begins no inspections.
        UserError: it has begun already.
    """
    check(Rights(by).can_everywhere("inspection.create"))
    with transaction.atomic():
        locked = PlannedInspection.objects.select_for_update(of=("self",)).get(pk=planned.pk, retired_at=None)
        if locked.inspection_id:
            raise UserError(
                Fault(
                    _("the inspection"),
                    _("it has already started"),
                    _("Look for the inspection in the programme"),
                )
            )
        programme, area = locked.programme, locked.area
        version = programme.framework_version
        inspection = inspections.create(
            area=area.name, framework=version, synthetic=area.synthetic or programme.synthetic, by=by
        )
        shelf = read_library()
        pins = [
            Pin.from_framework(shelf.load_framework(e)).model_dump(mode="json")
            for e in locked.tranche.elements
        ]
        inspection.manifest = inspection.manifest | ({"elements": pins} if pins else {})
        inspection.profile = frames.make_profile_for(area, version.framework)
        inspection.dates = {"events": plan_days(locked)}
        inspection.save(update_fields=["manifest", "profile", "dates"])
        locked.inspection = inspection
        locked.save(update_fields=["inspection"])
        tell(
            "programme.started",
            by=by,
            programme=programme.pk,
            planned=locked.pk,
            inspection_begun=inspection.pk,
            elements=list(locked.tranche.elements),
        )
    return inspection


def attach(*, planned: PlannedInspection, inspection: Inspection, by: User) -> None:
    """Say that an inspection which is there already is the one that was planned.

    Raises:
        PermissionDenied: the person plans no programmes.
        UserError: it is of another area or framework, follows another one up, or is the area's own.
    """
    check(Rights(by).can_everywhere("programme.plan"))
    with transaction.atomic():
        locked = PlannedInspection.objects.select_for_update(of=("self",)).get(pk=planned.pk, retired_at=None)
        faults = list(_find_unattachable(locked, inspection))
        if faults:
            raise UserError(faults)
        locked.inspection = inspection
        locked.save(update_fields=["inspection"])
        tell(
            "programme.attached",
            by=by,
            programme=locked.programme_id,
            planned=locked.pk,
            attached=inspection.pk,
        )


def _find_unattachable(planned: PlannedInspection, inspection: Inspection) -> Iterator[Fault]:
    where = _("the inspection")
    if planned.inspection_id:
        yield Fault(_("the area"), _("its inspection has already started"), _("Leave the plan as it is"))
    if inspection.area != planned.area.name:
        yield Fault(
            where,
            _("it is an inspection of %(area)s") % {"area": inspection.area},
            _("Choose one of %(area)s") % {"area": planned.area},
        )
    if inspection.framework.id != planned.programme.framework_version.framework_id:
        yield Fault(where, _("it uses another framework"), _("Choose another one"))
    if inspection.internal or inspection.follows_id:
        what = (
            _("it is the area's own inspection of itself")
            if inspection.internal
            else _("it is a follow-up inspection")
        )
        yield Fault(where, what, _("Choose an inspection of the whole area by the inspectorate"))
    if PlannedInspection.objects.filter(inspection=inspection).exists():
        yield Fault(where, _("it is already in a programme"), _("Choose another one"))


def weigh(*, programme: Programme, weights: Mapping[str, int], by: User) -> None:
    """Say how much each measure weighs in the scorecard.

    Raises:
        PermissionDenied: the person plans no programmes.
        UserError: a measure is unknown, or a weight is none.
    """
    check(Rights(by).can_everywhere("programme.plan"))
    known = {m.key: m.title for m in programme.framework.targets.measures}
    faults = [Fault(key, _("there is no such measure")) for key in weights if key not in known]
    faults += [
        Fault(
            known[key],
            _("%(number)s isn't a possible weight") % {"number": n},
            _("Enter a whole number from 0 to 99"),
        )
        for key, n in weights.items()
        if key in known and not 0 <= n <= 99
    ]
    if faults:
        raise UserError(faults)
    with transaction.atomic():
        locked = Programme.objects.select_for_update().get(pk=programme.pk)
        locked.weights = dict(weights)
        locked.save(update_fields=["weights"])
        tell("programme.weights", by=by, programme=locked.pk, weights=dict(weights))
    programme.weights = dict(weights)
