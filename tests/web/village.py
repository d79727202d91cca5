"""A small fictional inspection with people of every role: for tests in one process, and for a room that is served.

python -m tests.web.village FOLDER [fieldwork|report|signed_off|bare|tables]     makes it in FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

EVERYWHERE = (
    "programme_manager",
    "information_manager",
    "analyst",
    "methodologist",
    "auditor",
    "administrator",
)
PARTS = (
    ("lead_inspector", "lead_inspector", ""),
    ("inspector", "inspector", ""),
    ("second_inspector", "inspector", ""),
    ("area_assessor", "area_assessor", "Team A"),
    ("area_liaison", "area_liaison", ""),
    ("chief_inspector", "chief_inspector", ""),
    ("publications", "publications", ""),
)
PASSWORD = "a long word for tests"

CASES = """case,order_type,risk_of_harm,sex,ethnicity,office,team,manager,started,synthetic
F-1,licence,high,male,white,North,Team A,Manager 1,2005-01-10,yes
F-2,community_rehabilitation,low,female,white,North,Team A,Manager 2,2005-01-11,yes
F-3,community_punishment,medium,male,minority_ethnic,South,Team B,Manager 3,2005-01-12,yes
F-4,licence,very_high,male,white,South,Team B,Manager 4,2005-01-13,yes
F-5,community_rehabilitation,medium,female,white,South,Team B,Manager 5,2005-01-14,yes
F-6,community_rehabilitation,low,male,white,North,Team C,Manager 6,2005-01-15,yes
"""


def make_people():
    """An account for every role that is held everywhere, for each part in an inspection, and for nobody."""
    from scrutineer_web.actions.operations import accounts
    from scrutineer_web.records.user import User

    users = {}
    for name in (*EVERYWHERE, *(name for name, _, _ in PARTS), "nobody"):
        user = User(username=name, name=name.replace("_", " ").title())
        user.set_password(PASSWORD)
        user.save()
        users[name] = user
        if name in EVERYWHERE:
            accounts.appoint(user=user, role=name, by=None)
    return users


def make_inspection(people):
    """An inspection in its fieldwork: five cases, one reserve, one case read twice."""
    from scrutineer_web.actions.frameworks import frameworks
    from scrutineer_web.actions.preparation import allocation, inspections, samples
    from scrutineer_web.queries.preparation.samples import SampleChoices
    from scrutineer_web.records.framework_version import FrameworkVersion

    frameworks.hold_offered()
    version = FrameworkVersion.objects.filter(framework_id="esi-2003").latest("id")
    manager = people["information_manager"]
    inspection = inspections.create(area="Farfield", framework=version, synthetic=True, by=manager)
    samples.import_caseload(inspection=inspection, name="caseload.csv", content=CASES.encode(), by=manager)
    choices = SampleChoices(seed=7, on="2005-10-31", months=(6, 12), size=5, reserves=20)
    samples.draw(inspection=inspection, choices=choices, by=manager)
    for name, role, team in PARTS:
        inspections.add_participant(
            inspection=inspection, name=people[name].name, role=role, team=team, user=people[name], by=manager
        )
    parts = {p.user.username: p for p in inspection.participants.all()}
    cases = list(inspection.cases.filter(state="sampled"))
    foreign = next(c for c in cases if c.team != "Team A")
    allocation.allocate(case=foreign, number=1, assessor=parts["area_assessor"], by=manager)
    for case in cases:
        if case != foreign:
            allocation.allocate(case=case, number=1, assessor=parts["inspector"], by=manager)
    twice = next(c for c in cases if c != foreign)
    allocation.allocate(case=twice, number=2, assessor=parts["second_inspector"], by=manager)
    inspections.move(inspection=inspection, to="start_fieldwork", by=manager)
    return inspection


def make_report(inspection, assessment, people):
    """One of everything that the report's addresses can name: a draft with the area, and a published issue."""
    from scrutineer_web.actions.fieldwork import evidence, uploads
    from scrutineer_web.actions.report import recommendations
    from scrutineer_web.records.accuracy import AccuracyCheck, AccuracyComment, Correction
    from scrutineer_web.records.action_plan import PlannedAction
    from scrutineer_web.records.inspection import Inspection
    from scrutineer_web.records.issue import Issue, IssueFile

    item = inspection.framework.criteria["A1"].items[0].key
    content = {"kind": "document", "title": "Plan", "source": "The board", "bears": {item: "strong"}}
    piece = evidence.put_piece(inspection=inspection, content=content, by=people["inspector"])
    upload = uploads.attach(piece=piece, name="plan.txt", content=b"the plan", by=people["inspector"])
    recommendation = recommendations.put(
        inspection=inspection, text="plans are kept", criteria=["B2"], by=people["lead_inspector"]
    )
    now = "2005-11-01T10:00Z"
    passage = {
        "place": "scores-1",
        "part": "Scores",
        "text": "B2 is 50%",
        "heading": False,
        "figures": [["score:B2", "50%"]],
    }
    draft = Issue.objects.create(
        inspection=inspection, kind="draft", number=1, formats=["html"], state="ready", progress=100, asked_at=now,
        asked_by=people["lead_inspector"], made_at=now, passages=[passage], figures={"score:B2": "50%"},
    )  # fmt: skip
    IssueFile.objects.create(issue=draft, path="report.html", blob=uploads.keep_blob(content=b"<p>50%</p>"))
    check = AccuracyCheck.objects.create(
        inspection=inspection, issue=draft, due="2005-11-22", sent_at=now, sent_by=people["lead_inspector"]
    )
    comment = AccuracyComment.objects.create(
        check_of=check, place="scores-1", text="not so", written_at=now, written_by=people["area_liaison"]
    )
    correction = Correction.objects.create(
        comment=comment, assessment=assessment, question="b2_score", reason="see", was="poor", opened_at=now,
        opened_by=people["lead_inspector"],
    )  # fmt: skip
    action = PlannedAction.objects.create(
        recommendation=recommendation,
        text="train",
        owner="The board",
        due="2006-10-01",
        saved_at=now,
        saved_by=people["area_liaison"],
    )
    issue = Issue.objects.create(
        inspection=inspection, kind="issue", number=1, passages=[passage], figures={"score:B2": "50%"}, texts={"findings/B2.md": "B2"}, state="ready", asked_at=now, asked_by=people["lead_inspector"],
        approved_at=now, approved_by=people["chief_inspector"], published_at=now, published_by=people["publications"], shown=True,
    )  # fmt: skip
    for path, content in (
        ("report.html", b"<!DOCTYPE html><html lang=en><title>Report</title><h1>Report</h1>"),
        ("issue.json", b'{"files": {}}'),
    ):
        IssueFile.objects.create(issue=issue, path=path, blob=uploads.keep_blob(content=content))
    Inspection.objects.filter(pk=inspection.pk).update(slug="farfield-2005")
    return {
        "action": action.pk, "piece": piece.pk, "upload": upload.pk, "recommendation": recommendation.pk, "issue": draft.pk, "check_of": check.pk,
        "comment_on": comment.pk, "correction": correction.pk,
    }  # fmt: skip


