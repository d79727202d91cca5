"""Who may do what: every address and every call of the API, each role, what is one's own and what is not."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from django.urls import reverse

from scrutineer.errors import UserError
from scrutineer_web.actions.fieldwork import answers, devices
from scrutineer_web.actions.moderation import assessments
from scrutineer_web.actions.preparation import inspections
from scrutineer_web.api.api import api
from scrutineer_web.kit.views import examine
from scrutineer_web.permissions import EVERYWHERE, ROLES, TABLE, Rights, is_of_own_team, may_answer
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.case import Case
from scrutineer_web.records.conflict import Conflict
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.participant import Participant
from scrutineer_web.records.timetable import Timetable
from scrutineer_web.records.user import User
from scrutineer_web.safeguards.guards import (
    refuse_finished,
    refuse_settled,
    refuse_signed_off,
    refuse_stale,
)
from scrutineer_web.states import INSPECTION
from tests.web import village
from tests.web.addresses import patterns
from tests.web.conftest import make_answer

People = dict[str, User]

# P programme manager, I information manager, L lead inspector, N inspector (whose assessment it is), S another inspector,
# C chief inspector, B publications, R area assessor, O area liaison, A analyst, M methodologist, U auditor, D administrator, X somebody without a role.
LETTERS = {
    "P": "programme_manager", "I": "information_manager", "L": "lead_inspector", "N": "inspector", "S": "second_inspector",
    "R": "area_assessor", "O": "area_liaison", "A": "analyst", "M": "methodologist", "U": "auditor", "D": "administrator",
    "C": "chief_inspector", "B": "publications", "X": "nobody",
}  # fmt: skip
EVERYBODY = "".join(LETTERS)
INSIDE = "PILNSRAUCB"

SCREENS = {
    "my_work": EVERYBODY, "own_account": EVERYBODY, "api_guide": EVERYBODY, "token_retire": EVERYBODY,
    "inspections": INSIDE, "inspection": INSIDE, "profile": INSIDE, "people": INSIDE,
    "inspection_create": "PI", "inspection_import": "PI", "inspection_export": "ILAU", "phase": "IL",
    "profile_edit": "PIL", "targets_import": "PIL", "calendar": "PIL", "person_add": "PIL", "person_change": "PIL",
    "caseload": "I", "sample": "PILAU", "sample_draw": "I", "substitute": "IL",
    "timetable": "PILNSRU", "plan": "IL", "timetable_search": "IL", "allocate": "IL", "place": "IL", "lock": "IL", "withdraw": "IL",
    "cases": "ILNSAU", "case": "ILNSAU", "devices": "ILU", "device_lost": "L",
    "assessment": "ILNAU", "reply": "ILNAU", "resolve": "ILNAU", "save": "N", "complete": "N", "settle_conflict": "N",
    "surveys": "PILNSAU", "survey_edit": "ILNS", "needs_edit": "ILNS", "surveys_import": "ILNS", "focus_group_edit": "ILNS",
    "moderation": "ILU", "moderate": "ILU", "query": "L", "assessment_sign_off": "L", "assessment_reopen": "L", "adjudicate": "L",
    "settle": "L", "unsettle": "L",
    "scores": "PILNSAU", "score": "PILNSAU", "agreement": "ILAU",
    "frameworks": "PILNSRAMU", "framework": "PILNSRAMU", "framework_diff": "PILNSRAMU", "framework_add": "M", "migrate": "M",
    "evidence": "PILNSAUC", "piece": "PILNSAUC", "piece_new": "ILNS", "piece_edit": "ILNS", "piece_retire": "ILNS", "attach": "ILNS",
    "upload": "PILNSAUC", "upload_retire": "ILNS", "rating": "L",
    "report": "PILNSAUCB", "report_figures": "PILNSAUCB", "report_proof": "PILNSAUCB", "report_compare": "PILNSAUCB",
    "text": "PILNSAUCB", "text_history": "PILNSAUCB", "recommendations": "PILNSAUCB", "issue": "PILNSAUCB", "issue_file": "PILNSAUCB",
    "report_draft": "LNSCB", "practice_new": "LNSCB", "recommendation_new": "LNSCB", "recommendation_edit": "LNSCB",
    "recommendation_move": "LNSCB", "report_make_draft": "LNSCB", "text_save": "LNSCB", "text_look": "LNSCB", "text_refresh": "LNSCB",
    "text_retire": "LNSCB", "report_make_issue": "L",
    "accuracy": "PILNSAUCO", "check": "PILNSAUCO", "check_file": "PILNSAUCO", "check_end": "PILNSAUCO", "comment_new": "O",
    "draft_send": "L", "accuracy_conclude": "L", "comment_decide": "L", "answer_reopen": "L", "correction": "LN",
    "publication": "PILNSAUCB", "approve": "PC", "approval_withdraw": "PC", "publish": "CB", "embargo": "CB", "correct": "LC",
    "plan_of": "PILNSAUCBO", "respond": "O", "action_new": "O", "action_edit": "O", "action_retire": "O", "action_progress": "O",
    "verify": "PL", "inspection_close": "PL", "follow_up_begin": "PI", "internal_begin": "O",
    "programmes": "PIAMU", "programme": "PIAMU", "progress": "PIAMU", "compare_areas": "PIAMU", "compare_families": "PIAMU",
    "across": "PIAMU", "period": "PIAMU", "scorecard": "PIAMU", "outcomes": "PIAMU", "collected_reports": "PIAMU",
    "collected": "PIAMU", "collected_file": "PIAMU", "collected_make": "PA", "areas": "PIAMU", "area": "PIAMU",
    "programme_new": "P", "tranche_new": "P", "tranche_edit": "P", "place_new": "P", "place_edit": "P", "place_retire": "P",
    "place_attach": "P", "weights": "P", "place_start": "PI",
    "area_new": "PI", "area_edit": "PI", "area_retire": "PI", "family_new": "PI", "family_edit": "PI",
    "outcomes_import": "I", "pseudonyms": "I", "retention": "IU", "pseudonymise": "I", "purge": "I", "subject": "I",
    "own_export": EVERYBODY, "own_mail": EVERYBODY, "own_news": EVERYBODY, "kept_form": EVERYBODY, "job": EVERYBODY, "job_file": EVERYBODY,
    "inspection_audit": "LU", "audit": "U",
    "accounts": "UD", "account": "UD", "account_new": "D", "account_change": "D", "provider_link": "D",
}  # fmt: skip
"""Written by hand: who sees what. A new address without a line here fails."""

CALLS = {
    "list_inspections": EVERYBODY, "show_inspection": INSIDE, "list_people": INSIDE, "show_profile": INSIDE, "show_sample": "PILAU",
    "show_timetable": "PILNSRU", "search": "IL", "list_surveys": "PILNSAU", "list_events": "LU",
    "list_cases": "ILNSAU", "show_case": "ILNSAU", "own_assessments": EVERYBODY, "show_assessment": "ILNAU", "save": "N", "settle": "N",
    "show_scores": "PILNSAU", "show_score": "ILNSAU", "show_agreement": "ILAU", "list_frameworks": "PILNSRAMU", "show_framework": "PILNSRAMU",
    "list_evidence": "PILNSAUC", "list_texts": "PILNSAUCB", "list_issues": "PILNSAUCB", "list_checks": "PILNSAUCB", "list_recommendations": "PILNSAUCB",
    "list_programmes": "PIAMU", "places": "PIAMU", "list_results": "PIAMU", "list_outcomes": "PIAMU",
    "issue_device_key": "LNSR", "note_device_unsent": "LNSR",
}  # fmt: skip

PUBLIC = {
    "worker",
    "offline",
    "no_account",
    "ask_for_link",
    "password_by_link",
    "reports",
    "feed",
    "public_report",
    "public_file",
    "health",
    "metrics",
}
SIGNING_IN = ("account_", "mfa_")  # of the sign-in library, which asks for itself


def screens() -> list[str]:
    names = [p.name for p in patterns()]
    return [
        n for n in names if (n and not n.startswith(SIGNING_IN)) or n in ("account_new", "account_change")
    ]


@pytest.fixture
def numbers(inspection: Inspection, assessment: Assessment, people: People) -> dict[str, int]:
    """One of everything that an address can name."""
    me = people["inspector"]
    answers.save(assessment=assessment.pk, sent=make_answer("b2_score", "poor"), by=me)
    answers.save(assessment=assessment.pk, sent=make_answer("b2_score", "excellent"), by=me)
    comment = assessments.reply(assessment=assessment, text="see here", by=me)
    asked = Timetable.objects.create(
        inspection=inspection, arrangements={"days": ["2005-10-31"], "slots": ["09:00-10:30"], "assessors": [{"name": "Inspector"}]},
        asked_at="2005-10-01T10:00Z", asked_by=people["information_manager"],
    )  # fmt: skip
    device = uuid4()
    devices.issue_key(device=device, name="Chrome", by=me)
    return {
        "inspection": inspection.pk, "case": assessment.case_id, "assessment": assessment.pk, "conflict": Conflict.objects.get().pk,
        "comment": comment.pk, "timetable": asked.pk, "participant": inspection.participants.first().pk, "number": 1,
        **village.make_report(inspection, assessment, people), **village.make_programme(people, inspection), "version": inspection.framework_version_id, "user": me.pk, "token": 1, "job": 1, "device": str(device), "uid": str(uuid4()),
    }  # fmt: skip


WORDS = {"name": "B2", "key": "new", "place": "findings/B2.md"}
PLACES = {
    "issue_file": "report.html",
    "collected_file": "report.html",
    "check_file": "report.html",
    "comment_new": "scores-1",
}
NAMES = {"rating": "A1"}


def address(name: str, numbers: dict[str, int]) -> str:
    pattern = next(p for p in patterns() if p.name == name)
    converters = pattern.pattern.converters
    query = f"?old={numbers['version']}&new={numbers['version']}" if name == "framework_diff" else ""
    words = {**WORDS, "place": PLACES.get(name, WORDS["place"]), "name": NAMES.get(name, WORDS["name"])}
    return reverse(name, kwargs={k: words[k] if k in words else numbers[k] for k in converters}) + query


def test_every_address_has_its_line_and_its_rule() -> None:
    assert set(screens()) == set(SCREENS) | PUBLIC
    for pattern in patterns():
        if pattern.name in set(screens()):
            rule = getattr(pattern.callback, "permission", None)
            assert rule in {*TABLE, "everyone", "public"}, pattern.name
            assert (rule == "public") == (pattern.name in PUBLIC), pattern.name


@pytest.mark.unmeasured
def test_every_screen_shows_itself_to_those_and_only_those(numbers: dict[str, int], people: People) -> None:
    wrong = []
    for letter, role in LETTERS.items():
        client = Client()
        client.force_login(people[role])
        for name, allowed in SCREENS.items():
            if name in ("token_retire", "job", "job_file"):
                continue  # one's own keys and work: others' are not there
            status = client.get(address(name, numbers)).status_code
            seen = status not in (403, 404)
            if seen != (letter in allowed) or status >= 500:
                wrong.append((name, role, status))
    assert wrong == []


@pytest.mark.repeats
def test_what_does_not_concern_a_person_is_not_there(numbers: dict[str, int], people: People) -> None:
    """Another inspection, in which nobody of the first one takes part."""
    version = FrameworkVersion.objects.get(pk=numbers["version"])
    other = inspections.create(
        area="Elsewhere", framework=version, synthetic=True, by=people["programme_manager"]
    )
    for role in (
        "lead_inspector",
        "inspector",
        "second_inspector",
        "area_assessor",
        "area_liaison",
        "nobody",
        "administrator",
    ):
        client = Client()
        client.force_login(people[role])
        for name in SCREENS:
            pattern = next(p for p in patterns() if p.name == name)
            if "inspection" in pattern.pattern.converters:
                assert client.get(address(name, {**numbers, "inspection": other.pk})).status_code == 404, (
                    name,
                    role,
                )


def test_whoever_is_not_signed_in_is_led_to_signing_in(numbers: dict[str, int]) -> None:
    client = Client()
    for name in SCREENS:
        response = client.get(address(name, numbers))
        assert response.status_code == 302, name
        assert response["Location"].startswith("/account/login/"), name


def calls() -> dict[str, tuple[str, str]]:
    """Every call of the API: its path and method by the name of its function."""
    return {
        operation.view_func.__name__: (method, str(path))
        for _, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }


BODIES = {
    "save": {"value": "poor", "base": 1, "uid": "6f3c1f6e-3a77-4d0c-9a77-000000000001"},
    "settle": {"take": False},
    "issue_device_key": {"name": "test"},
    "note_device_unsent": {"unsent": {}},
}


def test_every_call_answers_those_and_only_those(numbers: dict[str, int], people: People) -> None:
    assert set(calls()) == set(CALLS)
    wrong = []
    kinds = {
        "show_case": "case",
        "show_assessment": "assessment",
        "save": "assessment",
        "settle": "conflict",
        "show_framework": "version",
        "search": "timetable",
        "places": "programme",
        "list_results": "programme",
        "list_outcomes": "programme",
    }
    for letter, role in LETTERS.items():
        client = Client()
        client.force_login(people[role])
        device = uuid4()
        for name, (method, path) in calls().items():
            number = device if "_device_" in name else numbers[kinds.get(name, "inspection")]
            place = "/api/v1" + path.replace("{number}", str(number)).replace(
                "{question}", "b2_score"
            ).replace("{name}", "B2")
            status = client.generic(method, place, _json(BODIES.get(name)), "application/json").status_code
            if (status not in (403, 404)) != (letter in CALLS[name]) or status >= 500:
                wrong.append((name, role, status))
    assert wrong == []


def _json(body: object) -> str:
    import json

    return "" if body is None else json.dumps(body)


def test_a_call_without_a_key_is_refused(numbers: dict[str, int]) -> None:
    client = Client()
    for name, (method, path) in calls().items():
        number = uuid4() if "_device_" in name else numbers["inspection"]
        place = "/api/v1" + path.replace("{number}", str(number)).replace("{question}", "b2_score").replace(
            "{name}", "B2"
        )
        assert (
            client.generic(method, place, _json(BODIES.get(name)), "application/json").status_code == 401
        ), name


def test_an_area_assessor_never_gets_a_case_of_the_own_team(inspection: Inspection, people: People) -> None:
    """Whatever was allocated: the rule looks at the case, not at the allocation."""
    part = inspection.participants.get(name="Area Assessor")
    own = Assessment.objects.filter(case__inspection=inspection, assessor=part).get()
    client = Client()
    client.force_login(people["area_assessor"])
    assert client.get(reverse("assessment", args=[own.pk])).status_code == 200
    own.case.team = "Team A"
    own.case.save()
    assert client.get(reverse("assessment", args=[own.pk])).status_code == 403


def test_a_second_assessment_is_blind(inspection: Inspection, people: People) -> None:
    """Neither reader sees the other's answers before both are complete, even who may see all others."""
    second = Assessment.objects.get(case__inspection=inspection, number=2)
    first = Assessment.objects.get(case=second.case, number=1)
    for assessment, role in ((first, "second_inspector"), (second, "inspector")):
        client = Client()
        client.force_login(people[role])
        assert client.get(reverse("assessment", args=[assessment.pk])).status_code == 403
        assert client.get(f"/api/v1/assessments/{assessment.pk}").status_code == 403
    lead = inspection.participants.get(name="Lead Inspector")
    Assessment.objects.filter(pk=second.pk).update(assessor=lead)
    client = Client()
    client.force_login(people["lead_inspector"])
    for name in ("assessment", "moderate"):
        assert client.get(reverse(name, args=[first.pk])).status_code == 403, name
    now = "2005-10-31T10:00Z"
    Assessment.objects.filter(pk__in=[first.pk, second.pk]).update(
        state="complete", completed_at=now, completed_by=people["inspector"]
    )
    assert client.get(reverse("assessment", args=[first.pk])).status_code == 200


