"""Groups, explanations, comparisons, agreement, withholding: on answers small enough to work out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import t

from scrutineer.errors import UserError
from scrutineer.fieldwork.cases.answers import Answers, list_choice_questions
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.cases.codes import MISSING, Codes, collect_answers
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.frameworks.question_kinds import NO_EVIDENCE
from scrutineer.report.pages.comparisons import make_comparison_tables, write_comparison_page
from scrutineer.report.pages.explanations import list_agreement_lines, list_explanation_lines
from scrutineer.report.pages.results_tables import make_results_tables, write_results_csv, write_results_page
from scrutineer.scoring.comparison.mapped import find_comparable
from scrutineer.scoring.comparison.read_results import ResultsFile, read_results
from scrutineer.scoring.comparison.sides import compare_sides, pool
from scrutineer.scoring.explain import explain
from scrutineer.scoring.groups import GroupOf, list_reported_groups
from scrutineer.scoring.inspect import make_results
from scrutineer.scoring.readers import describe_mix, make_agreement_report
from scrutineer.scoring.results import Estimate, GroupResult, Levels, Results
from scrutineer.scoring.withhold import coarsen_group, empty_group, list_resting_on, withhold
from scrutineer.statistics.differences import Analytic
from scrutineer.statistics.shares import format_points

WORDS = {"+": "sufficient", "-": "poor", "?": None, "n": "not_applicable", "e": "not_enough_evidence"}


@pytest.fixture(scope="session")
def framework(library: Library) -> Framework:
    return library.load_framework("esi-2003")


def coded(framework: Framework, patterns: dict[str, str], cases: int) -> Codes:
    """Answers as signs, a string per question; what is not given is unanswered."""
    keys = list_choice_questions(framework)
    codes = np.full((cases, len(keys)), MISSING, dtype=np.uint8)
    for key, signs in patterns.items():
        known = {**collect_answers(framework.scale_of[key]), None: MISSING}
        codes[:, keys.index(key)] = [known[WORDS[s]] for s in signs]
    return codes


def answers(framework: Framework, codes: Codes, second: Codes | None = None) -> Answers:
    return Answers(tuple(f"C{n}" for n in range(len(codes))), list_choice_questions(framework), codes, second)


def everyone(number: int) -> GroupOf:
    return GroupOf("all", "All cases", np.ones(number, dtype=np.bool_))


def frame(number: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "case": [f"C{n}" for n in range(number)],
            "risk_of_harm": pl.Series(
                ["high" if n < 2 else "low" for n in range(number)],
                dtype=pl.Enum(["low", "medium", "high", "very_high"]),
            ),
            "sex": pl.Series(
                [None if n == 0 else "female" if n % 2 else "male" for n in range(number)],
                dtype=pl.Enum(["female", "male"]),
            ),
            "drug_score": [5.0 if n == 1 else 0.0 for n in range(number)],
            "alcohol_score": [0.0] * number,
            "assessor_kind": ["inspector" if n % 3 else "area_assessor" for n in range(number)],
            "office": ["North" if n < 3 else "South" for n in range(number)],
        }
    )


# -- groups ----------------------------------------------------------------------------


def test_groups_are_all_the_frameworks_diversity_elements_and_assessors(library: Library) -> None:
    base = library.load_framework("esi-2005")
    groups = list_reported_groups(
        base, frame(6), ["office"], [library.load_framework("esi-substance-misuse")]
    )
    sizes = {g.key: int(g.members.sum()) for g in groups}
    assert sizes == {
        "all": 6, "high_risk": 2, "women": 3, "esi-substance-misuse": 1, "sex=female": 3, "sex=male": 2,
        "assessor_kind=inspector": 4, "assessor_kind=area_assessor": 2, "office=North": 3, "office=South": 3, "sex=": 1,
    }  # fmt: skip


def test_a_complement_holds_only_those_of_whom_it_is_known(framework: Framework) -> None:
    groups = {g.key: g.members.tolist() for g in list_reported_groups(framework, frame(5), complements=True)}
    assert groups["not:high_risk"] == [False, False, True, True, True]
    assert groups["not:sex=female"] == [False, False, True, False, True]
    with pytest.raises(UserError, match="no column 'colour'"):
        list_reported_groups(framework, frame(5), ["colour"])


# -- results ---------------------------------------------------------------------------


def two_questions(framework: Framework) -> Results:
    codes = coded(framework, {"b2_assessed": "++-n?e", "b2_score": "+-----"}, 6)
    return make_results(
        framework, codes, list_choice_questions(framework), list_reported_groups(framework, frame(6))
    )


def test_json_has_the_promised_form_and_rounds_nothing(framework: Framework) -> None:
    content = json.loads(json.dumps(two_questions(framework).as_dict()))
    assert content["framework"].keys() == {"id", "version", "hash"}
    group = content["groups"]["all"]
    assert group["cases"] == 6
    assert {k: group["questions"]["b2_assessed"][k] for k in ("above", "relevant", "missing", "no_evidence")} == {
        "above": 2, "relevant": 4, "missing": 1, "no_evidence": 1,
    }  # fmt: skip
    assert group["criteria"]["B2"]["score"] == pytest.approx((2 / 4 + 1 / 6) / 2, abs=1e-15)
    assert group["criteria"]["B2"]["low"] < group["criteria"]["B2"]["score"] < group["criteria"]["B2"]["high"]
    assert group["sections"]["B"]["score"] == group["criteria"]["B2"]["score"]
    assert group["criteria"]["C1"] == {
        "score": None,
        "low": None,
        "high": None,
        "error": None,
        "freedom": None,
        "analytic": None,
    }
    assert group["dropped"]["B"] == ["B1", "B3", "B4"]
    assert {"women", "sex=female"} <= set(content["groups"]["sex=male"]["apart_from"])


def test_bands_are_the_ratings_of_scores(library: Library) -> None:
    omi = library.load_framework("omi-2006")
    key = omi.criteria["1.1"].scored_questions[0].key
    good = make_results(omi, coded(omi, {key: "+++-"}, 4), list_choice_questions(omi), [everyone(4)])
    poor = make_results(omi, coded(omi, {key: "++--"}, 4), list_choice_questions(omi), [everyone(4)])
    assert good.groups["all"].ratings == {"1.1": "Good"}
    assert poor.groups["all"].ratings == {"1.1": "Priority for improvement"}


@pytest.mark.parametrize("confidence", [0.95, 0.8])
def test_a_score_of_all_above_the_line_has_wilsons_interval_of_its_cases(
    framework: Framework, confidence: float
) -> None:
    """Nothing varies, so the size is that of the ten cases: 10 ÷ (10 + t²), by Student's t on nine degrees of freedom."""
    codes = coded(framework, {"b2_score": "+" * 10, "b2_assessed": "+" * 10}, 10)
    outcome = make_results(
        framework, codes, list_choice_questions(framework), [everyone(10)], confidence=confidence
    )
    score = outcome.groups["all"].levels.criteria["B2"]
    critical = float(t.ppf((1 + confidence) / 2, 9))
    assert (score.score, score.high) == (1, 1)
    assert score.low == pytest.approx(10 / (10 + critical**2))
    assert outcome.as_dict()["confidence"] == confidence


