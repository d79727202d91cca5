"""The descriptive and the analytic error, each where it belongs; weights that add to the caseload; whom scores count."""

from __future__ import annotations

import json
from fractions import Fraction
from math import sqrt

import numpy as np
import polars as pl
import pytest

from benchmarks.worlds import World
from scrutineer.fieldwork.cases.answers import Answers
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.sampling.record import SampleRecord, make_record
from scrutineer.fieldwork.sampling.sample import draw_sample
from scrutineer.fieldwork.sampling.sample_plan import SampledElement, make_plan
from scrutineer.fieldwork.sampling.substitute import collect_weights, list_standing, sample_frame, substitute
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.programme import apart
from scrutineer.programme.periods import compare_years
from scrutineer.scoring.comparison.common import collect_common_gaps
from scrutineer.scoring.comparison.read_results import Counted, ResultsFile, ScoreWithErrors, Side
from scrutineer.scoring.comparison.sides import compare_sides, pool
from scrutineer.scoring.fractions import collect_fractions, make_weighting
from scrutineer.scoring.groups import GroupOf, count_members, find_counted, list_reported_groups
from scrutineer.scoring.inspect import make_results
from scrutineer.scoring.readers import make_agreement_report
from scrutineer.scoring.results import Estimate, Results
from scrutineer.scoring.scores import score
from scrutineer.statistics.differences import Analytic
from scrutineer.statistics.interval import Interval
from scrutineer.tasks.files import find_data_folder
from scrutineer.tasks.scoring import Loaded, ScoreRequest, score_loaded
from tests.unit.test_sampling import ON, caseload

CASES = 60


@pytest.fixture(scope="module")
def world() -> World:
    return World(Library(find_data_folder("frameworks")).load_framework("esi-2003"))


@pytest.fixture(scope="module")
def framework(world: World) -> Framework:
    return world.framework


def make_world_results(
    world: World, sampled: float | dict[str, float], seed: int = 3, cases: int = CASES
) -> Results:
    generator = np.random.Generator(np.random.PCG64(seed))
    first = np.arange(cases) < cases // 3
    groups = [
        GroupOf("all", "All cases", np.ones(cases, dtype=np.bool_)),
        GroupOf("some", "Some", first),
        GroupOf("not:some", "Others", ~first),
    ]
    return make_results(world.framework, world.cases(cases, generator), world.keys, groups, sampled=sampled)


def overall(results: Results, group: str = "all") -> Estimate:
    estimate = results.groups[group].levels.overall
    assert estimate is not None
    return estimate


@pytest.mark.parametrize("sampled", [0.0, 0.3, 0.9, 1.0])
def test_the_caseload_narrows_the_one_error_and_leaves_the_other(world: World, sampled: float) -> None:
    """First principles: the variance of a sample without replacement is (1 - f) times that of one with."""
    bare, sampled_estimate = (
        overall(make_world_results(world, 0.0)),
        overall(make_world_results(world, sampled)),
    )
    assert (bare.analytic, sampled_estimate.score) == (sampled_estimate.analytic, bare.score)
    assert bare.analytic == Analytic(bare.low, bare.high, bare.error)  # type: ignore[arg-type]
    assert bare.error is not None
    assert sampled_estimate.error == pytest.approx(bare.error * sqrt(1 - sampled))


def test_each_group_has_the_interval_of_its_own_part_of_the_caseload(world: World) -> None:
    """A group of which every case was read has no error about its caseload, whatever part of the others was."""
    results = make_world_results(world, {"all": 0.1, "some": 1.0, "not:some": 0.05})
    some, others, bare = (
        overall(results, "some"),
        overall(results, "not:some"),
        overall(make_world_results(world, 0.0), "not:some"),
    )
    assert (some.low, some.high, some.error) == (pytest.approx(some.score), pytest.approx(some.score), 0)
    assert some.analytic is not None
    assert some.analytic.error > 0
    assert bare.error is not None
    assert others.error == pytest.approx(bare.error * sqrt(0.95))
    question = next(q for q in results.groups["some"].questions.values() if q.counts.relevant)
    assert question.low == question.high == question.score


def side(results: Results, group: str) -> Side:
    return ResultsFile("x", json.loads(json.dumps(results.as_dict()))).make_side(group)


