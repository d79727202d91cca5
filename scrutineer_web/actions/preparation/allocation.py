"""Who reads which case: by hand, or as a timetable says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.timetabling.arrangements import Arrangements
from scrutineer.fieldwork.timetabling.make import make_timetable
from scrutineer.fieldwork.timetabling.timetable import Placed
from scrutineer_web.actions.fieldwork.answers import lock_assessment
from scrutineer_web.actions.moderation.adjudications import unsettle
from scrutineer_web.actions.moderation.assessments import update_case
from scrutineer_web.audit.events import tell, tell_of
from scrutineer_web.permissions import Rights, check, is_of_own_team
from scrutineer_web.queries.fieldwork.answer_checks import count_progress
from scrutineer_web.queries.preparation.allocation import (
    check_arrangements,
    describe_day,
    describe_time,
    read_current_plan,
)
from scrutineer_web.records import frames
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.case import Case
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.participant import ASSESSORS, Participant
from scrutineer_web.records.timetable import Timetable
from scrutineer_web.safeguards.guards import refuse_settled, refuse_signed_off
from scrutineer_web.states import CASE
from scrutineer_web.states.case import GONE
from scrutineer_web.states.inspection import SETTLED

if TYPE_CHECKING:
    from scrutineer_web.records.user import User

MOVABLE = ("not_started", "in_progress", "queried")


def allocate(*, case: Case, number: int, assessor: Participant, by: User) -> Assessment:
    """Give an assessment of a case to an assessor; answers that are there stay in it.

    Raises:
        PermissionDenied: the person does not plan the fieldwork.
        UserError: with every reason why the assessor may not have it.
    """
    check(Rights(by).can("timetable.plan", case.inspection))
    with transaction.atomic():
        faults = _find_refused(case, number, assessor)
        if faults:
            raise UserError(faults)
        return _give(case, number, assessor, by)


def _find_refused(case: Case, number: int, assessor: Participant) -> list[Fault]:
    where = _("case %(case)s") % {"case": case.reference}
    return [
        *_find_impossible(case, number, where),
        *_find_unsuitable(case, number, assessor, where),
        *_find_taken(case, number, assessor, where),
    ]


def _find_impossible(case: Case, number: int, where: str) -> Iterator[Fault]:
    """What keeps anybody from making an assessment."""
    if case.inspection.state in SETTLED:
        yield Fault(_("the inspection"), _("its scores are signed off"), _("Reopen the scores first"))
    if number not in (1, 2):
        yield Fault(
            where,
            _("there is no assessment %(number)s") % {"number": number},
            _("A case has one or two assessments"),
        )


def _find_unsuitable(case: Case, number: int, assessor: Participant, where: str) -> Iterator[Fault]:
    """What keeps this assessor from making an assessment."""
    if (
        assessor.role not in ASSESSORS
        or assessor.retired_at is not None
        or assessor.inspection_id != case.inspection_id
    ):
        yield Fault(
            where,
            _("%(assessor)s isn't an assessor in this inspection") % {"assessor": assessor},
            _("Choose an assessor of this inspection"),
        )
    if any(is_of_own_team(part, case) for part in _list_parts(assessor)):
        what = _("%(assessor)s is an area assessor, and this case is from their own team or caseload")
        yield Fault(where, what % {"assessor": assessor}, _("Choose a different assessor"))
    other = case.assessments.filter(retired_at=None, assessor=assessor).exclude(number=number).first()
    if other is not None:
        yield Fault(
            where,
            _("%(assessor)s is already making assessment %(number)s of it")
            % {"assessor": assessor, "number": other.number},
            _("Choose somebody else: the two assessments of a case are by different people"),
        )
    twice = number == 2 or case.assessments.filter(retired_at=None, number=2).exists()
    if twice and (assessor.role == "lead_inspector" or _is_led(case, 3 - number)):
        yield Fault(
            where,
            _("the lead inspector decides between two assessments, so can't make one of them"),
            _("Choose two other assessors"),
        )


def _find_taken(case: Case, number: int, assessor: Participant, where: str) -> Iterator[Fault]:
    """What has happened to the assessment or the case already."""
    there = case.assessments.filter(retired_at=None, number=number).first()
    if there is not None and there.assessor_id != assessor.pk and there.state not in MOVABLE:
        yield Fault(
            where,
            _("its assessment %(number)s is %(phase)s") % {"number": number, "phase": there.phase.lower()},
            _("Reopen it first"),
        )
    if case.state in GONE:
        yield Fault(where, _("it is no longer in the sample"), _("Allocate the case that replaced it"))


def _list_parts(assessor: Participant) -> list[Participant]:
    """Every part that somebody has in the inspection: a person who is also an area assessor stays one."""
    if assessor.user_id is None:
        return [assessor]
    return list(
        Participant.objects.filter(inspection=assessor.inspection_id, user=assessor.user_id, retired_at=None)
    ) or [assessor]


def _is_led(case: Case, number: int) -> bool:
    return case.assessments.filter(retired_at=None, number=number, assessor__role="lead_inspector").exists()


def _give(
    case: Case, number: int, assessor: Participant, by: User | None, placed: Placed | None = None
) -> Assessment:
    """The assessment in its new hands; made where it is not there yet."""
    standing = case.assessments.filter(retired_at=None, number=number).values_list("pk", flat=True).first()
    framework = case.inspection.framework
    if standing is not None:
        there = lock_assessment(assessment=standing)
    else:
        there = Assessment(
            case=case,
            number=number,
            framework_version=case.inspection.framework_version,
            codes=frames.make_blank_codes(framework),
        )
        there.asked, there.answered = count_progress(there)
        there.save(force_insert=True)
    before = there.assessor
    there.assessor = assessor
    if placed is not None:
        there.day, there.slot, there.locked = placed.day, placed.slot, placed.locked
    changed = ("assessor", "day", "slot", "locked")
    if CASE.can(case.state, "allocate") and case.state != "allocated":
        case.state = CASE.find_after(case.state, "allocate")
        case.save(update_fields=["state"])
    if before != assessor or there.events == 0:
        tell_of(
            there,
            "assessment.allocated",
            changed,
            by=by,
            assessor=assessor.pk,
            name=assessor.name,
            was=before.name if before else None,
        )
    else:
        there.save(update_fields=changed)
    return there


def withdraw(*, assessment: Assessment, by: User) -> None:
    """Take an allocation back; an assessment with answers is retired and stays.

    Raises:
        PermissionDenied: the person does not plan the fieldwork.
        UserError: the assessment is complete.
    """
    check(Rights(by).can("timetable.plan", assessment.case.inspection))
    with transaction.atomic():
        locked = lock_assessment(assessment=assessment.pk)
        refuse_signed_off(locked)
        if locked.state not in MOVABLE:
            raise UserError(
                Fault(
                    _("the assessment"),
                    _("it is %(phase)s") % {"phase": locked.phase.lower()},
                    _("Reopen it first"),
                )
            )
        locked.state, locked.retired_at, locked.retired_by = "retired", timezone.now(), by
        case = locked.case
        unsettle(case=case, by=by)
        update_case(assessment=locked)
        others = case.assessments.filter(retired_at=None).exclude(pk=locked.pk)
        if not others.exists() and CASE.can(case.state, "take_back"):
            case.state = CASE.find_after(case.state, "take_back")
            case.save(update_fields=["state"])
        tell_of(locked, "assessment.retired", ("state", "retired_at", "retired_by"), by=by)


def lock(*, assessment: Assessment, on: bool, by: User) -> None:
    """Hold an assessment where the timetable put it, or let it go again.

    Raises:
        PermissionDenied: the person does not plan the fieldwork.
        UserError: it has no day yet.
    """
    check(Rights(by).can("timetable.plan", assessment.case.inspection))
    if on and not assessment.day:
        raise UserError(
            Fault(_("the assessment"), _("it doesn't have a day yet"), _("Plan the fieldwork first"))
        )
    with transaction.atomic():
        locked = lock_assessment(assessment=assessment.pk)
        refuse_signed_off(locked)
        locked.locked = on
        tell_of(locked, "assessment.locked" if on else "assessment.unlocked", ("locked",), by=by)


def place(*, assessment: Assessment, day: str, slot: str, by: User) -> None:
    """Move an assessment to another day and slot of the fieldwork; it is locked there.

    Raises:
        PermissionDenied: the person does not plan the fieldwork.
        UserError: there is no such day or slot, or somebody who is needed is busy or away then.
    """
    check(Rights(by).can("timetable.plan", assessment.case.inspection))
    with transaction.atomic():
        locked = lock_assessment(assessment=assessment.pk)
        refuse_signed_off(locked)
        faults = _find_occupied(locked, day, slot)
        if faults:
            raise UserError(faults)
        was = f"{locked.day} {locked.slot}".strip()
        locked.day, locked.slot, locked.locked = day, slot, True
        tell_of(locked, "assessment.placed", ("day", "slot", "locked"), by=by, day=day, slot=slot, was=was)


def _find_occupied(assessment: Assessment, day: str, slot: str) -> list[Fault]:
    latest = assessment.case.inspection.timetables.exclude(state="failed").first()
    if latest is None:
        return [Fault(_("the timetable"), _("there is none yet"), _("Plan the fieldwork first"))]
    arrangements = frames.make_arrangements(latest.arrangements)
    if day not in arrangements.days or slot not in arrangements.slots:
        return [
            Fault(
                describe_time(day, slot),
                _("the fieldwork has no such day or slot"),
                _("Choose from these days: %(days)s")
                % {"days": ", ".join(map(describe_day, arrangements.days))},
            )
        ]
    there = (
        Assessment.objects.filter(
            case__inspection=assessment.case.inspection, retired_at=None, day=day, slot=slot
        )
        .exclude(pk=assessment.pk)
        .select_related("case", "assessor")
    )
    when, faults = describe_time(day, slot), []
    for other in there:
        if other.assessor_id == assessment.assessor_id:
            faults.append(
                Fault(
                    when,
                    _("%(assessor)s is assessing case %(case)s at that time")
                    % {"assessor": assessment.assessor, "case": other.case},
                    _("Choose another slot"),
                )
            )
        if other.case_id == assessment.case_id:
            faults.append(
                Fault(when, _("the other assessor has the case file at that time"), _("Choose another slot"))
            )
        if (
            assessment.number == other.number == 1
            and assessment.case.manager
            and other.case.manager == assessment.case.manager
        ):
            faults.append(
                Fault(
                    when,
                    _("%(manager)s is being interviewed about case %(case)s at that time")
                    % {"manager": assessment.case.manager, "case": other.case},
                    _("Choose another slot"),
                )
            )
    return faults + _find_away(assessment, arrangements, day, slot)


def _find_away(assessment: Assessment, arrangements: Arrangements, day: str, slot: str) -> list[Fault]:
    """The assessor or the manager to be interviewed, if they are away at that time."""
    faults = []
    away = {a.name: a.away for a in arrangements.assessors} | {m.name: m.away for m in arrangements.managers}
    for who in (str(assessment.assessor), assessment.case.manager if assessment.number == 1 else ""):
        if who in away and {day, f"{day} {slot}"} & set(away[who]):
            faults.append(
                Fault(
                    describe_time(day, slot),
                    _("%(who)s is away at that time") % {"who": who},
                    _("Choose another slot"),
                )
            )
    return faults


# -- timetables ----------------------------------------------------------------------------


def ask_timetable(
    *, inspection: Inspection, arrangements: dict[str, Any], seconds: int, by: User
) -> Timetable:
    """Ask for a timetable; the search runs in the background, and tells how far it is.

    Raises:
        PermissionDenied: the person does not plan the fieldwork.
        UserError: with everything that is wrong with the arrangements, or no case is sampled.
    """
    check(Rights(by).can("timetable.plan", inspection))
    refuse_settled(inspection)
    checked = check_arrangements(arrangements)
    faults = []
    if not 1 <= seconds <= 600:
        faults.append(
            Fault(
                _("the time"),
                _("%(seconds)s seconds is too short or too long") % {"seconds": seconds},
                _("Enter a number of seconds from 1 to 600"),
            )
        )
    if not inspection.cases.exclude(state__in=GONE).exists():
        faults.append(Fault(_("the sample"), _("the sample hasn't been drawn yet"), _("Draw the sample")))
    faults += _find_strangers(inspection, checked)
    if faults:
        raise UserError(faults)
    with transaction.atomic():
        timetable = Timetable.objects.create(
            inspection=inspection,
            arrangements=checked.model_dump(mode="json", exclude_defaults=True) | {"format": 1},
            seconds=seconds,
            asked_at=timezone.now(),
            asked_by=by,
        )
        tell(
            "timetable.asked",
            by=by,
            inspection=inspection,
            timetable=timetable.pk,
            arrangements=timetable.arrangements,
        )
    return timetable


def _find_strangers(inspection: Inspection, checked: Arrangements) -> list[Fault]:
    """Assessors of the arrangements who don't take part in the inspection."""
    faults = []
    known = {p.name: p for p in inspection.participants.filter(retired_at=None, role__in=ASSESSORS)}
    for assessor in checked.assessors:
        if assessor.name not in known:
            faults.append(
                Fault(
                    _("the assessors"),
                    _("%(assessor)s isn't taking part in the inspection") % {"assessor": assessor.name},
                    _("Choose from: %(names)s") % {"names": ", ".join(known)},
                )
            )
    return faults


