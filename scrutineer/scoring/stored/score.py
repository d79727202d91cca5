"""Results from stored answers: what `inspect.make_results` gives, without the answers in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.answers import list_choice_questions
from scrutineer.fieldwork.cases.codes import collect_answers, turn
from scrutineer.fieldwork.cases.values import make_value_fault, parse_column
from scrutineer.frameworks.model import Framework
from scrutineer.scoring.fractions import MOST, divide_by_weights
from scrutineer.scoring.groups import ALL
from scrutineer.scoring.inspect import GroupScoring, list_apart
from scrutineer.scoring.results import Results
from scrutineer.scoring.spread import Bits, SpreadPlan
from scrutineer.scoring.stored.columns import StoredColumns, find_columns, list_typed
from scrutineer.scoring.stored.counting import (
    CaseCounts,
    count_cases,
    make_counts,
    make_kinds,
    make_options,
    make_recorded,
    make_tally,
)
from scrutineer.scoring.stored.engine import Engine, Lazy
from scrutineer.scoring.stored.plan import StoredPlan
from scrutineer.scoring.stored.source import StoredSource
from scrutineer.scoring.stored.spooling import AnswerSpool, add_products
from scrutineer.scoring.withhold import withhold
from scrutineer.statistics.binomial import CONFIDENCE

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class StoredRequest:
    """What is asked of scores from stored answers.

    Attributes:
        by: further attributes whose values are groups.
        complements: everyone outside each group.
        suppress: the least number of cases that is shown; 0 shows all.
        population: how many eligible cases the sample represents; None if the weights say so, or it isn't known.
        label: what the results are of.
    """

    by: Sequence[str] = ()
    complements: bool = False
    suppress: int = 0
    population: int | None = None
    label: str = ""


def score_stored(
    engine: Engine,
    framework: Framework,
    elements: Sequence[Framework],
    cases: Lazy,
    answers: Lazy,
    request: StoredRequest,
    where: tuple[str, str] = ("the cases", "the answers"),
) -> tuple[Results, int]:
    """Score answers where they are.

    Args:
        engine: that reads them.
        framework: that they're scored by.
        elements: its thematic elements on part of the cases.
        cases: a row per case.
        answers: a row per answer, or a row per case and a column per question; the same frame as `cases` where both are in
            the same files.
        request: what is asked.
        where: what people know the cases and the answers by, for messages.

    Returns:
        The results, and how many questions aren't answered yet.

    Raises:
        UserError: with what is wrong with the columns, then with the references, then with the values.
    """
    columns = _find_columns(framework, elements, cases, answers, request.by, where)
    source = StoredSource(engine, framework, cases, answers, columns, where)
    source.check()
    plan = StoredPlan(
        framework=framework,
        elements=tuple(elements),
        attributes=tuple(list_typed(framework, columns)),
        questions=list_choice_questions(framework),
        values=source.collect_values(request.by),
        complements=request.complements,
        protects=request.suppress > 1,
    )
    with tempfile.TemporaryFile() as file:
        spool = None if engine.name == "spark" else AnswerSpool(file, len(plan.questions), len(plan.groups))
        counts = _count(source, plan, spool)
        if not counts.wrong_answers:
            _refuse_faults(source, counts)
            return _finish(source, counts, spool, request)
    # Other ways to write an answer are rare and take longer, so that files are read again for them.
    plan = replace(plan, is_lenient=True)
    with tempfile.TemporaryFile() as file:
        spool = spool and AnswerSpool(file, len(plan.questions), len(plan.groups))
        counts = _count(source, plan, spool)
        _refuse_faults(source, counts)
        return _finish(source, counts, spool, request)


def _find_columns(
    framework: Framework,
    elements: Sequence[Framework],
    cases: Lazy,
    answers: Lazy,
    by: Sequence[str],
    where: tuple[str, str],
) -> StoredColumns:
    headings = [frame.collect_schema().names() for frame in (cases, answers)]
    return find_columns(framework, elements, headings[0], headings[1], by, where)


def _count(source: StoredSource, plan: StoredPlan, spool: AnswerSpool | None) -> CaseCounts:
    """The first pass; on one machine it puts the answers aside for the second."""
    work = partial(count_cases, plan) if spool is None else partial(_count_and_spool, plan, spool)
    whole = CaseCounts(plan)
    for part in source.run(plan, work):
        whole.merge(part)
    return whole


def _count_and_spool(
    plan: StoredPlan, spool: AnswerSpool, batches: Iterator[pl.DataFrame]
) -> Iterator[CaseCounts]:
    counts = CaseCounts(plan)
    for raw in batches:
        batch = plan.read(raw)
        spool.add(batch.codes, counts.add(batch))
    yield counts


def _finish(
    source: StoredSource, counts: CaseCounts, spool: AnswerSpool | None, request: StoredRequest
) -> tuple[Results, int]:
    plan = counts.plan
    # Groups without a case are left out, as everywhere.
    places = [n for n, group in enumerate(plan.groups) if group.key == ALL or counts.cases[n]]
    groups, tally = [plan.groups[n] for n in places], make_tally(counts, places)
    apart = list_apart(groups, counts.shared[np.ix_(places, places)])
    scoring = GroupScoring(plan.framework, groups, tally, make_counts(tally, counts, places), apart)
    spread = SpreadPlan(tally, scoring.shares, np.float64)
    products = _multiply(source, plan, spread, spool, places)
    population = _find_population(request.population, counts, source.where[0])
    fractions = _divide(counts, places, population)
    scored = scoring.make_groups(spread.finish(products), fractions, CONFIDENCE)
    results = Results(
        plan.framework,
        scored,
        population=population,
        synthetic=counts.is_synthetic,
        label=request.label,
        options=make_options(counts, places),
        recorded=make_recorded(counts, places),
    )
    if request.suppress > 1:
        shown = len(plan.groups)
        unseen = [n for n in range(len(plan.unseen)) if _is_there(counts, shown + n)]
        kinds = make_kinds(counts, [*places, *(shown + n for n in unseen)])
        results = withhold(results, kinds, groups, request.suppress, [plan.unseen[n] for n in unseen])
    return results, int(tally.counts[2, 0].sum())


def _is_there(counts: CaseCounts, place: int) -> bool:
    """Whether a group, shown or unseen, has a case."""
    return bool(make_kinds(counts, [place]).sums.any())


def _multiply(
    source: StoredSource, plan: StoredPlan, spread: SpreadPlan, spool: AnswerSpool | None, places: list[int]
) -> Floats:
    """The second pass: from what was put aside, or from the answers once more."""
    if spool is not None:
        return add_products(spread, spool.read(), places)
    parts = list(source.run(plan, partial(_multiply_batches, plan, spread, places)))
    return np.asarray(sum(parts[1:], parts[0]))


def _multiply_batches(
    plan: StoredPlan, spread: SpreadPlan, places: list[int], batches: Iterator[pl.DataFrame]
) -> Iterator[Floats]:
    def read(raw: pl.DataFrame) -> tuple[Bits, Bits, npt.NDArray[np.bool_]]:
        batch = plan.read(raw)
        turned = turn(batch.codes)
        members = np.array([group.members for group in plan.mark(batch.frame)[0]])
        return turned >> np.uint8(7), (turned >> np.uint8(6)) & np.uint8(1), members

    yield add_products(spread, (partial(read, raw) for raw in batches), places)


def _find_population(asked: int | None, counts: CaseCounts, where: str) -> float | None:
    """How many eligible cases the sample represents: as entered, or the sum of its weights.

    Raises:
        UserError: fewer than the cases that were inspected.
    """
    cases = int(counts.cases[0])
    if asked is not None and asked < cases:
        what = f"the population is {asked:g}, but there are {cases} cases"
        raise UserError(Fault(where, what, "Enter the number of eligible cases"))
    if asked is not None or not _has_weights(counts):
        return asked
    return max(float(round(float(counts.weights[0]))), float(cases))


def _has_weights(counts: CaseCounts) -> bool:
    there = any(column.key == "weight" for column in counts.plan.attributes)
    return there and not counts.unweighted and float(counts.weights[0]) < MOST


def _divide(counts: CaseCounts, places: Sequence[int], population: float | None) -> dict[str, float]:
    """The share of each group's eligible cases that is in the sample."""
    keys = [counts.plan.groups[n].key for n in places]
    numbers = dict(zip(keys, counts.cases[places].tolist(), strict=True))
    sums = dict(zip(keys, counts.weights[places].tolist(), strict=True)) if _has_weights(counts) else None
    whole = int(counts.cases[0]), float(counts.weights[0])
    return dict(divide_by_weights(numbers, sums, *whole, population))