def test_at_a_census_groups_are_compared(world: World) -> None:
    """Once they were 'not tested': their errors about the caseload are nought."""
    results = make_world_results(world, 1.0)
    rows = compare_sides(side(results, "some"), side(results, "not:some"), (world.framework,) * 2).rows
    tested = [row for row in rows if row.level == "score"]
    assert tested
    assert all(row.difference.p_value is not None for row in tested)
    bare = make_world_results(world, 0.0)
    again = compare_sides(side(bare, "some"), side(bare, "not:some"), (world.framework,) * 2).rows
    assert [r.difference for r in rows] == [
        r.difference for r in again
    ]  # no part of a test knows the caseload


def without_analytic(results: Results, population: float | None) -> ResultsFile:
    """The file as it was written before the analytic error was kept."""
    content = json.loads(json.dumps(results.as_dict()))
    content["population"] = population
    for group in content["groups"].values():
        for level in ("sections", "criteria", "threads"):
            for counterpart in group[level].values():
                counterpart.pop("analytic", None)
        if group["overall"]:
            group["overall"].pop("analytic", None)
    return ResultsFile("old.json", content)


def test_results_of_before_give_the_analytic_error_by_their_fraction(world: World) -> None:
    old = without_analytic(make_world_results(world, 0.75), CASES / 0.75).make_side("some").scores["overall"]
    bare = overall(make_world_results(world, 0.0), "some")
    assert old.analytic is not None
    assert old.analytic.error == pytest.approx(bare.error)
    assert bare.analytic is not None
    # Their degrees of freedom tell the quantile: the ends come out the same but for questions of few cases.
    assert (old.analytic.low, old.analytic.high) == pytest.approx(
        (bare.analytic.low, bare.analytic.high), abs=2e-3
    )


def test_results_of_before_at_a_census_are_not_tested(world: World) -> None:
    file = without_analytic(make_world_results(world, 1.0), CASES)
    first, second = file.make_side("some"), file.make_side("not:some")
    assert first.scores["overall"].analytic is None
    rows = compare_sides(first, second, (world.framework,) * 2).rows
    assert {row.words for row in rows if row.level == "score"} == {"not tested"}
    assert apart.place_by_scores([("A", first.scores["overall"]), ("B", second.scores["overall"])]) is None


# -- what both were asked ----------------------------------------------------------------


def test_scores_are_tested_over_the_questions_that_both_have(framework: Framework) -> None:
    """B1 of one side is the mean of two questions, of the other of one: the test looks at the one that both have."""
    criterion = next(
        c for c in framework.criteria.values() if len([q for q in c.scored_questions if not q.summary]) > 1
    )
    first, second, *_ = [q.key for q in criterion.scored_questions if not q.summary]
    rest = {key: Counted(0, 0) for key in framework.questions}
    counts = rest | {first: Counted(6, 10), second: Counted(1, 10)}
    other = rest | {first: Counted(9, 10)}
    sides = [Side("x", framework.id, "", "all", 10, questions, {}) for questions in (counts, other)]
    gaps = collect_common_gaps((framework, framework), sides[0], sides[1])
    assert gaps[criterion.code] == pytest.approx(0.6 - 0.9)
    # A question that is withheld of a side is not among them; without any in common nothing is tested.
    withheld = Side("x", framework.id, "", "all", 10, {k: v for k, v in other.items() if k != second}, {})
    assert collect_common_gaps((framework, framework), sides[0], withheld)[criterion.code] == pytest.approx(
        0.6 - 0.9
    )
    apart_ones = [
        Side("x", framework.id, "", "all", 10, rest | {key: Counted(9, 10)}, {criterion.code: scored(0.9)})
        for key in (first, second)
    ]
    assert criterion.code not in collect_common_gaps((framework, framework), *apart_ones)
    rows = compare_sides(*apart_ones, (framework, framework)).rows
    assert [(r.name, r.words) for r in rows] == [(criterion.code, "not tested")]


