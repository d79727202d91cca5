"""Why a score is what it is: counts, weights and rule, the cases below the line, and what would flip it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from scrutineer.errors import Fault, UserError
from scrutineer.fieldwork.cases.answers import Answers
from scrutineer.fieldwork.cases.codes import ABOVE, RELEVANT
from scrutineer.frameworks.model import Criterion, Framework, Section
from scrutineer.frameworks.parts import make_exact
from scrutineer.scoring.counts import Counts
from scrutineer.scoring.explain_rating import ExplainedRating, explain_rating
from scrutineer.scoring.groups import GroupOf
from scrutineer.scoring.scores import Score, Scores, score
from scrutineer.scoring.tally import tally
from scrutineer.statistics.interval import Interval
from scrutineer.statistics.printed import round_half_up

OVERALL = "overall"


@dataclass(frozen=True)
class QuestionPart:
    """One question's part in a score.

    Attributes:
        key: of the question.
        text: of the question.
        counts: over the group.
        weight: how much of the score its share makes, 0 to 1; 0 if it has no relevant case.
        below: the cases below the line.
        missing: the cases not yet answered.
    """

    key: str
    text: str
    counts: Counts
    weight: Fraction
    below: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Flip:
    """What it takes to bring a score across a line.

    Attributes:
        line: in percent.
        direction: up or down.
        answers: the least number of answers that would have to be judged otherwise; None if no number does.
        cases: the least number of cases, were all their answers judged otherwise.
        first: the answers that would do it, as pairs of question and case.
    """

    line: Fraction
    direction: str
    answers: int | None
    cases: int | None
    first: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Treatment:
    """The score under another treatment of answers that are missing or lack evidence."""

    name: str
    score: Fraction | None


@dataclass(frozen=True)
class Explanation:
    """Everything behind one score. Scores are in percent."""

    name: str
    title: str
    group: str
    cases: int
    value: Fraction | None
    rule: tuple[str, ...]
    parts: tuple[tuple[str, Fraction | None, Fraction], ...]
    questions: tuple[QuestionPart, ...]
    flips: tuple[Flip, ...]
    treatments: tuple[Treatment, ...]
    rating: ExplainedRating | None = None

    def as_dict(self) -> dict[str, Any]:
        """The explanation as JSON gives it; scores as proportions."""
        rated = self.rating
        ratings = {} if rated is None else {**rated.part.as_dict(), "rating_flips": list(rated.flips)}
        return {
            **ratings,
            "name": self.name,
            "title": self.title,
            "group": self.group,
            "cases": self.cases,
            "score": _find_proportion(self.value),
            "rule": list(self.rule),
            "parts": [
                {"name": n, "score": _find_proportion(v), "weight": float(w)} for n, v, w in self.parts
            ],
            "questions": [
                {
                    "key": q.key,
                    "above": q.counts.above,
                    "relevant": q.counts.relevant,
                    "missing": q.counts.missing,
                    "no_evidence": q.counts.no_evidence,
                    "not_applicable": q.counts.not_applicable,
                    "weight": float(q.weight),
                    "below_the_line": list(q.below),
                    "not_yet_answered": list(q.missing),
                }
                for q in self.questions
            ],
            "flips": [
                {
                    "line": float(f.line) / 100,
                    "direction": f.direction,
                    "answers": f.answers,
                    "cases": f.cases,
                    "first": [{"question": q, "case": c} for q, c in f.first],
                }
                for f in self.flips
            ],
            "treatments": [{"name": t.name, "score": _find_proportion(t.score)} for t in self.treatments],
        }


def _find_proportion(percent: Fraction | None) -> float | None:
    return None if percent is None else float(percent / 100)


def explain(
    framework: Framework,
    answers: Answers,
    group: GroupOf,
    name: str,
    lines: Sequence[Fraction] = (),
    given: Mapping[str, str] | None = None,
) -> Explanation:
    """Explain one score of one group.

    Args:
        framework: gives the rule.
        answers: of all cases.
        group: whose score it is.
        name: a question's key, the code of a criterion or section, a thread's key, or `overall`.
        lines: in percent; what would bring the score across each. By default the framework's bands and line
            of priority, and where it has none the next whole percentages as they are printed.
        given: ratings that people gave, by the code of a criterion.

    Raises:
        UserError: there is no such score.
    """
    _refuse_unknown(framework, name)
    counts = tally(answers.codes, {group.key: group.members}, answers.questions).find_counts(group.key)
    scores = _score(framework, counts)
    weights = collect_question_weights(framework, scores, name)
    value = _find_value(scores, counts, name)
    # People ask what would change the outcome before they know the lines, so the framework's own lines are the default.
    asked = tuple(lines) or _list_lines(framework, value, name)
    return Explanation(
        name=name,
        title=_write_title(framework, name),
        group=group.title,
        cases=int(group.members.sum()),
        value=value,
        rule=tuple(_describe_rule(framework, name)),
        parts=tuple(_list_parts(framework, scores, name)),
        questions=tuple(
            _make_question_part(framework, answers, group, key, counts[key], weights.get(key, Fraction(0)))
            for key in _list_asked(framework, name)
        ),
        flips=tuple(_make_flip(answers, group, counts, weights, value, line) for line in asked)
        if value is not None
        else (),
        treatments=tuple(_list_treatments(framework, counts, name)),
        rating=explain_rating(framework, counts, int(group.members.sum()), name, given),
    )


def _refuse_unknown(framework: Framework, name: str) -> None:
    sections = {s.code for s in framework.sections if s.scored_criteria}
    cases = {c.code for c in framework.criteria.values() if c.kind == "case"}
    threads, scored = (
        {t.key for t in framework.threads},
        {q.key for q in framework.questions.values() if q.scored},
    )
    overall = {OVERALL} if framework.has_overall or framework.rated.overall is not None else set()
    rated: list[Criterion | Section] = [*framework.criteria.values(), *framework.sections]
    sections |= {part.code for part in rated if framework.find_method(part) is not None}
    if name not in sections | cases | threads | scored | overall:
        known = ", ".join([*sorted(overall), *sorted(sections), *sorted(cases), *sorted(threads)])
        raise UserError(
            Fault(
                "",
                f"Framework '{framework.id}' has no score '{name}'",
                f"Choose from {known}, or the key of a question",
            )
        )


def _score(framework: Framework, counts: dict[str, Counts]) -> Scores:
    return score(framework, {key: c.percent for key, c in counts.items()})


def _find_value(scores: Scores, counts: dict[str, Counts], name: str) -> Fraction | None:
    value: Interval | None
    if name in counts:
        value = counts[name].percent
    else:
        score = _find_score(scores, name)
        value = score.value if score else None
    return value.low if value else None


def _find_score(scores: Scores, name: str) -> Score | None:
    if name == OVERALL:
        return scores.overall
    return scores.criteria.get(name) or scores.sections.get(name) or scores.threads.get(name)


def collect_question_weights(framework: Framework, scores: Scores, name: str) -> dict[str, Fraction]:
    """How much of a score the share of each question makes; together 1, or nothing without a score."""
    if name in framework.questions:
        return {name: Fraction(1)}
    score = _find_score(scores, name)
    if score is None or score.value is None:
        return {}
    whole = sum(weight for _, weight in score.counted)
    weights: dict[str, Fraction] = {}
    for part, weight in score.counted:
        inner = (
            collect_question_weights(framework, scores, part)
            if part not in framework.questions
            else {part: Fraction(1)}
        )
        for key, share in inner.items():
            # Weights are followed down to questions, because only answers to questions can change.
            weights[key] = weights.get(key, Fraction(0)) + share * weight / whole
    return weights


def _write_title(framework: Framework, name: str) -> str:
    if name == OVERALL:
        return "Overall score" if framework.has_overall else "Overall rating"
    if name in framework.questions:
        return framework.questions[name].text
    if name in framework.criteria:
        return framework.criteria[name].title
    titles = {**{s.code: s.title for s in framework.sections}, **{t.key: t.title for t in framework.threads}}
    return titles[name]


def _describe_rule(framework: Framework, name: str) -> list[str]:
    """The rule in sentences."""
    rule = framework.scoring.criterion
    question = "A question's score is the cases above the line divided by the relevant cases."
    weighed = any(q.weight != 1 for q in framework.questions.values())
    by_weight = ", weighted as the framework says" if weighed else ""
    criterion = f"A criterion's score is the mean of its questions' scores{by_weight}."
    if rule.summary:
        criterion = f"A criterion's score is {rule.questions}% the mean of its questions and {rule.summary}% its summary question."
    weights = ", ".join(f"{i.title.lower()} {i.weight}" for i in framework.scoring.importance)
    section = (
        f"A section's score is the mean of its criteria, weighted by importance ({weights})."
        if weights
        else "A section's score is the mean of its criteria."
    )
    overall = (
        "The overall score is "
        + " + ".join(f"{s.weight}% {s.code}" for s in framework.sections if s.weight)
        + "."
    )
    if name in framework.questions:
        return [question]
    if name in framework.criteria:
        return [question, criterion]
    if any(t.key == name for t in framework.threads):
        return [question, "A thread's score is the mean of the scores of the questions that carry its tag."]
    is_mean = name == OVERALL and framework.has_overall
    return [question, criterion, section, *([overall] if is_mean else [])] if framework.reads_cases else []


def _list_parts(
    framework: Framework, scores: Scores, name: str
) -> list[tuple[str, Fraction | None, Fraction]]:
    """What the score is the mean of, with each part's weight; questions are marked as such."""
    score = _find_score(scores, name) if name not in framework.questions else None
    # A criterion's parts are its questions, which are listed in their own table.
    if score is None or name in framework.criteria:
        return []
    whole = sum((weight for _, weight in score.counted), Fraction(0))
    parts: list[tuple[str, Fraction | None, Fraction]] = []
    for part, weight in score.counted:
        inner = _find_score(scores, part) if part not in framework.questions else None
        if inner is not None:
            parts.append((part, inner.value.low if inner.value else None, weight / whole))
    return [*parts, *((part, None, Fraction(0)) for part in score.dropped if part not in framework.questions)]


