"""An inspection: begun, its profile and people, its phases, its sign-off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import BaseModel, ValidationError

from scrutineer.errors import Fault, UserError
from scrutineer.inspection import dates, surveys
from scrutineer.inspection.area import AreaProfile
from scrutineer.inspection.area import list_faults as area_faults
from scrutineer.inspection.dates import Dates
from scrutineer.inspection.manifest import FORMAT, Manifest, Pin
from scrutineer.inspection.survey_table import read_survey_table
from scrutineer.inspection.surveys import Surveys
from scrutineer.inspection.target_table import read_target_table
from scrutineer.tables.limits import SERVER
from scrutineer_web.actions.moderation import results
from scrutineer_web.audit.events import tell
from scrutineer_web.permissions import Rights, check
from scrutineer_web.queries.moderation.sign_off import list_open_points
from scrutineer_web.queries.scores import scored
from scrutineer_web.records import frames
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.participant import Participant
from scrutineer_web.safeguards import four_eyes
from scrutineer_web.safeguards.files import write_on_disk
from scrutineer_web.safeguards.guards import refuse_settled
from scrutineer_web.states import INSPECTION
from scrutineer_web.states.case import GONE

if TYPE_CHECKING:
    from scrutineer_web.records.user import User

AnyContent = TypeVar("AnyContent", bound=BaseModel)


def create(*, area: str, framework: FrameworkVersion, synthetic: bool, by: User) -> Inspection:
    """Begin an inspection of an area by a framework.

    Raises:
        PermissionDenied: the person begins no inspections.
        UserError: there is no name of the area, or no inspection can be made by the framework alone.
    """
    check(Rights(by).can_everywhere("inspection.create"))
    if not area.strip():
        raise UserError(Fault(_("the area"), _("it has no name"), _("Enter the name of the inspected body")))
    own = framework.framework
    if own.kind == "follow_up":
        what = _(
            "%(framework)s is for follow-up inspections, which need the results of the first inspection"
        ) % {"framework": own.title}
        raise UserError(
            Fault(
                _("the framework"),
                what,
                _("Start it from the first inspection's action plan, or import the follow-up's folder"),
            )
        )
    manifest = Manifest(
        format=FORMAT,
        kind="inspection",
        area=area.strip(),
        framework=Pin.from_framework(own),
        synthetic=synthetic,
    )
    with transaction.atomic():
        inspection = Inspection.objects.create(
            area=area.strip(),
            framework_version=framework,
            synthetic=synthetic,
            manifest=manifest.model_dump(mode="json"),
            created_at=timezone.now(),
            created_by=by,
        )
        tell(
            "inspection.created", by=by, inspection=inspection, area=inspection.area, framework=framework.hash
        )
    return inspection


def edit_profile(*, inspection: Inspection, content: dict[str, Any], by: User) -> None:
    """Replace the area's profile: facts with sources, performance against targets.

    Raises:
        PermissionDenied: the person does not edit the inspection.
        UserError: with everything that cannot be.
    """
    check(Rights(by).can("inspection.edit", inspection))
    area = _check_content(AreaProfile, content, _("the profile"))
    _refuse([Fault(str(place[1]), what, do) for place, what, do in area_faults(inspection.framework, area)])
    _replace(inspection, "profile", area.model_dump(mode="json", exclude_defaults=True), by)


def edit_dates(*, inspection: Inspection, content: dict[str, Any], by: User) -> None:
    """Replace the days of the inspection's events.

    Raises:
        PermissionDenied: the person does not edit the inspection.
        UserError: with every day that cannot be.
    """
    check(Rights(by).can("inspection.edit", inspection))
    days = _check_content(Dates, content, _("the calendar"))
    _refuse(
        [Fault(str(place[-1]), what, do) for place, what, do in dates.find_faults(inspection.framework, days)]
    )
    _replace(inspection, "dates", days.model_dump(mode="json"), by)


def put_survey(
    *, inspection: Inspection, part: str, survey: dict[str, Any], place: int | None, by: User
) -> None:
    """Enter what service users and others said: one survey or focus group, new or in the place of an earlier one.

    Args:
        inspection: of which.
        part: surveys or focus_groups.
        survey: as the surveys' file has it.
        place: of the earlier one; None for a new one.
        by: who enters it.

    Raises:
        PermissionDenied: the person does not enter surveys.
        UserError: with every number that cannot be.
    """
    check(Rights(by).can("survey.edit", inspection))
    with transaction.atomic():
        # Two people may add at once: what the other one added is in the list that is read under the lock.
        stored = Inspection.objects.select_for_update().get(pk=inspection.pk).surveys
        listed = list(stored.get(part, []))
        if place is None:
            listed.append(survey)
        elif place < len(listed):
            listed[place] = survey
        else:
            raise UserError(Fault(_("the survey"), _("it is no longer there"), _("Reload the page")))
        checked = _check_content(Surveys, {**stored, part: listed}, _("the survey"))
        _refuse([Fault(" ".join(map(str, at)), what, do) for at, what, do in surveys.find_faults(checked)])
        _replace(inspection, "surveys", checked.model_dump(mode="json", exclude_defaults=True), by)


def bring_in_surveys(
    *, inspection: Inspection, name: str, content: bytes, by: User
) -> tuple[int, tuple[str, ...]]:
    """Surveys from a table with a row per statement; one that was entered under the same name is replaced.

    Returns:
        how many surveys came, and what was skipped or left out of the table.

    Raises:
        PermissionDenied: the person does not enter surveys.
        UserError: with every fault of every row; then nothing is imported.
    """
    check(Rights(by).can("survey.edit", inspection))
    with write_on_disk(name, content) as path:
        brought, notes = read_survey_table(path, SERVER)
    with transaction.atomic():
        stored = Inspection.objects.select_for_update().get(pk=inspection.pk).surveys
        there = Surveys.model_validate(stored).surveys
        keys = {survey.key for survey in brought}
        listed = (*(survey for survey in there if survey.key not in keys), *brought)
        checked = _check_content(
            Surveys,
            {**stored, "surveys": [survey.model_dump(mode="json") for survey in listed]},
            _("the surveys"),
        )
        _replace(inspection, "surveys", checked.model_dump(mode="json", exclude_defaults=True), by)
    return len(brought), notes


def bring_in_targets(
    *, inspection: Inspection, name: str, content: bytes, by: User
) -> tuple[int, tuple[str, ...]]:
    """Performance against targets from a table with a row per measure; measures that it has not stay as they were.

    Returns:
        how many measures came, and what was skipped or left out of the table.

    Raises:
        PermissionDenied: the person does not edit the inspection.
        UserError: with every fault of every row; then nothing is imported.
    """
    check(Rights(by).can("inspection.edit", inspection))
    with write_on_disk(name, content) as path:
        brought, notes = read_target_table(path, inspection.framework, SERVER)
    with transaction.atomic():
        area = AreaProfile.model_validate(
            Inspection.objects.select_for_update().get(pk=inspection.pk).profile
        )
        profile = area.model_copy(update={"performance": {**area.performance, **brought}})
        _replace(inspection, "profile", profile.model_dump(mode="json", exclude_defaults=True), by)
    return len(brought), notes


def _check_content(model: type[AnyContent], content: dict[str, Any], where: str) -> AnyContent:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        faults = [Fault(" ".join([where, *map(str, f["loc"])]), str(f["msg"])) for f in error.errors()]
        raise UserError(faults) from None


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise UserError(faults)


def _replace(inspection: Inspection, field: str, content: dict[str, Any], by: User) -> None:
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        refuse_settled(locked)
        before = getattr(locked, field)
        setattr(locked, field, content)
        locked.save(update_fields=[field])
        tell(f"inspection.{field}", by=by, inspection=locked, was=before, now=content)
    setattr(inspection, field, content)


PHASES = ("start_fieldwork", "start_moderation", "return_to_fieldwork")
"""The moves that need nothing but somebody's decision; signing off and opening again have actions of their own."""


