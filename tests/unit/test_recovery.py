"""An intruder with everything that is published, and integer programmes: nothing withheld may be worked out."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from benchmarks.worlds import World
from scrutineer.fieldwork.cases.answers import Answers
from scrutineer.fieldwork.cases.caseload import Caseload
from scrutineer.fieldwork.cases.codes import ABOVE, RELEVANT
from scrutineer.frameworks.library import Library
from scrutineer.frameworks.model import Framework
from scrutineer.report.pages.results_tables import write_results_csv, write_results_page
from scrutineer.scoring.groups import GroupOf
from scrutineer.scoring.inspect import make_results
from scrutineer.scoring.scores import Score, Scores, score
from scrutineer.scoring.withhold import coarsen_group, find_revealing, withhold
from scrutineer.statistics import recovery
from scrutineer.statistics.printed import round_half_up
from scrutineer.statistics.recovery import find_worked_out
from scrutineer.statistics.suppression import find_withheld
from scrutineer.tasks.files import find_data_folder
from scrutineer.tasks.scoring import Loaded, ScoreRequest, list_groups, score_loaded

LEAST = 5


@pytest.fixture(scope="module")
def framework() -> Framework:
    return Library(find_data_folder("frameworks")).load_framework("esi-2003")


def sample(framework: Framework, cases: int, seed: int) -> Loaded:
    """Cases of several overlapping kinds, some of them rare, with rare questions among theirs."""
    generator = np.random.Generator(np.random.PCG64(seed))
    risk = np.where(np.arange(cases) < 7, "high", "low")
    frame = pl.DataFrame(
        {
            "case": [f"C{n:03d}" for n in range(cases)],
            "risk_of_harm": pl.Series(risk.tolist(), dtype=pl.Enum(["low", "medium", "high", "very_high"])),
            "sex": pl.Series(
                generator.choice(["male", "female"], cases, p=[0.85, 0.15]).tolist(),
                dtype=pl.Enum(["male", "female"]),
            ),
            "ethnicity": pl.Series(
                generator.choice(
                    ["white", "minority_ethnic", "not_known"], cases, p=[0.8, 0.15, 0.05]
                ).tolist(),
                dtype=pl.Enum(["white", "minority_ethnic", "not_known"]),
            ),
            "office": [f"Office {n}" for n in generator.integers(0, 3, cases)],
            "weight": np.where(np.arange(cases) < 7, 1.0, 9.0).tolist(),
        }
    )
    world = World(framework)
    codes = world.cases(cases, generator)
    answers = Answers(tuple(frame["case"].to_list()), world.keys, codes)
    return Loaded(framework, (), Caseload("sample.csv", frame), answers)


def fits(
    parts: np.ndarray, published: dict[int, tuple[int, int]], known: dict[int, int], target: int
) -> set[int]:
    """The least and the greatest number of relevant cases that a withheld sum can have: the intruder's own programme."""
    atoms = parts.shape[1]
    rows, low, high = [], list[float](), list[float]()
    for n, (above, relevant) in published.items():
        for first, value in ((0, above), (1, relevant)):
            row = np.zeros(2 * atoms)
            row[first * atoms : (first + 1) * atoms] = parts[n]
            rows.append(row)
            low.append(value)
            high.append(value)
    for n, size in known.items():
        row = np.zeros(2 * atoms)
        row[atoms:] = parts[n]
        rows.append(row)
        low.append(0)
        high.append(size)
    for n in range(atoms):
        row = np.zeros(2 * atoms)
        row[n], row[atoms + n] = -1, 1
        rows.append(row)
        low.append(0)
        high.append(np.inf)
    aim = np.concatenate([np.zeros(atoms), parts[target].astype(float)])
    figures = set()
    for sign in (1, -1):
        solved = milp(
            sign * aim, constraints=[LinearConstraint(np.array(rows), low, high)], bounds=Bounds(0, np.inf),
            integrality=np.ones(2 * atoms),
        )  # fmt: skip
        figures.add(round(float(aim @ solved.x)) if solved.x is not None else -sign)
    return figures


