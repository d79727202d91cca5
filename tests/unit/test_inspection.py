"""An inspection on disk: every fault of every file at once, what is open, evidence, targets, calendar, zip files."""

from __future__ import annotations

import shutil
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from scrutineer.errors import UserError
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Measure
from scrutineer.inspection.area import mark
from scrutineer.inspection.dates import Dates, add_months, list_steps
from scrutineer.inspection.evidence import Evidence, judge
from scrutineer.inspection.folder import open_folder, pack, unpack
from scrutineer.inspection.load import load
from scrutineer.inspection.open_points import open_points
from scrutineer.tasks.inspecting import NewInspection, check, create_inspection, draft


@pytest.fixture
def esi(demo_folders: Path, tmp_path: Path) -> Path:
    return shutil.copytree(demo_folders / "esi", tmp_path / "esi")


def faults(place: Path, library: Library) -> list[str]:
    with pytest.raises(UserError) as refusal:
        load(place, library)
    return [str(fault).replace(f"{place}/", "") for fault in refusal.value.faults]


def test_the_demonstration_is_without_fault_and_nothing_is_open(demo_folders: Path, library: Library) -> None:
    for name in ("esi", "follow-up", "omi"):
        assert not list(open_points(load(demo_folders / name, library))), name


def test_every_fault_of_every_file_is_told_at_once(esi: Path, library: Library) -> None:
    (esi / "area.yaml").write_text("performance:\n  speed: {value: 3, period: '2004'}\n")
    (esi / "people.yaml").write_text("people:\n  - {name: A, role: king}\n")
    (esi / "calendar.yaml").write_text(
        "events:\n  publication: 2005-01-01\n  second_week: 2005-10-31\n  party: 2005-01-01\n"
    )
    (esi / "surveys.yaml").write_text("surveys:\n  - {key: a, of: courts, sent: 3, returned: 4}\n")
    (esi / "recommendations.yaml").write_text(
        'to: Board\nrecommendations:\n  - {text: "x", criteria: [Z9]}\n'
    )
    (esi / "evidence.yaml").write_text(
        "pieces:\n  - {id: a, kind: document, title: T, source: S, bears: {nothing: strong, a1_targets: superb}}\n"
        "judgements:\n  B1: {grades: {}}\n  A2: {rating: well_met}\n"
    )
    (esi / "issues.csv").write_text("case,issue,progress\nX,drugs,better\n")
    messages = faults(esi, library)
    for where, what in (
        ("area.yaml line 2", "no measure 'speed'"),
        ("people.yaml line 2", "role"),
        (
            "calendar.yaml line 2",
            "'publication' (1 January 2005) comes before 'second_week' (31 October 2005)",
        ),
        ("calendar.yaml line 4", "no event 'party'"),
        ("surveys.yaml line 2", "4 were returned of 3"),
        ("recommendations.yaml line 3", "no criterion 'Z9'"),
        ("evidence.yaml line 2", "no item 'nothing'"),
        ("evidence.yaml line 2", "no grade 'superb'"),
        ("evidence.yaml line 4", "no judgement criterion 'B1'"),
        ("evidence.yaml line 5", "without a reason"),
        ("issues.csv row 2", "'X' is not a case in this inspection"),
        ("issues.csv row 2", "'progress' is 'better'"),
    ):
        assert any(where in fault and what in fault for fault in messages), (where, what, messages)


def test_another_framework_than_the_pinned_one_is_refused(esi: Path, library: Library) -> None:
    manifest = esi / "inspection.yaml"
    manifest.write_text(manifest.read_text().replace("hash: sha256:", "hash: sha256:0", 1))
    (text,) = [f for f in faults(esi, library) if "with the hash" in f]
    assert "inspection.yaml line 8" in text
    assert "framework diff" in text