def _list_asked(framework: Framework, name: str) -> list[str]:
    """The questions that may take part in a score."""
    if name in framework.questions:
        return [name]
    if name in framework.criteria:
        return [q.key for q in framework.criteria[name].scored_questions]
    section = next((s for s in framework.sections if s.code == name), None)
    if section is not None:
        return [q.key for c in section.scored_criteria for q in c.scored_questions]
    if name == OVERALL:
        return [
            q.key
            for s in framework.sections
            if s.weight
            for c in s.scored_criteria
            for q in c.scored_questions
        ]
    return [q.key for q in framework.list_thread_questions(name)]


def _make_question_part(
    framework: Framework, answers: Answers, group: GroupOf, key: str, counts: Counts, weight: Fraction
) -> QuestionPart:
    column = answers.codes[:, answers.questions.index(key)]
    # An answer without enough evidence is below the line if the scale counts it as relevant.
    below = group.members & (column & RELEVANT != 0) & (column & ABOVE == 0)
    missing = group.members & (column & 0x10 != 0)
    cases = [tuple(answers.cases[n] for n in np.flatnonzero(mask)) for mask in (below, missing)]
    return QuestionPart(
        key=key,
        text=framework.questions[key].text,
        counts=counts,
        weight=weight,
        below=cases[0],
        missing=cases[1],
    )


