"""Explanations and agreement in words and tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from scrutineer.report.figures.words import capitalise
from scrutineer.scoring.explain import Explanation, Flip
from scrutineer.scoring.explain_rating import ExplainedRating
from scrutineer.scoring.readers import AgreementReport
from scrutineer.statistics.agreement import Agreement
from scrutineer.statistics.pooled import Pooled, Told
from scrutineer.statistics.printed import format_decimal_percent
from scrutineer.statistics.shares import format_percent, format_span


def list_explanation_lines(explanation: Explanation) -> Iterator[str | Table]:
    """An explanation from the top down: the score, its rule, its parts, its questions, what would flip it."""
    value = "no score" if explanation.value is None else format_decimal_percent(explanation.value)
    yield f"{explanation.name} {explanation.title}: {value} ({explanation.group}, {explanation.cases} cases)"
    if explanation.rating is not None:
        yield from describe_explained_rating(explanation.rating)
    yield ""
    yield from explanation.rule
    for name, part, weight in explanation.parts:
        shown = "no score" if part is None else format_decimal_percent(part)
        yield f"  {name}: {shown}, weight {format_decimal_percent(100 * weight)}"
    yield _make_questions_table(explanation)
    for question in explanation.questions:
        if question.below:
            yield f"  {question.key}, below the line: {_list_words(question.below)}"
        if question.missing:
            yield f"  {question.key}, not yet answered: {_list_words(question.missing)}"
    yield ""
    for flip in explanation.flips:
        yield format_flip(flip)
    for treatment in explanation.treatments:
        shown = "no score" if treatment.score is None else format_decimal_percent(treatment.score)
        yield f"With {treatment.name}: {shown}."


def describe_explained_rating(explained: ExplainedRating) -> Iterator[str]:
    """A rating, what decided it, and what would flip it."""
    part = explained.part
    if part.final is None:
        yield f"Not rated: {part.reason}."
        return
    yield f"Rating: {part.final.title}. {capitalise(part.rule)}."
    yield from explained.flips or ("No single change would alter the rating.",)


def _make_questions_table(explanation: Explanation) -> Table:
    table = Table(box=SIMPLE_HEAD)
    table.add_column("Question", overflow="fold")
    for name in ("Above", "Of", "Share", "Missing", "No evidence", "Not applicable", "Weight"):
        table.add_column(name, justify="right")
    for q in explanation.questions:
        c = q.counts
        share = format_decimal_percent(c.percent.low) if c.percent else "–"
        numbers = (
            c.above,
            c.relevant,
            share,
            c.missing,
            c.no_evidence,
            c.not_applicable,
            format_decimal_percent(100 * q.weight),
        )
        table.add_row(Text(q.key), *(str(n) for n in numbers))
    return table


def _list_words(cases: tuple[str, ...]) -> str:
    return ", ".join(cases[:20]) + (f" and {len(cases) - 20} more" if len(cases) > 20 else "")


def format_flip(flip: Flip) -> str:
    """What it takes to cross a line, in a sentence."""
    verb = "reach" if flip.direction == "up" else "fall below"
    if flip.answers is None:
        return f"No change in the answers would make the score {verb} {format_decimal_percent(flip.line)}."
    better = "above" if flip.direction == "up" else "below"
    answers = f"{flip.answers} answer{'s' if flip.answers > 1 else ''}"
    cases = (
        "" if flip.cases is None else f", or all answers of {flip.cases} case{'s' if flip.cases > 1 else ''},"
    )
    first = "; ".join(f"{question} in case {case}" for question, case in flip.first[:3])
    return f"To {verb} {format_decimal_percent(flip.line)}, {answers}{cases} would have to be judged {better} the line, such as {first}."


def list_agreement_lines(report: AgreementReport) -> Iterator[str | Table]:
    """Agreement and severity, tables first for what needs a look."""
    if report.read_twice:
        overall = report.overall
        same = overall.percent[0] if overall.percent else None
        cases = "1 case was" if report.read_twice == 1 else f"{report.read_twice} cases were"
        yield f"{cases} assessed twice: {overall.same} of {overall.pairs} answers were the same ({format_percent(same)})."
        yield _make_measures_table(overall)
        yield (
            "Each figure is a mean over questions; a question counts for more if both assessors answered it in more cases. 1 is "
            "full agreement. For every measure except 'The same answer', 0 is what chance alone would give. The intervals come "
            "from resampling whole cases, because answers about one case tend to go together."
        )
        yield _make_agreement_table(
            "By question, least agreement first", [(k, a) for k, a in report.questions.items() if a.pairs]
        )
        yield _make_agreement_table(
            "By pair of assessors, means over questions",
            [(f"{a} / {b}", pair) for (a, b), pair in report.pairs.items()],
        )
    else:
        yield "No case was assessed twice."
    if report.severity:
        yield _make_severity_table(report)
        titles = [title.lower() for title in report.mix]
        known = (
            f", with the same {' and '.join([', '.join(titles[:-1])] * (len(titles) > 1) + titles[-1:])}"
            if titles
            else ""
        )
        yield (
            "Severity is the expected share above the line minus the share this assessor gave. Above zero means stricter than "
            "the others. 'Expected' is the share that the other assessors would have judged above the line on the same questions "
            f"and cases{known}. The p-values allow for the number of assessors."
        )


def list_measures(overall: Pooled) -> Iterator[tuple[str, Told, str]]:
    """The coefficients of agreement over all questions: title, value with its interval, and what it tells."""
    for title, value, measure in (
        ("The same answer", overall.percent, "How often both gave the same answer, including by chance"),
        ("AC1 (Gwet)", overall.ac1, "Agreement beyond guessing; stable if nearly all answers are the same"),
        (
            "Kappa (Cohen, linear weights)",
            overall.kappa,
            "Agreement on the steps of the scale beyond what each assessor's own habits would give",
        ),
        (
            "Alpha (Krippendorff, ordinal)",
            overall.alpha,
            "How well one assessment on the scale can replace another",
        ),
        (
            "Kappa on whether a question could be judged",
            overall.judged,
            "Whether both agreed that the question applied and had enough evidence",
        ),
    ):
        if value is not None:
            yield title, value, measure


def _make_measures_table(overall: Pooled) -> Table:
    table = Table(title="All questions together", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("")
    for name in ("Value", "95% interval"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("What it shows")
    for title, (value, low, high), measure in list_measures(overall):
        ends = "" if low is None or high is None else f"{low:.2f} to {high:.2f}"
        table.add_row(Text(title), f"{value:.2f}", ends, measure)
    return table


def _make_agreement_table(title: str, rows: Sequence[tuple[str, Agreement | Pooled]]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("")
    for name in ("Pairs", "Same", "95% interval", "AC1", "Kappa", "Alpha", "Judged"):
        table.add_column(name, justify="right")
    for name, agreement in sorted(rows, key=lambda row: (row[1].ac1 or (2.0,))[0]):
        same = agreement.percent or (None, None, None)
        shown = (
            _format_coefficient(value)
            for value in (agreement.ac1, agreement.kappa, agreement.alpha, agreement.judged)
        )
        table.add_row(
            Text(name), str(agreement.pairs), format_percent(same[0]), format_span(same[1], same[2]), *shown
        )
    return table


def _format_coefficient(value: Told | tuple[float, float, float] | float | None) -> str:
    """A coefficient, with or without the interval that it comes with."""
    number = value[0] if isinstance(value, tuple) else value
    return "–" if number is None else f"{number:.2f}"


def _make_severity_table(report: AgreementReport) -> Table:
    table = Table(title="Severity of assessors, strictest first", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("Assessor")
    for name in ("Cases", "Seen", "Expected", "Severity", "95% interval", "Adjusted p", "Overall without"):
        table.add_column(name, justify="right")
    effects = {e.assessor: e for e in report.effects if e.name == "overall"}
    for s in sorted(report.severity, key=lambda s: -s.severity if s.severity == s.severity else 9.0):
        effect = effects.get(s.reader)
        without = f"{100 * (effect.without - effect.with_all):+.1f}" if effect else "–"
        p = "–" if s.p_value is None else f"{s.p_value:.3f}"
        is_known = s.expected == s.expected  # not a number if it is not known
        ends = f"{100 * s.low:+.0f} to {100 * s.high:+.0f}" if is_known else "–"
        table.add_row(
            Text(s.reader),
            str(s.cases),
            format_percent(s.seen),
            format_percent(s.expected) if is_known else "–",
            f"{100 * s.severity:+.1f}" if is_known else "–",
            ends,
            p,
            without,
        )
    return table
