"""A framework as JSON values and as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scrutineer.frameworks.fingerprint import hash_framework
from scrutineer.frameworks.model import Criterion, Framework, Question


def as_json(framework: Framework) -> dict[str, Any]:
    """The framework in outline: what `scrutineer framework show --format json` prints."""
    return {
        "id": framework.id,
        "version": framework.version,
        "hash": hash_framework(framework),
        "title": framework.title,
        "sections": [
            {
                "code": section.code,
                "title": section.title,
                "weight": section.weight,
                "criteria": [_describe_criterion(c) for c in section.criteria],
            }
            for section in framework.sections
        ],
        "groups": [{"key": g.key, "title": g.title} for g in framework.groups],
        "threads": [{"key": t.key, "title": t.title} for t in framework.threads],
        "rating_scales": [scale.model_dump(mode="json") for scale in framework.rating_scales],
        "rated": framework.rated.model_dump(mode="json"),
        "priority_line": framework.scoring.priority_line,
    }


def _describe_criterion(criterion: Criterion) -> dict[str, Any]:
    return {
        "code": criterion.code,
        "title": criterion.title,
        "kind": criterion.kind,
        "importance": criterion.importance,
        "questions": [_describe_question(q) for q in criterion.questions],
        "items": [{"key": i.key, "text": i.text, "weight": i.weight} for i in criterion.items],
    }


def _describe_question(question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "text": question.text,
        "scale": question.scale,
        "summary": question.summary,
        "threads": list(question.threads),
    }


def as_text(framework: Framework) -> Iterator[str]:
    """The framework in outline, line by line."""
    yield f"{framework.title} ({framework.id} {framework.version})"
    yield hash_framework(framework)
    for section in framework.sections:
        weight = f", {section.weight}% of the overall score" if section.weight else ""
        yield ""
        yield f"{section.code}  {section.title}{weight}"
        for criterion in section.criteria:
            importance = f" [{criterion.importance}]" if criterion.importance else ""
            counted = "" if criterion.counted else " (not counted)"
            yield f"  {criterion.code}  {criterion.title} ({criterion.kind}){importance}{counted}"
            yield from (f"      {q.key}: {q.text}{_write_marks(q)}" for q in criterion.questions)
            yield from (
                f"      {i.key}: {i.text}{' (counts double)' if i.weight == 2 else ''}"
                for i in criterion.items
            )


def _write_marks(question: Question) -> str:
    marks = [name for name in ("summary", "context", "optional") if getattr(question, name)]
    return f" ({', '.join((*marks, *question.threads))})" if marks or question.threads else ""
