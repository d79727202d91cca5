"""The rows of an inspection's results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scrutineer.scoring.comparison.read_results import LEVELS
from scrutineer_web.queries import shelf
from scrutineer_web.records import frames
from scrutineer_web.records.inspection import Inspection


def list_elements_on_part(inspection: Inspection) -> list[str]:
    """The ids of the inspection's thematic elements that look at part of its cases."""
    pinned = frames.make_manifest(inspection).elements
    return [
        pin.id for pin in pinned if shelf.read_library_of(inspection).load_framework(pin.id).sample.part_of
    ]


def make_rows(groups: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of some groups, as results give them."""
    for key, group in groups.items():
        if group.get("suppressed"):
            continue
        yield {"group": key, "level": "group", "name": group["title"][:200], "cases": group["cases"]}
        for name, result in group["questions"].items():
            yield {
                "group": key,
                "level": "question",
                "name": name,
                "cases": result["relevant"],
                "above": result["above"],
                "low": result.get("low"),
                "high": result.get("high"),
            }
        scores = {name: estimate for level in LEVELS for name, estimate in group.get(level, {}).items()}
        if group.get("overall"):
            scores["overall"] = group["overall"]
        for name, result in scores.items():
            if result.get("score") is not None:
                parts = {part: result.get(part) for part in ("score", "low", "high", "error", "freedom")}
                analytic = result.get("analytic") or {}
                parts |= {f"analytic_{part}": analytic.get(part) for part in ("low", "high", "error")}
                yield {"group": key, "level": "score", "name": name, **parts}