@pytest.mark.unmeasured
@pytest.mark.parametrize(("seed", "complements"), [(0, False), (1, True), (2, False)])
def test_no_withheld_number_of_any_output_is_worked_out(
    framework: Framework, seed: int, complements: bool
) -> None:
    """With the page, the CSV and the JSON together, which hold the same; groups that overlap, and everyone else beside them."""
    loaded = sample(framework, 60, seed)
    by = [] if complements else ["office"]
    request = ScoreRequest(by=by, weighted=True, suppress=LEAST, complements=complements)
    results = score_loaded(loaded, request).results
    printed = json.loads(json.dumps(results.as_dict()))["groups"]
    every = list_groups(loaded, ScoreRequest(by=by, complements=True))
    kinds, kind = np.unique(np.array([g.members for g in every]).T, axis=0, return_inverse=True)
    parts = kinds.T.astype(bool)
    sizes = {
        n: int(g.members.sum())
        for n, g in enumerate(every)
        if g.key in printed and not printed[g.key].get("suppressed")
    }
    # Whoever knows two of a group, its rest and all knows the third.
    attacked = 0
    for place, key in list(enumerate(loaded.answers.questions))[seed::7]:
        published = {
            n: (printed[g.key]["questions"][key]["above"], printed[g.key]["questions"][key]["relevant"])
            for n, g in enumerate(every)
            if n in sizes and "above" in printed[g.key]["questions"][key]
        }
        column = loaded.answers.codes[:, place]
        relevant = np.bincount(kind.reshape(-1)[column & RELEVANT != 0], minlength=parts.shape[1])
        for n, group in enumerate(every):
            number = int(parts[n] @ relevant)
            if 0 < number < LEAST and n in sizes:
                assert n not in published, (group.key, key)
            if 0 < number < LEAST and n not in published:
                attacked += 1
                assert len(fits(parts, published, sizes, n)) > 1, (group.key, key, number)
        if len(published) < len(sizes):
            shares = [
                printed[g]["questions"][key].get("weighted")
                for g in printed
                if not printed[g].get("suppressed")
            ]
            assert all(not s or s["score"] is None for s in shares), key
    assert attacked > 4
    # The other outputs tell no number of what is withheld here.
    rows = write_results_csv(results).splitlines()
    for n, group in enumerate(every):
        if group.key in printed and n not in sizes:
            own = [row for row in rows if row.startswith(f"{group.key},")]
            assert own
            assert all(row.endswith(",yes") for row in own)
    assert "*" in write_results_page(results, ())


@pytest.mark.unmeasured
@pytest.mark.parametrize("seed", range(3))
def test_scores_of_all_cases_give_no_rare_question_away(framework: Framework, seed: int) -> None:
    """A question that three cases are relevant to is withheld of all cases: no score, in whole percent, tells its number."""
    loaded = sample(framework, 60, seed)
    codes = loaded.answers.codes.copy()
    generator = np.random.Generator(np.random.PCG64(seed))
    rare = [
        n for n, key in enumerate(loaded.answers.questions) if n % 9 == 0 and framework.questions[key].scored
    ]
    for n in rare:
        codes[:, n] = 0
        members = generator.permutation(60)[: int(generator.integers(1, LEAST))]
        codes[members, n] = [
            ABOVE | RELEVANT | 1 if generator.random() < 0.5 else RELEVANT | 4 for _ in members
        ]
    loaded = Loaded(
        framework, (), loaded.caseload, Answers(loaded.answers.cases, loaded.answers.questions, codes)
    )
    full = score_loaded(loaded, ScoreRequest()).results.groups["all"]
    printed_group: dict[str, Any] = score_loaded(loaded, ScoreRequest(suppress=LEAST)).results.as_dict()[
        "groups"
    ]["all"]
    shares = {key: question.counts.percent for key, question in full.questions.items()}
    exact = score(framework, shares)
    hidden = {key for key, question in printed_group["questions"].items() if question.get("suppressed")}
    assert {loaded.answers.questions[n] for n in rare} <= hidden
    every = {
        **printed_group["criteria"],
        **printed_group["threads"],
        **printed_group["sections"],
        "overall": printed_group["overall"],
    }
    whole = {name: flat(name, exact) for name in every}
    candidates = {key: {(a, r) for r in range(1, LEAST) for a in range(r + 1)} for key in hidden}
    for name, parts in whole.items():
        gone, printed = parts.keys() & hidden, every[name].get("score")
        value = sum(shares[key].low * part for key, part in parts.items())  # type: ignore[union-attr]
        if not gone or printed is None:
            continue
        assert printed == round(printed, 2)
        assert abs(printed * 100 - float(value)) <= 0.5 + 1e-9
        if name in printed_group["criteria"] or name in printed_group["threads"]:
            assert {k for k, v in every[name].items() if v is not None} == {"score"}
        if len(gone) == 1:  # two shares that nobody knows, in one sum, leave each of them open
            (key,) = gone
            rest = value - shares[key].low * parts[key]  # type: ignore[union-attr]
            candidates[key] = {
                (a, r)
                for a, r in candidates[key]
                if abs(float(rest + Fraction(100 * a, r) * parts[key]) - printed * 100) <= 0.5
            }
    for n in rare:
        key = loaded.answers.questions[n]
        assert len({r for _, r in candidates[key]}) > 1, key


