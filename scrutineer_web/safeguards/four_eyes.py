"""The four-eyes rule: nobody signs off, adjudicates, approves, publishes or appoints their own work or person.

Who did what is read from the events, in the order of their numbers: a clock may stand wrong, and an embargo puts a
report's publication into the future. `audit/kinds.py` says which events alter what a report says. Where the rule is in
somebody's way, the sentence says who can do it instead, so that no inspection is locked for good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scrutineer.errors import Fault
from scrutineer.inspection.people import ROLES
from scrutineer_web.audit.kinds import ALTERS, LEAVES
from scrutineer_web.permissions import PARTS, TABLE, Rights
from scrutineer_web.records.appointment import APPOINTMENTS
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.event import Event
from scrutineer_web.records.user import User

if TYPE_CHECKING:
    from scrutineer_web.records.accuracy import AccuracyComment
    from scrutineer_web.records.case import Case
    from scrutineer_web.records.inspection import Inspection
    from scrutineer_web.records.issue import Issue
    from scrutineer_web.records.recommendation import Recommendation

Barred = Callable[[User], bool]
_TITLES = {**dict(APPOINTMENTS), **{role: names[0] for role, names in ROLES.items()}}
_OTHER = gettext_lazy("changed it")
_MOST = 3
"""How many things that somebody did, and how many people who can help, a sentence names."""


@dataclass(frozen=True)
class _Deed:
    """What somebody may not do to their own work, as sentences: whom to ask for it, and that nobody else can do it."""

    ask: Promise
    nobody: Promise


_APPROVE = _Deed(gettext_lazy("Ask %(names)s to approve it"), gettext_lazy("Nobody else here can approve it"))
_PUBLISH = _Deed(gettext_lazy("Ask %(names)s to publish it"), gettext_lazy("Nobody else here can publish it"))
_SIGN_OFF = _Deed(
    gettext_lazy("Ask %(names)s to sign it off"), gettext_lazy("Nobody else here can sign it off")
)
_ADJUDICATE = _Deed(
    gettext_lazy("Ask %(names)s to adjudicate"), gettext_lazy("Nobody else here can adjudicate")
)
_DECIDE = _Deed(
    gettext_lazy("Ask %(names)s to decide on it"), gettext_lazy("Nobody else here can decide on it")
)
_CHECK = _Deed(gettext_lazy("Ask %(names)s to check it"), gettext_lazy("Nobody else here can check it"))


# -- a report ------------------------------------------------------------------------------


def find_against_approval(issue: Issue, by: User) -> list[Fault]:
    """What keeps somebody from approving a version of a report: they issued it, or did part of the work in it."""
    return _find_against_report(issue, by, "report.approve", _("the approval"), _APPROVE)


def find_against_publication(issue: Issue, by: User) -> list[Fault]:
    """What keeps somebody from publishing a version of a report, and from changing its embargo."""
    return _find_against_report(issue, by, "report.publish", _("the publication"), _PUBLISH)


def _find_against_report(issue: Issue, by: User, permission: str, where: str, deed: _Deed) -> list[Fault]:
    issued, deeds = has_issued(issue, by), work_in_report(issue, by)
    if not issued and not deeds:
        return []

    def is_barred(user: User) -> bool:
        return has_issued(issue, user) or bool(work_in_report(issue, user))

    what = [_("you issued it yourself")] if issued else []
    what += [_("you wrote part of it: you %(deeds)s") % {"deeds": _list_words(deeds)}] if deeds else []
    do = _suggest_instead(permission, issue.inspection, by, is_barred, deed)
    return [Fault(where, "; ".join(what), do)]


def has_issued(issue: Issue, user: User) -> bool:
    """Whether somebody asked for a version of a report to be made."""
    asked = Event.objects.filter(inspection=issue.inspection_id, kind="issue.asked", happened_by=user)
    return issue.asked_by_id == user.pk or asked.filter(details__issue=issue.pk).exists()


def work_in_report(issue: Issue, user: User) -> list[str]:
    """What somebody did to a version of a report since the version before it was approved, latest first."""
    return _list_deeds(
        Event.objects.filter(inspection=issue.inspection_id, id__gt=_find_approved_before(issue)), user
    )


def _find_approved_before(issue: Issue) -> int:
    """The event by which the newest published version before this one was approved; 0 where there is none.

    What was done after that approval is not in that version, whatever the clock says and however long its embargo is.
    """
    events = Event.objects.filter(inspection=issue.inspection_id)
    # The order of events is used here, not their dates, because a report can be approved long before it is published.
    published = [
        (event.details["version"], event.details["issue"], event.pk)
        for event in events.filter(kind="issue.published").order_by("id")
        if event.details["version"] < issue.number
    ]
    if not published:
        return 0
    _, before, at = max(published)
    approvals = events.filter(kind="issue.approved", details__issue=before, id__lt=at)
    return approvals.order_by("-id").values_list("id", flat=True).first() or 0


def _list_deeds(events: QuerySet[Event], user: User) -> list[str]:
    """What somebody did by the table of kinds, the latest first."""
    # Every kind that is not known to be harmless counts, so a new kind of event makes the rule stricter, never weaker.
    deeds = events.filter(happened_by=user).exclude(kind__in=LEAVES)
    # A dictionary keeps the order and drops repetitions: each kind of work is named once, the latest first.
    kinds = deeds.order_by("-id").values_list("kind", flat=True)
    return list(dict.fromkeys(str(ALTERS.get(kind, _OTHER)) for kind in kinds))


# -- assessments ---------------------------------------------------------------------------


def find_against_sign_off(assessment: Assessment, by: User) -> list[Fault]:
    """What keeps somebody from signing an assessment off: it is their own, or holds answers of theirs."""
    deeds = work_in_assessment(assessment, by)
    if not deeds:
        return []
    do = _suggest_instead(
        "assessment.sign_off",
        assessment.case.inspection,
        by,
        lambda user: bool(work_in_assessment(assessment, user)),
        _SIGN_OFF,
    )
    what = _("the assessment is your own work: you %(deeds)s") % {"deeds": _list_words(deeds)}
    return [Fault(_("the sign-off"), what, do)]


def find_against_adjudication(case: Case, by: User) -> list[Fault]:
    """What keeps somebody from adjudicating between two assessments: one of them is their own."""
    assessments = list(case.assessments.filter(retired_at=None).select_related("assessor"))

    def list_deeds(user: User) -> list[str]:
        return [deed for assessment in assessments for deed in work_in_assessment(assessment, user)]

    own = list_deeds(by)
    if not own:
        return []
    do = _suggest_instead(
        "assessment.adjudicate", case.inspection, by, lambda user: bool(list_deeds(user)), _ADJUDICATE
    )
    what = _("one of the assessments is your own work: you %(deeds)s") % {"deeds": _list_words(own)}
    return [Fault(_("the adjudication"), what, do)]


def work_in_assessment(assessment: Assessment, user: User) -> list[str]:
    """What somebody did to an assessment."""
    part, own_chain = assessment.assessor, f"assessment:{assessment.pk}"
    deeds = [_("are its assessor")] if part is not None and part.user_id == user.pk else []
    # It may have come with the inspection's folder: the person who imported that may have written its answers.
    imported = Q(inspection=assessment.case.inspection_id, kind="inspection.imported")
    events = Event.objects.filter(Q(chain=own_chain) | imported).order_by("-id")
    happened = list(events.values_list("chain", "kind", "happened_by"))
    own = [kind for chain, kind, who in happened if chain == own_chain]
    # What was allocated here didn't come with a folder, so the import is nobody's work on it.
    brought = "assessment.allocated" not in own
    own_deeds = [
        kind
        for chain, kind, who in happened
        if who == user.pk and kind not in (*LEAVES, *_PLACING) and (chain == own_chain or brought)
    ]
    deeds += dict.fromkeys(str(ALTERS.get(kind, _OTHER)) for kind in own_deeds)
    return deeds


_PLACING = ("assessment.allocated", "assessment.retired", "assessment.migrated")
"""What is done to an assessment without answering anything in it."""


def find_signed_by_their_own(inspection: Inspection) -> Iterator[Fault]:
    """The assessments that were signed off by somebody whose work they are: scores aren't signed off over them."""
    rows = Assessment.objects.filter(case__inspection=inspection, retired_at=None, state="signed_off")
    answered = Event.objects.filter(inspection=inspection, chain__startswith="assessment:")
    answered = answered.exclude(kind__in=(*LEAVES, *_PLACING))
    work = set(answered.order_by().values_list("chain", "happened_by").distinct())
    own = [
        case
        for pk, case, signed, assessor in rows.values_list(
            "pk", "case__reference", "signed_off_by", "assessor__user"
        )
        if signed == assessor or (f"assessment:{pk}", signed) in work
    ]
    if own:
        cases = ", ".join(own[:_MOST])
        if len(own) > _MOST:
            cases = _("%(cases)s and others") % {"cases": cases}
        what = ngettext(
            "%(number)s assessment was signed off by the assessor: case %(cases)s",
            "%(number)s assessments were signed off by the assessor: cases %(cases)s",
            len(own),
        ) % {"number": len(own), "cases": cases}
        yield Fault(_("the cases"), what, _("Reopen them and ask another lead inspector to sign them off"))