def search(*, timetable: Timetable) -> None:
    """Search for a timetable, noting how far it is; what was placed before moves as little as possible."""
    inspection = timetable.inspection
    framework = inspection.framework
    arrangements = frames.make_arrangements(timetable.arrangements)
    cases = frames.read_cases_of(inspection).cases.caseload.frame
    before = read_current_plan(inspection, arrangements)
    locks = _list_locked_cases(inspection)
    arrangements = (
        arrangements.model_copy(
            update={"locked": arrangements.locked.model_copy(update={"cases": tuple(locks)})}
        )
        if locks and before
        else arrangements
    )

    def note_progress(what: str, seconds: float, gap: float | None) -> None:
        percent = min(99, int(100 * seconds / timetable.seconds))
        sentence = what
        if gap is not None:
            sentence = _("%(what)s: the best possible plan costs at most %(share)s%% less") % {
                "what": what,
                "share": f"{100 * gap:.0f}",
            }
        Timetable.objects.filter(pk=timetable.pk).update(progress=percent, progress_note=sentence)

    try:
        plan = make_timetable(
            framework, cases, arrangements, seconds=timetable.seconds, before=before, progress=note_progress
        )
    except UserError as error:
        _end_search(timetable, "failed", " ".join(map(str, error.faults)))
        return
    sentence = _("%(placed)s assessments placed, %(unplaced)s without a place") % {
        "placed": len(plan.placed),
        "unplaced": len(plan.unplaced),
    }
    _end_search(timetable, "ready", sentence, progress=100, plan=plan.model_dump(mode="json"))


