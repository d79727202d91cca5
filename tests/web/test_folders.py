"""An inspection's folder, in and out again without loss."""

from __future__ import annotations

import re
import shutil
from html import escape
from pathlib import Path

import polars as pl
import pytest
from django.core.exceptions import PermissionDenied

from scrutineer.errors import UserError
from scrutineer.frameworks.library import Library
from scrutineer.inspection.fingerprint import hash_data
from scrutineer.inspection.folder import pack
from scrutineer.inspection.load import load
from scrutineer.tasks.scoring import ScoreRequest, ScoringFiles
from scrutineer.tasks.scoring import score as score_files
from scrutineer_web.actions.fieldwork import answers
from scrutineer_web.actions.importing import folders
from scrutineer_web.actions.moderation import assessments
from scrutineer_web.actions.preparation import inspections
from scrutineer_web.exchange.export import make_folder, zip_folder
from scrutineer_web.queries.scores import scored
from scrutineer_web.records import frames
from scrutineer_web.records.assessment import Assessment
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.user import User
from tests.unit.test_tables import book, ods, text_cell
from tests.web.conftest import make_answer
from tests.web.village import CASES

People = dict[str, User]
OWN = {"fieldwork/room.json", "fieldwork/events.jsonl"}


def written(files: dict[str, bytes], place: Path) -> Path:
    for path, content in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(content)
    return place


@pytest.mark.repeats
@pytest.mark.parametrize("name", ["esi", "follow-up", "omi"])
def test_what_nobody_changed_comes_out_byte_for_byte(demo_folders: Path, people: People, name: str) -> None:
    folder = demo_folders / name
    got = make_folder(folders.import_folder(folder=folder, by=people["information_manager"]))
    # The lock of the command that made the folder is no part of the inspection.
    files = (p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))
    came = {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}
    assert set(got) - OWN == set(came)
    assert {path for path, content in came.items() if got[path] != content} == set()


@pytest.mark.repeats
def test_the_core_reads_the_same_from_what_came_out(
    demo_folders: Path, people: People, library: Library, tmp_path: Path
) -> None:
    """Also where every file is written anew."""
    inspection = folders.import_folder(folder=demo_folders / "esi", by=people["information_manager"])
    inspection.documents.exclude(says="").update(says="changed")
    again = load(written(make_folder(inspection), tmp_path), library)
    before = load(demo_folders / "esi", library)
    assert hash_data(again) == hash_data(before)
    assert again.people == before.people
    assert again.record == before.record
    assert again.cases is not None
    assert before.cases is not None
    assert again.cases.answers.notes == before.cases.answers.notes


def test_another_room_gets_everything_back(
    inspection: Inspection, assessment: Assessment, people: People, tmp_path: Path
) -> None:
    """States, revisions, evidence by source, comments, conflicts: out, in, and out again is the same."""
    me = people["inspector"]
    answers.save(
        assessment=assessment.pk,
        sent=make_answer("b2_score", "poor", from_manager="she said so", note="none"),
        by=me,
    )
    answers.save(assessment=assessment.pk, sent=make_answer("breach_required", "yes"), by=me)
    answers.save(assessment=assessment.pk, sent=make_answer("b2_score", "excellent"), by=me)
    assessments.reply(assessment=assessment, text="is this right?", question="b2_score", by=me)
    first = make_folder(inspection)
    again = folders.import_folder(folder=written(first, tmp_path), by=people["information_manager"])
    second = make_folder(again)
    # The same room holds both, so that the second conflict bears a number, and each second case a pseudonym, of its own.
    groups = [
        re.sub(r'"(uid|pseudonym)": "[P0-9a-f-]+"', "", files["fieldwork/room.json"].decode())
        for files in (first, second)
    ]
    assert groups[1] == groups[0]
    assert {p: c for p, c in second.items() if p not in {*OWN, "fieldwork/events-1.jsonl"}} == {
        p: c for p, c in first.items() if p not in OWN
    }
    assert b"she said so" in second["answers.csv"]


def test_answers_that_somebody_changed_outside_are_believed(
    inspection: Inspection, assessment: Assessment, people: People, tmp_path: Path
) -> None:
    answers.save(assessment=assessment.pk, sent=make_answer("b2_score", "poor"), by=people["inspector"])
    folder = written(make_folder(inspection), tmp_path)
    text = (folder / "answers.csv").read_text(encoding="utf-8-sig")
    (folder / "answers.csv").write_text(text.replace(",poor,", ",excellent,"))
    again = folders.import_folder(folder=folder, by=people["information_manager"])
    got = Assessment.objects.get(case__inspection=again, case__reference=assessment.case.reference, number=1)
    assert frames.read_answers(again.framework, bytes(got.codes))["b2_score"] == "excellent"
    assert got.answers.get(question="b2_score").value == "excellent"