# -- what the area says --------------------------------------------------------------------


def find_against_decision(comment: AccuracyComment, by: User) -> list[Fault]:
    """What keeps somebody from deciding on a comment on the draft: they wrote it."""
    if comment.written_by_id != by.pk:
        return []
    inspection = comment.check_of.inspection
    do = _suggest_instead(
        "draft.decide", inspection, by, lambda user: user.pk == comment.written_by_id, _DECIDE
    )
    return [Fault(_("the decision"), _("you wrote the comment yourself"), do)]


def find_against_verification(recommendation: Recommendation, by: User) -> list[Fault]:
    """What keeps somebody from saying that a recommendation is met: they answered it or reported on it for the area."""
    events = Event.objects.filter(inspection=recommendation.inspection_id, kind__in=_OF_AREA)
    actions = list(recommendation.actions.values_list("pk", flat=True))
    events = events.filter(Q(details__recommendation=recommendation.pk) | Q(details__action__in=actions))
    authors = set(events.order_by().values_list("happened_by", flat=True).distinct())
    if by.pk not in authors:
        return []
    do = _suggest_instead(
        "plan.verify", recommendation.inspection, by, lambda user: user.pk in authors, _CHECK
    )
    return [Fault(_("the check"), _("you responded to it, or reported on it, for the area"), do)]