def make_signed_off(people):
    """The demonstration's inspection with its scores signed off, and somebody for every part in it."""
    from django.utils import timezone

    from scrutineer_web.actions.importing import folders
    from scrutineer_web.actions.preparation import inspections
    from scrutineer_web.records.inspection import Inspection
    from tests.made import Inspections

    inspection = folders.import_folder(folder=Inspections() / "esi", by=people["information_manager"])
    for name, role, team in PARTS:
        inspections.add_participant(
            inspection=inspection,
            name=people[name].name,
            role=role,
            team=team,
            user=people[name],
            by=people["information_manager"],
        )
    sign_off_everything(inspection, people["lead_inspector"], timezone.now())
    Inspection.objects.filter(pk=inspection.pk).update(state="moderation")
    inspections.sign_off(inspection=inspection, by=people["lead_inspector"])
    return inspection


def sign_off_everything(inspection, lead, now):
    """Every assessment signed off and sealed, as if it had been moderated."""
    from scrutineer_web.audit.seal import make_seal
    from scrutineer_web.records.assessment import Assessment

    assessments = list(
        Assessment.objects.filter(case__inspection=inspection, retired_at=None).select_related(
            "framework_version"
        )
    )
    for assessment in assessments:
        assessment.state, assessment.signed_off_at, assessment.signed_off_by = "signed_off", now, lead
        assessment.completed_at, assessment.completed_by = (
            assessment.completed_at or now,
            assessment.completed_by or lead,
        )
        assessment.seal = make_seal(assessment)
    names = ["state", "signed_off_at", "signed_off_by", "completed_at", "completed_by", "seal"]
    Assessment.objects.bulk_update(assessments, names)
    inspection.cases.filter(state__in=("allocated", "assessed")).update(state="signed_off")