def _list_lines(framework: Framework, value: Fraction | None, name: str) -> tuple[Fraction, ...]:
    """The lines that matter: bands and priority line, or where the printed percentage changes."""
    scoring = framework.scoring
    lines = {Fraction(b.at_least) for b in scoring.bands if b.at_least > 0}
    if scoring.priority_line is not None:
        lines.add(Fraction(scoring.priority_line))
    lines |= _list_rating_lines(framework, name)
    if not lines and value is not None:
        printed = round_half_up(value)
        # A printed percentage changes at halves: 66.5 is the lowest share printed as 67.
        lines = {Fraction(2 * edge - 1, 2) for edge in (printed, printed + 1) if 0 < 2 * edge - 1 < 200}
    return tuple(sorted(lines))


def _list_rating_lines(framework: Framework, name: str) -> set[Fraction]:
    """The bands of what is rated by this score."""
    parts: list[Criterion | Section] = [*framework.criteria.values(), *framework.sections]
    part = next((part for part in parts if part.code == name), None)
    method = framework.find_method(part) if part is not None or name == OVERALL else None
    if method is None or method.value != "score":
        return set()
    early = Fraction(1, 2) if method.rounded else Fraction(0)
    return {make_exact(band.at_least) - early for band in method.bands if band.at_least > 0}