def _end_search(timetable: Timetable, state: str, sentence: str, **plan: Any) -> None:
    with transaction.atomic():
        Timetable.objects.filter(pk=timetable.pk).update(state=state, progress_note=sentence, **plan)
        tell(
            "timetable.ready" if state == "ready" else "timetable.failed",
            by=None,
            inspection=timetable.inspection,
            timetable=timetable.pk,
        )


def _list_locked_cases(inspection: Inspection) -> list[str]:
    locked_cases = Assessment.objects.filter(case__inspection=inspection, retired_at=None, locked=True)
    return sorted(set(locked_cases.values_list("case__reference", flat=True)))


def adopt(*, timetable: Timetable, by: User) -> int:
    """Allocate the cases as a timetable says; assessments that are complete stay where they are.

    Returns:
        How many assessments it places.

    Raises:
        PermissionDenied: the person does not plan the fieldwork.
        UserError: the search is not over, or an assessor may not have a case by now.
    """
    inspection = timetable.inspection
    check(Rights(by).can("timetable.plan", inspection))
    if timetable.plan is None:
        raise UserError(
            Fault(
                _("the timetable"),
                _("Scrutineer is still searching for it"),
                _("Wait until the search has finished"),
            )
        )
    plan = frames.make_plan(timetable.plan)
    people = {p.name: p for p in inspection.participants.filter(retired_at=None, role__in=ASSESSORS)}
    with transaction.atomic():
        cases = {
            c.reference: c for c in inspection.cases.exclude(state__in=GONE).select_related("inspection")
        }
        placed = [(p, cases[p.case]) for p in plan.placed if p.case in cases and p.assessor in people]
        adopted = [(p, case) for p, case in placed if not _is_settled(case, p.reading)]
        refuse_settled(Inspection.objects.select_for_update().get(pk=inspection.pk))
        faults = list(_find_misplaced(adopted, people))
        if faults:
            raise UserError(faults)
        for p, case in adopted:
            _give(case, p.reading, people[p.assessor], by, p)
        Timetable.objects.filter(pk=timetable.pk).update(
            state="adopted", adopted_at=timezone.now(), adopted_by=by
        )
        tell(
            "timetable.adopted",
            by=by,
            inspection=inspection,
            timetable=timetable.pk,
            assessments=len(adopted),
        )
    return len(adopted)


