"""Ratings of every level: bands, points, rules, limits, discretion, and tables of ratings."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from pydantic import ValidationError

from scrutineer.errors import UserError
from scrutineer.frameworks.consistency import list_problems
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.rating_methods import (
    Discretion,
    PartsTest,
    RatingBand,
    RatingLimit,
    RatingMethod,
    RatingStep,
)
from scrutineer.inspection.rating_table import read_rating_table
from scrutineer.scoring.monotone import list_falls
from scrutineer.scoring.rated import Decision, RatedFigures, rate_levels
from scrutineer.statistics.printed import round_half_up
from scrutineer.tasks.files import find_data_folder
from tests.command import scrutineer

WORST_FIRST = ("inadequate", "requires_improvement", "good", "outstanding")
STANDARDS = ("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4")
STATEMENTS = ("1.1", "1.2", "1.3", "2.1", "2.2", "3.1", "3.2", "4.1", "4.2")
SCORES = ("significant_shortfalls", "some_shortfalls", "good", "exceptional")

SHIPPED = Library(find_data_folder("frameworks"))
UNIT = SHIPPED.load_framework("hmip-pdu-2023")
YOUTH = SHIPPED.load_framework("hmip-youth-2018")
COUNCIL = SHIPPED.load_framework("cqc-local-authority-2023")


def rated_by(framework: Framework, **changes: Any) -> Framework:
    """The framework with another method for the whole."""
    assert framework.rated.overall is not None
    method = framework.rated.overall.model_copy(update=changes)
    return framework.model_copy(update={"rated": framework.rated.model_copy(update={"overall": method})})


def rate_unit(framework: Framework, places: list[int]) -> str | None:
    """The key of the rating of seven standards, given by their points."""
    given_ratings = {code: WORST_FIRST[n] for code, n in zip(STANDARDS, places, strict=True)}
    whole = rate_levels(framework, given=given_ratings).overall
    assert whole is not None
    return whole.rating.key if whole.rating else None


SEVEN = st.lists(st.integers(0, 3), min_size=7, max_size=7)


@given(SEVEN)
def test_the_total_of_points_gives_the_published_rating(points: list[int]) -> None:
    """0 to 3, 4 to 10, 11 to 17 and 18 to 21 points, as published."""
    most = (3, 10, 17, 21)
    assert rate_unit(UNIT, points) == next(
        rating for rating, up_to in zip(WORST_FIRST, most, strict=True) if sum(points) <= up_to
    )


@given(st.lists(st.integers(1, 4), min_size=9, max_size=9))
def test_a_council_is_rated_by_the_rounded_percentage(scores: list[int]) -> None:
    """25 to 38, 39 to 62, 63 to 87 and 88 to 100%, of the sum as a share of 36, in whole numbers."""
    whole = rate_levels(
        COUNCIL, given={code: SCORES[n - 1] for code, n in zip(STATEMENTS, scores, strict=True)}
    ).overall
    assert whole is not None
    assert whole.rating is not None
    percent = round_half_up(Fraction(100 * sum(scores), 36))
    assert (whole.total, whole.out_of, whole.percent) == (sum(scores), 36, percent)
    expected = next(r for r, most in zip(WORST_FIRST, (38, 62, 87, 100), strict=True) if percent <= most)
    assert whole.rating.key == expected


def test_the_lowest_question_decides_exactly() -> None:
    """59, 100 and 25% are Inadequate; 65 of 100 are Good, and 649 of 1,000 aren't."""
    keys = [q.key for q in YOUTH.criteria["2.1"].questions]

    def rate(*shares: Fraction | int) -> str:
        figures = RatedFigures(questions=dict(zip(keys, map(Fraction, shares), strict=True)))
        part = rate_levels(YOUTH, figures).criteria["2.1"]
        assert part.rating is not None
        assert f"“{YOUTH.questions[keys[shares.index(min(shares))]].text}”" in part.rule
        return part.rating.key

    assert rate(59, 100, 25) == "inadequate"
    assert rate(Fraction(100 * 65, 100), 80, 90) == "good"
    assert rate(Fraction(100 * 649, 1000), 80, 90) == "requires_improvement"
    assert rate(80, 81, 82) == "outstanding"