def test_a_weighted_estimate_stands_with_the_plain_one_of_the_same_name(framework: Framework) -> None:
    codes = coded(framework, {"b2_score": "++--", "b2_assessed": "+++-"}, 4)
    plain = make_results(framework, codes, list_choice_questions(framework), [everyone(4)])
    weighted = Levels(
        overall=Estimate(0.3), sections={"B": Estimate(0.2)}, criteria={"B2": Estimate(0.25)}, threads={}
    )
    group = replace(plain.groups["all"], weighted=weighted, weighted_questions={"b2_score": Estimate(0.75)})
    text = replace(plain, groups={"all": group}).as_dict()["groups"]["all"]
    assert text["overall"]["weighted"]["score"] == 0.3
    assert text["sections"]["B"]["weighted"]["score"] == 0.2
    assert text["criteria"]["B2"]["weighted"]["score"] == 0.25
    assert text["questions"]["b2_score"]["weighted"]["score"] == 0.75
    others = [*text["criteria"].items(), *text["questions"].items()]
    assert all("weighted" not in other for name, other in others if other and name not in ("B2", "b2_score"))


def test_made_up_results_are_read_as_such(framework: Framework) -> None:
    outcome = results_file(framework, {"b2_score": "+++-+-"})
    assert outcome.make_side("all").synthetic is False
    outcome.content["synthetic"] = True
    assert outcome.make_side("all").synthetic is True