def test_the_table_names_known_roles_only() -> None:
    assert {role for roles in TABLE.values() for role in roles} <= set(ROLES)


def test_an_auditor_writes_nothing() -> None:
    """What the auditor may is to look; whatever changes anything is not among it."""
    may = {name for name, roles in TABLE.items() if "auditor" in roles}
    assert all(name.partition(".")[2] in {"see", "list", "cases", "everything", "export"} for name in may), (
        may
    )


def test_a_part_that_has_ended_gives_nothing(
    inspection: Inspection, assessment: Assessment, people: People
) -> None:
    client = Client()
    client.force_login(people["inspector"])
    assert client.get(reverse("inspection", args=[inspection.pk])).status_code == 200
    part = inspection.participants.get(name="Inspector")
    part.retired_at, part.retired_by = "2005-11-01T10:00Z", people["information_manager"]
    part.save()
    assert client.get(reverse("inspection", args=[inspection.pk])).status_code == 404
    assert client.get(reverse("assessment", args=[assessment.pk])).status_code == 404


# -- the rules by themselves -----------------------------------------------------------------

NOW = "2005-11-01T10:00Z"


def elsewhere(inspection: Inspection, people: People) -> Inspection:
    """Another inspection, in which nobody takes part."""
    return inspections.create(
        area="Elsewhere",
        framework=inspection.framework_version,
        synthetic=True,
        by=people["programme_manager"],
    )


