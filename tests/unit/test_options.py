"""How often each option was chosen: published counts, every kind of missing apart, and nothing that is withheld."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from scrutineer.fieldwork.cases.codes import find_byte
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework, Option, Scale
from scrutineer.frameworks.question_kinds import NOT_APPLICABLE
from scrutineer.scoring.groups import GroupOf
from scrutineer.scoring.inspect import make_results
from scrutineer.scoring.options import count_options
from tests.command import scrutineer

CARE = {"good_practice": 5522, "clinical": 659, "organisational": 790, "both": 192, "unsatisfactory": 39}
"""The five grades of care in a confidential enquiry, with 168 of 7,370 case notes not graded."""


def make_framework(library: Library, scale: Scale) -> Framework:
    """A framework whose questions are all on one scale."""
    content = library.load_framework("hmip-pdu-2023").model_dump(by_alias=True)
    return Framework.model_validate({**content, "scales": [scale]})


@pytest.fixture(scope="module")
def notes(library: Library) -> Framework:
    """A framework with questions on a scale of five."""
    options = tuple(Option(code=code, label=code, above=code == "good_practice") for code in CARE)
    return make_framework(library, Scale(key="judged", title="Care", options=options))


def test_published_counts_of_a_scale_of_five_come_out(notes: Framework) -> None:
    """76.7, 9.2, 11.0, 2.7 and 0.5% of the 7,202 that were graded."""
    answers = [code for code, count in CARE.items() for _ in range(count)] + [None] * 168
    codes = np.array([[find_byte(notes.scales[0], a)] for a in answers], dtype=np.uint8)
    everyone = GroupOf("all", "All cases", np.ones(len(answers), dtype=np.bool_))
    first = GroupOf("first", "The first thousand", np.arange(len(answers)) < 1000)
    key = next(iter(notes.questions))
    counted = count_options(notes, codes, [key], [everyone, first])
    assert counted["all"][key] == CARE
    assert counted["first"][key] == {**dict.fromkeys(CARE, 0), "good_practice": 1000}
    graded = sum(CARE.values())
    assert graded == 7202
    assert [f"{100 * n / graded:.1f}" for n in CARE.values()] == ["76.7", "9.2", "11.0", "2.7", "0.5"]
    counts = make_results(notes, codes, [key], [everyone]).groups["all"].questions[key].counts
    assert (counts.relevant, counts.missing, len(answers)) == (graded, 168, 7370)


def test_options_that_are_neither_above_nor_below_are_counted_too(library: Library) -> None:
    """A scale of facts: nothing of it is judged, and yet it is tabulated."""
    scale = Scale(
        key="judged",
        title="Seen at",
        options=(Option(code="home", label="Home"), Option(code="office", label="Office")),
    )
    framework = make_framework(library, scale)
    codes = np.array(
        [[find_byte(scale, a)] for a in ("home", "office", "home", NOT_APPLICABLE, None)], dtype=np.uint8
    )
    key = next(iter(framework.questions))
    everyone = GroupOf("all", "All cases", np.ones(5, dtype=np.bool_))
    assert count_options(framework, codes, [key], [everyone])["all"][key] == {"home": 2, "office": 1}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("options")
    done = scrutineer(
        "simulate",
        "--framework",
        "esi-2003",
        "--seed",
        "5",
        "--caseload",
        "300",
        "--cases",
        "40",
        "--out",
        place,
    )
    assert done.returncode == 0
    return place


def score(place: Path, *more: str) -> dict[str, dict[str, dict[str, dict[str, int]]]]:
    files = ("--cases", place / "cases.csv", "--answers", place / "answers.csv")
    done = scrutineer("score", "--framework", "esi-2003", *files, "--format", "json", *more)
    return json.loads(done.stdout)["groups"]


def test_the_command_gives_the_options_of_every_question_and_group(place: Path) -> None:
    """Counted from the file of answers by plain addition."""
    with (place / "answers.csv").open(encoding="utf-8-sig") as file:
        rows = [r for r in csv.DictReader(file) if r["reading"] == "1"]
    by_hand: dict[str, Counter[str]] = {}
    for row in rows:
        by_hand.setdefault(row["question"], Counter())[row["answer"]] += 1
    groups = score(place)
    for key, question in groups["all"]["questions"].items():
        assert question["options"] == {code: by_hand[key][code] for code in question["options"]}
        chosen = sum(question["options"].values())
        assert chosen + question["no_evidence"] + question["not_applicable"] + question["missing"] == 40  # type: ignore[operator]
    assert all("options" in q for g in groups.values() for q in g["questions"].values())


def test_options_give_nothing_away_that_is_withheld(place: Path) -> None:
    groups = score(place, "--suppress", "5")
    withheld = {
        k for g in groups.values() for k, q in g.get("questions", {}).items() if q == {"suppressed": True}
    }
    hidden_groups = [g for g in groups.values() if g.get("suppressed")]
    assert withheld or hidden_groups
    for group in groups.values():
        for key, question in group.get("questions", {}).items():
            assert ("options" in question) == (not hidden_groups and key not in withheld), key