def move(*, inspection: Inspection, to: str, by: User) -> None:
    """Take an inspection into its next phase, or back: start_fieldwork, start_moderation, return_to_fieldwork.

    Raises:
        PermissionDenied: the person does not move it.
        UserError: it cannot go there, or something is missing for it.
    """
    check(Rights(by).can("inspection.phase", inspection))
    if to not in PHASES:
        raise UserError(
            Fault(
                _("the phase"),
                _("the inspection can't be moved to '%(phase)s' here") % {"phase": to},
                _("Choose from: %(phases)s") % {"phases": ", ".join(PHASES)},
            )
        )
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        state = INSPECTION.find_after(locked.state, to)
        if to == "start_fieldwork":
            _refuse(list(_find_before_fieldwork(locked)))
        before, locked.state = locked.state, state
        locked.save(update_fields=["state"])
        tell("inspection.moved", by=by, inspection=locked, was=before, now=state)
    inspection.state = state


def _find_before_fieldwork(inspection: Inspection) -> Iterator[Fault]:
    reads_cases = inspection.framework.reads_cases
    if reads_cases and not inspection.cases.exclude(state__in=GONE).exists():
        yield Fault(_("the sample"), _("the sample hasn't been drawn yet"), _("Draw the sample"))
    open_still = inspection.cases.filter(state="sampled").count()
    if open_still:
        yield Fault(
            _("the allocation"),
            ngettext(
                "%(number)s case has no assessor yet", "%(number)s cases have no assessor yet", open_still
            )
            % {"number": open_still},
            _("Allocate every case, or adopt a timetable"),
        )
    if not inspection.participants.filter(role="lead_inspector", retired_at=None).exists():
        yield Fault(_("the people"), _("the inspection has no lead inspector"), _("Name a lead inspector"))


