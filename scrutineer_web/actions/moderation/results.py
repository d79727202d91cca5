"""The settled results of an inspection as rows, made anew whenever its scores are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction

from scrutineer.inspection.scores import scored_element
from scrutineer.scoring.comparison.read import LEVELS
from scrutineer.tasks.scoring import ScoreRequest, score_loaded
from scrutineer_web.audit.write import tell
from scrutineer_web.audit.written import note_rows
from scrutineer_web.records import frames
from scrutineer_web.records.inspection import Inspection
from scrutineer_web.records.result import Result
from scrutineer_web.records.statements import write_rows


def keep(*, inspection: Inspection) -> None:
    """Write the rows of an inspection whose scores are settled; inside the transaction that settles them.

    They hold every group and everyone else beside it, and the thematic elements that look at part of its cases.
    """
    Result.objects.filter(inspection=inspection).delete()  # they follow from the scores, which are kept
    note_rows(Result, {inspection.pk: {"rows": []}})
    if inspection.scores is None or inspection.internal:
        return
    read = frames.cases_of(inspection)
    if not read.rows:
        return
    request = ScoreRequest(label=inspection.area, complements=True)
    found = score_loaded(frames.loaded(inspection, read), request).results.as_dict()
    rows = list(rows_of(found["groups"]))
    for element in elements_on_part(inspection):
        whole = frames.whole(inspection)
        own = next(e for e in whole.elements if e.framework.id == element)
        told = scored_element(whole, own).full.as_dict()["groups"]["all"]
        rows += rows_of({f"element:{element}": told | {"title": own.framework.title}})
    write_rows(Result, [{"inspection_id": inspection.pk} | row for row in rows])
    note_rows(Result, {inspection.pk: {"rows": rows}})


def elements_on_part(inspection: Inspection) -> list[str]:
    """The ids of the inspection's thematic elements that look at part of its cases."""
    pinned = frames.manifest_of(inspection).elements
    return [pin.id for pin in pinned if frames.shelf().framework(pin.id).sample.part_of]


def rows_of(groups: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of some groups, as results give them."""
    for key, group in groups.items():
        if group.get("suppressed"):
            continue
        yield {"group": key, "level": "group", "name": group["title"][:200], "cases": group["cases"]}
        for name, one in group["questions"].items():
            yield {
                "group": key, "level": "question", "name": name, "cases": one["relevant"], "above": one["above"],
                "low": one.get("low"), "high": one.get("high"),
            }  # fmt: skip
        scores = {name: one for level in LEVELS for name, one in group.get(level, {}).items()}
        if group.get("overall"):
            scores["overall"] = group["overall"]
        for name, one in scores.items():
            if one.get("score") is not None:
                parts = {part: one.get(part) for part in ("score", "low", "high", "error", "freedom")}
                analytic = one.get("analytic") or {}
                parts |= {f"analytic_{part}": analytic.get(part) for part in ("low", "high", "error")}
                yield {"group": key, "level": "score", "name": name, **parts}


def hold_missing() -> None:
    """Write the rows of inspections that were settled before rooms kept any."""
    settled = Inspection.objects.exclude(scores=None).filter(internal=False, results=None)
    for inspection in settled.select_related("framework_version"):
        with transaction.atomic():
            keep(inspection=inspection)
            tell("results.written", by=None, inspection=inspection)
