"""A framework as JSON values."""

from __future__ import annotations

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
        "scales": [
            scale.model_dump(mode="json", by_alias=True, exclude_defaults=True) for scale in framework.scales
        ],
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
        **{
            name: value
            for name, value in question.model_dump(mode="json", by_alias=True, exclude_defaults=True).items()
            if name not in {"key", "text", "scale", "summary", "threads"}
        },
    }