def sign_off(*, inspection: Inspection, by: User) -> None:
    """Settle the scores of an inspection; they are kept as they are now.

    Raises:
        PermissionDenied: the person does not lead it.
        UserError: with everything that is still open.
    """
    check(Rights(by).can("inspection.sign_off", inspection))
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        state = INSPECTION.find_after(locked.state, "sign_off")
        _refuse(list(list_open_points(locked)))
        scored_now = scored.score_inspection(locked, frames.read_cases_of(locked))
        locked.state, locked.scores = state, scored_now.results.as_dict()
        locked.signed_off_at, locked.signed_off_by = timezone.now(), by
        locked.save(update_fields=["state", "scores", "signed_off_at", "signed_off_by"])
        results.keep(inspection=locked)
        ends = (
            Assessment.objects.filter(case__inspection=locked)
            .order_by("pk")
            .values_list("pk", "events", "head")
        )
        tell("inspection.signed_off", by=by, inspection=locked, assessments=[list(end) for end in ends])
    inspection.refresh_from_db()


def reopen(*, inspection: Inspection, reason: str, by: User) -> None:
    """Open settled scores again; what was settled stays in the events.

    Raises:
        PermissionDenied: the person does not lead it.
        UserError: there is no reason, or the scores are not signed off.
    """
    check(Rights(by).can("inspection.sign_off", inspection))
    if not reason.strip():
        raise UserError(Fault(_("the reason"), _("it is empty"), _("Enter why you are reopening the scores")))
    with transaction.atomic():
        locked = Inspection.objects.select_for_update().get(pk=inspection.pk)
        locked.state = INSPECTION.find_after(locked.state, "reopen")
        settled, locked.scores = locked.scores, None
        locked.signed_off_at = locked.signed_off_by = None
        locked.save(update_fields=["state", "scores", "signed_off_at", "signed_off_by"])
        results.keep(inspection=locked)
        tell("inspection.reopened", by=by, inspection=locked, reason=reason.strip(), scores=settled)
    inspection.refresh_from_db()


SCORED = ("inspector", "practice_assessor", "area_assessor")
"""The parts whose people's answers are scored: they stay as they are once the scores are signed off.

Everybody else may come and go until the end: an area names its liaison, a lead inspector leaves, another publishes.
"""