def test_a_part_gives_its_role_in_its_own_inspection_only(inspection: Inspection, people: People) -> None:
    other, lead = elsewhere(inspection, people), Rights(people["lead_inspector"])
    assert (
        lead.find_roles(inspection)
        == lead.find_roles(inspection.pk)
        == lead.find_roles(None)
        == {"lead_inspector"}
    )
    assert lead.find_roles(other) == lead.find_roles(other.pk) == frozenset()
    may = [lead.can("rating.set", inspection), lead.can("rating.set"), lead.can("rating.set", other)]
    assert may == [True, True, False]
    assert not lead.can("sample.draw", inspection)


def test_a_role_in_the_whole_inspectorate_counts_everywhere_until_it_ends(
    inspection: Inspection, people: People
) -> None:
    other, analyst = elsewhere(inspection, people), Rights(people["analyst"])
    assert (
        analyst.find_roles(inspection) == analyst.find_roles(other) == analyst.find_roles(None) == {"analyst"}
    )
    assert analyst.can_everywhere("programme.see")
    assert not analyst.can_everywhere("programme.plan")
    people["analyst"].appointments.update(retired_at=NOW, retired_by=people["administrator"])
    assert Rights(people["analyst"]).find_roles(inspection) == frozenset()


def test_whoever_is_not_signed_in_has_no_role(inspection: Inspection) -> None:
    nobody = Rights(AnonymousUser())
    assert nobody.find_roles(inspection) == nobody.find_roles(None) == frozenset()
    assert not nobody.can("inspection.see", inspection)


