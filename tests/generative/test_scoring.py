"""Properties of scoring, over made-up answers to every framework that ships."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrutineer.fieldwork.cases.answers import list_choice_questions
from scrutineer.fieldwork.cases.codes import (
    ABOVE,
    MISSING,
    NOT_APPLICABLE_BYTE,
    RELEVANT,
    Codes,
    collect_answers,
    find_answer,
)
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.groups import GroupOf
from scrutineer.scoring.inspect import make_results
from scrutineer.scoring.results import Levels
from scrutineer.scoring.spread import Weighting, calculate_coefficients, spread
from scrutineer.scoring.tally import BLOCK, tally
from scrutineer.tasks.files import find_data_folder
from tests import reference

pytestmark = pytest.mark.unmeasured

LIBRARY = Library(find_data_folder("frameworks"))
NAMES = st.sampled_from(["esi-2003", "omi-2006", "esi-follow-up", "esi-domestic-violence"])


def made_up(framework: Framework, cases: int, seed: int) -> Codes:
    """Every kind of answer to every question, some questions without a relevant case."""
    generator = np.random.Generator(np.random.PCG64(seed))
    keys = list_choice_questions(framework)
    codes = np.empty((cases, len(keys)), dtype=np.uint8)
    for n, key in enumerate(keys):
        kinds = np.array([*collect_answers(framework.scale_of[key]).values(), MISSING], dtype=np.uint8)
        chances = generator.dirichlet(np.ones(len(kinds)) * 0.6)
        codes[:, n] = generator.choice(kinds, size=cases, p=chances)
        if generator.random() < 0.05:
            codes[:, n] = NOT_APPLICABLE_BYTE
    return codes


def everyone(cases: int) -> list[GroupOf]:
    generator = np.random.Generator(np.random.PCG64(cases))
    return [
        GroupOf("all", "All cases", np.ones(cases, dtype=np.bool_)),
        GroupOf("some", "Some", generator.random(cases) < 0.4),
    ]


def flat(levels: Levels) -> dict[str, float | None]:
    parts = {
        **levels.criteria,
        **levels.sections,
        **levels.threads,
        **({"overall": levels.overall} if levels.overall else {}),
    }
    return {name: e.score for name, e in parts.items()}


def as_answers(framework: Framework, codes: Codes) -> dict[tuple[str, str], str | None]:
    return {
        (str(row), key): find_answer(framework.scale_of[key], int(codes[row, n]))
        for n, key in enumerate(list_choice_questions(framework))
        for row in range(len(codes))
    }


@settings(max_examples=25, deadline=None)
@given(NAMES, st.integers(1, 40), st.integers(0, 10**6))
def test_fast_equals_the_plain_reference(name: str, cases: int, seed: int) -> None:
    framework = LIBRARY.load_framework(name)
    codes = made_up(framework, cases, seed)
    got = make_results(framework, codes, list_choice_questions(framework), everyone(cases))
    answers = as_answers(framework, codes)
    for group in everyone(cases):
        rows = [str(n) for n in np.flatnonzero(group.members)]
        want = reference.scores(framework, rows, answers)
        have = flat(got.groups[group.key].levels)
        assert have.keys() == want.keys()
        for key, value in want.items():
            assert have[key] == (None if value is None else pytest.approx(float(value), abs=1e-12)), key
        for key in list_choice_questions(framework):
            counts = got.groups[group.key].questions[key].counts
            expected = reference.counts(framework, rows, answers, key)
            assert (counts.above, counts.relevant, counts.missing, counts.no_evidence) == tuple(
                list(expected.values())[:4]
            )


@settings(max_examples=20, deadline=None)
@given(NAMES, st.integers(2, 60), st.integers(0, 10**6))
def test_order_of_rows_never_matters(name: str, cases: int, seed: int) -> None:
    framework = LIBRARY.load_framework(name)
    codes, keys, groups = made_up(framework, cases, seed), list_choice_questions(framework), everyone(cases)
    order = np.random.Generator(np.random.PCG64(seed)).permutation(cases)
    turned = [GroupOf(g.key, g.title, g.members[order]) for g in groups]
    first, other = (
        make_results(framework, codes, keys, groups),
        make_results(framework, codes[order], keys, turned),
    )
    for key in first.groups:
        assert flat(first.groups[key].levels) == flat(other.groups[key].levels)
        assert first.groups[key].questions == other.groups[key].questions
        for code, estimate in first.groups[key].levels.criteria.items():
            again = other.groups[key].levels.criteria[code]
            assert (estimate.low, estimate.high) == (pytest.approx(again.low), pytest.approx(again.high))


@settings(max_examples=30, deadline=None)
@given(NAMES, st.integers(1, 30), st.integers(0, 10**6), st.data())
def test_scores_are_monotone_in_answers(name: str, cases: int, seed: int, data: st.DataObject) -> None:
    """One answer from below to above the line lowers no score."""
    framework = LIBRARY.load_framework(name)
    codes, keys, groups = (
        made_up(framework, cases, seed),
        list_choice_questions(framework),
        everyone(cases)[:1],
    )
    below = np.argwhere((codes & RELEVANT != 0) & (codes & ABOVE == 0))
    if not len(below):
        return
    row, column = below[data.draw(st.integers(0, len(below) - 1))]
    better = codes.copy()
    better[row, column] = collect_answers(framework.scale_of[keys[column]])[
        next(o.code for o in framework.scale_of[keys[column]].options if o.above)
    ]
    first, other = (
        flat(make_results(framework, c, keys, groups).groups["all"].levels) for c in (codes, better)
    )
    for key, value in first.items():
        assert value is None or (other[key] or 0) >= value - 1e-12


@settings(max_examples=20, deadline=None)
@given(NAMES, st.integers(1, 30), st.integers(1, 20), st.integers(0, 10**6))
def test_not_applicable_never_changes_a_proportion(name: str, cases: int, more: int, seed: int) -> None:
    framework = LIBRARY.load_framework(name)
    codes, keys = made_up(framework, cases, seed), list_choice_questions(framework)
    longer = np.vstack([codes, np.full((more, len(keys)), NOT_APPLICABLE_BYTE, dtype=np.uint8)])
    group = make_results(framework, codes, keys, everyone(cases)[:1]).groups["all"]
    other = make_results(framework, longer, keys, everyone(cases + more)[:1]).groups["all"]
    assert flat(group.levels) == flat(other.levels)
    assert [q.score for q in group.questions.values()] == [q.score for q in other.questions.values()]
    assert [(q.low, q.high) for q in group.questions.values()] == [
        (q.low, q.high) for q in other.questions.values()
    ]


@settings(max_examples=20, deadline=None)
@given(NAMES, st.integers(2, 80), st.integers(0, 10**6), st.data())
def test_tally_of_parts_adds_to_tally_of_the_whole(
    name: str, cases: int, seed: int, data: st.DataObject
) -> None:
    framework = LIBRARY.load_framework(name)
    codes, keys = made_up(framework, cases, seed), list_choice_questions(framework)
    cut = data.draw(st.integers(1, cases - 1))
    masks = {g.key: g.members for g in everyone(cases)}
    whole = tally(codes, masks, keys)
    parts = tally(codes[:cut], {k: m[:cut] for k, m in masks.items()}, keys) + tally(
        codes[cut:], {k: m[cut:] for k, m in masks.items()}, keys
    )
    assert (whole.counts == parts.counts).all()
    assert (whole.cases == parts.cases).all()


def test_many_cases_in_blocks_and_halves_count_as_few_do() -> None:
    framework = LIBRARY.load_framework("esi-2003")
    cases = 33 * BLOCK + 17
    codes, keys = (
        np.tile(made_up(framework, 509, 3), (cases // 509 + 1, 1))[:cases],
        list_choice_questions(framework),
    )
    groups = {g.key: g.members for g in everyone(cases)}
    got = tally(codes, groups, keys)
    for g, members in enumerate(groups.values()):
        own = codes[members]
        assert (got.counts[0, g] == (own & ABOVE != 0).sum(axis=0)).all()
        assert (got.counts[1, g] == (own & RELEVANT != 0).sum(axis=0)).all()
        assert (got.counts[2, g] == (own & MISSING != 0).sum(axis=0)).all()


def test_single_precision_spreads_as_double_does() -> None:
    framework = LIBRARY.load_framework("esi-2003")
    codes, keys = made_up(framework, 5000, 8), list_choice_questions(framework)
    groups = {g.key: g.members for g in everyone(5000)}
    counted = tally(codes, groups, keys)
    from scrutineer.scoring.scores import score

    scored = [score(framework, {k: c.percent for k, c in counted.find_counts(g).items()}) for g in groups]
    shares = np.array([calculate_coefficients(list(s.criteria.values()), keys) for s in scored])
    exact, fast = (spread(codes, groups, counted, shares, single) for single in (False, True))
    for first, other in zip(exact, fast, strict=True):
        assert np.sqrt(np.diag(first.calculate_covariance())) == pytest.approx(
            np.sqrt(np.diag(other.calculate_covariance())), rel=1e-4
        )


def test_spread_is_what_each_case_leaves_written_out() -> None:
    """The standard error of a criterion, from the definition: residuals case by case in plain Python."""
    framework = LIBRARY.load_framework("esi-2003")
    codes, keys = made_up(framework, 50, 21), list_choice_questions(framework)
    got = make_results(framework, codes, keys, everyone(50)[:1]).groups["all"]
    for code, estimate in got.levels.criteria.items():
        asked = [
            q.key for q in framework.criteria[code].scored_questions if got.questions[q.key].counts.relevant
        ]
        if estimate.score is None:
            continue
        total = 0.0
        for row in codes:
            left = 0.0
            for key in asked:
                byte, counts = int(row[keys.index(key)]), got.questions[key].counts
                if byte & RELEVANT:
                    left += (
                        ((1 if byte & ABOVE else 0) - counts.above / counts.relevant)
                        / counts.relevant
                        / len(asked)
                    )
            total += left * left
        few = 0.0  # what questions of few cases hide: their spread with half a case more on either side, less as seen
        for key in asked:
            c = got.questions[key].counts
            p, q = c.above / c.relevant, (c.above + 0.5) / (c.relevant + 1)
            few += max(q * (1 - q) - p * (1 - p), 0) / c.relevant / len(asked) ** 2
        assert estimate.error == pytest.approx((total * 50 / 49 + few) ** 0.5, rel=1e-9)


def test_equal_weights_give_the_plain_estimates() -> None:
    framework = LIBRARY.load_framework("esi-2003")
    codes, keys = made_up(framework, 60, 5), list_choice_questions(framework)
    weighting = Weighting(np.full(60, 3.0), np.zeros(60, dtype=np.intp), np.zeros(1))
    got = make_results(framework, codes, keys, everyone(60), weighting=weighting)
    for group in got.groups.values():
        assert group.weighted is not None
        assert flat(group.weighted) == pytest.approx(flat(group.levels))
        for code, plain in group.levels.criteria.items():
            other = group.weighted.criteria[code]
            assert (other.error, other.low, other.high) == pytest.approx((plain.error, plain.low, plain.high))
        for key, question in group.questions.items():
            assert group.weighted_questions[key].score == pytest.approx(question.score)


def test_weights_count_a_case_as_often_as_it_stands_for() -> None:
    framework = LIBRARY.load_framework("esi-2003")
    codes, keys = made_up(framework, 40, 6), list_choice_questions(framework)
    weights = np.tile([1.0, 3.0], 20)
    weighted = make_results(
        framework,
        codes,
        keys,
        everyone(40)[:1],
        weighting=Weighting(weights, np.zeros(40, dtype=np.intp), np.zeros(1)),
    )
    repeated = np.repeat(codes, weights.astype(int), axis=0)
    plain = make_results(framework, repeated, keys, everyone(len(repeated))[:1])
    assert weighted.groups["all"].weighted is not None
    assert flat(weighted.groups["all"].weighted) == pytest.approx(flat(plain.groups["all"].levels))


def test_a_census_has_intervals_of_one_number() -> None:
    framework = LIBRARY.load_framework("esi-2003")
    got = make_results(
        framework, made_up(framework, 30, 1), list_choice_questions(framework), everyone(30)[:1], sampled=1.0
    ).groups["all"]
    for estimate in got.levels.criteria.values():
        assert estimate.score is None or (estimate.low, estimate.high) == (
            pytest.approx(estimate.score),
            pytest.approx(estimate.score),
        )


def test_answers_that_go_together_widen_the_interval() -> None:
    """Cases wholly good or wholly bad say less than as many answers scattered over cases."""
    framework = LIBRARY.load_framework("esi-2003")
    keys = list_choice_questions(framework)
    good, bad = (collect_answers(framework.scales[0])[code] for code in ("sufficient", "poor"))
    together = np.full((60, len(keys)), bad, dtype=np.uint8)
    together[::2] = good
    scattered = np.full((60, len(keys)), bad, dtype=np.uint8)
    scattered[(np.add.outer(np.arange(60), np.arange(len(keys)))) % 2 == 0] = good
    wide, narrow = (
        make_results(framework, c, keys, everyone(60)[:1]).groups["all"].levels.sections["C"]
        for c in (together, scattered)
    )
    assert wide.score == narrow.score == 0.5
    assert (wide.error or 0) > 4 * (narrow.error or 1)


def test_significant_is_said_of_few_groups_that_chance_alone_made() -> None:
    """Groups drawn by lot differ by chance alone: at most one page in twenty should call any score significant."""
    import json

    from scrutineer.scoring.comparison.read_results import ResultsFile
    from scrutineer.scoring.comparison.sides import compare_sides
    from scrutineer.simulation.caseload import make_cases
    from scrutineer.simulation.latent import Model, assign, make_answers
    from scrutineer.simulation.profile import read_profile

    framework = LIBRARY.load_framework("esi-2003")
    profile, keys = (
        read_profile(LIBRARY.folder / "esi-2003" / "synthetic.yaml", framework),
        list_choice_questions(framework),
    )
    hits = 0
    for seed in range(30):
        from datetime import date

        generator = np.random.Generator(np.random.PCG64(seed))
        cases = make_cases(framework, profile, 100, date(2006, 3, 31), generator)
        codes, _ = make_answers(framework, cases, Model(), assign(100, 9, 0, generator), generator)
        lot = np.isin(np.arange(100), generator.permutation(100)[: (8, 12, 24)[seed % 3]])
        both = [GroupOf("x", "x", lot), GroupOf("not:x", "not x", ~lot)]
        file = ResultsFile("x", json.loads(json.dumps(make_results(framework, codes, keys, both).as_dict())))
        comparison = compare_sides(file.make_side("x"), file.make_side("not:x"), (framework, framework))
        hits += any(row.words.startswith("significantly") for row in comparison.rows)
    assert hits <= 4  # of 30: more than four would happen once in 60 times, were the rate one in twenty
