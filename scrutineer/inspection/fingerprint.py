"""The hash of everything that an inspection's figures come from: the same data, the same hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from scrutineer.fieldwork.cases.answers import make_long_table
from scrutineer.frameworks.model import Framework
from scrutineer.inspection.whole import Cases, Inspection


def hash_data(inspection: Inspection) -> str:
    """SHA-256 of cases, answers, evidence, surveys, issues, the area's profile and the calendar.

    The narrative leaves no trace in it: what people write about the figures does not alter them.
    """
    content: dict[str, Any] = {
        "framework": inspection.manifest.framework.hash,
        "population": inspection.population,
        "cases": _list_cases(inspection.framework, inspection.cases),
        "evidence": inspection.evidence.model_dump(mode="json"),
        "surveys": inspection.surveys.model_dump(mode="json"),
        "area": inspection.area.model_dump(mode="json"),
        "calendar": inspection.dates.model_dump(mode="json"),
        "issues": [[need.key, need.cases, *need.counts] for need in inspection.needs],
        "original": inspection.original.content if inspection.original else None,
        "elements": [
            [e.framework.id, e.evidence.model_dump(mode="json"), _list_cases(e.framework, e.cases)]
            for e in inspection.elements
        ],
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _list_cases(framework: Framework, cases: Cases | None) -> list[str]:
    if cases is None:
        return []
    answers = (
        make_long_table(framework, cases.answers).drop("assessor", "note").sort("case", "question", "reading")
    )
    digest = hashlib.sha256(answers.write_csv().encode()).hexdigest()
    frame = cases.caseload.frame
    said = [name for name in frame.columns if frame[name].null_count() < frame.height]
    # An empty column carries no information.
    return [replace(cases.caseload, frame=frame.select(said)).hash_content(), digest]