def _find_misplaced(placements: list[tuple[Placed, Case]], people: dict[str, Participant]) -> Iterator[Fault]:
    """Assessments that their assessors may not have; readers may swap, so only the whole plan tells who reads a case twice."""
    readers: dict[int, dict[int, str]] = {}
    for p, case in placements:
        readers.setdefault(case.pk, {})[p.reading] = p.assessor
        if any(is_of_own_team(part, case) for part in _list_parts(people[p.assessor])):
            yield Fault(
                _("case %(case)s") % {"case": p.case},
                _("%(assessor)s is an area assessor, and the case is from their own team")
                % {"assessor": p.assessor},
                _("Plan again"),
            )
    for p, case in placements:
        both = readers[case.pk]
        for other in (
            case.assessments.filter(retired_at=None).exclude(number__in=list(both)).select_related("assessor")
        ):
            both = {**both, other.number: str(other.assessor)}
        if p.reading == min(readers[case.pk]) and len(set(both.values())) < len(both):
            yield Fault(
                _("case %(case)s") % {"case": p.case},
                _("%(assessor)s would assess it twice") % {"assessor": p.assessor},
                _("Plan again"),
            )


def _is_settled(case: Case, number: int) -> bool:
    return case.assessments.filter(retired_at=None, number=number).exclude(state__in=MOVABLE).exists()


def give_up_search(*, timetable: Timetable, why: str = "") -> None:
    """Note that a search came to nothing for a reason of the room's own."""
    message = why or _(
        "The search stopped unexpectedly. Try again. If it keeps happening, contact the person who runs the server."
    )
    _end_search(timetable, "failed", message)