def test_what_is_rated_and_not_counted_changes_nothing_above_it() -> None:
    ratings = dict.fromkeys((c for c in YOUTH.criteria if c != "4.1"), "good")
    without = rate_levels(YOUTH, given=ratings)
    with_it = rate_levels(YOUTH, given={**ratings, "4.1": "inadequate"})
    assert with_it.criteria["4.1"].final is not None
    assert with_it.overall == without.overall
    assert with_it.overall is not None
    assert (with_it.overall.total, with_it.overall.out_of) == (24, 36)


def test_what_lacks_a_part_is_not_rated_and_says_which() -> None:
    ratings = dict.fromkeys(STANDARDS[:-2], "good")
    whole = rate_levels(UNIT, given=ratings).overall
    assert whole is not None
    assert (whole.rating, whole.total) == (None, None)
    assert whole.reason == "no rating of 2.3, 2.4"
    left_out = rate_levels(rated_by(UNIT, missing="leave_out"), given=ratings).overall
    assert left_out is not None
    assert (left_out.total, left_out.out_of) == (10, 15)


CAP = RatingLimit(
    at_most="requires_improvement",
    title="An inadequate standard limits the whole",
    where=(PartsTest(at_most="inadequate"),),
)


def test_a_limit_caps_the_rating_and_is_named() -> None:
    framework = rated_by(UNIT, limits=(CAP,))
    assert list_problems(framework) == []
    assert rate_unit(framework, [3, 3, 3, 3, 3, 3, 0]) == "requires_improvement"
    assert rate_unit(framework, [0] * 7) == "inadequate"
    assert rate_unit(framework, [3, 3, 3, 3, 3, 3, 1]) == "outstanding"
    ratings = {**dict.fromkeys(STANDARDS, "outstanding"), "2.4": "inadequate"}
    whole = rate_levels(framework, given=ratings).overall
    assert whole is not None
    assert whole.rule == "An inadequate standard limits the whole: 2.4 (Inadequate or worse)"
    assert whole.unlimited is not None
    assert whole.unlimited.key == "outstanding"


def test_rules_are_tried_in_order() -> None:
    rules = (
        RatingStep(rating="outstanding", where=(PartsTest(at_least="outstanding", every=True),)),
        RatingStep(rating="inadequate", where=(PartsTest(at_most="inadequate", number=2),)),
        RatingStep(rating="good", where=(PartsTest(at_least="good", number=4), PartsTest(at_least="good", parts=("1.1",)))),
        RatingStep(rating="requires_improvement"),
    )  # fmt: skip
    framework = rated_by(UNIT, value="rules", rules=rules, bands=())
    assert list_problems(framework) == []
    assert rate_unit(framework, [3] * 7) == "outstanding"
    assert rate_unit(framework, [3, 3, 3, 3, 3, 0, 0]) == "inadequate"
    assert rate_unit(framework, [2, 2, 2, 2, 1, 1, 0]) == "good"
    assert rate_unit(framework, [1, 2, 2, 2, 2, 2, 2]) == "requires_improvement"


def test_the_lowest_rating_of_the_parts() -> None:
    framework = rated_by(UNIT, value="lowest_rating", bands=())
    assert list_problems(framework) == []
    assert rate_unit(framework, [3, 3, 3, 2, 3, 3, 3]) == "good"
    assert rate_unit(rated_by(UNIT, value="highest_rating", bands=()), [0, 0, 0, 2, 0, 0, 0]) == "good"


# -- a better part never makes the whole worse ---------------------------------------------


@given(SEVEN, st.integers(0, 6), st.booleans())
def test_a_better_standard_never_lowers_the_rating(points: list[int], at: int, is_capped: bool) -> None:
    framework = rated_by(UNIT, limits=(CAP,)) if is_capped else UNIT
    better = [n + 1 if k == at and n < 3 else n for k, n in enumerate(points)]
    before, after = rate_unit(framework, points), rate_unit(framework, better)
    assert before is not None
    assert after is not None
    assert WORST_FIRST.index(after) >= WORST_FIRST.index(before)


@pytest.mark.parametrize("name", SHIPPED.ids)
def test_no_shipped_framework_punishes_what_is_better(name: str) -> None:
    assert list(list_falls(SHIPPED.load_framework(name))) == []


def test_a_rule_that_punishes_what_is_better_is_found() -> None:
    """Good needs a standard that requires improvement: if it becomes good, the whole falls."""
    odd = RatingStep(
        rating="good", where=(PartsTest(at_least="requires_improvement", at_most="requires_improvement"),)
    )
    framework = rated_by(
        UNIT, value="rules", bands=(), rules=(odd, RatingStep(rating="requires_improvement"))
    )
    ((node, said),) = list_falls(framework)
    assert node.name == "hmip-pdu-2023"
    assert "makes it worse" in said
    limit = CAP.model_copy(update={"where": (PartsTest(at_least="outstanding"),)})
    assert len(list(list_falls(rated_by(UNIT, limits=(limit,))))) == 1


