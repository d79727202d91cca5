"""Made-up inspections with a person for every role: one that is being read, one that is being moderated."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.db import transaction

from scrutineer_web.actions.fieldwork import answers
from scrutineer_web.actions.importing import folders
from scrutineer_web.actions.moderation import assessments
from scrutineer_web.actions.operations import accounts
from scrutineer_web.actions.preparation import allocation, inspections, samples
from scrutineer_web.kit.made_up_people import PEOPLE
from scrutineer_web.queries import shelf
from scrutineer_web.queries.fieldwork.answer_checks import SentAnswer
from scrutineer_web.queries.preparation.samples import SampleChoices
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.user import User

if TYPE_CHECKING:
    from scrutineer.fieldwork.cases.caseload import Caseload
    from scrutineer.frameworks.model import Framework

PASSWORD = "northmoor-2005"  # noqa: S105 everybody may know it: nobody of these exists
STEPS = 12
Step = Callable[[str], None]


def load(step: Step) -> None:
    """Make the demonstration in an empty room."""
    step("people")
    people = _make_people()
    with tempfile.TemporaryDirectory(prefix="scrutineer-") as folder:
        make_moderated(_make_northmoor(Path(folder), step), people, step)
    read_now(people, step)


def _make_people() -> dict[str, User]:
    users = {}
    # Computed once: a hash is slow by design, and this password is printed on the sign-in page.
    password = make_password(PASSWORD)
    for person in PEOPLE:
        user = User(username=person.username, name=person.name, password=password)
        user.save()
        users[person.username] = user
        if person.role:
            accounts.appoint(user=user, role=person.role, by=None)
    return users


def _make_northmoor(folder: Path, step: Step) -> Path:
    """Make the folder of the inspection that the demonstration's report describes."""
    from scrutineer.tasks.demonstrating import list_inspections as fictional
    from scrutineer.tasks.demonstrating import make_inspection

    work = fictional(shelf.read_library())[0]
    make_inspection(work, folder / "northmoor", None, step=lambda text: step(text))
    return folder / "northmoor"


def make_moderated(folder: Path, people: dict[str, User], step: Step) -> Inspection:
    """The whole inspection that the demonstration's report describes, assessed to the end.

    Args:
        folder: the inspection's own.
        people: the demonstration's, by sign-in name.
        step: is called with what is done next.
    """
    step("Northmoor: adding it to Scrutineer")
    manager = people["information"]
    inspection = folders.import_folder(folder=folder, by=manager)
    by_name = {person.name: people[person.username] for person in PEOPLE}
    for part in inspection.participants.filter(listed=True):
        if part.name in by_name:
            user = by_name[part.name]
            # Nobody gives a part to oneself.
            by = people["programme"] if user == manager else manager
            inspections.link_participant(participant=part, user=user, by=by)
    there = set(inspection.participants.values_list("name", flat=True))
    for person in PEOPLE:
        if person.part and person.name not in there:
            inspections.add_participant(
                inspection=inspection,
                name=person.name,
                role=person.part,
                team=person.team,
                user=people[person.username],
                by=manager,
            )
    inspections.move(inspection=inspection, to="start_moderation", by=manager)
    return inspection


def read_now(people: dict[str, User], step: Step, cases: int = 40, area: str = "Farfield") -> Inspection:
    """An inspection in its fieldwork: two cases in three read, some begun, one second assessment to adjudicate."""
    step(f"{area}: caseload and sample")
    manager = people["information"]
    work = Inspection.objects.first()
    version = (
        work.framework_version if work else FrameworkVersion.objects.filter(kind="inspection").earliest("id")
    )
    inspection = inspections.create(area=area, framework=version, synthetic=True, by=manager)
    simulated = _simulate(inspection.framework)
    samples.import_caseload(
        inspection=inspection, name="caseload.csv", content=simulated.caseload, by=manager
    )
    samples.draw(
        inspection=inspection,
        choices=SampleChoices(seed=31, on="2006-01-31", months=(6, 20), size=cases),
        by=manager,
    )
    for person in PEOPLE:
        if person.part:
            inspections.add_participant(
                inspection=inspection,
                name=person.name,
                role=person.part,
                team=person.team,
                user=people[person.username],
                by=manager,
            )
    step(f"{area}: timetable")
    _make_timetable(inspection, manager)
    inspections.move(inspection=inspection, to="start_fieldwork", by=manager)
    step(f"{area}: answers")
    with transaction.atomic():
        _put_answers(inspection, simulated)
    return inspection


@dataclass(frozen=True)
class SimulatedCaseload:
    """A made-up caseload, and what could be answered about its cases."""

    caseload: bytes
    frame: Caseload
    framework: Framework