def saved_as(text: str, path: Path) -> Path:
    """A table that was saved as another kind of file."""
    table = pl.read_csv(text.encode(), infer_schema=False)
    rows = [table.columns, *([value or "" for value in row] for row in table.iter_rows())]
    if path.suffix == ".ods":
        cells = ("".join(text_cell(escape(value)) for value in row) for row in rows)
        return ods(path, "".join(f"<table:table-row>{row}</table:table-row>" for row in cells))
    if path.suffix == ".xlsx":
        book(path, rows)
    elif path.suffix == ".parquet":
        table.write_parquet(path)
    else:
        table.write_csv(path, separator="\t" if path.suffix == ".tsv" else ",")
    return path


ENDINGS = (".csv", ".xlsx", ".ods", ".parquet", ".tsv", ".txt")


@pytest.mark.repeats
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_caseload_of_every_kind_goes_out_and_comes_back(
    people: People, inspection: Inspection, tmp_path: Path, ending: str
) -> None:
    content = saved_as(CASES, tmp_path / f"caseload{ending}").read_bytes()
    inspection.caseloads.update(name=f"Cases of 2005{ending.upper()}", content=content)
    files = make_folder(inspection)
    assert files[f"fieldwork/caseload{ending}"] == content
    again = folders.import_folder(folder=written(files, tmp_path / "out"), by=people["information_manager"])
    assert bytes(again.caseloads.get().content) == content
    assert again.caseloads.get().cases == 6


@pytest.mark.parametrize("place", ["answers.xlsx", "answers.ods", "answers/north.ods", "answers/NORTH.CSV"])
def test_answers_in_every_kind_of_file_come_in(
    inspection: Inspection, assessment: Assessment, people: People, tmp_path: Path, place: str
) -> None:
    """As the core reads them: a table next to the cases or in the folder `answers`, of any kind."""
    answers.save(assessment=assessment.pk, sent=make_answer("b2_score", "poor"), by=people["inspector"])
    folder = written(make_folder(inspection), tmp_path / "out")
    text = (folder / "answers.csv").read_text(encoding="utf-8-sig")
    (folder / "answers.csv").unlink()
    (folder / place).parent.mkdir(exist_ok=True)
    saved_as(text, (folder / place).with_suffix(Path(place).suffix.lower())).rename(folder / place)
    again = folders.import_folder(folder=folder, by=people["information_manager"])
    got = Assessment.objects.get(case__inspection=again, case__reference=assessment.case.reference, number=1)
    assert got.answers.get(question="b2_score").value == "poor"


def test_scores_in_the_room_are_those_of_the_exported_files(
    demo_folders: Path, people: People, tmp_path: Path
) -> None:
    inspection = folders.import_folder(folder=demo_folders / "esi", by=people["information_manager"])
    folder = written(make_folder(inspection), tmp_path)
    material = ScoringFiles(inspection.framework.id, folder / "cases.csv", [folder / "answers.csv"])
    results = score_files(material, ScoreRequest(label="Northmoor")).results.as_dict()
    assert scored.score_inspection(inspection, frames.read_cases_of(inspection)).results.as_dict() == results


def test_a_folder_with_faults_leaves_nothing_behind(
    demo_folders: Path, people: People, tmp_path: Path
) -> None:
    folder = tmp_path / "esi"
    shutil.copytree(demo_folders / "esi", folder)
    (folder / "answers.csv").write_text("case,question,answer\nX,b2_score,poor\n")
    (folder / "people.yaml").write_text("people: [{name: A, role: king}]\n")
    with pytest.raises(UserError) as caught:
        folders.import_folder(folder=folder, by=people["information_manager"])
    assert len(caught.value.faults) >= 2
    assert not Inspection.objects.exists()


@pytest.mark.repeats
def test_a_zip_file_comes_in_the_same(demo_folders: Path, people: People) -> None:
    manager = people["information_manager"]
    imported = folders.import_zip(name="northmoor.zip", content=pack(demo_folders / "omi"), by=manager)
    files = make_folder(imported)
    two = folders.import_zip(name="again.zip", content=zip_folder("again", files), by=manager)
    assert make_folder(two)["answers.csv"] == files["answers.csv"]


def test_only_who_may_imports(demo_folders: Path, people: People) -> None:
    for name in ("lead_inspector", "auditor", "analyst", "administrator"):
        with pytest.raises(PermissionDenied):
            folders.import_folder(folder=demo_folders / "esi", by=people[name])


def test_a_changed_profile_comes_out_changed(
    inspection: Inspection, people: People, tmp_path: Path, library: Library
) -> None:
    facts = {"facts": [{"text": "It serves some 300,000 people", "source": "census"}]}
    inspections.edit_profile(inspection=inspection, content=facts, by=people["information_manager"])
    whole = load(written(make_folder(inspection), tmp_path), library)
    assert whole.area.facts[0].source == "census"