# -- what people may set ------------------------------------------------------------------


def test_another_rating_needs_leave_a_reason_and_nearness() -> None:
    framework = rated_by(UNIT, discretion=Discretion(by="The ratings panel", within=1))
    ratings = dict(zip(STANDARDS, ["good"] * 3 + ["requires_improvement"] * 4, strict=True))  # ten points

    def decide(by: Framework, rating: str, reason: str) -> Any:
        decision = Decision(rating, reason, by="The panel", on="2023-05-31")
        return rate_levels(by, given=ratings, decisions={"overall": decision}).overall

    whole = decide(framework, "good", "Leadership improved after the fieldwork")
    assert (whole.rating.key, whole.final.key) == ("requires_improvement", "good")
    stated = whole.as_dict()
    assert (stated["rating"], stated["computed"]) == ("Good", "Requires improvement")
    assert (stated["reason"], stated["by"], stated["on"]) == (
        "Leadership improved after the fieldwork", "The panel", "2023-05-31",
    )  # fmt: skip
    for by, rating, reason, said in (
        (UNIT, "good", "because", "the framework doesn't allow"),
        (framework, "good", " ", "give the reason"),
        (framework, "outstanding", "because", "only within 1 of its band"),
        (framework, "superb", "because", "there is no rating 'superb'"),
    ):
        with pytest.raises(UserError, match=said):
            decide(by, rating, reason)


def test_what_people_set_counts_at_the_next_level() -> None:
    discretion = Discretion(by="The panel")
    criteria = UNIT.rated.criteria
    assert criteria is not None
    rated = UNIT.rated.model_copy(update={"criteria": criteria.model_copy(update={"discretion": discretion})})
    framework = UNIT.model_copy(update={"rated": rated})
    figures = RatedFigures(questions={q.key: Fraction(64) for q in UNIT.criteria["2.1"].questions})
    ratings = dict.fromkeys((c for c in STANDARDS if c != "2.1"), "requires_improvement")
    before = rate_levels(framework, figures, ratings)
    after = rate_levels(framework, figures, ratings, {"2.1": Decision("outstanding", "as seen on site")})
    assert before.overall is not None
    assert after.overall is not None
    assert (before.overall.total, after.overall.total) == (7, 9)


def test_a_rating_of_what_is_not_rated_is_refused() -> None:
    with pytest.raises(UserError, match=r"there is no rating of '1\.9'"):
        rate_levels(UNIT, given={"1.1": "good", "1.9": "goood"})


# -- what a file can say wrong -------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scale": "judgment"}, "uses an unknown scale, 'judgment'"),
        ({"bands": ()}, "has no bands"),
        ({"value": "lowest_rating"}, "has bands, but no value to compare with them"),
        ({"value": "lowest_question"}, "isn't a criterion, but its value is 'lowest_question'"),
        ({"bands": (RatingBand(rating="superb", at_least=1),)}, "has an unknown rating, 'superb'"),
        ({"bands": (RatingBand(rating="good", at_least=22),)}, "no total reaches the band of 'good'"),
        (
            {"bands": (RatingBand(rating="good", at_least=3), RatingBand(rating="outstanding", at_least=2))},
            "don't go from the best rating to the worst",
        ),
        (
            {"value": "percent_of_points", "bands": (RatingBand(rating="good", at_least=101),)},
            "no value reaches the band of 'good'",
        ),
        ({"value": "rules", "bands": ()}, "don't cover every case"),
        (
            {"rules": (RatingStep(rating="good"), RatingStep(rating="outstanding"))},
            "after 'good' are never reached",
        ),
        ({"limits": (CAP.model_copy(update={"at_most": "bad"}),)}, "has an unknown rating, 'bad'"),
        (
            {"limits": (CAP.model_copy(update={"where": (PartsTest(at_most="bad"),)}),)},
            "has a rating, 'bad', that the scale 'judgement' doesn't have",
        ),
        (
            {"limits": (CAP.model_copy(update={"where": (PartsTest(at_most="good", parts=("9.9",)),)}),)},
            "is about '9.9', which isn't one of its counted parts",
        ),
        (
            {"limits": (CAP.model_copy(update={"where": (PartsTest(at_most="good", number=8),)}),)},
            "needs 8 parts, and there are 7",
        ),
    ],
)
def test_each_fault_of_a_method_is_found(changes: dict[str, Any], said: str) -> None:
    assert any(said in problem.what for problem in list_problems(rated_by(UNIT, **changes)))