def flat(name: str, exact: Scores) -> dict[str, Fraction]:
    """A score as a sum over the shares of questions, by its definition."""

    def parts(score: Score) -> dict[str, Fraction]:
        whole = sum(weight for _, weight in score.counted)
        return {key: weight / whole for key, weight in score.counted}

    def over(score: Score, of: dict[str, dict[str, Fraction]]) -> dict[str, Fraction]:
        shares_of: dict[str, Fraction] = {}
        for part, weight in parts(score).items():
            for key, share in of[part].items():
                shares_of[key] = shares_of.get(key, Fraction(0)) + weight * share
        return shares_of

    criteria = {code: parts(criterion) for code, criterion in exact.criteria.items()}
    sections = {code: over(section, criteria) for code, section in exact.sections.items()}
    assert exact.overall is not None
    threads = {key: parts(thread) for key, thread in exact.threads.items()}
    return {**criteria, **sections, **threads, "overall": over(exact.overall, sections)}[name]


@pytest.mark.parametrize("seed", range(4))
def test_an_element_beside_the_main_sample_gives_nothing_away(framework: Framework, seed: int) -> None:
    """48 of 60 cases are an element's, whose report shows them as all: what the main results withhold of the other twelve
    must not follow from both."""
    generator = np.random.Generator(np.random.PCG64(seed))
    world = World(framework)
    codes = world.cases(60, generator)
    inside = np.arange(60) < 48
    groups = [GroupOf("all", "All", np.ones(60, dtype=np.bool_)), GroupOf("element", "Element", inside)]
    others = [GroupOf("not:element", "Others", ~inside)]
    full = make_results(framework, codes, world.keys, groups)
    withheld = withhold(full, codes, groups, LEAST, others, [("element", framework), ("all", framework)])
    element = coarsen_group(
        full.groups["element"], framework, {k for g, k in withheld.suppressed if g == "element" and k}
    )
    gone = {key for key in framework.questions if withheld.hides("element", key)}
    assert gone
    shares = {key: question.counts.percent for key, question in full.groups["element"].questions.items()}
    exact = score(framework, shares)
    assert element.levels.overall is not None
    for key in gone:
        all_of, own = full.groups["all"].questions[key].counts, full.groups["element"].questions[key].counts
        if withheld.hides("all", key):
            continue
        rest = own.relevant != all_of.relevant and all_of.relevant - own.relevant < LEAST
        options = {
            (all_of.above - a, all_of.relevant - r)
            for r in range(LEAST)
            for a in range(r + 1)
            if 0 <= all_of.above - a <= all_of.relevant - r and r < all_of.relevant
        }
        for name in ("overall", *exact.sections, *exact.criteria, *exact.threads):
            parts = flat(name, exact)
            if parts.keys() & gone != {key} or (find_revealing("element"), name) in withheld.suppressed:
                continue
            value = sum(shares[k].low * part for k, part in parts.items())  # type: ignore[union-attr]
            printed = round_half_up(value)
            remainder = value - shares[key].low * parts[key]  # type: ignore[union-attr]
            options = {
                (a, r)
                for a, r in options
                if round_half_up(remainder + Fraction(100 * a, r) * parts[key]) == printed
            }
        if rest:
            assert len({r for _, r in options}) > 1, key