def make_programme(people, inspection):
    """One of everything that the addresses of areas and programmes can name: two areas planned, one with its inspection."""
    from datetime import date

    from scrutineer_web.actions.fieldwork import uploads
    from scrutineer_web.actions.programme import areas, programmes
    from scrutineer_web.queries import shelf
    from scrutineer_web.records.collected import CollectedFile, CollectedReport

    by = people["programme_manager"]
    family = areas.save_family(name="Coast", description="By the sea", by=by)
    profile = {"facts": [{"text": "It serves some 300,000 people", "source": "made up"}]}
    own, other = (
        areas.save(name=name, family=family, profile=profile, synthetic=True, by=by)
        for name in (inspection.area, "Elsewhere")
    )
    version = inspection.framework_version
    programme = programmes.begin(
        title="Three years", framework=version, begins=date(2003, 7, 7), synthetic=True, by=by
    )
    element = shelf.list_elements()[0]
    tranche = programmes.save_tranche(
        programme=programme, title="Tranche 1", begins=date(2003, 7, 7), ends=date(2003, 10, 5), inspectors=6,
        elements=[element], by=by,
    )  # fmt: skip
    first, planned = (
        programmes.plan(programme=programme, area=area, tranche=tranche, begins=date(2003, 7, 14), by=by)
        for area in (own, other)
    )
    programmes.attach(planned=first, inspection=inspection, by=by)
    now = "2005-11-01T10:00Z"
    report = CollectedReport.objects.create(
        programme=programme, kind="across", title="Women across areas", subject={"group": "women"}, state="ready", progress=100,
        asked_at=now, asked_by=by, made_at=now,
    )  # fmt: skip
    CollectedFile.objects.create(
        report=report, path="report.html", blob=uploads.keep_blob(content=b"<p>50%</p>")
    )
    return {
        "programme": programme.pk, "tranche": tranche.pk, "planned": planned.pk, "area": other.pk, "family": family.pk,
        "collected": report.pk,
    }  # fmt: skip


def make_tables() -> None:
    """Make the tables of the room that the environment names, with nothing in them."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def make(folder: Path, kind: str) -> None:
    """Make the village in a folder: fieldwork, report, signed_off, bare: people and frameworks alone, or tables alone."""
    if kind == "tables":
        folder.mkdir(parents=True)
        make_tables()
        return
    from scrutineer_web.commands import _open

    _open(folder)
    from scrutineer_web.records.user import User

    people = {user.username: user for user in User.objects.all()} or make_people()
    if kind == "signed_off":
        from scrutineer_web.actions.frameworks import frameworks

        frameworks.hold_offered()
        make_signed_off(people)
    elif kind != "bare":
        inspection = make_inspection(people)
    if kind == "report":
        from scrutineer_web.records.assessment import Assessment

        first = Assessment.objects.filter(
            case__inspection=inspection, number=1, assessor__user=people["inspector"]
        ).earliest("pk")
        make_report(inspection, first, people)
        make_programme(people, inspection)


if __name__ == "__main__":
    make(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "fieldwork")