@pytest.mark.parametrize("name_of", Library(find_data_folder("frameworks")).ids)
def test_a_gap_is_that_of_the_scores_of_what_both_were_asked(name_of: str) -> None:
    """The weights of the questions give what the exact arithmetic of scores gives, for every framework shipped."""
    framework = Library(find_data_folder("frameworks")).load_framework(name_of)
    generator = np.random.Generator(np.random.PCG64(5))
    for _ in range(10):
        counts = [
            {
                key: Counted(int(generator.binomial(n, 0.6)), n)
                for key in framework.questions
                for n in generator.integers(0, 4, 1).tolist()
            }
            for _ in range(2)
        ]
        shared = [key for key in framework.questions if all(side[key].relevant for side in counts)]
        exact = [
            score(
                framework,
                {
                    key: Interval.from_number(Fraction(100 * side[key].above, side[key].relevant))
                    for key in shared
                },
            )
            for side in counts
        ]
        sides = [Side("x", name_of, "", "all", 9, questions, {}) for questions in counts]
        gaps = collect_common_gaps((framework, framework), *sides)
        for level in ("criteria", "sections", "threads", "overall"):
            both = [getattr(each, level) for each in exact]
            if level == "overall":
                both = [{} if whole is None else {"overall": whole} for whole in both]
            for name, counterpart in both[0].items():
                other = both[1][name]
                if counterpart.value is None:
                    assert name not in gaps
                else:
                    assert gaps[name] == pytest.approx(
                        float(counterpart.value.low - other.value.low) / 100, abs=1e-12
                    )


def test_the_mean_of_several_is_tested_as_their_mean(framework: Framework) -> None:
    """Once the counts of all of them together were tested: of a large and a small area, the large one alone."""
    key = next(iter(framework.questions))
    code = framework.criterion_of[key].code
    rest = {name: Counted(0, 0) for name in framework.questions}

    def area(above: int, relevant: int) -> Side:
        return Side(
            "x",
            framework.id,
            "",
            "all",
            relevant,
            rest | {key: Counted(above, relevant)},
            {code: scored(above / relevant)},
        )

    mean = pool([area(280, 400), area(20, 40)], "both")
    assert mean.scores[code].score == pytest.approx(0.6)
    assert collect_common_gaps((framework, framework), area(60, 100), mean)[code] == pytest.approx(0)


# -- families of tests -------------------------------------------------------------------


def scored(score: float, error: float = 0.04) -> ScoreWithErrors:
    return ScoreWithErrors.from_many_cases(score, score - 2 * error, score + 2 * error, error, 80)


def test_standings_of_one_report_are_one_family() -> None:
    """Six areas on one score have one that stands out; beside nineteen scores without any difference it doesn't."""
    apart_one = apart.place_by_scores([(str(n), scored(0.6)) for n in range(5)] + [("low", scored(0.47))])
    alike = apart.place_by_scores([(str(n), scored(0.6)) for n in range(6)])
    assert apart_one is not None
    assert alike is not None
    assert [r.area for r in apart_one.find_by_place("below")] == ["low"]
    first, *others = apart.adjust_together([apart_one, *[alike] * 19])
    tested = next(r for r in first.rows if r.area == "low")
    assert tested.tested is not None
    assert tested.p_value == pytest.approx(min(tested.tested * 120, 1.0))
    assert not first.find_by_place("below")
    assert all(not score.differ for score in others)


def test_a_period_adjusts_its_differences() -> None:
    """Raw p-values once made bullets of a report: of one score just below 5% among many, nothing is said."""
    names = [(f"s{n}", f"Score {n}") for n in range(12)]

    def area(shift: float) -> Side:
        scores = {name: scored(0.6 + (shift if name == "s0" else 0.0)) for name, _ in names}
        return Side("A", "f", "", "all", 100, {}, scores)

    comparison = compare_years([area(0.12)], [area(0.0)], names)
    assert comparison[0].difference is not None
    assert comparison[0].difference.p_value is not None
    assert 0.01 < comparison[0].difference.p_value < 0.05
    assert not any(y.moved for y in comparison)
    assert any(y.moved for y in compare_years([area(0.12)], [area(0.0)], names[:1]))


# -- weights and whom scores count -------------------------------------------------------


def frame_of(selected: list[str], elements: list[str | None]) -> pl.DataFrame:
    number = len(selected)
    return pl.DataFrame(
        {"case": [f"C{n}" for n in range(number)], "selected_as": selected, "elements": elements}
    )


