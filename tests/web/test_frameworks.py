"""Framework versions in the room: added, compared, and open inspections taken from one to another."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from scrutineer.errors import UserError
from scrutineer.tasks.files import find_data_folder
from scrutineer_web.actions.fieldwork import answers
from scrutineer_web.actions.frameworks import frameworks
from scrutineer_web.actions.moderation import assessments
from scrutineer_web.audit.seal import make_seal
from scrutineer_web.audit.verify import list_broken
from scrutineer_web.queries.frameworks import migration
from scrutineer_web.records import frames
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.framework_version import FrameworkVersion
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.user import User
from tests.web.conftest import make_answer
from tests.web.test_assessments import done

People = dict[str, User]


@pytest.fixture
def newer(people: People, inspection: Inspection) -> FrameworkVersion:
    """A version in which one question means something else, one is gone and one is new."""
    text = (find_data_folder("frameworks") / "esi-2003" / "framework.yaml").read_text()
    text = text.replace('version: "1.0"', 'version: "1.1"')
    old = "          - key: b2_score\n            text: Is there a clearly identified score for the likelihood of reoffending?\n"
    new = "          - key: b2_score\n            meaning: 2\n            text: Is the likelihood of reoffending scored, and is the score right?\n"
    assert old in text
    gone = "          - key: b4_organised\n            text: Is the file well organised and complete?\n"
    assert gone in text
    text = text.replace(old, new).replace(
        gone,
        "          - key: b4_complete\n            text: Is everything on the file that belongs there?\n",
    )
    return frameworks.add(name="framework.yaml", content=text.encode(), by=people["methodologist"])


def seals(inspection: Inspection) -> list[tuple[object, ...]]:
    assessments = Assessment.objects.filter(case__inspection=inspection, state="signed_off").order_by("pk")
    return [
        (r.pk, bytes(r.codes), r.seal, make_seal(r), r.framework_version_id, r.events, r.head)
        for r in assessments
    ]


def test_open_cases_move_and_signed_off_ones_keep_every_byte(
    inspection: Inspection, assessment: Assessment, newer: FrameworkVersion, people: People
) -> None:
    lead, method = people["lead_inspector"], people["methodologist"]
    settled = (
        Assessment.objects.filter(case__inspection=inspection, assessor__name="Area Assessor")
        .select_related("case", "assessor__user", "framework_version")
        .get()
    )
    assessments.sign_off(assessment=done(settled), by=lead)
    for key, value in (("b2_score", "poor"), ("b4_organised", "excellent"), ("b2_assessed", "sufficient")):
        answers.save(
            assessment=assessment.pk, sent=make_answer(key, value, note="because"), by=people["inspector"]
        )
    before = seals(inspection)
    plan = migration.plan_migration(inspection, newer)
    assert Inspection.objects.get(pk=inspection.pk).framework_version_id != newer.pk
    effect = next(e for e in plan.effects if e.assessment.pk == assessment.pk)
    assert (effect.unchanged, effect.retired, effect.again, effect.asked) == (
        1,
        ("b4_organised",),
        ("b2_score",),
        ("b4_complete",),
    )
    assert {(c.change, c.name) for c in plan.changes} >= {
        ("meaning", "b2_score"),
        ("retired", "b4_organised"),
        ("added", "b4_complete"),
    }
    frameworks.migrate(inspection=inspection, to=newer, by=method)
    assert seals(inspection) == before
    assert len(before) == 1
    now = Assessment.objects.get(pk=assessment.pk)
    answers_now = {a.question: (a.value, a.note, a.retired_at is not None) for a in now.answers.all()}
    assert answers_now == {
        "b2_score": (None, "because", False),
        "b4_organised": ("excellent", "because", True),
        "b2_assessed": ("sufficient", "because", False),
    }
    assert frames.read_answers(newer.framework, bytes(now.codes))["b2_assessed"] == "sufficient"
    read = frames.read_cases_of(inspection)
    place = read.cases.answers.cases.index(settled.case.reference)
    column = read.cases.answers.decode_column(newer.framework, "b4_complete")
    assert column[place] == "not_applicable"
    assert list(list_broken()) == []
    # The assessment goes on under the new version, on the revision that stands.
    answers.save(
        assessment=assessment.pk,
        sent=make_answer("b2_score", "excellent", 2, note="now so"),
        by=people["inspector"],
    )


def test_a_version_never_changes(newer: FrameworkVersion, people: People) -> None:
    changed = newer.text.source.replace("Is everything on the file that belongs there?", "Is it all there?")
    with pytest.raises(UserError, match=r"a different version 1\.1 of 'esi-2003'"):
        frameworks.add(name="framework.yaml", content=changed.encode(), by=people["methodologist"])
    assert (
        frameworks.add(
            name="framework.yaml", content=newer.text.source.encode(), by=people["methodologist"]
        ).pk
        == newer.pk
    )


def test_a_file_with_faults_is_told_with_its_lines(people: People, inspection: Inspection) -> None:
    with pytest.raises(UserError) as caught:
        frameworks.add(
            name="mine.yaml", content=b"format: 1\nid: mine\nversion: one\n", by=people["methodologist"]
        )
    assert any("mine.yaml line 3" in f.where for f in caught.value.faults)


def test_only_the_methodologist_adds_and_moves(
    newer: FrameworkVersion, inspection: Inspection, people: People
) -> None:
    for name in ("lead_inspector", "information_manager", "auditor"):
        with pytest.raises(PermissionDenied):
            frameworks.migrate(inspection=inspection, to=newer, by=people[name])
        with pytest.raises(PermissionDenied):
            frameworks.add(name="x.yaml", content=b"", by=people[name])
