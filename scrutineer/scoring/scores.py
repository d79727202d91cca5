"""Question shares to criterion, section, overall and thread scores, by the framework's own rules.

Every figure is an interval in percent: counts give intervals of one number, printed figures
the interval that they can be in. The same arithmetic serves both, and rounds nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from scrutineer.frameworks.model import Criterion, Framework, Section
from scrutineer.frameworks.parts import make_exact
from scrutineer.statistics.interval import Interval, calculate_weighted_mean

Shares = Mapping[str, Interval | None]
_ONE = Fraction(1)


@dataclass(frozen=True)
class Score:
    """A score, what went into it and what had to stay out.

    Attributes:
        value: in percent; None if nothing could be scored.
        counted: the questions, criteria or sections in it, each with its weight.
        dropped: those that have no score, and so took no part in the weights.
    """

    value: Interval | None
    counted: tuple[tuple[str, Fraction], ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scores:
    """All scores of one group of cases."""

    criteria: dict[str, Score]
    sections: dict[str, Score]
    overall: Score | None
    threads: dict[str, Score]


def score(framework: Framework, shares: Shares) -> Scores:
    """Score everything that a framework scores.

    Args:
        framework: gives the questions, weights and rules.
        shares: per question key, the share of relevant cases above the line in percent; None
            (or no entry) where no case is relevant.
    """
    criteria = {
        c.code: make_criterion_score(framework, c, shares)
        for s in framework.sections
        for c in s.scored_criteria
    }
    values = {code: s.value for code, s in criteria.items()}
    sections = {
        s.code: make_section_score(framework, s, values) for s in framework.sections if s.scored_criteria
    }
    # Means of exact means: nothing is rounded between the levels, so the order of levels can't change a score.
    overall = find_overall_score(framework, {code: s.value for code, s in sections.items()})
    threads = {t.key: make_thread_score(framework, t.key, shares) for t in framework.threads}
    return Scores(criteria=criteria, sections=sections, overall=overall, threads=threads)


def make_criterion_score(framework: Framework, criterion: Criterion, shares: Shares) -> Score:
    """The mean of a criterion's questions by their weights; with a summary question, the two as the framework says."""
    rule = framework.scoring.criterion
    questions = criterion.scored_questions
    summary = [q for q in questions if q.summary]
    plain = _average([(q.key, shares.get(q.key), make_exact(q.weight)) for q in questions if not q.summary])
    # A criterion without a summary question is the mean alone; the framework's split does not apply.
    if not summary:
        return plain
    return _join(
        plain, summary[0].key, shares.get(summary[0].key), Fraction(rule.questions), Fraction(rule.summary)
    )


def _join(
    plain: Score, key: str, summary: Interval | None, of_plain: Fraction, of_summary: Fraction
) -> Score:
    """Questions and summary question together; whichever has no score drops out."""
    # Without a summary answer in any case, the mean of the questions is the whole score, and no share of it is counted as zero.
    if summary is None:
        return Score(plain.value, plain.counted, (*plain.dropped, key))
    if plain.value is None:
        return Score(summary, ((key, Fraction(1)),), plain.dropped)
    total = of_plain + of_summary
    # The weight of each plain question in the whole, so that an explanation can list all questions with one set of weights.
    each = of_plain / total / sum(weight for _, weight in plain.counted)
    counted = (*((name, weight * each) for name, weight in plain.counted), (key, of_summary / total))
    return Score(
        calculate_weighted_mean([(plain.value, of_plain), (summary, of_summary)]), counted, plain.dropped
    )


def make_section_score(framework: Framework, section: Section, values: Shares) -> Score:
    """The mean of a section's criteria, weighted by their importance."""
    return _average(
        [(c.code, values.get(c.code), framework.scoring.find_weight(c)) for c in section.scored_criteria]
    )


def find_overall_score(framework: Framework, values: Shares) -> Score | None:
    """The mean of the sections that have a weight; None if the framework has no overall score."""
    # Some frameworks publish section scores only; a mean that they don't define would look official.
    if not framework.has_overall:
        return None
    return _average(
        [(s.code, values.get(s.code), Fraction(s.weight)) for s in framework.sections if s.weight]
    )


def make_thread_score(framework: Framework, key: str, shares: Shares) -> Score:
    """The mean over the questions that carry a thread's tag."""
    return _average([(q.key, shares.get(q.key), _ONE) for q in framework.list_thread_questions(key)])


def _average(parts: Sequence[tuple[str, Interval | None, Fraction]]) -> Score:
    # What has no score drops out and the weights of the rest are used: a missing part must count neither as 0 nor as 100.
    there = [(name, value, weight) for name, value, weight in parts if value is not None]
    dropped = tuple(name for name, value, _ in parts if value is None)
    if not there:
        return Score(None, (), dropped)
    mean = calculate_weighted_mean([(value, weight) for _, value, weight in there])
    return Score(mean, tuple((name, weight) for name, _, weight in there), dropped)
