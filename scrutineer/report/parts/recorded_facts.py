"""What was recorded and not judged: how often each answer was given, and numbers and dates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scrutineer.frameworks.model import Criterion, Question
from scrutineer.frameworks.question_kinds import find_kind
from scrutineer.inspection.whole import Cases
from scrutineer.report.document.blocks import Block, Cell, Row, Table
from scrutineer.report.figures.figures import Figures
from scrutineer.scoring.groups import ALL, GroupOf
from scrutineer.scoring.recorded import Recorded, describe_recorded
from scrutineer.statistics.printed import calculate_share, format_decimal_percent


def compose_facts(figures: Figures, criterion: Criterion, cases: Cases | None) -> Iterator[Block]:
    """A table for each question whose answers are facts, and one for numbers and dates; few cases are left out."""
    if cases is None:
        return
    framework = figures.scored.framework
    for question in criterion.questions:
        scale = framework.scale_of[question.key]
        if find_kind(scale).is_coded and not scale.is_judged:
            yield from _compose_counts(figures, question, cases)
    everyone = GroupOf(ALL, "All cases", np.ones(len(cases.answers.cases), dtype=np.bool_))
    recorded = describe_recorded(framework, cases.caseload.frame, cases.answers, [everyone])[ALL]
    least = figures.house.numbers.percent_from
    rows = [
        _compose_recorded(question, recorded[question.key])
        for question in criterion.questions
        if question.key in recorded and recorded[question.key].n >= least
    ]
    if rows:
        yield Table(
            key=f"recorded-{criterion.code}",
            caption=f"Numbers and dates recorded on {criterion.code}",
            columns=("Question", "Cases", "Lower quartile", "Median", "Upper quartile"),
            names=("question", "cases", "lower_quartile", "median", "upper_quartile"),
            rows=tuple(rows),
            numbers=frozenset({1, 2, 3, 4}),
        )


def _compose_counts(figures: Figures, question: Question, cases: Cases) -> Iterator[Table]:
    framework = figures.scored.framework
    if question.key not in cases.answers.questions:
        return
    answers = cases.answers.decode_column(framework, question.key)
    options = framework.scale_of[question.key].options
    counts = [sum(answer == option.code for answer in answers) for option in options]
    answered, least = sum(counts), figures.house.numbers.publish_from
    # A count between nothing and the smallest that may be published would point at single cases.
    if answered < figures.house.numbers.percent_from or any(0 < n < least for n in counts):
        return
    rows = [
        Row(
            option.label,
            (Cell(str(n), n), Cell(_format_share(n, answered), round(n / answered, 6))),
        )
        for option, n in zip(options, counts, strict=True)
    ]
    open_ = len(answers) - answered
    yield Table(
        key=f"facts-{question.key}",
        caption=question.text,
        columns=("Answer", "Cases", "Share"),
        names=("answer", "cases", "share"),
        rows=(*rows, Row("All answers", (Cell(str(answered), answered), Cell("100%", 1.0)), strong=True)),
        note=f"Shares of the {answered} cases with an answer. {open_} had none." if open_ else "",
        numbers=frozenset({1, 2}),
    )


def _format_share(part: int, whole: int) -> str:
    return format_decimal_percent(calculate_share(part, whole))


def _compose_recorded(question: Question, values: Recorded) -> Row:
    middle = (values.lower_quartile, values.median, values.upper_quartile)
    cells = [Cell(f"{v:g}" if isinstance(v, float) else v, v) for v in middle]
    return Row(question.text, (Cell(str(values.n), values.n), *cells))