@pytest.mark.parametrize("name", ["lead_inspector", "inspector", "area_liaison", "chief_inspector"])
def test_whoever_sees_one_inspection_hears_nothing_of_another(
    name: str, inspection: Inspection, people: People
) -> None:
    other = elsewhere(inspection, people)
    for permission in sorted(set(TABLE) - set(EVERYWHERE)):
        with pytest.raises(Http404):
            examine(Rights(people[name]), permission, {"inspection": other})


@pytest.mark.repeats
@pytest.mark.parametrize("name", EVERYWHERE)
def test_parts_in_one_inspection_allow_nothing_that_reaches_beyond_it(
    name: str, inspection: Inspection, people: People
) -> None:
    """Whoever manages one inspection may do there what a manager does, but nothing in the whole inspectorate."""
    for role in ("programme_manager", "information_manager"):
        inspections.add_participant(
            inspection=inspection,
            name="Nobody",
            role=role,
            user=people["nobody"],
            by=people["lead_inspector"],
        )
    who = Rights(people["nobody"])
    assert who.can("inspection.see", inspection)
    assert who.can(name, inspection), "the role itself would allow it"
    assert not who.can_everywhere(name)
    for records in ({"inspection": inspection}, {}):
        with pytest.raises(PermissionDenied):
            examine(who, name, records)
    role = next(role for role in TABLE[name] if role in village.EVERYWHERE)
    examine(Rights(people[role]), name, {"inspection": inspection})