def test_cases_that_were_not_drawn_are_refused(esi: Path, library: Library) -> None:
    cases = (esi / "cases.csv").read_text().splitlines()
    first = cases[1].split(",")[0]
    (esi / "cases.csv").write_text("\n".join([cases[0], *cases[2:]]) + "\n")
    answers = [
        line for line in (esi / "answers.csv").read_text().splitlines() if not line.startswith(f"{first},")
    ]
    (esi / "answers.csv").write_text("\n".join(answers) + "\n")
    issues = [
        line for line in (esi / "issues.csv").read_text().splitlines() if not line.startswith(f"{first},")
    ]
    (esi / "issues.csv").write_text("\n".join(issues) + "\n")
    assert any(
        "1 case was drawn but is missing" in fault and first in fault for fault in faults(esi, library)
    )


def test_a_folder_without_a_manifest_is_no_inspection(tmp_path: Path, library: Library) -> None:
    (message,) = faults(tmp_path, library)
    assert "scrutineer new" in message


def test_a_new_inspection_is_without_fault_and_says_what_is_open(tmp_path: Path, library: Library) -> None:
    request = NewInspection("esi-2005", 'Nowhere "North"', ["esi-substance-misuse"], synthetic=True)
    files = create_inspection(request, tmp_path / "new", None)
    assert (tmp_path / "new" / "findings" / "B1.md") in files
    outcome = check(tmp_path / "new", None)
    assert outcome.inspection.manifest.area == 'Nowhere "North"'
    messages = [str(fault) for fault in outcome.open]
    for expected in (
        "there are no cases yet",
        "the inspection has no lead inspector",
        "findings/B1.md",
        "has no grade",
        "no recommendation",
    ):
        assert any(expected in fault for fault in messages), expected
    with pytest.raises(UserError, match="there is already an inspection there"):
        create_inspection(request, tmp_path / "new", None)


def test_an_element_of_another_framework_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="uses the sample of 'esi-2005'"):
        create_inspection(NewInspection("omi-2006", "X", ["esi-substance-misuse"]), tmp_path / "new", None)
    assert not (tmp_path / "new").exists()


def test_a_draft_leaves_what_people_wrote(esi: Path) -> None:
    (esi / "findings" / "B1.md").write_text("## Strengths\n\n- Mine.\n")
    (esi / "findings" / "B2.md").write_text("[to be written: something]\n")
    drafted = draft(esi, None)
    assert [p.name for p in drafted.written] == ["B2.md"]
    assert esi / "findings" / "B1.md" in drafted.unchanged
    assert (esi / "findings" / "B1.md").read_text() == "## Strengths\n\n- Mine.\n"
    draft(esi, None, again=["B1"])
    assert "Mine" not in (esi / "findings" / "B1.md").read_text()
    with pytest.raises(UserError, match="nothing called 'Z'"):
        draft(esi, None, again=["Z"])


def piece(name: str, source: str, **bears: str) -> dict[str, object]:
    return {"id": name, "kind": "document", "title": "T", "source": source, "bears": bears}


def test_a_draft_that_nobody_touched_is_drafted_again(esi: Path) -> None:
    answers = esi / "answers.csv"
    answers.write_text(answers.read_text().replace(",b1_fit,poor,", ",b1_fit,excellent,"))
    (esi / "findings" / "C1.md").write_text("## Strengths\n\n- Mine.\n")
    drafted = draft(esi, None)
    assert esi / "findings" / "B1.md" in drafted.written
    assert esi / "findings" / "B2.md" not in drafted.written, "nothing in it has changed"
    assert esi / "findings" / "C1.md" in drafted.unchanged


EVIDENCE = {
    "pieces": [
        piece("one", "S", a2_strategy="strong", a2_delivery="strong", a2_value="good"),
        piece("two", "R", a2_strategy="strong", a2_delivery="satisfactory"),
        piece("three", "S", a2_value="good"),
    ]
}


