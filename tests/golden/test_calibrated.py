"""Cases simulated to printed counts score as the published criteria do."""

from __future__ import annotations

from pathlib import Path

import pytest

from scrutineer.frameworks.library import Library
from scrutineer.proof.reading.printed_figures import list_inspections, read_dataset
from scrutineer.scoring.results import Results
from scrutineer.statistics.printed import round_half_up
from scrutineer.tasks.files import find_data_folder
from scrutineer.tasks.inputs import find_framework
from scrutineer.tasks.scoring import ScoreRequest, ScoringFiles, score
from scrutineer.tasks.simulating import Fiction, simulate

pytestmark = pytest.mark.unmeasured

PUBLISHED = find_data_folder("published")

# Criteria all of whose questions are printed: file, framework, group, printed scores.
CRITERIA = [
    (
        "gwent-2005",
        "esi-follow-up",
        "follow_up",
        {"B2": 70, "B3": 21, "B4": 30, "C1": 64, "C3": 49, "C4": 64},
    ),
    ("county-durham-2004", "esi-2003", "all", {"B4": 97, "C1": 94, "C3": 84, "D4": 87}),
    ("devon-and-cornwall-2006", "esi-2005", "all", {"B2": 83, "B4": 77, "D4": 76}),
    ("gloucestershire-2005", "esi-accommodation", "all", {"B1": 28, "B3": 67, "D1": 76}),
]
PARTS = [
    ("gwent-2005", "esi-follow-up"), ("county-durham-2004", "esi-2003"), ("county-durham-2004", "esi-domestic-violence"),
    ("devon-and-cornwall-2006", "esi-2005"), ("devon-and-cornwall-2006", "esi-substance-misuse"),
    ("gloucestershire-2005", "esi-2003"), ("gloucestershire-2005", "esi-accommodation"), ("cumbria-2006", "omi-2006"),
]  # fmt: skip


def scored(folder: Path, report: str, name: str, seed: int = 1) -> Results:
    simulate(Fiction(name, seed, figures=PUBLISHED / f"{report}.yaml"), folder, None)
    return score(ScoringFiles(name, folder / "cases.csv", [folder / "answers.csv"]), ScoreRequest()).results


@pytest.mark.parametrize(("report", "name", "group", "printed"), CRITERIA)
@pytest.mark.parametrize("seed", [1, 2])
def test_published_criteria_come_out(
    tmp_path: Path, report: str, name: str, group: str, printed: dict[str, int], seed: int
) -> None:
    got = scored(tmp_path, report, name, seed).groups[group].levels.criteria
    assert {code: round_half_up(round(100 * (got[code].score or 0), 9)) for code in printed} == printed
    assert all((got[c].low or 0) < (got[c].score or 0) < (got[c].high or 0) for c in printed)


def test_the_follow_up_has_its_fifteen_cases(tmp_path: Path) -> None:
    assert scored(tmp_path, "gwent-2005", "esi-follow-up").groups["follow_up"].cases == 15


@pytest.mark.parametrize(("report", "name"), PARTS)
def test_every_printed_figure_is_reproduced_or_named(tmp_path: Path, report: str, name: str) -> None:
    """Question by question and group by group; what cannot be a count of the cases is said in a note."""
    library = Library(find_data_folder("frameworks"))
    dataset = read_dataset(PUBLISHED / f"{report}.yaml", library)
    figures, base = next((f, b) for f, b in list_inspections(dataset) if f.framework == name)
    simulation = simulate(Fiction(name, 3, figures=PUBLISHED / f"{report}.yaml"), tmp_path, None)
    got = score(
        ScoringFiles(name, tmp_path / "cases.csv", [tmp_path / "answers.csv"]), ScoreRequest()
    ).results
    noted = {note.split(":")[0] for note in simulation.notes if "no count" in note or "cut off" in note}
    known = {g.key for g in find_framework(name, None)[0].groups} | {base}
    compared = 0
    for group, printed in figures.groups.items():
        for key, figure in printed.questions.items() if group in known else ():
            counts = got.groups[group].questions[key].counts
            exact = figure.above is not None and (counts.above, counts.relevant) == (
                figure.above,
                figure.relevant,
            )
            rounded = counts.percent is not None and counts.percent.low in figure.stands_for
            assert exact or rounded or key in noted, (group, key, str(figure), counts)
            compared += 1
    assert compared >= (5 if name == "esi-substance-misuse" else 20)
    assert len(noted) <= 3


def test_simulated_cases_say_so(tmp_path: Path) -> None:
    got = scored(tmp_path, "gloucestershire-2005", "esi-accommodation")
    assert got.synthetic
    assert "synthetic" in (tmp_path / "cases.csv").read_text().splitlines()[0]
    assert "fictional" in (tmp_path / "simulation.json").read_text()