def test_other_faults_of_ratings_are_found() -> None:
    (scale,) = UNIT.rating_scales
    turned = scale.model_copy(update={"ratings": tuple(reversed(scale.ratings))})
    twice = scale.model_copy(update={"ratings": (*scale.ratings, scale.ratings[-1])})
    bare = scale.model_copy(
        update={"ratings": tuple(r.model_copy(update={"points": None}) for r in scale.ratings)}
    )
    worthless = scale.model_copy(
        update={"ratings": tuple(r.model_copy(update={"points": 0}) for r in scale.ratings)}
    )
    of_parts = RatingMethod(scale="judgement", value="points", bands=(RatingBand(rating="good", at_least=1),))
    cases = (
        ({"rating_scales": (turned,)}, "a worse rating has more points"),
        ({"rating_scales": (twice,)}, "rating 'inadequate' appears twice"),
        ({"rating_scales": (bare,)}, "not every rating of the scale 'judgement' has points"),
        ({"rating_scales": (worthless,)}, "is worth more than 0"),
        ({"format": 1}, "part of the second edition"),
        (
            {"rated": UNIT.rated.model_copy(update={"criteria": of_parts})},
            "is a criterion, which has no rated parts",
        ),
    )
    for changes, said in cases:
        found_said = [p.what for p in list_problems(UNIT.model_copy(update=changes))]
        assert any(said in what for what in found_said), (said, found_said)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_band_begins_at_a_number(number: float) -> None:
    with pytest.raises(ValidationError, match="finite number"):
        RatingBand(rating="good", at_least=number)


# -- tables --------------------------------------------------------------------------------

COUNCILS = """Local authority,Assessing needs,1.2,"1.3 Equity in experience and outcomes","Continuity, integration and provision of care",2.2,Safe pathways systems and transitions,Safeguarding,4.1,4.2,Region
Ashby,3,3,2,Good standard,3,2,3,good,3,North
Brook,2,2,1,2,1,1,2,2,1,North
Caddon,4,4,4,4,,4,4,4,2,South
"""