_SHOWN = 5


def _describe_wrong_choice(source: StoredSource, plan: StoredPlan, key: str, number: int) -> Iterator[Fault]:
    """The values of an attribute that can't be chosen."""
    column = plan.choices[key]
    texts = source.find_wrong_texts(key)
    _, problems = parse_column(pl.Series(texts, dtype=pl.String), column, {}, ())
    for text, problem in problems.items():
        yield make_value_fault(f"{source.where[0]}, among {number} of the cases", key, text, problem)


def _refuse_faults(source: StoredSource, counts: CaseCounts) -> None:
    """Refuse values that can't be.

    Raises:
        UserError: with every one of them.
    """
    framework, faults = counts.plan.framework, list[Fault]()
    for wrong, number in counts.wrong.items():
        is_answer = wrong.column in framework.questions
        where = f"{source.where[is_answer]}, {number} of the cases"
        faults.append(make_value_fault(where, wrong.column, wrong.text, wrong.problem))
    for key, number in counts.wrong_answers.items():
        if key in counts.plan.choices:
            faults += _describe_wrong_choice(source, counts.plan, key, number)
            continue
        scale, known = framework.scale_of[key], counts.plan.list_texts(key)
        texts = [text for text in source.find_wrong_texts(key) if text.strip().lower() not in known]
        listed = ", ".join(f"'{text}'" for text in texts[:_SHOWN])
        what = (
            f"question '{key}': {listed} (in {number} of the cases) is not an answer on scale '{scale.key}'"
        )
        do = f"Enter one of {', '.join(collect_answers(scale))}, or leave it blank"
        faults.append(Fault(source.where[1], what, do))
    for key, number in counts.contradicted.items():
        what = f"question '{key}': {number} answers aren't what follows by the framework's rules"
        faults.append(
            Fault(source.where[1], what, "Leave them blank, or correct the answers that they follow from")
        )
    if faults:
        raise UserError(faults)
