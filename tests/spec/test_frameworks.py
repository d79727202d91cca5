"""The frameworks that ship: sound, complete, and true to what was published of them."""

from __future__ import annotations

import csv
import json

import jsonschema
import pytest

from scrutineer.frameworks.library import Library
from scrutineer.frameworks.present import as_json
from scrutineer.frameworks.schema import make_schema
from scrutineer.frameworks.yaml_source import read_yaml
from scrutineer.tasks.frameworks import check_framework
from tests.conftest import ROOT, SHARED, needs_methodology

IDS = [
    "esi-2003", "esi-2005", "esi-follow-up", "esi-domestic-violence", "esi-accommodation", "esi-substance-misuse", "omi-2006",
]  # fmt: skip


@pytest.mark.parametrize("name", IDS)
def test_worked_examples_come_out(name: str) -> None:
    framework, examples = check_framework(ROOT / "frameworks" / name / "framework.yaml", None)
    assert framework.id == name
    assert examples >= 3


@pytest.mark.parametrize("name", IDS)
def test_file_fits_the_generated_schema(name: str) -> None:
    values = read_yaml(ROOT / "frameworks" / name / "framework.yaml").value
    jsonschema.Draft202012Validator(make_schema()).validate(values)


@pytest.mark.parametrize("name", IDS)
def test_folder_says_where_it_comes_from(name: str) -> None:
    text = (ROOT / "frameworks" / name / "SOURCE.md").read_text(encoding="utf-8")
    assert "HM Inspectorate of Probation" in text


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        (
            "esi-2003",
            {
                "B1": 7,
                "B2": 2,
                "B3": 8,
                "B4": 2,
                "C1": 4,
                "C2": 12,
                "C3": 3,
                "C4": 2,
                "C5": 9,
                "D1": 7,
                "D2": 3,
                "D4": 3,
            },
        ),
        ("esi-domestic-violence", {"B1": 9, "B2": 3, "B3": 7, "C5": 6, "D1": 6}),
        ("esi-accommodation", {"B1": 3, "B2": 3, "B3": 3, "D1": 7}),
    ],
)
def test_banks_have_the_sizes_that_fit(library: Library, name: str, sizes: dict[str, int]) -> None:
    criteria = library.load_framework(name).criteria
    got = {code: sum(q.scored and not q.optional for q in criteria[code].questions) for code in sizes}
    assert got == sizes


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("esi-2003", {"A": None, "B": 30, "C": 40, "D": 30}),
        ("esi-2005", {"A": None, "B": 30, "C": 40, "D": 30}),
        ("esi-follow-up", {"A": None, "B": None, "C": None}),
        ("esi-domestic-violence", {"A": None, "B": None, "C": None, "D": None}),
        ("esi-substance-misuse", {"A": None, "B": 30, "C": 40, "D": 30}),
        ("omi-2006", {"1": None, "2": None, "3": None, "4": None}),
    ],
)
def test_section_weights(library: Library, name: str, weights: dict[str, int | None]) -> None:
    assert {s.code: s.weight for s in library.load_framework(name).sections} == weights


@needs_methodology
def test_every_attested_question_has_its_key(library: Library) -> None:
    frameworks = {
        "ESI": "esi-2003",
        "ESI-DV": "esi-domestic-violence",
        "ESI-ACC": "esi-accommodation",
        "OMI": "omi-2006",
    }
    with (SHARED / "methodology" / "questions.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            framework = library.load_framework(frameworks[row["framework"]])
            assert row["question_key"] in framework.questions, row["question_key"]
            assert framework.criterion_of[row["question_key"]].code == row["criterion"], row["question_key"]


def test_show_has_the_form_that_was_asked_for(library: Library) -> None:
    data = json.loads(json.dumps(as_json(library.load_framework("esi-2003"))))
    assert {"id", "version", "hash", "title", "sections", "groups"} <= set(data)
    section = data["sections"][1]
    assert {"code", "title", "weight", "criteria"} <= set(section)
    criterion = section["criteria"][0]
    assert {"code", "title", "kind", "importance", "questions"} <= set(criterion)
    assert set(criterion["questions"][0]) == {"key", "text", "scale", "summary", "threads"}
    assert data["hash"].startswith("sha256:")
    assert len(data["hash"]) == len("sha256:") + 64


def test_every_cue_names_a_question(library: Library) -> None:
    for name in library.ids:
        reading = library.load_reading(name)
        assert reading is not None
        own = set(library.load_framework(name).questions)
        inherited = reading.extends is not None
        unknown = set(reading.cues) - own
        assert not unknown or inherited, (name, unknown)