def test_an_inspection_of_others_is_not_there_and_ones_own_is_refused(
    inspection: Inspection, people: People
) -> None:
    with pytest.raises(Http404):
        examine(Rights(people["nobody"]), "rating.set", {"inspection": inspection})
    with pytest.raises(PermissionDenied):
        examine(Rights(people["inspector"]), "rating.set", {"inspection": inspection})
    # A liaison doesn't see the inspection as such, but does see its action plan.
    examine(Rights(people["area_liaison"]), "plan.see", {"inspection": inspection})
    with pytest.raises(Http404):
        examine(Rights(people["area_liaison"]), "scores.see", {"inspection": inspection})


def test_only_its_assessor_answers_an_assessment_while_both_are_there(
    assessment: Assessment, people: People
) -> None:
    me, part = people["inspector"], assessment.assessor
    assert part is not None
    assert may_answer(me, assessment)
    assert Rights(me).can_answer(assessment)
    for other in (people["second_inspector"], people["lead_inspector"], AnonymousUser()):
        assert not may_answer(other, assessment)
    for role, answers_it in (
        ("practice_assessor", True),
        ("lead_inspector", True),
        ("information_manager", False),
    ):
        part.role = role
        assert may_answer(me, assessment) is answers_it, role
    part.role, assessment.retired_at = "inspector", NOW
    assert not may_answer(me, assessment)
    assessment.retired_at, part.retired_at = None, NOW
    assert not may_answer(me, assessment)
    part.retired_at = None
    assert may_answer(me, assessment)
    assessment.assessor = None
    assert not may_answer(me, assessment)