_OF_AREA = ("plan.responded", "plan.action", "plan.progress")


# -- appointments --------------------------------------------------------------------------


def find_against_appointment(user: User, by: User) -> list[Fault]:
    """What keeps somebody from giving a role in the whole inspectorate: it is for themselves."""
    if user.pk != by.pk:
        return []
    helpers = _list_helpers("account.manage", None, by, _bar_nobody)
    do = (
        _("Ask %(names)s to appoint you") % {"names": _join_names(helpers)}
        if helpers
        else _("Make somebody else an administrator, who can then appoint you")
    )
    return [Fault(_("the role"), _("people can't appoint themselves"), do)]


def find_against_part(user: User | None, inspection: Inspection, by: User) -> list[Fault]:
    """What keeps somebody from giving a part in an inspection: it is for themselves."""
    if user is None or user.pk != by.pk:
        return []
    helpers = _list_helpers("inspection.people", inspection, by, _bar_nobody)
    do = (
        _("Ask %(names)s to appoint you") % {"names": _join_names(helpers)}
        if helpers
        else _("Ask an administrator to appoint an information manager, who can then appoint you")
    )
    return [Fault(_("the account"), _("people can't appoint themselves"), do)]


# -- who can do it instead -----------------------------------------------------------------


def _suggest_instead(permission: str, inspection: Inspection, by: User, barred: Barred, deed: _Deed) -> str:
    """Who can do something that somebody can't do here; where nobody can, what makes it possible."""
    helpers = _list_helpers(permission, inspection, by, barred)
    if helpers:
        return str(deed.ask) % {"names": _join_names(helpers)}
    part = next(role for role in TABLE[permission] if role in PARTS)
    role = {"role": str(_TITLES[part]).lower()}
    if Rights(by).can("inspection.people", inspection):
        return f"{deed.nobody}. {_('Name another %(role)s under People, and ask them') % role}"
    naming = _list_helpers("inspection.people", inspection, by, _bar_nobody)
    if naming:
        ask = _("Ask %(names)s to name another %(role)s") % {"names": _join_names(naming), **role}
    else:
        ask = _("Ask an administrator to appoint somebody who can do it to name another %(role)s") % role
    return f"{deed.nobody}. {ask}"


def _bar_nobody(user: User) -> bool:
    del user
    return False


def _list_helpers(permission: str, inspection: Inspection | None, by: User, barred: Barred) -> list[str]:
    """The people whom the table of permissions allows something and the rule doesn't bar, with their role."""
    roles = set(TABLE[permission])
    helpers: dict[int, tuple[User, str]] = {}
    active = User.objects.filter(is_active=True, retired_at=None).exclude(pk=by.pk)
    for user in active.filter(appointments__role__in=roles, appointments__retired_at=None).order_by("pk"):
        role = (
            user.appointments.filter(role__in=roles, retired_at=None).values_list("role", flat=True).first()
        )
        helpers.setdefault(user.pk, (user, role or ""))
    if inspection is not None:
        parts = inspection.participants.filter(retired_at=None, user__in=active).select_related("user")
        for part in parts:
            if PARTS.get(part.role) in roles and part.user is not None:
                helpers.setdefault(part.user.pk, (part.user, part.role))
    able = (f"{user} ({str(_TITLES[role]).lower()})" for user, role in helpers.values() if not barred(user))
    # Lazily, up to three: each question whether someone is barred reads the events.
    return [text for text, _ in zip(able, range(_MOST), strict=False)]


def _list_words(deeds: list[str]) -> str:
    some = list(dict.fromkeys(deeds))[:_MOST]
    if len(some) < 2:
        return "".join(some)
    return _("%(names)s and %(last)s") % {"names": ", ".join(some[:-1]), "last": some[-1]}


def _join_names(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s or %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}
