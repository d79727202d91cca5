"""The shipped figures of five reports: they re-derive as the reports' own rules say, without the reports."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

from scrutineer.errors import UserError
from scrutineer.frameworks.library import Library
from scrutineer.proof.reading.dataset import to_yaml
from scrutineer.proof.reading.printed_figures import read_dataset
from scrutineer.report.pages.rederivations import Rederivation, format_needed
from scrutineer.tasks.files import find_data_folder
from scrutineer.tasks.reports import rederive_files
from tests.conftest import SHARED, needs_methodology

FILES = sorted(find_data_folder("published").glob("*.yaml"))


@pytest.fixture(scope="module")
def rederivations() -> list[Rederivation]:
    return rederive_files(FILES, None, lambda _: None)


def test_there_are_five_and_a_person_has_checked_them(library: Library) -> None:
    datasets = [read_dataset(path, library) for path in FILES]
    assert [d.area for d in datasets] == [
        "County Durham",
        "Cumbria",
        "Devon and Cornwall",
        "Gloucestershire",
        "Gwent",
    ]
    assert all(d.checked for d in datasets)


@pytest.mark.parametrize("word", ["true", "No", "null", "off", "-", "- x", "2005"])
def test_a_word_that_yaml_takes_for_something_else_comes_back(
    library: Library, tmp_path: Path, word: str
) -> None:
    dataset = read_dataset(FILES[0], library).model_copy(update={"area": word, "report": word})
    path = tmp_path / "figures.yaml"
    path.write_text(to_yaml(dataset), encoding="utf-8")
    assert read_dataset(path, library) == dataset
    # Other programs read YAML 1.1, in which "No" and "off" are false.
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["area"] == word


def test_17_of_18_sections_and_all_4_overall_scores_re_derive(rederivations: list[Rederivation]) -> None:
    def count(level: str, verdict: str | None = None) -> int:
        return sum(rederivation.count(level, verdict) for rederivation in rederivations)

    assert (count("section", "consistent"), count("section")) == (17, 18)
    assert (count("overall", "consistent"), count("overall")) == (4, 4)
    (wrong,) = [(rederivation.area, d.code) for rederivation in rederivations for d in rederivation.disproved]
    assert wrong == ("Devon and Cornwall", "C")


# From published figures, worked by hand: the criteria whose questions are all printed and come out.
CONSISTENT = {
    ("County Durham", "esi-2003", "all"): {"B2", "B4", "C1", "C3", "C4", "D4"},
    ("County Durham", "esi-domestic-violence", "all"): {"B2"},
    ("Gloucestershire", "esi-2003", "all"): {"C3", "D4"},
    ("Gloucestershire", "esi-accommodation", "all"): {"B1", "B3", "D1"},
    ("Devon and Cornwall", "esi-2005", "all"): {"B2", "B4", "C4", "D4"},
    ("Gwent", "esi-follow-up", "follow_up"): {"B2", "B3", "B4", "C1", "C3", "C4"},
    ("Gwent", "esi-follow-up", "original"): {"B4", "C1", "C3", "C4"},
}


def test_at_least_26_criteria_re_derive(rederivations: list[Rederivation]) -> None:
    got = {
        (rederivation.area, rederivation.framework.id, rederivation.group): {
            d.code for d in rederivation.derivations if d.level == "criterion" and d.verdict == "consistent"
        }
        for rederivation in rederivations
    }
    assert sum(map(len, CONSISTENT.values())) == 26
    for key, codes in CONSISTENT.items():
        assert codes <= got[key], key


@pytest.mark.parametrize(
    ("area", "group", "code", "low", "high"),
    [
        ("Gloucestershire", "all", "B2", 80, 82),  # 79 from 77 and an unprinted score
        ("Devon and Cornwall", "all", "C3", 52, 56),  # 78 from 90, 90 and one unprinted
        ("Devon and Cornwall", "all", "D2", 80, 84),
        ("County Durham", "all", "D1", 88, 95),
        ("Gwent", "follow_up", "C2", 5, 17),
    ],
)
def test_what_an_unprinted_question_would_have_to_be(
    rederivations: list[Rederivation], area: str, group: str, code: str, low: int, high: int
) -> None:
    rederivation = next(
        o for o in rederivations if o.area == area and o.group == group and o.framework.kind != "element"
    )
    derivation = next(d for d in rederivation.derivations if d.code == code)
    assert derivation.verdict == "open"
    assert derivation.needed is not None
    # The hand-made table allows for the rounding of the score alone, the re-derivation for that of the questions too.
    assert float(derivation.needed.low) <= low + 0.5
    assert float(derivation.needed.high) >= high - 0.5
    middle = (low + high) / 2
    assert abs(float(derivation.needed.middle) - middle) < 1
    assert "would need" in format_needed(derivation)


@needs_methodology
def test_figures_agree_with_the_table_made_by_hand(library: Library) -> None:
    names = {
        "durham_2004": 0,
        "cumbria_2006": 1,
        "devon_cornwall_2006": 2,
        "gloucestershire_2005": 3,
        "gwent_followup_2005": 4,
    }
    groups = {
        "hrh": "high_risk",
        "follow-up(hrh)": "follow_up",
        "original(hrh)": "original",
        "post-CJA sample n=15": "post_cja",
    }
    datasets = [read_dataset(path, library) for path in FILES]
    compared = 0
    with (SHARED / "methodology" / "questions.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            inspections = datasets[names[row["report"]]].inspections
            annex = (
                row["framework"] not in {"ESI", "OMI"}
                or "subsample" in row["group"]
                or "post-CJA" in row["group"]
            )
            part = inspections[-1 if annex else 0].groups
            group = groups.get(row["group"], "all")
            figure = part[group].questions.get(row["question_key"]) if group in part else None
            if figure is None or not row["percent"]:
                continue
            got = (
                figure.percent
                if figure.percent is not None
                else 100 * (figure.above or 0) / (figure.relevant or 1)
            )
            assert abs(got - float(row["percent"])) <= 1, (
                row["report"],
                row["question_key"],
                row["group"],
                figure,
            )
            compared += 1
    assert compared > 420


def test_a_dataset_is_written_as_it_is_read(library: Library, tmp_path: Path) -> None:
    for path in FILES:
        dataset = read_dataset(path, library)
        again = tmp_path / path.name
        again.write_text(to_yaml(dataset), encoding="utf-8")
        assert read_dataset(again, library) == dataset


def test_faults_of_a_dataset_come_all_at_once(library: Library, tmp_path: Path) -> None:
    text = FILES[0].read_text(encoding="utf-8")
    bad = (
        text.replace("b1_fit", "b1_fitt")
        .replace("b2_assessed:", "b2_asessed:")
        .replace("above: 21, relevant: 36", "above: 41, relevant: 36")
    )
    path = tmp_path / "bad.yaml"
    path.write_text(bad, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_dataset(path, library)
    message = str(caught.value)
    assert "there is no question 'b2_asessed'" in message
    assert "'b1_incident_review' has 41 cases above the line of 36" in message
    assert message.count("bad.yaml line ") == len(caught.value.faults) >= 2