def _simulate(framework: Framework) -> SimulatedCaseload:
    import numpy as np

    from scrutineer.fieldwork.cases.values import read_day
    from scrutineer.simulation.caseload import make_cases
    from scrutineer.tables.write_table import format_csv
    from scrutineer.tasks.simulating import make_profile

    generator = np.random.Generator(np.random.PCG64(5))
    cases = make_cases(
        framework, make_profile(framework, shelf.read_library()), 900, read_day("2006-01-31"), generator, "F"
    )
    hidden = [a.key for a in framework.attributes if a.known_from == "case_file"]
    text = format_csv(cases.frame.drop(["row_in_file", *hidden]))
    return SimulatedCaseload(text.encode(), cases, framework)


def _make_timetable(inspection: Inspection, manager: User) -> None:
    from scrutineer_web.preparation.forms import ArrangementsForm

    form = ArrangementsForm(inspection=inspection)
    form.cleaned_data = {
        "days": ["2006-02-06", "2006-02-07", "2006-02-08", "2006-02-09", "2006-02-10"],
        "slots": ["09:00-10:30", "10:45-12:15", "13:15-14:45", "15:00-16:30"],
        "away": {},
        "travel_minutes": 45,
        "area_percent": 33,
        "twice_percent": 10,
    }
    asked = allocation.ask_timetable(
        inspection=inspection, arrangements=form.collect_arrangements(), seconds=3, by=manager
    )
    allocation.search(timetable=asked)
    asked.refresh_from_db()
    allocation.adopt(timetable=asked, by=manager)


def _put_answers(inspection: Inspection, simulated: SimulatedCaseload) -> None:
    """Answers as assessors would give them: in the order of the timetable, the last third not yet begun."""
    import numpy as np

    from scrutineer.simulation.answers import keep_only, make_answered
    from scrutineer.simulation.latent import Model

    references = list(inspection.cases.filter(state="allocated").values_list("reference", flat=True))
    cases = keep_only(simulated.frame, references)
    answered = make_answered(
        inspection.framework, cases, (), 8, Model(quality=0.9), np.random.Generator(np.random.PCG64(6))
    )
    rows: dict[str, list[tuple[str, str]]] = {}
    for row in answered.answers.filter(answered.answers["reading"] == "1").iter_rows(named=True):
        if row["answer"] is not None:
            rows.setdefault(row["case"], []).append((row["question"], row["answer"]))
    facts = {r["case"]: r for r in answered.cases.iter_rows(named=True)}
    allocated = list(
        Assessment.objects.filter(case__inspection=inspection, retired_at=None)
        .select_related("case", "assessor__user")
        .order_by("number", "day", "slot", "pk")
    )
    whole = round(0.62 * len(allocated))
    for n, assessment in enumerate(allocated):
        if n < whole or assessment.number == 2:
            _read(
                inspection.framework,
                assessment,
                facts[assessment.case.reference],
                rows[assessment.case.reference],
                None,
            )
            assessments.complete(assessment=assessment, by=_find_user(assessment))
        elif n < whole + 4:
            _read(
                inspection.framework,
                assessment,
                facts[assessment.case.reference],
                rows[assessment.case.reference],
                20,
            )


REASONS = {
    "from_file": "Nothing about it on the file.",
    "from_manager": "Remembered it, but had not written it down.",
    "note": "The record does not show that it was done.",
}


def _find_user(assessment: Assessment) -> User:
    """The account of an assessor: in the demonstration every one of them has one."""
    assert assessment.assessor is not None  # noqa: S101 the case was allocated
    assert assessment.assessor.user is not None  # noqa: S101 the part was given with its account
    return assessment.assessor.user


def _read(
    framework: Framework,
    assessment: Assessment,
    facts: dict[str, Any],
    rows: Sequence[tuple[str, str]],
    first: int | None,
) -> None:
    """Give an assessment its answers; a second reader sees one in ten questions otherwise."""
    from scrutineer_web.queries.fieldwork.answer_checks import list_particulars

    user = _find_user(assessment)
    particulars = [a.key for a in list_particulars(framework) if facts.get(a.key) is not None]
    values: list[tuple[str, str]] = [
        (k, "yes" if facts[k] is True else "no" if facts[k] is False else str(facts[k])) for k in particulars
    ]
    for n, (key, value) in enumerate(rows):
        scale = framework.scale_of[key]
        options = [o.code for o in scale.options]
        if assessment.number == 2 and n % 11 == 5 and value in options:
            value = options[(options.index(value) + 1) % len(options)]
        values.append((key, value))
    below = {o.code for s in framework.scales for o in s.options if o.above is False} | {
        "not_enough_evidence"
    }
    for key, value in values[:first] if first else values:
        if value == "not_applicable" and not framework.questions[key].may_not_apply:
            continue
        texts = REASONS if value in below and key in framework.questions else {}
        answers.save(assessment=assessment.pk, sent=SentAnswer(key, value, 0, uuid4(), texts), by=user)