def with_attributes(framework: Framework, frame: pl.DataFrame) -> pl.DataFrame:
    """The same cases with every attribute of the framework, none of them recorded."""
    kinds = {
        "choice": pl.String,
        "text": pl.String,
        "yes_no": pl.Boolean,
        "date": pl.Date,
        "number": pl.Float64,
    }
    return frame.with_columns(
        pl.Series(a.key, [None] * frame.height, dtype=kinds[a.kind]) for a in framework.attributes
    )


def test_cases_added_for_an_element_enter_no_score_of_the_sample(framework: Framework) -> None:
    element = Library(find_data_folder("frameworks")).load_framework("esi-substance-misuse")
    frame = frame_of(["main", "additional", "substitute"], [None, element.id, None])
    assert count_members(framework, frame).tolist() == [True, False, True]
    assert find_counted(element, framework, frame).tolist() == [True, True, True]
    both = framework.model_copy(
        update={"sample": framework.sample.model_copy(update={"additional_in_scores": True})}
    )
    assert count_members(both, frame).all()
    attributes = with_attributes(framework, frame)
    every = next(g for g in list_reported_groups(framework, attributes) if g.key == "all")
    assert every.members.tolist() == [True, False, True]


def test_a_group_is_a_census_where_its_own_weights_say_so() -> None:
    members = np.array([True] * 4 + [False] * 6)
    groups = [GroupOf("all", "All", np.ones(10, dtype=np.bool_)), GroupOf("g", "G", members)]
    weights = np.where(members, 1.0, 10.0)
    inside = np.ones(10, dtype=np.bool_)
    assert collect_fractions(groups, inside, weights, 64) == {"all": pytest.approx(10 / 64), "g": 1.0}
    assert collect_fractions(groups, inside, None, 40) == {"all": 0.25, "g": 0.25}
    assert collect_fractions(groups, inside, None, None) == {"all": 0.0, "g": 0.0}


def test_cases_drawn_alike_are_a_stratum_and_those_not_counted_weigh_nothing() -> None:
    weights = np.array([1.0, 1.0, 5.0, 5.0, 5.0, 0.0])
    inside = np.array([True] * 5 + [False])
    weighting = make_weighting(weights, [""] * 6, inside)
    assert weighting.weights.tolist() == [1, 1, 5, 5, 5, 0]
    assert weighting.sampled.tolist() == [1.0, pytest.approx(0.2)]
    # Under a cap hardly two cases have one weight: the stratum is taken as a whole.
    uneven = make_weighting(np.array([1.0, 2.0, 3.0]), ["a", "a", "a"], np.ones(3, dtype=np.bool_))
    assert uneven.sampled.tolist() == [0.5]


def test_a_weighted_share_of_few_cases_has_a_wide_interval(world: World) -> None:
    """Two of two cases above the line say little, whatever they weigh."""
    generator = np.random.Generator(np.random.PCG64(9))
    codes = world.cases(40, generator)
    weights = np.where(np.arange(40) < 10, 1.0, 12.0)
    results = make_results(
        world.framework, codes, world.keys, [GroupOf("all", "All", np.ones(40, dtype=np.bool_))],
        weighting=make_weighting(weights, [""] * 40, np.ones(40, dtype=np.bool_)),
    ).groups["all"]  # fmt: skip
    few = [
        (q, results.weighted_questions[key])
        for key, q in results.questions.items()
        if 2 <= q.counts.relevant <= 4
    ]
    assert few
    for _, estimate in few:
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.high - estimate.low > 0.4


def test_every_file_of_a_sample_is_scored_with_its_weights(framework: Framework) -> None:
    """`score --weighted` once refused the sample that sampling wrote, where it held cases added for an element."""
    cases = caseload(400, high=30)
    element = SampledElement(framework="esi-substance-misuse", only=framework.groups[0].when, at_least=18)
    plan = make_plan(framework, on=ON, size=60, quotas={"high_risk": 12}, elements=(element,))
    record = make_record(draw_sample(cases, framework, plan, 5), cases, framework, plan, 5)
    frame = sample_frame(record, cases)
    main = frame.filter(frame["selected_as"] != "additional")
    assert main.height < frame.height
    assert float(main["weight"].sum()) == pytest.approx(record.eligible)
    world = World(framework)
    codes = world.cases(frame.height, np.random.Generator(np.random.PCG64(1)))
    answers = Answers(tuple(frame["case"].to_list()), world.keys, codes)
    loaded = Loaded(framework, (), Caseload("sample.csv", frame), answers)
    results = score_loaded(loaded, ScoreRequest(weighted=True)).results
    assert (results.groups["all"].cases, results.population) == (main.height, record.eligible)
    assert results.groups["all"].weighted is not None