def test_the_mix_of_cases_is_each_kind_but_the_commonest_of_what_is_known_beforehand(
    framework: Framework,
) -> None:
    """One column for each ten cases at most, none for a kind of fewer than five, nor for what assessors enter or diversity."""
    kinds = ["licence"] * 20 + ["community_rehabilitation"] * 12 + ["community_punishment"] * 8
    known = pl.DataFrame(
        {"order_type": kinds, "sex": ["male", "female"] * 20, "risk_plan": ["yes", "no"] * 20}
    )
    titles, columns = describe_mix(framework, known)
    assert titles == ("Type of order",)
    assert [c.tolist() for c in columns.T] == [
        [float(k == kind) for k in kinds] for kind in dict.fromkeys(kinds[20:])
    ]
    rare = ["licence"] * 30 + ["community_rehabilitation"] * 6 + ["community_punishment"] * 4
    assert describe_mix(framework, known.with_columns(order_type=pl.Series(rare)))[1].sum(
        axis=0
    ).tolist() == [6]
    assert describe_mix(framework, known[:19])[0] == ()
    few = pl.DataFrame(
        {"order_type": ["licence", "community_rehabilitation", "community_punishment"] * 6 + ["licence"]}
    )
    assert describe_mix(framework, few)[0] == (), "two columns for nineteen cases are too many"