@pytest.mark.parametrize(
    ("role", "team", "manager", "own"),
    [
        ("area_assessor", "Team A", "Sam Smith", True),
        ("area_assessor", " team  a ", "", True),
        ("area_assessor", "Team B", "JO  BLOGGS", True),
        ("area_assessor", "", "j. bloggs", True),
        ("area_assessor", "Team B", "Sam Smith", False),
        ("area_assessor", "", "", False),
        ("inspector", "Team A", "Jo Bloggs", False),
    ],
)
def test_a_case_is_an_area_assessors_own_by_team_or_by_manager_however_they_are_written(
    role: str, team: str, manager: str, own: bool
) -> None:
    part = Participant(role=role, name="Jo Bloggs", team="Team A", manages_as="J. Bloggs")
    assert is_of_own_team(part, Case(team=team, manager=manager)) is own
    unknown = Participant(role=role, name="Jo Bloggs", team="", manages_as="")
    assert not is_of_own_team(unknown, Case(team="", manager="")), (
        "what is recorded of neither is not the same"
    )


def test_who_sees_all_assessments_and_who_only_their_own(assessment: Assessment, people: People) -> None:
    sees = {name for name, user in people.items() if Rights(user).can_read(assessment)}
    assert sees == {"inspector", "lead_inspector", "information_manager", "analyst", "auditor"}
    assessment.retired_at = NOW
    assert not Rights(people["inspector"]).can_read(assessment), "theirs no longer"
    assert Rights(people["lead_inspector"]).can_read(assessment)


