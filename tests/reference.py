"""A plain-Python scorer, written from the method's rules alone: the fast one is held against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from scrutineer.frameworks.model import Framework

Answers = Mapping[tuple[str, str], str | None]
"""By case and question."""


def counts(framework: Framework, cases: Sequence[str], answers: Answers, key: str) -> dict[str, int]:
    scale = framework.scale_of[key]
    judged = {o.code: o.above for o in scale.options}
    counts = dict.fromkeys(("above", "relevant", "missing", "no_evidence", "not_applicable"), 0)
    for case in cases:
        answer = answers.get((case, key))
        if answer is None:
            counts["missing"] += 1
        elif answer == "not_applicable":
            counts["not_applicable"] += 1
        elif answer == "not_enough_evidence":
            counts["no_evidence"] += 1
            counts["relevant"] += scale.not_enough_evidence == "below"
        elif judged[answer] is not None:
            counts["relevant"] += 1
            counts["above"] += bool(judged[answer])
    return counts


def share(counts: Mapping[str, int]) -> Fraction | None:
    return Fraction(counts["above"], counts["relevant"]) if counts["relevant"] else None


def mean(values: Sequence[tuple[Fraction | None, Fraction]]) -> Fraction | None:
    known = [(v, w) for v, w in values if v is not None]
    return sum((v * w for v, w in known), Fraction(0)) / sum(w for _, w in known) if known else None


def scores(framework: Framework, cases: Sequence[str], answers: Answers) -> dict[str, Fraction | None]:
    """Every score by the rules of the framework, as exact fractions."""
    shares = {key: share(counts(framework, cases, answers, key)) for key in framework.questions}
    scores: dict[str, Fraction | None] = {}
    rule, weights = framework.scoring.criterion, {i.key: i.weight for i in framework.scoring.importance}
    for section in framework.sections:
        parts = []
        for criterion in section.criteria:
            if criterion.kind != "case" or not criterion.counted:
                continue
            asked = [q for q in criterion.questions if not q.context]
            plain = mean([(shares[q.key], Fraction(1)) for q in asked if not q.summary])
            summary = next((shares[q.key] for q in asked if q.summary), None)
            has_summary = any(q.summary for q in asked)
            both = (
                [(plain, Fraction(rule.questions)), (summary, Fraction(rule.summary))]
                if has_summary
                else [(plain, Fraction(1))]
            )
            scores[criterion.code] = mean(both)
            parts.append((scores[criterion.code], Fraction(weights.get(criterion.importance or "", 1))))
        if parts:
            scores[section.code] = mean(parts)
    if any(s.weight for s in framework.sections):
        scores["overall"] = mean(
            [(scores[s.code], Fraction(s.weight)) for s in framework.sections if s.weight]
        )
    for thread in framework.threads:
        tagged = [q for q in framework.questions.values() if thread.key in q.threads and not q.context]
        scores[thread.key] = mean([(shares[q.key], Fraction(1)) for q in tagged])
    return scores
