"""The same tally on any frame: polars, pandas, duckdb, PySpark, one function for all by way of narwhals.

A national service keeps its answers where they are; only the counts come back, a few thousand numbers
whatever the billions behind them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np

from scrutineer.frameworks.model import Framework, Scale
from scrutineer.frameworks.question_kinds import NO_EVIDENCE, find_kind
from scrutineer.scoring.groups import ALL
from scrutineer.scoring.tally import STATUS, Tally

CASE, QUESTION, ANSWER = "case", "question", "answer"


def tally_long(framework: Framework, answers: Any, cases: Any, groups: Sequence[str] = ()) -> Tally:
    """Count answers in a long frame, on the engine that holds it.

    Args:
        framework: declares questions and scales.
        answers: a frame with `case`, `question` and `answer`: codes of the scale, `not_applicable`,
            `not_enough_evidence`, and null or blank where nothing was answered yet. One row per case and
            question that applies; questions that are not there are not applicable.
        cases: a frame with `case` and, for each group, a column of that name that is true for its members.
        groups: the names of those columns; all cases come first by themselves.
    """
    long, people = nw.from_native(answers).lazy(), nw.from_native(cases).lazy()
    statuses = dict(zip(STATUS, _list_statuses(framework), strict=True))
    # Membership as 0 or 1, because a product with a status then counts, which every engine can sum.
    marked = people.select(
        CASE,
        *(nw.col(g).fill_null(False).cast(nw.Int64).alias(_name_member(n)) for n, g in enumerate(groups)),
    )
    # Inner: answers about cases that are not in the frame of cases belong to no group and count nowhere.
    joined = long.select(CASE, QUESTION, ANSWER).join(marked, on=CASE, how="inner")
    flags = joined.with_columns(*(status.cast(nw.Int64).alias(name) for name, status in statuses.items()))
    parts = [
        (_name_column(name, n), nw.col(name) * nw.col(_name_member(n)))
        for n in range(len(groups))
        for name in STATUS
    ]
    spread = flags.with_columns(*(value.alias(name) for name, value in parts))
    names = [*STATUS, *(name for name, _ in parts)]
    # One grouping for all groups and statuses, so the engine reads the answers only once.
    counted = spread.group_by(QUESTION).agg(*(nw.col(name).sum() for name in names)).collect()
    sizes = marked.select(
        nw.len().cast(nw.Int64).alias("all_cases"),
        *(nw.col(_name_member(n)).sum() for n in range(len(groups))),
    ).collect()
    return _gather(framework, counted, sizes, groups)


def tally_wide(framework: Framework, answers: Any, cases: Any, groups: Sequence[str] = ()) -> Tally:
    """The same for a wide frame: `case` and a column per question."""
    wide = nw.from_native(answers).lazy()
    there = [name for name in wide.collect_schema().names() if name in framework.questions]
    # A blank in place of null: some engines leave nulls out when they turn columns into rows.
    filled = wide.select(CASE, *(nw.col(name).fill_null("") for name in there))
    long = filled.unpivot(on=there, index=[CASE], variable_name=QUESTION, value_name=ANSWER)
    return tally_long(framework, long.to_native(), cases, groups)


def _name_member(n: int) -> str:
    return f"member_{n}"


def _name_column(status: str, n: int) -> str:
    return f"{status}_{n}"


def _list_statuses(framework: Framework) -> tuple[nw.Expr, nw.Expr, nw.Expr, nw.Expr]:
    """Whether a row is above the line, relevant, missing, without enough evidence."""
    answer = nw.col(ANSWER)
    above, relevant = _match_answers(framework, _list_above), _match_answers(framework, _list_in_denominator)
    missing = answer.is_null() | (answer == "")
    return above, relevant, missing, (answer == NO_EVIDENCE).fill_null(False)


def _match_answers(framework: Framework, codes_of: Any) -> nw.Expr:
    """Whether the answer is one of some codes of its question's scale."""
    expression: nw.Expr | None = None
    for scale in framework.scales:
        questions = [q.key for q in framework.questions.values() if q.scale == scale.key]
        codes = codes_of(scale)
        # One condition for each scale, not for each question, to keep the query small.
        if questions and codes and find_kind(scale).is_coded:
            match = nw.col(QUESTION).is_in(questions) & nw.col(ANSWER).is_in(codes)
            expression = match if expression is None else expression | match
    if expression is None:
        # A framework without such a scale has no answer that matches.
        return nw.lit(value=False)
    # A null compares as null, which would spread into every sum.
    return expression.fill_null(False)


def _list_above(scale: Scale) -> list[str]:
    return [o.code for o in scale.options if o.above]


def _list_in_denominator(scale: Scale) -> list[str]:
    judged = [o.code for o in scale.options if o.above is not None]
    return [*judged, *([NO_EVIDENCE] if scale.no_evidence_is_below else [])]


def _gather(framework: Framework, counted: Any, sizes: Any, groups: Sequence[str]) -> Tally:
    """The engine's rows in the framework's order of questions."""
    questions = tuple(
        q.key for q in framework.questions.values() if find_kind(framework.scale_of[q.key]).is_coded
    )
    place = {key: n for n, key in enumerate(questions)}
    tally = np.zeros((len(STATUS), len(groups) + 1, len(questions)), dtype=np.int64)
    for row in counted.iter_rows(named=True):
        # National stores can hold questions of other frameworks, which are not counted here.
        if row[QUESTION] not in place:
            continue
        q = place[row[QUESTION]]
        for s, name in enumerate(STATUS):
            tally[s, 0, q] = row[name]
            for n in range(len(groups)):
                tally[s, n + 1, q] = row[_name_column(name, n)]
    first = next(iter(sizes.iter_rows()))
    return Tally(
        groups=(ALL, *groups),
        questions=questions,
        # The sum over no rows is null in most engines.
        cases=np.array([int(v or 0) for v in first], dtype=np.int64),
        counts=tally,
    )