def test_evidence_becomes_a_rating_by_the_rules(library: Library) -> None:
    framework = library.load_framework("esi-2005")
    open_ones = judge(framework, Evidence.model_validate(EVIDENCE))["A2"]
    assert [i.item.key for i in open_ones.open] == ["a2_delivery"], "its two pieces disagree"
    assert [i.item.key for i in open_ones.thin] == ["a2_value"], "both its pieces come from one source"
    assert open_ones.final is None
    settled = {**EVIDENCE, "judgements": {"A2": {"grades": {"a2_delivery": "strong"}}}}
    judged = judge(framework, Evidence.model_validate(settled))["A2"]
    assert judged.final is not None
    assert judged.final.rating == "satisfactorily_met"  # two of three strong, the rest at least satisfactory
    moved = {
        **EVIDENCE,
        "judgements": {"A2": {"grades": {"a2_delivery": "strong"}, "rating": "well_met", "reason": "seen"}},
    }
    rating = judge(framework, Evidence.model_validate(moved))["A2"].rating
    assert rating is not None
    assert (rating.computed.rating, rating.final.rating, rating.reason) == (
        "satisfactorily_met",
        "well_met",
        "seen",
    )


@pytest.mark.parametrize(
    ("better", "target", "value", "expected"),
    [
        ("higher", 90, 90, "met"),
        ("higher", 90, 86.4, "near miss"),  # 90 less 4 percent of 90
        ("higher", 90, 86.3, "missed"),
        ("lower", 9, 9, "met"),
        ("lower", 9, 9.36, "near miss"),
        ("lower", 9, 9.37, "missed"),
    ],
)
def test_targets_are_marked_by_one_rule(better: str, target: float, value: float, expected: str) -> None:
    measure = Measure.model_validate({"key": "x", "title": "X", "target": target, "better": better})
    assert mark(measure, value, 4) == expected


def test_months_are_calendar_months() -> None:
    assert add_months(date(2005, 11, 30), 3) == date(2006, 2, 28)
    assert add_months(date(2005, 12, 31), 2) == date(2006, 2, 28)
    assert add_months(date(2004, 2, 29), 12) == date(2005, 2, 28)
    assert add_months(date(2006, 2, 6), 0) == date(2006, 2, 6)


def test_next_steps_follow_from_the_rules(library: Library) -> None:
    members = {
        s.rule.event: s
        for s in list_steps(
            library.load_framework("esi-2005"), Dates(events={"publication": date(2006, 2, 6)})
        )
    }
    assert (members["response"].earliest, members["response"].latest) == (date(2006, 2, 6), date(2006, 5, 6))
    assert (members["follow_up"].earliest, members["follow_up"].latest) == (
        date(2006, 11, 6),
        date(2007, 5, 6),
    )


def test_a_zip_file_is_the_same_inspection_and_the_same_bytes(
    esi: Path, tmp_path: Path, library: Library
) -> None:
    packed = pack(esi)
    assert packed == pack(esi)
    (tmp_path / "esi.zip").write_bytes(packed)
    with open_folder(tmp_path / "esi.zip") as place:
        assert sorted(p.relative_to(place) for p in place.rglob("*") if p.is_file()) == sorted(
            p.relative_to(esi) for p in esi.rglob("*") if p.is_file() and not p.name.startswith(".")
        )
        assert load(place, library).manifest == load(esi, library).manifest


@pytest.mark.parametrize(
    "name", ["../out.txt", "/etc/out.txt", "a/../../out.txt", "C:/out.txt", "..\\out.txt"]
)
def test_a_zip_file_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    archive = BytesIO()
    with ZipFile(archive, "w") as file:
        file.writestr(ZipInfo(name), "x")
    (tmp_path / "x.zip").write_bytes(archive.getvalue())
    (tmp_path / "to").mkdir()
    with pytest.raises(UserError, match="points outside the folder"):
        unpack(tmp_path / "x.zip", tmp_path / "to")
    assert not list((tmp_path / "to").iterdir())


def test_a_zip_file_that_swells_is_refused(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "x.zip", "w", ZIP_DEFLATED) as file:
        for n in range(60):
            file.writestr(f"{n}.csv", b"0" * 10_000_000)
    (tmp_path / "to").mkdir()
    with pytest.raises(UserError, match="larger than 500 MB once unpacked"):
        unpack(tmp_path / "x.zip", tmp_path / "to")


def test_a_damaged_zip_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(UserError, match="can't be read"), open_folder(tmp_path / "x.zip"):
        pass