def _make_flip(
    answers: Answers,
    group: GroupOf,
    counts: dict[str, Counts],
    weights: dict[str, Fraction],
    value: Fraction,
    line: Fraction,
) -> Flip:
    """The least number of answers, and of cases, that bring a score to a line or below it."""
    # A score on the line has reached it, so it can only fall below.
    up = value < line
    steps = {
        # One answer moves its question by 1 ÷ relevant cases, and the score by that times the question's weight.
        key: weight * 100 / counts[key].relevant
        for key, weight in weights.items()
        if counts[key].relevant
    }
    gap = line - value if up else value - line
    changes = [
        (steps[key], key, answers.cases[n])
        for key in steps
        for n in np.flatnonzero(_find_changeable(answers, group, key, up)).tolist()
    ]
    # Taking the largest steps first needs the fewest; key and case break ties, so the list is always the same.
    changes.sort(key=lambda change: (-change[0], change[1], change[2]))
    number = _count_enough([step for step, _, _ in changes], gap, reach=up)
    by_case: dict[str, Fraction] = {}
    for step, _, case in changes:
        by_case[case] = by_case.get(case, Fraction(0)) + step
    cases = _count_enough(sorted(by_case.values(), reverse=True), gap, reach=up)
    first = tuple((key, case) for _, key, case in changes[: min(number or 0, 10)])
    return Flip(line=line, direction="up" if up else "down", answers=number, cases=cases, first=first)


def _find_changeable(answers: Answers, group: GroupOf, key: str, up: bool) -> Any:
    column = answers.codes[:, answers.questions.index(key)]
    relevant = column & RELEVANT != 0
    return group.members & relevant & ((column & ABOVE == 0) if up else (column & ABOVE != 0))


def _count_enough(steps: Sequence[Fraction], gap: Fraction, reach: bool) -> int | None:
    """How many of the greatest steps bridge a gap: up to the line itself, down to below it."""
    total = Fraction(0)
    for number, step in enumerate(steps, 1):
        total += step
        # Upwards, the line itself is enough; downwards, the score has to be below it.
        if total > gap or (reach and total == gap):
            return number
    return None


def _list_treatments(framework: Framework, counts: dict[str, Counts], name: str) -> list[Treatment]:
    """The score if missing answers were all above or all below the line, or answers without evidence were treated differently."""

    def rescore(change: Any) -> Fraction | None:
        changed = {key: change(key, c) for key, c in counts.items()}
        return _find_value(_score(framework, changed), changed, name)

    relevant = _list_asked(framework, name)
    # These show how much a score depends on answers that no one has given yet, or that lacked evidence.
    treatments = []
    if any(counts[key].missing for key in relevant):
        treatments += [
            Treatment(
                "missing answers all above the line",
                # Missing answers apply to the case, so they become relevant as soon as they are answered.
                rescore(lambda _, c: Counts(c.above + c.missing, c.relevant + c.missing)),
            ),
            Treatment(
                "missing answers all below the line",
                rescore(lambda _, c: Counts(c.above, c.relevant + c.missing)),
            ),
        ]
    if any(counts[key].no_evidence for key in relevant):
        # Some scales already leave such answers out; for those, leaving them out changes nothing.
        below = {key: framework.scale_of[key].no_evidence_is_below for key in counts}
        treatments += [
            Treatment(
                "answers without enough evidence left out",
                rescore(lambda k, c: Counts(c.above, c.relevant - c.no_evidence if below[k] else c.relevant)),
            ),
            Treatment(
                "answers without enough evidence all above the line",
                rescore(
                    lambda k, c: Counts(
                        c.above + c.no_evidence, c.relevant if below[k] else c.relevant + c.no_evidence
                    )
                ),
            ),
        ]
    return treatments