def test_a_table_of_areas_is_rated_in_every_form(tmp_path: Path) -> None:
    """Headings are codes, titles or both, in any order of words; values are points, titles or keys."""
    file = tmp_path / "councils.csv"
    file.write_text(COUNCILS)
    done = scrutineer("rate", file, "--framework", "cqc-local-authority-2023", "--format", "json")
    assert done.returncode == 0
    assert "the column 'Region' isn't a criterion or a section" in " ".join(done.stderr.split())
    areas = json.loads(done.stdout)["areas"]
    whole = {name: area["overall"] for name, area in areas.items()}
    assert [(w["total"], w["out_of"], w["percent"], w["rating"]) for w in whole.values()] == [
        (25, 36, 69, "Good"), (14, 36, 39, "Requires improvement"), (None, None, None, None),
    ]  # fmt: skip
    assert whole["Ashby"]["rule"] == "69% (25 of 36 points): Good from 63%"
    assert whole["Caddon"]["rule"] == "no rating of 2.2"
    assert areas["Ashby"]["criteria"]["2.1"]["rating"] == "Good standard"
    rows = list(
        csv.DictReader(
            scrutineer("rate", file, "--framework", "cqc-local-authority-2023", "--format", "csv")
            .stdout.lstrip("\ufeff")
            .splitlines()
        )
    )
    assert [(r["area"], r["rating"], r["total"]) for r in rows] == [
        ("Ashby", "Good", "25"), ("Brook", "Requires improvement", "14"), ("Caddon", "", ""),
    ]  # fmt: skip
    text = scrutineer("rate", file, "--framework", "cqc-local-authority-2023").stdout
    assert "Ashby" in text
    assert "3 areas rated by cqc-local-authority-2023 2.0" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("area,1.1\nA,5\n", "'1.1': there is no rating '5'"),
        ("area,1.1\nA,3\nA,2\n", "'A' appears twice"),
        ("area,1.1\n,3\n", "the area's name is missing"),
        ("area,1.1\nAshby,3\nASHBY,2\n", "'ASHBY' appears twice"),
        ("area,1.1\n", "the table has no areas"),
        ("area,9.9\nA,3\n", "no column is a criterion or a section"),
        ("1.1,1.2\n3,3\n", "no column has the names of the areas"),
        ("area,1.1,Assessing needs\nA,3,3\n", "are both about 1.1"),
    ],
)
def test_each_fault_of_a_table_is_a_sentence_with_its_row(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "areas.csv"
    file.write_text(text)
    with pytest.raises(UserError) as caught:
        read_rating_table(file, COUNCIL)
    assert any(said in str(fault) for fault in caught.value.faults), caught.value.faults


def test_a_formula_whose_value_was_not_saved_is_no_missing_rating(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["area", "1.1", "1.2"], ["Ashby", 3, "=1+2"]):
        sheet.append(row)
    book.save(tmp_path / "areas.xlsx")
    with pytest.raises(UserError, match=r"C2.*is a formula whose value was not saved"):
        read_rating_table(tmp_path / "areas.xlsx", COUNCIL)


def test_a_framework_that_rates_nothing_says_so(tmp_path: Path) -> None:
    file = tmp_path / "areas.csv"
    file.write_text("area,B1\nA,3\n")
    done = scrutineer("rate", file, "--framework", "esi-2003")
    assert done.returncode == 2
    assert "doesn't say how anything is rated" in " ".join(done.stderr.split())


# -- scores of cases -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up youth service: its cases and answers."""
    place = tmp_path_factory.mktemp("youth")
    done = scrutineer("simulate", "--framework", "hmip-youth-2018", "--seed", "3", "--caseload", "200", "--cases", "30",
                      "--out", place)  # fmt: skip
    assert done.returncode == 0
    return place


def score(place: Path, *more: str) -> str:
    files = ("--cases", place / "cases.csv", "--answers", place / "answers.csv")
    return scrutineer("score", "--framework", "hmip-youth-2018", *files, *more).stdout


def test_the_rating_of_a_standard_is_that_of_its_lowest_question(scored: Path) -> None:
    """Reckoned from the file of answers by plain fractions."""
    with (scored / "answers.csv").open(encoding="utf-8-sig") as file:
        rows = [r for r in csv.DictReader(file) if r["reading"] == "1" and r["answer"] in {"yes", "no", "not_enough_evidence"}]  # fmt: skip
    results = json.loads(score(scored, "--format", "json"))["groups"]["all"]
    compared = 0
    for code, criterion in YOUTH.criteria.items():
        shares = []
        for question in criterion.questions:
            own = [row["answer"] == "yes" for row in rows if row["question"] == question.key]
            shares += [Fraction(100 * sum(own), len(own))] if own else []
        if not shares:
            assert results["criteria"][code]["rating"] is None
            continue
        compared += 1
        bands = (("Outstanding", 80), ("Good", 65), ("Requires improvement", 50), ("Inadequate", 0))
        expected = next(title for title, at_least in bands if min(shares) >= at_least)
        assert results["criteria"][code]["rating"] == expected
        assert "lowest of its questions" in results["criteria"][code]["rule"]
    assert compared == 8
    assert results["overall"]["rating"] is None
    assert results["overall"]["rule"] == "no rating of 1.1, 1.2, 1.3, 1.4"


def test_ratings_stand_beside_scores_in_every_form(scored: Path) -> None:
    results = json.loads(score(scored, "--format", "json"))["groups"]["all"]
    rating = results["criteria"]["2.2"]["rating"]
    rows = list(csv.DictReader(score(scored, "--format", "csv").lstrip("\ufeff").splitlines()))
    assert [r["rating"] for r in rows if (r["group"], r["name"]) == ("all", "2.2")] == [rating]
    line = next(line for line in score(scored).splitlines() if line.split()[:1] == ["2.2"])
    assert line.rstrip().endswith(rating)


def test_a_group_of_which_anything_is_withheld_has_no_ratings(scored: Path) -> None:
    """The rating by the lowest question could tell what a withheld question's score is."""
    groups = json.loads(score(scored, "--format", "json", "--suppress", "8"))["groups"]
    withheld = [
        g for g in groups.values() if any(q == {"suppressed": True} for q in g.get("questions", {}).values())
    ]
    assert withheld
    assert not [g for g in withheld if any("rating" in c for c in g["criteria"].values())]