def test_tables_csv_and_page_tell_the_same(framework: Framework) -> None:
    results = two_questions(framework)
    lines = write_results_csv(results).splitlines()
    row = next(line for line in lines if line.startswith("all,criterion,B2"))
    assert row.split(",")[10].startswith("0.3333")
    assert len(lines) == 1 + len(results.groups) * (71 + 12 + 3 + 1 + 1)
    page = write_results_page(results, ())
    assert "33%" in page
    assert "2 of 4" in page
    assert "<svg" in page
    assert write_results_page(results, ()) == page
    assert len(list(make_results_tables(results))) == 1 + -(-(len(results.groups) - 1) // 5)


def test_few_cases_are_withheld_and_what_rests_on_them(framework: Framework) -> None:
    codes = coded(framework, {"b2_assessed": "+" * 40, "b2_score": "n" * 38 + "+-"}, 40)
    known = frame(40).with_columns(sex=pl.col("sex").fill_null("male"))
    groups = list_reported_groups(framework, known)
    withheld = withhold(
        make_results(framework, codes, list_choice_questions(framework), groups), codes, groups, 5
    )
    assert withheld.hides("high_risk")
    assert not withheld.hides("all")
    assert withheld.hides("sex=male", "b2_score")
    assert withheld.hides("sex=male", "B2")
    assert not withheld.hides("sex=male", "b2_assessed")
    shown_groups = withheld.as_dict()["groups"]
    assert shown_groups["high_risk"] == {"title": "high risk of harm", "suppressed": True}
    assert shown_groups["sex=male"]["criteria"]["B2"] == {"suppressed": True}
    assert "yes" in next(
        line for line in write_results_csv(withheld).splitlines() if line.startswith("sex=male,criterion,B2")
    )
    assert "*" in write_results_page(withheld, ())
    assert withhold(withheld, codes, groups, 0) is withheld


EXACT = Estimate(0.6949, 0.5512, 0.8109, 0.0612, 37.0, Analytic(0.5401, 0.8233, 0.0651))
COARSE = Estimate(0.69, 0.55, 0.82, 0.065, 20.0, Analytic(0.54, 0.83, 0.07))
"""The same in whole percent: ends outwards, errors up to half a point, degrees of freedom down to a step."""


def scored_alike(framework: Framework, ratings: dict[str, str] | None = None) -> GroupResult:
    """A group of whom every score is the same."""
    levels = Levels(
        overall=EXACT, sections={s.code: EXACT for s in framework.sections}, criteria=dict.fromkeys(framework.criteria, EXACT),
        threads={t.key: EXACT for t in framework.threads},
    )  # fmt: skip
    return GroupResult("all", "All", 40, {}, levels, ratings or {})


def test_scores_that_rest_on_a_withheld_question_are_shown_in_whole_percent(village: Library) -> None:
    """s2_clean is part of S2, of S and of the overall score; criteria lose their intervals, from which it could be read off."""
    of_village = village.load_framework("village-libraries")
    outcome = coarsen_group(scored_alike(of_village), of_village, {"s2_clean"}).levels
    assert outcome.overall == COARSE
    assert outcome.sections == {"M": EXACT, "S": COARSE, "R": EXACT}
    assert outcome.criteria == {
        "M1": EXACT, "M2": EXACT, "S1": EXACT, "S2": Estimate(0.69), "R1": EXACT, "R2": EXACT,
    }  # fmt: skip
    assert outcome.threads == {"access": EXACT}
    by_thread = coarsen_group(scored_alike(of_village), of_village, {"r1_greeted"}).levels
    assert by_thread.threads == {"access": Estimate(0.69)}
    assert by_thread.sections["S"] == EXACT


@pytest.mark.parametrize(
    ("exact", "coarse"),
    [
        (Estimate(None), Estimate(None)),
        (Estimate(0.125, 0.125, 0.125, 0.0, 9.0), Estimate(0.13, 0.13, 0.13, 0.0, 5.0)),
        (Estimate(0.5, 0.3, 0.7, 0.1, 0.5), Estimate(0.5, 0.3, 0.7, 0.1, 1.0)),
        (Estimate(0.5, 0.301, 0.699, 0.1001, 5000.0), Estimate(0.5, 0.3, 0.7, 0.105, 1000.0)),
        (Estimate(0.5, None, None, None, None), Estimate(0.5, None, None, None, None)),
    ],
)
def test_whole_percent_never_makes_a_score_look_more_certain(
    exact: Estimate, coarse: Estimate, village: Library
) -> None:
    """The interval of a census stays one number; an end or an error that is whole stays as it is."""
    of_village = village.load_framework("village-libraries")
    group = scored_alike(of_village)
    group = replace(group, levels=replace(group.levels, sections={"S": exact}))
    assert coarsen_group(group, of_village, {"s2_clean"}).levels.sections["S"] == coarse


@pytest.mark.parametrize(
    ("score", "is_rated"),
    [
        (0.69, True),
        (0.6949, True),
        (0.695, False),
        (0.7, False),
        (0.7049, False),
        (0.705, True),
        (0.71, True),
    ],
)
def test_a_rating_is_left_out_where_it_would_say_more_than_the_printed_score(
    score: float, is_rated: bool, library: Library
) -> None:
    """Printed as 70%, a score can be below 70 or not, and the rating would tell; printed as 69% or 71% it can't."""
    framework = library.load_framework("omi-2006")
    assert [band.at_least for band in framework.scoring.bands] == [0, 70]
    group = scored_alike(framework, dict.fromkeys(framework.criteria, "Good"))
    criteria = {code: replace(EXACT, score=score) for code in framework.criteria}
    group = replace(group, levels=replace(group.levels, criteria=criteria))
    ratings = coarsen_group(group, framework, {"om25_summary"}).ratings
    assert ("2.5" in ratings) is is_rated
    assert set(framework.criteria) - set(ratings) <= {"2.5"}


def test_an_emptied_score_is_gone_from_the_plain_and_the_weighted_figures(village: Library) -> None:
    of_village = village.load_framework("village-libraries")
    group = scored_alike(of_village)
    outcome = empty_group(replace(group, weighted=group.levels), {"S2", "S", "access"})
    for levels in (outcome.levels, outcome.weighted):
        assert levels is not None
        assert levels.overall == EXACT
        assert levels.sections == {"M": EXACT, "S": Estimate(None), "R": EXACT}
        assert levels.criteria["S2"] == Estimate(None)
        assert levels.criteria["S1"] == EXACT
        assert levels.threads == {"access": Estimate(None)}
    emptied = empty_group(group, {"overall"})
    assert emptied.levels.overall == Estimate(None)
    assert emptied.weighted is None


def test_one_case_not_recorded_cannot_be_worked_out_by_subtraction(framework: Framework) -> None:
    """Women, men and one case not recorded add to all: with that one withheld, another must be, too."""
    codes = coded(framework, {"b2_assessed": "+" * 40, "b2_score": "+" * 40}, 40)
    groups = list_reported_groups(framework, frame(40))
    assert sum(int(g.members.sum()) for g in groups if g.attribute == "sex") == 40
    withheld = withhold(
        make_results(framework, codes, list_choice_questions(framework), groups), codes, groups, 5
    )
    assert withheld.hides("sex=")
    assert withheld.hides("sex=male", "b2_assessed") or withheld.hides("sex=female", "b2_assessed")


# -- explain ---------------------------------------------------------------------------


def test_an_explanation_adds_up(framework: Framework) -> None:
    patterns = {
        "b2_assessed": "++-n?e",
        "b2_score": "+-----",
        "b4_organised": "++++--",
        "b4_recording": "++++++",
    }
    explanation = explain(framework, answers(framework, coded(framework, patterns, 6)), everyone(6), "B")
    shares = {q.key: q.counts.percent.low for q in explanation.questions if q.counts.percent}
    assert explanation.value == sum(q.weight * shares[q.key] for q in explanation.questions if q.weight)
    assert {n: w for n, _, w in explanation.parts if w} == {"B2": Fraction(2, 3), "B4": Fraction(1, 3)}
    counts = {q.key: (q.below, q.missing) for q in explanation.questions}
    assert counts["b2_assessed"] == (("C2", "C5"), ("C4",))
    assert any("critical 2, important 1" in rule for rule in explanation.rule)
    assert (
        next(iter(list_explanation_lines(explanation))) == "B Quality of assessment: 50% (All cases, 6 cases)"
    )


@pytest.mark.parametrize(
    ("name", "line"), [("B2", 60), ("B2", 20), ("B", 55), ("overall", 30), ("b2_score", 50)]
)
def test_a_flip_is_the_least_that_flips(framework: Framework, name: str, line: int) -> None:
    """Changing the answers named crosses the line; one fewer of them does not."""
    patterns = {"b2_assessed": "++-n?e++-+", "b2_score": "+-----+--+", "b4_organised": "++++--+++-"}
    codes = coded(framework, patterns, 10)
    flip = explain(framework, answers(framework, codes), everyone(10), name, [Fraction(line)]).flips[0]
    assert flip.answers is not None

    def crossed(changes: tuple[tuple[str, str], ...]) -> bool:
        changed = codes.copy()
        for key, case in changes:
            good = "sufficient" if flip.direction == "up" else "poor"
            changed[int(case[1:]), list_choice_questions(framework).index(key)] = collect_answers(
                framework.scale_of[key]
            )[good]
        value = explain(
            framework, answers(framework, changed), everyone(10), name, [Fraction(line)]
        ).value or Fraction(0)
        return value >= line if flip.direction == "up" else value < line

    assert len(flip.first) == min(flip.answers, 10)
    assert crossed(flip.first)
    assert not crossed(flip.first[:-1])
    assert flip.cases is not None
    assert flip.cases <= flip.answers


def test_scores_that_there_are_not_are_refused_with_those_that_there_are(village: Library) -> None:
    library_of_village = village.load_framework("village-libraries")
    values = answers(library_of_village, np.full((2, 5), MISSING, dtype=np.uint8))
    for name in ("M", "M1", "A9"):
        with pytest.raises(UserError) as caught:
            explain(library_of_village, values, everyone(2), name)
        (fault,) = caught.value.faults
        assert fault.what == f"Framework 'village-libraries' has no score '{name}'"
        assert fault.do == "Choose from overall, R, S, R1, R2, S1, S2, access, or the key of a question"


@pytest.mark.parametrize(
    ("name", "title", "keys", "weights"),
    [
        ("overall", "Overall score", "s1_range s1_new s2_clean r1_greeted r2_found", None),
        ("S", "Stock", "s1_range s1_new s2_clean", (F(1, 3), F(1, 3), F(1, 3))),
        ("S1", "Choice of books", "s1_range s1_new", (F(1, 2), F(1, 2))),
        ("access", "Access", "s1_range r1_greeted", (F(1, 2), F(1, 2))),
        ("s2_clean", "Were the books clean?", "s2_clean", (F(1),)),
    ],
)
def test_an_explanation_is_of_the_questions_that_take_part(
    name: str, title: str, keys: str, weights: tuple[F, ...] | None, village: Library
) -> None:
    """S is 2 of S1, which is the mean of two questions, and 1 of S2; all answers are above the line."""
    of_village = village.load_framework("village-libraries")
    questions = list_choice_questions(of_village)
    yes = [collect_answers(of_village.scale_of[key])["yes"] for key in questions]
    outcome = explain(
        of_village, answers(of_village, np.array([yes, yes], dtype=np.uint8)), everyone(2), name
    )
    assert (outcome.title, outcome.value, outcome.cases) == (title, 100, 2)
    assert [q.key for q in outcome.questions] == keys.split()
    assert sum(q.weight for q in outcome.questions) == 1
    if weights is not None:
        assert tuple(q.weight for q in outcome.questions) == weights
    assert all((q.below, q.missing, q.counts.above) == ((), (), 2) for q in outcome.questions)


def test_an_explanation_as_json_is_worked_out_by_hand(village: Library) -> None:
    """Of two cases one has no answer to the first question and one no evidence for the second: (1/1 + 0/2) ÷ 2 is a half.

    Were the missing answer above the line, the first share would be 2/2, below it 1/2. Without the case that lacks
    evidence the second would be 0/1, with it above the line 1/2. One more answer above the line gives (1/1 + 1/2) ÷ 2.
    """
    of_village = village.load_framework("village-libraries")
    questions = list_choice_questions(of_village)
    codes = np.full((2, len(questions)), MISSING, dtype=np.uint8)
    known = collect_answers(of_village.scale_of["s1_range"])
    codes[0, questions.index("s1_range")] = known["yes"]
    codes[:, questions.index("s1_new")] = known["no"], known[NO_EVIDENCE]
    text = explain(of_village, answers(of_village, codes), everyone(2), "S1", [F(60)]).as_dict()
    assert (text["name"], text["title"], text["group"]) == ("S1", "Choice of books", "All cases")
    assert (text["cases"], text["score"], text["parts"]) == (2, 0.5, [])
    nothing = {
        "missing": 0,
        "no_evidence": 0,
        "not_applicable": 0,
        "below_the_line": [],
        "not_yet_answered": [],
    }
    assert text["questions"] == [
        {**nothing, "key": "s1_range", "above": 1, "relevant": 1, "weight": 0.5, "missing": 1, "not_yet_answered": ["C1"]},
        {**nothing, "key": "s1_new", "above": 0, "relevant": 2, "weight": 0.5, "no_evidence": 1, "below_the_line": ["C0", "C1"]},
    ]  # fmt: skip
    assert text["flips"] == [
        {
            "line": 0.6,
            "direction": "up",
            "answers": 1,
            "cases": 1,
            "first": [{"question": "s1_new", "case": "C0"}],
        }
    ]
    assert {t["name"]: t["score"] for t in text["treatments"]} == {
        "missing answers all above the line": 0.5,
        "missing answers all below the line": 0.25,
        "answers without enough evidence left out": 0.5,
        "answers without enough evidence all above the line": 0.75,
    }


def test_what_rests_on_a_question_is_every_score_that_it_takes_part_in(
    village: Library, library: Library
) -> None:
    of_village = village.load_framework("village-libraries")
    assert set(list_resting_on(of_village, "s1_range")) == {"S1", "S", "access", "overall"}
    assert set(list_resting_on(of_village, "s2_clean")) == {"S2", "S", "overall"}
    element = library.load_framework("esi-accommodation")
    assert not element.section_of["B1"].weight, "a theme has no overall score"
    assert set(list_resting_on(element, "ac_b1_needs")) == {
        "B1",
        "B",
        *element.questions["ac_b1_needs"].threads,
    }


def test_treatments_of_what_is_missing(framework: Framework) -> None:
    explanation = explain(
        framework, answers(framework, coded(framework, {"b2_score": "+-??e"}, 5)), everyone(5), "b2_score"
    )
    assert {t.name: t.score for t in explanation.treatments} == {
        "missing answers all above the line": Fraction(300, 5),
        "missing answers all below the line": Fraction(100, 5),
        "answers without enough evidence left out": Fraction(100, 2),
        "answers without enough evidence all above the line": Fraction(200, 3),
    }


def test_lines_are_the_bands_or_where_the_printed_figure_changes(
    library: Library, framework: Framework
) -> None:
    omi = library.load_framework("omi-2006")
    key = omi.criteria["1.1"].scored_questions[0].key
    explanation = explain(omi, answers(omi, coded(omi, {key: "+++-"}, 4)), everyone(4), "1.1")
    assert [f.line for f in explanation.flips] == [70]
    plain = explain(
        framework, answers(framework, coded(framework, {"b2_score": "+-+"}, 3)), everyone(3), "B2"
    )
    assert [f.line for f in plain.flips] == [Fraction(133, 2), Fraction(135, 2)]
    with pytest.raises(UserError, match="no score 'Z9'"):
        explain(framework, answers(framework, coded(framework, {}, 1)), everyone(1), "Z9")


# -- compare ---------------------------------------------------------------------------


def results_file(framework: Framework, signs: dict[str, str], label: str = "x") -> ResultsFile:
    number = len(next(iter(signs.values())))
    codes = coded(framework, signs, number)
    results = make_results(
        framework,
        codes,
        list_choice_questions(framework),
        list_reported_groups(framework, frame(number), complements=True),
    )
    return ResultsFile(f"{label}.json", json.loads(json.dumps({**results.as_dict(), "label": label})))


def test_words_follow_from_the_tests(framework: Framework) -> None:
    good, poor = (
        results_file(framework, {"b2_score": s, "b2_assessed": "+-" * 20})
        for s in ("+" * 38 + "--", "-" * 20 + "+" * 20)
    )
    comparison = compare_sides(good.make_side("all"), poor.make_side("all"), (framework, framework))
    words = {row.name: row.words for row in comparison.rows}
    assert words["b2_score"] == "significantly higher"
    assert words["b2_assessed"] == "no significant difference"
    turned = compare_sides(poor.make_side("all"), good.make_side("all"), (framework, framework))
    assert {row.name: row.words for row in turned.rows}["b2_score"] == "significantly lower"
    assert all(
        "significantly" not in r.words or (r.adjusted is not None and r.adjusted <= 0.05)
        for r in comparison.rows
    )
    row = next(r for r in comparison.rows if r.name == "b2_score")
    assert row.difference.value == pytest.approx(38 / 40 - 20 / 40)
    assert "b1_review16" in comparison.left_out
    page = write_comparison_page(comparison, framework)
    assert "significantly higher" in page
    assert len(list(make_comparison_tables(comparison))) == 2


def test_only_what_asks_the_same_is_compared(library: Library) -> None:
    old, new = library.load_framework("esi-2003"), library.load_framework("esi-2005")
    questions, scores = find_comparable(old, new)
    assert questions == old.questions.keys()
    assert {"B1", "C", "overall", "risk_of_harm"} <= scores
    follow_up = find_comparable(old, library.load_framework("esi-follow-up"))
    assert "B" in follow_up[1]
    assert "overall" not in follow_up[1]
    raised = old.model_copy(update={"sections": _with_meaning(old, "b2_score")})
    raised.__dict__.pop("questions", None)
    altered = find_comparable(old, Framework.model_validate(raised.model_dump(by_alias=True)))
    assert "b2_score" not in altered[0]
    assert not {"B2", "B", "overall"} & altered[1]
    assert "B1" in altered[1]
    assert not find_comparable(old, library.load_framework("omi-2006"))[0]


def _with_meaning(framework: Framework, key: str) -> object:
    return tuple(
        s.model_copy(update={"criteria": tuple(
            c.model_copy(update={"questions": tuple(q.model_copy(update={"meaning": 2}) if q.key == key else q for q in c.questions)})
            for c in s.criteria
        )})
        for s in framework.sections
    )  # fmt: skip


def test_several_areas_are_taken_together_alike(framework: Framework) -> None:
    first, two = (results_file(framework, {"b2_score": s}).make_side("all") for s in ("+++-", "+---++++"))
    both = pool([first, two], "the mean of 2 others")
    assert (both.questions["b2_score"].above, both.questions["b2_score"].relevant) == (8, 12)
    assert both.scores["B2"].score == pytest.approx((3 / 4 + 5 / 8) / 2)
    error = (first.scores["B2"].error ** 2 + two.scores["B2"].error ** 2) ** 0.5 / 2
    assert both.scores["B2"].error == pytest.approx(error)


def test_results_files_are_checked(tmp_path: Path, framework: Framework) -> None:
    file = results_file(framework, {"b2_score": "+++-+-"})
    assert file.are_apart("high_risk", "not:high_risk")
    assert not file.are_apart("high_risk", "sex=female")
    with pytest.raises(UserError, match="no group 'men'"):
        file.make_side("men")
    (tmp_path / "x.json").write_text("[1]")
    with pytest.raises(UserError, match="not a results file"):
        read_results(tmp_path / "x.json")
    with pytest.raises(UserError, match="no such file"):
        read_results(tmp_path / "y.json")
    whole = {"kind": "results", "framework": {"id": "x", "hash": "y"}, "groups": {"all": {}}}
    (tmp_path / "x.json").write_text(json.dumps(whole))
    assert read_results(tmp_path / "x.json").content == whole
    for change in (
        {"kind": "sample"},
        {"framework": {"id": "x"}},
        {"framework": "x"},
        {"groups": []},
        {"groups": {"all": 1}},
    ):
        (tmp_path / "x.json").write_text(json.dumps({**whole, **change}))
        with pytest.raises(UserError, match="not a results file"):
            read_results(tmp_path / "x.json")


def test_points_have_a_sign_and_no_negative_nought() -> None:
    assert [format_points(x) for x in (0.125, -0.125, 0.004, -0.004, 0.0)] == ["+13", "−13", "0", "0", "0"]


# -- agreement -------------------------------------------------------------------------


def test_agreement_by_question_and_pair_and_its_effect(framework: Framework) -> None:
    first = coded(framework, {"b2_score": "++--++", "b2_assessed": "++++--"}, 6)
    second = coded(framework, {"b2_score": "+-??? ".replace(" ", "?"), "b2_assessed": "++????"}, 6)
    answers = Answers(tuple(f"C{n}" for n in range(6)), list_choice_questions(framework), first, second)
    extended = frame(6).with_columns(
        assessor=pl.Series(["a", "a", "a", "b", "b", "b"]),
        second_assessor=pl.Series(["b", "b", None, None, None, None]),
    )
    report = make_agreement_report(framework, Caseload("x", extended), answers)
    assert report.read_twice == 2
    assert (report.questions["b2_score"].pairs, report.questions["b2_score"].same) == (2, 1)
    assert (report.overall.pairs, report.overall.same) == (4, 3)
    assert report.pairs["a", "b"].same == 3
    severity = {s.reader: s for s in report.severity}
    # On the cases that both read, a gave three of four above the line and b all but one: nothing can be told of so few.
    assert (severity["a"].cases, severity["a"].answers) == (3, 6)
    assert severity["a"].severity < 0
    assert not severity["a"].called
    effect = next(e for e in report.effects if (e.assessor, e.name) == ("a", "B2"))
    assert (effect.with_all, effect.without) == (pytest.approx(4 / 6), pytest.approx((2 / 3 + 1 / 3) / 2))
    text = json.loads(json.dumps(report.as_dict()))
    assert [(s["assessor"], s["cases"], s["answers"]) for s in text["severity"]] == [
        ("a", 3, 6),
        ("b", 5, 10),
    ]
    assert text["severity"][0]["severity"] == pytest.approx(severity["a"].severity)
    assert "2 cases were assessed twice: 3 of 4 answers were the same (75%)." in list(
        list_agreement_lines(report)
    )


def test_nothing_to_compare_is_said(framework: Framework) -> None:
    with pytest.raises(UserError, match="no case has a second assessment"):
        make_agreement_report(framework, Caseload("x", frame(3)), answers(framework, coded(framework, {}, 3)))


def test_what_the_framework_rules_out_is_no_agreement(framework: Framework) -> None:
    first = coded(framework, {"b1_rmp5": "n+", "b2_score": "+-"}, 2)
    second = coded(framework, {"b1_rmp5": "n+", "b2_score": "-+"}, 2)
    extended = frame(2).with_columns(
        risk_of_harm=pl.Series(["low", "high"], dtype=pl.Enum(["low", "medium", "high", "very_high"]))
    )
    report = make_agreement_report(
        framework,
        Caseload("x", extended),
        Answers(("C0", "C1"), list_choice_questions(framework), first, second),
    )
    assert (report.questions["b1_rmp5"].pairs, report.questions["b1_rmp5"].same) == (1, 1)
    assert (report.overall.pairs, report.overall.same) == (3, 1)


def test_results_files_that_are_not_whole(framework: Framework) -> None:
    file = results_file(framework, {"b2_score": "+++-"})
    file.content["groups"]["all"]["questions"]["b2_score"]["above"] = "many"
    with pytest.raises(UserError, match="are incomplete"):
        file.make_side("all")


def test_nothing_to_draw_is_no_chart_and_no_warning() -> None:
    from scrutineer.report.pages.charts import (
        draw_curves,
        draw_differences,
        draw_estimates,
        draw_funnel,
        draw_shares,
    )
    from scrutineer.statistics.dispersion import Dispersion
    from scrutineer.statistics.funnel import FunnelOfUnits

    drawn = [
        draw_estimates([], "t"),
        draw_differences([], "t"),
        draw_funnel(FunnelOfUnits((), 1.0, Dispersion()), "t"),
        draw_shares([], ("a", "b"), "t"),
    ]
    assert [*drawn, draw_curves([1, 2], {"a": [None, None]}, "t", "x", "y")] == [""] * 5