def test_a_question_alone_in_its_criterion_takes_the_score_with_it() -> None:
    """3 of 4 cases on the one question of a criterion: the score in whole percent would say so."""
    framework = Library(find_data_folder("frameworks")).load_framework("esi-domestic-violence")
    criterion = next(c for c in framework.criteria.values() if len(c.scored_questions) == 1)
    world = World(framework)
    codes = world.cases(40, np.random.Generator(np.random.PCG64(2)))
    place = world.keys.index(criterion.scored_questions[0].key)
    codes[:, place] = 0
    codes[:4, place] = [world.above[place]] * 3 + [world.below[place]]
    groups = [GroupOf("all", "All", np.ones(40, dtype=np.bool_))]
    withheld = withhold(make_results(framework, codes, world.keys, groups), codes, groups, LEAST)
    assert withheld.hides("all", criterion.scored_questions[0].key)
    assert withheld.as_dict()["groups"]["all"]["criteria"][criterion.code] == {"suppressed": True}
    # Charts and tables are drawn from the values themselves: there is none.
    assert withheld.groups["all"].levels.criteria[criterion.code].score is None


def test_cases_added_for_an_element_are_not_worked_out(framework: Framework) -> None:
    """An element's cases less those of the main sample that it looks at: two that were added, and are nobody's group."""
    generator = np.random.Generator(np.random.PCG64(5))
    world = World(framework)
    codes = world.cases(62, generator)
    main = np.arange(62) < 60
    inside = (np.arange(62) < 30) | ~main
    groups = [
        GroupOf("all", "All", main),
        GroupOf("element", "Element", inside),
        GroupOf("not:element", "Others", main & ~inside),
    ]
    full = make_results(framework, codes, world.keys, groups)
    withheld = withhold(full, codes, groups, LEAST, [GroupOf("added:element", "Added", ~main)])
    shown = [key for key in world.keys if full.groups["all"].questions[key].counts.relevant]
    for key in shown:
        shown_in = [g for g in ("all", "element", "not:element") if not withheld.hides(g, key)]
        assert len(shown_in) < 3, key


# -- the programme itself ----------------------------------------------------------------


def test_an_integer_programme_finds_what_a_linear_one_leaves_open() -> None:
    """Half a case is no case: with one relevant case of each of two pairs, halves fit, whole numbers don't."""
    # Three sums, each over two of three atoms, all published: as whole numbers every atom follows.
    parts = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1], [1, 0, 0]], dtype=bool)
    relevant = np.array([1, 1, 1])
    hidden = np.array([False, False, False, True])
    nowhere = np.full(4, np.nan)
    assert find_worked_out(parts, np.zeros(3, dtype=np.int64), relevant, hidden, [3], nowhere) == (3,)
    loose = np.array([False, True, False, True])
    assert find_worked_out(parts, np.zeros(3, dtype=np.int64), relevant, loose, [3], nowhere) == ()


def test_those_above_the_line_can_give_the_relevant_ones_away() -> None:
    """Two of two are above in all: where one group of the two shows one of one, the other must be one of one."""
    parts = np.array([[1, 1], [1, 0], [0, 1]], dtype=bool)
    worked_out = find_worked_out(
        parts, np.array([1, 1]), np.array([1, 1]), np.array([False, False, True]), [2], np.full(3, np.nan)
    )
    assert worked_out == (2,)


def test_what_the_solver_leaves_open_counts_as_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unsolved:
        status, x, fun = 1, None, None

    monkeypatch.setattr("scipy.optimize.milp", lambda *_, **__: Unsolved())
    monkeypatch.setattr(recovery, "_has_other_by_a_move", lambda *_: False)
    parts = np.array([[1, 1], [1, 0]], dtype=bool)
    counts = np.array([2, 40])
    assert find_worked_out(parts, counts, counts, np.array([False, True]), [1], np.full(2, np.nan)) == (1,)
    monkeypatch.setattr("scipy.optimize.linprog", lambda *_, **__: Unsolved())
    assert find_withheld([[1, 1], [0, 1], [1, 0]], [40, 3], 5, [0]).tolist() == [False, True, True]