STAGES = {
    "allocated": {},
    "complete": {"completed_at": NOW},
    "signed_off": {"completed_at": NOW, "signed_off_at": NOW},
}


@pytest.mark.repeats
@pytest.mark.parametrize(("one", "other"), list(product(STAGES, STAGES)))
def test_each_assessor_of_a_case_is_blind_to_the_other_until_both_are_complete(
    one: str, other: str, inspection: Inspection, people: People
) -> None:
    second = Assessment.objects.get(case__inspection=inspection, number=2)
    first = Assessment.objects.get(case=second.case, number=1)
    for assessment, stage in ((first, one), (second, other)):
        moments = STAGES[stage]
        by = {name.replace("_at", "_by"): people["inspector"] for name in moments}
        Assessment.objects.filter(pk=assessment.pk).update(state=stage, **moments, **by)
    blind = "allocated" in (one, other)
    for name, theirs in (("inspector", second), ("second_inspector", first)):
        who = Rights(people[name])
        assert who.is_blind(Assessment.objects.get(pk=theirs.pk)) is blind
        assert who.find_blind_cases(inspection) == ({second.case_id} if blind else set())
    for name in ("lead_inspector", "analyst", "nobody"):
        who = Rights(people[name])
        assert not who.is_blind(Assessment.objects.get(pk=first.pk)), "no assessor of this case"
        assert who.find_blind_cases(inspection) == set()


def test_a_withdrawn_assessment_hides_nothing(inspection: Inspection, people: People) -> None:
    second = Assessment.objects.get(case__inspection=inspection, number=2)
    Assessment.objects.filter(pk=second.pk).update(retired_at=NOW, retired_by=people["lead_inspector"])
    first = Assessment.objects.get(case=second.case, number=1)
    who = Rights(people["second_inspector"])
    assert not who.is_blind(first)
    assert who.find_blind_cases(inspection) == set()


def test_an_assessments_comments_are_written_by_its_assessor_and_the_lead(
    assessment: Assessment, people: People
) -> None:
    """By the action itself: the screen is also open to those who only look."""
    wrote = set()
    for name, user in people.items():
        try:
            assessments.reply(assessment=assessment, text="see here", by=user)
        except PermissionDenied:
            continue
        wrote.add(name)
    assert wrote == {"inspector", "lead_inspector"}


@pytest.mark.parametrize("state", [key for key, _ in INSPECTION.choices])
def test_what_is_settled_or_finished_is_refused_by_the_state_of_the_inspection(state: str) -> None:
    """Scores are settled once they are signed off, and what a report is made from once it is approved."""
    inspection = Inspection(state=state)
    before = state in ("preparation", "sampled", "fieldwork", "moderation")
    open_one = Assessment(case=Case(inspection=inspection), state="complete")
    signed = Assessment(case=Case(inspection=inspection), state="signed_off")
    assert refuses(refuse_settled, inspection) is not before
    assert refuses(refuse_signed_off, open_one) is not before
    assert refuses(refuse_signed_off, signed)
    assert refuses(refuse_finished, inspection) is (state in ("approved", "published", "closed"))


def refuses(refuse: Callable[..., None], *what: object) -> bool:
    try:
        refuse(*what)
    except UserError as refusal:
        return all(fault.what and fault.do for fault in refusal.faults)
    else:
        return False


def test_a_change_of_another_version_is_refused() -> None:
    assert [refuses(refuse_stale, "the text", base, 2) for base in (1, 2, 3)] == [True, False, True]