def drawn_with_element(framework: Framework, seed: int = 5) -> tuple[SampleRecord, Caseload]:
    """A sample with cases that were added for an element on cases of high risk."""
    cases = caseload(400, high=40)
    element = SampledElement(framework="esi-substance-misuse", only=framework.groups[0].when, at_least=18)
    plan = make_plan(
        framework, on=ON, size=60, quotas={"high_risk": 12}, elements=(element,), reserve_percent=60
    )
    return make_record(draw_sample(cases, framework, plan, seed), cases, framework, plan, seed), cases


def test_who_stands_in_for_an_added_case_is_an_added_case(framework: Framework) -> None:
    """Once the reserve entered the main sample, and the element was one case short."""
    record, cases = drawn_with_element(framework)
    before = list_standing(record)
    added = next(c for c in before if c.selected_as == "additional")
    changed = substitute(
        record, cases, framework, added.case, reason="other", note="x", by="A. B.", on="2006-04-03"
    )
    after = {c.case: c for c in list_standing(changed)}
    new = after[changed.substitutions[-1].by]
    assert (new.selected_as, new.elements) == ("additional", added.elements)
    for kind in ("main", "additional"):
        assert sum(c.selected_as == kind for c in after.values()) == sum(
            c.selected_as == kind for c in before
        )
    assert collect_weights(changed) == collect_weights(record)
    frame = sample_frame(changed, cases)
    assert frame.filter(frame["case"] == new.case)["selected_as"].to_list() == ["additional"]
    assert set(frame.filter(frame["case"] == new.case)["risk_of_harm"].to_list()) <= {"high", "very_high"}


def test_leaving_an_assessor_out_leaves_added_cases_out_as_well(framework: Framework) -> None:
    world, selected = World(framework), ["main"] * 8 + ["additional"] * 4
    frame = frame_of(selected, [None] * 12).with_columns(assessor=pl.Series(["a", "b"] * 6))
    codes = world.cases(12, np.random.Generator(np.random.PCG64(3)))
    codes[8:] = world.below
    answers = Answers(tuple(frame["case"].to_list()), world.keys, codes)
    report = make_agreement_report(framework, Caseload("x", with_attributes(framework, frame)), answers)
    main = GroupOf("all", "All", np.array([True] * 8 + [False] * 4))
    true = make_results(framework, codes, world.keys, [main]).groups["all"].levels.overall
    assert true is not None
    effects = [e.with_all for e in report.effects if e.name == "overall"]
    assert effects == pytest.approx([true.score] * 2)


def test_a_weighted_census_has_no_error_and_the_others_keep_theirs(world: World) -> None:
    """All 20 of one kind and 40 of 400 of another: the mean of both fractions belongs to neither."""
    first = np.arange(60) < 20
    codes = world.cases(60, np.random.Generator(np.random.PCG64(1)))
    weights, everybody = np.where(first, 1.0, 10.0), np.ones(60, dtype=np.bool_)
    groups = [GroupOf("all", "All", everybody), GroupOf("few", "Few", first), GroupOf("many", "Many", ~first)]
    results = make_results(
        world.framework, codes, world.keys, groups, sampled=collect_fractions(groups, everybody, weights, 420.0),
        weighting=make_weighting(weights, [""] * 60, everybody),
    ).groups  # fmt: skip
    for name, criterion in results["few"].weighted.criteria.items():  # type: ignore[union-attr]
        if criterion.score is not None:
            assert (criterion.error, criterion.low, criterion.high) == (
                0,
                pytest.approx(criterion.score),
                pytest.approx(criterion.score),
            ), name
    bare = make_results(world.framework, codes, world.keys, groups).groups["many"]
    for name, criterion in results["many"].weighted.criteria.items():  # type: ignore[union-attr]
        other = bare.levels.criteria[name]
        if criterion.error and other.error:
            assert criterion.error == pytest.approx(other.error * sqrt(0.9), rel=0.02), name
