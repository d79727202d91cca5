"""What the core scores: the same as it has after assessment the exported files."""

from __future__ import annotations

from collections.abc import Sequence

from scrutineer.scoring.groups import GroupOf
from scrutineer.tasks.scoring import Loaded, ScoreRequest, ScoringOutcome, score_loaded
from scrutineer_web.queries.shelf import list_elements_on
from scrutineer_web.records.frames.cases import Read
from scrutineer_web.records.inspection import Inspection


def load_cases(inspection: Inspection, read: Read) -> Loaded:
    """The same as `scrutineer score` has it after assessment the exported files."""
    return Loaded(
        inspection.framework, list_elements_on(inspection.framework), read.cases.caseload, read.cases.answers
    )


def score_inspection(
    inspection: Inspection, read: Read, groups: Sequence[GroupOf] | None = None
) -> ScoringOutcome:
    """The results of an inspection as they are now, of every group or those given, and what is still open."""
    return score_loaded(load_cases(inspection, read), ScoreRequest(label=inspection.area), groups)