def _refuse_scored(inspection: Inspection, role: str) -> None:
    if role in SCORED:
        refuse_settled(inspection)


def add_participant(
    *, inspection: Inspection, name: str, role: str, team: str = "", user: User | None = None, by: User
) -> Participant:
    """Give somebody a part in an inspection.

    Raises:
        PermissionDenied: the person does not name its people.
        UserError: there is no name or no such role, the person has that part already or gives it to themselves, or the
            part is one of those whose answers are scored and signed off.
    """
    check(Rights(by).can("inspection.people", inspection))
    _refuse([*_find_wrong_in_part(name, role), *four_eyes.find_against_part(user, inspection, by)])
    with transaction.atomic():
        _refuse_scored(Inspection.objects.select_for_update().get(pk=inspection.pk), role)
        if inspection.participants.filter(name=name.strip(), role=role, retired_at=None).exists():
            raise UserError(
                Fault(_("the person"), _("%(name)s already has this role") % {"name": name.strip()})
            )
        last = inspection.participants.order_by("-position").values_list("position", flat=True).first() or 0
        participant = Participant.objects.create(
            inspection=inspection,
            position=last + 1,
            name=name.strip(),
            role=role,
            team=team.strip(),
            user=user,
        )
        tell(
            "participant.added",
            by=by,
            inspection=inspection,
            participant=participant.pk,
            name=participant.name,
            role=role,
            team=team,
        )
    return participant


def _find_wrong_in_part(name: str, role: str) -> Iterator[Fault]:
    from scrutineer.inspection.people import ROLES

    if not name.strip():
        yield Fault(_("the name"), _("it is empty"), _("Enter the person's name"))
    if role not in ROLES:
        yield Fault(
            _("the role"),
            _("'%(role)s' isn't a role") % {"role": role},
            _("Choose from: %(roles)s") % {"roles": ", ".join(title for title, *others in ROLES.values())},
        )


def link_participant(*, participant: Participant, user: User | None, by: User) -> None:
    """Say which account belongs to somebody who takes part.

    Raises:
        PermissionDenied: the person does not name the inspection's people.
        UserError: the account is one's own, or the part is one of those whose answers are scored and signed off.
    """
    check(Rights(by).can("inspection.people", participant.inspection_id))
    if user is not None and participant.user_id != user.pk:
        _refuse(four_eyes.find_against_part(user, participant.inspection, by))
    with transaction.atomic():
        _refuse_scored(
            Inspection.objects.select_for_update().get(pk=participant.inspection_id), participant.role
        )
        participant.user = user
        participant.save(update_fields=["user"])
        tell(
            "participant.linked",
            by=by,
            inspection=participant.inspection,
            participant=participant.pk,
            name=participant.name,
            account=user.username if user else None,
        )


def retire_participant(*, participant: Participant, by: User) -> None:
    """End somebody's part; assessments that are not complete must be somebody else's first.

    Raises:
        PermissionDenied: the person does not name the inspection's people.
        UserError: assessments are still open.
    """
    check(Rights(by).can("inspection.people", participant.inspection_id))
    with transaction.atomic():
        _refuse_scored(
            Inspection.objects.select_for_update().get(pk=participant.inspection_id), participant.role
        )
        mine = participant.assessments.filter(retired_at=None)
        open_still = mine.exclude(state__in=["complete", "signed_off"]).count()
        if open_still:
            what = ngettext(
                "%(name)s still has %(number)s open assessment",
                "%(name)s still has %(number)s open assessments",
                open_still,
            ) % {"name": participant.name, "number": open_still}
            raise UserError(Fault(_("the person"), what, _("Reallocate them to somebody else first")))
        participant.retired_at, participant.retired_by = timezone.now(), by
        participant.save(update_fields=["retired_at", "retired_by"])
        tell(
            "participant.retired",
            by=by,
            inspection=participant.inspection,
            participant=participant.pk,
            name=participant.name,
        )
