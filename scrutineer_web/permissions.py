"""Who may do what: one table, and what each entry means for one inspection, case or assessment.

A role is held everywhere (an appointment) or in one inspection (a part in it). What a role may do there is what the
table says; inspectors and area assessors see only the assessments that are their own, and an area assessor none of a case
of their own team. Nobody may do what is not in the table.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from scrutineer_web.records.assessment import Assessment
    from scrutineer_web.records.case import Case
    from scrutineer_web.records.inspection import Inspection
    from scrutineer_web.records.participant import Participant
    from scrutineer_web.records.user import User

PM, IM, LEAD, INSPECTOR, AREA, LIAISON, ANALYST, METHOD, AUDITOR, ADMIN, CHIEF, PUBLICATIONS = ROLES = (
    "programme_manager",
    "information_manager",
    "lead_inspector",
    "inspector",
    "area_assessor",
    "area_liaison",
    "analyst",
    "methodologist",
    "auditor",
    "administrator",
    "chief_inspector",
    "publications",
)

PARTS = {
    "lead_inspector": LEAD,
    "inspector": INSPECTOR,
    "practice_assessor": INSPECTOR,
    "area_assessor": AREA,
    "information_manager": IM,
    "programme_manager": PM,
    "area_liaison": LIAISON,
    "chief_inspector": CHIEF,
    "publications": PUBLICATIONS,
}
"""Which role a part in an inspection gives."""

_INSIDE = (PM, IM, LEAD, INSPECTOR, AREA, ANALYST, AUDITOR, CHIEF, PUBLICATIONS)

TABLE: dict[str, tuple[str, ...]] = {
    # the inspection
    "inspection.see": _INSIDE,
    "inspection.create": (PM, IM),
    "inspection.edit": (PM, IM, LEAD),
    "inspection.import": (PM, IM),
    "inspection.export": (IM, LEAD, ANALYST, AUDITOR),
    "inspection.people": (PM, IM, LEAD),
    "inspection.phase": (IM, LEAD),
    "inspection.sign_off": (LEAD,),
    # sample and timetable
    "caseload.import": (IM,),
    "sample.see": (PM, IM, LEAD, ANALYST, AUDITOR),
    "sample.draw": (IM,),
    "sample.substitute": (IM, LEAD),
    "timetable.see": (PM, IM, LEAD, INSPECTOR, AREA, AUDITOR),
    "timetable.plan": (IM, LEAD),
    # fieldwork
    "case.list": (IM, LEAD, INSPECTOR, AUDITOR, ANALYST),
    "assessment.see": (IM, LEAD, INSPECTOR, AREA, AUDITOR, ANALYST),
    "assessment.answer": (LEAD, INSPECTOR, AREA),
    "device.see": (IM, LEAD, AUDITOR),
    "device.lost": (LEAD,),
    "survey.see": (PM, IM, LEAD, INSPECTOR, ANALYST, AUDITOR),
    "survey.edit": (IM, LEAD, INSPECTOR),
    # moderation
    "moderation.see": (IM, LEAD, AUDITOR),
    "comment.write": (LEAD,),
    "assessment.query": (LEAD,),
    "assessment.sign_off": (LEAD,),
    "assessment.adjudicate": (LEAD,),
    # scores
    "scores.see": (PM, IM, LEAD, INSPECTOR, ANALYST, AUDITOR),
    "scores.cases": (IM, LEAD, INSPECTOR, ANALYST, AUDITOR),
    "agreement.see": (IM, LEAD, ANALYST, AUDITOR),
    # evidence and ratings
    "evidence.see": (PM, IM, LEAD, INSPECTOR, ANALYST, AUDITOR, CHIEF),
    "evidence.edit": (IM, LEAD, INSPECTOR),
    "rating.set": (LEAD,),
    "upload.see": (PM, IM, LEAD, INSPECTOR, ANALYST, AUDITOR, CHIEF, PUBLICATIONS, LIAISON),
    # the report
    "report.see": (PM, IM, LEAD, INSPECTOR, ANALYST, AUDITOR, CHIEF, PUBLICATIONS),
    "report.write": (LEAD, INSPECTOR, CHIEF, PUBLICATIONS),
    "report.issue": (LEAD,),
    # the factual accuracy check
    "draft.send": (LEAD,),
    "draft.see": (PM, IM, LEAD, INSPECTOR, ANALYST, AUDITOR, CHIEF, LIAISON),
    "draft.comment": (LIAISON,),
    "draft.decide": (LEAD,),
    "correction.answer": (LEAD, INSPECTOR, AREA),
    # publication
    "report.approve": (CHIEF, PM),
    "report.publish": (CHIEF, PUBLICATIONS),
    "report.correct": (LEAD, CHIEF),
    # recommendations to closure
    "plan.see": (PM, IM, LEAD, INSPECTOR, ANALYST, AUDITOR, CHIEF, PUBLICATIONS, LIAISON),
    "plan.respond": (LIAISON,),
    "plan.verify": (LEAD, PM),
    "follow_up.begin": (PM, IM),
    "internal.begin": (LIAISON,),
    # the programme: what a role in the whole inspectorate gives
    "programme.see": (PM, IM, ANALYST, METHOD, AUDITOR, CHIEF),
    "programme.plan": (PM,),
    "area.edit": (PM, IM),
    "outcome.import": (IM,),
    "collected.make": (PM, ANALYST, CHIEF),
    # everywhere
    "framework.see": (PM, IM, LEAD, INSPECTOR, AREA, ANALYST, METHOD, AUDITOR),
    "framework.add": (METHOD,),
    "framework.migrate": (METHOD,),
    "audit.see": (LEAD, AUDITOR),
    "audit.everything": (AUDITOR,),
    "retention.see": (IM, AUDITOR),
    "retention.do": (IM,),
    "subject.export": (IM,),
    "account.see": (ADMIN, AUDITOR),
    "account.manage": (ADMIN,),
}
"""What may be done, and which roles may do it."""

OWN = frozenset({INSPECTOR, AREA})
"""The roles that see only the assessments that were allocated to them; an answer is given by nobody but its assessor."""


EVERYWHERE = (
    "inspection.create",
    "inspection.import",
    "follow_up.begin",
    "programme.see",
    "programme.plan",
    "area.edit",
    "outcome.import",
    "collected.make",
    "retention.see",
    "retention.do",
    "subject.export",
)
"""What a part in some inspection does not give: it would reach beyond that one."""


class Rights:
    """What one person may do; asks the database for roles once."""

    def __init__(self, user: User | AnonymousUser):
        self.user = user

    @cached_property
    def everywhere(self) -> frozenset[str]:
        """The roles held in the whole inspectorate."""
        if not self.user.is_authenticated:
            return frozenset()
        return frozenset(self.user.appointments.filter(retired_at=None).values_list("role", flat=True))

    @cached_property
    def parts(self) -> dict[int, list[Participant]]:
        """The parts taken, by inspection."""
        parts_of: dict[int, list[Participant]] = {}
        if self.user.is_authenticated:
            for part in self.user.parts.filter(retired_at=None):
                parts_of.setdefault(part.inspection_id, []).append(part)
        return parts_of

    def find_roles(self, inspection: Inspection | int | None) -> frozenset[str]:
        """The roles held in an inspection; those held anywhere where none is given."""
        if inspection is None:
            inside = [part for parts in self.parts.values() for part in parts]
        else:
            key = inspection if isinstance(inspection, int) else inspection.pk
            inside = self.parts.get(key, [])
        return self.everywhere | {r for part in inside if (r := PARTS.get(part.role))}

    def can(self, name: str, inspection: Inspection | int | None = None) -> bool:
        """Whether the table allows something, in an inspection or anywhere."""
        return bool(self.find_roles(inspection) & set(TABLE[name]))

    def can_everywhere(self, name: str) -> bool:
        """Whether a role that is held in the whole inspectorate allows something."""
        return bool(self.everywhere & set(TABLE[name]))

    def can_read(self, assessment: Assessment) -> bool:
        """Whether an assessment may be seen: an own one, or where the role sees all and it is not blind to the person."""
        case = assessment.case
        if self._is_own(assessment):
            return may_answer(self.user, assessment)
        roles = self.find_roles(case.inspection_id)
        wide = {r for r in roles if r in TABLE["assessment.see"] and r not in OWN}
        return bool(wide) and not self.is_blind(assessment)

    def can_answer(self, assessment: Assessment) -> bool:
        """Whether answers may be given."""
        return may_answer(self.user, assessment)

    def _is_own(self, assessment: Assessment) -> bool:
        mine = {part.pk for part in self.parts.get(assessment.case.inspection_id, [])}
        return assessment.assessor_id in mine

    def find_blind_cases(self, inspection: Inspection) -> set[int]:
        """The cases of which the person must not learn the other assessment yet."""
        from scrutineer_web.records.assessment import Assessment

        mine = {part.pk for part in self.parts.get(inspection.pk, [])}
        if not mine:
            return set()
        states: dict[int, list[tuple[int | None, str]]] = {}
        assessments = Assessment.objects.filter(case__inspection=inspection, retired_at=None)
        for case, assessor, state in assessments.values_list("case", "assessor", "state"):
            states.setdefault(case, []).append((assessor, state))
        return {
            case
            for case, both in states.items()
            if len(both) > 1 and any(a in mine for a, _ in both) and any(s not in DONE for _, s in both)
        }

    def is_blind(self, assessment: Assessment) -> bool:
        """The assessor of a case must not see the other assessment before both are complete."""
        mine = {part.pk for part in self.parts.get(assessment.case.inspection_id, [])}
        if not mine:
            return False
        others = [
            a for a in assessment.case.assessments.all() if a.pk != assessment.pk and a.assessor_id in mine
        ]
        return any(
            a.state not in DONE or assessment.state not in DONE for a in others if a.retired_at is None
        )


def may_answer(user: User | AnonymousUser, assessment: Assessment) -> bool:
    """Whether an assessment is one's own to answer; looks at nothing but the assessment, its case and its assessor.

    An area assessor never assesses a case of their own team or caseload, whatever was allocated.
    """
    part = assessment.assessor
    if (
        part is None
        or part.user_id != user.pk
        or part.retired_at is not None
        or assessment.retired_at is not None
    ):
        return False
    return PARTS.get(part.role) in TABLE["assessment.answer"] and not is_of_own_team(part, assessment.case)


DONE = ("complete", "signed_off")


def is_of_own_team(part: Participant, case: Case) -> bool:
    """Whether a case is of an area assessor's own team or caseload."""
    if part.role != "area_assessor":
        return False
    team = bool(_simplify(case.team)) and _simplify(part.team) == _simplify(case.team)
    return team or (
        bool(_simplify(case.manager))
        and _simplify(case.manager) in {_simplify(part.name), _simplify(part.manages_as)}
    )


def _simplify(name: str) -> str:
    """A name as it is compared: however it is spaced and capitalised."""
    return " ".join(name.split()).casefold()


def check(allowed: bool) -> None:
    """Refuse what is not allowed.

    Raises:
        PermissionDenied: it is not.
    """
    if not allowed:
        raise PermissionDenied
